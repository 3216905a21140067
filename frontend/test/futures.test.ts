import { expect, test } from "vitest";
import { quantiles, SHARES } from "../src/futures/quantiles";
import { hypercube, spreadValue } from "../src/futures/samples";

test("a hypercube has one run in each part of the range of each constant", () => {
  const cube = hypercube(50, 3);
  for (const k of [0, 1, 2]) {
    const parts = Array.from({ length: 50 }, (_, run) => Math.floor(50 * (cube[3 * run + k] as number)));
    expect(parts.sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  }
  expect(hypercube(50, 3)).toEqual(cube);
});

test("a guess varies around its slider and stays in its range", () => {
  const limits = { minimum: 1, maximum: 5, step: 1, guessed: false };
  const value = (now: number, spread: number, share: number) => spreadValue({ limits }, now, spread, share);
  expect(value(2, 1, 0)).toBe(1);
  expect(value(2, 1, 1)).toBe(5);
  expect(value(2, 0.5, 0)).toBe(1.5);
  expect(value(2, 0.3, 0.5)).toBe(2);
});

test("a fan leaves out runs that failed and times without a number", () => {
  const runs = [
    [5, 1, 2, 3, 4, 99],
    [Number.NaN, Number.NaN, 7, Number.NaN, Number.NaN, 99],
    Array(6).fill(Number.NaN),
  ];
  const block = { curves: Float64Array.from(runs.flat()), failed: Uint8Array.from([0, 0, 0, 0, 0, 1]) };
  const found = quantiles(block, 0, 3).map((curve) => [...curve]);
  expect(found.map(([first]) => first)).toEqual(SHARES.map((share) => 1 + 4 * share));
  expect(found.map(([, second]) => second)).toEqual(SHARES.map(() => 7));
  expect(found.every((curve) => Number.isNaN(curve[2]))).toBe(true);
});
