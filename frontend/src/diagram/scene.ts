// What a diagram draws and where; `sdcluster/publish/diagram_data.py` makes it. All numbers are pixels of the view.

export type Shape = "stock" | "flow" | "alias" | "module" | "word" | "lever" | "constant" | "auxiliary";
export type Sign = "+" | "-" | "?";

/** Variable (-1 for a module), shape, centre, half sizes, where the name begins, its anchor, its lines. */
type NodeData = readonly [
  number,
  Shape,
  number,
  number,
  number,
  number,
  number,
  number,
  "start" | "middle" | "end",
  readonly string[],
];

export interface SceneData {
  /** Left, top, width, height. */
  readonly box: readonly [number, number, number, number];
  readonly areas: readonly (readonly [number, number, number, number, string])[];
  readonly texts: readonly (readonly [number, number, string])[];
  readonly nodes: readonly NodeData[];
  /** Source and target among the nodes; start, control point and end of the curve. */
  readonly arrows: readonly (readonly number[])[];
  /** A flow among the nodes, the points of its pipe, and its clouds. */
  readonly pipes: readonly (readonly [number, readonly number[], readonly number[]])[];
}

export interface ViewData {
  readonly kind: "file" | "automatic" | "causal";
  readonly title: string;
  readonly scenes: Readonly<{ en: SceneData; zh?: SceneData }>;
}

export interface DiagramData {
  /** Cause, effect and sign. */
  readonly links: readonly (readonly [number, number, Sign])[];
  readonly views: readonly ViewData[];
}

export interface DiagramSymbol {
  readonly variable: number;
  readonly shape: Shape;
  readonly x: number;
  readonly y: number;
  readonly halfWidth: number;
  readonly halfHeight: number;
  readonly textX: number;
  readonly textY: number;
  readonly anchor: "start" | "middle" | "end";
  readonly lines: readonly string[];
}

export interface Arrow {
  readonly source: number;
  readonly target: number;
  readonly line: string;
  readonly head: string;
  /** Where the sign stands. */
  readonly sign: readonly [number, number];
}

export interface Pipe {
  readonly node: number;
  readonly line: string;
  readonly head: string;
  readonly clouds: readonly (readonly [number, number])[];
}

export interface Scene {
  readonly box: SceneData["box"];
  readonly areas: SceneData["areas"];
  readonly texts: SceneData["texts"];
  readonly symbols: readonly DiagramSymbol[];
  readonly arrows: readonly Arrow[];
  readonly pipes: readonly Pipe[];
}

const made = new WeakMap<SceneData, Scene>();

export function sceneOf(data: SceneData): Scene {
  let scene = made.get(data);
  if (!scene) {
    const { box, areas, texts } = data;
    scene = {
      box,
      areas,
      texts,
      symbols: data.nodes.map(symbol),
      arrows: data.arrows.map(arrow),
      pipes: data.pipes.map(pipe),
    };
    made.set(data, scene);
  }
  return scene;
}

function symbol(data: NodeData): DiagramSymbol {
  const [variable, shape, x, y, halfWidth, halfHeight, textX, textY, anchor, lines] = data;
  return { variable, shape, x, y, halfWidth, halfHeight, textX, textY, anchor, lines };
}

const HEAD = 7;
const HALF_ANGLE = 0.4;
const AT = 0.7; // how far along an arrow its sign stands

function arrow(data: readonly number[]): Arrow {
  const [source = 0, target = 0, x0 = 0, y0 = 0, cx = 0, cy = 0, x1 = 0, y1 = 0] = data;
  const length = Math.hypot(x1 - cx, y1 - cy) || 1;
  const [ux, uy] = [(cx - x1) / length, (cy - y1) / length];
  const [a, b, c] = [(1 - AT) ** 2, 2 * AT * (1 - AT), AT ** 2];
  return {
    source,
    target,
    line: `M${x0} ${y0}Q${cx} ${cy} ${x1} ${y1}`,
    head: headAt(x1, y1, ux, uy, HEAD, HALF_ANGLE),
    sign: [a * x0 + b * cx + c * x1, a * y0 + b * cy + c * y1],
  };
}

function headAt(x: number, y: number, ux: number, uy: number, size: number, angle: number): string {
  const wing = (turn: number) => {
    const [c, s] = [Math.cos(turn) * size, Math.sin(turn) * size];
    return `${(x + ux * c - uy * s).toFixed(1)} ${(y + uy * c + ux * s).toFixed(1)}`;
  };
  return `M${x} ${y}L${wing(angle)}L${wing(-angle)}Z`;
}

const PIPE_HEAD = 13;
const PIPE_ANGLE = 0.6;
const UNDER_HEAD = 9; // pixels by which a pipe ends before its head does

function pipe([node, points, clouds]: SceneData["pipes"][number]): Pipe {
  const course = pairs(points);
  const [x1, y1] = course.at(-1) ?? [0, 0];
  const [x0, y0] = course.at(-2) ?? [0, 0];
  const length = Math.hypot(x1 - x0, y1 - y0) || 1;
  const [ux, uy] = [(x0 - x1) / length, (y0 - y1) / length];
  course[course.length - 1] = [x1 + UNDER_HEAD * ux, y1 + UNDER_HEAD * uy];
  return {
    node,
    line: `M${course.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}`,
    head: headAt(x1, y1, ux, uy, PIPE_HEAD, PIPE_ANGLE),
    clouds: pairs(clouds),
  };
}

function pairs(numbers: readonly number[]): [number, number][] {
  const found: [number, number][] = [];
  for (let i = 0; i + 1 < numbers.length; i += 2) found.push([numbers[i] ?? 0, numbers[i + 1] ?? 0]);
  return found;
}

/** Signs of links by cause and effect. */
export class Links {
  private readonly signs = new Map<string, Sign>();
  readonly effects = new Map<number, number[]>();

  constructor({ links }: DiagramData) {
    for (const [cause, effect, sign] of links) {
      this.signs.set(`${cause} ${effect}`, sign);
      const known = this.effects.get(cause);
      if (known) known.push(effect);
      else this.effects.set(cause, [effect]);
    }
  }

  sign(cause: number, effect: number): Sign | undefined {
    return this.signs.get(`${cause} ${effect}`);
  }
}
