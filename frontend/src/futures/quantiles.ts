// What a fan shows of many runs: quantiles at each time, from the runs that have a number there.
import type { Block } from "./lanes";

export const SHARES = [0.05, 0.25, 0.5, 0.75, 0.95] as const;

/** Curves of quantiles, for one of the wanted variables; NaN where no run has a number. */
export function quantiles({ curves, failed }: Block, variable: number, rows: number): Float64Array[] {
  const count = failed.length;
  const good = [...failed.keys()].filter((run) => !failed[run]);
  const found = SHARES.map(() => new Float64Array(rows).fill(Number.NaN));
  const sorted = new Float64Array(good.length);
  for (let row = 0; row < rows; row++) {
    const begin = (variable * rows + row) * count;
    let known = 0;
    for (const run of good) {
      const value = curves[begin + run] as number;
      if (!Number.isNaN(value)) sorted[known++] = value;
    }
    if (!known) continue;
    const numbers = sorted.subarray(0, known).sort();
    SHARES.forEach((share, i) => {
      const place = share * (known - 1);
      const low = numbers[Math.floor(place)] as number;
      const high = numbers[Math.ceil(place)] as number;
      // biome-ignore lint/style/noNonNullAssertion: there is a curve for each share
      found[i]![row] = low + (place - Math.floor(place)) * (high - low);
    });
  }
  return found;
}
