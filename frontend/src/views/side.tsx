// Beside the charts: the settings, or the list of variables.
import { useWords, useWorkplace } from "./common";
import { Sliders } from "./sliders";
import { Variables } from "./variables";

export function Side() {
  const { side } = useWorkplace();
  const { t } = useWords();
  const shown = side.value;
  return (
    <div class="side">
      <fieldset class="tabs" aria-label={t("side")}>
        {(["settings", "variables"] as const).map((key) => (
          <button
            type="button"
            key={key}
            aria-pressed={shown === key}
            onClick={() => {
              side.value = key;
            }}
          >
            {t(key)}
          </button>
        ))}
      </fieldset>
      {shown === "settings" ? <Sliders /> : <Variables />}
    </div>
  );
}
