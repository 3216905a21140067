// The teacher's side of a class: how to join, how many are there, and what they predict.
import { useSignal } from "@preact/signals";
import { Ask } from "./ask";
import { useLesson } from "./place";
import { shapeText } from "./prediction";
import type { Room } from "./room";
import { quantile } from "./verdict";

export function JoinCard() {
  const { room, t } = useLesson();
  const sure = useSignal(false);
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
            sure.value = true;
          }}
        >
          {t("new_class")}
        </button>
        <Ask asked={sure} action={t("new_class")} question={t("new_class_sure")} act={() => room.renew()} />
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

/** The curves of a class, as far as the teacher shows them. */
export function curvesOf(room: Room): readonly (readonly number[])[] {
  if (!room.showing.value) return [];
  return room.pool.value.filter((value): value is readonly number[] => typeof value !== "number");
}

/** What the class predicts on the whole, and whether it is shown. */
export function ClassSummary() {
  const place = useLesson();
  const { lesson, room, t } = place;
  const { prediction } = lesson;
  if (!room) return null;
  const curves = curvesOf(room);
  const shown = room.showing.value;
  return (
    <>
      {prediction.form === "curve" && curves.length > 0 && (
        <p class="finding" role="status">
          {t("class_shape", {
            count: curves.length,
            shape: shapeText(place, medianOf(curves, prediction.points)),
          })}
        </p>
      )}
      <p class="hint">
        <button
          type="button"
          onClick={() => {
            room.showing.value = !shown;
          }}
        >
          {t(shown ? "hide_class" : "show_class")}
        </button>{" "}
        {!room.pool.value.length && t("nobody")}
      </p>
    </>
  );
}

function medianOf(curves: readonly (readonly number[])[], time: readonly number[]) {
  const column = (i: number) => curves.map((curve) => curve[i] ?? 0).sort((a, b) => a - b);
  return { time, values: time.map((_, i) => quantile(column(i), 0.5)) };
}

/** The choices of a class as bars. */
export function Bars({ revealed }: { revealed: boolean }) {
  const { lesson, room, t, say } = useLesson();
  const { prediction } = lesson;
  if (prediction.form !== "choice" || !room) return null;
  const pool = room.showing.value ? room.pool.value : [];
  return (
    <ol class="bars">
      {prediction.options.map((text, i) => {
        const count = pool.filter((value) => value === i).length;
        const share = pool.length ? count / pool.length : 0;
        return (
          <li key={text.en} class={revealed && prediction.right === i ? "model" : ""}>
            <span class="option">
              {say(text)} {revealed && prediction.right === i && <b class="tag">✓ {t("model_says")}</b>}
            </span>
            <meter min={0} max={1} value={share} aria-label={say(text)}>
              {count}
            </meter>
            <span class="share">
              {pool.length > 0 &&
                t("class_choice", { count, all: pool.length, percent: Math.round(100 * share) })}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
