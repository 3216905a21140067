// What a page is given of a lesson; `sdcluster/publish/lesson_data.py` makes it.
import type { ScenarioInfo, Texts } from "../description";

export type Look = "given" | "run" | "other" | "third";

/** A curve: the run that gives it, or its values where no page can run its scenario. */
export interface CurveInfo {
  readonly label: Texts;
  readonly look: Look;
  readonly variable: string;
  readonly until: number | null;
  readonly setup?: Pick<ScenarioInfo, "settings" | "plan">;
  readonly time?: readonly number[];
  readonly values?: readonly number[];
}

interface PredictionBase {
  readonly text: readonly Texts[];
  readonly variable: string;
  readonly label: Texts;
  readonly unit: Texts;
  readonly time: readonly [number, number];
  readonly range: readonly [number, number];
  readonly given: readonly CurveInfo[];
  readonly run: readonly CurveInfo[];
}

export interface DrawnPrediction extends PredictionBase {
  readonly form: "curve";
  readonly points: readonly number[];
  readonly start: number;
}

export interface ChosenPrediction extends PredictionBase {
  readonly form: "choice";
  readonly options: readonly Texts[];
  readonly right: number;
}

export type PredictionInfo = DrawnPrediction | ChosenPrediction;

export interface ExerciseInfo {
  readonly text: Texts;
  /** For a choice; the right answer is then a place in it. */
  readonly options?: readonly Texts[];
  readonly right: number;
  readonly unit?: Texts;
  readonly within?: number;
}

export interface LoopInfo {
  readonly name: Texts;
  readonly kind: "reinforcing" | "balancing";
  readonly text: Texts;
  readonly svg: Texts;
}

export interface LessonInfo {
  readonly format: 1;
  readonly name: string;
  readonly number: number;
  readonly title: Texts;
  readonly question: Texts;
  /** Scenarios that the texts call buttons. */
  readonly buttons: readonly string[];
  readonly prediction: PredictionInfo;
  readonly observe: readonly Texts[];
  readonly explain: readonly Texts[];
  readonly loops: readonly LoopInfo[];
  readonly areas: readonly { readonly text: Texts; readonly svg: Texts }[];
  readonly exercises: readonly ExerciseInfo[];
  readonly teacher: {
    readonly text: readonly Texts[];
    readonly find: readonly Texts[];
    readonly steps: readonly { readonly minutes: number; readonly text: Texts }[];
  };
}

/** What a class that opens a lesson together is given besides. */
export interface RoomInfo {
  readonly role: "student" | "teacher";
  /** Changes with each new class: what a browser keeps belongs to one of them. */
  readonly round: string;
  readonly address?: string;
  readonly code?: string;
  readonly most?: number;
}
