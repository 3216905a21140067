// What is known of a variable: equation, unit, description, range, what it depends on and what uses it.

import { headingOf } from "../curves";
import { pick, type VariableInfo } from "../description";
import { valueText } from "../format";
import { kindWord } from "../words";
import { Dialog, useWords, useWorkplace } from "./common";
import { putOnto, startDrag } from "./drag";
import { StoryOf } from "./story";

const MOST_ELEMENTS = 12;

export function Info({ variable: place }: { variable: number }) {
  const workplace = useWorkplace();
  const { session, panel } = workplace;
  const { t, language } = useWords();
  const { catalogue, description } = session;
  const variable = description.variables[place];
  if (!variable) return null;
  const unit = catalogue.unit(variable.unit, language) || t(variable.unit ? "dimensionless" : "no_unit");
  const equations = variable.equations[language] ?? variable.equations.en ?? [];
  const names = catalogue.rows.filter((row) => row.variable === variable).map(({ name }) => name);
  const { now } = session.results.value;
  return (
    <Dialog title={catalogue.variableLabel(variable, language)} key={place}>
      <p class="soft">
        {kindWord(language, variable.kind)} · {unit}
        {range(variable) && ` · ${range(variable)}`}
      </p>
      <p>{pick(variable.docs, language) || <span class="soft">{t("no_description")}</span>}</p>
      {equations.length > 0 && <h3>{t("equation")}</h3>}
      {equations.map((equation) => (
        <p class="equation" key={equation}>
          {equation}
        </p>
      ))}
      {variable.kind !== "constant" && names.length > 0 && (
        <ul class="values">
          {names.slice(0, MOST_ELEMENTS).map((name) => (
            <li key={name}>
              {names.length > 1 && <span>{catalogue.label(name, language)}: </span>}
              {t("start_to_end", {
                start: valueText(now.values[name]?.[0]),
                end: valueText(now.values[name]?.at(-1)),
              })}
            </li>
          ))}
        </ul>
      )}
      {variable.kind !== "constant" && names[0] !== undefined && names.length === 1 && (
        <StoryOf name={names[0]} />
      )}
      <Links title={t("causes")} places={variable.causes} />
      <Links title={t("uses")} places={variable.uses} />
      {names.length > 0 && (
        <p class="onto">
          <span
            class="grip"
            aria-hidden="true"
            onPointerDown={(event) =>
              startDrag(event, names, catalogue.variableLabel(variable, language), workplace, { touch: true })
            }
          >
            ⠿ {t("drag")}
          </span>
          <button type="button" onClick={() => put(-1)}>
            {t("show_in")}
          </button>
          {session.state.value.charts.map((chart, i) => (
            <button type="button" key={i} onClick={() => put(i)}>
              {i + 1}. {headingOf(session, chart, language).title || t("empty_chart")}
            </button>
          ))}
        </p>
      )}
    </Dialog>
  );

  function put(chart: number) {
    putOnto(workplace, chart, names);
    panel.value = null;
  }

  function range({ minimum, maximum }: VariableInfo): string {
    if (minimum === null || maximum === null) return "";
    return t("range", { low: valueText(minimum), high: valueText(maximum) });
  }
}

function Links({ title, places }: { title: string; places: readonly number[] }) {
  const { session, panel } = useWorkplace();
  const { t, language } = useWords();
  return (
    <>
      <h3>{title}</h3>
      {places.length === 0 && <p class="soft">{t("none")}</p>}
      <ul class="links">
        {places.map((place) => {
          const variable = session.description.variables[place];
          return (
            variable && (
              <li key={place}>
                <button
                  type="button"
                  onClick={() => {
                    panel.value = { kind: "info", variable: place };
                  }}
                >
                  {session.catalogue.variableLabel(variable, language)}
                </button>
              </li>
            )
          );
        })}
      </ul>
    </>
  );
}
