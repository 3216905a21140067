/** A number that a run may set: a constant, or the initial value of a stock. */
export interface Setting {
  readonly name: string;
  /** Names of the elements of an array, each of which can be set by itself; empty for a single number. */
  readonly elements: readonly string[];
  /** One number for each element; null where the model computes it. */
  readonly default: readonly number[] | null;
  readonly unit: string;
  readonly minimum: number | null;
  readonly maximum: number | null;
}

/** A variable, or an element of an array. */
export interface Variable {
  readonly name: string;
  readonly unit: string;
  readonly kind: "stock" | "flow" | "auxiliary" | "constant";
}

export interface Description {
  readonly name: string;
  readonly timeUnit: string;
  readonly settings: readonly Setting[];
  readonly variables: readonly Variable[];
}

export interface Result {
  /** The saved times. */
  readonly time: Float64Array;
  /**
   * A curve for each variable by name, as long as `time`; NaN where a value is missing. Do not write into them: the
   * curve of a constant is the same array in all runs in which it has this value.
   */
  readonly values: Readonly<Record<string, Float64Array>>;
}

export interface Program {
  readonly description: Description;
  /** Run once. Throws a RangeError for an unknown setting, and an Error if a variable becomes NaN or infinite. */
  run(settings?: Readonly<Record<string, number | ArrayLike<number>>>): Result;
}

export const description: Description;

/** Make the program ready; `source` is the .wasm file's bytes or address, by default the file beside this module. */
export function load(source?: ArrayBuffer | ArrayBufferView | URL | string): Promise<Program>;
