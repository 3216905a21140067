// Curves over time, drawn by uPlot: pointer, zoom and pan are those of all charts of a session.
import uPlot from "uplot";
import { aligned, COLOURS, type Curve, ends, GREY } from "./curves";
import type { Language } from "./description";
import { tickTexts, timeTexts } from "./format";
import { line } from "./line";
import type { Session } from "./session";
import { focused } from "./surroundings";
import { logTicks, logTickTexts } from "./ticks";

export interface PlotOptions {
  readonly log: boolean;
  readonly range: readonly [number, number] | null;
  readonly language: Language;
  readonly dark: boolean;
  readonly stale: boolean;
  /** One of many small charts. */
  readonly small?: boolean;
}

const INK = {
  light: { text: "#4a4f54", grid: "#e4e6e8" },
  dark: { text: "#b7bdc3", grid: "#343a40" },
} as const;
const FONT = '12px system-ui, "Noto Sans CJK SC", sans-serif';

export class TimePlot {
  private plot: uPlot | null = null;
  private made = "";
  private options: PlotOptions | null = null;
  private readonly resize: ResizeObserver;

  constructor(
    private readonly host: HTMLElement,
    private readonly session: Session,
  ) {
    this.resize = new ResizeObserver(() => this.plot?.setSize(this.size()));
    this.resize.observe(host);
    host.addEventListener("pointerdown", this.pan, true);
    host.addEventListener("wheel", this.wheel, { passive: false });
    host.addEventListener("pointermove", this.touch);
  }

  destroy(): void {
    this.resize.disconnect();
    this.plot?.destroy();
    this.host.removeEventListener("pointerdown", this.pan, true);
    this.host.removeEventListener("wheel", this.wheel);
    this.host.removeEventListener("pointermove", this.touch);
  }

  /** Draw curves; a plot is made anew only where their number or form is another. */
  update(curves: readonly Curve[], options: PlotOptions): void {
    const { time, columns } = aligned(curves);
    const data = [time, ...columns] as unknown as uPlot.AlignedData;
    const form = JSON.stringify([
      curves.map(({ role, colour, dash }) => [role, colour, dash]),
      { ...options, range: null },
    ]);
    this.options = options;
    if (!this.plot || form !== this.made) {
      this.plot?.destroy();
      this.plot = new uPlot(this.describe(curves, options), data, this.host);
      this.made = form;
    } else {
      this.plot.setData(data, true);
    }
  }

  /** Show another part of time. */
  shown(): void {
    const [min, max] = this.extent();
    this.plot?.setScale("x", { min, max });
  }

  private extent(): readonly [number, number] {
    return this.session.view.peek() ?? this.session.span.peek();
  }

  private size(): { width: number; height: number } {
    return { width: Math.max(80, this.host.clientWidth), height: Math.max(60, this.host.clientHeight) };
  }

  private describe(
    curves: readonly Curve[],
    { log, language, dark, stale, small }: PlotOptions,
  ): uPlot.Options {
    const theme = dark ? "dark" : "light";
    const axis = (size: uPlot.Axis["size"]): uPlot.Axis => ({
      stroke: INK[theme].text,
      grid: { stroke: INK[theme].grid, width: 1 },
      ticks: { stroke: INK[theme].grid, width: 1, size: 4 },
      font: FONT,
      ...(size === undefined ? {} : { size }),
    });
    return {
      ...this.size(),
      legend: { show: false },
      padding: small ? [6, 14, 0, 0] : [8, 18, 0, 0], // half of the last label of time
      cursor: {
        sync: { key: this.session.key },
        drag: { x: true, y: false, setScale: false, dist: 6 },
        points: { size: 7 },
        bind: {
          dblclick: () => () => {
            this.session.view.value = null;
            return null;
          },
        },
      },
      scales: {
        x: { time: false, range: () => [...this.extent()] as [number, number] },
        y: { distr: log ? 3 : 1, range: (_, low, high) => this.vertical(low, high, log) },
      },
      axes: [
        { ...axis(28), values: (_, splits) => timeTexts(splits, language), space: small ? 44 : 60 },
        {
          ...axis((_, values) => 14 + 6.6 * Math.max(0, ...(values ?? []).map((value) => widthOf(value)))),
          values: (_, splits) => (log ? logTickTexts : tickTexts)(splits, language),
          ...(log
            ? { splits: (_: uPlot, __: number, low: number, high: number) => logTicks(low, high), filter }
            : {}),
          space: small ? 24 : 32,
        },
      ],
      series: [
        {},
        ...curves.map(
          ({ role, colour, dash }): uPlot.Series => ({
            stroke:
              stale && role === "now"
                ? GREY[theme]
                : colour < 0
                  ? GREY[theme]
                  : (COLOURS[theme][colour] ?? "#888"),
            width: role === "now" ? 2.2 : 1.5,
            dash: [...dash],
            points: { show: false },
            paths: line,
          }),
        ),
      ],
      hooks: {
        setCursor: [(plot) => this.pointed(plot)],
        setSelect: [(plot) => this.selected(plot)],
      },
    };
  }

  private vertical(low: number | null, high: number | null, log: boolean): [number, number] {
    if (low === null || high === null) return log ? [1, 10] : [0, 1];
    if (log) return high > low ? [low / 1.15, high * 1.15] : [low / 2, high * 2];
    const fixed = this.options?.range;
    return fixed ? [Math.min(fixed[0], low), Math.max(fixed[1], high)] : ends(low, high);
  }

  private pointed(plot: uPlot): void {
    const { left = -1, idx } = plot.cursor;
    // Of the charts that move their pointers together, the one under the pointer tells the time.
    if (!this.host.matches(":hover") && !this.host.contains(focused(this.host))) return;
    this.session.cursor.value =
      left < 0 || idx === null || idx === undefined ? null : (plot.data[0][idx] ?? null);
  }

  private selected(plot: uPlot): void {
    const { left, width } = plot.select;
    if (width < 6) return;
    const [low, high] = [plot.posToVal(left, "x"), plot.posToVal(left + width, "x")];
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    if (high > low) this.session.view.value = [low, high];
  }

  /** Move the pointer to a time, from the keyboard. */
  point(time: number): void {
    const plot = this.plot;
    if (!plot) return;
    plot.setCursor({ left: plot.valToPos(time, "x"), top: plot.bbox.height / (2 * devicePixelRatio) });
    this.session.cursor.value = time;
  }

  private readonly touch = (event: PointerEvent): void => {
    if (event.pointerType !== "touch" || !this.plot) return;
    const box = this.plot.over.getBoundingClientRect();
    const left = Math.min(box.width - 1, Math.max(0, event.clientX - box.left));
    this.plot.setCursor({ left, top: event.clientY - box.top });
    const place = this.plot.posToIdx(left);
    this.session.cursor.value = this.plot.data[0][place] ?? null;
  };

  private readonly pan = (event: PointerEvent): void => {
    if (!event.shiftKey || !this.plot || event.button !== 0) return;
    event.stopPropagation();
    event.preventDefault();
    const [low, high] = this.extent();
    const perPixel = (high - low) / this.plot.over.clientWidth;
    const move = (at: PointerEvent) =>
      moveView(this.session, low, high, (event.clientX - at.clientX) * perPixel);
    const end = () => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", end);
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", end);
  };

  private readonly wheel = (event: WheelEvent): void => {
    if (!(event.ctrlKey || event.metaKey) || !this.plot) return;
    event.preventDefault();
    const box = this.plot.over.getBoundingClientRect();
    zoom(this.session, event.deltaY > 0 ? 1.25 : 0.8, this.plot.posToVal(event.clientX - box.left, "x"));
  };
}

/** uPlot itself would leave out ticks of a logarithmic axis. */
function filter(_: uPlot, splits: number[]): number[] {
  return splits;
}

function widthOf(text: string | null): number {
  return [...(text ?? "")].reduce((sum, character) => sum + (character > "⺀" ? 1.8 : 1), 0);
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
