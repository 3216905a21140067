// The table behind the diagram: its variables with their values at the time, and what each depends on.
import type { Scene } from "../diagram/scene";
import { momentText, valueText } from "../format";
import { kindWord, listed } from "../words";
import { useWords, useWorkplace } from "./common";
import type { Diagram } from "./diagram";

export function DiagramTable({ scene, diagram }: { scene: Scene; diagram: Diagram }) {
  const { session } = useWorkplace();
  const { t, language } = useWords();
  const { catalogue, description } = session;
  const levels = diagram.levels.value;
  const place = levels.place(session.cursor.value);
  const shown = [...new Set(scene.symbols.map(({ variable }) => variable))].filter((one) => one >= 0);
  const name = (one: number) => {
    const variable = description.variables[one];
    return variable ? catalogue.variableLabel(variable, language) : "";
  };
  const withSign = (cause: number, effect: number) => {
    const sign = diagram.links.sign(cause, effect);
    return sign === "+" || sign === "-"
      ? t("cause_sign", { name: name(cause), sign: sign === "-" ? "−" : sign })
      : name(cause);
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reached by keyboard
    <section class="table" tabIndex={0} aria-label={t("diagram_table_of")}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t("name")}</th>
            <th scope="col">{t("kind")}</th>
            <th scope="col">
              {momentText(levels.curves.time[place] ?? 0, description.program.timeUnit, language)}
            </th>
            <th scope="col">{t("unit")}</th>
            <th scope="col">{t("causes")}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((one) => {
            const variable = description.variables[one];
            return (
              variable && (
                <tr key={one}>
                  <th scope="row">{name(one)}</th>
                  <td class="words">{kindWord(language, variable.kind)}</td>
                  <td>{valueText(levels.value(one, place))}</td>
                  <td class="words">{catalogue.unit(variable.unit, language)}</td>
                  <td class="words">
                    {listed(
                      variable.causes.map((cause) => withSign(cause, one)),
                      language,
                    )}
                  </td>
                </tr>
              )
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
