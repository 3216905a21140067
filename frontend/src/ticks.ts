// Round ticks of an axis.
import type { Language } from "./description";
import { tickTexts } from "./format";

export function ticks(low: number, high: number, count: number): number[] {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((nice) => nice * power >= rough) ?? 10) * power;
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) {
    found.push(Number((i * step).toPrecision(12)));
  }
  return found;
}

/** Ticks of a logarithmic axis: 1, 2, 5 of each power of ten, or powers alone; within a decade, as of a linear axis. */
export function logTicks(low: number, high: number, most = 8): number[] {
  const first = Math.floor(Math.log10(low) + 1e-9);
  const last = Math.ceil(Math.log10(high) - 1e-9);
  for (const factors of [[1, 2, 5], [1]]) {
    const found = [];
    for (let power = first; power <= last; power++) {
      for (const factor of factors) found.push(Number((factor * 10 ** power).toPrecision(12)));
    }
    const seen = found.filter((tick) => tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9));
    if (seen.length < 3) return ticks(low, high, 5);
    if (seen.length <= most) return seen;
  }
  const every = Math.ceil((last - first) / most);
  const powers = Array.from({ length: last - first + 1 }, (_, i) => first + i).filter(
    (power) => power % every === 0,
  );
  return powers.map((power) => 10 ** power).filter((tick) => tick >= low && tick <= high);
}

/** Texts for ticks whose sizes differ: each with its own decimals. */
export function logTickTexts(values: readonly number[], language: Language): string[] {
  return values.flatMap((value) => tickTexts([value], language));
}
