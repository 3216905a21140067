// The prediction: drawn or chosen, committed once, then beside the run.
import { useEffect, useRef } from "preact/hooks";
import { spokenMoment, valueText } from "../format";
import { type LessonPlace, useLesson } from "./place";
import { PredictionPlot } from "./plot";
import { CLOSE, distance, type Line, shapeOf } from "./verdict";

/** What a prediction was worth, in a sentence. */
export function useVerdict(place: ReturnType<typeof useLesson>, value: readonly number[] | number | null) {
  const { lesson, t } = place;
  const { prediction } = lesson;
  if (value === null) return "";
  if (prediction.form === "choice") return t(value === prediction.right ? "agree" : "differ");
  const run = place.runs()[0];
  if (!run || typeof value === "number") return t("run_failed");
  const height = prediction.range[1] - prediction.range[0];
  const near = distance(prediction.points, value, run, height) <= CLOSE;
  const yours = shapeText(place, { time: prediction.points, values: value });
  return t(near ? "close" : "far", { yours, models: shapeText(place, run) });
}

export function shapeText({ session, t, language }: ReturnType<typeof useLesson>, line: Line): string {
  const { top, top_year, last, last_year } = shapeOf(line);
  const moment = (time: number) =>
    spokenMoment(Math.round(time), session.description.program.timeUnit, language);
  const rising = Math.round(top_year) === Math.round(last_year);
  return t(rising ? "shape_rising" : "shape", {
    top: valueText(top, 3),
    top_year: moment(top_year),
    last: valueText(last, 3),
    last_year: moment(last_year),
  });
}

export function Prediction() {
  const place = useLesson();
  const { lesson, notebook, draft, touched, opened, room, t, say } = place;
  const { prediction } = lesson;
  const { committed } = notebook.answers.value;
  const open = opened.value;
  const verdict = useVerdict(place, open ? (committed?.value ?? null) : null);
  const said = useRef<HTMLParagraphElement>(null);
  const settled = useRef(committed !== null);
  useEffect(() => {
    // The button that had the keyboard is gone: it goes on from the verdict.
    if (committed && !settled.current) said.current?.focus();
    settled.current = committed !== null;
  }, [committed]);
  const chart = prediction.form === "curve" || open || place.given.length > 0;
  const ready = prediction.form === "curve" ? touched.value : draft.value !== null;
  return (
    <div class={chart ? "prediction beside" : "prediction"}>
      <div class="asked">
        {prediction.text.map((text) => (
          <p key={text.en}>{say(text)}</p>
        ))}
        {prediction.form === "choice" && <Options place={place} locked={committed !== null} open={open} />}
      </div>
      {chart && (
        <div class="drawing">
          <PredictionChart open={open} locked={committed !== null} />
        </div>
      )}
      <div class="act">
        {!committed && (
          <>
            <p class="hint">
              {prediction.form === "curve" && `${t("how_to_draw")} `}
              {t("once")}
            </p>
            <button
              type="button"
              class="primary"
              disabled={!ready}
              title={ready ? "" : t(prediction.form === "curve" ? "draw_first" : "choose_first")}
              onClick={commit}
            >
              {t("commit")}
            </button>
          </>
        )}
        <p class="finding" role="status" tabIndex={-1} ref={said}>
          {committed && (open ? verdict : t("waiting_for_teacher"))}
        </p>
        {committed && !open && (
          <button
            type="button"
            onClick={() => {
              if (room) room.alone.value = true;
            }}
          >
            {t("alone")}
          </button>
        )}
      </div>
    </div>
  );

  function commit() {
    const value = draft.value;
    if (value === null) return;
    notebook.commit(value, new Date());
    room?.send(value);
  }
}

/** The chart: what is given, what is drawn, and once it is open the run. */
export function PredictionChart({
  open,
  locked,
  pool,
  own = true,
}: {
  open: boolean;
  locked: boolean;
  pool?: readonly (readonly number[])[];
  own?: boolean;
}) {
  const place = useLesson();
  const { lesson, session, draft, touched, language } = place;
  const { prediction } = lesson;
  const was = useRef(open);
  const drawn = prediction.form === "curve" && own && Array.isArray(draft.value) ? draft.value : null;
  return (
    <PredictionPlot
      label={prediction.label}
      unit={prediction.unit}
      timeUnit={session.description.program.timeUnit}
      time={prediction.time}
      range={prediction.range}
      lines={open ? [...place.given, ...place.runs()] : place.given}
      language={language}
      sweep={open && !was.current}
      {...(prediction.form === "curve" ? { points: prediction.points } : {})}
      {...(pool ? { pool } : {})}
      drawn={drawn}
      {...(locked || !drawn
        ? {}
        : {
            onDraw: (values: readonly number[]) => {
              draft.value = values;
              touched.value = true;
            },
          })}
    />
  );
}

function Options({ place, locked, open }: { place: LessonPlace; locked: boolean; open: boolean }) {
  const { draft } = place;
  const { t, say, lesson } = useLesson();
  const { prediction } = lesson;
  if (prediction.form !== "choice") return null;
  return (
    <fieldset class="options">
      <legend>{t("choose")}</legend>
      {prediction.options.map((text, i) => (
        <label key={text.en} class={open && prediction.right === i ? "model" : ""}>
          <input
            type="radio"
            name={`prediction ${lesson.name}`}
            checked={draft.value === i}
            disabled={locked}
            onChange={() => {
              draft.value = i;
            }}
          />
          <span>{say(text)}</span>
          {locked && draft.value === i && <b class="tag yours">{t("yours")}</b>}
          {open && prediction.right === i && <b class="tag">✓ {t("model_says")}</b>}
        </label>
      ))}
    </fieldset>
  );
}
