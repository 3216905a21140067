// The dialogs about the whole model: its assumptions, what the page is, and its link.
import { pick } from "../description";
import { valueText } from "../format";
import { given } from "../state";
import { Dialog, useWords, useWorkplace } from "./common";
import { Info } from "./info";

export function OpenPanel() {
  const { panel } = useWorkplace();
  const open = panel.value;
  if (!open) return null;
  if (open.kind === "info") return <Info variable={open.variable} key={open.variable} />;
  if (open.kind === "link") return <Link address={open.address} />;
  return open.kind === "about" ? <About /> : <Assumptions />;
}

function Assumptions() {
  const { session } = useWorkplace();
  const { t, language } = useWords();
  const { catalogue } = session;
  const { values } = session.state.value;
  return (
    <Dialog title={t("assumptions")}>
      <p class="soft">{t("assumptions_about")}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reached by keyboard */}
      <section class="table whole" tabIndex={0} aria-label={t("assumptions")}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t("name")}</th>
              <th scope="col">{t("value")}</th>
              <th scope="col">{t("model_value")}</th>
              <th scope="col">{t("unit")}</th>
              <th scope="col">{t("range_head")}</th>
              <th scope="col">{t("description")}</th>
            </tr>
          </thead>
          <tbody>
            {[...catalogue.sliders.values()].map(({ name, standard, unit, limits, row }) => (
              <tr key={name} class={given(values, name) === undefined ? "" : "changed"}>
                <th scope="row">{catalogue.label(name, language)}</th>
                <td>{valueText(given(values, name) ?? standard, 6)}</td>
                <td>{valueText(standard, 6)}</td>
                <td class="words">{unit}</td>
                <td>
                  {limits.guessed ? "~ " : ""}
                  {valueText(limits.minimum)} – {valueText(limits.maximum)}
                </td>
                <td class="words">{pick(row?.variable.docs, language)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </Dialog>
  );
}

function About() {
  const { session } = useWorkplace();
  const { t, language } = useWords();
  const { name, doc, file, refused } = session.description;
  return (
    <Dialog title={name}>
      {doc && <p class="doc">{doc}</p>}
      <p class="soft">{t("made_with", { file })}</p>
      <p class="soft">{t("plot_help")}</p>
      {refused.length > 0 && (
        <>
          <p>{t("refused")}</p>
          <ul>
            {refused.map((one) => (
              <li key={one.name}>
                {pick(one.title, language, one.name)}: {one.reason}
              </li>
            ))}
          </ul>
        </>
      )}
    </Dialog>
  );
}

function Link({ address }: { address: string }) {
  const { t } = useWords();
  return (
    <Dialog title={t("link")}>
      <label>
        {t("link_here")}
        <textarea readOnly rows={4} value={address} onFocus={(event) => event.currentTarget.select()} />
      </label>
    </Dialog>
  );
}
