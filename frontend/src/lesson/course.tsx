// The front page of the course: what it is, how to use it, its lessons and how far this browser has come in each.
import type { ReadonlySignal, Signal } from "@preact/signals";
import { type Language, pick, type Texts } from "../description";
import { grammarOf, languageTag, nextLanguage } from "../words/languages";
import { teller } from "../words/lesson";
import { type Progress, progressOf } from "./answers";

interface LessonCard {
  readonly name: string;
  readonly number: number;
  readonly title: Texts;
  readonly question: Texts;
  readonly minutes: number;
  readonly exercises: number;
  readonly file: string;
}

export interface CourseInfo {
  readonly language: Language;
  readonly title: Texts;
  readonly question: Texts;
  readonly parts: readonly {
    readonly title: Texts;
    readonly text: readonly Texts[];
    readonly items: readonly Texts[];
    readonly lessons: boolean;
  }[];
  readonly lessons: readonly LessonCard[];
}

/** Opens the file of a lesson; false where the link must do so. */
type Open = (file: string) => boolean;

interface CourseProps {
  readonly course: CourseInfo;
  readonly dark: ReadonlySignal<boolean>;
  readonly language: Signal<Language>;
  readonly storage: Storage | null;
  /** In a notebook, what opens the notebook of a lesson. */
  readonly open?: Open;
}

export function Course({ course, dark, language, storage, open }: CourseProps) {
  const now = language.value;
  const say = (texts: Texts) => pick(texts, now);
  const [Whole, Main] = open ? (["section", "div"] as const) : (["div", "main"] as const);
  return (
    <Whole
      class={`theme lesson-frame${dark.value ? " dark" : ""}${open ? " in-notebook" : ""}`}
      lang={languageTag(now)}
    >
      <div class="lesson course">
        <Main class="column">
          <header class="question">
            <button
              type="button"
              lang={languageTag(nextLanguage(now))}
              onClick={() => {
                language.value = nextLanguage(now);
              }}
            >
              {grammarOf(nextLanguage(now)).name}
            </button>
            <h1>{say(course.title)}</h1>
            <p class="asks">{say(course.question)}</p>
          </header>
          {course.parts.map((part) => (
            <section class="part" key={part.title.en} aria-label={say(part.title)}>
              <h2>{say(part.title)}</h2>
              {part.text.map((text) => (
                <p key={text.en}>{say(text)}</p>
              ))}
              {part.items.length > 0 && (
                <ol>
                  {part.items.map((item) => (
                    <li key={item.en}>{say(item)}</li>
                  ))}
                </ol>
              )}
              {part.lessons && (
                <ul class="lessons">
                  {course.lessons.map((lesson) => (
                    <Card
                      key={lesson.name}
                      lesson={lesson}
                      language={now}
                      progress={progressOf(storage, lesson.name)}
                      open={open}
                    />
                  ))}
                </ul>
              )}
            </section>
          ))}
        </Main>
      </div>
    </Whole>
  );
}

function Card({
  lesson,
  language,
  progress,
  open,
}: {
  lesson: LessonCard;
  language: Language;
  progress: Progress | null;
  open: Open | undefined;
}) {
  const t = teller(language);
  const say = (texts: Texts) => pick(texts, language);
  return (
    <li>
      <a
        href={open ? lesson.file : `${lesson.file}?lang=${language}`}
        onClick={(event) => {
          if (open?.(lesson.file)) event.preventDefault();
        }}
      >
        <span class="lesson-number">{t("lesson", { number: lesson.number })}</span>
        <b>{say(lesson.title)}</b>
      </a>
      <p>{say(lesson.question)}</p>
      <p class="hint">
        {t("minutes", { minutes: lesson.minutes })}
        {progress?.predicted && ` · ✓ ${t("state_predicted")}`}
        {progress?.predicted &&
          ` · ${t("state_exercises", { right: progress.right, all: lesson.exercises })}`}
      </p>
    </li>
  );
}
