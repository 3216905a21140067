// The dialogs about the whole model: its assumptions, what the page is, and its link.
import { useSignal } from "@preact/signals";
import { type Grounds, groundsOf } from "../basis";
import { pick } from "../description";
import { quantityText } from "../format";
import { given } from "../state";
import type { Key } from "../words";
import { Dialog, useWords, useWorkplace } from "./common";
import { Info } from "./info";

export function OpenPanel() {
  const { panel } = useWorkplace();
  const open = panel.value;
  if (!open) return null;
  if (open.kind === "info") return <Info variable={open.variable} key={open.variable} />;
  if (open.kind === "text") return <Text {...open} />;
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
      <Bases />
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
              <th scope="col">{t("basis")}</th>
              <th scope="col">{t("description")}</th>
            </tr>
          </thead>
          <tbody>
            {[...catalogue.sliders.values()].map(({ name, standard, unit, limits, row }) => (
              <tr key={name} class={given(values, name) === undefined ? "" : "changed"}>
                <th scope="row">{catalogue.label(name, language)}</th>
                <td>{quantityText(given(values, name) ?? standard, unit, 6)}</td>
                <td>{quantityText(standard, unit, 6)}</td>
                <td class={unit ? "" : "missing"}>{unit || t("no_unit")}</td>
                <td>
                  {limits.guessed ? "~ " : ""}
                  {quantityText(limits.minimum, unit)} – {quantityText(limits.maximum, unit)}
                </td>
                <td class={/no/.test(groundsOf(row?.variable)) ? "missing" : ""}>
                  {row?.variable.lever && `${t("basis_lever")}; `}
                  {t(`basis_${groundsOf(row?.variable)}`)}
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

/** How many numbers rest on what. */
function Bases() {
  const { session } = useWorkplace();
  const { t } = useWords();
  const counts = new Map<Grounds, number>();
  for (const { row } of session.catalogue.sliders.values()) {
    const grounds = groundsOf(row?.variable);
    counts.set(grounds, (counts.get(grounds) ?? 0) + 1);
  }
  return <p>{[...counts].map(([grounds, count]) => `${t(`basis_${grounds}`)}: ${count}`).join(" · ")}</p>;
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
                {pick(one.title, language, one.name)}: {pick(one.reason, language)}
              </li>
            ))}
          </ul>
        </>
      )}
    </Dialog>
  );
}

function Text({ title, help, text }: { title: Key; help: Key; text: string }) {
  const { t } = useWords();
  return (
    <Dialog title={t(title)}>
      <label>
        {t(help)}
        <textarea
          readOnly
          rows={Math.min(16, text.split("\n").length + 3)}
          value={text}
          onFocus={(event) => event.currentTarget.select()}
        />
      </label>
      <p>
        <Copy text={text} />
      </p>
    </Dialog>
  );
}

function Copy({ text }: { text: string }) {
  const { t } = useWords();
  const done = useSignal(false);
  return (
    <button
      type="button"
      onClick={() =>
        void navigator.clipboard.writeText(text).then(() => {
          done.value = true;
        })
      }
    >
      {t(done.value ? "copied" : "copy")}
    </button>
  );
}
