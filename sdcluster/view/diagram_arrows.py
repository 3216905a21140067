"""The arrows of a stock-and-flow diagram: curves that avoid names and other symbols.

`course` returns the curve of an arrow between two symbols, which avoids the boxes in `Obstacles`. `arrow` draws a curve
as a fragment of SVG.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sdcluster.view.diagram_shapes import Box, Point

MOST_BOW = 90.0  # pixels by which an arrow may deviate from a straight line
# Angles in radians by which an arrow turns at its source, tried in this order, if its usual curve crosses symbols.
DETOURS = (0.0, 0.3, -0.3, 0.55, -0.55, 0.8, -0.8)
Curve = tuple[Point, Point, Point]  # start, control point, end


def _weights(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weights of start, control point and end in the points of a quadratic Bézier curve, shape (n, 3).

    `places` are the parameters of the points, from 0 at the start of the curve to 1 at its end.
    """
    return np.stack([(1 - places) ** 2, 2 * places * (1 - places), places**2]).T


_WEIGHTS = _weights(np.linspace(0.04, 0.96, 24))
_PLACES = np.linspace(0, 1, 61)
_FINE = _weights(_PLACES)


class Obstacles:
    """The boxes of symbols and names, which an arrow should not cross; each box has the key of its symbol."""

    def __init__(self, boxes: Sequence[tuple[int, Box]]) -> None:
        self.keys = np.array([key for key, _ in boxes], dtype=np.int64)
        numbers = [(b.x, b.y, b.half_width, b.half_height) for _, b in boxes]
        self.boxes = np.array(numbers, dtype=float).reshape(-1, 4)

    def crossed(self, curve: Curve, ends: tuple[int, int]) -> int:
        """Return how many boxes a curve crosses, without the boxes of the two symbols (keys `ends`) that it joins."""
        across, up = [x for x, _ in curve], [y for _, y in curve]
        x, y, half_width, half_height = self.boxes.T
        # A curve lies within the rectangle around its three points, so few boxes of a large diagram need a closer look.
        near = (
            (x + half_width > min(across))
            & (x - half_width < max(across))
            & (y + half_height > min(up))
            & (y - half_height < max(up))
            & (self.keys != ends[0])
            & (self.keys != ends[1])
        )
        boxes = self.boxes[near]
        if not len(boxes):
            return 0
        far = np.abs((_WEIGHTS @ np.array(curve))[:, None, :] - boxes[None, :, :2])
        return int((far < boxes[None, :, 2:]).all(axis=2).any(axis=0).sum())


def course(
    source: Box,
    target: Box,
    angle: float | None,
    obstacles: Obstacles | None = None,
    ends: tuple[int, int] = (0, 0),
    through: Point | None = None,
) -> Curve:
    """Return the curve of an arrow, chosen to cross few obstacles.

    Parameters
    ----------
    source, target : Box
        The symbols that the arrow joins.
    angle : float or None
        Direction of the arrow at the source as in the file, in degrees counter-clockwise. Another direction is used
        only if the arrow then crosses fewer obstacles.
    obstacles : Obstacles or None
    ends : tuple of int
        Keys of the two symbols among the obstacles.
    through : tuple of float or None
        A point in the middle of the arrow as in the file, which replaces `angle`.
    """
    wanted = 0.0
    straight = math.atan2(source.y - target.y, target.x - source.x)
    if through is not None:
        # `through` is the middle of the curve, and a quadratic curve begins in the direction of its control point.
        x, y = (
            (2 * through[0] - (source.x + target.x) / 2),
            (2 * through[1] - (source.y + target.y) / 2),
        )
        angle = math.degrees(math.atan2(source.y - y, x - source.x))
    if angle is not None:
        wanted = math.remainder(math.radians(angle) - straight, 2 * math.pi)
    best, least = _bent(source, target, wanted), math.inf
    for detour in DETOURS if obstacles else ():
        curve = _bent(source, target, detour if detour else wanted)
        count = obstacles.crossed(curve, ends) if obstacles else 0
        if count < least:
            best, least = curve, count
        if not count:
            break
    return best


def _bent(source: Box, target: Box, bend: float) -> Curve:
    dx, dy = target.x - source.x, target.y - source.y
    distance = math.hypot(dx, dy) or 1.0
    most = min(1.2, math.atan2(4 * MOST_BOW, distance))
    bend = max(-most, min(most, bend))
    reach = distance / (2 * math.cos(bend))
    direction = math.atan2(-dy, dx) + bend
    control = source.x + reach * math.cos(direction), source.y - reach * math.sin(direction)
    return source.edge(control, 2.0), control, target.edge(control, 2.0)


def arrow(curve: Curve, colour: str, width: float) -> str:
    """Return a thin curved arrow as SVG."""
    (x0, y0), control, (x1, y1) = curve
    back = math.atan2(control[1] - y1, control[0] - x1)
    wings = [
        (x1 + 7 * math.cos(back + turn), y1 + 7 * math.sin(back + turn)) for turn in (-0.4, 0.4)
    ]
    head = " ".join(f"{x:.1f},{y:.1f}" for x, y in ((x1, y1), *wings))
    return (
        f'<path d="M{x0:.1f} {y0:.1f}Q{control[0]:.1f} {control[1]:.1f} {x1:.1f} {y1:.1f}" '
        f'fill="none" stroke="{colour}" stroke-width="{width}"/>'
        f'<polygon points="{head}" fill="{colour}"/>'
    )


def shortened(curve: Curve, names: tuple[Box | None, Box | None]) -> Curve:
    """Return the part of a curve between the name of its source and the name of its target.

    If hardly anything would remain, return the whole curve.
    """
    low, high = 0.0, 1.0
    if names[0] or names[1]:
        points = _FINE @ np.array(curve)
        if names[0]:
            low = float(_PLACES[_covered(points, names[0])].max(initial=0))
        if names[1]:
            high = float(_PLACES[_covered(points, names[1])].min(initial=1))
    if not low < high - 0.2:  # too little would remain
        return curve
    (ax, ay), (bx, by), (cx, cy) = curve
    p, q, r = (1 - low) * (1 - high), low * (1 - high) + high * (1 - low), low * high
    # The control point of the part, from the curve's blossom (polar form).
    turned = p * ax + q * bx + r * cx, p * ay + q * by + r * cy
    return _along(curve, low), turned, _along(curve, high)


def _covered(points: NDArray[np.float64], box: Box, margin: float = 1.0) -> NDArray[np.bool_]:
    far = np.abs(points - np.array([box.x, box.y]))
    return (far <= np.array([box.half_width + margin, box.half_height + margin])).all(axis=1)


def _along(curve: Curve, t: float) -> Point:
    (x0, y0), (x1, y1), (x2, y2) = curve
    a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t**2
    return a * x0 + b * x1 + c * x2, a * y0 + b * y1 + c * y2
