// The way of a curve on the canvas, with no more points than the eye can tell: strokes are most of a frame's work.

const TOLERANCE = 0.2; // pixels of the canvas

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

/** A curve's way from place `first` to `last`, with `across` and `up` of its points in pixels; it breaks where `up` is not finite. */
export function wayOn(
  across: (i: number) => number,
  up: (i: number) => number,
  first: number,
  last: number,
): Path2D {
  const path = new Path2D();
  for (let i = first; i <= last; i++) {
    if (!Number.isFinite(up(i))) continue;
    let end = i;
    while (end < last && Number.isFinite(up(end + 1))) end++;
    simplified(across, up, i, end).forEach((point, k) => {
      if (k) path.lineTo(across(point), up(point));
      else path.moveTo(across(point), up(point));
    });
    i = end;
  }
  return path;
}
