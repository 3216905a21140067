// All variables of the model, searched and dragged onto charts, or put there with a button.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Row } from "../catalogue";
import { headingOf } from "../curves";
import type { Kind, VariableInfo } from "../description";
import { MOST_CHARTS, MOST_SMALL, mostLines, withLine, withNewChart } from "../state";
import { kindWord } from "../words";
import { matches, useWords, useWorkplace } from "./common";
import { startDrag } from "./drag";

const MOST_SHOWN = 150;
const KINDS: readonly Kind[] = ["stock", "flow", "auxiliary", "constant", "data"];

/** A line of the list: a variable, with all elements of an array, or one element that was looked for. */
interface Entry {
  readonly variable: VariableInfo;
  readonly names: readonly string[];
  readonly label: string;
}

export function Variables() {
  const place = useWorkplace();
  const { session, target } = place;
  const { t, language } = useWords();
  const { catalogue } = session;
  const wanted = useSignal("");
  const kind = useSignal<Kind | "">("");
  const open = useSignal<ReadonlySet<VariableInfo>>(new Set());
  const search = useRef<HTMLInputElement>(null);
  const { charts } = session.state.value;
  const index = target.value < charts.length ? target.value : -1;
  const chart = charts[index];
  const shown = new Set(chart?.lines ?? []);
  const full = chart ? shown.size >= mostLines(chart.kind) : charts.length >= MOST_CHARTS;

  useEffect(() => {
    if (index >= 0) search.current?.focus();
  }, [target.value]);

  const entries: Entry[] = [];
  const rowsOf = new Map<VariableInfo, Row[]>();
  for (const row of catalogue.rows) rowsOf.set(row.variable, [...(rowsOf.get(row.variable) ?? []), row]);
  for (const [variable, rows] of rowsOf) {
    if (kind.value && variable.kind !== kind.value) continue;
    const label = catalogue.variableLabel(variable, language);
    const word = kindWord(language, variable.kind);
    const whole = !wanted.value || matches(wanted.value, variable.name, label, word);
    const names = rows.map(({ name }) => name);
    if (whole) entries.push({ variable, names, label });
    if (rows.length === 1 || (whole && !open.value.has(variable))) continue;
    for (const name of names) {
      const own = catalogue.label(name, language);
      if (whole || matches(wanted.value, name, own)) entries.push({ variable, names: [name], label: own });
    }
  }
  const together = [...new Set(entries.flatMap(({ names }) => names))];
  const kinds = KINDS.filter((one) => catalogue.rows.some(({ variable }) => variable.kind === one));

  /** Put a variable onto the chosen chart, or take it off; the next one goes onto the same chart. */
  function toggle(names: readonly string[]) {
    const [name] = names;
    if (!chart) {
      session.update((state) => withNewChart(state, names));
      target.value = session.state.peek().charts.length - 1;
    } else if (name !== undefined && names.length === 1) {
      session.update((state) => withLine(state, index, name));
    } else {
      session.update((state) => names.reduce((before, one) => withLine(before, index, one), state));
    }
  }

  return (
    <section class="settings variables" aria-label={t("variables")} tabIndex={-1}>
      <input
        type="search"
        class="search"
        ref={search}
        value={wanted.value}
        placeholder={t("search_variables")}
        aria-label={t("search_variables")}
        onInput={(event) => {
          wanted.value = event.currentTarget.value;
        }}
        onKeyDown={(event) => {
          const found = entries.find(({ names }) => !names.every((name) => shown.has(name)));
          if (event.key === "Enter" && wanted.value && found && !full) toggle(found.names);
        }}
      />
      <div class="choosing">
        <select
          value={kind.value}
          aria-label={t("kinds")}
          onChange={(event) => {
            kind.value = event.currentTarget.value as Kind | "";
          }}
        >
          <option value="">{t("all_kinds")}</option>
          {kinds.map((one) => (
            <option value={one} key={one}>
              {kindWord(language, one)}
            </option>
          ))}
        </select>
        <label>
          <span>{t("onto")}</span>
          <select
            value={String(index)}
            onChange={(event) => {
              target.value = Number(event.currentTarget.value);
            }}
          >
            <option value="-1">{t("new_chart")}</option>
            {charts.map((one, i) => (
              <option value={String(i)} key={i}>
                {i + 1}. {headingOf(session, one, language).title || t("empty_chart")}
              </option>
            ))}
          </select>
        </label>
      </div>
      {(wanted.value || kind.value) && together.length > 1 && together.length <= MOST_SMALL && (
        <button
          type="button"
          disabled={charts.length >= MOST_CHARTS}
          onClick={() => session.update((state) => withNewChart(state, together, "small"))}
        >
          {t("as_small", { count: together.length })}
        </button>
      )}
      {chart && full && (
        <p class="note" role="status">
          {t("full", { count: mostLines(chart.kind) })}
        </p>
      )}
      <ul class="choices">{entries.slice(0, MOST_SHOWN).map(line)}</ul>
      {!entries.length && <p class="soft">{t("nothing_found")}</p>}
      {entries.length > MOST_SHOWN && (
        <p class="soft">{t("more_found", { count: entries.length - MOST_SHOWN })}</p>
      )}
    </section>
  );

  function line({ variable, names, label }: Entry) {
    const array = names.length > 1;
    const on = names.every((name) => shown.has(name));
    const opened = open.value.has(variable);
    const drag = (event: PointerEvent, touch: boolean) => startDrag(event, names, label, place, { touch });
    return (
      <li key={array ? variable.name : names[0]} class={!array && variable.elements > 1 ? "element" : ""}>
        <span class="grip" aria-hidden="true" onPointerDown={(event) => drag(event, true)}>
          ⠿
        </span>
        <button
          type="button"
          class="name"
          title={t("info_of", { name: label })}
          onPointerDown={(event) => drag(event, false)}
          onClick={() => {
            place.panel.value = { kind: "info", variable: session.description.variables.indexOf(variable) };
          }}
        >
          {label}
        </button>
        <small>
          {array ? t("elements", { count: names.length }) : catalogue.unit(variable.unit, language)}
        </small>
        {array && (
          <button
            type="button"
            class="quiet"
            aria-expanded={opened}
            aria-label={t("elements_of", { name: label })}
            title={t("elements_of", { name: label })}
            onClick={() => {
              const next = new Set(open.value);
              if (!next.delete(variable)) next.add(variable);
              open.value = next;
            }}
          >
            {opened ? "▾" : "▸"}
          </button>
        )}
        <button
          type="button"
          class="quiet put"
          aria-label={t(on ? "take_off" : "put_on", { name: label })}
          title={t(on ? "take_off" : "put_on", { name: label })}
          disabled={full && !on}
          onClick={() => toggle(names)}
        >
          {on ? "✓" : "+"}
        </button>
      </li>
    );
  }
}
