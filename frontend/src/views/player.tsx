// Play, pause, a slider along time, and what is under the pointer at that time.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { momentText, valueText } from "../format";
import { useWords, useWorkplace } from "./common";
import type { Diagram } from "./diagram";

const WHOLE = 12_000; // milliseconds from the start of the run to its end
const STEPS = 24; // where motion is to be reduced

export function Player({ diagram }: { diagram: Diagram }) {
  const { session } = useWorkplace();
  const { t, language } = useWords();
  const playing = useSignal(false);
  const levels = diagram.levels.value;
  const { time } = levels.curves;
  const place = levels.place(session.cursor.value);
  const moment = momentText(time[place] ?? 0, session.description.program.timeUnit, language);
  const on = playing.value;

  useEffect(() => {
    if (!on) return;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    let last = performance.now();
    const times = () => session.results.peek().now.time;
    const first = session.cursor.peek();
    const end = times().at(-1) ?? 0;
    let at = first === null || first >= end ? (times()[0] ?? 0) : first;
    let handle = 0;
    const frame = (now: number) => {
      const [start, stop] = [times()[0] ?? 0, times().at(-1) ?? 0];
      if (!calm || now - last > WHOLE / STEPS) {
        at += ((stop - start) * (now - last)) / WHOLE;
        last = now;
        session.cursor.value = Math.min(at, stop);
      }
      if (at >= stop) playing.value = false;
      else handle = requestAnimationFrame(frame);
    };
    handle = requestAnimationFrame(frame);
    return () => cancelAnimationFrame(handle);
  }, [on]);

  return (
    <div class="player">
      <button
        type="button"
        aria-label={t(on ? "pause" : "play")}
        title={t(on ? "pause" : "play")}
        onClick={() => {
          playing.value = !on;
        }}
      >
        {on ? "❚❚" : "▶"}
      </button>
      <input
        type="range"
        min={0}
        max={time.length - 1}
        step={1}
        value={place}
        aria-label={t("time_shown")}
        aria-valuetext={moment}
        onInput={(event) => {
          playing.value = false;
          session.cursor.value = time[Number(event.currentTarget.value)] ?? null;
        }}
      />
      <span class="when">{moment}</span>
      <Pointed diagram={diagram} place={place} />
    </div>
  );
}

/** Name and value of the variable under the pointer, with the focus, or selected. */
function Pointed({ diagram, place }: { diagram: Diagram; place: number }) {
  const { session } = useWorkplace();
  const { t, language } = useWords();
  const variable = diagram.pointed.value ?? session.diagram.value.selected;
  const info = variable === null ? undefined : session.description.variables[variable];
  if (variable === null || !info) return <span class="told soft">{t("diagram_help")}</span>;
  const value = valueText(diagram.levels.value.value(variable, place));
  const unit = session.catalogue.unit(info.unit, language);
  return (
    <span class="told">
      {session.catalogue.variableLabel(info, language)}:{" "}
      <b>
        {info.elements > 1 ? t("sum", { count: info.elements, value }) : value} {unit}
      </b>
    </span>
  );
}
