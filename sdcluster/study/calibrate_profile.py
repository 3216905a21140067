"""Profiles of a calibration: how far each constant can go while the others make up for it.

Crosses the border: a `Problem` and the ends of its searches in; profiles as lists of ends, and firm directions, out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from sdcluster.study.calibrate_problem import End, Problem

SAME = 0.02  # optima nearer than this in all constants, as shares of the ranges, are one
HALVINGS = 9
RANK_TOLERANCE = 1e-4


def distinct(ends: Sequence[End]) -> list[End]:
    """Return the ends that are different places, the best first as they come."""
    kept: list[End] = []
    for end in ends:
        if all(np.max(np.abs(end[0] - other[0])) > SAME for other in kept):
            kept.append(end)
    return kept


def seeds(ends: Sequence[End], margin: float) -> list[np.ndarray]:
    """Return places to start a profile from: the best, and others that fit as well."""
    best = min(ends, key=lambda end: end[1])
    others = distinct([end for end in ends if end[1] <= best[1] + margin])
    return [best[0], *(x for x, _ in others if x is not best[0])][:40]


def profile(
    problem: Problem, i: int, seeds: Sequence[np.ndarray], margin: float, points: int
) -> list[End]:
    """Walk outward from the best fit, then halve the step where the profile crosses the threshold.

    Parameters
    ----------
    problem : Problem
    i : int
        Number of the constant that is held at each step.
    seeds : sequence of ndarray, shape (number of constants,)
        Places of the unit cube to search from, the best fit first.
    margin : float
        Chi square above the least one at which the threshold lies.
    points : int
        Of the grid from 0 to 1.

    Returns
    -------
    list of End
        Where each search ended, in the order of searching.
    """
    best = problem.search(seeds[0], i)
    limit = best[1] + margin

    def at(value: float, near: np.ndarray) -> End:
        closest = min(seeds, key=lambda x: abs(x[i] - value))
        tries = []
        for start in (near, closest):
            x = start.copy()
            x[i] = value
            tries.append(problem.search(x, i))
            if tries[-1][1] <= best[1] + 0.01 * margin:
                break
        return min(tries, key=lambda end: end[1])

    found = [best]
    grid = np.linspace(0, 1, points)
    for side in (grid[grid > best[0][i]], grid[grid < best[0][i]][::-1]):
        inside, outside, near = best, None, best
        for value in side:
            near = at(float(value), near[0])
            found.append(near)
            if near[1] <= limit:
                inside, outside = near, None
            elif outside is None:
                outside = near
        for _ in range(HALVINGS if outside is not None else 0):
            assert outside is not None
            middle = at(float(inside[0][i] + outside[0][i]) / 2, inside[0])
            found.append(middle)
            inside, outside = (middle, outside) if middle[1] <= limit else (inside, middle)
    return found


def directions(problem: Problem, x: np.ndarray) -> tuple[list[float], np.ndarray, int]:
    """Return which combinations of constants the data hold at a place of the unit cube, the firmest first.

    Returns
    -------
    deviations : list of float
        Of each combination, as a share of the constants' ranges; infinite beyond the rank.
    weights : ndarray, shape (number of constants, number of constants)
        A row for each combination.
    rank : int
        Of the Jacobian of the residuals.
    """
    steps = 1e-4 * np.eye(len(x))
    ahead, behind = np.minimum(x + steps, 1.0), np.maximum(x - steps, 0.0)
    found = problem.residuals_at(problem.constants(np.concatenate([ahead, behind])))
    apart = np.diag(ahead) - np.diag(behind)
    jacobian = ((found[: len(x)] - found[len(x) :]) / apart[:, np.newaxis]).T
    _, sizes, rows = np.linalg.svd(jacobian)
    sizes = np.concatenate([sizes, np.zeros(len(x) - len(sizes))]) if len(sizes) < len(x) else sizes
    rank = int(np.sum(sizes > RANK_TOLERANCE * sizes[0])) if sizes[0] > 0 else 0
    deviations = [1 / float(s) if k < rank else math.inf for k, s in enumerate(sizes)]
    return deviations, rows, rank
