// What is known of a variable: equation, unit, description, range, what it depends on and what uses it.
import { ends, headingOf } from "../curves";
import { pick, type VariableInfo } from "../description";
import type { Sign } from "../diagram/scene";
import { valueText } from "../format";
import { kindWord } from "../words";
import { Dialog, useWords, useWorkplace } from "./common";
import { putOnto, startDrag } from "./drag";
import { TryEquation } from "./equation";
import { StoryOf } from "./story";

const MOST_ELEMENTS = 12;

export function Info({ variable: place }: { variable: number }) {
  const { session, panel } = useWorkplace();
  const { language } = useWords();
  const variable = session.description.variables[place];
  if (!variable) return null;
  const go = (next: number) => {
    panel.value = { kind: "info", variable: next };
  };
  return (
    <Dialog title={session.catalogue.variableLabel(variable, language)} key={place}>
      <InfoBody variable={place} go={go} />
    </Dialog>
  );
}

interface BodyProps {
  readonly variable: number;
  /** Tell about another variable. */
  readonly go: (variable: number) => void;
  /** The sign of a link, where it is known. */
  readonly sign?: (cause: number, effect: number) => Sign | undefined;
}

/** All that is known of a variable; the dialog and the card of the diagram show it. */
export function InfoBody({ variable: place, go, sign = () => undefined }: BodyProps) {
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
    <>
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
      {SERVED && <TryEquation variable={variable} />}
      {variable.kind !== "constant" && <Spark names={names} />}
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
      <Links title={t("causes")} places={variable.causes} go={go} sign={(cause) => sign(cause, place)} />
      <Links title={t("uses")} places={variable.uses} go={go} sign={(effect) => sign(place, effect)} />
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
    </>
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

const SPARK = 100; // points of the small curve

/** The curves of a variable, small. */
function Spark({ names }: { names: readonly string[] }) {
  const { session } = useWorkplace();
  const { values } = session.results.value.now;
  const curves = names.slice(0, MOST_ELEMENTS).flatMap((name) => values[name] ?? []);
  const shown = curves.map((curve) =>
    Array.from({ length: SPARK + 1 }, (_, i) => curve[Math.round(((curve.length - 1) * i) / SPARK)] ?? 0),
  );
  const known = shown.flat().filter(Number.isFinite);
  if (!known.length) return null;
  const [low, high] = ends(Math.min(...known), Math.max(...known));
  const y = (value: number) => (50 - (48 * (value - low)) / (high - low)).toFixed(2);
  return (
    <svg class="spark" viewBox="0 0 100 52" preserveAspectRatio="none" aria-hidden="true">
      {low <= 0 && high >= 0 && <path class="axis" d={`M0 ${y(0)}H100`} />}
      {shown.map((curve, i) => (
        <path
          key={names[i]}
          d={curve.map((v, j) => `${j ? "L" : "M"}${j} ${y(Number.isFinite(v) ? v : 0)}`).join("")}
        />
      ))}
    </svg>
  );
}

interface LinksProps {
  readonly title: string;
  readonly places: readonly number[];
  readonly go: (variable: number) => void;
  readonly sign: (other: number) => Sign | undefined;
}

function Links({ title, places, go, sign }: LinksProps) {
  const { session } = useWorkplace();
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
                <button type="button" onClick={() => go(place)}>
                  {session.catalogue.variableLabel(variable, language)}
                  {signText(sign(place))}
                </button>
              </li>
            )
          );
        })}
      </ul>
    </>
  );
}

function signText(sign: Sign | undefined): string {
  return sign === "+" ? " (+)" : sign === "-" ? " (−)" : "";
}
