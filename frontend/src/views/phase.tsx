// A phase plot: the second variable of a chart over the first, for each run, with a mark at the time pointed at.
import type { ReadonlySignal } from "@preact/signals";
import { COLOURS, type Curve, ends, GREY, valueAt } from "../curves";
import { tickTexts } from "../format";
import { ticks } from "../ticks";
import { pairsOf } from "./chart";
import { useWords, useWorkplace } from "./common";

const WIDTH = 460;
const HEIGHT = 260;
const [LEFT, RIGHT, TOP, BOTTOM] = [62, 12, 10, 44];

export function PhasePlot({
  curves,
  dark,
  label,
}: {
  curves: ReadonlySignal<Curve[]>;
  dark: boolean;
  label: string;
}) {
  const { session } = useWorkplace();
  const { language } = useWords();
  const theme = dark ? "dark" : "light";
  const pairs = pairsOf(curves.value);
  const x = extent(pairs.map(([across]) => across.values));
  const y = extent(pairs.map(([, up]) => up.values));
  const px = (value: number) => LEFT + ((value - x[0]) / (x[1] - x[0])) * (WIDTH - LEFT - RIGHT);
  const py = (value: number) => HEIGHT - BOTTOM - ((value - y[0]) / (y[1] - y[0])) * (HEIGHT - TOP - BOTTOM);
  const across = ticks(x[0], x[1], 6);
  const up = ticks(y[0], y[1], 5);
  const acrossTexts = tickTexts(across, language);
  const upTexts = tickTexts(up, language);
  const time = session.cursor.value;
  const named = pairs.at(-1)?.map(({ name }) => session.catalogue.lineLabel(name, language));
  return (
    <svg class="phase" role="img" aria-label={label} viewBox={`0 0 ${WIDTH} ${HEIGHT}`}>
      {across.map((tick, i) => (
        <g key={`x${tick}`}>
          <path class="grid" d={`M${px(tick)} ${TOP}V${HEIGHT - BOTTOM}`} />
          <text x={px(tick)} y={HEIGHT - BOTTOM + 16} text-anchor="middle">
            {acrossTexts[i]}
          </text>
        </g>
      ))}
      {up.map((tick, i) => (
        <g key={`y${tick}`}>
          <path class="grid" d={`M${LEFT} ${py(tick)}H${WIDTH - RIGHT}`} />
          <text x={LEFT - 6} y={py(tick) + 4} text-anchor="end">
            {upTexts[i]}
          </text>
        </g>
      ))}
      {pairs.map(([one, other]) => {
        const colour = one.colour < 0 ? GREY[theme] : COLOURS[theme][one.colour];
        const [left, height] = [valueAt(one, time), valueAt(other, time)];
        return (
          <g key={`${one.role}${one.label}`} stroke={colour}>
            <path
              fill="none"
              d={trace(one.values, other.values, px, py)}
              stroke-width={one.role === "now" ? 2.2 : 1.5}
              stroke-dasharray={one.dash.join(" ") || undefined}
            />
            {Number.isFinite(left) && Number.isFinite(height) && (
              <circle cx={px(left as number)} cy={py(height as number)} r="4" fill={colour} />
            )}
          </g>
        );
      })}
      <text class="axis" x={(LEFT + WIDTH - RIGHT) / 2} y={HEIGHT - 8} text-anchor="middle">
        {named?.[0]} →
      </text>
      <text class="axis" x={-(TOP + HEIGHT - BOTTOM) / 2} y={12} text-anchor="middle" transform="rotate(-90)">
        {named?.[1]} →
      </text>
    </svg>
  );
}

function extent(columns: readonly Float64Array[]): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const column of columns) {
    for (const value of column) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low <= high ? ends(low, high) : [0, 1];
}

function trace(
  x: Float64Array,
  y: Float64Array,
  px: (x: number) => number,
  py: (y: number) => number,
): string {
  let open = false;
  let path = "";
  for (let i = 0; i < x.length; i++) {
    const [left, height] = [px(x[i] ?? Number.NaN), py(y[i] ?? Number.NaN)];
    const drawn = Number.isFinite(left) && Number.isFinite(height);
    if (drawn) path += `${open ? "L" : "M"}${left.toFixed(1)} ${height.toFixed(1)}`;
    open = drawn;
  }
  return path;
}
