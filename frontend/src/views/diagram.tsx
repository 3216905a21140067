// The diagram: which view, the stage with its symbols, what is known of the selected one, and the player along time.
import { type Signal, useComputed, useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import "../diagram.css";
import type { Choice, Shown } from "../diagram/choice";
import { Levels } from "../diagram/levels";
import { Links, type Scene, sceneOf, type ViewData } from "../diagram/scene";
import { useWords, useWorkplace } from "./common";
import { Card } from "./diagram_card";
import { Stage, type StageControl } from "./diagram_stage";
import { DiagramTable } from "./diagram_table";
import { Player } from "./player";

/** What the parts of the diagram share. */
export interface Diagram {
  readonly links: Links;
  readonly levels: { readonly value: Levels };
  /** The variable under the pointer or with the focus. */
  readonly pointed: Signal<number | null>;
  readonly select: (variable: number | null) => void;
  readonly light: (loop: readonly number[] | null) => void;
}

/** Charts, diagram or both. */
export function ShowChoice() {
  const { session } = useWorkplace();
  const { t } = useWords();
  const { shown } = session.diagram.value;
  if (!session.description.diagram.views.length) return null;
  return (
    <fieldset class="show" aria-label={t("show")}>
      {(["charts", "diagram", "both"] as const).map((one: Shown) => (
        <button
          type="button"
          key={one}
          aria-pressed={shown === one}
          onClick={() => {
            session.diagram.value = { ...session.diagram.value, shown: one };
          }}
        >
          {t(`show_${one}`)}
        </button>
      ))}
    </fieldset>
  );
}

export function DiagramArea() {
  const { session } = useWorkplace();
  const { language } = useWords();
  const data = session.description.diagram;
  const table = useSignal(false);
  const control = useSignal<StageControl | null>(null);
  const pointed = useSignal<number | null>(null);
  const levels = useComputed(() => new Levels(session.catalogue, session.results.value.now));
  const links = useMemo(() => new Links(data), [data]);
  const choice = session.diagram.value;
  const view = data.views[choice.view] ?? data.views[0];
  if (!view) return null;
  const scene = sceneOf(view.scenes[language] ?? view.scenes.en);
  const change = (part: Partial<Choice>) => {
    session.diagram.value = { ...session.diagram.peek(), ...part };
  };
  const diagram: Diagram = {
    links,
    levels,
    pointed,
    select: (selected) => change({ selected, loop: null }),
    light: (loop) => change({ loop }),
  };
  return (
    <div class="diagram">
      <Tools
        views={data.views}
        scene={scene}
        choice={choice}
        change={change}
        control={control}
        table={table}
      />
      {table.value ? (
        <DiagramTable scene={scene} diagram={diagram} />
      ) : (
        <div class="stage">
          <Stage scene={scene} view={choice.view} diagram={diagram} control={control} />
          {choice.selected !== null && <Card variable={choice.selected} diagram={diagram} />}
        </div>
      )}
      <Player diagram={diagram} />
    </div>
  );
}

interface ToolsProps {
  readonly views: readonly ViewData[];
  readonly scene: Scene;
  readonly choice: Choice;
  readonly change: (part: Partial<Choice>) => void;
  readonly control: Signal<StageControl | null>;
  readonly table: Signal<boolean>;
}

function Tools({ views, scene, choice, change, control, table }: ToolsProps) {
  const { t } = useWords();
  const stage = control.value;
  return (
    <div class="strip">
      {views.length > 1 && (
        <label>
          <span class="hidden">{t("diagram_view")}</span>
          <select
            value={choice.view}
            onChange={(event) => change({ view: Number(event.currentTarget.value), loop: null })}
          >
            {views.map((view, i) => (
              <option value={i} key={`${i} ${view.title}`}>
                {titleOf(view, i)}
              </option>
            ))}
          </select>
        </label>
      )}
      {scene.areas.length > 1 && (
        <label>
          <span class="hidden">{t("diagram_area")}</span>
          <select
            value=""
            onChange={(event) => {
              const area = scene.areas[Number(event.currentTarget.value)];
              if (area) stage?.show([area[0], area[1], area[2], area[3]]);
              event.currentTarget.value = "";
            }}
          >
            <option value="">{t("diagram_area")}…</option>
            {scene.areas.map(([, , , , title], i) => (
              <option value={i} key={title}>
                {title}
              </option>
            ))}
          </select>
        </label>
      )}
      <fieldset class="range" aria-label={t("diagram")}>
        <button
          type="button"
          class="quiet"
          aria-label={t("zoom_in")}
          title={t("zoom_in")}
          onClick={() => stage?.zoom(1.5)}
        >
          +
        </button>
        <button
          type="button"
          class="quiet"
          aria-label={t("zoom_out")}
          title={t("zoom_out")}
          onClick={() => stage?.zoom(1 / 1.5)}
        >
          −
        </button>
        <button type="button" onClick={() => stage?.show(null)}>
          {t("diagram_fit")}
        </button>
        <button
          type="button"
          aria-pressed={table.value}
          onClick={() => {
            table.value = !table.value;
          }}
        >
          {t("diagram_table")}
        </button>
      </fieldset>
    </div>
  );

  function titleOf({ kind, title }: ViewData, i: number): string {
    if (kind === "automatic") return t("diagram_automatic");
    if (kind === "causal") return t("diagram_causal");
    return title || t("diagram_view_number", { number: i + 1 });
  }
}
