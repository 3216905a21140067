// What all widgets in notebooks share (anywidget): a shadow tree for each output, and one content for each Python object.
import type { ComponentChild } from "preact";
import { render } from "preact";
import { notebookSurroundings, type Surroundings } from "./surroundings";

/** What a notebook gives of the Python object: traits that both sides may set. */
export interface Traits {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(event: string, act: (...given: unknown[]) => void): void;
  off(event: string, act: (...given: unknown[]) => void): void;
  /** Send a message to the Python object; some hosts have none. */
  send?(content: unknown): void;
  /** The notebook's own object for all widgets. */
  readonly widget_manager?: { get_model?(id: string): Promise<Widget> };
}

/** When another message has last told Python the settings of the page. */
export const told = new WeakMap<Traits, number>();

/** A widget as Jupyter's manager holds it. */
interface Widget {
  readonly comm?: unknown;
  comm_live?: boolean;
}

/** What a widget shows, in as many outputs as ask for it. */
export interface Content {
  readonly view: (
    surroundings: Surroundings,
    host: HTMLElement,
  ) => { shown: ComponentChild; end: () => void };
  /** Keep page and Python object equal, as long as an output shows the content. */
  readonly link: (hosts: ReadonlySet<HTMLElement>) => () => void;
  /** What is found at an output's element, by its name. */
  readonly handles: object;
}

/** The anywidget: `kind` is the class of an output's element, `style` its style sheet. */
export function widgetOf(kind: string, style: string, start: (model: Traits) => Promise<Content>) {
  return () => {
    let content: Promise<Content> | undefined;
    const hosts = new Set<HTMLElement>();
    let unlink = () => {};
    return {
      async render({ model, el }: { model: Traits; el: HTMLElement }) {
        const host = el.appendChild(document.createElement("div"));
        // Keys are the widget's, not commands of JupyterLab, which takes Enter in a field of a shadow tree for its own, too.
        host.setAttribute("data-lm-suppress-shortcuts", "true");
        host.addEventListener("keydown", (event) => event.stopPropagation());
        host.className = `sdcluster-${kind}`;
        try {
          content ??= start(model);
          const shown = await content;
          if (hosts.size === 0) unlink = shown.link(hosts);
          const leave = put(shown, style, el, host);
          hosts.add(host);
          void keep(model, el);
          return () => {
            leave();
            hosts.delete(host);
            if (hosts.size === 0) unlink();
          };
        } catch (error: unknown) {
          host.textContent = `This ${kind} cannot start: ${error instanceof Error ? error.message : String(error)}`;
          host.dataset.failed = "";
          return () => host.remove();
        }
      },
    };
  };
}

/** Let a widget that a notebook has kept be kept again: JupyterLab saves none whose Python object is gone. */
async function keep(model: Traits, el: HTMLElement): Promise<void> {
  try {
    const widget = await model.widget_manager?.get_model?.(String(model.get("_id")));
    if (!widget || widget.comm) return;
    widget.comm_live = true;
    // It does without Python, so the sign of a broken line would mislead.
    el.classList.remove("jupyter-widgets-disconnected");
  } catch {
    // Elsewhere than in JupyterLab the widget has no such manager.
  }
}

function put(content: Content, style: string, el: HTMLElement, host: HTMLElement): () => void {
  const tree = host.attachShadow({ mode: "open" });
  const sheet = document.createElement("style");
  sheet.textContent = style;
  const root = document.createElement("div");
  tree.append(sheet, root);
  const surroundings = notebookSurroundings(el, tree);
  const { shown, end } = content.view(surroundings, host);
  render(shown, root);
  Object.assign(host, content.handles);
  host.dataset.ready = "";
  return () => {
    surroundings.stop();
    end();
    render(null, root);
    host.remove();
  };
}

/** Wait until Python gives a trait. */
export function given(model: Traits, trait: string): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!model.get(trait)) return;
      model.off(`change:${trait}`, look);
      resolve();
    };
    model.on(`change:${trait}`, look);
    look();
  });
}

/** Set a trait on both sides, unless it has this value. */
export function setTrait(model: Traits, trait: string, value: string): void {
  if (value === model.get(trait)) return;
  model.set(trait, value);
  try {
    model.save_changes();
  } catch {
    // Without a Python object nobody hears it; the notebook keeps it.
  }
}
