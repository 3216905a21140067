// Numbers of a curve, by the words of sdcluster/measure/words.py. The same numbers as there (tests/publish/test_story.py).

/** Samples of a curve over time, both of one length, time rising. */
export interface Part {
  readonly time: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

type Measure = (part: Part, level: number) => number;

export const MEASURES: Readonly<Record<string, Measure>> = {
  initial: ({ values }) => at(values, 0),
  final: ({ values }) => at(values, values.length - 1),
  value: ({ values }) => at(values, 0),
  peak: ({ values }) => at(values, highest(values)),
  minimum: ({ values }) => at(values, lowest(values)),
  mean: ({ time, values }) => {
    const span = last(time) - at(time, 0);
    return span > 0 ? area(time, values) / span : at(values, 0);
  },
  "time of peak": timeOfPeak,
  "time of minimum": ({ time, values }) => timeOfPeak({ time, values: Float64Array.from(values, (x) => -x) }),
  "drop from peak": ({ values }) => {
    const top = at(values, highest(values));
    return top > 0 ? (top - last(values)) / top : Number.NaN;
  },
  growth: ({ values }) => {
    const first = at(values, 0);
    return first === 0 ? Number.NaN : 100 * (last(values) / first - 1);
  },
  "growth rate": ({ time, values }) => {
    const quotient = last(values) / at(values, 0);
    if (!(quotient > 0) || !Number.isFinite(quotient)) return Number.NaN;
    return 100 * (quotient ** (1 / (last(time) - at(time, 0))) - 1);
  },
  "time above": ({ time, values }, level) =>
    area(
      time,
      Float64Array.from(values, (x) => (x > level ? 1 : 0)),
    ),
  "time to": ({ time, values }, level) => {
    const i = findIndex(values, (x) => x >= level);
    if (i < 0) return Number.NaN;
    if (i === 0) return 0;
    const share = (level - at(values, i - 1)) / (at(values, i) - at(values, i - 1));
    return at(time, i - 1) + share * (at(time, i) - at(time, i - 1)) - at(time, 0);
  },
  "first above": (part, level) => firstTime(part, level, 1),
  "first below": (part, level) => firstTime(part, level, -1),
  "number of peaks": ({ values }, level) => prominentPeaks(values, level).length,
  "time settled": ({ time, values }, level) => {
    let far = values.length - 1;
    while (far >= 0 && !(Math.abs(at(values, far) - last(values)) > level)) far--;
    return at(time, far < 0 ? 0 : Math.min(far + 1, time.length - 1));
  },
  "swing ratio": ({ values }, level) => {
    const heights = extremes(values, level);
    const swings = heights.slice(1).map((height, i) => Math.abs(height - at(heights, i)));
    return swings.length > 1 ? last(swings) / at(swings, 0) : Number.NaN;
  },
  range: ({ values }) => rangeOf(values),
  "relative range": ({ values }) => {
    const size = largestSize(values);
    return size > 0 ? rangeOf(values) / size : 0;
  },
  "net change": ({ values }) => share(last(values) - at(values, 0), values),
  "rise before peak": ({ values }) => share(at(values, highest(values)) - at(values, 0), values),
  "fall after peak": ({ values }) => share(at(values, highest(values)) - last(values), values),
  "fall before minimum": ({ values }) => share(at(values, 0) - at(values, lowest(values)), values),
  "rise after minimum": ({ values }) => share(last(values) - at(values, lowest(values)), values),
  "change in second half": ({ time, values }) => {
    const change = last(values) - at(values, 0);
    const middle = valueAt(time, values, (at(time, 0) + last(time)) / 2);
    return change ? (last(values) - middle) / change : Number.NaN;
  },
  "largest fall": (part) => largestFall(part).fall,
  "time before largest fall": (part) => largestFall(part).before,
  "time after largest fall": (part) => largestFall(part).after,
  "largest step": ({ values }) => at(steps(values), highest(steps(values))),
  "time of largest step": ({ time, values }) => at(time, highest(steps(values)) + 1),
  "time of fastest rise": ({ time, values }) => at(time, highest(slopes(time, values))),
  "time of fastest fall": ({ time, values }) => at(time, lowest(slopes(time, values))),
};

/** Times of the peaks that stand out by `threshold` or more (scipy.signal.find_peaks). */
export function peakTimes({ time, values }: Part, threshold: number): number[] {
  return prominentPeaks(values, Math.max(threshold, 1e-300)).map((i) => at(time, i));
}

/** The value at a time, linear between samples; the ends hold outside. */
export function valueAt(time: ArrayLike<number>, values: ArrayLike<number>, moment: number): number {
  const end = time.length - 1;
  if (moment >= at(time, end)) return at(values, end);
  if (moment <= at(time, 0)) return at(values, 0);
  let low = 0;
  let high = end;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (at(time, middle) <= moment) low = middle;
    else high = middle;
  }
  const slope = (at(values, high) - at(values, low)) / (at(time, high) - at(time, low));
  return slope * (moment - at(time, low)) + at(values, low);
}

export function largestSize(values: ArrayLike<number>): number {
  let size = 0;
  for (let i = 0; i < values.length; i++) size = Math.max(size, Math.abs(at(values, i)));
  return size;
}

export function rangeOf(values: ArrayLike<number>): number {
  return at(values, highest(values)) - at(values, lowest(values));
}

function at(numbers: ArrayLike<number>, i: number): number {
  return numbers[i] ?? Number.NaN;
}

function last(numbers: ArrayLike<number>): number {
  return at(numbers, numbers.length - 1);
}

function highest(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (at(values, i) > at(values, best)) best = i;
  return best;
}

function lowest(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (at(values, i) < at(values, best)) best = i;
  return best;
}

function findIndex(values: ArrayLike<number>, accepts: (value: number) => boolean): number {
  for (let i = 0; i < values.length; i++) if (accepts(at(values, i))) return i;
  return -1;
}

/** By trapezoids. */
function area(time: ArrayLike<number>, values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 1; i < time.length; i++)
    sum += ((at(values, i) + at(values, i - 1)) / 2) * (at(time, i) - at(time, i - 1));
  return sum;
}

function share(part: number, values: ArrayLike<number>): number {
  const span = rangeOf(values);
  return span > 0 ? part / span : Number.NaN;
}

/** The top of the parabola through the highest sample and its neighbours. */
function timeOfPeak({ time, values }: Part): number {
  const top = highest(values);
  if (top === 0 || top === values.length - 1) return at(time, top);
  const [x0, x1, x2] = [at(time, top - 1), at(time, top), at(time, top + 1)];
  const [y0, y1, y2] = [at(values, top - 1), at(values, top), at(values, top + 1)];
  const left = (y1 - y0) / (x1 - x0);
  const right = (y2 - y1) / (x2 - x1);
  const bend = (right - left) / (x2 - x0);
  if (!(bend < 0)) return x1;
  const slope = (left * (x2 - x1) + right * (x1 - x0)) / (x2 - x0);
  return x1 + Math.min(Math.max(-slope / (2 * bend), x0 - x1), x2 - x1);
}

/** The first time at or above a level (`sign` 1), or at or below it (-1), linear between samples. */
function firstTime({ time, values }: Part, level: number, sign: 1 | -1): number {
  const side = (i: number) => sign * (at(values, i) - level);
  if (side(0) >= 0) return at(time, 0);
  for (let i = 0; i + 1 < values.length; i++) {
    if (!(side(i) < 0 && side(i + 1) >= 0)) continue;
    return at(time, i) + (side(i) / (side(i) - side(i + 1))) * (at(time, i + 1) - at(time, i));
  }
  return Number.NaN;
}

/** Places of local maxima, of plateaus their middles, with a prominence of at least `threshold`. */
function prominentPeaks(values: ArrayLike<number>, threshold: number): number[] {
  const found: number[] = [];
  for (let i = 1; i < values.length - 1; i++) {
    if (!(at(values, i - 1) < at(values, i))) continue;
    let ahead = i + 1;
    while (ahead < values.length - 1 && at(values, ahead) === at(values, i)) ahead++;
    if (!(at(values, ahead) < at(values, i))) continue;
    const peak = (i + ahead - 1) >> 1;
    if (prominence(values, peak) >= threshold) found.push(peak);
    i = ahead;
  }
  return found;
}

function prominence(values: ArrayLike<number>, peak: number): number {
  const height = at(values, peak);
  const base = (step: 1 | -1) => {
    let low = height;
    for (let i = peak; i >= 0 && i < values.length && at(values, i) <= height; i += step)
      low = Math.min(low, at(values, i));
    return low;
  };
  return height - Math.max(base(-1), base(1));
}

/** Heights of peaks and troughs inside the curve, in order; between neighbours it moves by `wanted` or more. */
function extremes(values: ArrayLike<number>, wanted: number): number[] {
  const threshold = Math.max(wanted, 1e-12 * Math.max(largestSize(values), 1e-300));
  const found: number[] = [];
  let low = 0;
  let high = 0;
  let direction = 0;
  for (let i = 1; i < values.length; i++) {
    if (at(values, i) < at(values, low)) low = i;
    if (at(values, i) > at(values, high)) high = i;
    const down = direction >= 0 && at(values, high) - at(values, i) >= threshold;
    const up = direction <= 0 && at(values, i) - at(values, low) >= threshold;
    if (!down && !up) continue;
    const turn = down ? high : low;
    if (direction || turn) found.push(at(values, turn));
    direction = down ? -1 : 1;
    low = i;
    high = i;
  }
  return found;
}

/** The largest fall from a height reached before, as a share of it, and the times before and after. */
function largestFall({ time, values }: Part): { fall: number; before: number; after: number } {
  if (!(at(values, 0) > 0)) return { fall: Number.NaN, before: Number.NaN, after: Number.NaN };
  let top = 0;
  let best = { fall: 0, before: at(time, 0), after: at(time, 0) };
  for (let i = 1; i < values.length; i++) {
    if (at(values, i) > at(values, top)) top = i;
    const fall = 1 - at(values, i) / at(values, top);
    if (fall > best.fall) best = { fall, before: at(time, top), after: at(time, i) };
  }
  return best;
}

function steps(values: ArrayLike<number>): number[] {
  return Array.from({ length: Math.max(values.length - 1, 0) }, (_, i) => at(values, i + 1) - at(values, i));
}

/** Slopes at the samples, of the second order inside (numpy.gradient). */
function slopes(time: ArrayLike<number>, values: ArrayLike<number>): number[] {
  const count = values.length;
  if (count < 2) return [0];
  return Array.from({ length: count }, (_, i) => {
    const slope = (j: number) => (at(values, j + 1) - at(values, j)) / (at(time, j + 1) - at(time, j));
    if (i === 0) return slope(0);
    if (i === count - 1) return slope(i - 1);
    const before = at(time, i) - at(time, i - 1);
    const after = at(time, i + 1) - at(time, i);
    return (after * slope(i - 1) + before * slope(i)) / (before + after);
  });
}
