// The whole laboratory: bar, charts, settings, dialogs.
import { useComputed } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { momentText, valueText } from "../format";
import { pan, zoom } from "../plot";
import type { Failure } from "../session";
import { follows, MOST_CHARTS, OWN, withNewChart, withSetup } from "../state";
import { grammarOf, languageTag, nextLanguage } from "../words/languages";
import { ChartCard } from "./chart";
import { Menu, useWords, useWorkplace } from "./common";
import { DiagramArea, ShowChoice } from "./diagram";
import { FanWords, HowSure, MapButton } from "./futures";
import { Lacking, LiveStatus } from "./live";
import { MapCard } from "./map";
import { OpenPanel } from "./panels";
import { ParallelCard } from "./parallel";
import { SaveMenu, useDroppedState } from "./save";
import { CompareChoice, KeepButton, KeptRuns, ScenarioChoice, ScenarioWords } from "./scenarios";
import { Side } from "./side";
import { StoryLine } from "./story";

const SHOWN = 4000; // milliseconds of a toast

export function Laboratory() {
  const { session, notice, dark, embedded } = useWorkplace();
  const { language } = useWords();
  useKeys();
  useDroppedState();
  // A page around it has a main part and a title of its own.
  const [Whole, Desk] = embedded ? (["section", "div"] as const) : (["div", "main"] as const);
  return (
    <Whole
      aria-label={embedded ? session.description.name : undefined}
      class={`theme laboratory${dark.value ? " dark" : ""}${embedded ? " embedded" : ""}`}
      lang={languageTag(language)}
    >
      <Bar />
      {SERVED && <LiveStatus />}
      <Lacking />
      <Desk class="desk">
        <ChartsArea />
        <Side />
      </Desk>
      <OpenPanel />
      <div class="hidden" role="status" aria-live="polite">
        {notice.value}
      </div>
      <Toast />
    </Whole>
  );
}

function Bar() {
  const { session, panel, toast, narrow, embedded } = useWorkplace();
  const { t, language } = useWords();
  const { description } = session;
  const changed = useComputed(() => {
    return !follows(session.state.value, OWN);
  }).value;
  const others = (
    <>
      <button
        type="button"
        onClick={() => {
          panel.value = { kind: "assumptions" };
        }}
      >
        {t("assumptions")}
      </button>
      {!embedded && (
        <button type="button" onClick={() => void copyLink()}>
          {t("link")}
        </button>
      )}
      <SaveMenu />
      <button
        type="button"
        onClick={() => {
          panel.value = { kind: "about" };
        }}
      >
        {t("about")}
      </button>
      <button
        type="button"
        lang={languageTag(nextLanguage(language))}
        onClick={() => {
          session.language.value = nextLanguage(language);
        }}
      >
        {grammarOf(nextLanguage(language)).name}
      </button>
    </>
  );
  return (
    <header class="bar">
      {embedded ? <h3>{description.name}</h3> : <h1>{description.name}</h1>}
      <ScenarioChoice />
      <fieldset class="tools" aria-label={t("tools")}>
        <button
          type="button"
          class="quiet"
          disabled={!session.canUndo.value}
          onClick={() => session.undo()}
          aria-label={t("undo")}
          title={`${t("undo")} (Ctrl Z)`}
        >
          ↶
        </button>
        <button
          type="button"
          class="quiet"
          disabled={!session.canRedo.value}
          onClick={() => session.redo()}
          aria-label={t("redo")}
          title={`${t("redo")} (Ctrl Y)`}
        >
          ↷
        </button>
        <button
          type="button"
          disabled={!changed}
          title={t("reset_all")}
          onClick={() => session.update((state) => withSetup(state, OWN))}
        >
          {t("reset")}
        </button>
        {narrow.value ? (
          <Menu label={t("more")} title={t("more")}>
            {others}
          </Menu>
        ) : (
          others
        )}
      </fieldset>
    </header>
  );

  async function copyLink() {
    const address = `${location.href.split("#")[0]}#${session.hash}`;
    try {
      await navigator.clipboard.writeText(address);
      toast.value = t("link_copied");
    } catch {
      panel.value = { kind: "text", title: "link", help: "link_here", text: address };
    }
  }
}

function ChartsArea() {
  const { session } = useWorkplace();
  const { t } = useWords();
  const count = useComputed(() => session.state.value.charts.length).value;
  const failures = useComputed(() => session.results.value.failures).value;
  const { shown } = session.diagram.value;
  const stale = failures.some(({ run }) => run === null) ? " stale" : "";
  return (
    <section class={`charts ${shown}-shown${stale}`} aria-label={t("charts")}>
      <Strip />
      <KeptRuns />
      <FanWords />
      <ScenarioWords />
      <StoryLine />
      <div role="alert">
        {failures.map((failure) => (
          <FailureWords failure={failure} key={failure.run?.name ?? ""} />
        ))}
      </div>
      {shown !== "charts" && <DiagramArea />}
      <div class="grid" hidden={shown === "diagram"}>
        <ParallelCard />
        <MapCard />
        {Array.from({ length: count }, (_, i) => (
          <ChartCard index={i} key={i} />
        ))}
        <button
          type="button"
          class="add"
          data-drop="new"
          disabled={count >= MOST_CHARTS}
          onClick={() => session.update((before) => withNewChart(before, []))}
        >
          + {t("add_chart")}
        </button>
      </div>
    </section>
  );
}

/** The tools of the charts in one line: what has no room in it is in a menu at its end. */
function Strip() {
  const { session, narrow, tight } = useWorkplace();
  const { t } = useWords();
  const keeping = (
    <>
      <KeepButton />
      <CompareChoice />
    </>
  );
  const others = (
    <>
      <Baseline />
      <MapButton />
    </>
  );
  return (
    <div class="strip">
      <ShowChoice />
      {!narrow.value && keeping}
      {!tight.value && others}
      <HowSure />
      {tight.value ? (
        <>
          {session.view.value && <WholeTime />}
          <Menu label={t("more_tools")} title={t("more_tools")}>
            {narrow.value && keeping}
            {others}
            <TimeRange />
          </Menu>
        </>
      ) : (
        <TimeRange />
      )}
    </div>
  );
}

function Baseline() {
  const { session } = useWorkplace();
  const { t } = useWords();
  const ghost = useComputed(() => session.state.value.ghost).value;
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={ghost}
        onChange={() => session.update((before) => ({ ...before, ghost: !before.ghost }))}
      />
      {t("ghost")}
    </label>
  );
}

function FailureWords({ failure }: { failure: Failure }) {
  const { session } = useWorkplace();
  const { t, language } = useWords();
  const { run, variable, value, time } = failure;
  const parts = {
    name: session.catalogue.label(variable, language),
    value: Number.isNaN(value) ? t("not_number") : t("infinite"),
    time: momentText(time, session.description.program.timeUnit, language),
    run: run?.name ?? "",
  };
  return <p class="failure">{t(run ? "failed_kept" : "failed", parts)}</p>;
}

function TimeRange() {
  const { session, tight } = useWorkplace();
  const { t } = useWords();
  const view = session.view.value;
  const buttons = [
    ["earlier", "◂", () => pan(session, -0.5), !view],
    ["later", "▸", () => pan(session, 0.5), !view],
    ["zoom_in", "+", () => zoom(session, 0.5), false],
    ["zoom_out", "−", () => zoom(session, 2), !view],
  ] as const;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the menu around it stays open
    <fieldset class="range" aria-label={t("time_range")} onClick={(event) => event.stopPropagation()}>
      {buttons.map(([key, sign, act, off]) => (
        <button
          type="button"
          class="quiet"
          key={key}
          aria-label={t(key)}
          title={t(key)}
          disabled={off}
          onClick={act}
        >
          {sign}
        </button>
      ))}
      {!tight.value && <WholeTime />}
    </fieldset>
  );
}

function WholeTime() {
  const { session } = useWorkplace();
  const { t } = useWords();
  const view = session.view.value;
  return view ? (
    <button
      type="button"
      onClick={() => {
        session.view.value = null;
      }}
    >
      {t("whole")}{" "}
      <small>
        ({valueText(view[0])} – {valueText(view[1])})
      </small>
    </button>
  ) : null;
}

function Toast() {
  const { toast } = useWorkplace();
  const text = toast.value;
  useEffect(() => {
    const timer = setTimeout(() => {
      toast.value = "";
    }, SHOWN);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <div role="status" class={text ? "toast" : "hidden"}>
      {text}
    </div>
  );
}

function useKeys(): void {
  const { session, keys } = useWorkplace();
  useEffect(() => {
    const key = (event: Event) => {
      if (!(event instanceof KeyboardEvent)) return;
      if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
      const target = event.target as HTMLElement;
      if (
        target instanceof HTMLTextAreaElement ||
        (target instanceof HTMLInputElement && target.type !== "range" && target.type !== "checkbox")
      )
        return;
      const letter = event.key.toLowerCase();
      if (letter === "z" && !event.shiftKey) session.undo();
      else if (letter === "y" || letter === "z") session.redo();
      else return;
      event.preventDefault();
    };
    keys.addEventListener("keydown", key);
    return () => keys.removeEventListener("keydown", key);
  }, []);
}
