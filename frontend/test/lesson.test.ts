import { describe, expect, it } from "vitest";
import { answersCsv, fits, Notebook, noAnswers, restored } from "../src/lesson/answers";
import type { LessonInfo } from "../src/lesson/description";
import { lineOf } from "../src/lesson/place";
import { Countdown, clockText } from "../src/lesson/timer";
import { at, distance, judged, numberOf, quantile, shapeOf, slopes } from "../src/lesson/verdict";
import { kernel } from "./description";

const text = (en: string) => ({ en, zh: `中${en}` });

const LESSON: LessonInfo = {
  format: 1,
  name: "doors",
  number: 1,
  title: text("Doors"),
  question: text("Why?"),
  buttons: [],
  prediction: {
    form: "curve",
    text: [text("Draw.")],
    variable: "firms",
    label: text("firms"),
    unit: {},
    time: [0, 4],
    range: [0, 10],
    given: [],
    run: [],
    points: [1, 2, 4],
    start: 5,
  },
  observe: [text("Look.")],
  explain: [],
  loops: [],
  areas: [],
  exercises: [
    { text: text("How many?"), unit: {}, right: 20, within: 1 },
    { text: text("Which?"), options: [text("=a"), text("b, c")], right: 1 },
  ],
  teacher: { text: [], find: [], steps: [] },
};

class Memory implements Pick<Storage, "getItem" | "setItem"> {
  readonly kept = new Map<string, string>();
  getItem = (key: string) => this.kept.get(key) ?? null;
  setItem = (key: string, value: string) => void this.kept.set(key, value);
}

const NOON = new Date("2026-03-01T12:00:00Z");

describe("a prediction", () => {
  it("is committed once and found again after a reload", () => {
    const storage = new Memory() as unknown as Storage;
    const notebook = new Notebook(LESSON, storage);
    notebook.commit([1, 2, 3], NOON);
    notebook.commit([9, 9, 9], NOON);
    expect(new Notebook(LESSON, storage).answers.value.committed?.value).toEqual([1, 2, 3]);
  });

  it("is not shared by two classes", () => {
    const storage = new Memory() as unknown as Storage;
    new Notebook(LESSON, storage, "first").commit([1, 2, 3], NOON);
    expect(new Notebook(LESSON, storage, "second").answers.value.committed).toBeNull();
  });

  it("of another lesson or another form is not restored", () => {
    const kept = { ...noAnswers(LESSON), committed: { value: [1, 2], at: "" } };
    expect(restored(JSON.stringify(kept), LESSON)).toBeNull();
    expect(restored(JSON.stringify({ ...noAnswers(LESSON), lesson: "walls" }), LESSON)).toBeNull();
    expect(restored("{", LESSON)).toBeNull();
    expect(fits(LESSON, [1, 2, Number.NaN])).toBe(false);
  });

  it("lives without a storage, and says that nothing is kept", () => {
    const refusing = {
      getItem: () => null,
      setItem: () => {
        throw new Error("full");
      },
    } as unknown as Storage;
    for (const storage of [null, refusing]) {
      const notebook = new Notebook(LESSON, storage);
      notebook.commit([1, 2, 3], NOON);
      expect(notebook.lasting).toBe(false);
      expect(notebook.answers.value.committed?.value).toEqual([1, 2, 3]);
    }
  });

  it("is as far from the run as its points are on average", () => {
    const run = { time: [0, 4], values: [0, 8] };
    expect(at(run, 1)).toBe(2);
    expect(distance([1, 2, 4], [2, 4, 8], run, 10)).toBe(0);
    expect(distance([1, 2, 4], [3, 4, 6], run, 10)).toBeCloseTo(0.1);
  });

  it("meets a curve that the page runs, up to where the lesson shows it", () => {
    const info = { label: text("now"), look: "run" as const, variable: "firms", setup: undefined };
    const whole = lineOf({ ...info, until: null }, kernel());
    const part = lineOf({ ...info, until: 2 }, kernel());
    expect(whole?.time.length).toBe(5);
    expect(part && Array.from(part.time)).toEqual([0, 1, 2]);
    expect(lineOf({ ...info, variable: "unknown", until: null }, kernel())).toBeNull();
  });
});

describe("a curve", () => {
  it("is described by its beginning, its highest point and its end", () => {
    const shape = shapeOf({ time: [1, 2, 3], values: [1, 5, 2] });
    expect([shape.first, shape.top_year, shape.top, shape.last]).toEqual([1, 2, 5, 2]);
  });

  it("that rises to a plateau does not swing beyond it", () => {
    expect(slopes([0, 1, 2, 3], [0, 1, 1, 0])).toEqual([1, 0, 0, -1]);
  });

  it("of a class has a median", () => {
    expect(quantile([1, 2, 3, 10], 0.5)).toBe(2.5);
    expect(quantile([7], 0.25)).toBe(7);
  });
});

describe("an answer", () => {
  const [number, choice] = LESSON.exercises;

  it.each([
    ["19", "right"],
    ["２１ %", "right"],
    ["18,9", "low"],
    ["22", "high"],
    ["much", "none"],
    ["", "none"],
  ])("%s is %s", (given, verdict) => {
    expect(number && judged(number, given)).toBe(verdict);
  });

  it("of a choice is right or another", () => {
    expect(choice && [judged(choice, "1"), judged(choice, "0"), judged(choice, "")]).toEqual([
      "right",
      "other",
      "none",
    ]);
    expect(numberOf("0,5")).toBe(0.5);
  });

  it("leaves the page as a table in which no cell is a formula", () => {
    const notebook = new Notebook(LESSON, null);
    notebook.commit([1, 2, 3], NOON);
    notebook.answer(1, { answer: "0", verdict: "other", at: NOON.toISOString() });
    const lines = answersCsv(notebook.answers.value, LESSON, "en").split("\r\n");
    expect(lines[1]).toBe('doors,prediction,"firms, 1",1,,2026-03-01T12:00:00.000Z');
    expect(lines[4]).toBe("doors,exercise 2,Which?,'=a,other,2026-03-01T12:00:00.000Z");
  });
});

describe("a countdown", () => {
  it("goes by the clock and ends at zero", () => {
    let now = 0;
    const countdown = new Countdown(() => now);
    countdown.minutes.value = 2;
    countdown.start();
    expect(countdown.left.value).toBe(120);
    now = 61_500;
    countdown.tick();
    expect(clockText(countdown.left.value ?? 0)).toBe("0:59");
    now = 500_000;
    countdown.tick();
    expect(countdown.left.value).toBe(0);
    countdown.stop();
    expect(countdown.running.value).toBe(false);
  });
});
