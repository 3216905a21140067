// Curves over time on a canvas: pointer, zoom and pan are those of all charts of a session.
import { effect } from "@preact/signals";
import { COLOURS, type Curve, ends, GREY, placeAt, valueAt } from "./curves";
import type { Language } from "./description";
import { tickTexts, timeTexts } from "./format";
import { type Bands, type Fan, type Fans, hasRuns } from "./futures/futures";
import { wayOn } from "./line";
import type { Session } from "./session";
import { logTicks, logTickTexts, ticks } from "./ticks";

export interface PlotOptions {
  readonly log: boolean;
  readonly range: readonly [number, number] | null;
  readonly language: Language;
  readonly dark: boolean;
  readonly stale: boolean;
  /** One of many small charts. */
  readonly small?: boolean;
  /** Where many runs lie around the present one, by variable. */
  readonly fans?: Bands | null | undefined;
  /** Which of their runs are drawn one by one; by default bands are drawn instead. */
  readonly runs?: Uint8Array | null | undefined;
}

const INK = {
  light: { text: "#4a4f54", grid: "#e4e6e8", card: "#ffffff" },
  dark: { text: "#b7bdc3", grid: "#343a40", card: "#1d2125" },
} as const;
const FONT = '12px system-ui, "Noto Sans CJK SC", sans-serif';
const [TOP, BOTTOM] = [8, 28];
/** The quantiles of each band of a fan, and how dark it is. */
const BANDS = [
  [0, 4, 0.16],
  [1, 3, 0.24],
] as const;
const DRAG = 6; // pixels; less is a click

/** The part of the canvas for curves, and what its sides stand for. */
interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  readonly log: boolean;
}

export class TimePlot {
  private readonly curvesLayer = layer("curves");
  /** What follows the pointer: drawing it leaves the curves as they are. */
  private readonly pointerLayer = layer("pointer");
  private readonly selection = document.createElement("div");
  private readonly resize: ResizeObserver;
  private readonly sight: IntersectionObserver;
  private readonly forget: () => void;
  private inSight = true;
  /** Whether the canvas lacks the last change, because nobody sees it. */
  private behind = false;
  private curves: readonly Curve[] = [];
  private options: PlotOptions | null = null;
  private frame: Frame | null = null;
  private width: number;
  private height: number;

  constructor(
    private readonly host: HTMLElement,
    private readonly session: Session,
  ) {
    this.selection.className = "selection";
    host.append(this.curvesLayer.canvas, this.pointerLayer.canvas, this.selection);
    this.width = host.clientWidth;
    this.height = host.clientHeight;
    this.resize = new ResizeObserver(() => {
      const { clientWidth, clientHeight } = host;
      if (clientWidth === this.width && clientHeight === this.height) return;
      this.width = clientWidth;
      this.height = clientHeight;
      this.draw();
    });
    this.resize.observe(host);
    this.sight = new IntersectionObserver((changes) => {
      this.inSight = changes.at(-1)?.isIntersecting ?? true;
      if (this.inSight && this.behind) this.draw();
    });
    this.sight.observe(host);
    host.addEventListener("pointerdown", this.down);
    host.addEventListener("pointermove", this.move);
    host.addEventListener("dblclick", this.whole);
    host.addEventListener("wheel", this.wheel, { passive: false });
    this.forget = effect(() => {
      void session.cursor.value;
      if (session.moving.value || !this.behind) this.mark();
      else this.draw();
    });
  }

  destroy(): void {
    this.forget();
    this.resize.disconnect();
    this.sight.disconnect();
    this.host.removeEventListener("pointerdown", this.down);
    this.host.removeEventListener("pointermove", this.move);
    this.host.removeEventListener("dblclick", this.whole);
    this.host.removeEventListener("wheel", this.wheel);
    for (const element of [this.curvesLayer.canvas, this.pointerLayer.canvas, this.selection])
      element.remove();
  }

  update(curves: readonly Curve[], options: PlotOptions): void {
    if (this.options && sameCurves(curves, this.curves) && sameOptions(options, this.options)) return;
    this.curves = curves;
    this.options = options;
    this.draw();
  }

  /** Move the pointer to a time, from the keyboard. */
  point(time: number): void {
    this.session.cursor.value = time;
  }

  private extent(): readonly [number, number] {
    return this.session.view.peek() ?? this.session.span.peek();
  }

  /** Draw axes and curves, over the part of time that is shown; while a slider moves, only what can be seen. */
  draw(): void {
    const { curves, options, width, height } = this;
    this.behind = !this.inSight && this.session.moving.peek();
    if (this.behind || !options || width < 60 || height < 50) return;
    const { log, language, dark, small = false } = options;
    const theme = dark ? "dark" : "light";
    const context = cleared(this.curvesLayer, width, height, INK[theme].card);
    if (!context) return;
    const x = this.extent();
    const y = this.vertical(x);
    const [bottom, right] = [height - BOTTOM, width - (small ? 14 : 18)];
    const up = log ? logTicks(...y) : ticks(...y, Math.max(2, (bottom - TOP) / (small ? 24 : 34)));
    const upTexts = (log ? logTickTexts : tickTexts)(up, language);
    const left = 14 + 6.6 * Math.max(0, ...upTexts.map(widthOf));
    const frame = { left, right, top: TOP, bottom, x, y, log };
    this.frame = frame;
    const across = ticks(...x, Math.max(2, (right - left) / (small ? 44 : 62)));
    context.strokeStyle = INK[theme].grid;
    context.lineWidth = 1;
    context.beginPath();
    up.forEach((tick, i) => {
      const at = crisp(vertically(frame, tick));
      context.moveTo(left - 4, at);
      context.lineTo(right, at);
      write(context, upTexts[i] ?? "", INK[theme].text, left - 7, at, 1);
    });
    const acrossTexts = timeTexts(across, language);
    across.forEach((tick, i) => {
      const at = crisp(horizontally(frame, tick));
      context.moveTo(at, TOP);
      context.lineTo(at, bottom + 4);
      write(context, acrossTexts[i] ?? "", INK[theme].text, at, bottom + 13, 0.5);
    });
    context.stroke();
    context.beginPath();
    context.rect(left, TOP - 1, right - left + 1, bottom - TOP + 2);
    context.clip();
    for (const curve of curves) this.fill(context, frame, curve, options);
    for (const curve of curves) this.stroke(context, frame, curve, colourOf(curve, options));
    this.mark();
  }

  /** Draw the fan of a curve: two bands, the inner one darker. */
  private fill(context: CanvasRenderingContext2D, frame: Frame, curve: Curve, options: PlotOptions): void {
    const fan = this.fanOf(curve);
    if (!fan) return;
    if (hasRuns(options.fans) && options.runs) {
      this.threads(context, frame, curve, options.fans, options.runs);
      return;
    }
    context.fillStyle = colourOf(curve, options);
    for (const [low, high, ink] of BANDS) {
      context.globalAlpha = ink;
      context.fill(bandOn(frame, fan.time, fan.quantiles[low], fan.quantiles[high]));
    }
    context.globalAlpha = 1;
  }

  /** Draw single runs: those that were chosen in the colour of the curve, the others grey. */
  private threads(
    context: CanvasRenderingContext2D,
    frame: Frame,
    curve: Curve,
    { block, wanted, time }: Fans,
    runs: Uint8Array,
  ): void {
    const count = runs.length;
    const begin = wanted.indexOf(curve.name) * time.length * count;
    const [first, last] = shownPlaces(time, frame.x);
    const options = this.options as PlotOptions;
    context.lineWidth = 1;
    context.setLineDash([]);
    for (const role of [0, 1]) {
      context.strokeStyle = role ? colourOf(curve, options) : GREY[options.dark ? "dark" : "light"];
      context.globalAlpha = role ? 0.45 : 0.12;
      for (let run = 0; run < count; run++) {
        if (runs[run] !== role || block.failed[run]) continue;
        const up = (i: number) => vertically(frame, block.curves[begin + i * count + run] as number);
        context.stroke(wayOn((i) => horizontally(frame, time[i] as number), up, first, last));
      }
    }
    context.globalAlpha = 1;
  }

  private fanOf({ role, name }: Curve): Fan | undefined {
    return role === "now" ? this.options?.fans?.of.get(name) : undefined;
  }

  private stroke(context: CanvasRenderingContext2D, frame: Frame, curve: Curve, colour: string): void {
    const { time, values } = curve;
    const [first, last] = shownPlaces(time, frame.x);
    const perTime = (frame.right - frame.left) / (frame.x[1] - frame.x[0]);
    const perUnit = (frame.bottom - frame.top) / (frame.y[1] - frame.y[0]);
    const across = (i: number) => frame.left + ((time[i] as number) - frame.x[0]) * perTime;
    const up = frame.log
      ? (i: number) => vertically(frame, values[i] as number)
      : (i: number) => frame.bottom - ((values[i] as number) - frame.y[0]) * perUnit;
    context.strokeStyle = colour;
    context.lineWidth = curve.role === "now" ? 2.2 : 1.5;
    context.lineJoin = "round";
    context.setLineDash([...curve.dash]);
    context.stroke(wayOn(across, up, first, last));
  }

  /** The ends of the vertical axis, for what is shown of the curves. */
  private vertical(x: readonly [number, number]): readonly [number, number] {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    const meet = (time: Float64Array, values: Float64Array) => {
      const [first, last] = shownPlaces(time, x);
      for (let i = first; i <= last; i++) {
        const value = values[i] as number;
        if (value < low) low = value;
        if (value > high) high = value;
      }
    };
    for (const curve of this.curves) {
      meet(curve.time, curve.values);
      const fan = this.fanOf(curve);
      if (!fan) continue;
      const { fans, runs } = this.options as PlotOptions;
      const among =
        hasRuns(fans) && runs ? outermost(fans, curve.name) : [fan.quantiles.at(0), fan.quantiles.at(-1)];
      for (const end of among) meet(fan.time, end as Float64Array);
    }
    const log = this.options?.log;
    if (!(low <= high)) return log ? [1, 10] : [0, 1];
    if (log) return high > low ? [low / 1.15, high * 1.15] : [low / 2, high * 2];
    const fixed = this.options?.range;
    return fixed ? [Math.min(fixed[0], low), Math.max(fixed[1], high)] : ends(low, high);
  }

  /** Draw a line at the time that is pointed at, and a dot on each curve. */
  private mark(): void {
    const { frame, options } = this;
    const time = this.session.cursor.peek();
    if (!frame || !options || (time === null && !this.pointerLayer.used)) return;
    const context = cleared(this.pointerLayer, this.width, this.height);
    if (!context) return;
    this.pointerLayer.used = time !== null;
    this.pointerLayer.canvas.hidden = time === null;
    if (time === null || time < frame.x[0] || time > frame.x[1]) return;
    const at = horizontally(frame, time);
    context.strokeStyle = INK[options.dark ? "dark" : "light"].text;
    context.setLineDash([3, 3]);
    context.beginPath();
    context.moveTo(crisp(at), frame.top);
    context.lineTo(crisp(at), frame.bottom);
    context.stroke();
    for (const curve of this.curves) {
      const height = vertically(frame, valueAt(curve, time) ?? Number.NaN);
      if (!(height >= frame.top - 1 && height <= frame.bottom + 1)) continue;
      context.fillStyle = colourOf(curve, options);
      context.beginPath();
      context.arc(at, height, 3.5, 0, 7);
      context.fill();
    }
  }

  /** The time under the pointer, where its frame is. */
  private timeAt(event: MouseEvent): number {
    const { left, right, x } = this.frame as Frame;
    const share = (event.clientX - this.host.getBoundingClientRect().left - left) / (right - left);
    return x[0] + Math.min(1, Math.max(0, share)) * (x[1] - x[0]);
  }

  private readonly move = (event: PointerEvent): void => {
    const time = this.curves.reduce<Float64Array | null>(
      (longest, curve) => (longest && longest.length >= curve.time.length ? longest : curve.time),
      null,
    );
    if (!this.frame || !time) return;
    const wanted = this.timeAt(event);
    const place = placeAt(time, wanted);
    const [before, after] = [time[place] as number, time[place + 1]];
    this.session.cursor.value = after !== undefined && after - wanted < wanted - before ? after : before;
  };

  /** A drag shows the time it goes over; with Shift it moves the time that is shown. */
  private readonly down = (event: PointerEvent): void => {
    if (!this.frame || event.button !== 0 || event.pointerType === "touch") return;
    const [low, high] = this.extent();
    const { left, right } = this.frame;
    const begin = this.timeAt(event);
    const box = this.host.getBoundingClientRect();
    const from = event.clientX;
    if (event.shiftKey) event.preventDefault();
    const move = (at: PointerEvent) => {
      if (event.shiftKey) {
        moveView(this.session, low, high, ((from - at.clientX) * (high - low)) / (right - left));
        return;
      }
      const [a, b] = [from - box.left, at.clientX - box.left].map((px) =>
        Math.min(right, Math.max(left, px)),
      );
      const [start, stop] = [Math.min(a as number, b as number), Math.max(a as number, b as number)];
      this.selection.style.left = `${start}px`;
      this.selection.style.width = `${stop - start >= DRAG ? stop - start : 0}px`;
    };
    const end = (at: PointerEvent) => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", end);
      removeEventListener("pointercancel", end);
      this.selection.style.width = "0";
      const then = this.timeAt(at);
      if (event.shiftKey || at.type !== "pointerup" || Math.abs(at.clientX - from) < DRAG) return;
      if (then !== begin) this.session.view.value = [Math.min(begin, then), Math.max(begin, then)];
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", end);
    addEventListener("pointercancel", end);
  };

  private readonly whole = (): void => {
    this.session.view.value = null;
  };

  private readonly wheel = (event: WheelEvent): void => {
    if (!(event.ctrlKey || event.metaKey) || !this.frame) return;
    event.preventDefault();
    zoom(this.session, event.deltaY > 0 ? 1.25 : 0.8, this.timeAt(event));
  };
}

/** The lowest and the highest value of all runs at each time. */
function outermost({ block, wanted, time }: Fans, name: string): [Float64Array, Float64Array] {
  const count = block.failed.length;
  const begin = wanted.indexOf(name) * time.length * count;
  const low = new Float64Array(time.length).fill(Number.POSITIVE_INFINITY);
  const high = new Float64Array(time.length).fill(Number.NEGATIVE_INFINITY);
  for (let row = 0; row < time.length; row++)
    for (let run = 0; run < count; run++) {
      const value = block.curves[begin + row * count + run] as number;
      if (block.failed[run]) continue;
      if (value < (low[row] as number)) low[row] = value;
      if (value > (high[row] as number)) high[row] = value;
    }
  return [low, high];
}

/** The area between two curves. */
function bandOn(frame: Frame, time: Float64Array, low?: Float64Array, high?: Float64Array): Path2D {
  const path = new Path2D();
  if (!low || !high) return path;
  const [first, last] = shownPlaces(time, frame.x);
  const put = (values: Float64Array, i: number) => {
    if (!Number.isFinite(low[i])) return;
    path.lineTo(horizontally(frame, time[i] as number), vertically(frame, values[i] as number));
  };
  for (let i = first; i <= last; i++) put(high, i);
  for (let i = last; i >= first; i--) put(low, i);
  path.closePath();
  return path;
}

interface Layer {
  readonly canvas: HTMLCanvasElement;
  used: boolean;
}

function layer(name: string): Layer {
  const canvas = document.createElement("canvas");
  canvas.className = name;
  canvas.hidden = name === "pointer";
  return { canvas, used: false };
}

/** The context of an empty canvas of this size, in pixels of the page; one with a ground hides what lies below. */
function cleared(
  { canvas }: Layer,
  width: number,
  height: number,
  ground = "",
): CanvasRenderingContext2D | null {
  const ratio = devicePixelRatio;
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
  }
  const context = canvas.getContext("2d", { alpha: !ground });
  if (!context) return null;
  context.restore(); // what was drawn before had its own clip, font and dashes
  context.save();
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  if (ground) {
    context.fillStyle = ground;
    context.fillRect(0, 0, width, height);
  } else context.clearRect(0, 0, width, height);
  return context;
}

function sameCurves(some: readonly Curve[], others: readonly Curve[]): boolean {
  return some.length === others.length && some.every((one, i) => sameFields(one, others[i] as Curve));
}

function sameOptions(some: PlotOptions, others: PlotOptions): boolean {
  return (
    sameFields({ ...some, range: null }, { ...others, range: null }) && `${some.range}` === `${others.range}`
  );
}

function sameFields<T extends object>(some: T, others: T): boolean {
  return (Object.keys(some) as (keyof T)[]).every((key) => some[key] === others[key]);
}

const LABEL = 18; // pixels, the height of a label
const MOST_LABELS = 400;
const labels = new Map<string, HTMLCanvasElement>();

/**
 * Write a label whose right end (`share` 1) or middle (0.5) lies at `x`. Text on a canvas of the page would have the
 * browser lay out the page first, in each frame; a label is drawn once, on a canvas apart.
 */
function write(
  context: CanvasRenderingContext2D,
  text: string,
  ink: string,
  x: number,
  y: number,
  share: number,
): void {
  const ratio = devicePixelRatio;
  const key = `${ratio} ${ink} ${text}`;
  let label = labels.get(key);
  if (!label) {
    label = document.createElement("canvas");
    const pen = label.getContext("2d");
    if (!pen) return;
    pen.font = FONT;
    label.width = Math.ceil((pen.measureText(text).width + 2) * ratio);
    label.height = Math.ceil(LABEL * ratio);
    pen.scale(ratio, ratio);
    pen.font = FONT;
    pen.fillStyle = ink;
    pen.textBaseline = "middle";
    pen.fillText(text, 1, LABEL / 2);
    if (labels.size >= MOST_LABELS) labels.clear();
    labels.set(key, label);
  }
  const [width, height] = [label.width / ratio, label.height / ratio];
  const whole = (at: number) => Math.round(at * ratio) / ratio;
  context.drawImage(label, whole(x - share * width), whole(y - height / 2), width, height);
}

/** The places of a curve in a part of time, and one more on each side. */
function shownPlaces(time: Float64Array, [low, high]: readonly [number, number]): [number, number] {
  const [first, last] = [placeAt(time, low), time.length - 1];
  return [first, (time[last] ?? high) <= high ? last : Math.min(last, placeAt(time, high) + 1)];
}

function horizontally({ left, right, x: [low, high] }: Frame, time: number): number {
  return left + ((time - low) / (high - low)) * (right - left);
}

function vertically({ top, bottom, y: [low, high], log }: Frame, value: number): number {
  const share = log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  return bottom - share * (bottom - top);
}

/** The middle of a pixel: lines of one pixel are sharp there. */
function crisp(at: number): number {
  return Math.round(at - 0.5) + 0.5;
}

function colourOf({ role, colour }: Curve, { dark, stale }: PlotOptions): string {
  const theme = dark ? "dark" : "light";
  return colour < 0 || (stale && role === "now") ? GREY[theme] : (COLOURS[theme][colour] ?? "#888");
}

function widthOf(text: string): number {
  return [...text].reduce((sum, character) => sum + (character > "⺀" ? 1.8 : 1), 0);
}

/** Show a part of time `factor` times as long, around a time or the middle. */
export function zoom(session: Session, factor: number, around?: number): void {
  const [first, last] = session.span.peek();
  const [low, high] = session.view.peek() ?? [first, last];
  const centre = around ?? (low + high) / 2;
  const span = (high - low) * factor;
  if (span >= last - first) {
    session.view.value = null;
    return;
  }
  if (span < (last - first) / 1000) return;
  const begin = centre - (centre - low) * factor;
  moveView(session, begin, begin + span, 0);
}

/** Show the part of time from `low` to `high`, moved by `shift`, but not past the ends of the runs. */
export function moveView(session: Session, low: number, high: number, shift: number): void {
  const [first, last] = session.span.peek();
  const span = high - low;
  if (span >= last - first) return;
  const begin = Math.min(last - span, Math.max(first, low + shift));
  session.view.value = [begin, begin + span];
}

export function pan(session: Session, share: number): void {
  const [low, high] = session.view.peek() ?? session.span.peek();
  moveView(session, low, high, share * (high - low));
}
