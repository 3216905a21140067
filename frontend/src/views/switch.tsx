// The switch of lab.toml: a slider for the time at which one policy gives way to that of the settings.
import { useComputed } from "@preact/signals";
import { startTime } from "../changes";
import { pick } from "../description";
import { momentText } from "../format";
import { useWords, useWorkplace } from "./common";

export function SwitchSlider() {
  const { session } = useWorkplace();
  const { t, language } = useWords();
  const { switch: known, program } = session.description;
  const moment = useComputed(() => session.state.value.switch).value;
  if (!known) return null;
  const start = startTime(program.times);
  const span = known.latest - start;
  const label = pick(known.label, language, t("switch"));
  const never = pick(known.never, language, t("switch_never"));
  const text = moment === undefined ? never : momentText(moment, program.timeUnit, language);
  return (
    <div class={moment === undefined ? "slider" : "slider changed"}>
      <div class="head">
        <span class="name">{label}</span>
        <output>{text}</output>
      </div>
      <input
        type="range"
        min={start}
        max={Math.max(known.latest, moment ?? start)}
        step={span >= 10 ? 1 : span / 50}
        value={moment ?? start}
        aria-label={label}
        aria-valuetext={text}
        title={pick(known.description, language, t("switch_help"))}
        onInput={(event) => {
          const time = event.currentTarget.valueAsNumber;
          session.update((state) => ({ ...state, switch: time > start ? time : undefined }), "switch");
        }}
        onChange={() => session.seal()}
      />
    </div>
  );
}
