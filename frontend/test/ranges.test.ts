import { expect, test } from "vitest";
import { limitsOf, snapped, stepped } from "../src/ranges";

const NONE = { minimum: null, maximum: null, step: null };

test("the file's range and step are taken as they are", () => {
  const limits = limitsOf(0.3, "dmnl", { minimum: 0, maximum: 2, step: 0.05 });
  expect(limits).toEqual({ minimum: 0, maximum: 2, step: 0.05, guessed: false });
});

test.each([
  [0.015, "1/year", 0, 0.03],
  [0.5, "dmnl", 0, 1],
  [0.5, "year", 0, 1],
  [20, "person", 0, 40],
  [0, "", 0, 1],
  [-4, "", -8, 0],
  [1000, "euro", 0, 2000],
])("the guess for %d %s goes from %d to %d", (value, unit, minimum, maximum) => {
  const limits = limitsOf(value, unit, NONE);
  expect([limits.minimum, limits.maximum, limits.guessed]).toEqual([minimum, maximum, true]);
});

test("half a range is completed by a guess, and every range holds the value", () => {
  expect(limitsOf(5, "", { ...NONE, minimum: 2 })).toMatchObject({ minimum: 2, maximum: 10, guessed: true });
  expect(limitsOf(5, "", { ...NONE, minimum: 20 })).toMatchObject({ minimum: 5, guessed: true });
  expect(limitsOf(9, "", { minimum: 0, maximum: 3, step: null })).toMatchObject({
    maximum: 9,
    guessed: false,
  });
});

test("a dragged value lies on the grid, and on the default where that is near", () => {
  const limits = { minimum: 0, maximum: 1, step: 0.01, guessed: false };
  expect(snapped(0.123456, limits, 0.5)).toBe(0.12);
  expect(snapped(0.3351, limits, 1 / 3)).toBe(1 / 3);
  expect(snapped(7, limits, 0.5)).toBe(1);
});

test("steps lead along the grid and end at its ends", () => {
  const limits = { minimum: 0, maximum: 1, step: 0.1, guessed: false };
  expect(stepped(0.3, limits, 1)).toBe(0.4);
  expect(stepped(0.35, limits, 1)).toBe(0.4);
  expect(stepped(0.35, limits, -1)).toBe(0.3);
  expect(stepped(0.95, limits, 10)).toBe(1);
});
