"""Profiles of a calibration: how far each constant can move while the other constants are fitted again.

`profiles` takes a `Problem` and the end points of its searches, and returns the profile of each constant; `directions`
returns the combinations of constants that the data determine.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from sdcluster.study.calibrate_problem import End, Problem
from sdcluster.study.side_by_side import Ask, side_by_side

SAME = 0.02  # optima count as one if no constant differs by more than this share of its range
HALVINGS = 9
ROUNDS = 3  # the most walks in one direction
NEAREST = 3  # sets that fit from which the point beyond the end of a profile is searched again
EDGE = 1e-6  # a constant within this share of its range from the end counts as at the end
RANK_TOLERANCE = 1e-4


def distinct(ends: Sequence[End]) -> list[End]:
    """Return the end points without duplicates, in the given order (best first)."""
    kept: list[End] = []
    for end in ends:
        if all(np.max(np.abs(end[0] - other[0])) > SAME for other in kept):
            kept.append(end)
    return kept


def seeds(ends: Sequence[End], margin: float) -> list[np.ndarray]:
    """Return starting points for the profiles: the best end point, and other end points that also fit the data."""
    best = min(ends, key=lambda end: end[1])
    others = distinct([end for end in ends if end[1] <= best[1] + margin])
    return [best[0], *(x for x, _ in others if x is not best[0])][:40]


def profiles(
    problem: Problem, ends: Sequence[End], margin: float, points: int, done: Callable[[int], None]
) -> tuple[list[list[End]], list[End]]:
    """Walk outward from the best fit along each constant, then halve the step where its profile crosses the threshold.

    All walks advance together. The walk along one constant may find a set of constants that fits the data and in which
    a second constant lies further out than the second constant's own walk has reached. This walk is then repeated from
    that set.

    Parameters
    ----------
    problem : Problem
    ends : sequence of End
        End points of the earlier searches.
    margin : float
        How far the threshold lies above the minimum of chi square.
    points : int
        Number of grid points from 0 to 1.
    done : callable
        Called with the number of constants whose first walks have ended.

    Returns
    -------
    profiles : list of list of End
        The profile of each constant, one end point per value.
    met : list of End
        End points of all searches.
    """
    starts, size = seeds(ends, margin), len(problem.names)
    bests = side_by_side(
        problem.rows, [partial(_held, problem, x=starts[0], i=i) for i in range(size)]
    )
    found = [[best] for best in bests]
    sides = [_Side(i, up, bests[i]) for i in range(size) for up in (True, False)]
    met = list(bests)
    for again in range(ROUNDS):
        least = min(chi for _, chi in [*ends, *met])
        walk = _Walk(problem, starts, bests, least + margin, margin, np.linspace(0, 1, points))
        report = done if not again else lambda number: None
        walked = side_by_side(
            problem.rows,
            [partial(walk.along, side=side) for side in sides],
            lambda number, report=report: report(number // 2),  # type: ignore[misc]
        )
        for side, new in zip(sides, walked, strict=True):
            met += new
            found[side.i] = _joined(found[side.i], new, side)
        met += _tried_beyond(problem, [*ends, *met], found, margin)
        everything = [*ends, *met]
        limit = min(chi for _, chi in everything) + margin
        within = [end for end in everything if end[1] <= limit]
        ways = [
            _open(i, up, within, found[i], limit, points)
            for i in range(size)
            for up in (True, False)
        ]
        sides = [side for side in ways if side is not None]
        if not sides:
            break
    return found, met


@dataclass(frozen=True)
class _Side:
    """One walk: the constant, its direction (down or up), and the end point that fits and from which it starts."""

    i: int
    up: bool
    begin: End

    def beyond(self, value: float) -> bool:
        here = float(self.begin[0][self.i])
        return value > here if self.up else value < here


@dataclass(frozen=True)
class _Walk:
    """Data shared by all walks: starting points, the best fit of each constant's profile, and the threshold."""

    problem: Problem
    seeds: Sequence[np.ndarray]
    bests: Sequence[End]
    limit: float
    margin: float
    grid: np.ndarray

    def along(self, ask: Ask, side: _Side) -> list[End]:
        """Return the end points of the searches along this direction, in order."""
        i, found = side.i, []
        inside, outside, near = side.begin, None, side.begin
        for value in self.grid if side.up else self.grid[::-1]:
            if not side.beyond(value):
                continue
            near = self._at(ask, i, float(value), near[0])
            found.append(near)
            if near[1] <= self.limit:
                inside, outside = near, None
            elif outside is None:
                outside = near
        for _ in range(HALVINGS if outside is not None else 0):
            assert outside is not None
            middle = self._at(ask, i, float(inside[0][i] + outside[0][i]) / 2, inside[0])
            found.append(middle)
            inside, outside = (middle, outside) if middle[1] <= self.limit else (inside, middle)
        return found

    def _at(self, ask: Ask, i: int, value: float, near: np.ndarray) -> End:
        closest = min(self.seeds, key=lambda x: abs(x[i] - value))
        tries = []
        for start in (near, closest):
            x = start.copy()
            x[i] = value
            tries.append(_held(self.problem, ask, x, i))
            if tries[-1][1] <= self.bests[i][1] + 0.01 * self.margin:
                break
        return min(tries, key=lambda end: end[1])


def _tried_beyond(
    problem: Problem, ends: Sequence[End], found: Sequence[Sequence[End]], margin: float
) -> list[End]:
    """Search again at the first point of each profile above the threshold, from nearby sets that fit the data.

    Returns the end points of these searches.
    """
    limit = min(chi for _, chi in ends) + margin
    within = [end for end in ends if end[1] <= limit]
    fitting, works = seeds(ends, margin), []
    for i, profile in enumerate(found):
        for up in (True, False):
            side = _outermost(i, up, within)
            values = [float(x[i]) for x, chi in profile if chi > limit and side.beyond(x[i])]
            if not values:
                continue
            first = min(values) if up else max(values)
            for start in sorted(fitting, key=lambda x: abs(x[i] - first))[:NEAREST]:
                x = start.copy()
                x[i] = first
                works.append(partial(_held, problem, x=x, i=i))
    return side_by_side(problem.rows, works)


def _held(problem: Problem, ask: Ask, x: np.ndarray, i: int) -> End:
    return problem.search(x, i, ask)


def _joined(before: Sequence[End], new: Sequence[End], side: _Side) -> list[End]:
    """Return a profile after merging a walk into it.

    Points of the old profile along the walk are left out if the walk did not evaluate them. At all other points, the
    lower value of chi square counts.
    """
    values = {float(x[side.i]) for x, _ in new}
    own = [end for end in before
           if not side.beyond(float(end[0][side.i])) or float(end[0][side.i]) in values]  # fmt: skip
    kept: dict[float, End] = {}
    for end in (*own, *new):
        known = kept.setdefault(float(end[0][side.i]), end)
        if end[1] < known[1]:
            kept[float(end[0][side.i])] = end
    return list(kept.values())


def _outermost(i: int, up: bool, within: Sequence[End]) -> _Side:
    return _Side(i, up, max(within, key=lambda end: float(end[0][i]) * (1 if up else -1)))


def _open(
    i: int, up: bool, within: Sequence[End], profile: Sequence[End], limit: float, points: int
) -> _Side | None:
    """Return the walk again if its profile stops at the outermost set that fits the data; otherwise None.

    A profile that has a value above the threshold just beyond this set is complete.
    """
    side = _outermost(i, up, within)
    here = float(side.begin[0][i])
    if (1 - here if up else here) < EDGE:
        return None
    outside = [abs(float(x[i]) - here) for x, chi in profile if chi > limit and side.beyond(x[i])]
    step = 1 / (points - 1)
    return None if outside and min(outside) < 2 * step / 2**HALVINGS else side


def directions(problem: Problem, x: np.ndarray) -> tuple[list[float], np.ndarray, int]:
    """Return the combinations of constants that the data determine at a point, best determined first.

    Returns
    -------
    deviations : list of float
        Standard deviation of each combination, as a fraction of the constants' ranges; infinite for combinations that
        the data do not determine.
    weights : ndarray, shape (number of constants, number of constants)
        A row for each combination, with the weight of each constant.
    rank : int
        Rank of the Jacobian of the residuals.
    """
    steps = 1e-4 * np.eye(len(x))
    ahead, behind = np.minimum(x + steps, 1.0), np.maximum(x - steps, 0.0)
    found = problem.rows(np.concatenate([ahead, behind]))
    apart = np.diag(ahead) - np.diag(behind)
    jacobian = ((found[: len(x)] - found[len(x) :]) / apart[:, np.newaxis]).T
    _, sizes, rows = np.linalg.svd(jacobian)
    sizes = np.concatenate([sizes, np.zeros(len(x) - len(sizes))]) if len(sizes) < len(x) else sizes
    rank = int(np.sum(sizes > RANK_TOLERANCE * sizes[0])) if sizes[0] > 0 else 0
    deviations = [1 / float(s) if k < rank else math.inf for k, s in enumerate(sizes)]
    return deviations, rows, rank
