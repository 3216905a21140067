"""Draw the shapes of a stock-and-flow diagram as SVG: boxes, pipes, valves, clouds, names.

The functions take positions and translated names, and return fragments of SVG, in which the names are escaped. The
colours are those of Okabe and Ito (2008), which colour-blind people can distinguish.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape as _escape_markup

Point = tuple[float, float]

FONT = "'Helvetica Neue', Arial, 'Noto Sans', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
PAPER, INK = "#ffffff", "#26323d"
STOCK_FILL, STOCK_EDGE = "#dcecf7", "#0072b2"
AUXILIARY, LEVER, LEVER_EDGE, ACCENT = "#009e73", "#e69f00", "#9a6b00", "#d55e00"
# Text needs more contrast than lines.
ACCENT_INK, QUIET_INK, QUIET = "#a84a00", "#566370", "#7f8d9b"
LINE_HEIGHT, ASCENT = 14.0, 11.0
# Pixels by which the end of a pipe may be above or below its valve, or beside it, and the pipe is still drawn straight.
STRAIGHT = 12.0
_MOST = {"en": 17, "zh": 8}  # characters in a line of a name


@dataclass(frozen=True, slots=True)
class Box:
    """The area of a symbol: a rectangle or, if `round`, the ellipse inside the rectangle."""

    x: float
    y: float
    half_width: float
    half_height: float
    round: bool = False

    def edge(self, towards: Point, gap: float = 0.0) -> Point:
        """Return the point `gap` outside the border of the shape, on the line from its centre to `towards`."""
        dx, dy = towards[0] - self.x, towards[1] - self.y
        length = math.hypot(dx, dy) or 1.0
        dx, dy = dx / length, dy / length
        if self.round:
            reach = 1 / math.hypot(dx / self.half_width, dy / self.half_height)
        else:
            reach = min(
                self.half_width / abs(dx) if dx else math.inf,
                self.half_height / abs(dy) if dy else math.inf,
            )
        return self.x + dx * (reach + gap), self.y + dy * (reach + gap)

    def covers(self, point: Point, margin: float = 1.0) -> bool:
        """Return whether a point is inside the rectangle, or at most `margin` outside."""
        return (
            abs(point[0] - self.x) <= self.half_width + margin
            and abs(point[1] - self.y) <= self.half_height + margin
        )


def escape(text: str) -> str:
    """Return `text` escaped for an SVG element, without characters that XML forbids."""
    return _escape_markup("".join(c for c in text if c >= " " or c in "\n\t"))


def text_width(text: str) -> float:
    """Return the approximate width in pixels of `text` in a font of 12 px; Chinese characters are 12 px wide."""
    return sum(12.0 if ord(c) > 0x2E7F else 6.4 for c in text)


def wrap(name: str, language: str) -> list[str]:
    """Return a name as a list of short lines, broken at blanks or between Chinese characters."""
    if " " not in name and any(ord(c) > 0x2E7F for c in name):
        most = _MOST["zh"]
        count = -(-len(name) // most)
        size = -(-len(name) // count) if count else most
        return [name[i : i + size] for i in range(0, len(name), size)] or [""]
    lines = [""]
    for word in name.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > _MOST.get(language, _MOST["en"]):
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def label_box(x: float, y: float, lines: Sequence[str], side: str, distance: float = 0.0) -> Box:
    """Return the box of a name that `label` draws beside a symbol with the same arguments."""
    height, width = LINE_HEIGHT * len(lines), max(map(text_width, lines))
    if side in ("left", "right"):
        across = distance + 5 + width / 2
        return Box(x - across if side == "left" else x + across, y, width / 2, height / 2)
    if side == "center":
        return Box(x, y, width / 2, height / 2)
    below = distance + 2 + height / 2 if side != "top" else -distance - 3 - height / 2
    return Box(x, y + below, width / 2, height / 2)


def label_start(
    x: float, y: float, lines: Sequence[str], side: str, distance: float = 0.0
) -> tuple[str, float, float]:
    """Return the SVG text anchor of a name beside its symbol, and the x and the baseline y of its first line."""
    top = label_box(x, y, lines, side, distance).y - LINE_HEIGHT * len(lines) / 2
    if side in ("left", "right"):
        across = distance + 5
        return (
            ("end", x - across, top + ASCENT)
            if side == "left"
            else ("start", x + across, top + ASCENT)
        )
    return "middle", x, top + ASCENT


def label(
    x: float,
    y: float,
    lines: Sequence[str],
    side: str,
    colour: str,
    distance: float = 0.0,
    *,
    italic: bool = False,
    bold: bool = False,
) -> str:
    """Return the SVG of a name (one or more lines) beside its symbol, with a halo in the background colour."""
    anchor, left, first = label_start(x, y, lines, side, distance)
    spans = "".join(
        f'<tspan x="{left:.1f}" y="{first + LINE_HEIGHT * i:.1f}">{escape(line)}</tspan>'
        for i, line in enumerate(lines)
    )
    style = (' font-style="italic"' if italic else "") + (' font-weight="600"' if bold else "")
    return (
        f'<text text-anchor="{anchor}" fill="{colour}"{style} stroke="#f4f6f8" stroke-width="3.5" '
        f'stroke-linejoin="round" paint-order="stroke">{spans}</text>'
    )


def stock(box: Box, lines: Sequence[str], colour: str | None) -> str:
    """Return the SVG of a stock: a box with its name inside."""
    edge = colour or STOCK_EDGE
    top = box.y - LINE_HEIGHT * len(lines) / 2
    spans = "".join(
        f'<tspan x="{box.x:.1f}" y="{top + LINE_HEIGHT * i + 11:.1f}">{escape(line)}</tspan>'
        for i, line in enumerate(lines)
    )
    return (
        f'<rect x="{box.x - box.half_width:.1f}" y="{box.y - box.half_height:.1f}" '
        f'width="{2 * box.half_width:.1f}" height="{2 * box.half_height:.1f}" rx="2" '
        f'fill="{STOCK_FILL}" stroke="{edge}" stroke-width="2.2"/>'
        f'<text text-anchor="middle" font-weight="600" fill="{INK}">{spans}</text>'
    )


def module(box: Box, lines: Sequence[str]) -> str:
    """Return the SVG of a module: a rounded box with its name inside."""
    return (
        f'<rect x="{box.x - box.half_width:.1f}" y="{box.y - box.half_height:.1f}" '
        f'width="{2 * box.half_width:.1f}" height="{2 * box.half_height:.1f}" rx="12" '
        f'fill="#f4f6f8" stroke="{QUIET_INK}" stroke-width="1.6" stroke-dasharray="6 3"/>'
        + label(box.x, box.y, lines, "center", INK)
    )


def pipe_course(points: Sequence[Point], stocks: Sequence[Box]) -> list[Point]:
    """Return the path of a pipe, which ends at the borders of the stocks.

    End pieces that are almost horizontal or vertical become exactly so.
    """
    course = list(points)
    for index, neighbour in ((0, 1), (-1, -2)):
        end, next_to = course[index], course[neighbour]
        for axis in (0, 1):
            if 0 < abs(end[axis] - next_to[axis]) <= STRAIGHT:
                end = (next_to[0], end[1]) if axis == 0 else (end[0], next_to[1])
        for box in stocks:
            if box.covers(course[index]):
                end = _meet(box, next_to, end)
        course[index] = end
    return course


def pipe(course: Sequence[Point], colour: str) -> str:
    """Return the SVG of a pipe with an arrowhead at its end."""
    course = list(course)
    (x0, y0), (x1, y1) = course[-2], course[-1]
    length = math.hypot(x1 - x0, y1 - y0) or 1.0
    ux, uy = (x1 - x0) / length, (y1 - y0) / length
    course[-1] = x1 - 9 * ux, y1 - 9 * uy
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in course)
    base = x1 - 11 * ux, y1 - 11 * uy
    head = " ".join(
        f"{x:.1f},{y:.1f}"
        for x, y in (
            (x1, y1),
            (base[0] - 7 * uy, base[1] + 7 * ux),
            (base[0] + 7 * uy, base[1] - 7 * ux),
        )
    )
    return (
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="7" stroke-linejoin="round"/>'
        f'<path d="{path}" fill="none" stroke="{PAPER}" stroke-width="4.4" stroke-linejoin="round"/>'
        f'<polygon points="{head}" fill="{colour}"/>'
    )


def _meet(box: Box, outside: Point, end: Point) -> Point:
    """Return the point at which a straight pipe from `outside` to `end` meets the border of the box."""
    if abs(outside[0] - end[0]) < abs(outside[1] - end[1]):
        return end[0], box.y + math.copysign(box.half_height, outside[1] - box.y)
    return box.x + math.copysign(box.half_width, outside[0] - box.x), end[1]


def valve(box: Box, colour: str | None) -> str:
    """Return the SVG of a flow's valve."""
    return (
        f'<circle cx="{box.x:.1f}" cy="{box.y:.1f}" r="10" fill="{PAPER}" '
        f'stroke="{colour or INK}" stroke-width="1.6"/>'
        f'<path d="M{box.x - 6:.1f} {box.y - 5:.1f}V{box.y + 5:.1f}L{box.x + 6:.1f} '
        f'{box.y - 5:.1f}V{box.y + 5:.1f}Z" fill="{colour or INK}"/>'
    )


def cloud(x: float, y: float) -> str:
    """Return the SVG of the cloud at an open end of a pipe."""
    return (
        f'<path transform="translate({x:.1f} {y:.1f})" d="M-11 7a6 6 0 0 1 -1 -11a8 8 0 0 1 13 -5'
        f'a7 7 0 0 1 11 5a6 6 0 0 1 -1 11z" fill="{PAPER}" stroke="#7d8a96" stroke-width="1.3"/>'
    )


def circle(box: Box, colour: str | None) -> str:
    """Return the SVG of an auxiliary: a circle."""
    return (
        f'<circle cx="{box.x:.1f}" cy="{box.y:.1f}" r="{box.half_width:.0f}" fill="{PAPER}" '
        f'stroke="{colour or AUXILIARY}" stroke-width="2"/>'
    )


def stack(box: Box) -> str:
    """Return the SVG of the two copies behind the symbol of a variable, which show that the variable is an array."""
    sheets = []
    far = 7.0 if box.half_width > 6 else 4.0
    for shift in (far, far / 2):
        x, y = box.x + shift, box.y - shift
        if box.round:
            radius = min(box.half_width, 10.0) if box.half_width > 6 else 3.0
            shape = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.0f}"'
        else:
            shape = (
                f'<rect x="{x - box.half_width:.1f}" y="{y - box.half_height:.1f}" '
                f'width="{2 * box.half_width:.1f}" height="{2 * box.half_height:.1f}" rx="2"'
            )
        sheets.append(f'{shape} fill="{PAPER}" stroke="#8a97a4" stroke-width="1.1"/>')
    return "".join(sheets)


def dot(box: Box, colour: str | None) -> str:
    """Return the SVG of a constant: a dot."""
    fill = colour or QUIET
    return f'<circle cx="{box.x:.1f}" cy="{box.y:.1f}" r="3" fill="{fill}"/>'


def knob(box: Box, colour: str | None) -> str:
    """Return the SVG of a lever: a circle with a pointer, like a knob that can be turned."""
    return (
        f'<circle cx="{box.x:.1f}" cy="{box.y:.1f}" r="10" fill="{LEVER}" '
        f'stroke="{colour or LEVER_EDGE}" stroke-width="1.8"/>'
        f'<path d="M{box.x:.1f} {box.y:.1f}l5 -6" stroke="{INK}" stroke-width="2.2" '
        f'stroke-linecap="round"/>'
    )
