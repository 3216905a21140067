import { expect, test } from "vitest";
import { ordered, quantiles, SHARES } from "../src/futures/quantiles";
import { hypercube, spreadValue, variedOf } from "../src/futures/samples";
import { Session } from "../src/session";
import { description, kernel } from "./description";

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
  const found = quantiles([ordered(block)], 0, 3).map((curve) => [...curve]);
  expect(found.map(([first]) => first)).toEqual(SHARES.map((share) => 1 + 4 * share));
  expect(found.map(([, second]) => second)).toEqual(SHARES.map(() => 7));
  expect(found.every((curve) => Number.isNaN(curve[2]))).toBe(true);
});

test("runs of several workers have the quantiles of all together", () => {
  const rows = 40;
  const count = 30;
  // Curves that cross, equal values, a number that is missing now and then.
  const value = (row: number, run: number) =>
    (row * 7 + run * 11) % 13 === 0 ? Number.NaN : Math.round(8 * Math.sin(run + (run % 5) * row));
  const part = (from: number, to: number) => ({
    curves: Float64Array.from({ length: rows * (to - from) }, (_, i) =>
      value(Math.floor(i / (to - from)), from + (i % (to - from))),
    ),
    failed: Uint8Array.from({ length: to - from }, (_, i) => Number((from + i) % 9 === 4)),
  });
  const parts = [part(0, 14), part(14, 28), part(28, count)];
  const found = quantiles(parts.map(ordered), 0, rows);
  for (let row = 0; row < rows; row++) {
    const numbers = Array.from({ length: count }, (_, run) => run)
      .filter((run) => run % 9 !== 4)
      .map((run) => value(row, run))
      .filter((one) => !Number.isNaN(one))
      .sort((a, b) => a - b);
    const expected = SHARES.map((share) => {
      const place = share * (numbers.length - 1);
      const [low, high] = [numbers[Math.floor(place)] as number, numbers[Math.ceil(place)] as number];
      return low + (place - Math.floor(place)) * (high - low);
    });
    expect(found.map((curve) => curve[row])).toEqual(expected);
  }
});

test("constants with names of JavaScript's own vary like others", () => {
  const { program } = description();
  const names = ["__proto__", "constructor", "toString"];
  const settings = names.map((name, i) => ({
    ...{ name, elements: [], place: 20 + i, default: [1], unit: "", minimum: 0, maximum: 2 },
  }));
  const session = new Session(description({ program: { ...program, settings } }), kernel(), (work) => work());
  expect(variedOf(session).map(({ name }) => name)).toEqual(names);
});
