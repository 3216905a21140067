import { expect, test } from "vitest";
import { momentText, parsed, quantityText, tickTexts, valueText } from "../src/format";
import { logTicks, logTickTexts, ticks } from "../src/ticks";
import { fill } from "../src/words/fill";

test.each([
  [0.015, "0.015"],
  [0, "0"],
  [1_000_000, "1,000,000"],
  [1234.567, "1,235"],
  [12.3456, "12.35"],
  [0.00012346, "0.0001235"],
  [2.5e9, "2.5×10⁹"],
  [-3.2e-7, "−3.2×10⁻⁷"],
  [-1.5, "−1.5"],
  [100, "100"],
  [1e8, "100,000,000"],
  [0.1 + 0.2, "0.3"],
  [Number.NaN, "–"],
  [Number.POSITIVE_INFINITY, "∞"],
  [999_999.6, "1,000,000"],
])("%d reads %s", (value, text) => {
  expect(valueText(value)).toBe(text);
});

test.each([
  ["1,000,000", 1e6],
  ["0,5", 0.5],
  ["1.5e-3", 0.0015],
  ["−2", -2],
  [" 12 000 ", 12000],
  [".5", 0.5],
  ["1,234.5", 1234.5],
  ["", null],
  ["abc", null],
  ["1e999", null],
  ["1,2,3", null],
  ["0x10", null],
])("%j means %j", (text, value) => {
  expect(parsed(text)).toBe(value);
});

test("ticks of an axis have one form", () => {
  expect(tickTexts([0, 0.005, 0.01, 0.015], "en")).toEqual(["0.000", "0.005", "0.010", "0.015"]);
  expect(tickTexts([0, 500_000, 1_000_000], "en")).toEqual(["0", "500K", "1M"]);
  expect(tickTexts([0, 500_000, 1_000_000], "zh")).toEqual(["0", "50万", "100万"]);
  expect(tickTexts([0, 2.5, 5], "en")).toEqual(["0.0", "2.5", "5.0"]);
  expect(tickTexts([0, 2000, 4000], "en")).toEqual(["0", "2,000", "4,000"]);
});

test("a moment reads as people say it", () => {
  expect(momentText(2030, "Years", "en")).toBe("year 2030");
  expect(momentText(34.5, "Month", "zh")).toBe("34.5 月");
  expect(momentText(3, "", "en")).toBe("3");
});

test("ticks are round and lie within the axis", () => {
  expect(ticks(0, 9.3, 5)).toEqual([0, 2, 4, 6, 8]);
  expect(logTicks(0.7, 9)).toEqual([1, 2, 5]);
  expect(logTicks(0.008, 3)).toEqual([0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2]);
  expect(logTicks(1e-3, 1e6)).toEqual([1e-2, 1, 100, 1e4, 1e6]);
  expect(logTicks(15.4, 23)).toEqual([16, 18, 20, 22]);
  expect(logTickTexts([0.01, 1, 1e6], "en")).toEqual(["0.01", "1", "1M"]);
});

test("years of a calendar have no thousands, other quantities do", () => {
  expect(quantityText(1993.5, "year")).toBe("1993.5");
  expect(quantityText(2010, "Years", 6)).toBe("2010");
  expect(quantityText(1993.5, "euro", 6)).toBe("1,993.5");
  expect(quantityText(12_000, "year")).toBe("12,000");
});

test("words say one thing and many things", () => {
  const text = "{count} {count|run|runs} of {name}";
  expect(fill(text, { count: 1, name: "a" })).toBe("1 run of a");
  expect(fill(text, { count: 0, name: "a" })).toBe("0 runs of a");
  expect(fill(text, { count: 1 })).toBe("1 run of {name}");
});
