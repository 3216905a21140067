// A widget in a notebook (anywidget): the laboratory in a shadow tree, its state, description and kernel as traits.
import { effect } from "@preact/signals";
import { render } from "preact";
import style from "./built-style.css";
import type { Description } from "./description";
import { loadKernel } from "./kernel";
import { Session } from "./session";
import { notebookSurroundings } from "./surroundings";
import { WorkplaceProvider, workplaceOf } from "./views/common";
import { Laboratory } from "./views/laboratory";

/** What a notebook gives of the Python object: traits that both sides may set. */
interface Traits {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(event: string, act: () => void): void;
  off(event: string, act: () => void): void;
}

const SETTLED = 80; // milliseconds between two messages to Python during a drag
const STATE = "_state";
const DESCRIPTION = "_description";

/** One laboratory for each Python object, shown in as many outputs as ask for it. */
function widget() {
  let session: Promise<Session> | undefined;
  let views = 0;
  const hosts = new Set<HTMLElement>();
  let unlink = () => {};
  return {
    async render({ model, el }: { model: Traits; el: HTMLElement }) {
      const host = el.appendChild(document.createElement("div"));
      // Keys are the laboratory's, not commands of JupyterLab.
      host.setAttribute("data-lm-suppress-shortcuts", "true");
      host.className = "sdcluster-laboratory";
      try {
        session ??= sessionOf(model);
        const shown = await session;
        if (views++ === 0) unlink = link(shown, model);
        const leave = view(shown, el, host);
        hosts.add(host);
        shown.onDrawn = () => {
          for (const one of hosts) one.dispatchEvent(new CustomEvent("sdcluster:drawn"));
        };
        return () => {
          hosts.delete(host);
          leave();
          if (--views === 0) unlink();
        };
      } catch (error: unknown) {
        host.textContent = `This laboratory cannot start: ${error instanceof Error ? error.message : String(error)}`;
        host.dataset.failed = "";
        return () => host.remove();
      }
    },
  };
}

/** The laboratory of the model, once Python gives one: a lesson holds it back until a prediction is made. */
async function sessionOf(model: Traits): Promise<Session> {
  await given(model, DESCRIPTION);
  const description = JSON.parse(String(model.get(DESCRIPTION))) as Description;
  const kernel = await loadKernel(description.program, bytesOf(model.get("_kernel")));
  return new Session(description, kernel, (work) => requestAnimationFrame(work), String(model.get(STATE)));
}

function given(model: Traits, trait: string): Promise<void> {
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

function bytesOf(value: unknown): Uint8Array<ArrayBuffer> {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (!ArrayBuffer.isView(value)) throw new Error("its kernel is missing");
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice();
}

function view(session: Session, el: HTMLElement, host: HTMLElement): () => void {
  const tree = host.attachShadow({ mode: "open" });
  const sheet = document.createElement("style");
  sheet.textContent = style;
  const root = document.createElement("div");
  tree.append(sheet, root);
  const surroundings = notebookSurroundings(el, tree);
  const place = workplaceOf(session, surroundings);
  render(
    <WorkplaceProvider value={place}>
      <Laboratory />
    </WorkplaceProvider>,
    root,
  );
  Object.assign(host, { session });
  host.dataset.ready = "";
  return () => {
    surroundings.stop();
    place.futures.end();
    render(null, root);
    host.remove();
  };
}

/** Keep the state of the page and that of the Python object equal. */
function link(session: Session, model: Traits): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const send = () => {
    timer = undefined;
    const state = session.hash;
    if (state === model.get(STATE)) return;
    model.set(STATE, state);
    model.save_changes();
  };
  const take = () => session.restore(String(model.get(STATE)));
  take();
  const stop = effect(() => {
    session.linked();
    timer ??= setTimeout(send, SETTLED);
  });
  model.on(`change:${STATE}`, take);
  return () => {
    stop();
    clearTimeout(timer);
    model.off(`change:${STATE}`, take);
  };
}

export default widget;
