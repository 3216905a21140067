// The points of a graphical function as a small plot, beside their text; a point can be dragged up and down.
import { useRef } from "preact/hooks";
import { ends } from "../curves";

const NUMBER = "[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?";
const PAIR = `\\(\\s*(${NUMBER})\\s*,\\s*(${NUMBER})\\s*\\)`;
const RUN = new RegExp(`(?:${PAIR}\\s*,?\\s*){2,}`);
const [WIDTH, HEIGHT, EDGE] = [300, 110, 8];

/** Points with their places in the text; none where it has no list of points. */
export function pointsIn(text: string): { x: number; y: number; start: number; end: number }[] {
  const run = RUN.exec(text);
  if (!run) return [];
  return [...run[0].matchAll(new RegExp(PAIR, "g"))].map((pair) => {
    const end = run.index + pair.index + pair[0].length;
    return { x: Number(pair[1]), y: Number(pair[2]), start: run.index + pair.index, end };
  });
}

export function PointsPlot({ text, change }: { text: string; change: (text: string) => void }) {
  const held = useRef<{ which: number; range: readonly [number, number] } | null>(null);
  const points = pointsIn(text);
  if (points.length < 2) return null;
  const range = (values: number[]) => ends(Math.min(...values), Math.max(...values));
  const [left, right] = [Math.min(...points.map(({ x }) => x)), Math.max(...points.map(({ x }) => x))];
  const [low, high] = held.current?.range ?? range(points.map(({ y }) => y));
  const px = (x: number) => EDGE + ((x - left) / (right - left || 1)) * (WIDTH - 2 * EDGE);
  const py = (y: number) => HEIGHT - EDGE - ((y - low) / (high - low)) * (HEIGHT - 2 * EDGE);
  const move = (event: PointerEvent) => {
    const point = points[held.current?.which ?? -1];
    const box = (event.currentTarget as SVGElement).getBoundingClientRect();
    if (!point) return;
    const up = HEIGHT - EDGE - ((event.clientY - box.top) / box.height) * HEIGHT;
    const value = low + (up / (HEIGHT - 2 * EDGE)) * (high - low);
    const digits = Math.max(0, Math.min(12, 2 - Math.floor(Math.log10(high - low))));
    const y = Number(value.toFixed(digits));
    change(`${text.slice(0, point.start)}(${point.x}, ${y})${text.slice(point.end)}`);
  };
  const drop = () => {
    held.current = null;
  };
  return (
    <svg
      class="points"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      aria-hidden="true"
      onPointerMove={move}
      onPointerUp={drop}
    >
      <path
        d={points.map(({ x, y }, i) => `${i ? "L" : "M"}${px(x).toFixed(1)} ${py(y).toFixed(1)}`).join("")}
      />
      {points.map(({ x, y }, i) => (
        <circle
          key={i}
          cx={px(x)}
          cy={py(y)}
          r={points.length > 20 ? 3 : 5}
          onPointerDown={(event) => {
            held.current = { which: i, range: [low, high] };
            event.currentTarget.ownerSVGElement?.setPointerCapture(event.pointerId);
          }}
        />
      ))}
    </svg>
  );
}
