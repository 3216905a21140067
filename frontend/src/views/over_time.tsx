// A constant over time: drawn with the pointer, its points moved, or typed in a list. The run follows at once.
import { useComputed, useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { Slider } from "../catalogue";
import {
  type Drawn,
  MOST_POINTS,
  paceOf,
  painted,
  rounded,
  startOf,
  startTime,
  stopOf,
  valueAlong,
  wayOf,
  withPoint,
} from "../changes";
import { momentText, parsed, tickTexts, valueText } from "../format";
import { type Limits, snapped } from "../ranges";
import { withDrawn } from "../state";
import { ticks } from "../ticks";
import { useWords, useWorkplace } from "./common";
import { fieldText } from "./sliders";

const WIDTH = 296;
const HEIGHT = 96;
const [TOP, BOTTOM, LEFT, RIGHT] = [8, 18, 6, 8];
const NEAR = 11; // pixels of a point that is taken
const PARTS = 60; // stretches of time that are painted
const FEW = 4; // points that are listed at once
const NONE: Drawn = { form: "steps", points: [] };

interface Props {
  readonly slider: Slider;
  readonly label: string;
  readonly limits: Limits;
}

export function OverTime({ slider: { name, standard }, label, limits }: Props) {
  const { session } = useWorkplace();
  const { t, language } = useWords();
  const { catalogue, description } = session;
  const svg = useRef<SVGSVGElement>(null);
  const listed = useSignal<boolean | null>(null);
  const way = useComputed(() => wayOf(session.state.value, catalogue, name)).value ?? NONE;
  const start = useComputed(() => startOf(session.state.value, catalogue, name)).value;
  const plan = useComputed(() => session.state.value.plan).value;
  const drawn = useComputed(() => Object.hasOwn(session.state.value.drawn ?? {}, name)).value;
  const times =
    description.scenarios.find((one) => one.name === plan)?.plan.times ?? description.program.times;
  const [first, last] = [startTime(times), stopOf(times)];
  const pace = paceOf(times, PARTS);
  const values = [start, ...way.points.map(([, value]) => value)];
  const low = Math.min(limits.minimum, ...values);
  const high = Math.max(limits.maximum, ...values);
  const px = (time: number) => LEFT + ((time - first) / (last - first)) * (WIDTH - LEFT - RIGHT);
  const py = (value: number) =>
    HEIGHT - BOTTOM - ((value - low) / (high - low || 1)) * (HEIGHT - TOP - BOTTOM);
  const cursor = session.cursor.value;
  const put = (next: Drawn) => session.update((state) => withDrawn(state, name, next), `draw ${name}`);

  function draw(down: PointerEvent) {
    const element = svg.current;
    if (!element || down.button !== 0) return;
    down.preventDefault();
    element.setPointerCapture(down.pointerId);
    const box = element.getBoundingClientRect();
    const at = (event: PointerEvent) => {
      const x = ((event.clientX - box.left) * WIDTH) / box.width;
      const y = ((event.clientY - box.top) * HEIGHT) / box.height;
      const time = first + ((x - LEFT) / (WIDTH - LEFT - RIGHT)) * (last - first);
      const value = low + ((HEIGHT - BOTTOM - y) / (HEIGHT - TOP - BOTTOM)) * (high - low);
      const range = { ...limits, minimum: low, maximum: high };
      return { x, y, time: Math.min(last, Math.max(first, time)), value: snapped(value, range, standard) };
    };
    const begin = at(down);
    const before = way;
    const taken = before.points.find(
      ([time, value]) => Math.hypot(px(time) - begin.x, py(value) - begin.y) < NEAR,
    );
    const cells = new Map<number, number>();
    const cell = (time: number) => Math.floor(time / pace + 1e-9);
    let previous = { ...begin, cell: cell(begin.time) };
    const inside = (time: number) => Math.min(rounded(last), Math.max(rounded(first + times.dt), time));

    const step = (event: PointerEvent) => {
      const now = at(event);
      const k = cell(now.time);
      if (taken) {
        put(withPoint(before, [inside(rounded(Math.round(now.time / pace) * pace)), now.value], taken[0]));
        return;
      }
      for (let i = Math.min(k, previous.cell); i <= Math.max(k, previous.cell); i++) {
        const share = k === previous.cell ? 1 : (i - previous.cell) / (k - previous.cell);
        cells.set(i, rounded(previous.value + (now.value - previous.value) * share));
      }
      cells.set(k, now.value);
      previous = { ...now, cell: k };
      // One place: from here on. Along time: painted there, and as before behind.
      if (cells.size === 1 || before.form === "line") {
        const others = before.points.filter(([time]) => !cells.has(cell(time)));
        const points = [...cells].map(([i, value]) => [inside(rounded(i * pace)), value] as const);
        put(points.reduce<Drawn>((made, point) => withPoint(made, point), { ...before, points: others }));
      } else put(painted(before, start, cells, pace, times));
    };
    const end = () => {
      element.removeEventListener("pointermove", step);
      session.seal();
    };
    element.addEventListener("pointermove", step);
    element.addEventListener("lostpointercapture", end, { once: true });
    step(down);
  }

  const path = way.points.reduce(
    (text, [time, value]) =>
      text +
      (way.form === "steps"
        ? `H${px(time).toFixed(1)}V${py(value).toFixed(1)}`
        : `L${px(time).toFixed(1)} ${py(value).toFixed(1)}`),
    `M${px(first)} ${py(start).toFixed(1)}`,
  );
  const marks = ticks(first, last, 4);
  const texts = tickTexts(marks, language);
  return (
    <div class="over-time">
      <svg
        ref={svg}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={t("drawing_of", { name: label })}
        onPointerDown={draw}
      >
        <title>{t("over_time_help")}</title>
        <path class="frame" d={`M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}`} />
        {marks.map((mark, i) => (
          <text key={mark} x={px(mark)} y={HEIGHT - 4} text-anchor={mark === first ? "start" : "middle"}>
            {Math.abs(mark) < 10_000 ? texts[i]?.replace(",", "") : texts[i]}
          </text>
        ))}
        {cursor !== null && <path class="frame" d={`M${px(cursor)} ${TOP}V${HEIGHT - BOTTOM}`} />}
        <path class="line" d={`${path}H${px(last)}`} />
        {way.points.length <= PARTS / 2 &&
          way.points.map(([time, value]) => (
            <circle key={time} cx={px(time)} cy={py(value)} r={way.points.length > 10 ? 3 : 4.5} />
          ))}
      </svg>
      <details
        open={listed.value ?? (way.points.length > 0 && way.points.length <= FEW)}
        onToggle={(event) => {
          if (event.currentTarget.open || listed.value) listed.value = event.currentTarget.open;
        }}
      >
        <summary>{t("points", { count: way.points.length })}</summary>
        <ul>
          {way.points.map(([time, value], i) => {
            const moment = momentText(time, description.program.timeUnit, language);
            return (
              <li key={i}>
                {field(time, t("time_of_point", { number: i + 1 }), (next) =>
                  put(withPoint(way, [next, value], time)),
                )}
                {field(value, t("value_of_point", { time: moment }), (next) =>
                  put(withPoint(way, [time, next])),
                )}
                <button
                  type="button"
                  class="quiet"
                  aria-label={t("remove_point", { time: moment })}
                  title={t("remove_point", { time: moment })}
                  onClick={() => {
                    put({ ...way, points: way.points.filter((point) => point[0] !== time) });
                    session.seal();
                  }}
                >
                  ✕
                </button>
              </li>
            );
          })}
        </ul>
      </details>
      <div class="tools">
        <button type="button" disabled={way.points.length >= MOST_POINTS} onClick={add}>
          {t("add_point")}
        </button>
        <select
          value={way.form}
          aria-label={t("form")}
          onChange={(event) => {
            put({ ...way, form: event.currentTarget.value as Drawn["form"] });
            session.seal();
          }}
        >
          <option value="steps">{t("steps")}</option>
          <option value="line">{t("line")}</option>
        </select>
        {drawn && (
          <button
            type="button"
            class="quiet"
            aria-label={t("as_model")}
            title={t("as_model")}
            onClick={() => session.update((state) => withDrawn(state, name, null))}
          >
            ↺
          </button>
        )}
      </div>
    </div>
  );

  /** A point in the middle of the last stretch without one. */
  function add() {
    listed.value = true;
    const from = way.points.at(-1)?.[0] ?? first;
    const middle = Math.round((from + last) / 2 / pace) * pace;
    const time = rounded(middle > from && middle < last ? middle : (from + last) / 2);
    put(withPoint(way, [time, valueAlong(way, start, time, times)]));
    session.seal();
  }

  function field(value: number, label: string, change: (value: number) => void) {
    return (
      <input
        type="text"
        inputMode="decimal"
        class="number"
        value={Math.abs(value) < 10_000 ? String(value) : fieldText(value)}
        aria-label={label}
        autocomplete="off"
        onChange={(event) => {
          const next = parsed(event.currentTarget.value);
          if (next !== null && next !== value) change(next);
          else event.currentTarget.value = valueText(value, 12);
          session.seal();
        }}
      />
    );
  }
}
