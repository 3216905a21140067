// The page of a lesson: bar, question, and the parts, which open with the prediction.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { pick } from "../description";
import { download, fileName } from "../files";
import { treeOf } from "../surroundings";
import { Menu, useWorkplace } from "../views/common";
import { grammarOf, languageTag, nextLanguage } from "../words/languages";
import { answersCsv } from "./answers";
import { Ask } from "./ask";
import { Exercises, Explain, Observe, TeacherNote } from "./parts";
import { firstDraft, useLesson } from "./place";
import { Prediction } from "./prediction";
import { Presentation } from "./presentation";

const PARTS = ["predict", "observe", "explain", "practise"] as const;
type Part = (typeof PARTS)[number];

export function Lesson() {
  const { lesson, presenting, host, language, say } = useLesson();
  const { dark } = useWorkplace();
  useEffect(() => {
    if (host) return;
    document.documentElement.lang = languageTag(language);
    document.title = pick(lesson.title, language);
  }, [language]);
  const Whole = host ? "section" : "div";
  return (
    <Whole
      class={`theme lesson-frame${dark.value ? " dark" : ""}${host ? " in-notebook" : ""}`}
      lang={languageTag(language)}
      aria-label={host ? say(lesson.title) : undefined}
    >
      {presenting.value ? <Presentation /> : <Page />}
    </Whole>
  );
}

function Page() {
  const { lesson, notebook, room, host, opened, t, say } = useLesson();
  const Main = host ? "div" : "main";
  const open = opened.value;
  const { exercises } = notebook.answers.value;
  const right = exercises.filter((attempts) => attempts.some(({ verdict }) => verdict === "right")).length;
  return (
    <div class="lesson">
      <Bar />
      <Main class="column">
        <header class="question">
          <p class="lesson-number">{t("lesson", { number: lesson.number })}</p>
          <h1>{say(lesson.title)}</h1>
          <p class="asks">{say(lesson.question)}</p>
          {!notebook.lasting && <p class="hint">{t("not_kept")}</p>}
          {room && <Line />}
        </header>
        <PartCard part="predict">
          <Prediction />
        </PartCard>
        <PartCard part="observe">{open ? <Observe /> : <Wait />}</PartCard>
        <PartCard part="explain">{open ? <Explain /> : <Wait />}</PartCard>
        <PartCard part="practise">{open ? <Exercises /> : <Wait />}</PartCard>
        {open && right === exercises.length && (
          <p class="finished">{t(host ? "finished_notebook" : "finished")}</p>
        )}
        {!room && <TeacherNote />}
      </Main>
    </div>
  );
}

/** Go to a part; the address of a notebook is not the lesson's to change. */
function turnTo(part: Part, event: MouseEvent): void {
  event.preventDefault();
  const link = event.currentTarget as HTMLElement;
  treeOf(link).getElementById(part)?.scrollIntoView();
}

function Wait() {
  const { notebook, t } = useLesson();
  return <p class="wait">{t(notebook.answers.value.committed ? "wait_for_class" : "wait")}</p>;
}

function PartCard({ part, children }: { part: Part; children: ComponentChildren }) {
  const { t } = useLesson();
  return (
    <section class={`part ${part}`} id={part} aria-labelledby={`${part} title`}>
      <h2 id={`${part} title`}>
        <span class="place">{PARTS.indexOf(part) + 1}</span> {t(part)}
      </h2>
      {children}
    </section>
  );
}

/** Whether the line to the class holds. */
function Line() {
  const { room, t } = useLesson();
  if (!room) return null;
  const key = room.refused.value ? "refused" : room.online.value ? "online" : "offline";
  return (
    <p class={`class-line ${key}`} role="status">
      {t(key)}
    </p>
  );
}

function Bar() {
  const { lesson, session, notebook, room, host, presenting, explained, draft, touched, t, say, language } =
    useLesson();
  const answers = notebook.answers.value;
  const sure = useSignal(false);
  const finished: Record<Part, boolean> = {
    predict: answers.committed !== null,
    observe: answers.done.every(Boolean),
    explain: explained.value,
    practise: answers.exercises.every((tried) => tried.some(({ verdict }) => verdict === "right")),
  };
  const name = fileName(`${lesson.name} answers`);
  return (
    <div class="lesson-bar">
      <p class="title" aria-hidden="true">
        {say(lesson.title)}
      </p>
      <nav aria-label={t("parts")}>
        {PARTS.map((part, i) => (
          <a
            href={`#${part}`}
            key={part}
            class={finished[part] ? "finished" : ""}
            onClick={(event) => host && turnTo(part, event)}
          >
            <span class="place" aria-hidden="true">
              {finished[part] ? "✓" : i + 1}
            </span>
            <span class="word">{t(part)}</span>
          </a>
        ))}
      </nav>
      {!room && (
        <button type="button" class="presenting" onClick={present}>
          {t("present")}
        </button>
      )}
      <button
        type="button"
        class="language"
        lang={languageTag(nextLanguage(language))}
        onClick={() => {
          session.language.value = nextLanguage(language);
        }}
      >
        {grammarOf(nextLanguage(language)).name}
      </button>
      <Menu label={t("more")} title={t("more")}>
        {!room && (
          <button type="button" class="narrow" onClick={present}>
            {t("present")}
          </button>
        )}
        <button
          type="button"
          onClick={() => download(`${name}.json`, JSON.stringify(answers, null, 1), "application/json")}
        >
          {t("save_json")}
        </button>
        <button
          type="button"
          onClick={() => download(`${name}.csv`, answersCsv(answers, lesson, language), "text/csv")}
        >
          {t("save_csv")}
        </button>
        {!host && (
          <button type="button" onClick={() => print()}>
            {t("print")}
          </button>
        )}
        {!room && (
          <>
            <hr />
            <button
              type="button"
              onClick={() => {
                sure.value = true;
              }}
            >
              {t("restart")}
            </button>
          </>
        )}
      </Menu>
      <Ask asked={sure} action={t("restart")} question={t("restart_sure")} act={restart} />
    </div>
  );

  function restart() {
    notebook.clear();
    draft.value = firstDraft(lesson);
    touched.value = false;
    if (host) host.scrollIntoView();
    else scrollTo({ top: 0 });
  }

  function present() {
    presenting.value = true;
    // A projector shows nothing of the notebook around it; where a frame forbids that, the cards stay in their cell.
    void host?.requestFullscreen().catch(() => undefined);
  }
}
