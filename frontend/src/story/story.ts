// What happens in a run, in words: rules that compare measured numbers, and the sentences that follow from them.
// Python tells the same (sdcluster/view/story.py); tests/publish/test_story.py compares them.
import { type Language, pick, type Texts } from "../description";
import { valueText } from "../format";
import { grammarOf } from "../words/languages";
import { largestSize, MEASURES, peakTimes, valueAt } from "./measures";

export interface SubjectInfo {
  readonly variable: string;
  readonly name: Texts;
}

export interface MeasureInfo {
  readonly subjects: readonly SubjectInfo[];
  readonly what: string;
  readonly single: boolean;
  readonly level: number | null;
  readonly share: number | null;
  readonly start: number | string | null;
  readonly stop: number | string | null;
  readonly last: number | null;
  readonly baseline: boolean;
  readonly relativeTo: string;
  readonly before: string;
  readonly each: boolean;
  readonly choose: "all" | "highest" | "lowest";
  readonly item: Texts;
  readonly shown: "number" | "time" | "moment" | "duration" | "percent" | "count";
  readonly digits: number | null;
}

export interface RuleInfo {
  readonly conditions: readonly {
    readonly measure: string;
    readonly bounds: Readonly<Partial<Record<Bound, number | string>>>;
  }[];
  readonly text: Texts;
  readonly mode: string;
  readonly label: Texts;
}

type Bound = "min" | "max" | "above" | "below";

export interface StoryInfo {
  readonly measures: Readonly<Record<string, MeasureInfo>>;
  readonly passages: readonly { readonly about: readonly string[]; readonly rules: readonly RuleInfo[] }[];
  readonly timeWords: Texts;
  readonly unit: Texts;
}

export interface Run {
  readonly time: Float64Array;
  readonly values: Readonly<Record<string, Float64Array>>;
}

export interface Sentence {
  readonly mode: string;
  readonly label: string;
  readonly text: string;
  readonly about: readonly string[];
}

interface Measured {
  readonly number: number;
  readonly times: readonly number[];
  readonly chosen: readonly (readonly [SubjectInfo, number])[];
  readonly missing: readonly SubjectInfo[];
}

const LISTS = ["times of peaks", "times of troughs"];
const NOTHING = 5e-4; // a value below this share of its variable's greatest size counts as 0
const WHOLE = 15; // runs of so many units of time have their times told in whole units
const SLACK = 1e-9;
const HOLDS: Readonly<Record<Bound, (number: number, bound: number) => boolean>> = {
  min: (number, bound) => number >= bound,
  max: (number, bound) => number <= bound,
  above: (number, bound) => number > bound,
  below: (number, bound) => number < bound,
};

/** Say what happens; passages about a variable that the run lacks are left out. */
export function tell(
  story: StoryInfo,
  run: Run,
  language: Language,
  { baseline = null, change = null }: { baseline?: Run | null; change?: number | null } = {},
): Sentence[] {
  const measuring = new Measuring(story, run, baseline, change);
  return story.passages.flatMap((passage) => measuring.say(passage, language));
}

/** The story of any variable: the standard one, with its name in place of "*". */
export function storyAbout(standard: StoryInfo, variable: string, label: (l: Language) => string): StoryInfo {
  const named = (texts: Texts): Texts =>
    Object.fromEntries(
      Object.entries(texts).map(([language, text]) => {
        const plain = label(language as Language)
          .replace(/\{/g, "(")
          .replace(/\}/g, ")");
        if (!text.includes("{variable}")) return [language, text];
        const whole = text.replaceAll("{variable}", () => plain);
        // English sentences begin with a capital; in Chinese a name stays as the model writes it.
        return [language, language === "en" ? whole.charAt(0).toUpperCase() + whole.slice(1) : whole];
      }),
    );
  return {
    ...standard,
    measures: Object.fromEntries(
      Object.entries(standard.measures).map(([name, measure]) => [
        name,
        { ...measure, subjects: [{ variable, name: {} }] },
      ]),
    ),
    passages: standard.passages.map(({ rules }) => ({
      about: [variable],
      rules: rules.map((rule) => ({ ...rule, text: named(rule.text) })),
    })),
  };
}

class Measuring {
  private readonly moments: Readonly<Record<string, number>>;
  private readonly known = new Map<string, Measured>();
  private readonly start: number;
  private readonly end: number;

  constructor(
    private readonly story: StoryInfo,
    private readonly run: Run,
    private readonly baseline: Run | null,
    change: number | null,
  ) {
    const start = run.time[0] ?? 0;
    const end = run.time.at(-1) ?? 0;
    this.start = start;
    this.end = end;
    this.moments = {
      switch: change !== null && start < change && change < end ? change : Number.NaN,
      start,
      middle: (start + end) / 2,
      "last quarter": start + 0.75 * (end - start),
      end,
    };
  }

  say({ about, rules }: StoryInfo["passages"][number], language: Language): Sentence[] {
    if (!about.every((name) => Object.hasOwn(this.run.values, name))) return [];
    const rule = rules.find((one) => this.holds(one));
    if (!rule) return [];
    const text = pick(rule.text, language).replace(/\{([^{}]*)\}/g, (_, name: string) =>
      this.shown(name, language),
    );
    return [{ mode: rule.mode, label: pick(rule.label, language), text, about }];
  }

  private holds({ conditions, text }: RuleInfo): boolean {
    const met = conditions.every(({ measure, bounds }) => {
      const { number } = this.measure(measure);
      return (
        !Number.isNaN(number) &&
        Object.entries(bounds).every(([key, bound]) => HOLDS[key as Bound](number, this.bound(bound)))
      );
    });
    const names = Object.values(text).flatMap((words) =>
      [...words.matchAll(/\{([^{}]*)\}/g)].map(([, name]) => name ?? ""),
    );
    return met && names.every((name) => this.has(name));
  }

  private has(shown: string): boolean {
    const [name = "", part] = shown.split(".");
    const found = this.measure(name);
    if (part === "missing") return found.missing.length > 0;
    return found.times.length > 0 || found.chosen.length > 0 || !Number.isNaN(found.number);
  }

  private bound(value: number | string): number {
    return typeof value === "string" ? this.measure(value).number : value;
  }

  private measureOf(name: string): MeasureInfo | undefined {
    const { measures } = this.story;
    return Object.hasOwn(measures, name) ? measures[name] : undefined;
  }

  private measure(name: string): Measured {
    if (Object.hasOwn(this.moments, name)) return measured(this.moments[name] as number);
    const known = this.known.get(name);
    if (known) return known;
    const measure = this.measureOf(name);
    const found = measure ? this.take(measure) : measured(Number.NaN);
    this.known.set(name, found);
    return found;
  }

  private take(measure: MeasureInfo): Measured {
    if (measure.each) return this.choose(measure);
    const [subject] = measure.subjects;
    const found = subject ? this.values(measure, subject) : [];
    if (LISTS.includes(measure.what)) return { ...measured(found.length), times: found };
    let number = found[0] ?? Number.NaN;
    if (measure.relativeTo) {
      const other = this.bound(measure.relativeTo);
      number = other ? (number - other) / Math.abs(other) : Number.NaN;
    }
    if (measure.before) number = this.bound(measure.before) - number;
    return measured(number);
  }

  private choose(measure: MeasureInfo): Measured {
    const all = measure.subjects.map((one) => [one, this.values(measure, one)[0] ?? Number.NaN] as const);
    const known = all.filter(([, number]) => !Number.isNaN(number)).sort((a, b) => a[1] - b[1]);
    const missing = all.filter(([, number]) => Number.isNaN(number)).map(([subject]) => subject);
    if (measure.choose === "all") return { number: known.length, times: [], chosen: known, missing };
    const kept = measure.choose === "highest" ? known.slice(-1) : known.slice(0, 1);
    return { number: kept[0]?.[1] ?? Number.NaN, times: [], chosen: kept, missing };
  }

  /** The number or the times that are measured on one variable; nothing where it has none. */
  private values(measure: MeasureInfo, { variable }: SubjectInfo): number[] {
    const run = measure.baseline ? this.baseline : this.run;
    const values = run && Object.hasOwn(run.values, variable) ? run.values[variable] : undefined;
    const { time } = this.run;
    if (values?.length !== time.length || !values.every(Number.isFinite)) return [];
    const slack = SLACK * Math.max(1, Math.abs(this.end));
    if (measure.what === "value") {
      const moment = this.bound(measure.start ?? 0);
      const inside = moment >= this.start - slack && moment <= this.end + slack;
      return inside ? [valueAt(time, values, moment)] : [];
    }
    let start = measure.start === null ? this.start : this.bound(measure.start);
    const stop = measure.stop === null ? this.end : this.bound(measure.stop);
    if (measure.last !== null) start = stop - Math.min(measure.last, (stop - this.start) / 2);
    if (!(this.start - slack <= start && start <= stop && stop <= this.end + slack)) return [];
    const part = between(time, values, Math.max(start, this.start), Math.min(stop, this.end));
    const found = shapeOf(measure, part);
    return found.some(Number.isNaN) ? [] : found;
  }

  private shown(placeholder: string, language: Language): string {
    const [name = "", part] = placeholder.split(".");
    const found = this.measure(name);
    if (Object.hasOwn(this.moments, name)) return this.timeText(found.number);
    const measure = this.measureOf(name);
    if (!measure) return "";
    if (part === "count") return String((found.times.length ? found.times : found.chosen).length);
    if (part === "missing")
      return grammarOf(language).joined(found.missing.map((one) => pick(one.name, language)));
    const kept = <T>(items: readonly T[]) =>
      part === "first" ? items.slice(0, 1) : part === "last" ? items.slice(-1) : items;
    if (measure.each) {
      const template = pick(measure.item, language);
      const items = found.chosen.map(([subject, value]) =>
        template
          .replaceAll("{name}", () => pick(subject.name, language))
          .replaceAll("{value}", () => this.numberText(value, measure, language)),
      );
      return grammarOf(language).joined(kept(items));
    }
    if (LISTS.includes(measure.what)) {
      const text = grammarOf(language).joined(kept(found.times).map((time) => this.timeText(time)));
      return measure.shown === "moment" ? this.moment(text, language) : text;
    }
    let value = found.number;
    if (measure.shown === "number" && measure.single) {
      const curve = this.run.values[measure.subjects[0]?.variable ?? ""];
      value = Math.abs(value) < NOTHING * largestSize(curve ?? [0]) ? 0 : value;
    }
    return this.numberText(value, measure, language);
  }

  private numberText(value: number, measure: MeasureInfo, language: Language): string {
    const { digits } = measure;
    switch (measure.shown) {
      case "time":
        return this.timeText(value);
      case "moment":
        return this.moment(this.timeText(value), language);
      case "duration": {
        const unit = pick(this.story.unit, language);
        return `${numberText(value, digits)}${unit && grammarOf(language).beforeUnit}${unit}`;
      }
      case "percent":
        return Math.abs(100 * value).toFixed(digits ?? 0);
      case "count":
        return value.toFixed(0);
      default:
        return numberText(value, digits);
    }
  }

  private moment(text: string, language: Language): string {
    return pick(this.story.timeWords, language).replace("{time}", () => text);
  }

  /** A time as people say it: whole where the run is long, halves go up. */
  private timeText(value: number): string {
    if (this.end - this.start >= WHOLE) return String(Math.floor(value + 0.5));
    return String(Number(value.toPrecision(Math.abs(value) < 1000 ? 3 : 5)));
  }
}

function measured(number: number): Measured {
  return { number, times: [], chosen: [], missing: [] };
}

function between(time: Float64Array, values: Float64Array, start: number, stop: number) {
  const moments = [start];
  if (stop > start) {
    for (const moment of time) if (moment > start && moment < stop) moments.push(moment);
    moments.push(stop);
  }
  return { time: moments, values: moments.map((moment) => valueAt(time, values, moment)) };
}

function shapeOf(measure: MeasureInfo, part: { time: number[]; values: number[] }): number[] {
  const { what, level, single } = measure;
  const spread = Math.max(...bounds(part.values)) - Math.min(...bounds(part.values));
  const threshold = level ?? (measure.share ?? 0) * spread;
  if (what === "times of peaks") return peakTimes(part, threshold);
  if (what === "times of troughs")
    return peakTimes({ time: part.time, values: part.values.map((value) => -value) }, threshold);
  if (part.values.length === 1 && !single) return [Number.NaN];
  return [MEASURES[what]?.(part, threshold) ?? Number.NaN];
}

function bounds(values: readonly number[]): [number, number] {
  let low = values[0] ?? Number.NaN;
  let high = low;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** A number for people: `digits` decimals, or three significant digits as charts and sliders write them. */
function numberText(value: number, digits: number | null): string {
  return digits === null ? valueText(value, 3) : value.toFixed(digits);
}
