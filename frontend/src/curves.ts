// The curves of a chart: which rows of which runs, in which colour and dashes. Charts, tables and files take them from here.
import { type Language, pick, type VariableInfo } from "./description";
import { difference, referenceOf } from "./difference";
import type { Curves } from "./kernel";
import type { Session } from "./session";
import { type ChartState, shownLines } from "./state";
import { listed, say } from "./words";

export interface Curve {
  readonly name: string;
  /** The variable, and where there are several runs, which of them. */
  readonly label: string;
  /** The variable alone, and the run alone. */
  readonly line: string;
  readonly run: string;
  readonly role: "now" | "ghost" | "kept";
  /** A place in `COLOURS`; -1 is grey. */
  readonly colour: number;
  readonly dash: readonly number[];
  readonly time: Float64Array;
  readonly values: Float64Array;
}

/** Told apart by people with any colour vision (Okabe and Ito 2008), and all of them dashed differently. */
export const COLOURS = {
  light: ["#0072b2", "#d55e00", "#009e73", "#aa4499", "#8a6d00", "#332288", "#882255", "#44606b"],
  dark: ["#56b4e9", "#ff9142", "#2fd0a0", "#e59bc8", "#f0d442", "#a99cf0", "#ff8fb0", "#b9c7cf"],
} as const;
export const GREY = { light: "#8b8b8b", dark: "#8f8f8f" } as const;
export const DASHES: readonly (readonly number[])[] = [
  [],
  [8, 4],
  [2, 3],
  [9, 3, 2, 3],
  [14, 4],
  [5, 2],
  [2, 6],
  [12, 3, 2, 3, 2, 3],
];

export function curvesOf(session: Session, chart: ChartState, language: Language): Curve[] {
  const { now, ghost, kept } = session.results.value;
  const shown = shownLines(chart);
  const reference = referenceOf(session, chart, language);
  const array = arrayOf(session, chart);
  const label = (name: string) => {
    const whole = session.catalogue.lineLabel(name, language);
    return array ? /\[(.*)\]$/s.exec(whole)?.[1] || whole : whole;
  };
  const compared = kept.some(({ curves }) => curves !== null);
  const found: Curve[] = [];
  const single = shown.length === 1 || chart.kind === "small";
  const add = (curves: Curves | null, run: string, role: Curve["role"], colour: number, i: number) => {
    const name = shown[i] ?? "";
    const plain = curves?.values[name];
    if (!curves || !plain) return;
    const values = reference ? differing(curves, plain, reference.curves, name, chart) : plain;
    const line = label(name);
    const alone = role === "now" && !compared;
    const dash = role === "kept" && single ? colour : chart.kind === "small" ? 0 : i;
    found.push({
      name,
      line,
      run,
      label: alone ? line : single && compared ? run : `${line} – ${run}`,
      role,
      colour: colour < 0 ? -1 : colour % COLOURS.light.length,
      dash: DASHES[dash % DASHES.length] ?? [],
      time: curves.time,
      values,
    });
  };
  const lines = [...shown.keys()];
  const from = reference ? chart.difference?.from : undefined;
  for (const i of from === -1 ? [] : lines) add(ghost, say(language, "baseline"), "ghost", -1, i);
  kept.forEach(({ name, curves }, run) => {
    for (const i of run === from ? [] : lines) add(curves, name, "kept", run + 1, i);
  });
  const colour = (i: number) => (compared || chart.kind === "small" ? 0 : i);
  for (const i of lines) add(now, say(language, "now"), "now", colour(i), i);
  return found;
}

function differing(
  curves: Curves,
  values: Float64Array,
  from: Curves,
  name: string,
  chart: ChartState,
): Float64Array {
  const other = from.values[name] ?? new Float64Array();
  return difference(curves.time, values, from.time, other, chart.difference?.percent ?? false);
}

/** The array of which all lines of a chart are elements, where there is one: its name need not stand at each. */
export function arrayOf(session: Session, { lines }: ChartState): VariableInfo | null {
  const variables = new Set(lines.map((name) => session.catalogue.row(name)?.variable));
  const [variable] = variables;
  return variables.size === 1 && variable && variable.elements > 1 ? variable : null;
}

/** The title of a chart and the unit of its axis. */
export function headingOf(
  session: Session,
  chart: ChartState,
  language: Language,
): { title: string; unit: string } {
  const { catalogue, description } = session;
  const file = chart.from === null ? undefined : description.charts[chart.from];
  const title = file ? pick(file.title, language) : "";
  const units = new Set(
    chart.lines.map((name) => catalogue.unit(catalogue.row(name)?.variable.unit ?? "", language, true)),
  );
  const reference = referenceOf(session, chart, language);
  const percent = reference && chart.difference?.percent ? "%" : "";
  const own = percent || (file ? pick(file.unit, language) : "");
  const array = arrayOf(session, chart);
  const names = array
    ? [catalogue.variableLabel(array, language)]
    : shownLines(chart).map((name) => catalogue.lineLabel(name, language));
  const text = title || heading(names, language);
  return {
    title: reference ? say(language, "difference_title", { name: text, run: reference.name }) : text,
    unit: own || (units.size === 1 ? ([...units][0] ?? "") : ""),
  };
}

const MOST_NAMES = 6;

function heading(names: readonly string[], language: Language): string {
  const shown = listed(names.slice(0, MOST_NAMES), language);
  return names.length > MOST_NAMES ? `${shown} …` : shown;
}

/** The place of the last time that is not after `time`; the first one before all. */
export function placeAt(times: Float64Array, time: number): number {
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((times[middle] ?? 0) <= time) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The value of a curve at a time, or undefined where its run has ended. */
export function valueAt(curve: Curve, time: number | null): number | undefined {
  if (time === null) return curve.values.at(-1);
  const last = curve.time.at(-1) ?? 0;
  return time > last + 1e-9 * Math.abs(last) ? undefined : curve.values[placeAt(curve.time, time)];
}

export interface Aligned {
  readonly time: Float64Array;
  /** A column for each curve, as long as `time`; null where a run has ended or a value is missing. */
  readonly columns: readonly ArrayLike<number | null>[];
}

/** Curves over one time axis: of runs with one step, the longest; of others, all times of all runs. */
export function aligned(curves: readonly Curve[]): Aligned {
  let longest = curves[0]?.time ?? new Float64Array();
  for (const { time } of curves) if (time.length > longest.length) longest = time;
  const common = curves.every(({ time }) => isPrefix(time, longest));
  const time = common
    ? longest
    : Float64Array.from(new Set(curves.flatMap((curve) => [...curve.time]))).sort();
  return { time, columns: curves.map((curve) => column(curve, time, common)) };
}

function isPrefix(part: Float64Array, whole: Float64Array): boolean {
  if (part === whole) return true;
  const last = part.length - 1;
  const middle = last >> 1;
  return part[0] === whole[0] && part[middle] === whole[middle] && part[last] === whole[last];
}

function column(curve: Curve, time: Float64Array, common: boolean): ArrayLike<number | null> {
  const { values } = curve;
  if (common) {
    if (values.length === time.length && !values.includes(Number.NaN)) return values;
    return Array.from(time, (_, i) => known(values[i]));
  }
  const places = new Map(Array.from(curve.time, (moment, i) => [moment, i]));
  return Array.from(time, (moment) => known(values[places.get(moment) ?? -1]));
}

function known(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}

/** The ends of a vertical axis: from 0 where the curves come near it, else close around them. */
export function ends(low: number, high: number): [number, number] {
  if (!(high > low)) {
    const around = Math.abs(low) * 0.1 || 1;
    return [low - around, high + around];
  }
  const margin = 0.04 * (high - low);
  const fromZero = low >= 0 && low < 0.5 * high;
  const toZero = high <= 0 && high > 0.5 * low;
  return [fromZero ? 0 : low - margin, toZero ? 0 : high + margin];
}
