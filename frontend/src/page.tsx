// The entry of a file or a served page: reads description and kernel, shows the laboratory, keeps its state in the link.
import { effect, type Signal, signal } from "@preact/signals";
import { render } from "preact";
import "./laboratory.css";
import "./charts.css";
import type { Description, Language } from "./description";
import { bytesOf, loadKernel } from "./kernel";
import { Live, type ServerInfo } from "./live";
import { Session } from "./session";
import { pageSurroundings, type Surroundings } from "./surroundings";
import { type Equations, keyOf, type Variant, Variants } from "./variants";
import { renewed, type Workplace, WorkplaceProvider, workplaceOf } from "./views/common";
import { Laboratory } from "./views/laboratory";
import "./views/framed.css";
import { Waiting } from "./views/live";
import { codeOf, languageTag } from "./words/languages";

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
    // In the frame of a front page: a few charts and sliders, nothing else.
    if (new URLSearchParams(location.search).has("embed")) root.classList.add("framed");
    this.live =
      SERVED && server ? new Live(server, (description, kernel) => this.show(description, kernel)) : null;
    if (SERVED && this.live)
      render(<Waiting live={this.live} language={language} dark={this.surroundings.dark} />, root);
    addEventListener("hashchange", () => this.place.value?.session.restore(hash()));
  }

  /** Show a model, or another version of its file with the settings as they are. */
  async show(description: Description, code: string): Promise<void> {
    const base = await variantOf({}, description, code);
    const { live } = this;
    if (SERVED && live) {
      live.variants = new Variants(
        base,
        async (equations) => {
          const { description, kernel } = await live.ask("laboratory", equations);
          if (!description || !kernel) throw new Error("the server sent no laboratory");
          return variantOf(equations, description, kernel);
        },
        () => this.place.value?.session.refresh(),
      );
    }
    this.put(base);
  }

  private put({ equations, description, kernel }: Variant): void {
    const before = this.place.value;
    const variants = this.live?.variants ?? null;
    const start = before ? before.session : hash();
    const frame = (work: () => void) => requestAnimationFrame(work);
    const session = new Session(description, kernel, frame, start, variants, equations);
    session.onDrawn = () => this.root.dispatchEvent(new CustomEvent("sdcluster:drawn"));
    const place = before ? renewed(before, session) : workplaceOf(session, this.surroundings, this.live);
    const scrolled = [...this.root.querySelectorAll(SCROLLED)].map((element) => element.scrollTop);
    this.forget();
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
    const ends = [keepLanguage(session), keepLink(session, before !== null), this.followEquations(session)];
    this.forget = () => {
      for (const end of ends) end();
    };
    document.title = description.name;
    Object.assign(this.root, { session, futures: place.futures });
    this.root.dataset.ready = "";
    this.root.dataset.version = String(this.version);
  }

  /** Show the version of the model whose equations the state names; undo and links change them, too. */
  private followEquations(session: Session): () => void {
    return effect(() => {
      const { equations } = session.state.value;
      if (keyOf(equations) === keyOf(session.equations)) return;
      const current = () =>
        this.place.value?.session === session && session.state.value.equations === equations;
      session.variants?.fetch(equations).then(
        (variant) => {
          if (current()) this.put(variant);
        },
        () => {
          if (current()) session.update((state) => ({ ...state, equations: session.equations }));
        },
      );
    });
  }
}

async function variantOf(equations: Equations, description: Description, code: string): Promise<Variant> {
  return { equations, description, kernel: await loadKernel(description.program, bytesOf(code)) };
}

function hash(): string {
  return location.hash.slice(1);
}

function contentOf(id: string): string {
  return document.getElementById(id)?.textContent ?? "";
}

/** Say in which language the page is. In an effect of its own: where this is written, the browser styles the whole page anew. */
function keepLanguage(session: Session): () => void {
  return effect(() => {
    document.documentElement.lang = languageTag(session.language.value);
  });
}

function keepLink(session: Session, changed: boolean): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let first = !changed;
  const end = effect(() => {
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
  const language = codeOf(document.documentElement.lang);
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
