// The switch "How sure?", and what its fans show.
import { useComputed } from "@preact/signals";
import { RUNS } from "../futures/futures";
import { variedOf } from "../futures/samples";
import type { ChartState } from "../state";
import { useWords, useWorkplace } from "./common";
import "../futures.css";
import { grammarOf } from "../words/languages";

const SPREADS = [0.1, 0.3, 1];
const USUAL = 0.3;

export function HowSure() {
  const { session, futures } = useWorkplace();
  const { t } = useWords();
  const unsure = useComputed(() => session.state.value.unsure).value;
  const { ability } = futures;
  return (
    <label class="check" title={ability === "ready" ? t("how_sure_about") : t(ability)}>
      <input
        type="checkbox"
        checked={unsure !== undefined}
        disabled={ability !== "ready"}
        onChange={(event) => {
          const spread = event.currentTarget.checked ? USUAL : undefined;
          session.update((before) => ({ ...before, unsure: spread }));
        }}
      />
      {t("how_sure")}
    </label>
  );
}

/** Opens a map of the first two settings for the first variable of the charts, or closes it. */
export function MapButton() {
  const { session, futures } = useWorkplace();
  const { t } = useWords();
  const open = useComputed(() => session.state.value.map !== undefined).value;
  const { catalogue } = session;
  const toggle = () =>
    session.update((state) => {
      if (state.map) return { ...state, map: undefined };
      const [x, y] = catalogue.groups.flatMap(({ sliders }) => sliders).map(({ name }) => name);
      const of = movingLine(state.charts);
      return x === undefined || y === undefined || of === undefined
        ? state
        : { ...state, map: { x, y, of, how: "final" } };
    });
  return (
    <button
      type="button"
      aria-pressed={open}
      disabled={futures.ability !== "ready" || catalogue.sliders.size < 2}
      title={futures.ability === "ready" ? t("map_about") : t(futures.ability)}
      onClick={toggle}
    >
      {t("map")}
    </button>
  );

  function movingLine(charts: readonly ChartState[]): string | undefined {
    const moving = new Set(
      session.description.program.variables.flatMap(({ name, column }) => (column === null ? [] : [name])),
    );
    return charts.flatMap(({ lines }) => lines).find((name) => moving.has(name)) ?? [...moving][0];
  }
}

/** How far the guesses vary, what the bands are, and the way to the runs. */
export function FanWords() {
  const { session, futures } = useWorkplace();
  const { t, language } = useWords();
  const unsure = useComputed(() => session.state.value.unsure).value;
  const failed = useComputed(() => futures.fans.value?.failed ?? 0).value;
  const runs = useComputed(() => futures.fans.value?.runs ?? RUNS).value;
  if (unsure === undefined || futures.ability !== "ready") return null;
  if (futures.broken.value) return <p class="failure">{t("fan_broken")}</p>;
  const count = variedOf(session).length;
  if (!count) return <p class="words">{t("fan_nothing")}</p>;
  const words = [
    t("fan", { runs: runs.toLocaleString(grammarOf(language).tag), count }),
    failed > 0 && t("fan_failed", { count: failed }),
  ];
  return (
    <p class="words sure">
      <select
        aria-label={t("spread")}
        title={t("spread_about")}
        value={String(unsure)}
        onChange={(event) => {
          const spread = Number(event.currentTarget.value);
          session.update((before) => ({ ...before, unsure: spread }));
        }}
      >
        {[...new Set([...SPREADS, unsure])].map((share) => (
          <option key={share} value={String(share)}>
            {share === 1 ? t("spread_whole") : t("spread_share", { share: Math.round(100 * share) })}
          </option>
        ))}
      </select>
      <span>{words.filter(Boolean).join(grammarOf(language).blank)}</span>
      <button
        type="button"
        class="link"
        aria-pressed={futures.marks.value !== null}
        onClick={() => {
          futures.marks.value = futures.marks.peek() ? null : new Map();
        }}
      >
        {t("parallel_open")}
      </button>
    </p>
  );
}
