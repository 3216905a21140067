// What is known of the selected symbol, beside the diagram: as in the dialog, and the feedback loops through it.
import { useEffect, useRef, useState } from "preact/hooks";
import { type Loop, loopsThrough, MOST_LOOPS } from "../diagram/loops";
import { useWords, useWorkplace } from "./common";
import type { Diagram } from "./diagram";
import { InfoBody } from "./info";

export function Card({ variable: place, diagram }: { variable: number; diagram: Diagram }) {
  const { session } = useWorkplace();
  const { t, language } = useWords();
  const card = useRef<HTMLElement>(null);
  const variable = session.description.variables[place];
  useEffect(() => card.current?.scrollTo(0, 0), [place]);
  if (!variable) return null;
  const name = session.catalogue.variableLabel(variable, language);
  return (
    <aside
      class="card"
      ref={card}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reached by keyboard
      tabIndex={0}
      aria-label={t("info_of", { name })}
      onKeyDown={(event) => {
        if (event.key === "Escape") diagram.select(null);
      }}
    >
      <header>
        <h2>{name}</h2>
        <button
          type="button"
          class="quiet"
          aria-label={t("close")}
          title={t("close")}
          onClick={() => diagram.select(null)}
        >
          ✕
        </button>
      </header>
      <InfoBody
        variable={place}
        go={diagram.select}
        sign={(cause, effect) => diagram.links.sign(cause, effect)}
      />
      <Loops place={place} name={name} diagram={diagram} />
    </aside>
  );
}

function Loops({ place, name, diagram }: { place: number; name: string; diagram: Diagram }) {
  const { session } = useWorkplace();
  const { t, language } = useWords();
  // What is selected lights up before its loops are looked for.
  const [loops, setLoops] = useState<readonly Loop[]>([]);
  useEffect(() => {
    const timer = setTimeout(() => setLoops(loopsThrough(place, diagram.links)));
    return () => clearTimeout(timer);
  }, [place, diagram.links]);
  const { variables } = session.description;
  const lit = session.diagram.value.loop?.join();
  const path = ({ variables: places }: Loop) =>
    [...places, places[0] ?? 0]
      .map((one) => {
        const variable = variables[one];
        return variable ? session.catalogue.variableLabel(variable, language) : "";
      })
      .join(" → ");
  return (
    <>
      <h3>{t("loops_through", { name })}</h3>
      {loops.length === 0 && <p class="soft">{t("loops_none")}</p>}
      <ul class="loops">
        {loops.map((loop) => {
          const key = loop.variables.join();
          const on = key === lit;
          return (
            <li key={key}>
              <button
                type="button"
                class={loop.kind === "reinforcing" ? "plus" : loop.kind === "balancing" ? "minus" : ""}
                aria-pressed={on}
                onClick={() => diagram.light(on ? null : loop.variables)}
              >
                <b>{t(`loop_${loop.kind}`)}</b> {path(loop)}
              </button>
            </li>
          );
        })}
      </ul>
      {loops.length === MOST_LOOPS && <p class="soft">{t("loops_more", { count: MOST_LOOPS })}</p>}
    </>
  );
}
