// Numbers as people read them. No page, no state.
import type { Language } from "./description";
import { grammarOf } from "./words/languages";

const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const compact = new Map<string, Intl.NumberFormat>();

/** A value with `digits` significant digits: 0.015, 12.35, 1,000,000, 2.5×10⁹; a dash for a missing value. */
export function valueText(value: number | null | undefined, digits = 4): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e9 || size < 1e-4) return powerOfTen(value, digits);
  const whole = Math.floor(Math.log10(size)) + 1;
  const decimals = Math.max(0, Math.min(8, digits - Math.max(whole, size < 1 ? whole : 1)));
  return signed(grouped(trimmed(size.toFixed(decimals))), value);
}

/** A value in a unit: 1993.5 where the unit is a year, for no calendar has thousands. */
export function quantityText(value: number, unit: string, digits = 4): string {
  const size = Math.abs(value);
  const year = /^years?$/i.test(unit.trim()) && size >= 1000 && size < 10_000;
  return year ? signed(trimmed(size.toFixed(2)), value) : valueText(value, digits);
}

function powerOfTen(value: number, digits: number): string {
  const [mantissa = "", power = "0"] = Math.abs(value)
    .toExponential(digits - 1)
    .split("e");
  const raised = [...String(Math.abs(Number(power)))].map((digit) => RAISED[Number(digit)]).join("");
  return signed(`${trimmed(mantissa)}×10${Number(power) < 0 ? "⁻" : ""}${raised}`, value);
}

function signed(text: string, value: number): string {
  return value < 0 && /[1-9]/.test(text) ? `−${text}` : text;
}

function trimmed(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function grouped(text: string): string {
  const [whole = "", decimals] = text.split(".");
  const parts = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return decimals ? `${parts}.${decimals}` : parts;
}

/** A number in a field: every digit of it, and readable again by `parsed`. */
export function exactText(value: number): string {
  return String(value);
}

/** The number that a person typed, or null: commas may group thousands, a comma alone is a decimal comma. */
export function parsed(text: string): number | null {
  let plain = text
    .trim()
    .replace(/−/g, "-")
    .replace(/[  _']/g, "");
  if (/^[+-]?\d{1,3}(,\d{3})+(\.\d*)?(e[+-]?\d+)?$/i.test(plain)) plain = plain.replaceAll(",", "");
  else plain = plain.replace(/^([+-]?\d*),(\d*)$/, "$1.$2");
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain)) return null;
  const value = Number(plain);
  return Number.isFinite(value) ? value : null;
}

/** A moment: "year 34.5", "34.5 年", or the number alone where the model has no unit of time. */
export function momentText(time: number, unit: string, language: Language): string {
  const number = yearText(valueText(time, 6));
  const word = unitOfTime(unit, language);
  if (!word) return number;
  return grammarOf(language).moment(number, word);
}

/** A moment within a sentence: "year 34", "第 34 年"; a year of the calendar has no "第". */
export function spokenMoment(time: number, unit: string, language: Language): string {
  const text = momentText(time, unit, language);
  return unitOfTime(unit, language) ? grammarOf(language).spoken(text, time) : text;
}

/** A unit of time in the singular, in the language's own word where it has one. */
export function unitOfTime(unit: string, language: Language): string {
  const word = unit.trim().toLowerCase().replace(/s$/, "");
  return word ? (grammarOf(language).timeUnit(word) ?? unit) : word;
}

/** A time with up to four digits before the point has no thousands, as a year of the calendar. */
function yearText(text: string): string {
  return /^−?\d,\d{3}(\.|$)/.test(text) ? text.replace(",", "") : text;
}

/** Texts for the ticks of a time axis. */
export function timeTexts(ticks: readonly number[], language: Language): string[] {
  const texts = tickTexts(ticks, language);
  return ticks.every((tick) => Math.abs(tick) < 10_000) ? texts.map(yearText) : texts;
}

/** Texts for the ticks of an axis, alike in form: 0.01, 0.02 or 1M, 2M. */
export function tickTexts(ticks: readonly number[], language: Language): string[] {
  const size = Math.max(...ticks.map(Math.abs), 0);
  if (size >= 1e15 || (size > 0 && size < 1e-4)) return ticks.map((tick) => valueText(tick, 3));
  if (size >= 1e5) {
    let format = compact.get(language);
    if (!format) {
      format = new Intl.NumberFormat(grammarOf(language).tag, {
        notation: "compact",
        maximumFractionDigits: 2,
      });
      compact.set(language, format);
    }
    return ticks.map((tick) => (format as Intl.NumberFormat).format(tick).replace("-", "−"));
  }
  const fits = (decimals: number) =>
    ticks.every((tick) => Math.abs(Number(tick.toFixed(decimals)) - tick) <= 1e-9 * size);
  const decimals = [0, 1, 2, 3, 4, 5, 6, 7].find(fits) ?? 8;
  return ticks.map((tick) => signed(grouped(Math.abs(tick).toFixed(decimals)), tick));
}
