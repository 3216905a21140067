// What a person has set up, as plain data, and what can be done with it. No page: every function returns a new state.
import type { Catalogue } from "./catalogue";
import { type Drawn, isSwitch } from "./changes";
import type { Description, ScenarioInfo } from "./description";
import { type Equations, keyOf } from "./variants";

export interface Setup {
  /** Constants that differ from the model's own. */
  readonly values: Readonly<Record<string, number>>;
  /** The scenario of the model whose times and changes hold; empty for the model's own. */
  readonly plan: string;
  /** Equations that are tried out in place of the file's. */
  readonly equations?: Equations | undefined;
  /** Constants that change over time, as a person drew them. */
  readonly drawn?: Readonly<Record<string, Drawn>> | undefined;
  /** The time at which the policy of the switch gives way to the settings; undefined for never. */
  readonly switch?: number | undefined;
}

export interface Kept extends Setup {
  readonly name: string;
}

/** Curves as differences from another run: a place among the kept ones, or -1 for the baseline. */
export interface Difference {
  readonly from: number;
  readonly percent: boolean;
}

export interface ChartState {
  readonly lines: readonly string[];
  /** Over time, the second variable over the first, or a small chart for each variable. */
  readonly kind: "time" | "phase" | "small";
  readonly log: boolean;
  /** Whether small charts share their vertical axis. */
  readonly same?: boolean;
  readonly difference?: Difference | undefined;
  /** The chart of `lab.toml` that it still is, whose title and range hold. */
  readonly from: number | null;
}

/** A map of two sliders: a variable, at the end of the run or at its highest or lowest. */
export interface MapState {
  readonly x: string;
  readonly y: string;
  readonly of: string;
  readonly how: "final" | "peak" | "lowest";
}

export interface LabState extends Setup {
  readonly kept: readonly Kept[];
  readonly charts: readonly ChartState[];
  readonly ghost: boolean;
  /** How far the guesses vary around the present run, as a share of the way to the ends of their ranges. */
  readonly unsure?: number | undefined;
  readonly map?: MapState | undefined;
}

export const MOST_KEPT = 6;
export const MOST_LINES = 8;
export const MOST_SMALL = 40;
export const MOST_CHARTS = 12;

export function initialState(catalogue: Catalogue): LabState {
  return { values: {}, plan: "", kept: [], charts: firstCharts(catalogue), ghost: true };
}

/** A large array begins as small charts. */
export function firstCharts({ description }: Catalogue): ChartState[] {
  return description.first.map((lines, i) =>
    i < description.charts.length ? newChart(lines, i) : chartFor(lines),
  );
}

export function newChart(lines: readonly string[], from: number | null = null): ChartState {
  return { lines, kind: "time", log: false, from };
}

export function withValue(state: LabState, catalogue: Catalogue, name: string, value: number): LabState {
  const { [name]: _, ...values } = state.values;
  return { ...state, values: value === catalogue.standard(name) ? values : { ...values, [name]: value } };
}

export function withScenario(state: LabState, description: Description, name: string): LabState {
  return withSetup(state, setupOf(description, name));
}

/** Whether a state has a scenario's settings and times, whatever its equations. */
export function follows(state: Setup, scenario: Setup): boolean {
  return sameSetup(state, { ...scenario, equations: state.equations });
}

export const OWN: Setup = { values: {}, plan: "" };

export function withSetup(state: LabState, { values, plan, drawn, switch: moment }: Setup): LabState {
  return { ...state, values, plan, drawn, switch: moment };
}

export function setupIn({ values, plan, equations, drawn, switch: moment }: Setup): Setup {
  return {
    values,
    plan,
    ...(equations ? { equations } : {}),
    ...(drawn ? { drawn } : {}),
    ...(moment === undefined ? {} : { switch: moment }),
  };
}

/** The constant `name` drawn over time; null for as the scenario has it. */
export function withDrawn(state: LabState, name: string, way: Drawn | null): LabState {
  const { [name]: _, ...others } = state.drawn ?? {};
  const drawn = way ? { ...others, [name]: way } : others;
  return { ...state, drawn: Object.keys(drawn).length ? drawn : undefined };
}
const setups = new WeakMap<Description, Map<string, Setup>>();

/** What a scenario of the model sets. One that has nothing of its own is the model itself. */
export function setupOf(description: Description, name: string): Setup {
  let known = setups.get(description);
  if (!known) {
    known = new Map(description.scenarios.map((scenario) => [scenario.name, read(description, scenario)]));
    setups.set(description, known);
  }
  return known.get(name) ?? OWN;
}

function read(description: Description, scenario: ScenarioInfo): Setup {
  const { name, settings, plan } = scenario;
  const [change] = plan.changes;
  if (change && isSwitch(scenario, description))
    return { values: different(description, change.settings), plan: name, switch: change.time };
  const own = JSON.stringify(plan.times) === JSON.stringify(description.program.times);
  const plain = own && !plan.parameters.length && !plan.changes.length;
  return { values: settings, plan: plain ? "" : name };
}

/** The settings that differ from the model's own. */
function different({ program }: Description, settings: Setup["values"]): Setup["values"] {
  const own = new Map<string, number | undefined>();
  for (const { name, elements, default: value } of program.settings)
    (elements.length ? elements : [name]).forEach((element, i) => {
      own.set(element, value?.[i]);
    });
  return Object.fromEntries(Object.entries(settings).filter(([name, value]) => value !== own.get(name)));
}

/** The value that a person gave a constant, if any; a model may call its constants "constructor". */
export function given(values: Setup["values"], name: string): number | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

export function sameSetup(a: Setup, b: Setup): boolean {
  return (
    a.plan === b.plan &&
    keyOf(a.equations) === keyOf(b.equations) &&
    a.switch === b.switch &&
    sameValues(a.values, b.values) &&
    drawnKey(a.drawn) === drawnKey(b.drawn)
  );
}

function sameValues(a: Setup["values"], b: Setup["values"]): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === given(b, name));
}

/** A text that is the same for the same drawn changes. */
export function drawnKey(drawn: Setup["drawn"]): string {
  return drawn ? JSON.stringify(Object.entries(drawn).sort()) : "";
}

export function withKept(state: LabState, kept: Kept): LabState {
  if (state.kept.length >= MOST_KEPT) return state;
  return { ...state, kept: [...state.kept, { ...kept, name: freeName(state, kept.name) }] };
}

function freeName(state: LabState, wanted: string): string {
  const taken = new Set(state.kept.map(({ name }) => name));
  if (!taken.has(wanted)) return wanted;
  let number = 2;
  while (taken.has(`${wanted} (${number})`)) number++;
  return `${wanted} (${number})`;
}

export function withoutKept(state: LabState, index: number): LabState {
  const charts = state.charts.map((chart) => {
    const { difference } = chart;
    if (!difference || difference.from < index) return chart;
    const from = difference.from - 1;
    return { ...chart, difference: difference.from === index ? undefined : { ...difference, from } };
  });
  return { ...state, charts, kept: state.kept.filter((_, i) => i !== index) };
}

export function renamed(state: LabState, index: number, name: string): LabState {
  return { ...state, kept: state.kept.map((kept, i) => (i === index ? { ...kept, name } : kept)) };
}

export function withChart(state: LabState, index: number, change: Partial<ChartState>): LabState {
  const other = change.lines ? { ...change, from: null } : change;
  return { ...state, charts: state.charts.map((chart, i) => (i === index ? { ...chart, ...other } : chart)) };
}

export function withLine(state: LabState, index: number, name: string): LabState {
  const lines = state.charts[index]?.lines ?? [];
  if (lines.includes(name)) return withChart(state, index, { lines: lines.filter((line) => line !== name) });
  return withLines(state, index, [name]);
}

/** A chart with more lines: as many as it has room for. */
export function withLines(state: LabState, index: number, names: readonly string[]): LabState {
  const chart = state.charts[index];
  if (!chart) return state;
  const lines = [...new Set([...chart.lines, ...names])].slice(0, mostLines(chart.kind));
  return lines.length === chart.lines.length ? state : withChart(state, index, { lines });
}

export function mostLines(kind: ChartState["kind"]): number {
  return kind === "small" ? MOST_SMALL : MOST_LINES;
}

/** The lines that a chart shows: of many small charts that became one, the first. */
export function shownLines({ kind, lines }: ChartState): readonly string[] {
  return lines.slice(0, mostLines(kind));
}

export function withoutChart(state: LabState, index: number): LabState {
  return { ...state, charts: state.charts.filter((_, i) => i !== index) };
}

export function withNewChart(
  state: LabState,
  lines: readonly string[],
  kind: ChartState["kind"] = "time",
): LabState {
  return state.charts.length >= MOST_CHARTS
    ? state
    : { ...state, charts: [...state.charts, chartFor(lines, kind)] };
}

/** A new chart; more variables than one chart can hold get small charts. */
function chartFor(lines: readonly string[], wanted: ChartState["kind"] = "time"): ChartState {
  const kind = lines.length > MOST_LINES ? "small" : wanted;
  return { ...newChart(lines.slice(0, mostLines(kind))), kind };
}

export const STEPS_BACK = 50;

/** States to go back to and forth; changes with one `tag` that follow each other, as of one drag, are one step. */
export class History<T> {
  private past: T[] = [];
  private future: T[] = [];
  private tag = "";

  constructor(private current: T) {}

  get now(): T {
    return this.current;
  }

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  get canRedo(): boolean {
    return this.future.length > 0;
  }

  push(state: T, tag = ""): void {
    if (state === this.current) return;
    if (!tag || tag !== this.tag) this.past = [...this.past, this.current].slice(-STEPS_BACK);
    this.tag = tag;
    this.future = [];
    this.current = state;
  }

  /** The same history of another kind of state. */
  mapped(change: (state: T) => T): History<T> {
    const other = new History(change(this.current));
    other.past = this.past.map(change);
    other.future = this.future.map(change);
    return other;
  }

  /** Ends a series of changes: the next one is a step of its own. */
  seal(): void {
    this.tag = "";
  }

  undo(): void {
    const before = this.past.at(-1);
    if (before === undefined) return;
    this.past = this.past.slice(0, -1);
    this.future = [this.current, ...this.future];
    this.current = before;
    this.tag = "";
  }

  redo(): void {
    const [after, ...rest] = this.future;
    if (after === undefined) return;
    this.past = [...this.past, this.current];
    this.future = rest;
    this.current = after;
    this.tag = "";
  }
}
