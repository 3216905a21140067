// Parallel coordinates: each run of the fan is a line over axes; ranges marked on axes choose the runs that charts colour.
import { useComputed } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { pick } from "../description";
import { quantityText } from "../format";
import { type Axis, chosen } from "../futures/brush";
import { useWords, useWorkplace } from "./common";

const COLOURS = { light: ["#0b6aa8", "#9aa2a9"], dark: ["#6bb8ef", "#5b646c"] } as const;
const CLICK = 4; // pixels; less is no range

export function ParallelCard() {
  const { session, futures } = useWorkplace();
  const { t, language } = useWords();
  const marks = futures.marks.value;
  const axes = futures.axes.value;
  if (!marks || !axes.length) return null;
  const runs = chosen(axes, marks);
  const count = runs.reduce((sum, one) => sum + one, 0);
  return (
    <article class="chart parallel" aria-label={t("parallel")}>
      <header>
        <h2>
          {t("parallel")}{" "}
          <small>{t(marks.size ? "parallel_chosen" : "parallel_help", { count, runs: runs.length })}</small>
        </h2>
        <button
          type="button"
          class="quiet"
          aria-label={t("parallel_close")}
          title={t("parallel_close")}
          onClick={() => {
            futures.marks.value = null;
          }}
        >
          ✕
        </button>
      </header>
      <Lines axes={axes} runs={runs} />
      <ol>
        {axes.map((axis) => (
          <li key={axis.name}>
            <span class="name">
              {nameOf(axis)}
              {axis.outcome && <small> ({t("map_final")})</small>}
            </span>
            <AxisMark axis={axis} label={nameOf(axis)} />
          </li>
        ))}
      </ol>
    </article>
  );

  function nameOf({ name }: Axis): string {
    const slider = session.catalogue.sliders.get(name);
    return (slider && pick(slider.label, language)) || session.catalogue.lineLabel(name, language);
  }
}

function Lines({ axes, runs }: { axes: readonly Axis[]; runs: Uint8Array }) {
  const { dark } = useWorkplace();
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context) return;
    const ratio = devicePixelRatio;
    const [width, height] = [element.clientWidth, element.clientHeight];
    [element.width, element.height] = [width * ratio, height * ratio];
    context.scale(ratio, ratio);
    const colours = COLOURS[dark.value ? "dark" : "light"];
    for (const role of [0, 1]) {
      context.strokeStyle = colours[1 - role] as string;
      context.globalAlpha = role ? 0.7 : 0.25;
      context.beginPath();
      for (let run = 0; run < runs.length; run++) {
        if (runs[run] !== role || Number.isNaN(axes[0]?.values[run])) continue;
        axes.forEach(({ values, low, high }, i) => {
          const x = ((i + 0.5) / axes.length) * width;
          const y = high > low ? (1 - ((values[run] as number) - low) / (high - low)) * height : height / 2;
          if (i) context.lineTo(x, y);
          else context.moveTo(x, y);
        });
      }
      context.stroke();
    }
  }, [axes, runs, dark.value]);
  return (
    <div class="lines" aria-hidden="true">
      <canvas ref={canvas} />
    </div>
  );
}

/** An axis on which a range is marked: drag along it; arrow keys mark the upper or the lower third. */
function AxisMark({ axis, label }: { axis: Axis; label: string }) {
  const { session, futures } = useWorkplace();
  const { t } = useWords();
  const { name, low, high } = axis;
  const mark = useComputed(() => futures.marks.value?.get(name)).value;
  const unit = session.catalogue.row(name)?.variable.unit ?? "";
  const text = (value: number) => quantityText(value, unit);
  const put = (range: readonly [number, number] | null) => {
    const marks = new Map(futures.marks.peek());
    if (range) marks.set(name, range);
    else marks.delete(name);
    futures.marks.value = marks;
  };
  const third = (high - low) / 3;
  const keys: Record<string, readonly [number, number] | null> = {
    ArrowUp: [high - third, high],
    ArrowDown: [low, low + third],
    Escape: null,
    Delete: null,
  };
  const drag = (event: PointerEvent) => {
    if (event.button !== 0) return;
    const element = event.currentTarget as HTMLElement;
    const box = element.getBoundingClientRect();
    const from = event.clientY;
    const value = (y: number) => high - Math.min(1, Math.max(0, (y - box.top) / box.height)) * (high - low);
    element.setPointerCapture(event.pointerId);
    element.onpointermove = ({ clientY }) => {
      if (Math.abs(clientY - from) >= CLICK)
        put([Math.min(value(from), value(clientY)), Math.max(value(from), value(clientY))]);
    };
    element.onpointerup = ({ clientY }) => {
      element.onpointermove = element.onpointerup = null;
      if (Math.abs(clientY - from) < CLICK) put(null);
    };
  };
  const share = (value: number) => (high > low ? (100 * (value - low)) / (high - low) : 0);
  return (
    <div
      class="axis"
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-orientation="vertical"
      aria-valuemin={low}
      aria-valuemax={high}
      aria-valuenow={mark ? mark[0] : low}
      aria-valuetext={t("parallel_range", { low: text(mark?.[0] ?? low), high: text(mark?.[1] ?? high) })}
      onPointerDown={drag}
      onKeyDown={(event) => {
        const range = keys[event.key];
        if (range === undefined) return;
        event.preventDefault();
        event.stopPropagation();
        put(range);
      }}
    >
      <span class="end">{text(high)}</span>
      {mark && <i style={{ bottom: `${share(mark[0])}%`, height: `${share(mark[1]) - share(mark[0])}%` }} />}
      <span class="end">{text(low)}</span>
    </div>
  );
}
