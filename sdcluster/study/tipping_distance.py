"""The distance from a setting to the value at which the mode of a run (its kind of end state) changes.

`changes_along` and `changes_between` return settings, `nearest_on` the nearest point of a boundary.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from sdcluster.study.tipping_grid import FAILED, modes_of
from sdcluster.study.tipping_sides import Sides, crossed, reach

SECTIONS = 8  # the number of points inside an interval that are run together in each round
PRECISION = 1e-5  # the search stops at this share of the range

Values = Callable[[np.ndarray], np.ndarray]
Stretch = tuple[int, int, float, float]  # axis, side, end of one mode, end of another


def changes_along(
    values: Values,
    present: np.ndarray,
    lines: Sequence[np.ndarray],
    levels: Sequence[float],
    span: float,
) -> tuple[np.ndarray, list[list[str]], np.ndarray]:
    """Return where and how the mode first changes if one setting alone goes down or up, and where runs fail before.

    Parameters
    ----------
    values : callable
        Takes settings, shape (m, axes); returns the measure at each, shape (m,).
    present : ndarray, shape (axes,)
        The present setting, from which the search starts.
    lines : sequence of ndarray
        For each axis the settings, ascending, at which the model runs first. If the mode changes between two of them,
        the interval is repeatedly divided into nine parts, until the position is known to `PRECISION` of the whole
        line.
    levels : sequence of float
        Levels of the measure that separate the modes.
    span : float
        The range of the measure.

    Returns
    -------
    at : ndarray, shape (axes, 2)
        Below and above the present setting, in the unit of the setting. NaN if the mode does not change, or if runs
        fail before it does.
    kinds : list of list of str
        The `Sides.kind` of each change; ``""`` without one.
    fails : ndarray, shape (axes, 2, 2)
        The last setting with a value and the first without, if runs fail before the mode changes; otherwise NaN.
    """
    present_value = values(present[np.newaxis])
    own = modes_of(present_value, levels)[0]
    found = np.full((len(lines), 2), np.nan)
    kinds = [["", ""] for _ in lines]
    fails = np.full((len(lines), 2, 2), np.nan)
    stretches: list[Stretch] = []
    across: list[Sides] = []
    for axis, line in enumerate(lines):
        here = float(present[axis])
        measured = values(_along(present, axis, line))
        for side, order in ((0, slice(None, None, -1)), (1, slice(None))):
            ordered = line[order]
            beyond, behind = (ordered < here, ordered > here)[:: 1 - 2 * side]
            parts = (measured[order][behind], present_value, measured[order][beyond])
            way, start = np.concatenate(parts), len(parts[0])
            modes = modes_of(way, levels)
            ahead, reached = ordered[beyond], modes[start + 1 :]
            other = np.flatnonzero(reached != own)
            if not len(other):
                continue
            first = int(other[0])
            before = here if first == 0 else float(ahead[first - 1])
            if reached[first] == FAILED:  # failed runs have no mode
                fails[axis, side] = before, ahead[first]
                continue
            stretches.append((axis, side, before, float(ahead[first])))
            far = reach(len(line) - 1)
            across.append(crossed(way, modes, start + first, far, span))
    places = _narrowed(values, present, lines, levels, stretches)
    jumps = _jumps(values, present, lines, stretches, places)
    for (axis, side, _, _), at, sides, jump in zip(stretches, places, across, jumps, strict=True):
        found[axis, side] = at
        kinds[axis][side] = (
            replace(sides, jump=jump / span) if span > 0 and np.isfinite(jump) else sides
        ).kind
    return found, kinds, fails


def _jumps(
    values: Values,
    present: np.ndarray,
    lines: Sequence[np.ndarray],
    stretches: Sequence[Stretch],
    places: Sequence[float],
) -> list[float]:
    """Return how much the measure changes over one cell with each place in its middle.

    Between two nodes, the change of a steep slope would depend on where between them it lies.
    """
    if not stretches:
        return []
    points = []
    for (axis, _, _, _), at in zip(stretches, places, strict=True):
        line = lines[axis]
        cell = float(line[1] - line[0])
        ends = np.clip(np.array([at - 0.5 * cell, at + 0.5 * cell]), line[0], line[-1])
        points.append(_along(present, axis, ends))
    found: list[float] = np.abs(
        np.diff(values(np.concatenate(points)).reshape(-1, 2))[:, 0]
    ).tolist()
    return found


def changes_between(values: Values, line: np.ndarray, levels: Sequence[float]) -> np.ndarray:
    """Return all settings at which the mode changes along a single axis, shape (changes,)."""
    modes = modes_of(values(line[:, np.newaxis]), levels)
    sound = (modes[1:] != FAILED) & (modes[:-1] != FAILED)
    at = np.flatnonzero((modes[1:] != modes[:-1]) & sound).tolist()
    stretches = [(0, 1, float(line[i]), float(line[i + 1])) for i in at]
    return np.array(_narrowed(values, np.zeros(1), [line], levels, stretches))


def _narrowed(
    values: Values,
    present: np.ndarray,
    lines: Sequence[np.ndarray],
    levels: Sequence[float],
    stretches: Sequence[Stretch],
) -> list[float]:
    """Narrow all intervals in which the mode changes, in common batches of runs, and return their middles."""
    if not stretches:
        return []
    now = list(stretches)
    begins = [_along(present, axis, np.array([begin])) for axis, _, begin, _ in now]
    own = modes_of(values(np.concatenate(begins)), levels)
    while wide := [i for i, s in enumerate(now) if not _narrow(s, lines[s[0]])]:
        places = [np.linspace(*now[i][2:], SECTIONS + 2) for i in wide]
        parts = zip(wide, places, strict=True)
        points = np.concatenate([_along(present, now[i][0], p[1:-1]) for i, p in parts])
        modes = modes_of(values(points), levels).reshape(len(wide), SECTIONS)
        for i, place, mine in zip(wide, places, modes, strict=True):
            first = int(np.argmax(np.append(mine != own[i], True)))
            now[i] = (*now[i][:2], float(place[first]), float(place[first + 1]))
    return [0.5 * (a + b) for _, _, a, b in now]


def _narrow(stretch: Stretch, line: np.ndarray) -> bool:
    return abs(stretch[3] - stretch[2]) <= PRECISION * abs(float(line[-1] - line[0]))


def _along(present: np.ndarray, axis: int, line: np.ndarray) -> np.ndarray:
    """Return copies of the point `present` with the values of `line` on one axis, shape (len(line), axes)."""
    points = np.tile(present, (len(line), 1))
    points[:, axis] = line
    return points


def nearest_on(lines: np.ndarray, present: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Return the point on any of the segments that is nearest to a point, after dividing each axis by its scale.

    Without segments the result is NaN.

    Parameters
    ----------
    lines : ndarray, shape (n, 2, axes)
    present, scale : ndarray, shape (axes,)
    """
    if not len(lines):
        return np.full(len(present), np.nan)
    a, b, p = lines[:, 0] / scale, lines[:, 1] / scale, present / scale
    along = b - a
    length = (along * along).sum(axis=1)
    share = ((p - a) * along).sum(axis=1) / np.where(length > 0, length, 1.0)
    feet = a + np.clip(share, 0, 1)[:, np.newaxis] * along
    at = int(np.argmin(((feet - p) ** 2).sum(axis=1)))
    found: np.ndarray = feet[at] * scale
    return found
