import { expect, test } from "vitest";
import { Catalogue } from "../src/catalogue";
import { fit, moved, showing, zoomed } from "../src/diagram/camera";
import { FIRST, read, written } from "../src/diagram/choice";
import { Levels } from "../src/diagram/levels";
import { loopsThrough } from "../src/diagram/loops";
import { type DiagramData, type DiagramSymbol, Links, sceneOf } from "../src/diagram/scene";
import { neighbour, readingOrder } from "../src/diagram/walk";
import { description } from "./description";

const SIZE = { width: 800, height: 400 };

const EMPTY = { box: [0, 0, 10, 10], areas: [], texts: [], nodes: [], arrows: [], pipes: [] } as const;

function diagram(links: DiagramData["links"]): DiagramData {
  return { links, views: [{ kind: "file", title: "", scenes: { en: EMPTY } }] };
}

function at(x: number, y: number): DiagramSymbol {
  return {
    variable: 0,
    shape: "auxiliary",
    x,
    y,
    halfWidth: 8,
    halfHeight: 8,
    textX: x,
    textY: y + 20,
    anchor: "middle",
    lines: [],
  };
}

test("what is fitted lies in the middle and is seen whole", () => {
  expect(fit([100, 100, 1600, 400], SIZE)).toEqual({ scale: 0.5, x: -50, y: 50 });
  expect(fit([0, 0, 10, 10], SIZE).scale).toBeLessThan(2);
});

test("zooming keeps the point under the pointer, and stays in its limits", () => {
  const camera = { scale: 0.5, x: 10, y: 20 };
  const closer = zoomed(camera, 2, [300, 200], 0.5);
  const under = (c: typeof camera) => [(300 - c.x) / c.scale, (200 - c.y) / c.scale];
  expect(under(closer)).toEqual(under(camera));
  expect(zoomed(camera, 1e9, [0, 0], 0.5).scale).toBe(4);
  expect(zoomed(camera, 1e-9, [0, 0], 0.5).scale).toBe(0.25);
});

test("moving never loses the drawing, and showing moves no more than it must", () => {
  const camera = { scale: 1, x: 0, y: 0 };
  expect(moved(camera, 1e6, 0, [0, 0, 1000, 1000], SIZE).x).toBe(720);
  expect(moved(camera, -1e6, 0, [0, 0, 1000, 1000], SIZE).x).toBe(-920);
  expect(showing(camera, [100, 100, 50, 50], SIZE)).toEqual(camera);
  expect(showing(camera, [900, 100, 50, 50], SIZE).x).toBe(-174);
});

test("arrow keys go to the nearest symbol ahead", () => {
  const symbols = [at(0, 0), at(100, 5), at(200, 0), at(5, 100), at(100, 100)];
  expect(neighbour(symbols, 0, "ArrowRight")).toBe(1);
  expect(neighbour(symbols, 1, "ArrowRight")).toBe(2);
  expect(neighbour(symbols, 0, "ArrowDown")).toBe(3);
  expect(neighbour(symbols, 0, "ArrowUp")).toBeUndefined();
  expect(neighbour(symbols, 0, "x")).toBeUndefined();
  expect(readingOrder(symbols)).toEqual([0, 1, 2, 3, 4]);
});

test("loops through a variable come shortest first, each once, with their polarity", () => {
  const links = new Links(
    diagram([
      [0, 1, "+"],
      [1, 0, "-"],
      [1, 2, "+"],
      [2, 0, "+"],
      [2, 3, "+"],
      [3, 2, "?"],
      [3, 1, "-"],
    ]),
  );
  expect(loopsThrough(0, links)).toEqual([
    { variables: [0, 1], kind: "balancing" },
    { variables: [0, 1, 2], kind: "reinforcing" },
  ]);
  expect(loopsThrough(3, links).map(({ kind }) => kind)).toEqual(["unknown", "balancing"]);
  expect(loopsThrough(9, links)).toEqual([]);
});

test("the search for loops ends in a model where everything depends on everything", () => {
  const all = [...Array(60).keys()];
  const links = new Links(
    diagram(all.flatMap((a) => all.flatMap((b) => (a === b ? [] : [[a, b, "+"] as const])))),
  );
  const found = loopsThrough(0, links);
  expect(found).toHaveLength(40);
  expect(found.every(({ variables }) => variables.length === 2)).toBe(true);
});

test("the choice of the diagram comes back from a link by name", () => {
  const known = new Catalogue(description({ diagram: diagram([]) }));
  expect(written(FIRST, known)).toBeUndefined();
  const choice = { shown: "both", view: 0, selected: 4, loop: [0, 4, 5] } as const;
  const link = written(choice, known);
  expect(JSON.stringify(link)).toContain("births");
  expect(read(JSON.parse(JSON.stringify(link)), known)).toEqual(choice);
});

test("a link with nonsense about the diagram gives what is known of it", () => {
  const known = new Catalogue(description({ diagram: diagram([]) }));
  expect(read("x", known)).toEqual(FIRST);
  expect(read([7, 3, "no such", "rate"], known)).toEqual(FIRST);
  expect(read([1, 0, "rate", "rate", "no such"], known)).toEqual({
    shown: "diagram",
    view: 0,
    selected: 5,
    loop: null,
  });
});

test("a stock is full at its largest value, an array has a bar for each element", () => {
  const known = new Catalogue(description());
  const curve = (...values: number[]) => Float64Array.from(values);
  const levels = new Levels(known, {
    time: curve(0, 1, 2),
    values: {
      firms: curve(0, 5, 10),
      people: curve(-4, 0, 4),
      "sales[a]": curve(8, 8, 8),
      "sales[b]": curve(2, 4, Number.NaN),
      births: curve(-2, 0, 4),
    },
  });
  expect(levels.bars(0, 1)).toEqual([0.5]);
  expect(levels.bars(1, 1)).toEqual([0.5]);
  expect(levels.bars(3, 0)).toEqual([1, 0.25]);
  expect(levels.bars(3, 2)).toEqual([1, 0]);
  expect(levels.value(3, 0)).toBe(10);
  expect(levels.stream(4, 0).share).toBe(0.5);
  expect(levels.stream(4, 1).moved).toBeLessThan(0);
  expect(levels.place(null)).toBe(2);
  expect(levels.place(1.5)).toBe(1);
});

test("the head of an arrow is at its end", () => {
  const scene = sceneOf({
    ...EMPTY,
    arrows: [[0, 1, 0, 0, 50, 0, 100, 0]],
    pipes: [[0, [0, 0, 50, 0, 100, 0], []]],
  });
  expect(scene.arrows[0]?.head).toMatch(/^M100 0L/);
  expect(scene.pipes[0]?.head).toMatch(/^M100 0L/);
  expect(scene.pipes[0]?.line).toBe("M0.0 0.0L50.0 0.0L91.0 0.0");
});
