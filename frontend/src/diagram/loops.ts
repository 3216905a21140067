// Feedback loops through a variable, the shortest first.
import type { Links, Sign } from "./scene";

export interface Loop {
  /** Variables along the loop; the last acts on the first. */
  readonly variables: readonly number[];
  /** Reinforcing, balancing, or unknown where a link has no fixed sign. */
  readonly kind: "reinforcing" | "balancing" | "unknown";
}

export const MOST_LOOPS = 40;
const MOST_STEPS = 50_000; // of the search, so that a large model does not hold up the page
const LONGEST = 30;

export function loopsThrough(variable: number, links: Links, most = MOST_LOOPS): Loop[] {
  const far = distancesTo(variable, links);
  const found: Loop[] = [];
  let steps = 0;
  const path = [variable];
  const visited = new Set(path);
  // A path is pursued only while it can still come back within the length: each length finds its own loops, once.
  const search = (at: number, length: number): void => {
    for (const next of links.effects.get(at) ?? []) {
      if (found.length >= most || ++steps > MOST_STEPS) return;
      if (next === variable) {
        if (path.length === length) found.push(loopOf([...path], links));
      } else if (
        !visited.has(next) &&
        path.length + (far.get(next) ?? Number.POSITIVE_INFINITY) < length + 1
      ) {
        path.push(next);
        visited.add(next);
        search(next, length);
        visited.delete(next);
        path.pop();
      }
    }
  };
  const longest = Math.min(LONGEST, far.size + 1);
  for (let length = 2; length <= longest && found.length < most && steps < MOST_STEPS; length++) {
    search(variable, length);
  }
  return found;
}

/** Links from each variable that leads to `variable` on the shortest way there. */
function distancesTo(variable: number, links: Links): Map<number, number> {
  const causes = new Map<number, number[]>();
  for (const [cause, effects] of links.effects) {
    for (const effect of effects) causes.set(effect, [...(causes.get(effect) ?? []), cause]);
  }
  const far = new Map<number, number>();
  let front = [variable];
  for (let distance = 1; front.length; distance++) {
    const next: number[] = [];
    for (const cause of front.flatMap((one) => causes.get(one) ?? [])) {
      if (far.has(cause)) continue;
      far.set(cause, distance);
      next.push(cause);
    }
    front = next;
  }
  return far;
}

export function loopOf(variables: readonly number[], links: Links): Loop {
  const signs = variables.map((cause, i) =>
    links.sign(cause, variables[(i + 1) % variables.length] ?? cause),
  );
  return { variables, kind: kindOf(signs) };
}

function kindOf(signs: readonly (Sign | undefined)[]): Loop["kind"] {
  if (signs.some((sign) => sign !== "+" && sign !== "-")) return "unknown";
  return signs.filter((sign) => sign === "-").length % 2 ? "balancing" : "reinforcing";
}

/** The links of a loop as keys, "cause effect". */
export function linksOf({ variables }: Loop): Set<string> {
  return new Set(variables.map((cause, i) => `${cause} ${variables[(i + 1) % variables.length]}`));
}
