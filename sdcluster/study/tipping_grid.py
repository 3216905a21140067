"""Evaluates a function on a grid of one or two axes that is fine only where values differ, and finds level lines.

`refine` takes a function of nodes and returns a `Refined` grid; `level_lines` returns the lines of a level.
The code is short, uses no random numbers and adds in a fixed order, so that a program in another language can repeat it
with the same result.

Levels divide the values into modes. The mode of a node is the number of levels that its value reaches, or -1 if its run
fails. The nodes along each axis have the numbers 0 … n, with n = `COARSE` × 2^k; for a single axis k = 0, and all
nodes are coarse. The algorithm:

1. Evaluate the coarse nodes: those whose numbers are multiples of s = 2^k. From their values alone, compute the range
   (maximum minus minimum) and, if no level is given, the level that best separates high from low values
   (`natural_level`).
2. For each side s = 2^k, 2^(k-1), …, 2, consider all squares of this side whose corners have multiples of s as
   numbers. If the known nodes in a square, corners and edges included, differ, then all nodes in it whose numbers are
   multiples of s/2 are needed. Nodes differ if their modes are not the same, or if their values differ by more than
   `tolerance` times the range.
3. Evaluate the needed nodes that are not known yet. Repeat from 2 until all needed nodes are known.
4. Fill in the other nodes, from the largest squares to the smallest: the middle of an edge gets the mean of its ends,
   the centre of a square the mean of its four corners.

A feature that is smaller than a coarse square may be missed, if no coarse node lies in it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

FAILED = -1
COARSE = 8
BATCH = 128  # nodes; after an interrupt, all but the last batch are kept
TOLERANCE = 0.1
Values = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Refined:
    """Values on a grid.

    Parameters
    ----------
    values : ndarray, one or two axes of length n + 1
        NaN where the function has no value.
    evaluated : ndarray of bool, shape of `values`
        True where the function was evaluated; the other values are interpolated.
    levels : tuple of float
        Ascending.
    span : float
        Range of the values at the coarse nodes.
    complete : bool
        Whether all needed nodes were evaluated; False after an interrupt.
    """

    values: np.ndarray
    evaluated: np.ndarray
    levels: tuple[float, ...]
    span: float
    complete: bool = True

    @property
    def modes(self) -> np.ndarray:
        """The mode of each node, of the same shape as `values`."""
        return modes_of(self.values, self.levels)


def modes_of(values: np.ndarray, levels: Sequence[float]) -> np.ndarray:
    """Return the number of levels that each value reaches; `FAILED` for NaN."""
    reached = np.zeros(np.shape(values), dtype=int)
    for level in levels:
        reached += np.asarray(values) >= level
    return np.where(np.isnan(values), FAILED, reached)


def cells_of(resolution: int, axes: int) -> tuple[int, int]:
    """Return the number of cells along an axis, at least `resolution`, and the side of a coarse square.

    Along a single axis, the side is 1, because there are few nodes.
    """
    side = 1
    while COARSE * side < resolution:
        side *= 2
    return COARSE * side, side if axes > 1 else 1


def natural_level(values: np.ndarray) -> tuple[float, float]:
    """Return the level that best separates values into two groups, and the share of variance that it explains.

    This is the threshold of N. Otsu, "A threshold selection method from gray-level histograms", IEEE Trans. SMC 9
    (1979), applied to the sorted values instead of a histogram. The level lies in the middle between two neighbouring
    values. The share is 1 if there are only two different values, and 0.75 for evenly spread values. If all values are
    equal, the level is NaN and the share 0.
    """
    known = np.sort(values[np.isfinite(values)].ravel())
    if not known.size or known[-1] - known[0] <= 1e-9 * max(abs(known[0]), abs(known[-1])):
        return np.nan, 0.0
    moved = known - known[0]
    count = np.arange(1, len(moved))
    sums = np.cumsum(moved)
    below, whole = sums[:-1], sums[-1]
    rest = len(moved) - count
    between = count * rest * (below / count - (whole - below) / rest) ** 2
    between[np.diff(moved) <= 0] = -1.0  # a level does not separate equal values
    at = int(np.argmax(between))
    squares = np.cumsum(moved * moved)[-1] - whole * whole / len(moved)
    return float(0.5 * (known[at] + known[at + 1])), float(between[at] / len(moved) / squares)


def refine(
    evaluate: Values,
    axes: int,
    resolution: int,
    *,
    levels: Sequence[float] | None = None,
    span: float | None = None,
    tolerance: float = TOLERANCE,
    known: np.ndarray | None = None,
    report: Callable[[int], None] = lambda done: None,
) -> Refined:
    """Evaluate a function on a grid that is fine only where values differ; see the module docstring.

    Parameters
    ----------
    evaluate : callable
        Takes indices of nodes, an array of int of shape (m, axes); returns the values there, shape (m,).
    axes : {1, 2}
    resolution : int
        Number of cells along each axis, rounded up to the form `COARSE` × 2^k.
    levels : sequence of float, optional
        Levels that separate the modes; by default the one level that best separates the coarse values.
    span : float, optional
        The range to which `tolerance` is relative; by default the range of the coarse values.
    tolerance : float
        Neighbours of the same mode differ if their values differ by more than this share of the range.
    known : ndarray, optional
        Values at all nodes from an earlier evaluation; NaN where they are not known.
    report : callable
        Called after each round with the number of known nodes.
    """
    n, side = cells_of(resolution, axes)
    shape = (n + 1,) * axes
    values = np.full(shape, np.nan)
    evaluated = np.zeros(shape, dtype=bool)

    def learn(needed: np.ndarray) -> None:
        fresh = needed & ~evaluated
        if known is not None:
            old = fresh & ~np.isnan(known)
            values[old], evaluated[old] = known[old], True
            fresh &= ~old
        nodes = np.argwhere(fresh)
        for first in range(0, len(nodes), BATCH):
            batch = nodes[first : first + BATCH]
            values[tuple(batch.T)] = evaluate(batch)
            evaluated[tuple(batch.T)] = True
            report(int(evaluated.sum()))
        report(int(evaluated.sum()))

    complete = True
    try:
        learn(_multiples(shape, side))
    except KeyboardInterrupt:
        if not evaluated.any():
            raise
        complete = False
    coarse = values[evaluated]
    finite = coarse[np.isfinite(coarse)]
    if span is None:
        span = float(np.ptp(finite)) if finite.size else 0.0
    if levels is None:
        level, _ = natural_level(coarse)
        levels = () if np.isnan(level) else (level,)
    chosen = tuple(sorted(float(level) for level in levels))
    try:
        while complete:
            needed = _needed(values, evaluated, chosen, span * tolerance, side)
            if not needed.any():
                break
            learn(needed)
    except KeyboardInterrupt:  # the known nodes already give a coarser map
        complete = False
    return Refined(_filled(values, evaluated, side), evaluated, chosen, span, complete)


def _multiples(shape: tuple[int, ...], step: int) -> np.ndarray:
    chosen = np.zeros(shape, dtype=bool)
    chosen[(slice(None, None, step),) * len(shape)] = True
    return chosen


def _needed(
    values: np.ndarray, evaluated: np.ndarray, levels: Sequence[float], apart: float, side: int
) -> np.ndarray:
    """Return the indices of the needed nodes that are not evaluated yet."""
    modes = modes_of(values, levels).astype(float)
    modes[~evaluated] = np.nan
    needed = np.zeros(values.shape, dtype=bool)
    axes = values.ndim
    sides = []
    while side > 1:
        sides.append(side)
        side //= 2
    for s in sides:
        differ = _ranges(modes, s) > 0
        differ |= _ranges(values, s) > apart
        half = s // 2
        for offset in product((0, half, s), repeat=axes):
            where = tuple(slice(o, o + s * m, s) for o, m in zip(offset, differ.shape, strict=True))
            needed[where] |= differ
    return needed & ~evaluated


def _ranges(values: np.ndarray, side: int) -> np.ndarray:
    """Return the range of the known values in each square of a given side, edges included; 0 if none is known."""
    windows = sliding_window_view(values, (side + 1,) * values.ndim)
    chosen = windows[(slice(None, None, side),) * values.ndim]
    flat = chosen.reshape(*chosen.shape[: values.ndim], -1)
    missing = np.isnan(flat)
    low = np.where(missing, np.inf, flat).min(axis=-1)
    high = np.where(missing, -np.inf, flat).max(axis=-1)
    return np.where(high >= low, high - low, 0.0)


def _filled(values: np.ndarray, evaluated: np.ndarray, side: int) -> np.ndarray:
    """Return all values, after interpolating those at nodes that were not evaluated."""
    found, axes, n = values.copy(), values.ndim, values.shape[0] - 1
    while side > 1:
        half, m = side // 2, n // side
        for offset in product((0, 1), repeat=axes):
            if not any(offset):
                continue
            where = tuple(slice(half, None, side) if o else slice(None, None, side) for o in offset)
            ends = [((0, m), (1, m + 1)) if o else ((0, m + 1),) for o in offset]
            corners = found[(slice(None, None, side),) * axes]
            parts = [corners[tuple(slice(*e) for e in chosen)] for chosen in product(*ends)]
            mean = sum(parts[1:], parts[0].copy()) / len(parts)
            found[where] = np.where(evaluated[where], found[where], mean)
        side = half
    return found


def level_lines(values: np.ndarray, level: float) -> np.ndarray:
    """Return where values on a grid cross a level, as short lines.

    The lines are found cell by cell (marching squares). The value is linear along an edge of the cell, and a straight
    line joins two points at which it equals the level. If all four edges have such a point, the mean of the corners
    decides which points are joined.

    Parameters
    ----------
    values : ndarray, shape (n + 1, m + 1)
        Cells with NaN have no line.
    level : float

    Returns
    -------
    ndarray, shape (lines, 2, 2)
        The two ends of each line, each with its coordinates on the two axes, in units of the grid.
    """
    lines: list[tuple[tuple[float, float], tuple[float, float]]] = []
    above = values >= level
    corners = ((0, 0), (1, 0), (1, 1), (0, 1))
    mixed = np.zeros(tuple(k - 1 for k in values.shape), dtype=bool)
    for i, j in corners[1:]:
        mixed |= above[i : i + mixed.shape[0], j : j + mixed.shape[1]] != above[:-1, :-1]
    for i, j in np.argwhere(mixed).tolist():
        v = [float(values[i + a, j + b]) for a, b in corners]
        if any(np.isnan(v)):
            continue
        up = [x >= level for x in v]
        crossed: list[tuple[float, float]] = []
        for e in range(4):
            a, b = corners[e], corners[(e + 1) % 4]
            if up[e] != up[(e + 1) % 4]:
                share = (level - v[e]) / (v[(e + 1) % 4] - v[e])
                crossed.append((i + a[0] + share * (b[0] - a[0]), j + a[1] + share * (b[1] - a[1])))
        if len(crossed) == 4 and (sum(v) / 4 >= level) != up[0]:
            crossed = crossed[1:] + crossed[:1]  # the corners 1 and 3 are connected
        lines += [(crossed[k], crossed[k + 1]) for k in range(0, len(crossed), 2)]
    return np.array(lines, dtype=float).reshape(len(lines), 2, 2)
