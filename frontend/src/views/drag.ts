// Variables dragged onto charts, with mouse, pen or finger. What takes them has `data-drop`: the place of a chart, or "new".
import { mostLines, withLines, withNewChart } from "../state";
import { treeOf } from "../surroundings";
import { say } from "../words";
import type { Workplace } from "./common";

const FAR = 6; // pixels; less is a click
const EDGE = 50;

/** Begin to drag variables where the pointer went down; a click stays a click. */
export function startDrag(
  event: PointerEvent,
  names: readonly string[],
  text: string,
  place: Workplace,
  { touch = false } = {},
): void {
  if (event.button !== 0 || (event.pointerType === "touch" && !touch)) return;
  const [x, y] = [event.clientX, event.clientY];
  const source = event.target as Element;
  const tree = treeOf(source);
  const laboratory = source.closest(".laboratory");
  let label: HTMLElement | null = null;
  let over: Element | null = null;

  const begin = () => {
    label = document.createElement("div");
    label.className = `theme dragged${place.dark.peek() ? " dark" : ""}`;
    label.textContent = text;
    (tree instanceof Document ? tree.body : tree).append(label);
    laboratory?.classList.add("dragging");
    place.panel.value = null; // a dialog would cover the charts
  };
  const mark = (element: Element | null) => {
    over?.classList.remove("drop-here");
    element?.classList.add("drop-here");
    over = element;
  };
  const move = (at: PointerEvent) => {
    if (!label && Math.hypot(at.clientX - x, at.clientY - y) < FAR) return;
    if (!label) begin();
    if (label) label.style.transform = `translate(${at.clientX + 10}px, ${at.clientY + 6}px)`;
    const below = tree.elementFromPoint(at.clientX, at.clientY);
    mark(below?.closest("[data-drop]") ?? null);
    scrollAtEdge(laboratory?.querySelector(".charts"), at.clientY);
  };
  const end = (at: PointerEvent | KeyboardEvent) => {
    if (at instanceof KeyboardEvent && at.key !== "Escape") return;
    for (const [type, listener] of listeners) removeEventListener(type, listener as EventListener, true);
    if (!label) return;
    const target = at.type === "pointerup" ? over?.getAttribute("data-drop") : null;
    mark(null);
    label.remove();
    laboratory?.classList.remove("dragging");
    addEventListener("click", swallow, true);
    setTimeout(() => removeEventListener("click", swallow, true));
    if (target) putOnto(place, target === "new" ? -1 : Number(target), names);
  };
  const listeners = [
    ["pointermove", move],
    ["pointerup", end],
    ["pointercancel", end],
    ["keydown", end],
  ] as const;
  for (const [type, listener] of listeners) addEventListener(type, listener as EventListener, true);
}

function swallow(event: Event): void {
  event.stopPropagation();
  event.preventDefault();
}

function scrollAtEdge(charts: Element | null | undefined, y: number): void {
  const box = charts?.getBoundingClientRect();
  if (!box || !charts) return;
  if (y < box.top + EDGE) charts.scrollBy(0, -12);
  else if (y > box.bottom - EDGE) charts.scrollBy(0, 12);
}

/** Show variables in a chart, or in a new one where `index` is below 0; say so where the chart is full. */
export function putOnto({ session, toast }: Workplace, index: number, names: readonly string[]): void {
  const { charts } = session.state.peek();
  const chart = charts[index];
  session.update((state) => (index < 0 ? withNewChart(state, names) : withLines(state, index, names)));
  const shown = session.state.peek().charts.at(index)?.lines ?? [];
  if (chart && names.some((name) => !shown.includes(name)))
    toast.value = say(session.language.peek(), "full", { count: mostLines(chart.kind) });
}
