import { expect, test } from "vitest";
import { simplified } from "../src/line";

function kept(y: (i: number) => number, last: number): number[] {
  return simplified((i) => i / 3, y, 0, last);
}

test("a straight line is its two ends", () => {
  expect(kept((i) => 2 * i, 1000)).toEqual([0, 1000]);
});

test("what is left out lies within half a pixel of the line", () => {
  const y = (i: number) => 120 * Math.sin(i / 40) + (i > 700 ? 60 : 0);
  const points = kept(y, 1200);
  expect(points.length).toBeLessThan(400);
  for (let k = 1; k < points.length; k++) {
    const [a, b] = [points[k - 1] ?? 0, points[k] ?? 0];
    for (let i = a; i <= b; i++) {
      expect(Math.abs(y(a) + ((y(b) - y(a)) * (i - a)) / (b - a) - y(i))).toBeLessThanOrEqual(0.5);
    }
  }
});

test("peaks of a single point stay", () => {
  expect(kept((i) => (i === 500 ? 100 : 0), 1000)).toContain(500);
});

test("one point is one point", () => {
  expect(
    simplified(
      (i) => i,
      () => 1,
      4,
      4,
    ),
  ).toEqual([4]);
});
