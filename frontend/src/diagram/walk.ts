// From symbol to symbol by arrow keys.
import type { DiagramSymbol } from "./scene";

const DIRECTIONS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowDown: [0, 1],
  ArrowUp: [0, -1],
};
const ASIDE = 2.5; // how much worse a pixel aside is than a pixel ahead

/** The places of symbols in the order in which a page is read: by lines from above, each from the left. */
export function readingOrder(symbols: readonly DiagramSymbol[]): number[] {
  const line = 60;
  return [...symbols.keys()].sort((a, b) => {
    const [one, other] = [symbols[a], symbols[b]];
    if (!one || !other) return 0;
    return Math.round(one.y / line) - Math.round(other.y / line) || one.x - other.x || a - b;
  });
}

/** The place of the next symbol in the direction of a key: the nearest that lies rather ahead than aside. */
export function neighbour(symbols: readonly DiagramSymbol[], from: number, key: string): number | undefined {
  const direction = DIRECTIONS[key];
  const start = symbols[from];
  if (!direction || !start) return undefined;
  let best: number | undefined;
  let least = Number.POSITIVE_INFINITY;
  symbols.forEach(({ x, y }, i) => {
    const ahead = (x - start.x) * direction[0] + (y - start.y) * direction[1];
    const aside = Math.abs((x - start.x) * direction[1] + (y - start.y) * direction[0]);
    if (i === from || ahead <= 0 || aside > 2 * ahead) return;
    const cost = ahead + ASIDE * aside;
    if (cost < least) [best, least] = [i, cost];
  });
  return best;
}
