// What a student has predicted and answered: plain data, where it is kept, and how it leaves the page as a file.
import { type Signal, signal } from "@preact/signals";
import type { Language } from "../description";
import { pick } from "../description";
import { csvCell } from "../files";
import type { LessonInfo } from "./description";
import type { Verdict } from "./verdict";

export interface Attempt {
  readonly answer: string;
  readonly verdict: Verdict;
  readonly at: string;
}

export interface Answers {
  readonly format: 1;
  readonly lesson: string;
  /** A prediction is committed once. Of a curve the values at its points, of a choice the option's place. */
  readonly committed: { readonly value: readonly number[] | number; readonly at: string } | null;
  /** The tasks that are done. */
  readonly done: readonly boolean[];
  readonly exercises: readonly (readonly Attempt[])[];
}

export function noAnswers(lesson: LessonInfo): Answers {
  return {
    format: 1,
    lesson: lesson.name,
    committed: null,
    done: lesson.observe.map(() => false),
    exercises: lesson.exercises.map(() => []),
  };
}

/** Whether a value can be a prediction of this lesson. */
export function fits(lesson: LessonInfo, value: unknown): value is readonly number[] | number {
  const { prediction } = lesson;
  if (prediction.form === "choice")
    return Number.isInteger(value) && Number(value) >= 0 && Number(value) < prediction.options.length;
  return (
    Array.isArray(value) &&
    value.length === prediction.points.length &&
    value.every((v) => Number.isFinite(v))
  );
}

/** Answers as they were kept; null for those of another lesson, or of another form of this one. */
export function restored(text: string | null, lesson: LessonInfo): Answers | null {
  if (!text) return null;
  try {
    const kept = JSON.parse(text) as Answers;
    const same =
      kept.format === 1 &&
      kept.lesson === lesson.name &&
      (kept.committed === null || fits(lesson, kept.committed.value)) &&
      kept.done.length === lesson.observe.length &&
      kept.exercises.length === lesson.exercises.length;
    return same ? kept : null;
  } catch {
    return null;
  }
}

const MOST_KEPT = 20; // attempts at an exercise

/** Where answers are kept: in the browser, or with the widget of a notebook. */
export type AnswerStore = Pick<Storage, "getItem" | "setItem">;

/** Answers as a signal that is kept, where there is a place for them. */
export class Notebook {
  readonly answers: Signal<Answers>;
  /** Whether a reload will find the answers again. */
  readonly lasting: boolean;
  private readonly key: string;

  constructor(
    readonly lesson: LessonInfo,
    private readonly storage: AnswerStore | null,
    round = "",
  ) {
    this.key = keyOf(lesson.name, round);
    let kept: string | null = null;
    let lasting = storage !== null;
    try {
      kept = storage?.getItem(this.key) ?? null;
      storage?.setItem(this.key, kept ?? "");
    } catch {
      lasting = false;
    }
    this.lasting = lasting;
    this.answers = signal(restored(kept, lesson) ?? noAnswers(lesson));
  }

  commit(value: readonly number[] | number, at: Date): void {
    const answers = this.answers.value;
    if (answers.committed || !fits(this.lesson, value)) return;
    this.keep({ ...answers, committed: { value, at: at.toISOString() } });
  }

  tick(place: number, done: boolean): void {
    const answers = this.answers.value;
    this.keep({ ...answers, done: answers.done.map((was, i) => (i === place ? done : was)) });
  }

  answer(place: number, attempt: Attempt): void {
    const answers = this.answers.value;
    const exercises = answers.exercises.map((tried, i) =>
      i === place ? [...tried, attempt].slice(-MOST_KEPT) : tried,
    );
    this.keep({ ...answers, exercises });
  }

  /** Begin again, for the next student at this machine. */
  clear(): void {
    this.keep(noAnswers(this.lesson));
  }

  /** Take up answers that something else than the page has changed; none where the text is empty. */
  take(text: string): void {
    const kept = text ? restored(text, this.lesson) : noAnswers(this.lesson);
    if (kept && JSON.stringify(kept) !== JSON.stringify(this.answers.value)) this.answers.value = kept;
  }

  private keep(answers: Answers): void {
    this.answers.value = answers;
    try {
      this.storage?.setItem(this.key, JSON.stringify(answers));
    } catch {
      // Full or forbidden: the answers stay until the page is closed, as the page has said.
    }
  }
}

export interface Progress {
  readonly predicted: boolean;
  /** How many exercises are right. */
  readonly right: number;
}

/** How far a lesson has come in this browser; null where it keeps nothing of it. */
export function progressOf(storage: Storage | null, name: string): Progress | null {
  try {
    const kept = JSON.parse(storage?.getItem(keyOf(name)) || "null") as Answers | null;
    if (!kept) return null;
    const right = kept.exercises.filter((tried) => tried.some(({ verdict }) => verdict === "right")).length;
    return { predicted: kept.committed !== null, right };
  } catch {
    return null;
  }
}

function keyOf(name: string, round = ""): string {
  return `sdcluster lesson ${name}${round ? ` ${round}` : ""}`;
}

/** The browser's own storage; null where it forbids one. */
export function browserStorage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

/** Answers as a table: a line for each point, choice and attempt. */
export function answersCsv(answers: Answers, lesson: LessonInfo, language: Language): string {
  const rows: (string | number)[][] = [["lesson", "part", "question", "answer", "verdict", "time"]];
  const { committed } = answers;
  const { prediction } = lesson;
  if (committed && prediction.form === "curve" && Array.isArray(committed.value)) {
    prediction.points.forEach((point, i) => {
      const value = (committed.value as readonly number[])[i] ?? "";
      rows.push([lesson.name, "prediction", `${prediction.variable}, ${point}`, value, "", committed.at]);
    });
  } else if (committed && prediction.form === "choice") {
    const chosen = Number(committed.value);
    const verdict = chosen === prediction.right ? "right" : "other";
    const text = pick(prediction.options[chosen], language);
    rows.push([
      lesson.name,
      "prediction",
      pick(prediction.text.at(-1), language),
      text,
      verdict,
      committed.at,
    ]);
  }
  answers.exercises.forEach((attempts, i) => {
    const exercise = lesson.exercises[i];
    for (const { answer, verdict, at } of attempts) {
      const text = exercise?.options ? pick(exercise.options[Number(answer)], language) : answer;
      rows.push([lesson.name, `exercise ${i + 1}`, pick(exercise?.text, language), text, verdict, at]);
    }
  });
  return `\ufeff${rows.map((row) => row.map((cell) => csvCell(String(cell))).join(",")).join("\r\n")}\r\n`;
}
