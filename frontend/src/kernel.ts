// Runs of a model: the kernel in WebAssembly behind a small interface, and failures as values.
import { type Model, type Plan, program, type RunFailure } from "../../sdcluster/publish/run_model.js";

export type Settings = Readonly<Record<string, number>>;

export interface Curves {
  readonly time: Float64Array;
  readonly values: Readonly<Record<string, Float64Array>>;
}

/** A run that came to its end, or the variable that became no number, and when. */
export type Outcome =
  | { readonly ok: true; readonly curves: Curves }
  | { readonly ok: false; readonly variable: string; readonly value: number; readonly time: number };

export interface Kernel {
  /** Run; with `asked`, only the curves of these variables are kept, and looked at for what is no number. */
  run(settings: Settings, plan?: Plan, asked?: ReadonlySet<string>): Outcome;
}

export async function loadKernel(model: Model, code: Uint8Array<ArrayBuffer>): Promise<Kernel> {
  const runner = await program(model).load(code);
  return {
    run(settings, plan, asked) {
      try {
        return { ok: true, curves: runner.run(settings, plan, asked) };
      } catch (error) {
        if (!isFailure(error)) throw error;
        return { ok: false, variable: error.variable, value: error.value, time: error.time };
      }
    },
  };
}

function isFailure(error: unknown): error is RunFailure {
  return error instanceof Error && "variable" in error;
}

export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
