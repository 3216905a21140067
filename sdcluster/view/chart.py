"""Data of a finding's chart, independent of how it is drawn.

Interface: arrays with labels in, `Chart` out; `sdcluster.view.svg` prints them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

Role = Literal["old", "new", "plain"]


@dataclass(frozen=True, eq=False)
class Curve:
    """A line with `x` and `y` of equal length; an ``old`` one is drawn as the accepted earlier result."""

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
    """One chart.

    Parameters
    ----------
    title : str
        A description of the chart.
    x_label, y_label : str
        Quantity and unit.
    curves : tuple of Curve
        Lines, drawn in order.
    points : tuple of Point
        The measured points.
    columns : tuple of (float, float)
        Expected ranges of x.
    rows : tuple of (float, float)
        Expected ranges of y; an end may be infinite.
    period : (float, float) or None
        The part of x that was evaluated, if not all of it.
    difference : Curve or None
        Difference between new and old, drawn in a flat second panel on the same x axis.
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
