// Differences of two runs: a curve less the same curve of another run, in its unit or in percent.
import type { Language } from "./description";
import type { Curves } from "./kernel";
import type { Session } from "./session";
import type { ChartState } from "./state";
import { say } from "./words";

/** A run that differences are taken from. */
export interface Reference {
  readonly name: string;
  readonly curves: Curves;
}

/** The run from which a chart shows differences; null where it shows the values themselves, or that run failed. */
export function referenceOf(
  session: Session,
  { kind, difference }: ChartState,
  language: Language,
): Reference | null {
  if (!difference || kind === "phase") return null;
  const { base, kept } = session.results.value;
  const run = kept[difference.from];
  const curves = difference.from < 0 ? base : run?.curves;
  const name = difference.from < 0 ? say(language, "baseline") : (run?.name ?? "");
  return curves ? { name, curves } : null;
}

/** What a run has more than another at the same times; NaN at times that the other lacks, and for percent of zero. */
export function difference(
  time: Float64Array,
  values: Float64Array,
  otherTime: Float64Array,
  other: Float64Array,
  percent: boolean,
): Float64Array {
  const found = new Float64Array(values.length);
  for (let i = 0, j = 0; i < found.length; i++) {
    const moment = time[i] as number;
    while (j < otherTime.length && (otherTime[j] as number) < moment) j++;
    const from = otherTime[j] === moment ? (other[j] as number) : Number.NaN;
    const more = (values[i] as number) - from;
    found[i] = !percent ? more : from === 0 ? Number.NaN : (100 * more) / Math.abs(from);
  }
  return found;
}
