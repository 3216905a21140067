// The legend of a chart, with the values that are pointed at: a line of curves, or a table of variables and runs.
import type { ReadonlySignal } from "@preact/signals";
import { COLOURS, type Curve, GREY, valueAt } from "../curves";
import { valueText } from "../format";
import { useWords, useWorkplace } from "./common";
import { startDrag } from "./drag";

/** What is moved comes first in the legend; on the canvas it is drawn last, above the others. */
const ORDER = { now: 0, kept: 1, ghost: 2 } as const;

export function Legend({ curves }: { curves: ReadonlySignal<Curve[]> }) {
  const { session } = useWorkplace();
  const time = session.cursor.value ?? session.results.value.now.time.at(-1) ?? null;
  const ordered = [...curves.value].sort((a, b) => ORDER[a.role] - ORDER[b.role]);
  const lines = new Set(ordered.map(({ name }) => name));
  const runs = new Set(ordered.map(({ run }) => run));
  if (!lines.size) return null;
  if (lines.size > 1 && runs.size > 1) return <Grid curves={ordered} time={time} />;
  return (
    <ul class="legend">
      {ordered.map((curve) => (
        <li key={`${curve.role} ${curve.name} ${curve.run}`} class={curve.role}>
          <Swatch curve={curve} />
          <Name curve={curve} text={curve.label} />
          <output class="at">{valueText(valueAt(curve, time))}</output>
        </li>
      ))}
    </ul>
  );
}

/** The runs alone, for small charts: the values stand at each of them. */
export function RunsLegend({ curves }: { curves: ReadonlySignal<Curve[]> }) {
  const runs = new Map(curves.value.map((curve) => [`${curve.role} ${curve.run}`, curve]));
  if (runs.size < 2) return null;
  return (
    <ul class="legend">
      {[...runs].map(([key, curve]) => (
        <li key={key} class={curve.role}>
          <Swatch curve={curve} />
          <span>{curve.run}</span>
        </li>
      ))}
    </ul>
  );
}

/** A row for each variable, a column for each run. */
function Grid({ curves, time }: { curves: readonly Curve[]; time: number | null }) {
  const runs = [...new Map(curves.map((curve) => [`${curve.role} ${curve.run}`, curve])).entries()];
  const lines = [...new Map(curves.map((curve) => [curve.name, curve])).values()];
  const of = (line: Curve, run: Curve) =>
    curves.find((curve) => curve.name === line.name && curve.role === run.role && curve.run === run.run);
  return (
    <div class="legend runs">
      <table>
        <thead>
          <tr>
            <td />
            {runs.map(([key, run]) => (
              <th scope="col" key={key} class={run.role}>
                {run.run}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.name}>
              <th scope="row">
                <Name curve={line} text={line.line} />
              </th>
              {runs.map(([key, run]) => {
                const curve = of(line, run);
                return (
                  <td key={key} class={run.role}>
                    {curve && <Swatch curve={curve} />}
                    <output class="at">{curve && valueText(valueAt(curve, time))}</output>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function Name({ curve, text }: { curve: Curve; text: string }) {
  const workplace = useWorkplace();
  const { session, panel } = workplace;
  const { t } = useWords();
  const variable = session.catalogue.row(curve.name)?.variable;
  const place = variable ? session.description.variables.indexOf(variable) : -1;
  return (
    <button
      type="button"
      class="name"
      title={t("info_of", { name: curve.line })}
      onPointerDown={(event) => startDrag(event, [curve.name], curve.line, workplace)}
      onClick={() => {
        panel.value = { kind: "info", variable: place };
      }}
    >
      {text}
    </button>
  );
}

export function Swatch({ curve }: { curve: Pick<Curve, "colour" | "dash" | "role"> }) {
  const { dark } = useWorkplace();
  const theme = dark.value ? "dark" : "light";
  return (
    <svg width="26" height="10" aria-hidden="true" class="swatch">
      <path
        d="M0 5h26"
        fill="none"
        stroke={curve.colour < 0 ? GREY[theme] : COLOURS[theme][curve.colour]}
        stroke-width={curve.role === "now" ? 2.6 : 1.8}
        stroke-dasharray={curve.dash.join(" ") || undefined}
      />
    </svg>
  );
}
