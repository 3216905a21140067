// Scenarios of the model, and runs that are kept to compare with.
import { useComputed } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { runOf } from "../changes";
import { pick, type ScenarioInfo } from "../description";
import { momentText, valueText } from "../format";
import {
  follows,
  MOST_KEPT,
  OWN,
  renamed,
  sameSetup,
  setupIn,
  setupOf,
  withKept,
  withoutKept,
  withScenario,
  withSetup,
} from "../state";
import { listed } from "../words";
import { grammarOf } from "../words/languages";
import { useWords, useWorkplace } from "./common";
import { Swatch } from "./legend";

const MOST_TOLD = 4;
const CHANGED = "⟨changed⟩";

/** The scenario whose settings are those in force, of the scenarios that `counts` accepts. */
function useCurrent(counts: (scenario: ScenarioInfo) => boolean = () => true): ScenarioInfo | undefined {
  const { session } = useWorkplace();
  const { description } = session;
  return useComputed(() =>
    description.scenarios.find(
      (one) => counts(one) && follows(session.state.value, setupOf(description, one.name)),
    ),
  ).value;
}

export function ScenarioChoice() {
  const { session } = useWorkplace();
  const { t, language } = useWords();
  const { description } = session;
  const plan = useComputed(() => session.state.value.plan).value;
  const own = useComputed(() => follows(session.state.value, OWN)).value;
  const known = description.scenarios.filter(({ name }) => !isOwn(name));
  const current = useCurrent(({ name }) => !isOwn(name));
  const shown = current ?? description.scenarios.find(({ name }) => name === plan);
  if (!known.length) return null;
  return (
    <label class="scenario">
      <span>{t("scenario")}</span>
      <select
        value={own ? "" : (current?.name ?? CHANGED)}
        onChange={(event) => {
          const { value } = event.currentTarget;
          if (value !== CHANGED) session.update((before) => withScenario(before, description, value));
        }}
      >
        <option value="">{ownTitle()}</option>
        {!own && !current && (
          <option value={CHANGED}>
            {shown ? `${titleOf(shown)} (${t("changed")})` : t("your_settings")}
          </option>
        )}
        {known.map((scenario) => (
          <option value={scenario.name} key={scenario.name}>
            {titleOf(scenario)}
          </option>
        ))}
      </select>
    </label>
  );

  function titleOf(scenario: ScenarioInfo): string {
    return pick(scenario.title, language, scenario.name);
  }

  function isOwn(name: string): boolean {
    return sameSetup(setupOf(description, name), OWN);
  }

  function ownTitle(): string {
    const scenario = description.scenarios.find(({ name }) => isOwn(name));
    return scenario ? titleOf(scenario) : t("own_settings");
  }
}

/** What the scenario in force is about, and what it changes on the way. */
export function ScenarioWords() {
  const { session } = useWorkplace();
  const { t, language } = useWords();
  const { description, catalogue } = session;
  const plan = useComputed(() => session.state.value.plan).value;
  const current = useCurrent(({ settings }) => Object.keys(settings).length > 0);
  const scenario = description.scenarios.find(({ name }) => name === plan) ?? current;
  const unit = description.program.timeUnit;
  const { drawn } = session.state.value;
  const all = runOf({ ...session.state.value, drawn: undefined }, catalogue).plan?.changes ?? [];
  const changes = all.slice(0, MOST_TOLD).map(({ time, settings }) => {
    const parts = Object.entries(settings).map(
      ([name, value]) => `${catalogue.label(name, language)} → ${valueText(value)}`,
    );
    return t("changes_at", { time: momentText(time, unit, language), settings: listed(parts, language) });
  });
  const words = [
    pick(scenario?.description, language),
    ...changes,
    all.length > MOST_TOLD && t("more_changes", { count: all.length - MOST_TOLD }),
    drawn &&
      t("drawn", {
        names: listed(
          Object.keys(drawn).map((name) => catalogue.label(name, language)),
          language,
        ),
      }),
  ]
    .filter(Boolean)
    .join(grammarOf(language).blank);
  return words ? <p class="words">{words}</p> : null;
}

export function KeepButton() {
  const { session } = useWorkplace();
  const { t, language } = useWords();
  const kept = useComputed(() => session.state.value.kept).value;
  const full = kept.length >= MOST_KEPT;
  const current = useCurrent();
  const keep = () => {
    const name = current
      ? pick(current.title, language, current.name)
      : t("run", { number: kept.length + 1 });
    session.update((before) => withKept(before, { name, ...setupIn(before) }));
  };
  return (
    <button type="button" onClick={keep} disabled={full} title={full ? t("keep_full") : undefined}>
      {t("keep")}
    </button>
  );
}

/** Puts a scenario of the model beside the run. */
export function CompareChoice() {
  const { session } = useWorkplace();
  const { t, language } = useWords();
  const full = useComputed(() => session.state.value.kept.length >= MOST_KEPT).value;
  const { description } = session;
  if (description.scenarios.length < 2) return null;
  return (
    <select
      value=""
      disabled={full}
      aria-label={t("compare_label")}
      onClick={(event) => event.stopPropagation()}
      onChange={(event) => {
        const scenario = description.scenarios.find(({ name }) => name === event.currentTarget.value);
        event.currentTarget.value = "";
        if (!scenario) return;
        const name = pick(scenario.title, language, scenario.name);
        session.update((before) => withKept(before, { name, ...setupOf(description, scenario.name) }));
      }}
    >
      <option value="">{t("compare")}</option>
      {description.scenarios.map((scenario) => (
        <option value={scenario.name} key={scenario.name}>
          {pick(scenario.title, language, scenario.name)}
        </option>
      ))}
    </select>
  );
}

/** The runs beside the present one: a line that scrolls where it has no room, and fades out where there is more. */
export function KeptRuns() {
  const { session } = useWorkplace();
  const { t } = useWords();
  const kept = useComputed(() => session.state.value.kept).value;
  const line = useRef<HTMLFieldSetElement>(null);
  const look = () => {
    const box = line.current;
    if (!box) return;
    const after = box.scrollWidth - box.clientWidth - box.scrollLeft;
    box.className = `chips${box.scrollLeft > 1 ? " before" : ""}${after > 1 ? " after" : ""}`;
  };
  useEffect(() => {
    const watch = new ResizeObserver(look);
    if (line.current) watch.observe(line.current);
    look();
    return () => watch.disconnect();
  }, [kept]);
  if (!kept.length) return null;
  return (
    <fieldset class="chips" ref={line} onScroll={look} aria-label={t("kept")}>
      {kept.map(({ name }, i) => (
        <KeptRun key={`${i} ${name}`} index={i} name={name} />
      ))}
    </fieldset>
  );
}

function KeptRun({ index, name }: { index: number; name: string }) {
  const { session } = useWorkplace();
  const { t } = useWords();
  const use = () =>
    session.update((state) => {
      const kept = state.kept[index];
      return kept ? { ...withSetup(state, kept), equations: kept.equations } : state;
    });
  return (
    <span class="chip">
      <Swatch curve={{ colour: index + 1, dash: [], role: "now" }} />
      <input
        value={name}
        maxLength={80}
        aria-label={t("kept_name", { number: index + 1 })}
        size={Math.max(6, Math.min(24, name.length + 1))}
        onChange={(event) => {
          const wanted = event.currentTarget.value.trim();
          if (wanted) session.update((state) => renamed(state, index, wanted));
          else event.currentTarget.value = name;
        }}
      />
      <button
        type="button"
        class="quiet"
        onClick={use}
        aria-label={t("use_kept", { name })}
        title={t("use_kept", { name })}
      >
        ↩
      </button>
      <button
        type="button"
        class="quiet"
        onClick={() => session.update((state) => withoutKept(state, index))}
        aria-label={t("remove_kept", { name })}
        title={t("remove_kept", { name })}
      >
        ✕
      </button>
    </span>
  );
}
