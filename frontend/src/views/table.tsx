// The numbers behind a chart.
import type { ReadonlySignal } from "@preact/signals";
import { aligned, type Curve } from "../curves";
import { momentText, valueText } from "../format";
import { useWords, useWorkplace } from "./common";

const MOST_ROWS = 2000;

export function CurveTable({ curves, name }: { curves: ReadonlySignal<Curve[]>; name: string }) {
  const { session } = useWorkplace();
  const { t, language } = useWords();
  const { time, columns } = aligned(curves.value);
  const [low, high] = session.view.value ?? session.span.value;
  const rows = [...time.keys()]
    .filter((i) => (time[i] ?? 0) >= low && (time[i] ?? 0) <= high)
    .slice(0, MOST_ROWS);
  const unit = session.description.program.timeUnit;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reached by keyboard
    <section class="table" tabIndex={0} aria-label={t("table_of", { name })}>
      <table>
        <thead>
          <tr>
            <th scope="col">{unit || t("time")}</th>
            {curves.value.map((curve) => (
              <th scope="col" key={`${curve.role}${curve.label}`}>
                {curve.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((i) => (
            <tr key={i}>
              <th scope="row">{momentText(time[i] ?? 0, "", language)}</th>
              {columns.map((column, j) => (
                <td key={curves.value[j]?.label}>{valueText(column[i], 6)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
