// The legend of a chart, with the values that are pointed at: a line of curves, or a table of variables and runs.
import { type ReadonlySignal, useComputed } from "@preact/signals";
import { useRef } from "preact/hooks";
import { COLOURS, type Curve, GREY, valueAt } from "../curves";
import { valueText } from "../format";
import { useAtOnce, useWords, useWorkplace } from "./common";
import { startDrag } from "./drag";

/** What is moved comes first in the legend; on the canvas it is drawn last, above the others. */
const ORDER = { now: 0, kept: 1, ghost: 2 } as const;

export const keyOf = ({ role, name, run }: Curve): string => JSON.stringify([role, name, run]);

/** The curves in the order of the legend. A view that takes them is rendered anew where their labels change, not their numbers. */
export function useLabelled(curves: ReadonlySignal<Curve[]>): Curve[] {
  const look = useComputed(() =>
    JSON.stringify(curves.value.map((curve) => [keyOf(curve), curve.label, curve.colour, curve.dash])),
  );
  void look.value;
  return [...curves.peek()].sort((a, b) => ORDER[a.role] - ORDER[b.role]);
}

export function Legend({ curves }: { curves: ReadonlySignal<Curve[]> }) {
  const ordered = useLabelled(curves);
  const lines = new Set(ordered.map(({ name }) => name));
  const runs = new Set(ordered.map(({ run }) => run));
  if (!lines.size) return null;
  if (lines.size > 1 && runs.size > 1) return <Grid ordered={ordered} curves={curves} />;
  return (
    <ul class="legend">
      {ordered.map((curve) => (
        <li key={keyOf(curve)} class={curve.role}>
          <Swatch curve={curve} />
          <Name curve={curve} text={curve.label} />
          <ValueAt curve={keyOf(curve)} curves={curves} />
        </li>
      ))}
    </ul>
  );
}

/**
 * The value of a curve at the time that is pointed at, or at its end. The text stands in a box of its own, as wide as
 * the longest text so far: it changes in each frame of a drag, and the browser lays out that box alone.
 */
export function ValueAt({ curve, curves }: { curve: string; curves: ReadonlySignal<Curve[]> }) {
  const { session } = useWorkplace();
  const box = useRef<HTMLSpanElement>(null);
  const widest = useRef(0);
  const text = useComputed(() => {
    const time = session.cursor.value ?? session.results.value.now.time.at(-1) ?? null;
    const found = curves.value.find((one) => keyOf(one) === curve);
    return found ? valueText(valueAt(found, time)) : "";
  });
  useAtOnce(() => {
    const { length } = text.value;
    if (length <= widest.current || !box.current) return;
    widest.current = length;
    box.current.style.width = `${length}ch`;
  });
  return (
    <output class="at">
      <span ref={box}>{text}</span>
    </output>
  );
}

/** The runs alone, for small charts: the values stand at each of them. */
export function RunsLegend({ curves }: { curves: ReadonlySignal<Curve[]> }) {
  const runs = new Map(useLabelled(curves).map((curve) => [`${curve.role} ${curve.run}`, curve]));
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
function Grid({ ordered, curves }: { ordered: readonly Curve[]; curves: ReadonlySignal<Curve[]> }) {
  const runs = [...new Map(ordered.map((curve) => [`${curve.role} ${curve.run}`, curve])).entries()];
  const lines = [...new Map(ordered.map((curve) => [curve.name, curve])).values()];
  const of = (line: Curve, run: Curve) =>
    ordered.find((curve) => curve.name === line.name && curve.role === run.role && curve.run === run.run);
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
                    {curve && <ValueAt curve={keyOf(curve)} curves={curves} />}
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
