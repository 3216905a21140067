// The way of a curve on the canvas, with no more points than the eye can tell: strokes are most of a frame's work.
import type uPlot from "uplot";

const TOLERANCE = 0.2; // pixels of the canvas
const CLIPPED = 1; // uPlot's BAND_CLIP_FILL, the flag of its own lines

/** Points of a polyline, x ascending, of which each left out lies within twice `tolerance` of the line that stays. */
export function simplified(
  x: (i: number) => number,
  y: (i: number) => number,
  first: number,
  last: number,
  tolerance = TOLERANCE,
): number[] {
  const kept = [first];
  let anchor = first;
  let low = Number.NEGATIVE_INFINITY;
  let high = Number.POSITIVE_INFINITY;
  for (let i = first + 1; i <= last; i++) {
    let across = x(i) - x(anchor);
    let slope = (y(i) - y(anchor)) / across;
    if (slope < low || slope > high) {
      // No line from the anchor passes all points up to here; one passed all up to the point before.
      anchor = i - 1;
      kept.push(anchor);
      low = Number.NEGATIVE_INFINITY;
      high = Number.POSITIVE_INFINITY;
      across = x(i) - x(anchor);
      slope = (y(i) - y(anchor)) / across;
    }
    low = Math.max(low, slope - tolerance / across);
    high = Math.min(high, slope + tolerance / across);
  }
  if (last > first) kept.push(last);
  return kept;
}

/** uPlot's way to draw a series. */
export const line: uPlot.Series.PathBuilder = (plot, series, from, to) => {
  const path = new Path2D();
  const times = plot.data[0];
  const values = plot.data[series] as ArrayLike<number | null>;
  const { left, width, top, height } = plot.bbox;
  const { min: early = 0, max: late = 1 } = plot.scales.x ?? {};
  const scale = plot.scales.y;
  const perTime = width / ((late ?? 1) - (early ?? 0));
  const x = (i: number) => left + ((times[i] ?? 0) - (early ?? 0)) * perTime;
  const lowest = scale?.min ?? 0;
  const perUnit = height / ((scale?.max ?? 1) - lowest);
  const y =
    scale?.distr === 3
      ? (i: number) => plot.valToPos(values[i] ?? 0, "y", true)
      : (i: number) => top + height - ((values[i] ?? 0) - lowest) * perUnit;
  for (let i = from; i <= to; i++) {
    if (values[i] === null) continue;
    let last = i;
    while (last < to && values[last + 1] !== null) last++;
    const points = simplified(x, y, i, last);
    points.forEach((point, k) => {
      if (k) path.lineTo(x(point), y(point));
      else path.moveTo(x(point), y(point));
    });
    i = last;
  }
  return { stroke: path, fill: null, clip: null, band: null, flags: CLIPPED };
};
