// Another equation for a variable, tried out where a server can read it; the file stays as it is.
import "./equation.css";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { VariableInfo } from "../description";
import { download, fileName } from "../files";
import type { Live } from "../live";
import { type Equations, withEquation } from "../variants";
import { useWords, useWorkplace } from "./common";

const PAUSE = 200; // milliseconds without a key, after which the equation is checked
let applied = ""; // the left side that was applied last; its field keeps the focus in the new version

export function TryEquation({ variable }: { variable: VariableInfo }) {
  const { live } = useWorkplace();
  const { t } = useWords();
  if (!live || !variable.sides?.length) return null;
  return (
    <section class="try">
      <h3>{t("try_equation")}</h3>
      {variable.sides.map(([left, right]) => (
        <Side left={left} right={right} live={live} key={left} />
      ))}
      <p class="soft">{t("try_about")}</p>
    </section>
  );
}

interface Verdict {
  readonly fine: boolean;
  readonly words: string;
}

function Side({ left, right, live }: { left: string; right: string; live: Live }) {
  const { session } = useWorkplace();
  const { t } = useWords();
  const [text, setText] = useState(right);
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const name = useId();
  const original = live.variants?.original(left);
  const tried = (to: string): Equations => withEquation(session.state.value.equations, left, to, original);
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
        (error: Error) => !stale && setVerdict({ fine: false, words: error.message }),
      );
    }, PAUSE);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [text, right]);
  const apply = async (to: string) => {
    const equations = tried(to);
    setBusy(true);
    try {
      await live.variants?.fetch(equations);
      applied = left;
      session.update((state) => ({ ...state, equations }));
    } catch (error) {
      setVerdict({ fine: false, words: error instanceof Error ? error.message : String(error) });
      setBusy(false);
    }
  };
  const bad = verdict?.fine === false;
  return (
    <div>
      <label for={name}>{left} =</label>
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
        {verdict?.words ?? (right !== original && t("try_in_file", { right: original ?? "" }))}
      </p>
      <div class="actions">
        <button type="button" disabled={busy || bad || text === right} onClick={() => void apply(text)}>
          {t("try_apply")}
        </button>
        {right !== original && original !== undefined && (
          <button type="button" disabled={busy} onClick={() => void apply(original)}>
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
      const { text } = await live.ask("file", equations);
      download(`${fileName(session.description.name)}.xmile`, text ?? "", "application/xml");
    } catch (error) {
      notice.value = error instanceof Error ? error.message : String(error);
    }
  };
  return (
    <div class="tried">
      <b>{t("try_tried")}</b>
      {session.description.variables.map(
        (variable, place) =>
          variable.sides?.some(([left]) => left in equations) && (
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
