// Versions of the model with other equations, tried out in this laboratory; the server makes them, the file stays.
import type { Description } from "./description";
import type { Kernel } from "./kernel";

/** Right sides of equations by their left sides, in the notation of the model's file. */
export type Equations = Readonly<Record<string, string>>;

export interface Variant {
  readonly equations: Equations;
  readonly description: Description;
  readonly kernel: Kernel;
}

const MOST = 24;
const NONE: Equations = {};

export function keyOf(equations: Equations = NONE): string {
  return JSON.stringify(Object.entries(equations).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export class Variants {
  private readonly known = new Map<string, Variant>();
  private readonly asked = new Map<string, Promise<Variant>>();

  /** `base` is the model as it is in its file. */
  constructor(
    readonly base: Variant,
    private readonly ask: (equations: Equations) => Promise<Variant>,
    private readonly arrived: () => void = () => {},
  ) {}

  /** A version that is here already; one that is not is asked for. */
  get(equations: Equations = NONE): Variant | null {
    const key = keyOf(equations);
    if (key === keyOf()) return this.base;
    const known = this.known.get(key);
    if (!known && !this.asked.has(key)) this.fetch(equations).then(this.arrived, () => {});
    return known ?? null;
  }

  /** A version, when it is here; fails with the sentence of what is wrong. */
  fetch(equations: Equations = NONE): Promise<Variant> {
    const key = keyOf(equations);
    const known = key === keyOf() ? this.base : this.known.get(key);
    if (known) return Promise.resolve(known);
    const asked = this.asked.get(key) ?? this.ask(equations);
    this.asked.set(key, asked);
    asked.then(
      (variant) => {
        this.asked.delete(key);
        if (this.known.size >= MOST) this.known.delete(this.known.keys().next().value ?? "");
        this.known.set(key, variant);
      },
      () => this.asked.delete(key),
    );
    return asked;
  }

  /** The right side in the file. */
  original(left: string): string | undefined {
    for (const { sides } of this.base.description.variables) {
      const side = sides?.find(([one]) => one === left);
      if (side) return side[1];
    }
    return undefined;
  }
}

/** The equations with another right side, null for none; those as in the file are left out. */
export function withEquation(
  equations: Equations = NONE,
  left: string,
  right: string | null,
  original?: string,
): Equations {
  const { [left]: _, ...others } = equations;
  return right === null || right === original ? others : { ...others, [left]: right };
}
