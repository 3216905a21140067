import type { Description, Result } from "./program";

/** The times of a run: step i begins at (origin + i * stride) / parts. */
export interface Times {
  readonly steps: number;
  readonly every: number;
  readonly dt: number;
  readonly origin: number;
  readonly stride: number;
  readonly parts: number;
  readonly kept: readonly number[] | null;
}

/** What happens at a step on the way: places in the kernel's vectors, and their new values. */
export interface Change {
  readonly step: number;
  readonly parameters: readonly (readonly [number, number])[];
  readonly states: readonly (readonly [number, number])[];
}

/** A run that differs from the model's own by more than settings. */
export interface Plan {
  readonly times: Times;
  readonly parameters: readonly (readonly [number, number])[];
  readonly changes: readonly Change[];
}

/** What `sdcluster.publish.program.describe` gives. */
export interface Model {
  readonly name: string;
  readonly timeUnit: string;
  readonly times: Times;
  readonly settings: readonly {
    readonly name: string;
    readonly elements: readonly string[];
    readonly place: number;
    readonly default: readonly number[] | null;
    readonly unit: string;
    readonly minimum: number | null;
    readonly maximum: number | null;
  }[];
  readonly variables: readonly {
    readonly name: string;
    readonly unit: string;
    readonly kind: "stock" | "flow" | "auxiliary" | "constant";
    /** Where the kernel observes it; null for what no run changes. */
    readonly column: number | null;
    readonly mayBeMissing: boolean;
  }[];
  /** What the kernel is like: its loop, its vectors, and the values of its parameters; null for NaN. */
  readonly method: string;
  readonly parameters: readonly (number | null)[];
  readonly size: number;
  readonly cells: number;
  readonly longest: number;
  readonly width: number;
  readonly columns: number;
  readonly rows: number;
  readonly length: number;
  readonly need: number;
  readonly devices: boolean;
  readonly missing: number;
}

/** What a run throws where a variable becomes NaN or infinite. */
export interface RunFailure extends Error {
  readonly variable: string;
  readonly value: number;
  readonly time: number;
}

export interface Runner {
  run(
    settings?: Readonly<Record<string, number | ArrayLike<number>>>,
    plan?: Plan,
    asked?: ReadonlySet<string>,
  ): Result;
}

export function program(model: Model): {
  readonly description: Description;
  load(bytes: BufferSource): Promise<Runner & { readonly description: Description }>;
};
