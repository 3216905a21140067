// What a prediction or an answer is worth. No page, no state.
import { parsed } from "../format";
import type { ExerciseInfo } from "./description";

/** Of the chart's height: a curve drawn this near to the run, on average, is close. */
export const CLOSE = 0.1;

export interface Line {
  readonly time: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

export type Verdict = "right" | "high" | "low" | "other" | "none";

/** The value of a line at a time, straight between its points. */
export function at({ time, values }: Line, moment: number): number {
  let low = 0;
  let high = time.length - 1;
  if (moment <= (time[0] ?? 0)) return values[0] ?? Number.NaN;
  if (moment >= (time[high] ?? 0)) return values[high] ?? Number.NaN;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((time[middle] ?? 0) <= moment) low = middle;
    else high = middle;
  }
  const [before = 0, after = 1] = [time[low], time[high]];
  const [from = 0, to = 0] = [values[low], values[high]];
  return from + ((to - from) * (moment - before)) / (after - before);
}

/** Mean distance between drawn points and a run at their times, as a share of the chart's height. */
export function distance(
  times: readonly number[],
  drawn: readonly number[],
  run: Line,
  height: number,
): number {
  const gaps = times.map((time, i) => Math.abs((drawn[i] ?? 0) - at(run, time)));
  return gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length / height;
}

export interface Shape {
  readonly first: number;
  readonly first_year: number;
  readonly top: number;
  readonly top_year: number;
  readonly last: number;
  readonly last_year: number;
}

/** What a line does: its beginning, its highest point and its end. */
export function shapeOf({ time, values }: Line): Shape {
  let top = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] ?? 0) > (values[top] ?? 0)) top = i;
  const end = values.length - 1;
  const [first = 0, first_year = 0] = [values[0], time[0]];
  const [last = 0, last_year = 0] = [values[end], time[end]];
  return { first, first_year, top: values[top] ?? 0, top_year: time[top] ?? 0, last, last_year };
}

/** A number as people type it: `12`, `0,5`, `30 %`, `１２`; null if it is none. */
export function numberOf(text: string): number | null {
  return parsed(text.normalize("NFKC").replace(/[%\s]+$/, ""));
}

/** Whether an answer is right, and of a number on which side the right one lies. */
export function judged(exercise: ExerciseInfo, answer: string): Verdict {
  const given = numberOf(answer);
  if (given === null) return "none";
  if (exercise.options) return given === exercise.right ? "right" : "other";
  if (Math.abs(given - exercise.right) <= (exercise.within ?? 0) * (1 + 1e-9)) return "right";
  return given > exercise.right ? "high" : "low";
}

/** The value below which the share `q` of sorted numbers lies. */
export function quantile(sorted: readonly number[], q: number): number {
  const place = (sorted.length - 1) * q;
  const [low, high] = [Math.floor(place), Math.ceil(place)];
  return (sorted[low] ?? 0) + ((sorted[high] ?? 0) - (sorted[low] ?? 0)) * (place - low);
}

/** Slopes of a smooth curve through points that stays within them (Fritsch and Carlson 1980, harmonic means). */
export function slopes(x: readonly number[], y: readonly number[]): number[] {
  const steps = x.slice(1).map((next, i) => ((y[i + 1] ?? 0) - (y[i] ?? 0)) / (next - (x[i] ?? 0)));
  return x.map((_, i) => {
    const [before, after] = [steps[i - 1], steps[i]];
    if (before === undefined || after === undefined) return before ?? after ?? 0;
    return before * after <= 0 ? 0 : (2 * before * after) / (before + after);
  });
}
