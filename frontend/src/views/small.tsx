// Small multiples: a small chart for each variable or element, all over the same time.
import { type ReadonlySignal, useComputed } from "@preact/signals";
import { type Curve, ends } from "../curves";
import type { ChartState } from "../state";
import { shownLines } from "../state";
import { Plot } from "./chart";
import { useWords } from "./common";
import { keyOf, Name, useLabelled, ValueAt } from "./legend";

interface Props {
  readonly curves: ReadonlySignal<Curve[]>;
  readonly chart: ReadonlySignal<ChartState>;
  readonly log: boolean;
}

export function SmallPlots({ curves, chart, log }: Props) {
  const range = useComputed(() => (chart.value?.same ? endsOf(curves.value) : null));
  return (
    <div class="smalls">
      {shownLines(chart.value).map((name) => (
        <SmallPlot key={name} name={name} curves={curves} chart={chart} log={log} range={range} />
      ))}
    </div>
  );
}

interface OneProps extends Props {
  readonly name: string;
  readonly range: ReadonlySignal<readonly [number, number] | null>;
}

function SmallPlot({ name, curves, chart, log, range }: OneProps) {
  const { t } = useWords();
  const own = useComputed(() => curves.value.filter((curve) => curve.name === name));
  const now = useLabelled(own).find(({ role }) => role === "now");
  return (
    <figure class="smallplot">
      <figcaption>
        {now && <Name curve={now} text={now.line} />}
        {now && <ValueAt curve={keyOf(now)} curves={own} />}
      </figcaption>
      <Plot
        curves={own}
        chart={chart}
        log={log}
        label={t("plot_label", { names: now?.line ?? name })}
        small
        range={range}
      />
    </figure>
  );
}

function endsOf(curves: readonly Curve[]): readonly [number, number] | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { values } of curves)
    for (const value of values) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  return low <= high ? ends(low, high) : null;
}
