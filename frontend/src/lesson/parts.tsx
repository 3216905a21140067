// The parts of a lesson that open with the prediction: tasks and laboratory, explanation, exercises; the teacher's note.
import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import { pick, type Texts } from "../description";
import { valueText } from "../format";
import { OWN, sameSetup, setupOf, withScenario, withSetup } from "../state";
import { Laboratory } from "../views/laboratory";
import type { ExerciseInfo, LoopInfo } from "./description";
import { useLesson } from "./place";
import { judged, type Verdict } from "./verdict";

export function Observe() {
  const { lesson, notebook, t, say } = useLesson();
  const { done } = notebook.answers.value;
  return (
    <>
      <ol class="tasks" aria-label={t("tasks")}>
        {lesson.observe.map((text, i) => (
          <li key={text.en} class={done[i] ? "done" : ""}>
            <input
              type="checkbox"
              checked={done[i] ?? false}
              aria-label={t("task_done", { number: i + 1 })}
              onChange={(event) => notebook.tick(i, event.currentTarget.checked)}
            />
            <p>{say(text)}</p>
          </li>
        ))}
      </ol>
      <LiveLaboratory />
    </>
  );
}

/** The laboratory, below the scenarios that the tasks name. */
export function LiveLaboratory() {
  return (
    <section class="workbench" aria-label={useLesson().t("laboratory")}>
      <ScenarioButtons />
      <Laboratory />
    </section>
  );
}

function ScenarioButtons() {
  const { lesson, session, t, language } = useLesson();
  const { description } = session;
  const current = useComputed(() =>
    lesson.buttons.find((name) => sameSetup(setupOf(description, name), session.state.value)),
  ).value;
  return (
    <fieldset class="scenarios" aria-label={t("buttons")}>
      {lesson.buttons.map((name) => (
        <button
          type="button"
          key={name}
          aria-pressed={current === name}
          onClick={() => session.update((before) => withScenario(before, description, name))}
        >
          {pick(description.scenarios.find((one) => one.name === name)?.title, language, name)}
        </button>
      ))}
      <button type="button" class="quiet" onClick={() => session.update((before) => withSetup(before, OWN))}>
        {t("reset_all")}
      </button>
    </fieldset>
  );
}

export function Explain() {
  const { lesson, explained, t, say } = useLesson();
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!end.current || explained.value) return;
    const seen = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      explained.value = true;
      seen.disconnect();
    });
    seen.observe(end.current);
    return () => seen.disconnect();
  }, []);
  return (
    <>
      <ol class="reasons">
        {lesson.explain.map((text) => (
          <li key={text.en}>
            <p>{say(text)}</p>
          </li>
        ))}
      </ol>
      <h3>{t("loops")}</h3>
      <div class="rings">
        {lesson.loops.map((loop) => (
          <Loop key={loop.name.en} loop={loop} />
        ))}
      </div>
      <h3>{t("areas")}</h3>
      {lesson.areas.map((area, i) => (
        <Picture key={i} svg={area.svg} text={area.text} wide />
      ))}
      <div ref={end} aria-hidden="true" />
    </>
  );
}

export function Loop({ loop }: { loop: LoopInfo }) {
  const { t, say } = useLesson();
  return (
    <figure class={`ring ${loop.kind}`}>
      <figcaption>
        <b>{say(loop.name)}</b> <span class="kind">{t(loop.kind)}</span>
      </figcaption>
      <Picture svg={loop.svg} text={loop.text} />
    </figure>
  );
}

/** A drawing of the model's, as an image: nothing in it can run. A wide one scrolls on a phone. */
export function Picture({ svg, text, wide = false }: { svg: Texts; text: Texts; wide?: boolean }) {
  const { say } = useLesson();
  const source = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(say(svg))}`;
  const image = <img src={source} alt={say(text)} class="picture" />;
  return wide ? (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reached by keyboard
    <section class="scroll" tabIndex={0} aria-label={say(text)}>
      {image}
    </section>
  ) : (
    image
  );
}

export function Exercises() {
  const { lesson } = useLesson();
  return (
    <div class="exercises">
      {lesson.exercises.map((exercise, i) => (
        <Exercise key={exercise.text.en} exercise={exercise} place={i} />
      ))}
    </div>
  );
}

function Exercise({ exercise, place }: { exercise: ExerciseInfo; place: number }) {
  const { lesson, notebook, t, say } = useLesson();
  const attempts = notebook.answers.value.exercises[place] ?? [];
  const last = attempts.at(-1);
  const answer = useSignal(last?.answer ?? "");
  const verdict = useSignal<Verdict | null>(last?.verdict ?? null);
  useEffect(() => {
    answer.value = last?.answer ?? "";
    verdict.value = last?.verdict ?? null;
  }, [last === undefined]);
  const title = useId();
  return (
    <form
      class="exercise"
      aria-labelledby={title}
      onSubmit={(event) => {
        event.preventDefault();
        const found = judged(exercise, answer.value);
        verdict.value = found;
        if (found !== "none")
          notebook.answer(place, { answer: answer.value, verdict: found, at: new Date().toISOString() });
      }}
    >
      <h3 id={title}>{t("exercise", { number: place + 1 })}</h3>
      <p>{say(exercise.text)}</p>
      {exercise.options ? (
        <fieldset class="options">
          <legend>{t("choose_answer")}</legend>
          {exercise.options.map((text, i) => (
            <label key={text.en}>
              <input
                type="radio"
                name={`exercise ${lesson.name} ${place}`}
                checked={answer.value === String(i)}
                onChange={() => {
                  answer.value = String(i);
                }}
              />
              <span>{say(text)}</span>
            </label>
          ))}
        </fieldset>
      ) : (
        <label class="field">
          {t("your_answer")}
          <input
            type="text"
            inputMode="decimal"
            size={8}
            autocomplete="off"
            value={answer.value}
            onInput={(event) => {
              answer.value = event.currentTarget.value;
            }}
          />
          {exercise.unit && <span>{say(exercise.unit)}</span>}
        </label>
      )}
      <button type="submit" class="primary">
        {t("check")}
      </button>
      <p class={`finding ${verdict.value ?? ""}`} role="status">
        {verdict.value && verdictText(t, exercise, verdict.value)}
      </p>
    </form>
  );
}

function verdictText(t: ReturnType<typeof useLesson>["t"], exercise: ExerciseInfo, verdict: Verdict): string {
  if (exercise.options)
    return t(verdict === "none" ? "no_choice" : verdict === "right" ? "right_choice" : "other_choice");
  if (verdict === "right") return t("right", { value: valueText(exercise.right, 3) });
  return t(verdict === "high" ? "high" : verdict === "low" ? "low" : "no_number");
}

export function TeacherNote() {
  const { lesson, t, say } = useLesson();
  const { text, find, steps } = lesson.teacher;
  const fold = useRef<HTMLDetailsElement>(null);
  return (
    <details class="note-for-teachers" ref={fold}>
      <summary>
        <h2>{t("teach")}</h2>
      </summary>
      {text.map((part) => (
        <p key={part.en}>{say(part)}</p>
      ))}
      <h3>{t("found")}</h3>
      <ol>
        {find.map((part) => (
          <li key={part.en}>{say(part)}</li>
        ))}
      </ol>
      <h3>{t("timing")}</h3>
      <table>
        <tbody>
          {steps.map((step) => (
            <tr key={step.text.en}>
              <th scope="row">{t("minutes", { minutes: step.minutes })}</th>
              <td class="words">{say(step.text)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p>{t("all_minutes", { minutes: steps.reduce((sum, { minutes }) => sum + minutes, 0) })}</p>
    </details>
  );
}
