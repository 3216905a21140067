// A map of two sliders: what becomes of a variable over their whole ranges, the present setting on it, to drag.
import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Slider } from "../catalogue";
import { pick } from "../description";
import { quantityText, valueText } from "../format";
import { CELLS, Grid } from "../futures/grid";
import { snapped, stepped } from "../ranges";
import { given, type LabState, type MapState, withValue } from "../state";
import { useWords, useWorkplace } from "./common";

/** Viridis (van der Walt and Smith 2015): even steps for the eye, in grey and for colour-blind people too. */
const COLOURS = [
  [68, 1, 84],
  [59, 82, 139],
  [33, 145, 140],
  [94, 201, 98],
  [253, 231, 37],
] as const;
const FAILED = [128, 128, 128] as const;
const EDGE = 0.15; // of the whole range between two neighbours: here it tips
const HOWS = ["final", "peak", "lowest"] as const;

export function MapCard() {
  const { session } = useWorkplace();
  const { t } = useWords();
  const map = useComputed(() => session.state.value.map).value;
  if (!map) return null;
  return (
    <article class="chart map" aria-label={t("map")}>
      <header>
        <h2>
          <Choice map={map} part="of" /> <Choice map={map} part="how" />
        </h2>
        <button
          type="button"
          class="quiet"
          aria-label={t("map_close")}
          title={t("map_close")}
          onClick={() => session.update((state) => ({ ...state, map: undefined }))}
        >
          ✕
        </button>
      </header>
      <Picture map={map} />
    </article>
  );
}

/** A choice of what the map shows: its variable, which value of the run, or one of its settings. */
function Choice({ map, part }: { map: MapState; part: keyof MapState }) {
  const { session } = useWorkplace();
  const { t, language } = useWords();
  const { catalogue, description } = session;
  const options = (): [string, string][] => {
    if (part === "how") return HOWS.map((how) => [how, t(`map_${how}`)]);
    if (part === "of")
      return description.program.variables
        .filter(({ column }) => column !== null)
        .map(({ name }) => [name, catalogue.lineLabel(name, language)]);
    const other = part === "x" ? map.y : map.x;
    return [...catalogue.sliders.values()]
      .filter(({ name }) => name !== other)
      .map((slider) => [slider.name, pick(slider.label, language) || catalogue.label(slider.name, language)]);
  };
  return (
    <select
      class="quiet"
      aria-label={t(`map_of_${part}`)}
      value={map[part]}
      onChange={(event) => {
        const { value } = event.currentTarget;
        session.update((state) => (state.map ? { ...state, map: { ...state.map, [part]: value } } : state));
      }}
    >
      {options().map(([value, label]) => (
        <option value={value} key={value}>
          {label}
        </option>
      ))}
    </select>
  );
}

function Picture({ map }: { map: MapState }) {
  const { session, futures, notice } = useWorkplace();
  const { t, language } = useWords();
  const { catalogue } = session;
  const canvas = useRef<HTMLCanvasElement>(null);
  const grid = useSignal<Grid | null>(null);
  const version = useSignal(0);
  const finest = useSignal(false);
  const whole = useRef<HTMLDivElement>(null);
  const [x, y] = [catalogue.sliders.get(map.x), catalogue.sliders.get(map.y)];
  // Whatever else is set decides the map; its own two sliders do not.
  const around = useComputed(() => {
    const { values, plan, drawn, switch: moment, map: chosen } = session.state.value;
    const others = Object.entries(values).filter(([name]) => name !== chosen?.x && name !== chosen?.y);
    return JSON.stringify([others.sort(), plan, drawn, moment, chosen]);
  });
  useEffect(() => {
    if (!x || !y || futures.ability !== "ready") return;
    let wanted = true;
    const made = new Grid();
    const value = ({ limits }: Slider, share: number) =>
      limits.minimum + share * (limits.maximum - limits.minimum);
    const runs = async (across: readonly number[], up: readonly number[]) => {
      const points = Float64Array.from(
        across.flatMap((share, i) => [value(x, share), value(y, up[i] as number)]),
      );
      return futures.measured([x.name, y.name], points, map.of, map.how);
    };
    void made.fill(runs, (step) => {
      if (!wanted) return false;
      finest.value = step === 1;
      grid.value = made;
      version.value++;
      return true;
    });
    return () => {
      wanted = false;
    };
  }, [around.value, x, y]);
  useEffect(() => {
    if (canvas.current && grid.value) paint(canvas.current, grid.value);
    if (whole.current) Object.assign(whole.current, { map, grid: grid.value });
  }, [version.value]);
  if (!x || !y) return null;
  const at = (state: LabState, slider: Slider) => given(state.values, slider.name) ?? slider.standard;
  const share = (slider: Slider) => {
    const { minimum, maximum } = slider.limits;
    return (at(session.state.value, slider) - minimum) / (maximum - minimum);
  };
  const put = (slider: Slider, part: number) => {
    const { minimum, maximum } = slider.limits;
    return snapped(
      minimum + Math.min(1, Math.max(0, part)) * (maximum - minimum),
      slider.limits,
      slider.standard,
    );
  };
  const move = (event: PointerEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const right = put(x, (event.clientX - box.left) / box.width);
    const up = put(y, 1 - (event.clientY - box.top) / box.height);
    session.update(
      (state) => withValue(withValue(state, catalogue, x.name, right), catalogue, y.name, up),
      "map",
    );
  };
  const key = (event: KeyboardEvent) => {
    const many = event.shiftKey ? 10 : 1;
    const steps: Record<string, readonly [Slider, number]> = {
      ArrowRight: [x, many],
      ArrowLeft: [x, -many],
      ArrowUp: [y, many],
      ArrowDown: [y, -many],
    };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    const [slider, count] = step;
    session.update((state) => {
      const next = stepped(at(state, slider), slider.limits, count);
      return withValue(state, catalogue, slider.name, next);
    }, "map");
    notice.value = `${nameOf(slider)} ${valueText(at(session.state.peek(), slider))}`;
  };
  const nameOf = (slider: Slider) => pick(slider.label, language) || catalogue.label(slider.name, language);
  const end = (slider: Slider, place: "minimum" | "maximum") =>
    quantityText(slider.limits[place], slider.unit);
  const shown = grid.value;
  return (
    <div class="mapped" ref={whole} data-finest={finest.value ? "" : undefined}>
      <span class="axis">
        ↑ <Choice map={map} part="y" />
        <span>{t("map_tips")}</span>
      </span>
      <span class="end top">{end(y, "maximum")}</span>
      <span class="end bottom">{end(y, "minimum")}</span>
      <div
        class="field"
        role="application"
        aria-label={t("map_label", { x: nameOf(x), y: nameOf(y) })}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys move the point
        tabIndex={0}
        onKeyDown={key}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          session.seal();
          move(event);
        }}
        onPointerMove={(event) => {
          if (event.currentTarget.hasPointerCapture(event.pointerId)) move(event);
        }}
        onPointerUp={() => session.seal()}
      >
        <canvas ref={canvas} width={CELLS} height={CELLS} />
        <i class="present" style={{ left: `${100 * share(x)}%`, bottom: `${100 * share(y)}%` }} />
      </div>
      <div class="scale" aria-hidden="true" />
      <span class="end high">{shown && valueText(shown.high)}</span>
      <span class="end low">{shown && valueText(shown.low)}</span>
      <span class="ends">
        <span>{end(x, "minimum")}</span>
        <span>
          <Choice map={map} part="x" /> →
        </span>
        <span>{end(x, "maximum")}</span>
      </span>
    </div>
  );
}

function paint(canvas: HTMLCanvasElement, grid: Grid): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  const image = context.createImageData(CELLS, CELLS);
  const span = grid.high - grid.low || 1;
  for (let y = 0; y < CELLS; y++)
    for (let x = 0; x < CELLS; x++) {
      const value = grid.cell(x, y);
      const tips =
        (x > 0 && Math.abs(value - grid.cell(x - 1, y)) > EDGE * span) ||
        (y > 0 && Math.abs(value - grid.cell(x, y - 1)) > EDGE * span);
      const [red, green, blue] = Number.isNaN(value) ? FAILED : colourAt((value - grid.low) / span);
      image.data.set(
        tips ? [255, 255, 255, 255] : [red, green, blue, 255],
        4 * ((CELLS - 1 - y) * CELLS + x),
      );
    }
  context.putImageData(image, 0, 0);
}

function colourAt(share: number): readonly [number, number, number] {
  const place = Math.min(1, Math.max(0, share)) * (COLOURS.length - 1);
  const first = Math.min(COLOURS.length - 2, Math.floor(place));
  const [low, high] = [COLOURS[first] ?? FAILED, COLOURS[first + 1] ?? FAILED];
  const mixed = (i: 0 | 1 | 2) => low[i] + (place - first) * (high[i] - low[i]);
  return [mixed(0), mixed(1), mixed(2)];
}
