// The drawing itself: symbols, pipes and arrows as SVG, with pan, zoom, selection and the arrow keys.
import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { type Box, type Camera, fit, moved, type Size, showing, zoomed } from "../diagram/camera";
import { linksOf, loopOf } from "../diagram/loops";
import type { DiagramSymbol, Scene } from "../diagram/scene";
import { neighbour, readingOrder } from "../diagram/walk";
import { useAtOnce, useWords, useWorkplace } from "./common";
import type { Diagram } from "./diagram";
import { Animation, useSymbolNames } from "./diagram_animation";
import { Drawing, type Lit } from "./diagram_drawing";

export interface StageControl {
  zoom(factor: number): void;
  /** Show a box of the view; all of it for null. */
  show(box: Box | null): void;
}

const CLICK = 4; // pixels that a pointer may move and still click
const TITLE = 17; // pixels of the view of the title of an area, and of the screen at least
const TITLE_SEEN = 15;
const NEAR = [760, 480] as const; // pixels of the view around a symbol that is walked to or chosen from far away
const FAR = 0.5; // the scale below which the names of symbols are too small to read

interface StageProps {
  readonly scene: Scene;
  readonly view: number;
  readonly diagram: Diagram;
  readonly control: Signal<StageControl | null>;
}

export function Stage({ scene, view, diagram, control }: StageProps) {
  const { session, embedded } = useWorkplace();
  const { t } = useWords();
  const svg = useRef<SVGSVGElement>(null);
  const world = useRef<SVGGElement>(null);
  const active = useRef(0);
  const camera = useSignal<Camera>({ scale: 1, x: 0, y: 0 });
  const latest = useRef({ scene, diagram });
  latest.current = { scene, diagram };
  const order = useMemo(() => readingOrder(scene.symbols), [scene]);
  const { selected, loop } = session.diagram.value;
  const lit = useMemo(
    () => litOf(scene, diagram, session.description.variables, selected, loop),
    [scene, selected, loop],
  );
  const nameOf = useSymbolNames(diagram);

  const size = (): Size => {
    const { clientWidth, clientHeight } = svg.current ?? { clientWidth: 1, clientHeight: 1 };
    return { width: clientWidth || 1, height: clientHeight || 1 };
  };
  const whole = () => fit(latest.current.scene.box, size());
  const zoom = (factor: number, at?: readonly [number, number]) => {
    const { width, height } = size();
    camera.value = zoomed(camera.peek(), factor, at ?? [width / 2, height / 2], whole().scale);
  };
  const pan = (dx: number, dy: number) => {
    camera.value = moved(camera.peek(), dx, dy, latest.current.scene.box, size());
  };

  useLayoutEffect(() => {
    active.current = order[0] ?? 0;
    camera.value = whole();
    let before = size();
    const observer = new ResizeObserver(() => {
      // What was seen whole stays whole.
      const all = fit(latest.current.scene.box, before);
      if (Math.abs(all.scale - camera.peek().scale) < 1e-6) camera.value = whole();
      else bring();
      before = size();
    });
    if (svg.current) observer.observe(svg.current);
    control.value = {
      zoom,
      show: (box) => {
        camera.value = box ? fit(box, size()) : whole();
      },
    };
    return () => {
      observer.disconnect();
      control.value = null;
    };
  }, [view]);
  useAtOnce(() => {
    const { scale, x, y } = camera.value;
    world.current?.setAttribute("transform", `translate(${x.toFixed(2)} ${y.toFixed(2)}) scale(${scale})`);
    svg.current?.toggleAttribute("data-far", scale < FAR);
    scene.areas.forEach(([, , width, , title], i) => {
      const room = (0.9 * width) / [...title].reduce((sum, c) => sum + (c > "\u2e7f" ? 1 : 0.6), 0);
      const size = Math.max(TITLE, Math.min(TITLE_SEEN / scale, room));
      world.current?.querySelector(`.titles [data-area="${i}"]`)?.setAttribute("font-size", size.toFixed(1));
    });
  });
  useEffect(() => {
    const wheel = (event: WheelEvent) => {
      const zooms = event.ctrlKey || event.metaKey;
      if (!zooms && (embedded || session.diagram.peek().shown !== "diagram")) return;
      event.preventDefault();
      if (zooms) zoom(Math.exp(-event.deltaY / 300), placeOf(event));
      else pan(-event.deltaX, -event.deltaY);
    };
    svg.current?.addEventListener("wheel", wheel, { passive: false });
    return () => svg.current?.removeEventListener("wheel", wheel);
  }, []);
  /** Bring what is lit by a loop, else the selected symbol, into sight. */
  function bring() {
    const { scene: now } = latest.current;
    const choice = session.diagram.peek();
    const wanted = choice.loop ?? (choice.selected === null ? [] : [choice.selected]);
    const symbols = now.symbols.filter(
      ({ variable, shape }) => wanted.includes(variable) && shape !== "alias",
    );
    if (!symbols.length) return;
    const boxes = symbols.map(boxOf);
    const left = Math.min(...boxes.map(([x]) => x));
    const top = Math.min(...boxes.map(([, y]) => y));
    const right = Math.max(...boxes.map(([x, , width]) => x + width));
    const bottom = Math.max(...boxes.map(([, y, , height]) => y + height));
    const box = [left, top, right - left, bottom - top] as const;
    const { scale } = fit(box, size());
    camera.value = scale < camera.peek().scale ? fit(box, size()) : showing(camera.peek(), box, size());
  }
  useEffect(() => {
    if (loop) bring();
  }, [loop]);
  const pointers = usePointers(pan, zoom, placeOf);

  function placeOf(event: MouseEvent): [number, number] {
    const box = svg.current?.getBoundingClientRect();
    return [event.clientX - (box?.left ?? 0), event.clientY - (box?.top ?? 0)];
  }

  function elementOf(place: number): SVGGElement | null {
    return svg.current?.querySelector(`[data-symbol="${place}"]`) ?? null;
  }

  function focus(place: number) {
    const symbol = scene.symbols[place];
    const element = elementOf(place);
    if (!symbol || !element) return;
    elementOf(active.current)?.setAttribute("tabindex", "-1");
    active.current = place;
    element.setAttribute("tabindex", "0");
    element.setAttribute("aria-label", nameOf(symbol, session.cursor.peek()));
    const { x, y } = symbol;
    // From far away some symbols are not drawn: then it goes near, before it gives the focus.
    camera.value =
      camera.peek().scale < FAR
        ? fit([x - NEAR[0] / 2, y - NEAR[1] / 2, ...NEAR], size())
        : showing(camera.peek(), boxOf(symbol), size());
    element.focus({ preventScroll: true });
  }

  function choose(place: number) {
    const symbol = scene.symbols[place];
    if (!symbol || symbol.variable < 0) return;
    diagram.select(symbol.variable);
  }

  function key(event: KeyboardEvent) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const next: Record<string, number | undefined> = {
      Home: order[0],
      End: order.at(-1),
      PageDown: order[(order.indexOf(active.current) + 1) % order.length],
      PageUp: order.at(order.indexOf(active.current) - 1),
    };
    const to = next[event.key] ?? neighbour(scene.symbols, active.current, event.key);
    if (to !== undefined) focus(to);
    else if (event.key === "Enter" || event.key === " ") choose(active.current);
    else if (event.key === "+" || event.key === "=") zoom(1.25);
    else if (event.key === "-") zoom(0.8);
    else if (event.key === "0") camera.value = whole();
    else if (event.key === "Escape") diagram.select(null);
    else if (!event.key.startsWith("Arrow")) return;
    event.preventDefault();
  }

  function symbolAt(event: Event): number | null {
    const found = (event.target as Element).closest("[data-symbol]")?.getAttribute("data-symbol");
    return found ? Number(found) : null;
  }

  function click(event: MouseEvent) {
    if (pointers.dragged()) return;
    const place = symbolAt(event);
    const area = (event.target as Element).closest("[data-area]")?.getAttribute("data-area");
    const box = area ? scene.areas[Number(area)] : undefined;
    if (place !== null) {
      focus(place);
      choose(place);
    } else if (box && camera.peek().scale < FAR) {
      camera.value = fit([box[0], box[1], box[2], box[3]], size());
    } else diagram.select(null);
  }

  function point(event: Event) {
    const place = symbolAt(event);
    const symbol = place === null ? undefined : scene.symbols[place];
    diagram.pointed.value = symbol && symbol.variable >= 0 ? symbol.variable : null;
  }

  return (
    <svg
      ref={svg}
      class={lit ? "chosen" : ""}
      role="application"
      aria-label={t("diagram_label", { name: session.description.name })}
      onKeyDown={key}
      onClick={click}
      onPointerOver={point}
      onFocusIn={(event) => {
        active.current = symbolAt(event) ?? active.current;
        point(event);
      }}
      onPointerLeave={() => {
        diagram.pointed.value = null;
      }}
      {...pointers.handlers}
    >
      <g ref={world}>
        <Drawing
          scene={scene}
          lit={lit}
          links={diagram.links}
          causal={session.description.diagram.views[view]?.kind === "causal"}
          active={active.current}
          nameOf={nameOf}
        />
      </g>
      <Animation svg={svg} scene={scene} lit={lit} diagram={diagram} nameOf={nameOf} />
    </svg>
  );
}

function boxOf({ x, y, halfWidth, halfHeight }: DiagramSymbol): Box {
  return [x - halfWidth - 40, y - halfHeight - 20, 2 * halfWidth + 80, 2 * halfHeight + 50];
}

/** What is lit: a loop, or the selected variable with its causes and uses. */
function litOf(
  scene: Scene,
  { links }: Diagram,
  variables: readonly { readonly causes: readonly number[]; readonly uses: readonly number[] }[],
  selected: number | null,
  loop: readonly number[] | null,
): Lit | null {
  if (loop) return { variables: new Set(loop), links: linksOf(loopOf(loop, links)), selected };
  const own = selected === null ? undefined : variables[selected];
  if (selected === null || !own || !scene.symbols.some(({ variable }) => variable === selected)) return null;
  return {
    variables: new Set([selected, ...own.causes, ...own.uses]),
    links: new Set([
      ...own.causes.map((one) => `${one} ${selected}`),
      ...own.uses.map((one) => `${selected} ${one}`),
    ]),
    selected,
  };
}

type Zoom = (factor: number, at?: readonly [number, number]) => void;

/** One pointer moves the drawing, two zoom it. */
function usePointers(
  pan: (dx: number, dy: number) => void,
  zoom: Zoom,
  placeOf: (event: MouseEvent) => [number, number],
) {
  const state = useRef({ down: new Map<number, [number, number]>(), way: 0 }).current;
  const up = (event: PointerEvent) => {
    state.down.delete(event.pointerId);
  };
  return {
    /** Whether the last press was a drag, not a click. */
    dragged: () => state.way > CLICK,
    handlers: {
      onPointerDown: (event: PointerEvent) => {
        if (event.button !== 0) return;
        if (!state.down.size) state.way = 0;
        state.down.set(event.pointerId, placeOf(event));
      },
      onPointerMove: (event: PointerEvent) => {
        const before = state.down.get(event.pointerId);
        if (!before) return;
        const now = placeOf(event);
        const [dx, dy] = [now[0] - before[0], now[1] - before[1]];
        state.way += Math.hypot(dx, dy);
        if (state.way <= CLICK) return;
        (event.currentTarget as Element).setPointerCapture(event.pointerId);
        const other = [...state.down].find(([id]) => id !== event.pointerId)?.[1];
        state.down.set(event.pointerId, now);
        if (!other) return pan(dx, dy);
        const [was, is] = [distance(before, other), distance(now, other)];
        if (was > 0 && is > 0) zoom(is / was, [(now[0] + other[0]) / 2, (now[1] + other[1]) / 2]);
        pan(dx / 2, dy / 2);
      },
      onPointerUp: up,
      onPointerCancel: up,
    },
  };
}

function distance(a: readonly [number, number], b: readonly [number, number]): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}
