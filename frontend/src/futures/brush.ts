// Axes of parallel coordinates over the runs of a fan, and which runs lie in the ranges that a person marked on them.
import type { Fans } from "./futures";

export interface Axis {
  readonly name: string;
  /** Whether it is the end of a curve; otherwise a constant that varied. */
  readonly outcome: boolean;
  /** The value of each run; NaN where it failed. */
  readonly values: Float64Array;
  readonly low: number;
  readonly high: number;
}

/** Marked parts of axes by name. */
export type Marks = ReadonlyMap<string, readonly [number, number]>;

const OUTCOMES = 3;
const CONSTANTS = 5;

/** The ends of the first curves, and the constants on which the first of them depends most; or axes by name. */
export function axesOf({ block, wanted, time, varied, values }: Fans, order: readonly string[] = []): Axis[] {
  const count = block.failed.length;
  const rows = time.length;
  const column = (value: (run: number) => number) =>
    Float64Array.from({ length: count }, (_, run) => (block.failed[run] ? Number.NaN : value(run)));
  const outcomes = wanted.slice(0, OUTCOMES).map((name, i) =>
    axis(
      name,
      true,
      column((run) => block.curves[((i + 1) * rows - 1) * count + run] as number),
    ),
  );
  const constants = varied.map(({ name }, k) =>
    axis(
      name,
      false,
      column((run) => values[run * varied.length + k] as number),
    ),
  );
  const known = new Map([...outcomes, ...constants].map((one) => [one.name, one]));
  const same = order.flatMap((name) => known.get(name) ?? []);
  if (same.length && same.length === order.length && outcomes.every(({ name }) => order.includes(name)))
    return same;
  const first = outcomes[0] && ranks(outcomes[0].values);
  const strength = (one: Axis) => (first ? Math.abs(correlation(ranks(one.values), first)) : 0);
  const sorted = constants
    .filter(({ low, high }) => high > low)
    .map((one) => [strength(one), one] as const)
    .sort(([a], [b]) => b - a);
  return [...outcomes, ...sorted.slice(0, CONSTANTS).map(([, one]) => one)];
}

function axis(name: string, outcome: boolean, values: Float64Array): Axis {
  const known = values.filter((value) => !Number.isNaN(value));
  return { name, outcome, values, low: Math.min(...known), high: Math.max(...known) };
}

/** The place of each run in the order of its values (Spearman 1904). */
export function ranks(values: Float64Array): Float64Array {
  const order = [...values.keys()].sort((a, b) => (values[a] as number) - (values[b] as number));
  const found = new Float64Array(values.length);
  order.forEach((run, rank) => {
    found[run] = rank;
  });
  return found;
}

export function correlation(a: Float64Array, b: Float64Array): number {
  const mean = (of: Float64Array) => of.reduce((sum, value) => sum + value, 0) / of.length;
  const [first, second] = [mean(a), mean(b)];
  let [both, own, other] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [(a[i] as number) - first, (b[i] as number) - second];
    both += x * y;
    own += x * x;
    other += y * y;
  }
  return own && other ? both / Math.sqrt(own * other) : 0;
}

/** Whether each run lies in all marked ranges. */
export function chosen(axes: readonly Axis[], marks: Marks): Uint8Array {
  const found = new Uint8Array(axes[0]?.values.length ?? 0).fill(1);
  for (const { name, values } of axes) {
    const mark = marks.get(name);
    values.forEach((value, run) => {
      if (Number.isNaN(value) || (mark && !(value >= mark[0] && value <= mark[1]))) found[run] = 0;
    });
  }
  return found;
}
