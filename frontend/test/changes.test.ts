import { expect, test } from "vitest";
import {
  type Drawn,
  painted,
  runOf,
  scenarioToml,
  stepAt,
  steps,
  valueAlong,
  wayOf,
  withPoint,
} from "../src/changes";
import type { ScenarioInfo, SwitchInfo } from "../src/description";
import { FIRST } from "../src/diagram/choice";
import { decoded, encoded } from "../src/hash";
import { initialState, OWN, setupOf, withDrawn, withScenario } from "../src/state";
import { catalogue, description } from "./description";

const TIMES = { steps: 400, every: 1, dt: 0.25, origin: 8000, stride: 1, parts: 4, kept: null };
const POLICY: SwitchInfo = {
  settings: { rate: 0.5, share: 0.1 },
  latest: 3,
  label: {},
  description: {},
  never: {},
};

function scenario(name: string, changes: ScenarioInfo["plan"]["changes"], settings = {}): ScenarioInfo {
  const { times } = description().program;
  return { name, title: {}, description: {}, settings, fixed: {}, plan: { times, parameters: [], changes } };
}

function known(more = {}) {
  const late = { time: 2, step: 2, parameters: [[11, 0.2]] as const, states: [], settings: { share: 0.2 } };
  const both = {
    time: 3,
    step: 3,
    parameters: [
      [10, 0.3],
      [11, 0.4],
    ] as const,
    states: [[0, 7]] as const,
    settings: { rate: 0.3, share: 0.4, firms: 7 },
  };
  return catalogue({ scenarios: [scenario("late", [late, both])], ...more });
}

test("a change happens at the first step that begins at or after its time", () => {
  expect([2000, 2000.1, 2000.25, 2000.25 + 1e-10, 1990, 3000].map((time) => stepAt(time, TIMES))).toEqual([
    0, 1, 1, 1, 0, 400,
  ]);
});

test("a constant that is drawn leaves the other changes of a scenario as they are", () => {
  const drawn = {
    share: {
      form: "steps",
      points: [
        [1, 0.9],
        [2, 0.8],
      ],
    },
  } as const;
  const { settings, plan } = runOf({ values: { rate: 0.1 }, plan: "late", drawn }, known());
  expect(settings).toEqual({ rate: 0.1 });
  expect(plan?.changes.map(({ time, step, parameters, states }) => [time, step, parameters, states])).toEqual(
    [
      [1, 1, [[11, 0.9]], []],
      [2, 2, [[11, 0.8]], []],
      [3, 3, [[10, 0.3]], [[0, 7]]],
    ],
  );
  expect(wayOf({ values: {}, plan: "late" }, known(), "share")?.points).toEqual([
    [2, 0.2],
    [3, 0.4],
  ]);
});

test("the switch keeps the other policy before its time, and what was drawn wins over it", () => {
  const lab = known({ switch: POLICY });
  const run = runOf({ values: { rate: 0.2 }, plan: "", switch: 2 }, lab);
  expect(run.settings).toEqual({ rate: 0.5, share: 0.1 });
  expect(run.plan?.changes).toMatchObject([{ time: 2, settings: { rate: 0.2, share: 0.5 } }]);
  const drawn = { share: { form: "steps", points: [[3, 0.9]] } } as const;
  const other = runOf({ values: { rate: 0.2 }, plan: "", switch: 2, drawn }, lab);
  expect(other.settings).toEqual({ rate: 0.5 });
  expect(other.plan?.changes.map(({ settings }) => settings)).toEqual([{ rate: 0.2 }, { share: 0.9 }]);
});

test("a scenario of one change of that policy moves the switch and the sliders", () => {
  const change = {
    time: 2,
    step: 2,
    parameters: [
      [10, 0.2],
      [11, 0.5],
    ] as const,
    states: [],
    settings: { rate: 0.2, share: 0.5 },
  };
  const lab = description({ switch: POLICY, scenarios: [scenario("rescue", [change], POLICY.settings)] });
  expect(setupOf(lab, "rescue")).toEqual({ values: { rate: 0.2 }, plan: "rescue", switch: 2 });
  const never = runOf({ values: { rate: 0.2 }, plan: "rescue" }, catalogue(lab));
  expect(never.plan?.changes).toEqual([]);
});

test("a line is small steps through its points, from the value of the slider", () => {
  const line: Drawn = {
    form: "line",
    points: [
      [2010, 5],
      [2020, 3],
    ],
  };
  const found = steps(line, 5, TIMES);
  expect(found[0]).toEqual([2011, 4.8]);
  expect(found.at(-1)).toEqual([2020, 3]);
  expect(found.length).toBe(10);
  expect(valueAlong(line, 1, 2005, TIMES)).toBe(3);
});

test("painting holds along the time that was painted, and not behind it", () => {
  const way: Drawn = { form: "steps", points: [[2030, 4]] };
  const values = new Map([
    [1005, 2],
    [1006, 2],
    [1007, 3],
  ]);
  expect(painted(way, 1, values, 2, TIMES).points).toEqual([
    [2010, 2],
    [2014, 3],
    [2016, 1],
    [2030, 4],
  ]);
  expect(withPoint(way, [2020, 4], 2030).points).toEqual([[2020, 4]]);
});

test("what was drawn is undone with the scenario, and stands in the link and in scenarios.toml", () => {
  const lab = known({ switch: POLICY });
  const way: Drawn = { form: "line", points: [[1, 0.25]] };
  let state = withDrawn(withScenario(initialState(lab), lab.description, "late"), "price[a]", way);
  state = {
    ...state,
    switch: 2,
    kept: [{ name: "A", values: {}, plan: "", drawn: { rate: way }, switch: 1 }],
  };
  const saved = { state, language: "en" as const, view: null, diagram: FIRST };
  expect(decoded(encoded(saved, lab), lab)).toEqual(saved);
  expect(withScenario(state, lab.description, "").drawn).toBeUndefined();
  const setup = { ...OWN, drawn: { "price[a]": { form: "steps", points: [[1, 0.25]] } } } as const;
  expect(scenarioToml(setup, lab, "my policy")).toBe(
    '[scenario."my policy"]\nchanges = [\n  { time = 1, settings = { "price[a]" = 0.25 } },\n]\n',
  );
});

test("a constant with a name of JavaScript's own is drawn over time like others", () => {
  const { program } = description();
  const name = "__proto__";
  const settings = [{ name, elements: [], place: 20, default: [1], unit: "", minimum: 0, maximum: 2 }];
  const known = catalogue({ program: { ...program, settings } });
  const state = withDrawn(initialState(known), name, { form: "steps", points: [[2, 1.5]] });
  const [change] = runOf(state, known).plan?.changes ?? [];
  expect(change?.parameters).toEqual([[20, 1.5]]);
  expect(Object.entries(change?.settings ?? {})).toEqual([[name, 1.5]]);
  expect(known.unit("constructor", "en")).toBe("constructor");
});
