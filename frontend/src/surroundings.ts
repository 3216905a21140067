// What a laboratory stands in: a page of its own or a notebook's output. How wide it is, and whether it is dark there.
import { type Signal, signal } from "@preact/signals";

export interface Surroundings {
  readonly dark: Signal<boolean>;
  /** Whether the laboratory has no room for all its tools in a row. */
  readonly narrow: Signal<boolean>;
  /** Whether the charts have no room for all of theirs. */
  readonly tight: Signal<boolean>;
  /** Where keys are heard: the window of a page; in a notebook only the laboratory. */
  readonly keys: EventTarget;
  /** Whether other things stand around it, as in a notebook: then it has a frame and no link of its own. */
  readonly embedded: boolean;
  /** Ends all watching. */
  readonly stop: () => void;
}

const NARROW = 1000;
const TIGHT = 1250;
const LATE = 400; // milliseconds in which a notebook loads the style sheet of another theme

/** A page of its own is dark where the person's system is. */
export function pageSurroundings(root: HTMLElement): Surroundings {
  const list = matchMedia("(prefers-color-scheme: dark)");
  const dark = signal(list.matches);
  const changed = () => {
    dark.value = list.matches;
  };
  list.addEventListener("change", changed);
  const width = watchedWidth(root);
  const stop = () => {
    list.removeEventListener("change", changed);
    width.stop();
  };
  return { ...width, dark, keys: window, embedded: false, stop };
}

/** In a notebook, whose theme is not the system's, light text around the laboratory tells that it is dark. */
export function notebookSurroundings(around: HTMLElement, inside: ShadowRoot): Surroundings {
  const dark = signal(isLight(getComputedStyle(around).color));
  let late: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    dark.value = isLight(getComputedStyle(around).color);
  };
  const changed = () => {
    look();
    clearTimeout(late);
    late = setTimeout(look, LATE);
  };
  const watch = new MutationObserver(changed);
  for (const element of [document.documentElement, document.body])
    watch.observe(element, { attributes: true });
  const list = matchMedia("(prefers-color-scheme: dark)");
  list.addEventListener("change", changed);
  const width = watchedWidth(around);
  const stop = () => {
    clearTimeout(late);
    watch.disconnect();
    list.removeEventListener("change", changed);
    width.stop();
  };
  return { ...width, dark, keys: inside, embedded: true, stop };
}

function watchedWidth(element: HTMLElement): Pick<Surroundings, "narrow" | "tight" | "stop"> {
  const [narrow, tight] = [signal(false), signal(false)];
  const look = () => {
    const width = element.clientWidth;
    if (!width) return;
    narrow.value = width <= NARROW;
    tight.value = width <= TIGHT;
  };
  look();
  const watch = new ResizeObserver(look);
  watch.observe(element);
  return { narrow, tight, stop: () => watch.disconnect() };
}

/** Whether a colour as `getComputedStyle` writes it is nearer to white than to black. */
export function isLight(colour: string): boolean {
  const parts = (/\((.*)\)/.exec(colour)?.[1] ?? "").match(/[\d.]+/g)?.map(Number) ?? [];
  const [red = 0, green = 0, blue = 0] = colour.startsWith("color(")
    ? parts.map((part) => 255 * part)
    : parts;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 127;
}

/** The document in which an element stands, or its shadow tree. */
export function treeOf(element: Element): Document | ShadowRoot {
  const root = element.getRootNode();
  return root instanceof ShadowRoot ? root : document;
}

/** The element that has the focus, inside of the tree in which `element` stands. */
export function focused(element: Element): Element | null {
  return treeOf(element).activeElement;
}
