// Many runs around the present one, while a slider moves: the guesses vary, and each chart shows where the curves lie.
import { computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Slider } from "../catalogue";
import { runOf } from "../changes";
import type { Description } from "../description";
import { bytesOf } from "../kernel";
import type { Session } from "../session";
import { type ChartState, given, shownLines } from "../state";
import { type Axis, axesOf, chosen, type Marks } from "./brush";
import { type Block, type Machine, rowsOf, type Task } from "./lanes";
import { type Answer, MOST, type Partner, type Request } from "./partner";
import { joined, type Part, Pool } from "./pool";
import { quantiles } from "./quantiles";
import { hypercube, spreadValue, variedOf } from "./samples";

export const RUNS = 100;
const MOST_TIMES = 160; // of a fan; a chart is a few hundred pixels wide
/** Of a fan while a slider moves: sorting Python's runs takes as long as a third of making them. */
const FEW_TIMES = 80;

/** Where the runs lie at each time: a curve for each of the shares of `quantiles.ts`. */
export interface Fan {
  readonly time: Float64Array;
  readonly quantiles: readonly Float64Array[];
}

export interface Bands {
  readonly of: ReadonlyMap<string, Fan>;
  readonly runs: number;
  readonly failed: number;
}

/** Fans with the single runs of which they are made. */
export interface Fans extends Bands {
  readonly varied: readonly Slider[];
  /** The values of the varied constants: those of the first run, then of the next. */
  readonly values: Float64Array;
  readonly block: Block;
  readonly wanted: readonly string[];
  readonly time: Float64Array;
}

export function hasRuns(fans: Bands | null | undefined): fans is Fans {
  return !!fans && "block" in fans;
}

/** Whether a model's page can make many runs, and why not. */
export type Ability = "ready" | "model_too_large" | "no_vectors";

export class Futures {
  /** The latest fans; null while nobody asks for them. */
  readonly fans: Signal<Bands | null> = signal(null);
  /** Whether the runs of a worker came to no end. */
  readonly broken: Signal<boolean> = signal(false);
  /** What is marked on the axes of parallel coordinates; null while they are closed. */
  readonly marks: Signal<Marks | null> = signal(null);
  readonly axes: ReadonlySignal<readonly Axis[]> = computed(() =>
    hasRuns(this.fans.value) && this.marks.value ? this.drawnAxes(this.fans.value) : [],
  );
  /** The runs in the marked ranges; null while nobody looks at single runs. */
  readonly chosen: ReadonlySignal<Uint8Array | null> = computed(() =>
    this.marks.value && this.axes.value.length ? chosen(this.axes.value, this.marks.value) : null,
  );
  /** How many times fans were made; for those who measure. */
  made = 0;
  private pool: Promise<Pool> | null = null;
  private order: readonly string[] = [];
  /** What the next frame shows. */
  private ready: Bands | null = null;
  /** How many fans are under way, and the number of the last that was asked for and of the last shown. */
  private busy = 0;
  private turn = 0;
  private shown = 0;
  private waiting = false;
  private partner: Partner | null = null;
  private readonly forget: () => void;

  constructor(private readonly session: Session) {
    const alone = session.accompany(() => this.busy > 0);
    const single = computed(() => this.marks.value !== null);
    const still = effect(() => {
      const { unsure } = session.state.value;
      void [single.value, session.moving.value]; // at rest a finer one follows
      if (unsure === undefined) this.fans.value = null;
      else void this.refresh();
    });
    this.forget = () => {
      alone();
      still();
    };
  }

  /** The same axes while a slider moves: the order of strength is that of when they were opened. */
  private drawnAxes(fans: Fans): readonly Axis[] {
    const axes = axesOf(fans, this.order);
    this.order = axes.map(({ name }) => name);
    return axes;
  }

  get ability(): Ability {
    return abilityOf(this.session.description);
  }

  /** Have a partner make the runs, as long as it answers and nobody looks at single runs. */
  follow(partner: Partner): void {
    this.partner = partner;
    partner.onLate = (answer, request) => {
      const asked = this.request();
      const fresh = !this.busy && asked && same(asked, request);
      if (fresh) this.show(bandsOf(answer, request));
      if (!fresh || (isRough(request) && !this.session.moving.peek())) void this.refresh();
    };
    void this.refresh();
  }

  end(): void {
    this.forget();
    this.partner?.end();
    this.pool?.then((pool) => pool.end());
    this.pool = null;
  }

  /** Make the fans anew; while some are being made, the next follow with what is set up then. */
  private async refresh(): Promise<void> {
    this.waiting = true;
    if (this.ability !== "ready") return;
    if (this.busy && !this.early) return;
    this.busy++;
    try {
      do {
        const turn = ++this.turn;
        const fans = await this.next();
        if (fans && turn > this.shown) this.show(fans);
        this.shown = Math.max(turn, this.shown);
        // The next are made while these are drawn.
      } while (this.waiting && (this.busy === 1 || this.early));
      this.broken.value = false;
    } catch {
      this.fans.value = null;
      this.broken.value = true;
    } finally {
      this.busy--;
    }
  }

  /** Whether a partner is asked for the next fans before it has answered. */
  private get early(): boolean {
    return this.busy < 2 && !this.marks.peek() && (this.partner?.near ?? false);
  }

  /** Show fans with the next frame; later ones take their place. */
  private show(fans: Bands): void {
    const waits = this.ready !== null;
    this.ready = fans;
    if (waits) return;
    this.session.inFrame(() => {
      const { ready: shown } = this;
      this.ready = null;
      if (shown && this.session.state.peek().unsure !== undefined) this.fans.value = shown;
      this.made++;
    });
  }

  /** The fans of what is set up now, by the partner or in the browser; null while nobody asks for them. */
  private async next(): Promise<Bands | null> {
    this.waiting = false;
    const { unsure } = this.session.state.peek();
    if (unsure === undefined) return null;
    const single = this.marks.peek() !== null;
    const request = this.partner && !single ? this.request() : null;
    const asks = request?.varied.length && request.wanted.length;
    const answer = asks ? await this.partner?.ask(request) : null;
    return answer && request
      ? bandsOf(answer, request)
      : this.fansOf(unsure, single ? MOST_TIMES : this.times);
  }

  private request(): Request | null {
    const { session } = this;
    const state = session.state.peek();
    const wanted = wantedOf(session, state.charts);
    if (state.unsure === undefined) return null;
    const varied = variedOf(session).map((slider) => {
      const { minimum, maximum } = slider.limits;
      return [slider.name, minimum, nowOf(session, slider), maximum] as const;
    });
    const moving = session.moving.peek();
    const runs = moving && this.partner ? this.partner.pace : MOST;
    return { state: session.hash, spread: state.unsure, varied, wanted, times: this.times, runs, moving };
  }

  /** How many times a fan has. */
  private get times(): number {
    return this.session.moving.peek() ? FEW_TIMES : MOST_TIMES;
  }

  /** The present fans with their single runs: where a partner made them, as many as the browser makes. */
  async single(): Promise<Fans | null> {
    const fans = this.fans.peek();
    const { unsure } = this.session.state.peek();
    return hasRuns(fans) || unsure === undefined ? (fans as Fans | null) : this.fansOf(unsure);
  }

  private async fansOf(spread: number, times = MOST_TIMES): Promise<Fans> {
    const { session } = this;
    const state = session.state.peek();
    const varied = variedOf(session);
    const values = hypercubeOf(varied.length).map((share, i) => {
      const slider = varied[i % varied.length] as Slider;
      return spreadValue(slider, nowOf(session, slider), spread, share);
    });
    const wanted = wantedOf(session, state.charts);
    const names = varied.map(({ name }) => name);
    const task = { ...taskOf(session, names, values, wanted, times), inOrder: true };
    const parts = await this.parts(task);
    const time = timesOf(task);
    const rows = time.length;
    const inOrder = parts.flatMap(({ ordered }) => ordered ?? []);
    const runs = parts.reduce((sum, { block }) => sum + block.failed.length, 0);
    let whole: Block | undefined;
    return {
      of: new Map(wanted.map((name, i) => [name, { time, quantiles: quantiles(inOrder, i, rows) }])),
      ...{ varied, values, wanted, time, runs },
      failed: runs - inOrder.reduce((sum, { width }) => sum + width, 0),
      // Few ask for single runs, so they are put together when somebody does.
      get block() {
        whole ??= joined(parts, task);
        return whole;
      },
    };
  }

  /** One number of each run: the last of a variable, or its highest or lowest. */
  async measured(
    names: readonly string[],
    values: Float64Array,
    of: string,
    how: "final" | "peak" | "lowest",
  ): Promise<Float64Array> {
    const most = how === "final" ? 1 : Number.POSITIVE_INFINITY;
    const { curves, failed, task } = await this.runs(names, values, [of], most);
    const rows = rowsOf(task);
    const count = failed.length;
    return Float64Array.from({ length: count }, (_, run) => {
      if (failed[run]) return Number.NaN;
      let found = curves[(rows - 1) * count + run] as number;
      if (how === "final") return found;
      for (let row = 0; row < rows; row++) {
        const value = curves[row * count + run] as number;
        if (how === "peak" ? value > found : value < found) found = value;
      }
      return found;
    });
  }

  /** Run with the present settings, but for the constants named, at each point of `values`. */
  async runs(
    names: readonly string[],
    values: Float64Array,
    wanted: readonly string[],
    most: number,
  ): Promise<Block & { task: Task }> {
    const task = taskOf(this.session, names, values, wanted, most);
    return { ...joined(await this.parts(task), task), task };
  }

  private async parts(task: Task): Promise<Part[]> {
    this.pool ??= poolOf(this.session.description);
    return (await this.pool).run(task);
  }
}

function isRough({ runs, times }: Request): boolean {
  return runs < MOST || times < MOST_TIMES;
}

function bandsOf({ time, quantiles, failed, runs }: Answer, request: Request): Bands {
  const { wanted } = request;
  const fans = wanted.map((name, i) => [name, { time, quantiles: quantiles[i] ?? [] }] as const);
  return { of: new Map(fans), failed, runs };
}

/** Whether two requests ask for the same fans, of however many runs and times. */
function same(one: Request, other: Request): boolean {
  const plain = (request: Request) => JSON.stringify({ ...request, runs: 0, times: 0, moving: false });
  return plain(one) === plain(other);
}

function nowOf(session: Session, slider: Slider): number {
  return given(session.state.peek().values, slider.name) ?? slider.standard;
}

function abilityOf({ lanes }: Description): Ability {
  if (!lanes) return "model_too_large";
  return canRun(lanes.code) ? "ready" : "no_vectors";
}

const known = new Map<string, boolean>();

/** Whether the browser knows vectors of 128 bits. */
function canRun(code: string): boolean {
  let found = known.get(code);
  if (found === undefined) {
    found = WebAssembly.validate(bytesOf(code));
    known.set(code, found);
  }
  return found;
}

async function poolOf({ lanes, program }: Description): Promise<Pool> {
  if (!lanes) throw new Error("the model has no kernel for many runs");
  const machine: Machine = {
    ...program,
    module: await WebAssembly.compile(bytesOf(lanes.code)),
    lanes: lanes.count,
    base: lanes.base,
    checked: program.variables.flatMap(({ column, mayBeMissing }) =>
      column === null || mayBeMissing ? [] : [column],
    ),
  };
  return new Pool(machine);
}

const cubes = new Map<number, Float64Array>();

function hypercubeOf(width: number): Float64Array {
  const found = cubes.get(width) ?? hypercube(RUNS, width);
  cubes.set(width, found);
  return found;
}

/** The variables of the charts over time whose value changes in a run. */
function wantedOf(session: Session, charts: readonly ChartState[]): string[] {
  const moving = new Set(
    session.description.program.variables.flatMap(({ name, column }) => (column === null ? [] : [name])),
  );
  const lines = charts.filter(({ kind, difference }) => kind !== "phase" && !difference).flatMap(shownLines);
  return [...new Set(lines)].filter((name) => moving.has(name));
}

function taskOf(
  session: Session,
  names: readonly string[],
  values: Float64Array,
  wanted: readonly string[],
  most: number,
): Task {
  const { catalogue, description } = session;
  const { program } = description;
  const { settings, plan } = runOf(session.state.peek(), catalogue);
  const { times, parameters, changes } = plan ?? { times: program.times, parameters: [], changes: [] };
  const numbers = Float64Array.from(program.parameters, (value) => value ?? Number.NaN);
  for (const [place, value] of parameters) numbers[place] = value;
  for (const [name, value] of Object.entries(settings)) {
    const place = catalogue.place(name);
    if (place >= 0) numbers[place] = value;
  }
  const columns = new Map(program.variables.map(({ name, column }) => [name, column]));
  return {
    ...{ times, changes, values },
    every: times.every * Math.max(1, Math.ceil(times.steps / times.every / most)),
    parameters: numbers,
    places: names.map((name) => catalogue.place(name)),
    wanted: wanted.map((name) => columns.get(name) as number),
  };
}

function timesOf(task: Task): Float64Array {
  const { steps, origin, stride, parts } = task.times;
  return Float64Array.from(
    { length: rowsOf(task) },
    (_, i) => (origin + Math.min(i * task.every, steps) * stride) / parts,
  );
}
