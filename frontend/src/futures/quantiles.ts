// What a fan shows of many runs: quantiles at each time, from the runs that have a number there.
//
// Workers put their own runs in order, side by side; the page only merges what they send.
import type { Block } from "./lanes";

export const SHARES = [0.05, 0.25, 0.5, 0.75, 0.95] as const;

/** Some of the runs, in order: for each row of the curves the values of those that did not fail; NaN comes last. */
export interface Ordered {
  readonly values: Float64Array<ArrayBuffer>;
  /** How many runs did not fail. */
  readonly width: number;
}

/** Put the runs of each row in order. Few runs change places from one time to the next, so each row begins with the
 * order of the row before: insertion then takes little more than one look at each run. */
export function ordered({ curves, failed }: Block): Ordered {
  const count = failed.length;
  const runs = Int32Array.from([...failed.keys()].filter((run) => !failed[run]));
  const width = runs.length;
  const values = new Float64Array(count ? (curves.length / count) * width : 0);
  for (let begin = 0, to = 0; begin < curves.length; begin += count, to += width) {
    for (let i = 0; i < width; i++) {
      const run = runs[i] as number;
      const value = curves[begin + run] as number;
      let j = i;
      if (!Number.isNaN(value))
        for (; j > 0 && !((values[to + j - 1] as number) <= value); j--) {
          values[to + j] = values[to + j - 1] as number;
          runs[j] = runs[j - 1] as number;
        }
      values[to + j] = value;
      runs[j] = run;
    }
  }
  return { values, width };
}

/** Curves of quantiles, for one of the wanted variables; NaN where no run has a number. */
export function quantiles(parts: readonly Ordered[], variable: number, rows: number): Float64Array[] {
  const found = SHARES.map(() => new Float64Array(rows).fill(Number.NaN));
  const merged = new Float64Array(parts.reduce((sum, { width }) => sum + width, 0));
  for (let row = 0; row < rows; row++) {
    let known = 0;
    for (const { values, width } of parts)
      known = merge(merged, known, values, (variable * rows + row) * width, width);
    if (!known) continue;
    SHARES.forEach((share, i) => {
      const place = share * (known - 1);
      const low = merged[Math.floor(place)] as number;
      const high = merged[Math.ceil(place)] as number;
      // biome-ignore lint/style/noNonNullAssertion: there is a curve for each share
      found[i]![row] = low + (place - Math.floor(place)) * (high - low);
    });
  }
  return found;
}

/** Merge numbers in order into the first `known` of `into`, from behind; return how many there are then. */
function merge(into: Float64Array, known: number, from: Float64Array, begin: number, width: number): number {
  let last = begin + width - 1;
  while (last >= begin && Number.isNaN(from[last])) last--;
  const all = known + last - begin + 1;
  let mine = known - 1;
  for (let to = all - 1; last >= begin; to--) {
    const value = from[last] as number;
    if (mine >= 0 && (into[mine] as number) > value) into[to] = into[mine--] as number;
    else {
      into[to] = value;
      last--;
    }
  }
  return all;
}
