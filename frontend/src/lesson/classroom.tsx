// The teacher's side of a class: how to join, how many are there, and what they predict.
import { useSignal } from "@preact/signals";
import { pick } from "../description";
import { useLesson } from "./place";
import { PredictionChart, shapeText } from "./prediction";
import type { Prediction } from "./room";
import { quantile } from "./verdict";

export function JoinCard() {
  const { room, t } = useLesson();
  if (!room) return null;
  const { address, code } = room.info;
  return (
    <div class="join">
      {code && <img src={code} alt={address ?? ""} class="code" />}
      <div>
        <h2>{t("join")}</h2>
        <p>{t("join_how")}</p>
        <p class="address">{address}</p>
        <p class="count" role="status">
          {t("connected", { count: room.connected.value })}
        </p>
        <button
          type="button"
          onClick={() => {
            if (confirm(t("new_class_sure"))) room.renew();
          }}
        >
          {t("new_class")}
        </button>
      </div>
    </div>
  );
}

/** How many are there and have predicted, on every card. */
export function RoomLine() {
  const { room, t } = useLesson();
  if (!room) return null;
  return (
    <p class={room.online.value ? "room" : "room offline"} role="status">
      {room.online.value
        ? `${t("connected", { count: room.connected.value })} · ${t("predicted", { count: room.pool.value.length })}`
        : t("offline")}
    </p>
  );
}

/** The predictions of the class as they arrive: curves over one another, choices as bars. */
export function PoolChart({ revealed }: { revealed: boolean }) {
  const place = useLesson();
  const { lesson, room, t } = place;
  const shown = useSignal(true);
  if (!room) return null;
  const pool = shown.value ? room.pool.value : [];
  const curves = pool.filter((value): value is readonly number[] => typeof value !== "number");
  return (
    <div class="pooled">
      <p class="hint">
        <button
          type="button"
          onClick={() => {
            shown.value = !shown.value;
          }}
        >
          {t(shown.value ? "hide_class" : "show_class")}
        </button>{" "}
        {!room.pool.value.length && t("nobody")}
      </p>
      {lesson.prediction.form === "choice" ? (
        <Bars pool={pool} revealed={revealed} />
      ) : (
        <>
          <PredictionChart open={revealed} locked own={false} pool={curves} />
          {curves.length > 0 && (
            <p class="verdict" role="status">
              {t("class_shape", {
                count: curves.length,
                shape: shapeText(place, medianOf(curves, lesson.prediction.points)),
              })}
            </p>
          )}
        </>
      )}
    </div>
  );
}

function medianOf(curves: readonly (readonly number[])[], time: readonly number[]) {
  const values = time.map((_, i) =>
    quantile(
      curves.map((curve) => curve[i] ?? 0).sort((a, b) => a - b),
      0.5,
    ),
  );
  return { time, values };
}

function Bars({ pool, revealed }: { pool: readonly Prediction[]; revealed: boolean }) {
  const { lesson, t, language } = useLesson();
  const { prediction } = lesson;
  if (prediction.form !== "choice") return null;
  return (
    <ol class="bars">
      {prediction.options.map((text, i) => {
        const count = pool.filter((value) => value === i).length;
        const share = pool.length ? count / pool.length : 0;
        return (
          <li key={text.en} class={revealed && prediction.right === i ? "model" : ""}>
            <span class="option">
              {pick(text, language)}{" "}
              {revealed && prediction.right === i && <b class="tag">✓ {t("model_says")}</b>}
            </span>
            <meter min={0} max={1} value={share} aria-label={pick(text, language)}>
              {count}
            </meter>
            <span class="share">
              {t("class_choice", { count, all: pool.length, percent: Math.round(100 * share) })}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
