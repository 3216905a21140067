// The ranges of sliders: the file's where it has some, else guesses that say so.

export interface Limits {
  readonly minimum: number;
  readonly maximum: number;
  readonly step: number;
  /** Whether an end of the range is not the file's. */
  readonly guessed: boolean;
}

interface FromFile {
  readonly minimum: number | null;
  readonly maximum: number | null;
  readonly step: number | null;
}

const SHARES = new Set(["", "1", "dmnl", "dimensionless", "fraction", "无量纲"]);

/** The smallest of `factors` times a power of ten that is not below `value`. */
export function niceAbove(value: number, factors: readonly number[]): number {
  const power = 10 ** Math.floor(Math.log10(value) + 1e-12);
  const factor = factors.find((nice) => nice * power >= value * (1 - 1e-9)) ?? 10;
  return Number((factor * power).toPrecision(12));
}

const ENDS = [1, 1.5, 2, 3, 4, 5, 6, 8, 10];
const STEPS = [1, 2, 5, 10];

/** The range of a constant. A guess goes from 0 to twice the value; a share of a tenth or more goes from 0 to 1. */
export function limitsOf(value: number, unit: string, file: FromFile): Limits {
  const guess = guessed(value, unit);
  let minimum = file.minimum ?? guess[0];
  let maximum = file.maximum ?? guess[1];
  if (file.minimum !== null && minimum >= maximum) maximum = minimum + (Math.abs(minimum) || 1);
  if (file.maximum !== null && minimum >= maximum) minimum = maximum - (Math.abs(maximum) || 1);
  minimum = Math.min(minimum, value);
  maximum = Math.max(maximum, value);
  const step = file.step && file.step > 0 ? file.step : niceStep(maximum - minimum);
  return { minimum, maximum, step, guessed: file.minimum === null || file.maximum === null };
}

function guessed(value: number, unit: string): [number, number] {
  if (value === 0) return [0, 1];
  if (value < 0) return [-niceAbove(-2 * value, ENDS), 0];
  if (value <= 1 && value >= 0.1 && SHARES.has(unit.trim().toLowerCase())) return [0, 1];
  return [0, niceAbove(2 * value, ENDS)];
}

function niceStep(span: number): number {
  return span > 0 ? niceAbove(span / 200, STEPS) : 0.01;
}

/** A value near a round one: on the grid of the steps, or the default where that is nearest. */
export function snapped(value: number, limits: Limits, standard: number): number {
  const inside = Math.min(limits.maximum, Math.max(limits.minimum, value));
  if (Math.abs(inside - standard) <= 0.75 * limits.step) return standard;
  const steps = Math.round((inside - limits.minimum) / limits.step);
  const found = Number((limits.minimum + steps * limits.step).toPrecision(12));
  return Math.min(limits.maximum, Math.max(limits.minimum, found));
}

/** The value that so many steps lead to; from a value off the grid, the first step leads onto it. */
export function stepped(value: number, limits: Limits, steps: number): number {
  const position = (value - limits.minimum) / limits.step;
  const near = Math.round(position);
  const on = Math.abs(position - near) < 1e-6 ? near : steps > 0 ? Math.floor(position) : Math.ceil(position);
  const found = Number((limits.minimum + (on + steps) * limits.step).toPrecision(12));
  return Math.min(limits.maximum, Math.max(limits.minimum, found));
}
