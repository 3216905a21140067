// What the views of a lesson share: its texts, the session of its laboratory, answers, and what is open already.
import { computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { type Language, pick, type Texts } from "../description";
import type { Kernel } from "../kernel";
import type { Session } from "../session";
import { type Tell, teller } from "../words/lesson";
import type { Notebook } from "./answers";
import type { CurveInfo, LessonInfo } from "./description";
import type { ShownLine } from "./plot";
import type { Room } from "./room";

export interface LessonPlace {
  readonly lesson: LessonInfo;
  readonly session: Session;
  readonly notebook: Notebook;
  readonly room: Room | null;
  /** In a notebook, the element of its output; null on a page of its own. */
  readonly host: HTMLElement | null;
  /** A prediction before it is committed: values at the points, or the place of an option. */
  readonly draft: Signal<readonly number[] | number | null>;
  /** Whether a person has drawn or chosen something. */
  readonly touched: Signal<boolean>;
  /** Whether the run and all that follows may be seen. */
  readonly opened: ReadonlySignal<boolean>;
  /** Whether the end of the explanation has been on the screen. */
  readonly explained: Signal<boolean>;
  readonly presenting: Signal<boolean>;
  /** The key of the card that is presented. */
  readonly card: Signal<string>;
  readonly given: readonly ShownLine[];
  /** The runs that a prediction meets; made when they are first looked at. */
  readonly runs: () => readonly ShownLine[];
}

export function placeOf(
  lesson: LessonInfo,
  session: Session,
  kernel: Kernel,
  notebook: Notebook,
  room: Room | null,
): LessonPlace {
  const { prediction } = lesson;
  const lines = (infos: readonly CurveInfo[]) => infos.flatMap((info) => lineOf(info, kernel) ?? []);
  let runs: readonly ShownLine[] | undefined;
  const draft = signal(notebook.answers.value.committed?.value ?? firstDraft(lesson));
  const touched = signal(false);
  let before = notebook.answers.value.committed;
  effect(() => {
    const { committed } = notebook.answers.value;
    if (committed) draft.value = committed.value;
    else if (before) {
      draft.value = firstDraft(lesson);
      touched.value = false;
    }
    before = committed;
  });
  return {
    lesson,
    session,
    notebook,
    room,
    host: null,
    draft,
    touched,
    opened: computed(
      () => notebook.answers.value.committed !== null && (!room || room.revealed.value || room.alone.value),
    ),
    explained: signal(false),
    presenting: signal(false),
    card: signal("question"),
    given: lines(prediction.given),
    runs: () => {
      runs ??= lines(prediction.run);
      return runs;
    },
  };
}

export function firstDraft({ prediction }: LessonInfo): readonly number[] | null {
  return prediction.form === "curve" ? prediction.points.map(() => prediction.start) : null;
}

/** A curve of a lesson, run by the kernel of the page; null where the run fails. */
export function lineOf(info: CurveInfo, kernel: Kernel): ShownLine | null {
  const { label, look, until } = info;
  if (info.time && info.values) return { label, look, time: info.time, values: info.values };
  const outcome = kernel.run(info.setup?.settings ?? {}, info.setup?.plan);
  const values = outcome.ok ? outcome.curves.values[info.variable] : undefined;
  if (!outcome.ok || !values) return null;
  const { time } = outcome.curves;
  const end = until === null ? time.length : time.filter((moment) => moment <= until).length;
  return { label, look, time: time.subarray(0, end), values: values.subarray(0, end) };
}

const Place = createContext<LessonPlace | null>(null);

export const LessonProvider = Place.Provider;

export function useLesson(): LessonPlace & { t: Tell; say: (texts: Texts) => string; language: Language } {
  const place = useContext(Place);
  if (!place) throw new Error("a view stands outside of the lesson");
  const language = place.session.language.value;
  return { ...place, t: teller(language), say: (texts) => pick(texts, language), language };
}
