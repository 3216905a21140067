import { expect, test } from "vitest";
import { curvesOf, headingOf } from "../src/curves";
import { FIRST } from "../src/diagram/choice";
import { difference } from "../src/difference";
import { momentText, timeTexts } from "../src/format";
import { decoded, encoded } from "../src/hash";
import { Session } from "../src/session";
import {
  type ChartState,
  firstCharts,
  initialState,
  MOST_SMALL,
  withChart,
  withKept,
  withLines,
  withNewChart,
  withoutKept,
  withValue,
} from "../src/state";
import { catalogue, description, kernel } from "./description";

function laboratory() {
  const frames: (() => void)[] = [];
  const session = new Session(description(), kernel(), (work) => frames.push(work));
  const act = (change: Parameters<Session["update"]>[0]) => {
    session.update(change);
    for (const work of frames.splice(0)) work();
  };
  const set = (value: number) => act((state) => withValue(state, session.catalogue, "rate", value));
  return { session, act, set };
}

test("a difference is taken at the times that both runs have", () => {
  const of = (percent: boolean) =>
    Array.from(
      difference(
        Float64Array.of(0, 1, 2, 4),
        Float64Array.of(1, 2, 3, 4),
        Float64Array.of(0, 0.5, 1, 2, 3),
        Float64Array.of(2, 9, -1, 0, 9),
        percent,
      ),
    );
  expect(of(false)).toEqual([-1, 3, 3, Number.NaN]);
  expect(of(true)).toEqual([-50, 300, Number.NaN, Number.NaN]);
});

test("a chart of differences leaves the run out that they are taken from", () => {
  const { session, act, set } = laboratory();
  set(0.03);
  act((state) => withKept(state, { name: "A", values: { rate: 0.06 }, plan: "" }));
  act((state) => withChart(state, 0, { lines: ["firms"], difference: { from: -1, percent: true } }));
  const chart = () => session.state.value.charts[0] as ChartState;
  expect(curvesOf(session, chart(), "en").map(({ run, values }) => [run, values[2]])).toEqual([
    ["A", 300],
    ["this run", 100],
  ]);
  expect(headingOf(session, chart(), "en")).toEqual({
    title: "firms: difference from Baseline",
    unit: "%",
  });
  act((state) => withChart(state, 0, { difference: { from: 0, percent: false } }));
  expect(curvesOf(session, chart(), "en").map(({ run }) => run)).toEqual(["Baseline", "this run"]);
  act((state) => withoutKept(state, 0));
  expect(chart().difference).toBeUndefined();
});

test("an array of many elements begins as small charts, and a chart takes no more than it can show", () => {
  const known = catalogue();
  const many = Array.from({ length: 50 }, (_, i) => `v${i}`);
  let state = withNewChart(initialState(known), many);
  expect(state.charts.at(-1)).toMatchObject({ kind: "small", lines: { length: MOST_SMALL } });
  state = withLines(state, 0, many);
  expect(state.charts[0]?.lines.length).toBe(8);
  const first = firstCharts(catalogue({ first: [many, ["sales[a]", "sales[b]"]] }));
  expect(first.map(({ kind }) => kind)).toEqual(["small", "time"]);
});

test("small charts and differences stand in the link", () => {
  const known = catalogue();
  let state = withKept(initialState(known), { name: "A", values: { rate: 0.06 }, plan: "" });
  state = withChart(state, 0, { kind: "small", same: true, difference: { from: 0, percent: true } });
  state = withChart(state, 1, { difference: { from: -1, percent: false } });
  const saved = { state, language: "en" as const, view: null, diagram: FIRST };
  expect(decoded(encoded(saved, known), known)).toEqual(saved);
});

test("years have no thousands", () => {
  expect(timeTexts([2000, 2010], "en")).toEqual(["2000", "2010"]);
  expect(timeTexts([0, 20_000], "en")).toEqual(["0", "20,000"]);
  expect(momentText(2002.5, "year", "en")).toBe("year 2002.5");
  expect(momentText(-1500, "", "en")).toBe("−1500");
});
