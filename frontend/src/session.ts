// A laboratory at work: state, runs and what is pointed at, as signals. One run for each frame at most, never a queue.
import { batch, computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { Catalogue } from "./catalogue";
import { runOf } from "./changes";
import type { Description, Language } from "./description";

import { type Choice, FIRST, read as readDiagram, written as writtenDiagram } from "./diagram/choice";
import { carried, decoded, encoded, lacking, restoredFrom, type Saved, savedData } from "./hash";

import type { Curves, Kernel, Outcome } from "./kernel";
import { drawnKey, History, initialState, type Kept, type LabState, type Setup, sameSetup } from "./state";
import { type Equations, keyOf, type Variant, type Variants } from "./variants";

export interface Failure {
  readonly run: Kept | null;
  readonly variable: string;
  readonly value: number;
  readonly time: number;
}

export interface Results {
  /** The run with the settings as they are; where it failed, the last that did not. */
  readonly now: Curves;
  readonly ghost: Curves | null;
  /** The run with the model's own settings, where a chart shows differences from it. */
  readonly base: Curves | null;
  /** A run for each kept one, null where it failed. */
  readonly kept: readonly { readonly name: string; readonly curves: Curves | null }[];
  readonly failures: readonly Failure[];
}

/** What calls back before the next picture is drawn; `requestAnimationFrame` in a browser. */
export type NextFrame = (work: () => void) => void;

const REMEMBERED = 16;
const AT_REST = 200; // milliseconds without a change, after which all variables are computed
/** Milliseconds that a run waits for company; with the way to the next frame its picture is two frames late at most. */
const HELD = 25;
let made = 0;
const STATE = "sdcluster state 1"; // what a file of a state says that it is
const NONE: readonly Failure[] = [];

/** Begins with the state of a link, or of the session of another version of the model.

 * `variants` has the other versions whose equations are tried out, `equations` those of this one.
 */
export class Session {
  /** A name of its own, by which its charts know each other. */
  readonly key = `sdcluster ${++made}`;
  readonly catalogue: Catalogue;
  readonly language: Signal<Language>;
  readonly state: Signal<LabState>;
  readonly results: Signal<Results>;
  /** The part of the time axis that is shown, null for all of it. */
  readonly view: Signal<readonly [number, number] | null> = signal(null);
  /** The time that is pointed at. */
  readonly cursor: Signal<number | null> = signal(null);
  /** What of the diagram is shown. */
  readonly diagram: Signal<Choice> = signal(FIRST);
  /** What the last link, file or version of the model named and this one lacks. */
  readonly lacking: Signal<readonly string[]> = signal([]);
  readonly canUndo = signal(false);
  readonly canRedo = signal(false);
  readonly span: ReadonlySignal<readonly [number, number]>;
  /** Called after the charts have new results. */
  onDrawn: (() => void) | null = null;
  private readonly own: Variant;
  private readonly baseline: Curves;
  private readonly history: History<LabState>;
  private readonly remembered = new Map<string, Outcome>();
  private pending = false;
  /** Whether the next frame makes a run. */
  private due = false;
  private readonly beside: (() => void)[] = [];
  private readonly company = new Set<() => boolean>();
  private held: ReturnType<typeof setTimeout> | undefined;
  /** Whether the results have only the curves that were asked for. */
  partial = false;
  /** Whether changes follow each other, as of a slider that is dragged. */
  readonly moving: Signal<boolean> = signal(false);
  private resting: ReturnType<typeof setTimeout> | undefined;
  private readonly asking = new Set<readonly string[]>();
  private lastGood: LabState;
  /** The last run with all variables that did not fail. */
  private whole: { readonly state: LabState; readonly curves: Curves };

  constructor(
    readonly description: Description,
    kernel: Kernel,
    private readonly nextFrame: NextFrame,
    start: string | Session = "",
    readonly variants: Variants | null = null,
    readonly equations: Equations = {},
  ) {
    this.catalogue = catalogueOf(description);
    this.own = { equations, description, kernel };
    if (start instanceof Session) {
      this.language = signal(start.language.value);
      this.view.value = start.view.value;
      this.diagram.value = readDiagram(writtenDiagram(start.diagram.value, start.catalogue), this.catalogue);
      const sameFile = variants !== null && start.variants === variants;
      this.lacking.value = sameFile
        ? start.lacking.value
        : lacking(savedData(start.saved, start.catalogue), this.catalogue);
      this.history = sameFile
        ? start.history
        : start.history.mapped((state) => carried(state, start.catalogue, this.catalogue));
    } else {
      const saved = decoded(start, this.catalogue);
      this.lacking.value = lacking(start, this.catalogue);
      this.language = signal(saved?.language ?? description.language);
      this.view.value = saved?.view ?? null;
      this.diagram.value = saved?.diagram ?? FIRST;
      this.history = new History(saved?.state ?? initialState(this.catalogue));
    }
    const state = this.history.now;
    this.state = signal(state);
    this.canUndo.value = this.history.canUndo;
    this.canRedo.value = this.history.canRedo;
    this.baseline = this.firstRun(start instanceof Session ? start : null);
    this.lastGood = state;
    this.whole = { state, curves: this.baseline };
    this.results = signal(this.runs(state, this.baseline));
    let span: readonly [number, number] = [0, 0];
    this.span = computed(() => {
      const { now, kept } = this.results.value;
      const stops = [now, ...kept.map(({ curves }) => curves)].map((curves) => curves?.time.at(-1) ?? 0);
      const [first, last] = [now.time[0] ?? 0, Math.max(...stops)];
      // The same pair as long as its numbers are the same: charts draw anew where it changes.
      if (span[0] !== first || span[1] !== last) span = [first, last];
      return span;
    });
  }

  /** The run as the file has it; where that fails, what the version before showed. */
  private firstRun(before: Session | null): Curves {
    const first = (this.variants?.base ?? this.own).kernel.run({});
    if (first.ok) return first.curves;
    if (before) return before.results.value.now;
    throw new Error(`the model's own run fails at "${first.variable}"`);
  }

  /** Run again, when another version of the model has come. */
  refresh(): void {
    this.moved();
  }

  /**
   * Change the state; changes with one `tag` that follow each other are undone together. While they come, a run keeps
   * only the curves that are asked for.
   */
  update(change: (state: LabState) => LabState, tag = ""): void {
    this.history.push(change(this.history.now), tag);
    this.moved(tag !== "");
  }

  /** End a series of changes. */
  seal(): void {
    this.history.seal();
    if (this.moving.peek() || this.partial) this.moved();
  }

  /** Have runs keep these variables beside those of the charts, also while a slider moves, until the return is called. */
  ask(names: readonly string[]): () => void {
    this.asking.add(names);
    return () => void this.asking.delete(names);
  }

  /** Draw the runs of a slider that moves with what is coming, as a fan, until the return is called. */
  accompany(coming: () => boolean): () => void {
    this.company.add(coming);
    return () => void this.company.delete(coming);
  }

  /** What a run keeps while a slider moves; undefined for everything. */
  private asked(): ReadonlySet<string> | undefined {
    if (this.diagram.peek().shown !== "charts") return undefined; // it fills the levels of all stocks
    const names = this.state.peek().charts.flatMap(({ lines }) => lines);
    return new Set([...names, ...[...this.asking].flat()]);
  }

  undo(): void {
    this.history.undo();
    this.moved();
  }

  redo(): void {
    this.history.redo();
    this.moved();
  }

  /** Read all signals that are part of a link: an effect that calls this runs again when one of them changes. */
  linked(): void {
    void [this.state.value, this.language.value, this.view.value, this.diagram.value];
  }

  get hash(): string {
    return encoded(this.saved, this.catalogue);
  }

  private get saved(): Saved {
    const [state, language, view, diagram] = [this.state, this.language, this.view, this.diagram];
    return { state: state.value, language: language.value, view: view.value, diagram: diagram.value };
  }

  /** The text of a file that restores exactly this state. */
  get file(): string {
    const state = savedData(this.saved, this.catalogue);
    return `${JSON.stringify({ format: STATE, model: this.description.name, state }, null, 1)}\n`;
  }

  /** Take up the state of such a file; false where the text is none. */
  open(text: string): boolean {
    let data: { format?: unknown; state?: unknown } | null = null;
    try {
      data = JSON.parse(text);
    } catch {}
    const saved = data?.format === STATE ? restoredFrom(data.state, this.catalogue) : null;
    if (saved) this.take(saved, data?.state);
    return saved !== null;
  }

  private take(saved: Saved | null, data: unknown): void {
    batch(() => {
      this.lacking.value = lacking(data, this.catalogue);
      this.language.value = saved?.language ?? this.description.language;
      this.view.value = saved?.view ?? null;
      this.diagram.value = saved?.diagram ?? FIRST;
      this.update(() => saved?.state ?? initialState(this.catalogue));
    });
  }

  /** Take up the state of a link. */
  restore(hash: string): void {
    if (hash === this.hash) return;
    const saved = decoded(hash, this.catalogue);
    if (!hash || saved) this.take(saved, hash);
  }

  /** The model's own run over the times of a scenario, to compare with. */
  ownRun(scenario: string): Curves | null {
    const times = this.description.scenarios.find(({ name }) => name === scenario)?.plan.times;
    const { times: own } = this.description.program;
    if (!times || JSON.stringify(times) === JSON.stringify(own)) return this.baseline;
    const key = `own ${JSON.stringify(times)}`;
    const { kernel } = this.variants?.base ?? this.own;
    const outcome = this.remembered.get(key) ?? kernel.run({}, { times, parameters: [], changes: [] });
    this.remembered.set(key, outcome);
    return outcome.ok ? outcome.curves : null;
  }

  private moved(moving = false): void {
    batch(() => {
      this.state.value = this.history.now;
      this.canUndo.value = this.history.canUndo;
      this.canRedo.value = this.history.canRedo;
      this.moving.value = moving;
    });
    clearTimeout(this.resting);
    if (moving) this.resting = setTimeout(() => this.moved(), AT_REST);
    this.due = true;
    this.await();
  }

  /** Change signals with the next frame: charts draw once for that and for a run of the same frame. */
  inFrame(change: () => void): void {
    this.beside.push(change);
    this.await();
  }

  /** Ask for a frame. Charts of fans take long to draw, so a run is drawn with the next fan, where that comes soon. */
  private await(): void {
    if (this.pending) return;
    if (this.moving.peek() && !this.beside.length && [...this.company].some((coming) => coming())) {
      this.held ??= setTimeout(() => this.draw(), HELD);
      return;
    }
    this.draw();
  }

  private draw(): void {
    clearTimeout(this.held);
    this.held = undefined;
    if (this.pending) return;
    this.pending = true;
    this.nextFrame(() => {
      this.pending = false;
      const { due } = this;
      this.due = false;
      batch(() => {
        for (const change of this.beside.splice(0)) change();
        if (!due) return;
        const asked = this.moving.peek() ? this.asked() : undefined;
        this.partial = asked !== undefined;
        this.results.value = this.runs(this.state.value, this.results.value.now, asked);
      });
      if (due) this.onDrawn?.();
    });
  }

  private runs(state: LabState, last: Curves, asked?: ReadonlySet<string>): Results {
    const failures: Failure[] = [];
    const curves = (outcome: Outcome | null, run: Kept | null): Curves | null => {
      if (!outcome) return null;
      if (outcome.ok) return outcome.curves;
      failures.push({ run, variable: outcome.variable, value: outcome.value, time: outcome.time });
      return null;
    };
    const fresh = curves(this.run(state, asked), null);
    // All variables of a run whose shown ones are drawn already: charts see the curves that they have.
    const more = fresh && !asked && this.lastGood === state && this.whole.state !== state;
    const now =
      (more
        ? { time: last.time, values: Object.assign(Object.create(null), fresh.values, last.values) }
        : fresh) ?? (failures.length && !asked ? this.lastWhole() : last);
    if (!failures.length) this.lastGood = state;
    if (!failures.length && !asked) this.whole = { state, curves: now };
    const kept = state.kept.map((one) => ({ name: one.name, curves: curves(this.once(one), one) }));
    const baseline = { values: {}, plan: state.plan };
    const ghost = state.ghost && !sameSetup(state, baseline);
    const referred = state.charts.some(({ difference }) => difference?.from === -1);
    const base = ghost || referred ? successful(this.once(baseline)) : null;
    return { now, ghost: ghost ? base : null, base, kept, failures: failures.length ? failures : NONE };
  }

  /** The last run that did not fail, with all variables. */
  private lastWhole(): Curves {
    const { lastGood, whole } = this;
    return (lastGood === whole.state ? null : successful(this.run(lastGood))) ?? whole.curves;
  }

  /** A run; null where the server still makes the version of the model. */
  private run(setup: Setup, asked?: ReadonlySet<string>): Outcome | null {
    const { equations } = setup;
    const mine = keyOf(equations) === keyOf(this.equations);
    const variant = mine ? this.own : (this.variants?.get(equations) ?? null);
    if (!variant) return null;
    const { description, kernel } = variant;
    const { settings, plan } = runOf(setup, catalogueOf(description));
    return kernel.run(settingsOf(description, settings), plan, asked);
  }

  /** A run that is likely to be asked for again. */
  private once(setup: Setup): Outcome | null {
    const key = JSON.stringify([
      Object.entries(setup.values).sort(),
      setup.plan,
      setup.switch,
      drawnKey(setup.drawn),
      keyOf(setup.equations),
    ]);
    const known = this.remembered.get(key);
    if (known) return known;
    const outcome = this.run(setup);
    if (!outcome) return null;
    if (this.remembered.size >= REMEMBERED) {
      const oldest = this.remembered.keys().next().value;
      if (oldest !== undefined) this.remembered.delete(oldest);
    }
    this.remembered.set(key, outcome);
    return outcome;
  }
}

function successful(outcome: Outcome | null): Curves | null {
  return outcome?.ok ? outcome.curves : null;
}

const settable = new WeakMap<Description, ReadonlySet<string>>();

const catalogues = new WeakMap<Description, Catalogue>();

function catalogueOf(description: Description): Catalogue {
  const known = catalogues.get(description) ?? new Catalogue(description);
  catalogues.set(description, known);
  return known;
}

/** The settings that this version of the model has. */
function settingsOf(description: Description, values: Setup["values"]): Setup["values"] {
  let known = settable.get(description);
  if (!known) {
    known = new Set(description.program.settings.flatMap(({ name, elements }) => [name, ...elements]));
    settable.set(description, known);
  }
  const names = Object.keys(values);
  if (names.every((name) => known.has(name))) return values;
  return Object.fromEntries(Object.entries(values).filter(([name]) => known.has(name)));
}
