import { expect, test } from "vitest";
import { FIRST } from "../src/diagram/choice";
import { decoded, encoded } from "../src/hash";
import {
  firstCharts,
  given,
  History,
  initialState,
  type LabState,
  MOST_KEPT,
  STEPS_BACK,
  setupOf,
  withChart,
  withKept,
  withLine,
  withScenario,
  withValue,
} from "../src/state";
import { catalogue, description } from "./description";

test("fifty steps can be undone and done again", () => {
  const history = new History(0);
  for (let i = 1; i <= 60; i++) history.push(i);
  for (let i = 0; i < STEPS_BACK; i++) history.undo();
  expect([history.now, history.canUndo]).toEqual([10, false]);
  for (let i = 0; i < STEPS_BACK; i++) history.redo();
  expect([history.now, history.canRedo]).toEqual([60, false]);
});

test("one drag is one step", () => {
  const history = new History(0);
  for (const value of [1, 2, 3]) history.push(value, "drag a");
  history.push(4, "drag b");
  history.undo();
  expect(history.now).toBe(3);
  history.undo();
  expect(history.now).toBe(0);
});

test("a drag after the end of another of the same slider is a step of its own", () => {
  const history = new History(0);
  history.push(1, "drag a");
  history.seal();
  history.push(2, "drag a");
  history.undo();
  expect(history.now).toBe(1);
});

test("a change after an undo forgets what was undone", () => {
  const history = new History(0);
  history.push(1);
  history.undo();
  history.push(2);
  expect(history.canRedo).toBe(false);
});

test("a value at the model's own is no change", () => {
  const known = catalogue();
  const state = withValue(initialState(known), known, "rate", 0.2);
  expect(state.values).toEqual({ rate: 0.2 });
  expect(withValue(state, known, "rate", 0.015).values).toEqual({});
});

test("the first charts are those of lab.toml, where it has some", () => {
  const chart = { title: { en: "Firms" }, lines: [], range: null, unit: {} } as const;
  const places = firstCharts(catalogue({ charts: [chart], first: [["firms"]] })).map(({ from }) => from);
  expect([places, firstCharts(catalogue()).map(({ from }) => from)]).toEqual([[0], [null, null, null]]);
});

test("without levers, constants stand in the order of their strength, then arrays, then initial values", () => {
  const { groups } = catalogue();
  expect(groups.map(({ kind, sliders }) => [kind, sliders.map(({ name }) => name)])).toEqual([
    ["constants", ["share", "rate"]],
    ["array", ["price[a]", "price[b]"]],
    ["initial", ["firms"]],
  ]);
});

test("sliders of lab.toml come first, in its groups", () => {
  const choice = {
    name: "rate",
    label: { en: "Rate" },
    group: { en: "Firms" },
    minimum: 0,
    maximum: 1,
    step: 0.1,
  };
  const [first, second] = catalogue({ sliders: [choice] }).groups;
  expect(first).toMatchObject({
    kind: "arranged",
    title: { en: "Firms" },
    sliders: [{ limits: { maximum: 1, step: 0.1, guessed: false } }],
  });
  expect(second?.kind).toBe("others");
});

test("a scenario with other times keeps them, one with settings only has none", () => {
  expect(setupOf(description(), "long")).toEqual({ values: { rate: 0.5 }, plan: "long" });
  expect(setupOf(description(), "default")).toEqual({ values: {}, plan: "" });
});

test("six runs are kept, each under a name of its own", () => {
  let state = initialState(catalogue());
  for (let i = 0; i < 8; i++) state = withKept(state, { name: "Run", values: {}, plan: "" });
  expect(state.kept.length).toBe(MOST_KEPT);
  expect(new Set(state.kept.map(({ name }) => name)).size).toBe(MOST_KEPT);
});

test("a link gives back exactly what was there", () => {
  const known = catalogue();
  let state: LabState = withScenario(initialState(known), description(), "long");
  state = withValue(state, known, "price[b]", 1 / 3);
  state = withKept(state, { name: "份额 <b>", values: { share: 0.1 + 0.2 }, plan: "long" });
  state = withLine(withChart(state, 0, { log: true }), 1, "births");
  const saved = {
    state: { ...state, ghost: false },
    language: "zh" as const,
    view: [0.5, 3] as const,
    diagram: FIRST,
  };
  expect(decoded(encoded(saved, known), known)).toEqual(saved);
});

test("the beginning needs no link", () => {
  const known = catalogue();
  expect(encoded({ state: initialState(known), language: "en", view: null, diagram: FIRST }, known)).toBe("");
});

test("a link with nonsense in it gives what is known of it, and never more", () => {
  const known = catalogue();
  const of = (data: unknown) => decoded(btoa(JSON.stringify(data)), known);
  expect(decoded("%%%", known)).toBeNull();
  expect(of([1])).toBeNull();
  expect(of({ v: { rate: "x", nothing: 1, share: 0.7, __proto__: 1 } })?.state.values).toEqual({
    share: 0.7,
  });
  expect(
    of({ p: "nothing", k: [[1], ["a", null, 3]], c: [[["firms", "nothing", 3]]], z: [3, 1] })?.state,
  ).toMatchObject({
    plan: "",
    kept: [{ name: "a", values: {}, plan: "" }],
    charts: [{ lines: ["firms"], kind: "time" }],
  });
});

test("a constant may have the name of what every object has", () => {
  const known = catalogue();
  const state = initialState(known);
  expect(given(state.values, "constructor")).toBeUndefined();
  expect(given(withValue(state, known, "constructor", 2).values, "constructor")).toBe(2);
  expect(given(withValue(state, known, "__proto__", 2).values, "__proto__")).toBe(2);
});
