// Which variables a chart shows: a list of all of them, that is searched.
import { useSignal } from "@preact/signals";
import { MOST_LINES, withLine } from "../state";
import { kindWord } from "../words";
import { Dialog, matches, useWords, useWorkplace } from "./common";

const MOST_SHOWN = 200;

export function Choose({ chart }: { chart: number }) {
  const { session } = useWorkplace();
  const { t, language } = useWords();
  const wanted = useSignal("");
  const lines = session.state.value.charts[chart]?.lines ?? [];
  const chosen = new Set(lines);
  const { catalogue } = session;
  const found = catalogue.rows.filter(
    ({ name, variable }) =>
      !wanted.value ||
      matches(wanted.value, name, catalogue.label(name, language), kindWord(language, variable.kind)),
  );
  const ordered = [
    ...found.filter(({ name }) => chosen.has(name)),
    ...found.filter(({ name }) => !chosen.has(name)),
  ];
  const full = lines.length >= MOST_LINES;
  return (
    <Dialog title={t("choose_title")}>
      <input
        type="search"
        class="search"
        value={wanted.value}
        placeholder={t("search_variables")}
        aria-label={t("search_variables")}
        onInput={(event) => {
          wanted.value = event.currentTarget.value;
        }}
      />
      {full && (
        <p class="note" role="status">
          {t("full", { count: MOST_LINES })}
        </p>
      )}
      <ul class="choices">
        {(wanted.value ? found : ordered).slice(0, MOST_SHOWN).map(({ name, variable }) => (
          <li key={name}>
            <label>
              <input
                type="checkbox"
                checked={chosen.has(name)}
                disabled={full && !chosen.has(name)}
                onChange={() => session.update((state) => withLine(state, chart, name))}
              />
              <span>{catalogue.label(name, language)}</span>
              <small>
                {[kindWord(language, variable.kind), catalogue.unit(variable.unit, language)]
                  .filter(Boolean)
                  .join(" · ")}
              </small>
            </label>
          </li>
        ))}
      </ul>
      {!found.length && <p class="soft">{t("nothing_found")}</p>}
      {found.length > MOST_SHOWN && (
        <p class="soft">{t("more_found", { count: found.length - MOST_SHOWN })}</p>
      )}
    </Dialog>
  );
}
