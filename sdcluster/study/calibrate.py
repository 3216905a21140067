"""Calibration: fits constants to measured values and reports which constants the data determine.

`calibrate` takes a `Model`, `Target` values and names of constants, and returns a `Calibration`. This contains the best
fit, the fits from all starts, the rank of the Jacobian and a profile likelihood for each constant.

With residuals r = (model - value) / uncertainty, chi square is the sum of r². The profile of a constant is the minimum
of chi square over all other constants, as a function of this constant. The constant's 95 % interval contains the values
whose profile is at most 3.84 above the overall minimum. This number is the 95 % quantile of the chi-square distribution
with one degree of freedom (Raue et al. 2009, Bioinformatics 25, section 2.3).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.model import Model
from sdcluster.model.elements import one
from sdcluster.project.target import Target
from sdcluster.study.calibrate_problem import UNRUNNABLE, End, Problem
from sdcluster.study.calibrate_profile import EDGE, directions, distinct, profiles
from sdcluster.study.side_by_side import side_by_side

if TYPE_CHECKING:
    from sdcluster.project.scenario import Scenario

PINNED, ONE_SIDE, OPEN = "pinned", "bounded on one side", "not pinned down"
Progress = Callable[[str, int, int], None]

__all__ = [
    "ONE_SIDE",
    "OPEN",
    "PINNED",
    "Calibration",
    "Combination",
    "Fit",
    "Profile",
    "Target",
    "calibrate",
]


@dataclass(frozen=True)
class Fit:
    """The end point of one search: the values of the constants, in their units, and chi square there."""

    values: tuple[float, ...]
    chi_square: float


@dataclass(frozen=True)
class Combination:
    """A linear combination of constants, and how precisely the data determine it.

    Parameters
    ----------
    deviation : float
        Standard deviation of the combination, as a fraction of the ranges; infinite if the data do not constrain it.
    weights : tuple of float
        The weight of each constant, which is measured in units of its range.
    """

    deviation: float
    weights: tuple[float, ...]


@dataclass(frozen=True)
class Profile:
    """The estimate of one constant from the data.

    Parameters
    ----------
    name, units : str
    best, minimum, maximum : float
        Value at the best fit, and the ends of the range that was searched.
    low, high : float
        Ends of the 95 % interval; if the data set no bound on one side, the end of the range.
    verdict : str
        ``"pinned"``, ``"bounded on one side"`` or ``"not pinned down"``.
    grid, chi_square : ndarray, shape (n,)
    """

    name: str
    units: str
    best: float
    minimum: float
    maximum: float
    low: float
    high: float
    verdict: str
    grid: np.ndarray
    chi_square: np.ndarray


@dataclass(frozen=True)
class Calibration:
    """The result of a calibration.

    Parameters
    ----------
    parameters : tuple of str
    targets : tuple of Target
    fits : tuple of Fit
        End points of all searches, best first.
    optima : tuple of Fit
        End points of searches that fit the data (chi square up to `threshold`), without duplicates.
    accepted : tuple of Fit
        All sets of constants found to fit the data, by the searches or by the profiles.
    rank : int
        Rank of the Jacobian of the residuals at the best fit.
    combinations : tuple of Combination
        Combinations of constants, the best-determined one first.
    profiles : tuple of Profile
    threshold : float
        Chi square up to which a set is accepted.
    """

    parameters: tuple[str, ...]
    targets: tuple[Target, ...]
    fits: tuple[Fit, ...]
    optima: tuple[Fit, ...]
    accepted: tuple[Fit, ...]
    rank: int
    combinations: tuple[Combination, ...]
    profiles: tuple[Profile, ...]
    threshold: float


def calibrate(
    model: Model,
    targets: Sequence[Target],
    parameters: Sequence[str],
    *,
    scenario: Scenario | str | None = None,
    settings: Mapping[str, float] | None = None,
    starts: int = 40,
    points: int = 17,
    seed: int = 0,
    backend: str = "auto",
    progress: Progress | None = None,
) -> Calibration:
    """Fit constants to measured values and report which constants the data determine.

    Parameters
    ----------
    model : Model
    targets : sequence of Target
    parameters : sequence of str
        Constants with a range; the search stays inside it.
    scenario, settings
        Scenario and settings of the runs; the fitted parameters override the scenario.
    starts, points : int
        Number of searches, which start from the points of a Latin hypercube; number of grid points of each profile.
    seed : int
        Seed of the random numbers; the same seed gives the same result.
    backend : str
        As for `Simulator`.
    progress : callable, optional
        Called with a description, the steps done and the total.

    Raises
    ------
    ModelError
        For targets or parameters that cannot be used.
    """
    from scipy.stats import chi2

    if starts < 1 or points < 3:
        raise ModelError(message("study.calibration_needs_least_start"))
    problem = Problem(model, targets, parameters, scenario, settings or {}, backend)
    size = len(problem.names)
    report = progress or (lambda *_: None)
    ends = _searched(problem, starts, seed, report)
    if ends[0][1] >= UNRUNNABLE**2:
        raise ModelError(message("study.model_could_not_run"), file=model.path)
    margin = float(chi2.ppf(0.95, 1))
    sides, walked = profiles(
        problem, ends, margin, points, lambda done: report("profiles", starts + done, starts + size)
    )
    met = sorted([*ends, *walked], key=lambda end: end[1])
    threshold = met[0][1] + margin
    accepted = [end for end in met if end[1] <= threshold]
    deviations, weights, rank = directions(problem, met[0][0])
    return Calibration(
        parameters=problem.names,
        targets=problem.targets,
        fits=tuple(_fit(problem, end) for end in ends),
        optima=tuple(_fit(problem, e) for e in distinct([e for e in ends if e[1] <= threshold])),
        accepted=tuple(_fit(problem, end) for end in accepted),
        rank=rank,
        combinations=tuple(
            Combination(d, tuple(w.tolist())) for d, w in zip(deviations, weights, strict=True)
        ),
        profiles=tuple(_judge(model, problem, i, met, sides[i], threshold) for i in range(size)),
        threshold=threshold,
    )


def _searched(problem: Problem, starts: int, seed: int, report: Progress) -> list[End]:
    """Return the end points of the searches from all starts, best first."""
    from scipy.stats import qmc

    size = len(problem.names)
    begin = qmc.LatinHypercube(size, seed=seed).random(starts)
    ends = side_by_side(
        problem.rows,
        [lambda ask, x=x: problem.search(x, ask=ask) for x in begin],  # type: ignore[misc]
        lambda done: report("searching", done, starts + size),
    )
    return sorted(ends, key=lambda end: end[1])


def _judge(
    model: Model,
    problem: Problem,
    i: int,
    met: Sequence[End],
    side: Sequence[End],
    threshold: float,
) -> Profile:
    within = [x[i] for x, chi in met if chi <= threshold]
    low, high = min(within), max(within)
    ends = (low > EDGE, high < 1 - EDGE)
    verdict = PINNED if all(ends) else ONE_SIDE if any(ends) else OPEN
    shown = sorted(side, key=lambda end: end[0][i])
    minimum, span = float(problem.low[i]), float(problem.span[i])
    return Profile(
        name=problem.names[i],
        units=one(model, problem.names[i]).variable.units or "",
        best=minimum + span * float(met[0][0][i]),
        minimum=minimum,
        maximum=minimum + span,
        low=minimum + span * float(low),
        high=minimum + span * float(high),
        verdict=verdict,
        grid=np.array([minimum + span * x[i] for x, _ in shown]),
        chi_square=np.array([chi for _, chi in shown]),
    )


def _fit(problem: Problem, end: End) -> Fit:
    return Fit(tuple(problem.constants(end[0]).tolist()), end[1])
