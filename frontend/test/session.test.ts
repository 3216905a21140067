import { afterEach, expect, test, vi } from "vitest";
import { aligned, curvesOf, valueAt } from "../src/curves";
import { csvCell, curvesCsv, figureSvg } from "../src/files";
import { Session } from "../src/session";
import { withKept, withScenario, withValue } from "../src/state";
import { description, kernel } from "./description";

function laboratory() {
  const frames: (() => void)[] = [];
  const runner = kernel();
  const session = new Session(description(), runner, (work) => frames.push(work));
  return {
    session,
    runner,
    frame: () =>
      frames.splice(0).forEach((work) => {
        work();
      }),
    waiting: () => frames.length,
  };
}

function set(session: Session, value: number) {
  session.update((state) => withValue(state, session.catalogue, "rate", value), "drag rate");
}

test("many moves of a slider in a frame are one run", () => {
  const { session, runner, frame, waiting } = laboratory();
  set(session, 0.1);
  frame();
  const before = runner.runs;
  for (let i = 1; i <= 20; i++) set(session, i / 20);
  expect(waiting()).toBe(1);
  frame();
  expect(runner.runs - before).toBe(1);
  expect(session.results.value.now.values.firms?.[0]).toBe(1);
});

afterEach(() => vi.useRealTimers());

test("while a slider moves, a run is drawn with what is coming, and without it where that takes long", () => {
  vi.useFakeTimers();
  const { session, runner, frame, waiting } = laboratory();
  set(session, 0.05);
  frame();
  let coming = true;
  const alone = session.accompany(() => coming);
  const before = runner.runs;
  set(session, 0.1);
  set(session, 0.2);
  expect(waiting()).toBe(0);
  session.inFrame(() => {});
  expect(waiting()).toBe(1);
  frame();
  expect(runner.runs - before).toBe(1);
  expect(session.results.value.now.values.firms?.[0]).toBe(0.2);
  set(session, 0.3);
  vi.advanceTimersByTime(25);
  expect(waiting()).toBe(1);
  set(session, 0.4); // in the frame that is under way
  frame();
  expect(session.results.value.now.values.firms?.[0]).toBe(0.4);
  set(session, 0.5);
  session.seal();
  expect(waiting()).toBe(1); // at rest nothing is waited for
  frame();
  expect(session.results.value.now.values.firms?.[0]).toBe(0.5);
  coming = false;
  set(session, 0.6);
  expect(waiting()).toBe(1);
  frame();
  coming = true;
  alone();
  set(session, 0.7);
  expect(waiting()).toBe(1);
});

test("a run that fails keeps the last curves and says which variable and when", () => {
  const { session, frame } = laboratory();
  set(session, 0.4);
  frame();
  set(session, -1);
  frame();
  expect(session.results.value.now.values.firms?.[0]).toBe(0.4);
  expect(session.results.value.failures).toEqual([
    { run: null, variable: "firms", value: Number.NaN, time: 2 },
  ]);
  set(session, 0.5);
  frame();
  expect(session.results.value.failures).toEqual([]);
});

test("undo runs the settings before", () => {
  const { session, frame } = laboratory();
  set(session, 0.4);
  frame();
  session.undo();
  frame();
  expect(session.results.value.now.values.firms?.[0]).toBe(0.015);
  expect([session.canUndo.value, session.canRedo.value]).toEqual([false, true]);
});

test("a chart shows baseline, kept run and this run, over the longest time", () => {
  const { session, frame } = laboratory();
  session.update((state) => withKept(state, { name: "Long", ...withScenario(state, description(), "long") }));
  set(session, 0.4);
  frame();
  const chart = session.state.value.charts[1];
  if (!chart) throw new Error("no chart");
  const curves = curvesOf(session, chart, "en");
  expect(curves.map(({ role }) => role)).toEqual(["ghost", "kept", "now"]);
  expect(new Set(curves.map(({ colour }) => colour)).size).toBe(3);
  const { time, columns } = aligned(curves);
  expect(time.length).toBe(9);
  expect(columns[2]?.[8]).toBeNull();
  expect(session.span.value).toEqual([0, 8]);
  const now = curves[2];
  expect(now && [valueAt(now, 3), valueAt(now, 7)]).toEqual([0.4, undefined]);
});

test("a link restores a state, and the way back remains", () => {
  const { session, frame } = laboratory();
  set(session, 0.4);
  frame();
  const { hash } = session;
  session.restore("");
  frame();
  expect(session.state.value.values).toEqual({});
  session.restore(hash);
  frame();
  expect(session.results.value.now.values.firms?.[0]).toBe(0.4);
  session.undo();
  expect(session.state.value.values).toEqual({});
});

test("files hold every digit, and text of a model is only text in them", () => {
  const { session } = laboratory();
  set(session, 1 / 3);
  const chart = session.state.value.charts[1];
  if (!chart) throw new Error("no chart");
  const [curve] = curvesOf(session, chart, "en");
  if (!curve) throw new Error("no curve");
  const hostile = { ...curve, label: '</text><script>alert("x")</script>' };
  expect(curvesCsv([curve], "time").split("\n").slice(0, 2)).toEqual(["time,people", "0,0.015"]);
  const svg = figureSvg({
    title: "a & b",
    unit: "",
    xLabel: "year",
    curves: [hostile],
    log: false,
    view: [0, 4],
    range: null,
    language: "en",
    phase: false,
  });
  expect(svg).not.toContain("<script");
  expect(svg).toContain("a &amp; b");
  expect(csvCell("=1+1")).toBe("'=1+1");
});

test("while a slider moves a run keeps what the charts and others ask for, and everything at the end", () => {
  const { session, runner, frame } = laboratory();
  const release = session.ask(["births"]);
  set(session, 0.4);
  frame();
  expect(session.partial).toBe(true);
  expect(runner.asked?.has("births")).toBe(true);
  for (const { lines } of session.state.value.charts)
    for (const line of lines) expect(runner.asked?.has(line)).toBe(true);
  expect(runner.asked?.has("share")).toBe(false);
  const moving = session.results.value.now.values.firms;
  release();
  session.seal();
  frame();
  expect([session.partial, runner.asked]).toEqual([false, undefined]);
  // The same array: a chart that shows it has nothing to draw.
  expect(session.results.value.now.values.firms).toBe(moving);
});

test("while the diagram is open a run keeps everything", () => {
  const { session, runner, frame } = laboratory();
  session.diagram.value = { ...session.diagram.value, shown: "both" };
  set(session, 0.4);
  frame();
  expect([session.partial, runner.asked]).toEqual([false, undefined]);
});

test("a run that fails after a drag leaves the last good run with all variables", () => {
  const { session, frame } = laboratory();
  set(session, 0.4);
  frame();
  set(session, -1);
  frame();
  session.seal();
  frame();
  expect(session.results.value.failures.length).toBe(1);
  expect(session.results.value.now.values.share).toBeDefined();
  expect(session.results.value.now.values.firms?.[0]).toBe(0.4);
});
