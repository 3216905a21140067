// The state of a laboratory in the link: what differs from the page's beginning. What a link says is checked, not trusted.
import type { Catalogue } from "./catalogue";
import { type Drawn, MOST_POINTS } from "./changes";
import type { Language } from "./description";
import { type Choice, FIRST, read as readDiagram, written as writtenDiagram } from "./diagram/choice";
import {
  type ChartState,
  initialState,
  type Kept,
  type LabState,
  MOST_CHARTS,
  MOST_KEPT,
  MOST_SMALL,
} from "./state";
import { isLanguage } from "./words/languages";

export interface Saved {
  readonly state: LabState;
  readonly language: Language;
  /** The part of the time axis that is shown. */
  readonly view: readonly [number, number] | null;
  readonly diagram: Choice;
}

const MOST_CHARACTERS = 100_000;
const LONGEST_NAME = 80;
const KINDS = ["time", "phase", "small"] as const;

/** What differs from the page's beginning, as data for JSON. */
export function savedData(saved: Saved, catalogue: Catalogue): Record<string, unknown> {
  const { state, language, view, diagram } = saved;
  const first = initialState(catalogue);
  const data: Record<string, unknown> = {};
  if (Object.keys(state.values).length) data.v = state.values;
  if (state.plan) data.p = state.plan;
  if (state.drawn) data.t = state.drawn;
  if (state.switch !== undefined) data.s = state.switch;
  if (state.kept.length)
    data.k = state.kept.map(({ name, values, plan, equations, drawn, switch: moment }) => [
      name,
      values,
      plan,
      ...(equations || drawn || moment !== undefined ? [equations ?? 0, drawn ?? 0, moment] : []),
    ]);
  if (state.equations && Object.keys(state.equations).length) data.e = state.equations;
  if (JSON.stringify(state.charts) !== JSON.stringify(first.charts)) {
    data.c = state.charts.map(({ lines, kind, log, from, same, difference }) => [
      lines,
      KINDS.indexOf(kind),
      log ? 1 : 0,
      from,
      ...(same || difference ? [same ? 1 : 0, difference?.from, difference?.percent ? 1 : 0] : []),
    ]);
  }
  if (!state.ghost) data.g = 0;
  if (state.unsure !== undefined) data.f = state.unsure;
  if (state.map) data.m = [state.map.x, state.map.y, state.map.of, state.map.how];
  if (view) data.z = view;
  const drawn = writtenDiagram(diagram, catalogue);
  if (drawn) data.d = drawn;
  if (language !== catalogue.description.language) data.l = language;
  return data;
}

/** The text of a link; empty for the page's beginning. */
export function encoded(saved: Saved, catalogue: Catalogue): string {
  const data = savedData(saved, catalogue);
  if (!Object.keys(data).length) return "";
  const bytes = new TextEncoder().encode(JSON.stringify(data));
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The state in a link; null where the text is not one of ours. Names that the model lacks are left out. */
export function decoded(text: string, catalogue: Catalogue): Saved | null {
  const data = parsedData(text);
  return data && restoredFrom(data, catalogue);
}

/** The state in data for JSON, whatever they are. */
export function restoredFrom(data: unknown, catalogue: Catalogue): Saved | null {
  if (!isTable(data)) return null;
  const first = initialState(catalogue);
  const { language } = catalogue.description;
  const runs = list(data.k)
    .slice(0, MOST_KEPT)
    .flatMap((one) => kept(one, catalogue));
  return {
    state: {
      values: values(data.v, catalogue),
      plan: plan(data.p, catalogue),
      ...equations(data.e, catalogue),
      kept: runs,
      charts: Array.isArray(data.c)
        ? data.c.slice(0, MOST_CHARTS).flatMap((one) => chart(one, catalogue, runs.length))
        : first.charts,
      ghost: data.g !== 0,
      ...(isNumber(data.f) && data.f > 0 && data.f <= 1 ? { unsure: data.f } : {}),
      ...map(data.m, catalogue),
      ...changes(data.t, data.s, catalogue),
    },
    language: isLanguage(data.l) ? data.l : language,
    view: view(data.z),
    diagram: readDiagram(data.d, catalogue),
  };
}

/** The settings, equations, lines and scenarios of a link or a file that this version of the model lacks. */
export function lacking(saved: unknown, catalogue: Catalogue): string[] {
  const data = typeof saved === "string" ? parsedData(saved) : saved;
  if (!isTable(data)) return [];
  const keys = (table: unknown) => (isTable(table) ? Object.keys(table) : []);
  const setups = [[data.v, data.t, data.p, data.e], ...list(data.k).map(keptParts)];
  const names = setups.flatMap(([numbers, drawn, scenario, tried]) => [
    ...[...keys(numbers), ...keys(drawn)].filter((name) => !catalogue.sliders.has(name)),
    ...keys(tried).filter((left) => !equations({ [left]: "" }, catalogue).equations),
    ...(typeof scenario === "string" && scenario && !plan(scenario, catalogue) ? [scenario] : []),
  ]);
  const lines = list(data.c).flatMap((one) => list(list(one)[0]).map(String));
  return [...new Set([...names, ...lines.filter((name) => !catalogue.row(name))])];
}

function keptParts(one: unknown): unknown[] {
  const [, numbers, scenario, tried, drawn] = list(one);
  return [numbers, drawn, scenario, tried];
}

/** A state of one version of a model as a state of another: what it lacks is left out, new charts of its own appear. */
export function carried(state: LabState, from: Catalogue, to: Catalogue): LabState {
  const text = encoded({ state, language: from.description.language, view: null, diagram: FIRST }, from);
  return decoded(text, to)?.state ?? initialState(to);
}

function parsedData(text: string): Record<string, unknown> | null {
  if (!text || text.length > MOST_CHARACTERS) return null;
  try {
    const raw = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(raw, (character) => character.charCodeAt(0));
    const data: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isTable(data) ? data : null;
  } catch {
    return null;
  }
}

function isTable(data: unknown): data is Record<string, unknown> {
  return typeof data === "object" && data !== null && !Array.isArray(data);
}

function list(data: unknown): readonly unknown[] {
  return Array.isArray(data) ? data : [];
}

function values(data: unknown, catalogue: Catalogue): Record<string, number> {
  if (!isTable(data)) return {};
  const known = Object.entries(data).filter(
    (entry): entry is [string, number] =>
      catalogue.sliders.has(entry[0]) &&
      typeof entry[1] === "number" &&
      entry[1] !== catalogue.standard(entry[0]),
  );
  return Object.fromEntries(known);
}

/** Equations that are tried out; a published page has none, and a version of the file keeps those that it can change. */
function equations(data: unknown, catalogue: Catalogue): { equations?: Record<string, string> } {
  if (!isTable(data)) return {};
  const { variables } = catalogue.description;
  const lefts = new Set(variables.flatMap(({ sides }) => sides ?? []).map(([left]) => left));
  const arrays = new Set(variables.flatMap(({ whole }) => (whole === undefined ? [] : [arrayOf(whole)])));
  const known = Object.entries(data).filter(
    (entry): entry is [string, string] =>
      (lefts.has(entry[0]) || arrays.has(arrayOf(entry[0]))) && typeof entry[1] === "string",
  );
  return known.length ? { equations: Object.fromEntries(known) } : {};
}

/** The name before the subscripts. */
function arrayOf(left: string): string {
  return left.split("[", 1)[0]?.trim() ?? "";
}

function plan(data: unknown, catalogue: Catalogue): string {
  return catalogue.description.scenarios.some(({ name }) => name === data) ? String(data) : "";
}

function kept(data: unknown, catalogue: Catalogue): Kept[] {
  const [name, numbers, times, tried, drawn, moment] = list(data);
  if (typeof name !== "string") return [];
  return [
    {
      name: name.slice(0, LONGEST_NAME),
      values: values(numbers, catalogue),
      plan: plan(times, catalogue),
      ...equations(tried, catalogue),
      ...changes(drawn, moment, catalogue),
    },
  ];
}

/** What was drawn over time, and the time of the switch. */
function changes(data: unknown, moment: unknown, catalogue: Catalogue): Pick<LabState, "drawn" | "switch"> {
  const known = Object.entries(isTable(data) ? data : {}).flatMap(([name, way]): [string, Drawn][] => {
    if (!catalogue.sliders.has(name) || !isTable(way)) return [];
    const points = new Map<number, number>();
    for (const point of list(way.points).slice(0, MOST_POINTS)) {
      const [time, value] = list(point);
      if (isNumber(time) && isNumber(value)) points.set(time, value);
    }
    const sorted = [...points].sort(([a], [b]) => a - b);
    return [[name, { form: way.form === "line" ? "line" : "steps", points: sorted }]];
  });
  return {
    ...(known.length ? { drawn: Object.fromEntries(known) } : {}),
    ...(isNumber(moment) && catalogue.description.switch ? { switch: moment } : {}),
  };
}

function map(data: unknown, catalogue: Catalogue): Pick<LabState, "map"> {
  const [x, y, of, how] = list(data).map(String);
  if (x === undefined || y === undefined || of === undefined) return {};
  if (!catalogue.sliders.has(x) || !catalogue.sliders.has(y) || !catalogue.row(of)) return {};
  return { map: { x, y, of, how: how === "peak" || how === "lowest" ? how : "final" } };
}

function isNumber(data: unknown): data is number {
  return typeof data === "number" && Number.isFinite(data);
}

function chart(data: unknown, catalogue: Catalogue, runs: number): ChartState[] {
  const [lines, place, log, from, same, other, percent] = list(data);
  const kind = KINDS[typeof place === "number" ? place : 0] ?? "time";
  const known = list(lines).filter(
    (name): name is string => typeof name === "string" && !!catalogue.row(name),
  );
  const file = typeof from === "number" ? catalogue.description.charts[from] : undefined;
  return [
    {
      lines: [...new Set(known)].slice(0, MOST_SMALL),
      kind,
      log: log === 1,
      ...(same === 1 ? { same: true } : {}),
      ...(typeof other === "number" && other >= -1 && other < runs
        ? { difference: { from: other, percent: percent === 1 } }
        : {}),
      from: file ? (from as number) : null,
    },
  ];
}

function view(data: unknown): readonly [number, number] | null {
  const [low, high] = list(data);
  return typeof low === "number" && typeof high === "number" && low < high ? [low, high] : null;
}
