"""Draw a feedback loop as a large, legible diagram: variables on a ring, and signs at the arrows.

`loop_svg` takes the names of the variables and the signs of the links, and returns an SVG text that needs no scripts or
other files. All names are escaped.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from math import cos, hypot, pi, sin
from xml.sax.saxutils import quoteattr

from sdcluster.view.diagram_shapes import (
    ACCENT,
    ACCENT_INK,
    FONT,
    INK,
    PAPER,
    escape,
    text_width,
    wrap,
)

WIDTH = 620.0
# Height of a diagram with up to `FEW` names, and additional height for each further name.
HEIGHT, MORE, FEW = 380.0, 55.0, 5
MANY = 9  # with at most so many names, equal angles keep the names apart
SIZE = 20.0  # font size of the names in pixels
# Largest distance of an arrow's control point from the middle, relative to that of the ring.
MOST_BULGE = 1.5
# Two names at the same height with a smaller gap than this are joined by a straight arrow.
SIDE_BY_SIDE = 150.0
# Points along an arrow, with which to find where it leaves one name and reaches the next.
STEPS = 120

Point = tuple[float, float]
Box = tuple[float, float, float, float]  # x and y of the middle, half width, half height


def loop_svg(
    names: Sequence[str], signs: Sequence[str], middle: str, language: str, title: str
) -> str:
    """Return the diagram of a feedback loop as SVG.

    Parameters
    ----------
    names : sequence of str
        Labels of the variables along the loop, at least two.
    signs : sequence of str
        Sign of the arrow from each variable to the next: ``"+"`` or ``"-"``. For any other text, no sign is shown.
    middle : str
        Text in the middle of the loop, such as its kind.
    language : str
        Language of the names, which determines where lines may be broken.
    title : str
        Alternative text for screen readers.

    Returns
    -------
    str
        An ``<svg>`` element.
    """
    height = HEIGHT + MORE * max(0, len(names) - FEW)
    angles = _angles(len(names), height)
    texts = [wrap(name, language) for name in names]
    boxes = [_box(_on_ring(a, height), lines) for a, lines in zip(angles, texts, strict=True)]
    parts = [f'<rect width="{WIDTH:.0f}" height="{height:.0f}" fill="{PAPER}"/>']
    for i, sign in enumerate(signs):
        j = (i + 1) % len(names)
        turn = (angles[j] - angles[i]) % (2 * pi)
        bulge = min(MOST_BULGE, 1 / max(cos(turn / 2), 1e-9))
        control = _on_ring(angles[i] + turn / 2, height, bulge)
        if (
            len(names) > 2
            and abs(boxes[i][1] - boxes[j][1]) < 1
            and _apart(boxes[i], boxes[j]) < SIDE_BY_SIDE
        ):
            # A curved arrow would begin under the name.
            control = ((boxes[i][0] + boxes[j][0]) / 2, boxes[i][1])
        line = _line(boxes[i], control, boxes[j])
        if line:
            parts += [*_arrow(line), *_sign(line, sign, boxes, height / 2)]
    for box, lines in zip(boxes, texts, strict=True):
        parts.append(_text(box[0], box[1], lines, SIZE, INK, "600"))
    parts.append(_text(WIDTH / 2, height / 2, [middle], SIZE * 0.95, ACCENT_INK, "400"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label={quoteattr(title)} '
        f'viewBox="0 0 {WIDTH:.0f} {height:.0f}" width="{WIDTH:.0f}" height="{height:.0f}" '
        f'font-family="{FONT}">' + "".join(parts) + "</svg>"
    )


def _angles(count: int, height: float) -> list[float]:
    """Return the angle of each name on the elliptic ring.

    Many names are spaced by arc length, because equal angles would crowd them at the narrow ends.
    """
    if count == 2:
        return [pi, 0.0]
    turns = [-pi / 2 + 2 * pi * i / count for i in range(count)]
    if count <= MANY:
        return turns
    fine = [-pi / 2 + 2 * pi * i / STEPS for i in range(STEPS + 1)]
    along = [0.0]
    for one, other in pairwise(_on_ring(angle, height) for angle in fine):
        along.append(along[-1] + hypot(other[0] - one[0], other[1] - one[1]))
    return [fine[bisect_left(along, along[-1] * i / count)] for i in range(count)]


def _on_ring(angle: float, height: float, factor: float = 1.0) -> Point:
    x = WIDTH / 2 + factor * cos(angle) * (WIDTH / 2 - 110)
    return x, height / 2 + factor * sin(angle) * (height / 2 - 55)


def _box(at: Point, lines: Sequence[str]) -> Box:
    half = 1.06 * max(map(text_width, lines)) * SIZE / 12 / 2 + 10
    return at[0], at[1], half, SIZE * 1.2 * len(lines) / 2 + 5


def _apart(one: Box, other: Box) -> float:
    """Return the horizontal gap between the boxes of two neighbouring names; negative if they overlap."""
    return abs(one[0] - other[0]) - one[2] - other[2]


def _inside(point: Point, box: Box, margin: float = 0.0) -> bool:
    across, down = abs(point[0] - box[0]), abs(point[1] - box[1])
    return across <= box[2] + margin and down <= box[3] + margin


def _line(source: Box, control: Point, target: Box) -> list[Point]:
    """Return points on the curve of an arrow, from the edge of one name to the edge of the next name."""
    ends = (source[0], source[1]), (target[0], target[1])
    curve = [_bezier(ends[0], control, ends[1], k / STEPS) for k in range(STEPS + 1)]
    shown = [p for p in curve if not _inside(p, source) and not _inside(p, target)]
    return shown if len(shown) > 1 else []


def _direction(line: Sequence[Point]) -> tuple[Point, Point]:
    """Return two unit vectors at the end of a line: in its direction, and perpendicular to it."""
    (x0, y0), (x1, y1) = line[-min(6, len(line))], line[-1]
    length = hypot(x1 - x0, y1 - y0) or 1.0
    along = ((x1 - x0) / length, (y1 - y0) / length)
    return along, (-along[1], along[0])


def _arrow(line: Sequence[Point]) -> list[str]:
    (x, y), (along, across) = line[-1], _direction(line)
    back = (x - 14 * along[0], y - 14 * along[1])
    path = [p for p in line if hypot(p[0] - x, p[1] - y) > 10] + [back]
    wings = [(back[0] + w * across[0], back[1] + w * across[1]) for w in (6.5, -6.5)]
    return [
        f'<polyline points="{_points(path)}" fill="none" stroke="{ACCENT}" stroke-width="2.6"/>',
        f'<polygon points="{_points([(x, y), *wings])}" fill="{ACCENT}"/>',
    ]


def _points(points: Sequence[Point]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _sign(line: Sequence[Point], sign: str, boxes: Sequence[Box], middle: float) -> list[str]:
    """Return the SVG of the sign beside an arrowhead, placed so that the sign covers no name."""
    if sign not in ("+", "-"):
        return []
    (x, y), (along, across) = line[-1], _direction(line)
    outwards = -1.0 if across[0] * (x - WIDTH / 2) + across[1] * (y - middle) < 0 else 1.0
    places = [
        (x - back * along[0] + side * across[0], y - back * along[1] + side * across[1])
        for back in (16, 26, 8)
        for side in (20 * outwards, -20 * outwards)
    ]
    free = [p for p in places if not any(_inside(p, box, SIZE * 0.45) for box in boxes)]
    at = (free or places)[0]
    return [_text(at[0], at[1], [sign.replace("-", "−")], SIZE * 1.2, ACCENT_INK, "700")]


def _bezier(start: Point, control: Point, end: Point, t: float) -> Point:
    a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t**2
    return a * start[0] + b * control[0] + c * end[0], a * start[1] + b * control[1] + c * end[1]


def _text(x: float, y: float, lines: Sequence[str], size: float, colour: str, weight: str) -> str:
    top = y - size * 1.2 * (len(lines) - 1) / 2
    return "".join(
        f'<text x="{x:.1f}" y="{top + size * 1.2 * i:.1f}" font-size="{size:.0f}" fill="{colour}" '
        f'font-weight="{weight}" text-anchor="middle" dominant-baseline="central">{escape(line)}</text>'
        for i, line in enumerate(lines)
    )
