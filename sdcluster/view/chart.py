"""The content of a finding's chart, before anything is drawn.

Crosses the border: arrays with labels in, `Chart` out; `sdcluster.view.svg` prints them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

Role = Literal["old", "new", "plain"]


@dataclass(frozen=True, eq=False)
class Curve:
    """A line: `x` and `y` of one length; ``old`` is drawn as the ghost of what was accepted."""

    label: str
    x: np.ndarray
    y: np.ndarray
    role: Role = "plain"


@dataclass(frozen=True)
class Point:
    """A measured point worth a marker and a few words."""

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
        The measured quantity.
    columns : tuple of (float, float)
        Ranges of x in which something was expected.
    rows : tuple of (float, float)
        Ranges of y in which something was expected; an end may be infinite.
    period : (float, float) or None
        The part of x that was looked at, where that is not all of it.
    difference : Curve or None
        A second, flat panel below on the same x: how far new and old are apart.
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
