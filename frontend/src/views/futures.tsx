// The switch "How sure?", and what its fans show.
import { useComputed } from "@preact/signals";
import { RUNS, variedOf } from "../futures/futures";
import { useWords, useWorkplace } from "./common";

const SPREADS = [0.1, 0.3, 1];
const USUAL = 0.3;

export function HowSure() {
  const { session, futures } = useWorkplace();
  const { t } = useWords();
  const unsure = useComputed(() => session.state.value.unsure).value;
  const { ability } = futures;
  const put = (spread: number | undefined) => session.update((before) => ({ ...before, unsure: spread }));
  return (
    <span class="sure">
      <label class="check" title={ability === "ready" ? t("how_sure_about") : t(ability)}>
        <input
          type="checkbox"
          checked={unsure !== undefined}
          disabled={ability !== "ready"}
          onChange={(event) => put(event.currentTarget.checked ? USUAL : undefined)}
        />
        {t("how_sure")}
      </label>
      {unsure !== undefined && (
        <select
          aria-label={t("spread")}
          value={String(unsure)}
          onChange={(event) => put(Number(event.currentTarget.value))}
        >
          {[...new Set([...SPREADS, unsure])].map((share) => (
            <option key={share} value={String(share)}>
              {share === 1 ? t("spread_whole") : t("spread_share", { share: Math.round(100 * share) })}
            </option>
          ))}
        </select>
      )}
    </span>
  );
}

export function FanWords() {
  const { session, futures } = useWorkplace();
  const { t, language } = useWords();
  const unsure = useComputed(() => session.state.value.unsure).value;
  const failed = useComputed(() => futures.fans.value?.failed ?? 0).value;
  if (unsure === undefined || futures.ability !== "ready") return null;
  const count = variedOf(session).length;
  if (!count) return <p class="words">{t("fan_nothing")}</p>;
  const far = unsure === 1 ? t("fan_whole") : t("fan_far", { share: Math.round(100 * unsure) });
  const words = [t("fan", { runs: RUNS, count, far }), failed > 0 && t("fan_failed", { count: failed })];
  return <p class="words">{words.filter(Boolean).join(language === "zh" ? "" : " ")}</p>;
}
