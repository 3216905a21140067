// The settings: groups of sliders with typed values, units and ranges, and a search.
import { useComputed, useSignal } from "@preact/signals";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import type { Group, Slider } from "../catalogue";
import { pick } from "../description";
import { exactText, parsed, quantityText } from "../format";
import { snapped, stepped } from "../ranges";
import { given, withDrawn, withValue } from "../state";
import type { Key } from "../words";
import { matches, useWords, useWorkplace } from "./common";
import { OverTime } from "./over_time";
import { SwitchSlider } from "./switch";

const MOST_SHOWN = 150;
const FIRST_OPEN = 12;
const TITLES: Partial<Record<Group["kind"], Key>> = {
  levers: "levers",
  constants: "constants",
  others: "others",
  initial: "initial",
};

export function Sliders() {
  const { session } = useWorkplace();
  const { t, language } = useWords();
  const wanted = useSignal("");
  const { groups, sliders } = session.catalogue;
  const found = groups
    .map((group) => ({ group, sliders: group.sliders.filter((slider) => fits(slider, group)) }))
    .filter((one) => one.sliders.length);

  function fits(slider: Slider, group: Group): boolean {
    const names = [slider.name, labelOf(slider), pick(group.title, language)];
    return !wanted.value || matches(wanted.value, ...names);
  }

  function labelOf(slider: Slider): string {
    return pick(slider.label, language) || session.catalogue.label(slider.name, language);
  }

  return (
    <section class="settings" aria-label={t("settings")} tabIndex={-1}>
      {sliders.size > 8 && (
        <input
          type="search"
          class="search"
          value={wanted.value}
          placeholder={t("search_settings")}
          aria-label={t("search_settings")}
          onInput={(event) => {
            wanted.value = event.currentTarget.value;
          }}
        />
      )}
      {!wanted.value && <SwitchSlider />}
      {found.map(({ group, sliders: shown }, i) => (
        <details
          key={group.key}
          open={!!wanted.value || i === 0 || (group.kind === "arranged" && shown.length <= FIRST_OPEN)}
        >
          <summary>
            {titleOf(group)}
            {group.kind === "array" && <small> {t("elements", { count: shown.length })}</small>}
          </summary>
          {shown.slice(0, MOST_SHOWN).map((slider) => (
            <SliderRow key={slider.name} slider={slider} label={labelOf(slider)} />
          ))}
          {shown.length > MOST_SHOWN && (
            <p class="soft">{t("more_found", { count: shown.length - MOST_SHOWN })}</p>
          )}
        </details>
      ))}
      {!found.length && <p class="soft">{t(sliders.size ? "no_setting" : "fan_nothing")}</p>}
    </section>
  );

  function titleOf(group: Group): string {
    const key = TITLES[group.kind];
    return key ? t(key) : pick(group.title, language) || t("settings");
  }
}

function SliderRow({ slider, label }: { slider: Slider; label: string }) {
  const { session, panel } = useWorkplace();
  const { t, language } = useWords();
  const { name, standard } = slider;
  // What changes in each frame of a drag is bound to the elements; the row is rendered anew for the rest.
  const value = useComputed(() => given(session.state.value.values, name) ?? standard);
  const drawn = useComputed(
    () => !!session.state.value.drawn && Object.hasOwn(session.state.value.drawn, name),
  ).value;
  const changing = slider.row?.variable.kind === "constant";
  const over = useSignal(drawn);
  const wrong = useSignal(false);
  const hint = useId();
  const range = useRef<HTMLInputElement>(null);
  const minimum = useComputed(() => Math.min(slider.limits.minimum, value.value)).value;
  const maximum = useComputed(() => Math.max(slider.limits.maximum, value.value)).value;
  const limits = { ...slider.limits, minimum, maximum };
  useLayoutEffect(() => {
    if (range.current) range.current.value = String(value.peek());
  }, [minimum, maximum]);
  const plain = useComputed(() => value.value === standard).value && !drawn;
  const unit = session.catalogue.unit(slider.unit, language);
  const shown = (number: number) => quantityText(number, slider.unit);
  const text = useComputed(() => fieldText(value.value, slider.unit));
  const spoken = useComputed(() => {
    const word = session.catalogue.unit(slider.unit, session.language.value);
    return `${quantityText(value.value, slider.unit)} ${word}`.trim();
  });
  const ends = { low: shown(limits.minimum), high: shown(limits.maximum) };
  const set = (next: number, tag = "") =>
    session.update((state) => withValue(state, session.catalogue, name, next), tag);
  const variable = slider.row ? session.description.variables.indexOf(slider.row.variable) : -1;

  function typed(input: HTMLInputElement) {
    const found = parsed(input.value);
    wrong.value = found === null;
    if (found === null) return;
    input.value = fieldText(found, slider.unit);
    if (found !== value.peek()) set(found);
  }

  function key(event: KeyboardEvent) {
    const many = event.shiftKey ? 10 : 1;
    const steps: Record<string, number> = {
      ArrowRight: many,
      ArrowUp: many,
      ArrowLeft: -many,
      ArrowDown: -many,
      PageUp: 10,
      PageDown: -10,
      Home: Number.NEGATIVE_INFINITY,
      End: Number.POSITIVE_INFINITY,
    };
    const count = steps[event.key];
    if (count === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const next = Number.isFinite(count)
      ? stepped(value.peek(), limits, count)
      : count < 0
        ? limits.minimum
        : limits.maximum;
    set(next, `key ${name}`);
  }

  return (
    <div class={plain ? "slider" : "slider changed"}>
      <div class="head">
        <button
          type="button"
          class="name"
          disabled={variable < 0}
          title={t("info_of", { name: label })}
          onClick={() => {
            panel.value = { kind: "info", variable };
          }}
        >
          {label}
        </button>
        <button
          type="button"
          class="quiet back"
          hidden={plain}
          onClick={() =>
            session.update((state) =>
              withDrawn(withValue(state, session.catalogue, name, standard), name, null),
            )
          }
          aria-label={t("reset_one", { name: label, value: shown(standard) })}
          title={t("reset_one", { name: label, value: shown(standard) })}
        >
          ↺
        </button>
        {changing && (
          <button
            type="button"
            class="quiet"
            aria-expanded={over.value}
            aria-label={t("over_time", { name: label })}
            title={t("over_time", { name: label })}
            onClick={() => {
              over.value = !over.value;
            }}
          >
            <svg width="18" height="12" aria-hidden="true" class={drawn ? "way on" : "way"}>
              <path d="M1 10H6V3H12V7H17" />
            </svg>
          </button>
        )}
        <span>
          <input
            type="text"
            inputMode="decimal"
            class="number"
            value={text}
            aria-invalid={wrong.value}
            aria-label={t("value_of", { name: label })}
            aria-describedby={hint}
            autocomplete="off"
            spellcheck={false}
            onChange={(event) => typed(event.currentTarget)}
            onKeyDown={(event) => {
              if (event.key !== "Escape") return;
              wrong.value = false;
              event.currentTarget.value = text.peek();
            }}
          />
        </span>
        {unit && <span class="unit">{unit.replace(/[*/]/g, "$&\u200b")}</span>}
      </div>
      <input
        type="range"
        ref={range}
        min={limits.minimum}
        max={limits.maximum}
        step="any"
        value={value}
        data-name={name}
        aria-label={t("slider_of", { name: label })}
        aria-valuetext={spoken}
        title={t(limits.guessed ? "range_guessed" : "range", ends)}
        onInput={(event) => set(snapped(event.currentTarget.valueAsNumber, limits, standard), `drag ${name}`)}
        onChange={() => session.seal()}
        onKeyDown={key}
        onKeyUp={() => session.seal()}
      />
      <div class="ends" aria-hidden="true">
        <span>{ends.low}</span>
        {limits.guessed && <span title={t("range_guessed", ends)}>~</span>}
        <span>{ends.high}</span>
      </div>
      <span id={hint} class={wrong.value ? "wrong" : "hidden"}>
        {wrong.value ? t("wrong_number") : t(limits.guessed ? "range_guessed" : "range", ends)}
      </span>
      {over.value && <OverTime slider={slider} label={label} limits={limits} />}
    </div>
  );
}

/** A value in a field: grouped where that keeps every digit. */
export function fieldText(value: number, unit = ""): string {
  const short = quantityText(value, unit, 7);
  return parsed(short) === value ? short : exactText(value);
}
