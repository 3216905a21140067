"""The data of a chart on a page, independent of how the chart is drawn.

A `Chart` is created from arrays with labels. `sdcluster.view.svg` draws it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

Role = Literal["old", "new", "plain"]


@dataclass(frozen=True, eq=False)
class Curve:
    """A line through the points with coordinates `x` and `y`, arrays of equal length.

    The role determines the style: ``"old"`` for an accepted earlier result, ``"new"`` for the result compared with it.
    """

    label: str
    x: np.ndarray
    y: np.ndarray
    role: Role = "plain"


@dataclass(frozen=True)
class Point:
    """A measured point with a marker and a label."""

    x: float
    y: float
    label: str = ""


@dataclass(frozen=True, eq=False)
class Chart:
    """The data of one chart.

    Parameters
    ----------
    title : str
        Title of the chart.
    x_label, y_label : str
        Quantity and unit.
    curves : tuple of Curve
        Lines, drawn in order.
    points : tuple of Point
        The measured points.
    columns : tuple of (float, float)
        Expected ranges of x, drawn as vertical bands.
    rows : tuple of (float, float)
        Expected ranges of y, drawn as horizontal bands; an end may be infinite.
    period : (float, float) or None
        The interval of x that was evaluated; None for the whole axis.
    difference : Curve or None
        Difference between the new and the old curve, drawn in a flat second panel with the same x axis.
    """

    title: str
    x_label: str
    y_label: str
    curves: tuple[Curve, ...]
    points: tuple[Point, ...] = ()
    columns: tuple[tuple[float, float], ...] = ()
    rows: tuple[tuple[float, float], ...] = ()
    period: tuple[float, float] | None = None
    difference: Curve | None = None
