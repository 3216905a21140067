// A published file: reads description and kernel from the page, shows the laboratory, keeps its state in the link.
import { effect } from "@preact/signals";
import { render } from "preact";
import "uplot/dist/uPlot.min.css";
import "./laboratory.css";
import "./charts.css";
import type { Description } from "./description";
import { bytesOf, loadKernel } from "./kernel";
import { Session } from "./session";
import { WorkplaceProvider, workplaceOf } from "./views/common";
import { Laboratory } from "./views/laboratory";

const SETTLED = 250; // milliseconds; browsers take few changes of the link in a short time

async function start(root: HTMLElement): Promise<void> {
  const description = JSON.parse(contentOf("description")) as Description;
  const kernel = await loadKernel(description.program, bytesOf(contentOf("kernel")));
  const hash = () => location.hash.slice(1);
  const session = new Session(description, kernel, (work) => requestAnimationFrame(work), hash());
  session.onDrawn = () => root.dispatchEvent(new CustomEvent("sdcluster:drawn"));
  render(
    <WorkplaceProvider value={workplaceOf(session)}>
      <Laboratory />
    </WorkplaceProvider>,
    root,
  );
  keepLink(session);
  addEventListener("hashchange", () => session.restore(hash()));
  Object.assign(root, { session });
  root.dataset.ready = "";
}

function contentOf(id: string): string {
  return document.getElementById(id)?.textContent ?? "";
}

function keepLink(session: Session): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let first = true;
  effect(() => {
    session.linked();
    clearTimeout(timer);
    if (first) {
      first = false;
      return;
    }
    timer = setTimeout(() => {
      const wanted = session.hash;
      if (location.hash.slice(1) !== wanted) history.replaceState(null, "", `#${wanted}`);
    }, SETTLED);
  });
}

const root = document.getElementById("laboratory");
if (root) {
  start(root).catch((error: unknown) => {
    root.textContent = `This laboratory cannot start: ${error instanceof Error ? error.message : String(error)}`;
    root.dataset.failed = "";
  });
}
