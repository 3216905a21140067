// The entry of a file or a served page: reads description and kernel, shows the laboratory, keeps its state in the link.
import { effect, type Signal, signal } from "@preact/signals";
import { render } from "preact";
import "uplot/dist/uPlot.min.css";
import "./laboratory.css";
import "./charts.css";
import type { Description, Language } from "./description";
import { bytesOf, loadKernel } from "./kernel";
import { Live, type ServerInfo } from "./live";
import { Session } from "./session";
import { pageSurroundings, type Surroundings } from "./surroundings";
import { languageTag, renewed, type Workplace, WorkplaceProvider, workplaceOf } from "./views/common";
import { Laboratory } from "./views/laboratory";
import { Waiting } from "./views/live";

const SETTLED = 250; // milliseconds; browsers take few changes of the link in a short time
const SCROLLED = ".charts, .sliders, .dialog .body";

class Page {
  private readonly place: Signal<Workplace | null> = signal(null);
  private readonly live: Live | null;
  private readonly surroundings: Surroundings;
  private version = 0;
  private forget = () => {};

  constructor(
    private readonly root: HTMLElement,
    server: ServerInfo | null,
    language: Language,
  ) {
    this.surroundings = pageSurroundings(root);
    this.live = server && new Live(server, (description, kernel) => this.show(description, kernel));
    if (this.live)
      render(<Waiting live={this.live} language={language} dark={this.surroundings.dark} />, root);
    addEventListener("hashchange", () => this.place.value?.session.restore(hash()));
  }

  /** Show a model, or another version of it with the settings as they are. */
  async show(description: Description, code: string): Promise<void> {
    const kernel = await loadKernel(description.program, bytesOf(code));
    const before = this.place.value;
    const session = new Session(
      description,
      kernel,
      (work) => requestAnimationFrame(work),
      before ? before.session : hash(),
    );
    session.onDrawn = () => this.root.dispatchEvent(new CustomEvent("sdcluster:drawn"));
    const place = before ? renewed(before, session) : workplaceOf(session, this.surroundings, this.live);
    const scrolled = [...this.root.querySelectorAll(SCROLLED)].map((element) => element.scrollTop);
    this.place.value = place;
    this.version++;
    render(
      <WorkplaceProvider value={place} key={this.version}>
        <Laboratory />
      </WorkplaceProvider>,
      this.root,
    );
    this.root.querySelectorAll(SCROLLED).forEach((element, i) => {
      element.scrollTop = scrolled[i] ?? 0;
    });
    this.forget();
    this.forget = keepLink(session);
    Object.assign(this.root, { session });
    this.root.dataset.ready = "";
    this.root.dataset.version = String(this.version);
  }
}

function hash(): string {
  return location.hash.slice(1);
}

function contentOf(id: string): string {
  return document.getElementById(id)?.textContent ?? "";
}

function keepLink(session: Session): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let first = true;
  const end = effect(() => {
    document.documentElement.lang = languageTag(session.language.value);
    session.linked();
    clearTimeout(timer);
    if (first) {
      first = false;
      return;
    }
    timer = setTimeout(() => {
      const wanted = session.hash;
      if (hash() !== wanted) history.replaceState(null, "", `#${wanted}`);
    }, SETTLED);
  });
  return () => {
    clearTimeout(timer);
    end();
  };
}

async function start(root: HTMLElement): Promise<void> {
  const server = JSON.parse(contentOf("server") || "null") as ServerInfo | null;
  const language = document.documentElement.lang === "zh" ? "zh" : "en";
  const page = new Page(root, server, language);
  const description = contentOf("description");
  if (description) await page.show(JSON.parse(description) as Description, contentOf("kernel"));
}

const root = document.getElementById("laboratory");
if (root) {
  start(root).catch((error: unknown) => {
    root.textContent = `This laboratory cannot start: ${error instanceof Error ? error.message : String(error)}`;
    root.dataset.failed = "";
  });
}
