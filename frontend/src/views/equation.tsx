// Another equation for a variable, tried out where a server can read it; the file stays as it is.
import "./equation.css";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { Catalogue } from "../catalogue";
import type { SideInfo, VariableInfo } from "../description";
import { download } from "../files";
import { type Live, wordsOf } from "../live";
import { type Equations, withEquation } from "../variants";
import type { Key } from "../words";
import { useWords, useWorkplace } from "./common";
import { PointsPlot } from "./points";

const PAUSE = 200; // milliseconds without a key, after which the equation is checked
let applied = ""; // the left side that was applied last; its field keeps the focus in the new version

export function TryEquation({ variable }: { variable: VariableInfo }) {
  const { live, session } = useWorkplace();
  const { t } = useWords();
  const [more, setMore] = useState<readonly SideInfo[]>([]);
  const { sides, whole } = variable;
  if (!live || !sides) return null;
  const known = new Set(sides.map(([left]) => left));
  const all = [...sides, ...more.filter(([left]) => !known.has(left))];
  const shared = session.description.variables.some(
    (other) => other !== variable && other.sides?.some(([left]) => known.has(left)),
  );
  const elements = whole === undefined ? [] : elementsOf(variable, session.catalogue, whole, all);
  return (
    <section class="try">
      <h3>{t("try_equation")}</h3>
      {all.map((side) => (
        <Side side={side} live={live} key={side[0]} />
      ))}
      {elements.length > 0 && (
        <select
          aria-label={t("try_element")}
          value=""
          onChange={(event) => {
            const side = elements[Number(event.currentTarget.value)];
            if (side) setMore([...more, side]);
          }}
        >
          <option value="">{t("try_element")}</option>
          {elements.map(([left], i) => (
            <option value={i} key={left}>
              {left}
            </option>
          ))}
        </select>
      )}
      <p class="soft">
        {t(sides.length ? "try_about" : whyNot(variable))} {shared && t("try_shared")}
      </p>
    </section>
  );
}

/** Why the file has no equation that can be changed. */
function whyNot({ kind, name }: VariableInfo): Key {
  if (kind === "data") return "try_data";
  return name.includes(".") ? "try_input" : "try_elsewhere";
}

/** The elements of an array that still have the common equation, with it in their subscripts. */
function elementsOf(
  variable: VariableInfo,
  catalogue: Catalogue,
  whole: string,
  sides: readonly SideInfo[],
): SideInfo[] {
  const [, name = "", inside] = /^(.*?)(?:\[([^\]]*)\].*)?$/s.exec(whole) ?? [];
  const right = sides.find(([left]) => left === whole)?.[1] ?? "";
  const ranges = inside?.split(",").map((range) => range.trim()) ?? [];
  const known = new Set(sides.map(([left]) => left));
  return catalogue.rows
    .filter((row) => row.variable === variable && row.name.endsWith("]"))
    .map((row): SideInfo => {
      const subscripts = row.name.slice(row.name.lastIndexOf("[") + 1, -1);
      const own = subscripts.split(",").map((one) => one.trim());
      const within = right.replace(/\[[^\]]*\]/g, (group) =>
        group.replace(/[^[\],]+/g, (one) => own[ranges.indexOf(one.trim())] ?? one),
      );
      return [`${name.trim()}[${subscripts}]`, within, "element"];
    })
    .filter(([left]) => !known.has(left));
}

interface Verdict {
  readonly fine: boolean;
  readonly words: string;
}

function Side({ side, live }: { side: SideInfo; live: Live }) {
  const [left, right, kind] = side;
  const { session } = useWorkplace();
  const { t, language } = useWords();
  const [text, setText] = useState(right);
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const name = useId();
  const original = live.variants?.original(left);
  const inFile = original === undefined && Object.hasOwn(session.equations, left) ? null : original;
  const tried = (to: string | null): Equations =>
    withEquation(session.state.value.equations, left, to, original);
  useEffect(() => {
    if (applied !== left) return;
    applied = "";
    // The dialog opens after this effect, and takes the focus.
    requestAnimationFrame(() => field.current?.focus());
  }, []);
  useEffect(() => {
    if (text === right) {
      setVerdict(null);
      return;
    }
    let stale = false;
    const timer = setTimeout(() => {
      live.ask("check", tried(text)).then(
        () => !stale && setVerdict({ fine: true, words: t("try_fine") }),
        (error: Error) => !stale && setVerdict({ fine: false, words: wordsOf(error, language) }),
      );
    }, PAUSE);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [text, right]);
  const apply = async (to: string | null) => {
    const equations = tried(to);
    setBusy(true);
    try {
      await live.variants?.fetch(equations);
      applied = left;
      session.update((state) => ({ ...state, equations }));
    } catch (error) {
      setVerdict({ fine: false, words: wordsOf(error, language) });
      setBusy(false);
    }
  };
  const bad = verdict?.fine === false;
  return (
    <div>
      <label for={name}>
        {kind === "points" ? t("try_points", { left: left.slice(0, -3) }) : `${left} =`}
      </label>
      <PointsPlot text={text} change={setText} />
      <textarea
        id={name}
        ref={field}
        rows={Math.min(6, 1 + Math.floor(text.length / 60))}
        value={text}
        spellcheck={false}
        aria-label={t("try_equals", { left })}
        aria-invalid={bad}
        aria-describedby={`${name} verdict`}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          // The browser's own undo is for what was typed.
          if ((event.ctrlKey || event.metaKey) && event.key === "z" && text === right) session.undo();
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          if (text !== right) void apply(text);
        }}
      />
      <p class={bad ? "verdict bad" : "verdict soft"} id={`${name} verdict`} role="status">
        {verdict?.words ??
          (original !== undefined && right !== original && t("try_in_file", { right: original }))}
      </p>
      <div class="actions">
        <button type="button" disabled={busy || bad || text === right} onClick={() => void apply(text)}>
          {t("try_apply")}
        </button>
        {right !== original && inFile !== undefined && (
          <button type="button" disabled={busy} onClick={() => void apply(inFile)}>
            {t("try_back")}
          </button>
        )}
      </div>
    </div>
  );
}

/** The line that names the equations being tried, with what can be done with them. */
export function Tried() {
  const { session, panel, live, notice } = useWorkplace();
  const { t, language } = useWords();
  const { equations } = session;
  const lefts = Object.keys(equations);
  if (!live || !lefts.length) return null;
  const save = async () => {
    try {
      const { bytes = "" } = await live.ask("file", equations);
      const [, stem, ending] = /^(.*?)(\.[^.]*)?$/s.exec(session.description.file) ?? [];
      const data = Uint8Array.from(atob(bytes), (character) => character.charCodeAt(0));
      download(`${stem} (${t("try_new_file")})${ending ?? ""}`, new Blob([data]));
    } catch (error) {
      notice.value = wordsOf(error, language);
    }
  };
  return (
    <div class="tried">
      <b>{t("try_tried")}</b>
      {session.description.variables.map(
        (variable, place) =>
          variable.sides?.some(([left]) => Object.hasOwn(equations, left)) && (
            <button
              type="button"
              key={variable.name}
              onClick={() => {
                panel.value = { kind: "info", variable: place };
              }}
            >
              {session.catalogue.variableLabel(variable, language)}
            </button>
          ),
      )}
      <button type="button" onClick={() => void save()}>
        {t("try_save")}
      </button>
      <button type="button" onClick={() => session.update((state) => ({ ...state, equations: undefined }))}>
        {t("try_all_back")}
      </button>
    </div>
  );
}
