"""Draw charts as SVG for pages, without a plotting library or a script.

`draw` takes a `Chart` and returns a ``<figure>`` element with SVG. Curves differ in colour (Okabe & Ito 2008, safe for
colour-blind readers) and in dashes. The style sheet of the page sets the colours, for light and dark mode.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from html import escape
from types import MappingProxyType

import numpy as np

from sdcluster.view.chart import Chart, Curve

WIDTH, HEIGHT = 460, 270
LEFT, RIGHT, TOP, BOTTOM = 62, 20, 14, 42
STRIP, STRIP_GAP = 62, 24
MOST_POINTS = 300
COLOURS = 6
Scale = Callable[[float], float]
_DASHES = ("", "7 3", "2 3", "9 3 2 3", "5 5", "12 4")


WORDS = MappingProxyType({"expected": "expected", "period": "period looked at", "over": "over"})


def draw(chart: Chart, words: Mapping[str, str] = WORDS) -> str:
    """Return a chart with its legend as a ``<figure>`` element; `words` are the translated words of the legend."""
    x_low, x_high, y_low, y_high = _bounds(chart)

    def at_x(x: float) -> float:
        return LEFT + (x - x_low) / (x_high - x_low) * (WIDTH - LEFT - RIGHT)

    def at_y(y: float) -> float:
        return HEIGHT - BOTTOM - (y - y_low) / (y_high - y_low) * (HEIGHT - TOP - BOTTOM)

    body = [_expected(chart, at_x, at_y, (x_low, x_high, y_low, y_high))]
    body += [_grid_x(x, at_x(x)) for x in ticks(x_low, x_high)]
    body += [_grid_y(y, at_y(y)) for y in ticks(y_low, y_high, 5)]
    body += [
        f'<path class="{_css(curve, index)}" d="{_path(curve, at_x, at_y)}"/>'
        for index, curve in enumerate(chart.curves)
    ]
    body.append(_points(chart, at_x, at_y))
    middle = (LEFT + WIDTH - RIGHT) / 2
    height = HEIGHT + (STRIP + STRIP_GAP if chart.difference is not None else 0)
    body.append(
        f'<text class="axis" x="{middle:.0f}" y="{HEIGHT - 6}">{escape(chart.x_label)}</text>'
    )
    if chart.difference is not None:
        body.append(_strip(chart.difference, at_x))
    body.append(
        f'<text class="axis" transform="translate(12 {(TOP + HEIGHT - BOTTOM) / 2:.0f}) '
        f'rotate(-90)">{escape(_short(chart.y_label))}</text>'
    )
    return (
        f"<figure class='chart'><figcaption>{escape(chart.title)}</figcaption>"
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(_spoken(chart, words))}">'
        f"{''.join(body)}</svg>{_legend(chart, words)}</figure>"
    )


def _strip(difference: Curve, at_x: Scale) -> str:
    """Return the SVG of the second panel, which shows a difference around zero with its own scale."""
    finite = difference.y[np.isfinite(difference.y)]
    largest = float(np.max(np.abs(finite))) if len(finite) else 0.0
    largest = largest or 1.0
    middle = HEIGHT + STRIP_GAP / 2 + STRIP / 2

    def at_y(y: float) -> float:
        return middle - y / largest * STRIP / 2

    path = _path(difference, at_x, at_y)
    first, last = at_x(difference.x[0]), at_x(difference.x[-1])
    edges = "".join(
        f'<text class="tick side" x="{LEFT - 6}" y="{at_y(value) + 4:.1f}">{_signed(value)}</text>'
        for value in (largest, 0.0, -largest)
    )
    label_y = HEIGHT + STRIP_GAP + STRIP - 2
    return (
        f'<path class="grid" d="M{LEFT} {middle:.1f}H{WIDTH - RIGHT}"/>{edges}'
        f'<path class="area" d="{path}L{last:.1f} {middle:.1f}L{first:.1f} {middle:.1f}Z"/>'
        f'<path class="line new thin" d="{path}"/>'
        f'<text class="axis" x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{label_y}">'
        f"{escape(difference.label)}</text>"
    )


def _signed(value: float) -> str:
    if value == 0:
        return "0"
    # Whole numbers with up to five digits fit beside the panel. "+2.5e+02" is too long, and its sign would be cut off.
    size = abs(value)
    text = f"{value:+.0f}" if 10 <= size < 99_999.5 else f"{value:+.2g}"
    return re.sub(r"e([+-])0*", r"e\1", text).replace("e+", "e").replace("-", "−")


SMALLEST = 1e-290
"""The smallest difference between the ends of an axis."""


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Return about `most` round numbers between `low` and `high`."""
    rough = (high - low) / most
    size = 10.0 ** np.floor(np.log10(rough))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough * 0.999)
    first = np.ceil(low / step - 1e-9)
    last = np.floor(high / step + 1e-9)
    return [float(number * step) for number in np.arange(first, last + 1)]


def number(value: float) -> str:
    """Return a number as the label of a tick."""
    return "0" if abs(value) < 1e-12 else f"{value:.6g}".replace("-", "−")


def _bounds(chart: Chart) -> tuple[float, float, float, float]:
    xs = np.concatenate([curve.x for curve in chart.curves])
    ys = np.concatenate([curve.y for curve in chart.curves])
    ys = ys[np.isfinite(ys)] if np.isfinite(ys).any() else np.zeros(1)
    extra = [edge for row in chart.rows for edge in row if np.isfinite(edge)]
    span = float(np.ptp(ys)) or abs(float(ys[0])) or 1.0
    if span < SMALLEST:  # numbers this small have no round numbers between them
        ys, span = np.zeros(1), 1.0
    near = [y for y in extra if ys.min() - span < y < ys.max() + span]
    low, high = min([float(ys.min()), *near]), max([float(ys.max()), *near])
    if 0 < low < 0.5 * high:
        low = 0.0
    room = 0.06 * ((high - low) or abs(high) or 1.0)
    low_edge = 0.0 if low == 0 else low - room
    x_low, x_high = float(xs.min()), float(xs.max())
    return x_low, x_high if x_high > x_low else x_low + 1, low_edge, high + 2 * room


def _path(curve: Curve, at_x: Scale, at_y: Scale) -> str:
    stride = max(1, -(-len(curve.x) // MOST_POINTS))
    index = np.unique([*range(0, len(curve.x), stride), len(curve.x) - 1])
    parts, pen = [], "M"
    for x, y in zip(curve.x[index], curve.y[index], strict=True):
        if not np.isfinite(y):
            pen = "M"
            continue
        parts.append(f"{pen}{at_x(x):.1f} {at_y(y):.1f}")
        pen = "L"
    return "".join(parts)


def _expected(chart: Chart, at_x: Scale, at_y: Scale, box: tuple[float, ...]) -> str:
    x_low, x_high, y_low, y_high = box
    shapes = []
    spans = [("expected", column) for column in chart.columns]
    if chart.period is not None:
        spans.insert(0, ("period", chart.period))
    for css, (start, stop) in spans:
        a, b = (at_x(np.clip(x, x_low, x_high)) for x in (start, stop))
        shapes.append(
            f'<rect class="{css}" x="{a:.1f}" y="{TOP}" width="{max(b - a, 1.5):.1f}" '
            f'height="{HEIGHT - TOP - BOTTOM}"/>'
        )
    for bottom, top in chart.rows:
        a, b = (at_y(np.clip(y, y_low, y_high)) for y in (top, bottom))
        shapes.append(
            f'<rect class="expected" x="{LEFT}" y="{a:.1f}" width="{WIDTH - LEFT - RIGHT}" '
            f'height="{max(b - a, 1.5):.1f}"/>'
        )
    return "".join(shapes)


def _grid_x(value: float, x: float) -> str:
    foot = HEIGHT - BOTTOM
    return (
        f'<path class="grid" d="M{x:.1f} {TOP}V{foot}"/>'
        f'<text class="tick" x="{x:.1f}" y="{foot + 15}">{number(value)}</text>'
    )


def _grid_y(value: float, y: float) -> str:
    return (
        f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>'
        f'<text class="tick side" x="{LEFT - 6}" y="{y + 4:.1f}">{number(value)}</text>'
    )


def _points(chart: Chart, at_x: Scale, at_y: Scale) -> str:
    """Return the SVG of the measured points with their labels.

    A label that would overlap another label is below its point, or is left out.
    """
    shapes: list[str] = []
    taken: list[tuple[float, float]] = []
    for point in chart.points:
        if not np.isfinite(point.x + point.y):
            continue
        x, y = at_x(point.x), at_y(point.y)
        shapes.append(f'<circle class="point" cx="{x:.1f}" cy="{y:.1f}" r="4"/>')
        for label_y in (max(y - 9, TOP + 8), y + 19):
            free = all(abs(x - u) > 34 or abs(label_y - v) > 13 for u, v in taken)
            if point.label and free and label_y < HEIGHT - BOTTOM:
                taken.append((x, label_y))
                anchor = "end" if x > WIDTH - 90 else "start" if x < LEFT + 30 else "middle"
                # A label at the left edge must not touch the axis.
                beside = x + 7 if anchor == "start" else x
                shapes.append(
                    f'<text class="label" text-anchor="{anchor}" x="{beside:.1f}" y="{label_y:.1f}">'
                    f"{escape(point.label)}</text>"
                )
                break
    return "".join(shapes)


def _css(curve: Curve, index: int) -> str:
    return f"line {curve.role}" if curve.role != "plain" else f"line s{index % COLOURS}"


def _legend(chart: Chart, words: Mapping[str, str]) -> str:
    items = [_sample(_css(curve, i), curve.label) for i, curve in enumerate(chart.curves)]
    if chart.columns or chart.rows:
        items.append('<span><i class="swatch"></i>' + escape(words["expected"]) + "</span>")
    if chart.period is not None:
        items.append('<span><i class="swatch of-period"></i>' + escape(words["period"]) + "</span>")
    if len(items) < 2 and not any(curve.role != "plain" for curve in chart.curves):
        return ""
    return f'<p class="legend">{"".join(items)}</p>'


def _sample(css: str, label: str) -> str:
    return (
        f'<span><svg class="sample" viewBox="0 0 34 8" aria-hidden="true">'
        f'<path class="{css}" d="M1 4H33"/></svg>{escape(label)}</span>'
    )


def _short(text: str) -> str:
    return text if len(text) <= 42 else text[:41] + "…"


def _spoken(chart: Chart, words: Mapping[str, str]) -> str:
    names = ", ".join(curve.label for curve in chart.curves)
    return f"{chart.title}: {names} {words.get('over', WORDS['over'])} {chart.x_label}"


def dashes() -> Iterable[str]:
    """Yield the CSS rules with the colours and dashes of curves that have no special role."""
    for index in range(COLOURS):
        dash = f"stroke-dasharray: {_DASHES[index]};" if _DASHES[index] else ""
        yield f"figure.chart .s{index} {{ stroke: var(--s{index}); {dash} }}"
