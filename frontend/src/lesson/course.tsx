// The front page of the course: what it is, how to use it, its lessons and how far this browser has come in each.
import { signal } from "@preact/signals";
import { render } from "preact";
import { useEffect } from "preact/hooks";
import "../laboratory.css";
import "./lesson.css";
import { type Language, pick, type Texts } from "../description";
import { pageSurroundings } from "../surroundings";
import { teller } from "../words/lesson";
import { browserStorage, type Progress, progressOf } from "./answers";
import { keepLanguage, languageOf } from "./language";

interface LessonCard {
  readonly name: string;
  readonly number: number;
  readonly title: Texts;
  readonly question: Texts;
  readonly minutes: number;
  readonly exercises: number;
  readonly file: string;
}

interface CourseInfo {
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

const storage = browserStorage();
const language = signal<Language>("en");

function Course({ course, root }: { course: CourseInfo; root: HTMLElement }) {
  const now = language.value;
  const t = teller(now);
  const say = (texts: Texts) => pick(texts, now);
  const { dark } = surroundings(root);
  const tag = now === "zh" ? "zh-CN" : "en";
  useEffect(() => {
    document.documentElement.lang = tag;
    document.title = say(course.title);
  }, [now]);
  return (
    <div class={`theme ${dark.value ? "dark" : ""}`}>
      <div class="lesson course">
        <main>
          <header class="question">
            <button
              type="button"
              lang={now === "en" ? "zh-CN" : "en"}
              onClick={() => {
                language.value = now === "en" ? "zh" : "en";
                keepLanguage(storage, language.value);
              }}
            >
              {t("other_language")}
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
                    <Card key={lesson.name} lesson={lesson} progress={progressOf(storage, lesson.name)} />
                  ))}
                </ul>
              )}
            </section>
          ))}
        </main>
      </div>
    </div>
  );
}

let around: ReturnType<typeof pageSurroundings> | undefined;

function surroundings(root: HTMLElement) {
  around ??= pageSurroundings(root);
  return around;
}

function Card({ lesson, progress }: { lesson: LessonCard; progress: Progress | null }) {
  const t = teller(language.value);
  const say = (texts: Texts) => pick(texts, language.value);
  return (
    <li>
      <a href={`${lesson.file}?lang=${language.value}`}>
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

const root = document.getElementById("course");
if (root) {
  const course = JSON.parse(document.getElementById("course_data")?.textContent ?? "") as CourseInfo;
  language.value = languageOf(location.search, storage, course.language);
  render(<Course course={course} root={root} />, root);
  root.dataset.ready = "";
}
