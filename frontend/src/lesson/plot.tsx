// The chart of a prediction: lines over time, a curve that a student draws, and the predictions of a class.
import { useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import { type Language, pick, type Texts } from "../description";
import { spokenMoment, tickTexts, unitOfTime, valueText } from "../format";
import { simplified } from "../line";
import { ticks } from "../ticks";
import { type Tell, teller } from "../words/lesson";
import type { Look } from "./description";
import { type Line, quantile, shapeOf, slopes } from "./verdict";

export interface ShownLine extends Line {
  readonly label: Texts;
  readonly look: Look;
}

export interface PlotProps {
  readonly label: Texts;
  readonly unit: Texts;
  readonly timeUnit: string;
  readonly time: readonly [number, number];
  readonly range: readonly [number, number];
  readonly lines: readonly ShownLine[];
  readonly language: Language;
  /** Times of the points of the drawn curve, and their values. */
  readonly points?: readonly number[];
  readonly drawn?: readonly number[] | null;
  /** Called for each point that moves; without it the curve is locked. */
  readonly onDraw?: (values: readonly number[]) => void;
  /** Drawn curves of a class, at the same points. */
  readonly pool?: readonly (readonly number[])[];
  /** Lines that sweep in from the left. */
  readonly sweep?: boolean;
}

// Margins in sizes of the type, which is large on a projector.
const LEFT = 3.3;
const RIGHT = 1.3;
const TOP = 0.8;
const BOTTOM = 2.7;
const MOST_POOLED = 60; // of a class, that are drawn one by one

export function PredictionPlot(props: PlotProps) {
  const { label, unit, time, range, lines, language, points, drawn, onDraw, pool, sweep } = props;
  const t = teller(language);
  const figure = useRef<HTMLElement>(null);
  const svg = useRef<SVGSVGElement>(null);
  const width = useSignal(720);
  const height = useSignal(340);
  const type = useSignal(17);
  const clip = useId();
  const before = useRef<[number, number] | null>(null);
  useEffect(() => {
    const box = figure.current?.querySelector(".drawing-sheet");
    if (!box) return;
    const seen = new ResizeObserver(() => {
      width.value = Math.max(280, Math.round(box.clientWidth));
      height.value = Math.max(220, Math.round(box.clientHeight));
      type.value = Number.parseFloat(getComputedStyle(box).fontSize);
    });
    seen.observe(box);
    return () => seen.disconnect();
  }, []);

  const em = type.value;
  const left = Math.round(LEFT * em);
  const top = TOP * em;
  const right = width.value - Math.round(RIGHT * em);
  const bottom = height.value - Math.round(BOTTOM * em);
  const up = ticks(range[0], range[1], 5);
  const along = ticks(time[0], time[1], Math.max(2, Math.min(10, Math.round((right - left) / (5 * em)))));
  const upTexts = tickTexts(up, language);
  const x = (moment: number) => left + ((moment - time[0]) / (time[1] - time[0])) * (right - left);
  const y = (value: number) => {
    const inside = Math.min(range[1], Math.max(range[0], value));
    return bottom - ((inside - range[0]) / (range[1] - range[0])) * (bottom - top);
  };
  const polyline = ({ time: moments, values }: Line) =>
    simplified(
      (i) => x(moments[i] ?? 0),
      (i) => y(values[i] ?? 0),
      0,
      values.length - 1,
    )
      .map((i, k) => `${k ? "L" : "M"}${x(moments[i] ?? 0).toFixed(1)} ${y(values[i] ?? 0).toFixed(1)}`)
      .join("");
  const smooth = (values: readonly number[]) => smoothPath(points ?? [], values, x, y);
  const heading = pick(label, language);
  const measure = pick(unit, language);
  const moment = (value: number) => spokenMoment(value, props.timeUnit, language);

  return (
    <figure class="prediction-plot" ref={figure}>
      <figcaption>
        {heading}
        {measure && <small> ({measure})</small>}
      </figcaption>
      <div class="drawing-sheet">
        <svg
          ref={svg}
          class={onDraw ? "open" : ""}
          viewBox={`0 0 ${width.value} ${height.value}`}
          role={onDraw ? "group" : "img"}
          aria-label={[heading, ...lines.map((line) => describe(line, language, moment, t))].join(". ")}
          {...(onDraw ? { onPointerDown: press, onPointerMove: pull } : {})}
        >
          <clipPath id={clip}>
            <rect
              x={left}
              y={0}
              width={Math.max(0, right - left + RIGHT * em)}
              height={bottom + 4}
              class={sweep ? "sweep" : ""}
            />
          </clipPath>
          {up.map((value, i) => (
            <g key={value}>
              <line class="rule" x1={left} x2={right} y1={y(value)} y2={y(value)} />
              <text x={left - em / 2} y={y(value)} dy="0.35em" text-anchor="end">
                {upTexts[i]}
              </text>
            </g>
          ))}
          <line class="axis" x1={left} x2={right} y1={bottom} y2={bottom} />
          {along.map((value) => (
            <g key={value}>
              <line class="axis" x1={x(value)} x2={x(value)} y1={bottom} y2={bottom + em / 3} />
              <text x={x(value)} y={bottom + 1.3 * em} text-anchor="middle">
                {Number.isInteger(value) ? String(value) : valueText(value)}
              </text>
            </g>
          ))}
          <text class="soft" x={(left + right) / 2} y={height.value - em / 3} text-anchor="middle">
            {unitOfTime(props.timeUnit, language) || t("time")}
          </text>
          {pool && pool.length > 0 && <Pool values={pool} path={smooth} points={points ?? []} x={x} y={y} />}
          {lines
            .filter(({ look }) => look === "given")
            .map((line) => (
              <path key={line.look} class={`pen ${line.look}`} d={polyline(line)} />
            ))}
          {drawn && <path class="pen drawn" d={smooth(drawn)} />}
          <g clip-path={`url(#${clip})`}>
            {lines
              .filter(({ look }) => look !== "given")
              .map((line) => (
                <path key={line.look} class={`pen ${line.look}`} d={polyline(line)} />
              ))}
          </g>
          {drawn &&
            points?.map((point, i) => (
              <Handle
                key={point}
                x={x(point)}
                y={y(drawn[i] ?? 0)}
                range={range}
                value={drawn[i] ?? 0}
                name={`${heading}, ${moment(point)}`}
                said={t("given_point", { value: valueText(drawn[i] ?? 0, 3), moment: moment(point) })}
                {...(onDraw ? { onMove: (value: number) => set([[i, value]]) } : {})}
              />
            ))}
        </svg>
      </div>
      <Legend {...props} t={t} />
    </figure>
  );

  function set(moved: readonly (readonly [number, number])[]) {
    if (!onDraw || !drawn) return;
    const next = [...drawn];
    for (const [i, value] of moved) next[i] = Math.min(range[1], Math.max(range[0], value));
    onDraw(next);
  }

  function at(event: PointerEvent): [number, number] {
    const box = svg.current?.getBoundingClientRect();
    const scale = box ? width.value / box.width : 1;
    const [across, down] = [
      (event.clientX - (box?.left ?? 0)) * scale,
      (event.clientY - (box?.top ?? 0)) * scale,
    ];
    return [across, range[0] + ((bottom - down) / (bottom - top)) * (range[1] - range[0])];
  }

  // The pointer pulls the point nearest to it; a drag along the chart draws all points that it passes.
  function press(event: PointerEvent) {
    if (event.button !== 0) return;
    svg.current?.setPointerCapture(event.pointerId);
    before.current = null;
    pull(event);
  }

  function pull(event: PointerEvent) {
    if (!svg.current?.hasPointerCapture(event.pointerId) || !points) return;
    const [across, value] = at(event);
    const far = points.map((point) => Math.abs(x(point) - across));
    const nearest = far.indexOf(Math.min(...far));
    const moved: [number, number][] = [[nearest, value]];
    const last = before.current;
    if (last) {
      const [from, to] = [Math.min(last[0], across), Math.max(last[0], across)];
      points.forEach((point, i) => {
        const place = x(point);
        if (i === nearest || place < from || place > to) return;
        moved.push([i, last[1] + ((value - last[1]) * (place - last[0])) / (across - last[0])]);
      });
    }
    before.current = [across, value];
    set(moved);
  }
}

/** A path through points that stays within their values; it begins and ends at them. */
function smoothPath(
  times: readonly number[],
  values: readonly number[],
  x: (time: number) => number,
  y: (value: number) => number,
): string {
  const across = times.map(x);
  const down = values.map(y);
  const slope = slopes(across, down);
  return across
    .map((at, i) => {
      const to = `${at.toFixed(1)} ${(down[i] ?? 0).toFixed(1)}`;
      if (i === 0) return `M${to}`;
      const third = (at - (across[i - 1] ?? 0)) / 3;
      const first = (down[i - 1] ?? 0) + third * (slope[i - 1] ?? 0);
      const second = (down[i] ?? 0) - third * (slope[i] ?? 0);
      return `C${(at - 2 * third).toFixed(1)} ${first.toFixed(1)} ${(at - third).toFixed(1)} ${second.toFixed(1)} ${to}`;
    })
    .join("");
}

function describe(line: ShownLine, language: Language, moment: (time: number) => string, t: Tell): string {
  const shape = shapeOf(line);
  return t("described", {
    name: pick(line.label, language),
    first: valueText(shape.first, 3),
    first_year: moment(shape.first_year),
    top: valueText(shape.top, 3),
    top_year: moment(Math.round(shape.top_year)),
    last: valueText(shape.last, 3),
    last_year: moment(shape.last_year),
  });
}

interface HandleProps {
  readonly x: number;
  readonly y: number;
  readonly range: readonly [number, number];
  readonly value: number;
  readonly name: string;
  readonly said: string;
  readonly onMove?: (value: number) => void;
}

function Handle({ x, y, range, value, name, said, onMove }: HandleProps) {
  if (!onMove) return <circle class="handle" cx={x} cy={y} r={4.5} />;
  const step = (range[1] - range[0]) / 40;
  const key = (event: KeyboardEvent) => {
    const to: Record<string, number> = {
      ArrowUp: value + step,
      ArrowDown: value - step,
      PageUp: value + 5 * step,
      PageDown: value - 5 * step,
      Home: range[0],
      End: range[1],
    };
    const next = to[event.key];
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    onMove(next);
  };
  return (
    <g
      class="handle"
      role="slider"
      tabindex={0}
      aria-orientation="vertical"
      aria-valuemin={range[0]}
      aria-valuemax={range[1]}
      aria-valuenow={Number(value.toPrecision(3))}
      aria-valuetext={said}
      aria-label={name}
      onKeyDown={key}
    >
      <circle class="halo" cx={x} cy={y} r={20} />
      <circle cx={x} cy={y} r={9} />
    </g>
  );
}

interface PoolProps {
  readonly values: readonly (readonly number[])[];
  readonly points: readonly number[];
  readonly path: (values: readonly number[]) => string;
  readonly x: (time: number) => number;
  readonly y: (value: number) => number;
}

/** The class: each curve lightly, the middle half as a band, the median. */
function Pool({ values, points, path, x, y }: PoolProps) {
  const columns = points.map((_, i) => values.map((curve) => curve[i] ?? 0).sort((a, b) => a - b));
  const [low, middle, high] = [0.25, 0.5, 0.75].map((q) => columns.map((column) => quantile(column, q)));
  if (!low || !middle || !high) return null;
  const back = smoothPath([...points].reverse(), [...low].reverse(), x, y).replace("M", "L");
  return (
    <g class="pool">
      {values.length > 3 && <path class="band" d={`${path(high)}${back}Z`} />}
      {values.slice(-MOST_POOLED).map((curve, i) => (
        <path class="one" key={i} d={path(curve)} />
      ))}
      {values.length > 1 && <path class="pen median" d={path(middle)} />}
    </g>
  );
}

function Legend({ lines, drawn, pool, language, t }: PlotProps & { t: Tell }) {
  const items: [string, string][] = lines.map(({ look, label }) => [look, pick(label, language)]);
  if (drawn) items.push(["drawn", t("yours")]);
  if (pool?.length) {
    items.push(["one", t("of_class")]);
    if (pool.length > 1) items.push(["median", t("median")]);
    if (pool.length > 3) items.push(["band", t("band")]);
  }
  return (
    <ul class="pens">
      {items.map(([look, text]) => (
        <li key={look}>
          <svg
            viewBox="0 0 40 12"
            width="40"
            height="12"
            aria-hidden="true"
            class={look === "one" || look === "median" || look === "band" ? "pool" : ""}
          >
            {look === "band" ? (
              <rect class="band" x="0" y="0" width="40" height="12" />
            ) : (
              <path class={look === "one" ? "one" : `pen ${look}`} d="M1 6L39 6" />
            )}
          </svg>
          {text}
        </li>
      ))}
    </ul>
  );
}
