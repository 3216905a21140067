// The lesson on a projector: one card at a time at large type, with what students must not see yet hidden.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { valueText } from "../format";
import { useWorkplace } from "../views/common";
import { grammarOf, languageTag, nextLanguage } from "../words/languages";
import { Bars, ClassSummary, curvesOf, JoinCard, RoomLine } from "./classroom";
import type { ExerciseInfo } from "./description";
import { LiveLaboratory, Loop, Picture } from "./parts";
import { useLesson } from "./place";
import { PredictionChart, useVerdict } from "./prediction";
import { Countdown, clockText } from "./timer";

type Part = "question" | "predict" | "observe" | "explain" | "practise" | "join";

interface Card {
  readonly key: string;
  readonly part: Part;
  /** The card, or what it shows once it is revealed. */
  readonly body: (revealed: boolean) => ComponentChildren;
  /** Whether something on it is hidden at first. */
  readonly hides: boolean;
}

const STEPS: readonly Part[] = ["predict", "observe", "explain", "practise"];

export function Presentation() {
  const place = useLesson();
  const { lesson, room, host, presenting, session, language, t, say } = place;
  const { keys } = useWorkplace();
  const cards = useMemo(() => cardsOf(place), [language]);
  const at = Math.max(
    0,
    cards.findIndex(({ key }) => key === place.card.value),
  );
  const shown = useSignal<readonly string[]>([]);
  const countdown = useMemo(() => new Countdown(), []);
  const stage = useRef<HTMLElement>(null);
  const card = cards[at] as Card;
  const Screen = host ? "section" : "main";
  const revealed =
    shown.value.includes(card.key) || (card.part === "predict" && room?.revealed.value === true);

  useEffect(() => {
    const step = STEPS.indexOf(card.part);
    const planned = lesson.teacher.steps[step]?.minutes;
    if (planned && countdown.left.peek() === null) countdown.minutes.value = planned;
    stage.current?.focus({ preventScroll: true });
    stage.current?.scrollTo({ top: 0 });
  }, [card.key]);

  useEffect(() => {
    const key = (event: Event) => {
      if (!(event instanceof KeyboardEvent) || event.ctrlKey || event.metaKey || event.altKey || own(event))
        return;
      const act = actions[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    };
    keys.addEventListener("keydown", key);
    return () => keys.removeEventListener("keydown", key);
  });
  useEffect(() => {
    // In a notebook the presentation is what fills the screen, and ends with it.
    const left = () => {
      if (host && !document.fullscreenElement) presenting.value = false;
    };
    document.addEventListener("fullscreenchange", left);
    return () => document.removeEventListener("fullscreenchange", left);
  }, []);
  useEffect(() => () => countdown.stop(), []);

  const turn = (to: number) => {
    place.card.value = cards[Math.max(0, Math.min(cards.length - 1, to))]?.key ?? "";
  };
  const leave = () => {
    if (room) return;
    if (document.fullscreenElement) void document.exitFullscreen();
    presenting.value = false;
  };
  const fill = () => {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void (host ?? document.documentElement).requestFullscreen().catch(() => undefined);
  };
  const actions: Record<string, () => void> = {
    ArrowRight: () => turn(at + 1),
    PageDown: () => turn(at + 1),
    " ": () => turn(at + 1),
    ArrowLeft: () => turn(at - 1),
    PageUp: () => turn(at - 1),
    Home: () => turn(0),
    End: () => turn(cards.length - 1),
    Enter: () => reveal(),
    r: () => reveal(),
    t: () => (countdown.running.value ? countdown.stop() : countdown.start()),
    f: fill,
    Escape: leave,
  };

  return (
    <div class={`presentation at-${card.part}`}>
      <Screen class="screen" ref={stage} tabIndex={-1} aria-label={t("presentation")}>
        {card.part !== "question" && <h1 class="hidden">{say(lesson.title)}</h1>}
        <div class="slide" key={card.key}>
          {card.body(revealed)}
        </div>
      </Screen>
      <footer class="controls">
        <div class="turning">
          <button
            type="button"
            onClick={() => turn(at - 1)}
            disabled={at === 0}
            aria-label={t("previous")}
            title={t("previous")}
          >
            ←
          </button>
          <span class="of" role="status">
            <span aria-hidden="true">
              {at + 1} / {cards.length}
            </span>
            <span class="hidden">{t("card_of", { number: at + 1, count: cards.length })}</span>
          </span>
          <button
            type="button"
            onClick={() => turn(at + 1)}
            disabled={at === cards.length - 1}
            aria-label={t("next")}
            title={t("next")}
          >
            →
          </button>
          {card.hides && !(revealed && room && card.part === "predict") && (
            <button type="button" class={revealed ? "" : "primary"} onClick={reveal}>
              {t(revealed ? "hide" : card.part === "predict" ? "show_run" : "reveal")}
            </button>
          )}
        </div>
        {room && <RoomLine />}
        <Timer countdown={countdown} />
        <div class="others">
          <button
            type="button"
            lang={languageTag(nextLanguage(language))}
            onClick={() => {
              session.language.value = nextLanguage(language);
            }}
          >
            {grammarOf(nextLanguage(language)).name}
          </button>
          <button type="button" onClick={fill} title={t("keys")}>
            {t("full_screen")}
          </button>
          {!room && (
            <button type="button" onClick={leave}>
              {t("leave")}
            </button>
          )}
        </div>
      </footer>
    </div>
  );

  function reveal() {
    if (!card.hides) return;
    if (card.part === "predict" && room) {
      room.reveal();
      return;
    }
    shown.value = revealed ? shown.value.filter((key) => key !== card.key) : [...shown.value, card.key];
  }
}

/** Whether a key belongs to the control that has the keyboard: a slider, a field, a chart, an open dialog. */
function own({ key, target }: KeyboardEvent): boolean {
  const element = target as HTMLElement;
  if (element.closest("dialog, input, select, textarea, [role=slider], .plot, .menu")) return true;
  return (key === "Enter" || key === " ") && element.closest("button, summary, a") !== null;
}

function cardsOf({ lesson, room }: ReturnType<typeof useLesson>): Card[] {
  const cards: Card[] = [];
  const add = (part: Part, key: string, body: Card["body"], hides = false) => {
    cards.push({ part, key, body, hides });
  };
  add("question", "question", () => <QuestionCard />);
  if (room) add("join", "join", () => <JoinCard />);
  add("predict", "predict", (revealed) => <PredictCard revealed={revealed} />, true);
  lesson.observe.forEach((_, i) => {
    add(
      "observe",
      `observe ${i}`,
      (revealed) => <TaskCard place={i} revealed={revealed} />,
      i < lesson.teacher.find.length,
    );
  });
  lesson.explain.forEach((text, i) => {
    add("explain", `explain ${i}`, () => <TextCard title="explain" place={`${i + 1}`} text={text} />);
  });
  lesson.loops.forEach((loop, i) => {
    add("explain", `loop ${i}`, () => <Loop loop={loop} />);
  });
  lesson.areas.forEach((area, i) => {
    add("explain", `area ${i}`, () => <Picture svg={area.svg} text={area.text} />);
  });
  lesson.exercises.forEach((exercise, i) => {
    add(
      "practise",
      `exercise ${i}`,
      (revealed) => <ExerciseCard exercise={exercise} place={i} revealed={revealed} />,
      true,
    );
  });
  return cards;
}

function QuestionCard() {
  const { lesson, t, say } = useLesson();
  return (
    <div class="middle">
      <p class="lesson-number">{t("lesson", { number: lesson.number })}</p>
      <h1>{say(lesson.title)}</h1>
      <p class="asks">{say(lesson.question)}</p>
    </div>
  );
}

function TextCard({
  title,
  place,
  text,
}: {
  title: "explain";
  place: string;
  text: Parameters<ReturnType<typeof useLesson>["say"]>[0];
}) {
  const { t, say } = useLesson();
  return (
    <div class="middle">
      <h2>
        {t(title)} <span class="place">{place}</span>
      </h2>
      <p class="big">{say(text)}</p>
    </div>
  );
}

function PredictCard({ revealed }: { revealed: boolean }) {
  const place = useLesson();
  const { lesson, room, draft, t, say } = place;
  const { prediction } = lesson;
  const verdict = useVerdict(place, revealed && !room && place.touched.value ? draft.value : null);
  const curve = prediction.form === "curve";
  return (
    <>
      <h2>{t("predict")}</h2>
      <div class="beside">
        <div class="asked">
          {prediction.text.map((text) => (
            <p key={text.en}>{say(text)}</p>
          ))}
          {prediction.form === "choice" &&
            (room ? (
              <Bars revealed={revealed} />
            ) : (
              <Choices texts={prediction.options} right={revealed ? prediction.right : null} />
            ))}
          {verdict && <p class="finding">{verdict}</p>}
          {room && <ClassSummary />}
        </div>
        {(curve || revealed) && (
          <div class="drawing">
            <PredictionChart
              open={revealed}
              locked={revealed}
              own={!room && (!revealed || place.touched.value)}
              {...(room && curve ? { pool: curvesOf(room) } : {})}
            />
          </div>
        )}
      </div>
    </>
  );
}

export function Choices({
  texts,
  right,
}: {
  texts: readonly Parameters<ReturnType<typeof useLesson>["say"]>[0][];
  right: number | null;
}) {
  const { t, say } = useLesson();
  return (
    <ol class="choices-shown">
      {texts.map((text, i) => (
        <li key={text.en} class={right === i ? "model" : ""}>
          {say(text)} {right === i && <b class="tag">✓ {t("model_says")}</b>}
        </li>
      ))}
    </ol>
  );
}

function TaskCard({ place, revealed }: { place: number; revealed: boolean }) {
  const { lesson, t, say } = useLesson();
  const text = lesson.observe[place];
  const found = lesson.teacher.find[place];
  return (
    <>
      <h2>
        {t("observe")} <span class="place">{place + 1}</span>
      </h2>
      <p>{text && say(text)}</p>
      <div role="status">
        {revealed && found && (
          <p class="finding">
            <b>{t("findings")}</b> {say(found)}
          </p>
        )}
      </div>
      <LiveLaboratory />
    </>
  );
}

function ExerciseCard({
  exercise,
  place,
  revealed,
}: {
  exercise: ExerciseInfo;
  place: number;
  revealed: boolean;
}) {
  const { t, say } = useLesson();
  const unit = exercise.unit ? say(exercise.unit) : "";
  return (
    <div class="middle">
      <h2>{t("exercise", { number: place + 1 })}</h2>
      <p class="big">{say(exercise.text)}</p>
      {exercise.options ? (
        <Choices texts={exercise.options} right={revealed ? exercise.right : null} />
      ) : (
        <p class="finding" role="status">
          {revealed && t("answer_is", { value: valueText(exercise.right, 3), unit })}
        </p>
      )}
    </div>
  );
}

function Timer({ countdown }: { countdown: Countdown }) {
  const { t } = useLesson();
  const left = countdown.left.value;
  const { minutes } = countdown;
  const change = (by: number) => {
    minutes.value = Math.max(1, Math.min(90, minutes.value + by));
  };
  return (
    <fieldset class={left === 0 ? "timer over" : "timer"} aria-label={t("timer")}>
      {left === null ? (
        <>
          <button type="button" class="quiet" onClick={() => change(-1)} aria-label={t("timer_shorter")}>
            −
          </button>
          <button type="button" onClick={() => countdown.start()}>
            {t("timer_start", { minutes: minutes.value })}
          </button>
          <button type="button" class="quiet" onClick={() => change(1)} aria-label={t("timer_longer")}>
            +
          </button>
        </>
      ) : (
        <>
          <span class="clock" aria-hidden="true">
            {clockText(left)}
          </span>
          <button type="button" onClick={() => countdown.stop()}>
            {t("timer_stop")}
          </button>
        </>
      )}
      <span class="hidden" role="status">
        {left === null
          ? ""
          : left === 0
            ? t("timer_over")
            : t("timer_left", { minutes: Math.ceil(left / 60) })}
      </span>
    </fieldset>
  );
}
