// A small model for the tests: two stocks, an array, a flow, constants with and without ranges.
import { Catalogue } from "../src/catalogue";
import type { Description, Kind, VariableInfo } from "../src/description";
import type { Kernel } from "../src/kernel";

const times = { steps: 4, every: 1, dt: 1, origin: 0, stride: 1, parts: 1, kept: null };

function variable(name: string, kind: Kind, first: number, more: Partial<VariableInfo> = {}): VariableInfo {
  return {
    name,
    labels: {},
    kind,
    unit: "",
    docs: {},
    equations: {},
    causes: [],
    uses: [],
    first,
    elements: 1,
    elementLabels: {},
    minimum: null,
    maximum: null,
    step: null,
    lever: false,
    strength: 0,
    ...more,
  };
}

const VARIABLES = [
  variable("firms", "stock", 0, { unit: "firm" }),
  variable("people", "stock", 1, { unit: "person" }),
  variable("old firms", "stock", 2, { unit: "firm" }),
  variable("sales", "stock", 3, { unit: "euro", elements: 2 }),
  variable("births", "flow", 5),
  variable("rate", "constant", 6, { strength: 0.1 }),
  variable("share", "constant", 7, { strength: 0.9, labels: { zh: "份额" } }),
  variable("price", "constant", 8, { elements: 2 }),
];

const ROWS = [
  "firms",
  "people",
  "old firms",
  "sales[a]",
  "sales[b]",
  "births",
  "rate",
  "share",
  "price[a]",
  "price[b]",
];

function setting(name: string, place: number, value: number[], elements: string[] = []) {
  return { name, elements, place, default: value, unit: "", minimum: null, maximum: null };
}

export function description(more: Partial<Description> = {}): Description {
  return {
    format: 1,
    language: "en",
    name: "test",
    doc: "",
    file: "test.mdl",
    program: {
      name: "test",
      timeUnit: "year",
      times,
      settings: [
        setting("rate", 10, [0.015]),
        setting("share", 11, [0.5]),
        setting("price", 12, [1, 2], ["price[a]", "price[b]"]),
        setting("firms", 14, [10]),
      ],
      variables: ROWS.map((name, column) => ({
        name,
        unit: "",
        kind: "auxiliary",
        column,
        mayBeMissing: false,
      })),
      ...{
        method: "euler",
        parameters: [],
        size: 15,
        cells: 0,
        longest: 0,
        width: 1,
        columns: ROWS.length,
        rows: 1,
      },
      ...{ length: 0, need: 1, devices: false, missing: -1e300 },
    },
    lanes: null,
    variables: VARIABLES,
    dimensions: {},
    diagram: { links: [], views: [] },
    charts: [],
    first: [["firms", "old firms"], ["people"], ["sales[a]", "sales[b]"]],
    sliders: [],
    switch: null,
    story: { own: null, standard: { measures: {}, passages: [], timeWords: {}, unit: {} }, tell: [] },
    units: {},
    refused: [],
    scenarios: [
      {
        name: "default",
        title: {},
        description: {},
        settings: {},
        fixed: {},
        plan: { times, parameters: [], changes: [] },
      },
      {
        name: "long",
        title: { en: "Long" },
        description: {},
        settings: { rate: 0.5 },
        fixed: {},
        plan: { times: { ...times, steps: 8 }, parameters: [], changes: [] },
      },
    ],
    ...more,
  };
}

export function catalogue(more: Partial<Description> = {}): Catalogue {
  return new Catalogue(description(more));
}

/** A kernel whose curves all have the value of `rate`, and that fails where it is below 0. */
export function kernel(): Kernel & { runs: number; asked?: ReadonlySet<string> | undefined } {
  return {
    runs: 0,
    run(settings, plan, asked) {
      this.runs++;
      if (settings.rate !== undefined) this.asked = asked;
      const rate = settings.rate ?? 0.015;
      if (rate < 0) return { ok: false, variable: "firms", value: Number.NaN, time: 2 };
      const time = Float64Array.from({ length: (plan?.times.steps ?? 4) + 1 }, (_, i) => i);
      const curve = new Float64Array(time.length).fill(rate);
      const kept = ROWS.filter((name) => !asked || asked.has(name));
      return { ok: true, curves: { time, values: Object.fromEntries(kept.map((name) => [name, curve])) } };
    },
  };
}
