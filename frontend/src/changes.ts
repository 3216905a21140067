// Constants that change on the way: what a person drew over time and the switch of policies, on top of a scenario's plan.
import type { Catalogue } from "./catalogue";
import type { Description, ScenarioInfo } from "./description";
import type { Settings } from "./kernel";
import { niceAbove } from "./ranges";
import type { Setup } from "./state";

/** A time and the value from it on. */
export type Point = readonly [number, number];

/** The way of a constant over time. Before the first point it has the value of its slider. */
export interface Drawn {
  /** Steps keep a value until the next point; a line goes from point to point, in many small steps. */
  readonly form: "steps" | "line";
  /** In the order of time, each time once. */
  readonly points: readonly Point[];
}

export const MOST_POINTS = 200;
const LINE_PARTS = 100; // small steps of a line over the whole run

type Plan = ScenarioInfo["plan"];
type Change = Plan["changes"][number];
type Times = Plan["times"];

type Own = { parameters: [number, number][]; settings: Record<string, number> };

/** Settings and plan of a run, as Python would make them of a scenario with the same changes. */
export function runOf(setup: Setup, catalogue: Catalogue): { settings: Settings; plan: Plan | undefined } {
  const { description } = catalogue;
  const scenario = planOf(description, setup.plan);
  const ways = waysOf(setup, catalogue);
  if (!ways.size) return { settings: setup.values, plan: scenario };
  const { times, parameters, changes } = scenario ?? {
    times: description.program.times,
    parameters: [],
    changes: [],
  };
  const own = new Map<number, Own>();
  for (const [name, way] of ways) {
    for (const [time, value] of steps(way, startOf(setup, catalogue, name), times)) {
      if (time >= stopOf(times)) continue; // a change at the end would change nothing
      const at: Own = own.get(time) ?? { parameters: [], settings: Object.create(null) };
      at.parameters.push([catalogue.place(name), value]);
      at.settings[name] = value;
      own.set(time, at);
    }
  }
  const taken = new Set([...ways.keys()].map((name) => catalogue.place(name)));
  const mine = [...own].map(([time, at]): Change => ({ time, step: stepAt(time, times), states: [], ...at }));
  const all = [...changes.flatMap((change) => without(change, taken, ways)), ...mine]
    .filter(({ time }) => time <= stopOf(times) + slackOf(times))
    .sort((a, b) => a.time - b.time);
  return {
    settings: { ...setup.values, ...before(setup, description) },
    plan: { times, parameters, changes: all },
  };
}

/** How a constant goes over time, drawn or by scenario or switch; undefined where it is constant. */
export function wayOf(setup: Setup, catalogue: Catalogue, name: string): Drawn | undefined {
  const own = waysOf(setup, catalogue).get(name);
  if (own) return own;
  const place = catalogue.place(name);
  const points = (planOf(catalogue.description, setup.plan)?.changes ?? []).flatMap(({ time, parameters }) =>
    parameters.filter(([at]) => at === place).map(([, value]): Point => [time, value]),
  );
  return points.length ? { form: "steps", points } : undefined;
}

/** The value at the start: of the slider, or before the switch that of the other policy. */
export function startOf(setup: Setup, catalogue: Catalogue, name: string): number {
  const settings: Settings = { ...setup.values, ...before(setup, catalogue.description) };
  return (Object.hasOwn(settings, name) ? settings[name] : undefined) ?? catalogue.standard(name) ?? 0;
}

function waysOf(setup: Setup, catalogue: Catalogue): Map<string, Drawn> {
  const found = new Map<string, Drawn>();
  const moment = setup.switch;
  if (moment !== undefined) {
    for (const name of Object.keys(before(setup, catalogue.description))) {
      const own = Object.hasOwn(setup.values, name) ? setup.values[name] : undefined;
      found.set(name, { form: "steps", points: [[moment, own ?? catalogue.standard(name) ?? 0]] });
    }
  }
  for (const [name, way] of Object.entries(setup.drawn ?? {})) {
    // A version of the model with other equations may lack the constant.
    if (catalogue.place(name) >= 0) found.set(name, way);
  }
  return found;
}

/** The settings before the switch of policies; none for what a person drew. */
function before(setup: Setup, { switch: known }: Description): Record<string, number> {
  if (setup.switch === undefined || !known) return {};
  return Object.fromEntries(Object.entries(known.settings).filter(([name]) => !hasWay(setup, name)));
}

function hasWay({ drawn }: Setup, name: string): boolean {
  return drawn !== undefined && Object.hasOwn(drawn, name);
}

/** The plan of a scenario; its changes are left to the switch where it has them. */
function planOf(description: Description, name: string): Plan | undefined {
  const scenario = description.scenarios.find((one) => one.name === name);
  return scenario && isSwitch(scenario, description) ? { ...scenario.plan, changes: [] } : scenario?.plan;
}

/** Whether a scenario is the policy before the switch, and another policy from one time on. */
export function isSwitch({ settings, plan }: ScenarioInfo, { switch: known }: Description): boolean {
  const [change] = plan.changes;
  if (!known || !change || plan.changes.length > 1) return false;
  const names = Object.keys(known.settings);
  return (
    [settings, change.settings].every((one) => Object.keys(one).length === names.length) &&
    names.every((name) => settings[name] === known.settings[name] && Object.hasOwn(change.settings, name))
  );
}

/** A scenario's change without the constants whose way is another; nothing where that was all. */
function without(change: Change, taken: ReadonlySet<number>, ways: ReadonlyMap<string, unknown>): Change[] {
  const parameters = change.parameters.filter(([place]) => !taken.has(place));
  if (!parameters.length && !change.states.length) return [];
  const settings = Object.fromEntries(Object.entries(change.settings).filter(([name]) => !ways.has(name)));
  return [{ ...change, parameters, settings }];
}

/** The steps of a way: its points, or many small ones along its line. */
export function steps(way: Drawn, start: number, times: Times): Point[] {
  if (way.form === "steps") return [...way.points];
  const first = startTime(times);
  const corners: Point[] = [[first, start], ...way.points.filter(([time]) => time > first)];
  const pace = Math.max(times.dt, paceOf(times, LINE_PARTS));
  const moments = new Set(corners.slice(1).map(([time]) => time));
  const end = Math.min(corners.at(-1)?.[0] ?? first, stopOf(times));
  for (let i = Math.floor(first / pace) + 1; i * pace < end; i++) moments.add(rounded(i * pace));
  const found: Point[] = [];
  let last = start;
  for (const time of [...moments].sort((a, b) => a - b)) {
    const value = along(corners, time);
    if (value !== last) found.push([time, value]);
    last = value;
  }
  return found;
}

function along(corners: readonly Point[], time: number): number {
  const i = corners.findIndex(([moment]) => moment >= time);
  const [t1, v1] = corners[i] ?? (corners.at(-1) as Point);
  const [t0, v0] = corners[i - 1] ?? [t1, v1];
  return time === t1 || t1 === t0 ? v1 : rounded(v0 + ((v1 - v0) * (time - t0)) / (t1 - t0));
}

/** The value of a way at a time. */
export function valueAlong(way: Drawn, start: number, time: number, times: Times): number {
  if (way.form === "line") return along([[startTime(times), start], ...way.points], time);
  return way.points.filter(([moment]) => moment <= time).at(-1)?.[1] ?? start;
}

export function rounded(value: number): number {
  return Number(value.toPrecision(12));
}

/** A round stretch of time of which a run has at most about so many. */
export function paceOf(times: Times, parts: number): number {
  return Math.max(times.dt, niceAbove((stopOf(times) - startTime(times)) / parts, [1, 2, 5, 10]));
}

export function startTime({ origin, parts }: Times): number {
  return origin / parts;
}

export function stopOf({ origin, steps, stride, parts }: Times): number {
  return (origin + steps * stride) / parts;
}

/** The step at which a change happens: the first that begins at or after its time, as `Grid.first_from` has it. */
export function stepAt(time: number, times: Times): number {
  const step = Math.ceil((time - startTime(times) - slackOf(times)) / times.dt);
  return Math.min(Math.max(0, step), times.steps);
}

/** Times nearer than this are the same, as `Grid.slack` has it. */
function slackOf(times: Times): number {
  const size = Math.max(Math.abs(startTime(times)), Math.abs(stopOf(times)));
  return Math.max(1e-9 * times.dt, 4 * spacing(size));
}

/** The distance from a number to the next larger one. */
function spacing(value: number): number {
  const number = Float64Array.of(value);
  const bits = new BigInt64Array(number.buffer);
  bits[0] = (bits[0] ?? 0n) + 1n;
  return (number[0] as number) - value;
}

/** A way with a point more, or moved there. */
export function withPoint(way: Drawn, point: Point, instead?: number): Drawn {
  const others = way.points.filter(([time]) => time !== point[0] && time !== instead);
  return { ...way, points: [...others, point].sort(([a], [b]) => a - b).slice(0, MOST_POINTS) };
}

/** A way with values painted over stretches of time, `pace` long, by the number of each; around them it stays. */
export function painted(
  way: Drawn,
  start: number,
  values: ReadonlyMap<number, number>,
  pace: number,
  times: Times,
): Drawn {
  const at = (k: number) => rounded(k * pace);
  const inside = ([time]: Point) => values.has(Math.floor(time / pace + 1e-9));
  const points = new Map<number, number>(way.points.filter((point) => !inside(point)));
  for (const [k, value] of values) {
    points.set(at(k), value);
    const end = at(k + 1);
    if (way.form === "steps" && !values.has(k + 1) && !points.has(end) && end < stopOf(times))
      points.set(end, valueAlong(way, start, end, times));
  }
  const sorted = [...points].filter(([time]) => time > startTime(times)).sort(([a], [b]) => a - b);
  const merged =
    way.form === "line" ? sorted : sorted.filter(([, value], i) => i === 0 || value !== sorted[i - 1]?.[1]);
  return { ...way, points: merged.slice(0, MOST_POINTS) };
}

const BARE = /^[A-Za-z0-9_-]+$/;

/** The settings in force as a scenario for `scenarios.toml`. */
export function scenarioToml(setup: Setup, catalogue: Catalogue, name: string): string {
  const { settings, plan } = runOf(setup, catalogue);
  const { times: own } = catalogue.description.program;
  const scenario = catalogue.description.scenarios.find((one) => one.name === setup.plan);
  const key = (text: string) => (BARE.test(text) ? text : JSON.stringify(text));
  const table = (values: Settings) =>
    `{ ${Object.entries(values)
      .map(([one, value]) => `${key(one)} = ${value}`)
      .join(", ")} }`;
  const lines = [`[scenario.${key(name)}]`];
  const all = { ...scenario?.fixed, ...settings };
  if (Object.keys(all).length) lines.push(`settings = ${table(all)}`);
  if (plan?.changes.length) {
    const changes = plan.changes.map(
      ({ time, settings: then }) => `  { time = ${time}, settings = ${table(then)} },`,
    );
    lines.push("changes = [", ...changes, "]");
  }
  if (plan && startTime(plan.times) !== startTime(own)) lines.push(`start = ${startTime(plan.times)}`);
  if (plan && stopOf(plan.times) !== stopOf(own)) lines.push(`stop = ${stopOf(plan.times)}`);
  return `${lines.join("\n")}\n`;
}
