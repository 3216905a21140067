// Which constants vary, and their values: a Latin hypercube of a fixed seed, so that each page draws the same.
import { basisOf } from "../basis";
import type { Slider } from "../catalogue";
import { wayOf } from "../changes";
import type { Session } from "../session";

const MOST_VARIED = 200;

/** A number from 0 to 1 for each run and constant; every n-th part of that range has one run, for each constant. */
export function hypercube(runs: number, width: number, seed = 1): Float64Array {
  const next = randoms(seed);
  const found = new Float64Array(runs * width);
  const order = Array.from({ length: runs }, (_, i) => i);
  for (let k = 0; k < width; k++) {
    for (let i = runs - 1; i > 0; i--) {
      const j = Math.floor(next() * (i + 1));
      [order[i], order[j]] = [order[j] as number, order[i] as number];
    }
    order.forEach((place, run) => {
      found[run * width + k] = (place + next()) / runs;
    });
  }
  return found;
}

/** Mulberry32, by Tommy Ettinger: 32 bits of state, of which 2^-32 is the finest step. */
function randoms(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * The value of a constant at a share from 0 to 1: at one half that of its slider, at the ends `spread` of the way to
 * the ends of its range.
 */
export function spreadValue(
  { limits }: Pick<Slider, "limits">,
  now: number,
  spread: number,
  share: number,
): number {
  const way = 2 * share - 1;
  return now + spread * way * (way < 0 ? now - limits.minimum : limits.maximum - now);
}

/** The constants that vary: the judgements, or where the file calls none so, all that are nobody's decision. */
export function variedOf(session: Session): readonly Slider[] {
  const { catalogue } = session;
  const state = session.state.value;
  const all = [...catalogue.sliders.values()].filter(({ name, row }) => {
    const kind = row?.variable.kind;
    return kind !== "stock" && basisOf(row?.variable) !== "lever" && !wayOf(state, catalogue, name);
  });
  const guesses = all.filter(({ row }) => basisOf(row?.variable) === "judgement");
  return (guesses.length ? guesses : all).slice(0, MOST_VARIED);
}
