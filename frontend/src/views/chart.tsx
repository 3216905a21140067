// One chart: title, options, legend with the values that are pointed at, and the curves or a table of them.
import { type ReadonlySignal, useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { type Curve, curvesOf, headingOf, placeAt, valueAt } from "../curves";
import { curvesCsv, download, type Figure, figureSvg, fileName, pngOf } from "../files";
import { momentText, valueText } from "../format";
import { pan, TimePlot, zoom } from "../plot";
import type { Session } from "../session";
import { type ChartState, shownLines, withChart, withoutChart } from "../state";
import { listed } from "../words";
import { Menu, useAtOnce, useWords, useWorkplace } from "./common";
import { Legend, RunsLegend } from "./legend";
import { PhasePlot } from "./phase";
import { SmallPlots } from "./small";
import { CurveTable } from "./table";

export function ChartCard({ index }: { index: number }) {
  const { session, dark } = useWorkplace();
  const choose = useChoose();
  const { t, language } = useWords();
  const table = useSignal(false);
  const chart = useComputed(() => session.state.value.charts[index]);
  const curves = useComputed(() => {
    const state = chart.value;
    return state ? curvesOf(session, state, session.language.value) : [];
  });
  const loggable = useComputed(() => !chart.value?.log || canBeLog(curves.value)).value;
  const state = chart.value;
  if (!state) return null;
  const { title, unit } = headingOf(session, state, language);
  const phase = state.kind === "phase" && state.lines.length > 1;
  const name = title || t("empty_chart");
  return (
    <article class={state.kind === "small" ? "chart many" : "chart"} aria-label={name} data-drop={index}>
      <header>
        <h2 title={unit && `${name} (${unit})`}>
          <span>{name}</span>
          {unit && <small> ({unit})</small>}
        </h2>
        {state.lines.length > 0 && <When />}
        <Options
          index={index}
          chart={state}
          table={table.value}
          showTable={(on) => {
            table.value = on;
          }}
          curves={curves}
        />
      </header>
      {state.kind === "small" ? <RunsLegend curves={curves} /> : <Legend curves={curves} />}
      {state.log && !loggable && <p class="note">{t("no_log")}</p>}
      {state.kind === "phase" && !phase && <p class="note">{t("phase_needs")}</p>}
      {state.lines.length === 0 ? (
        <p class="empty">
          <button type="button" onClick={() => choose(index)}>
            {t("choose")}
          </button>{" "}
          <span class="soft">{t("drop_here")}</span>
        </p>
      ) : table.value ? (
        <CurveTable curves={curves} name={name} />
      ) : phase ? (
        <PhasePlot curves={curves} dark={dark.value} label={t("phase_label", { names: name })} />
      ) : state.kind === "small" ? (
        <SmallPlots curves={curves} chart={chart as ReadonlySignal<ChartState>} log={state.log && loggable} />
      ) : (
        <Plot
          curves={curves}
          chart={chart as ReadonlySignal<ChartState>}
          log={state.log && loggable}
          label={t("plot_label", {
            names: listed(
              shownLines(state).map((line) => session.catalogue.lineLabel(line, language)),
              language,
            ),
          })}
        />
      )}
    </article>
  );
}

/** Opens the list of variables for a chart. */
function useChoose(): (index: number) => void {
  const { side, target } = useWorkplace();
  return (index) => {
    target.value = index;
    side.value = "variables";
  };
}

function canBeLog(curves: readonly Curve[]): boolean {
  return curves.every(({ values }) => values.every((value) => !(value <= 0)));
}

/** The moment of the values in the legends: the one pointed at, else the end. */
function When() {
  const { session } = useWorkplace();
  const text = useComputed(() => {
    const time = session.cursor.value ?? session.results.value.now.time.at(-1) ?? 0;
    return momentText(time, session.description.program.timeUnit, session.language.value);
  });
  return <span class="when">{text}</span>;
}

interface PlotProps {
  readonly curves: ReadonlySignal<Curve[]>;
  readonly chart: ReadonlySignal<ChartState>;
  readonly log: boolean;
  readonly label: string;
  readonly small?: boolean;
  /** The ends of the vertical axis, where they do not follow from the curves. */
  readonly range?: ReadonlySignal<readonly [number, number] | null>;
}

export function Plot({ curves, chart, log, label, small = false, range }: PlotProps) {
  const { session, futures, dark, notice } = useWorkplace();
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<TimePlot | null>(null);
  const logarithmic = useSignal(log);
  logarithmic.value = log;

  useEffect(() => {
    if (host.current) plot.current = new TimePlot(host.current, session);
    draw();
    return () => plot.current?.destroy();
  }, []);
  useAtOnce(draw);
  useAtOnce(() => {
    void session.view.value;
    void session.span.value;
    plot.current?.draw();
  });

  function draw() {
    plot.current?.update(curves.value, {
      log: logarithmic.value,
      range: range ? range.value : rangeOf(session, chart.value),
      small,
      language: session.language.value,
      dark: dark.value,
      stale: session.results.value.failures.some(({ run }) => run === null),
      fans: chart.value?.difference ? undefined : futures.fans.value,
      runs: futures.chosen.value,
    });
  }

  function key(event: KeyboardEvent) {
    const time = session.results.peek().now.time;
    const at = session.cursor.peek();
    const place = at === null ? time.length - 1 : placeAt(time, at);
    const step = event.shiftKey ? Math.max(1, Math.round(time.length / 20)) : 1;
    const to: Record<string, number> = {
      ArrowRight: place + step,
      ArrowLeft: place - step,
      Home: 0,
      End: time.length - 1,
    };
    const next = to[event.key];
    if (next !== undefined) {
      const moment = time[Math.min(time.length - 1, Math.max(0, next))] ?? 0;
      plot.current?.point(moment);
      const values = curves.peek().map((curve) => `${curve.label} ${valueText(valueAt(curve, moment))}`);
      notice.value = [
        momentText(moment, session.description.program.timeUnit, session.language.peek()),
        ...values,
      ].join("; ");
    } else if (event.key === "+" || event.key === "=") zoom(session, 0.8, at ?? undefined);
    else if (event.key === "-") zoom(session, 1.25, at ?? undefined);
    else if (event.key === "0") session.view.value = null;
    else if (event.key === "PageUp") pan(session, -0.5);
    else if (event.key === "PageDown") pan(session, 0.5);
    else if (event.key === "Escape") session.cursor.value = null;
    else return;
    event.preventDefault();
  }

  return (
    <div
      class="plot"
      ref={host}
      role="img"
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the keys of the chart move along time
      tabIndex={0}
      onKeyDown={key}
      onPointerLeave={() => {
        session.cursor.value = null;
      }}
    />
  );
}

/** The fixed ends of the vertical axis of a chart of `lab.toml`. */
function rangeOf({ description }: Session, chart: ChartState | undefined): readonly [number, number] | null {
  if (!chart || chart.from === null || chart.difference) return null;
  return description.charts[chart.from]?.range ?? null;
}

interface OptionsProps {
  readonly index: number;
  readonly chart: ChartState;
  readonly curves: ReadonlySignal<Curve[]>;
  readonly table: boolean;
  readonly showTable: (on: boolean) => void;
}

function Options({ index, chart, curves, table, showTable }: OptionsProps) {
  const { session } = useWorkplace();
  const choose = useChoose();
  const { t, language } = useWords();
  const { kept } = session.state.value;
  const change = (part: Partial<ChartState>) => {
    session.update((state) => withChart(state, index, part));
  };
  const name = fileName(headingOf(session, chart, language).title);
  const svg = () => figureSvg(figureOf());
  return (
    <Menu label={t("options_of", { number: index + 1 })} title={t("chart_options")}>
      <button type="button" onClick={() => choose(index)}>
        {t("choose")}
      </button>
      <button type="button" aria-pressed={chart.log} onClick={() => change({ log: !chart.log })}>
        {t("log")}
      </button>
      <button
        type="button"
        aria-pressed={chart.kind === "phase"}
        onClick={() => change({ kind: chart.kind === "phase" ? "time" : "phase" })}
      >
        {t("phase")}
      </button>
      <button
        type="button"
        aria-pressed={chart.kind === "small"}
        onClick={() => change({ kind: chart.kind === "small" ? "time" : "small" })}
      >
        {t("small")}
      </button>
      {chart.kind === "small" && (
        <button type="button" aria-pressed={!!chart.same} onClick={() => change({ same: !chart.same })}>
          {t("same_axis")}
        </button>
      )}
      <button
        type="button"
        aria-pressed={table}
        onClick={() => {
          showTable(!table);
        }}
      >
        {t("table")}
      </button>
      <hr />
      {[t("baseline"), ...kept.map(({ name: run }) => run)].map((run, i) => (
        <button
          type="button"
          key={i}
          aria-pressed={chart.difference?.from === i - 1}
          onClick={() => changeDifference(i - 1)}
        >
          {t("difference", { run })}
        </button>
      ))}
      {chart.difference && (
        <button
          type="button"
          aria-pressed={chart.difference.percent}
          onClick={() =>
            chart.difference &&
            change({ difference: { ...chart.difference, percent: !chart.difference.percent } })
          }
        >
          {t("difference_percent")}
        </button>
      )}
      <hr />
      <button
        type="button"
        onClick={() => {
          void pngOf(svg()).then((blob) => download(`${name}.png`, blob));
        }}
      >
        {t("save_png")}
      </button>
      <button
        type="button"
        onClick={() => {
          download(`${name}.svg`, svg(), "image/svg+xml");
        }}
      >
        {t("save_svg")}
      </button>
      <button
        type="button"
        onClick={() => {
          download(`${name}.csv`, curvesCsv(curves.value, t("time")), "text/csv");
        }}
      >
        {t("save_csv")}
      </button>
      <hr />
      <button type="button" onClick={() => session.update((state) => withoutChart(state, index))}>
        {t("remove_chart")}
      </button>
    </Menu>
  );

  function changeDifference(from: number) {
    const percent = chart.difference?.percent ?? false;
    change({ difference: chart.difference?.from === from ? undefined : { from, percent } });
  }

  function figureOf(): Figure {
    const { title, unit } = headingOf(session, chart, language);
    const phase = chart.kind === "phase" && chart.lines.length > 1;
    const [across = "", up = ""] = shownLines(chart).map((line) =>
      session.catalogue.lineLabel(line, language),
    );
    return {
      title,
      unit: phase ? up : unit,
      curves: phase ? pairsOf(curves.value).flat() : curves.value,
      language,
      xLabel: phase ? across : session.description.program.timeUnit || t("time"),
      log: chart.log && canBeLog(curves.value),
      view: session.view.value ?? session.span.value,
      range: rangeOf(session, chart),
      phase,
    };
  }
}

/** The curves of a phase plot in pairs: of each run the first two variables. */
export function pairsOf(curves: readonly Curve[]): [Curve, Curve][] {
  const runs = new Map<Float64Array, Curve[]>();
  for (const curve of curves) runs.set(curve.time, [...(runs.get(curve.time) ?? []), curve]);
  return [...runs.values()].flatMap(([across, up]) => (across && up ? [[across, up] as [Curve, Curve]] : []));
}
