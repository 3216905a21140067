"""Calibration: which constants measured values pin down, and which they leave open.

Crosses the border: a `Model`, `Target` values and names of constants in, a `Calibration` out. Never one best fit alone:
all fits from many starts, the rank of the Jacobian, and for each constant its profile likelihood.

With residuals r = (model - value) / uncertainty, chi square is the sum of r². The profile of a constant is the
least chi square over all other constants. Values whose profile lies within the 95 % point of chi square with one
degree of freedom (3.84) above the least are in the interval (Raue et al. 2009, Bioinformatics 25, section 2.3).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sdcluster.errors import ModelError, SimulationError
from sdcluster.model import Model
from sdcluster.model.names import canonical

if TYPE_CHECKING:
    from sdcluster.scenario.scenario import Scenario

PINNED, ONE_SIDE, OPEN = "pinned", "bounded on one side", "not pinned down"
STEP = 1e-6  # of a finite difference, as a share of the range
SAME = 0.02  # optima nearer than this in all constants, as shares of the ranges, are one
HALVINGS = 9
RANK_TOLERANCE = 1e-4
_UNRUNNABLE = 1e6
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Target:
    """A measured value, with its uncertainty (one standard deviation) and source."""

    time: float
    variable: str
    value: float
    uncertainty: float
    source: str = ""


@dataclass(frozen=True)
class Fit:
    """Where one search ended."""

    values: tuple[float, ...]
    chi_square: float


@dataclass(frozen=True)
class Combination:
    """A direction in the space of constants: how firmly the data hold it.

    Parameters
    ----------
    deviation : float
        Standard deviation along it, as a share of the ranges; infinite where the data say nothing.
    weights : tuple of float
        One for each constant, in shares of its range.
    """

    deviation: float
    weights: tuple[float, ...]


@dataclass(frozen=True)
class Profile:
    """What the data say about one constant.

    Parameters
    ----------
    name, units : str
    best, minimum, maximum : float
        The value of the best fit; the range searched.
    low, high : float
        Ends of the 95 % interval, or of the range where the data do not end it.
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
    """What a calibration found.

    Parameters
    ----------
    parameters : tuple of str
    targets : tuple of Target
    fits : tuple of Fit
        All ends of searches, the best first.
    optima : tuple of Fit
        Ends that fit the data (within `threshold`), each place once.
    accepted : tuple of Fit
        All sets met on the way that fit the data, the profiles' included.
    rank : int
        Of the Jacobian at the best fit.
    combinations : tuple of Combination
        The firmest first.
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


class _Problem:
    """Residuals over the unit cube of the constants' ranges."""

    def __init__(
        self,
        model: Model,
        targets: Sequence[Target],
        parameters: Sequence[str],
        scenario: Scenario | str | None,
        settings: Mapping[str, float],
        backend: str,
    ) -> None:
        from sdcluster.solve import Simulator

        if not targets:
            raise ModelError("calibration needs at least one target", file=model.path)
        if not parameters:
            raise ModelError("calibration needs at least one parameter", file=model.path)
        self.names = tuple(model[name].name for name in parameters)
        if len(set(self.names)) < len(self.names):
            raise ModelError("a parameter is named twice", file=model.path)
        limits = [_range(model, name) for name in self.names]
        self.low = np.array([a for a, _ in limits])
        self.span = np.array([b - a for a, b in limits])
        fixed = {canonical(name) for name in settings}
        for name in self.names:
            if canonical(name) in fixed:
                raise ModelError(
                    f'"{name}" is both a parameter and a setting; leave one out', file=model.path
                )
        self.simulator = Simulator(model, scenario, backend=backend)
        self.settings = dict(settings)
        self.simulator.run(self.settings)
        self.simulator.warm(wait=True)
        self.targets = tuple(targets)
        first, last = float(self.simulator.time[0]), float(self.simulator.time[-1])
        for target in targets:
            name = model[target.variable].name
            if name not in self.simulator.names:
                raise ModelError(f'target "{name}" has no single value at a time', file=model.path)
            if not (math.isfinite(target.value) and 0 < target.uncertainty < math.inf):
                raise ModelError(
                    f'the target for "{name}" at {target.time:g} needs a finite value and an '
                    "uncertainty above zero",
                    file=model.path,
                )
            if not first <= target.time <= last:
                raise ModelError(
                    f'the target for "{name}" is at time {target.time:g}; '
                    f"the run goes from {first:g} to {last:g}",
                    file=model.path,
                )
        self.rows = [self.simulator.names.index(model[t.variable].name) for t in targets]
        self.times = np.array([t.time for t in targets])
        self.values = np.array([t.value for t in targets])
        self.uncertainties = np.array([t.uncertainty for t in targets])

    def constants(self, x: np.ndarray) -> np.ndarray:
        return self.low + self.span * x

    def residuals(self, x: np.ndarray) -> np.ndarray:
        chosen = dict(zip(self.names, self.constants(x).tolist(), strict=True))
        try:
            found = self.simulator.run({**self.settings, **chosen})
        except SimulationError:
            return np.full(len(self.rows), _UNRUNNABLE)
        time = self.simulator.time
        at = np.array(
            [np.interp(t, time, found[r]) for t, r in zip(self.times, self.rows, strict=True)]
        )
        return (at - self.values) / self.uncertainties

    def search(self, x: np.ndarray, held: int | None = None) -> tuple[np.ndarray, float]:
        """Return the least chi square from a start, with one constant held if asked for."""
        from scipy.optimize import least_squares

        free = np.array([i for i in range(len(x)) if i != held], dtype=int)

        def residuals(part: np.ndarray) -> np.ndarray:
            whole = x.copy()
            whole[free] = part
            return self.residuals(whole)

        if not free.size:
            return x, float(np.sum(self.residuals(x) ** 2))
        begin = np.clip(x[free], 1e-9, 1 - 1e-9)
        options: dict[str, Any] = {"diff_step": STEP, "max_nfev": 80}
        found = least_squares(residuals, begin, bounds=(0.0, 1.0), **options)
        end = x.copy()
        end[free] = found.x
        return end, 2 * float(found.cost)


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
    """Fit constants to measured values, and say which of them the values pin down.

    Parameters
    ----------
    model : Model
    targets : sequence of Target
    parameters : sequence of str
        Constants with a range; the search stays inside it.
    scenario, settings
        Where the fit is made; the parameters win over the scenario.
    starts, points : int
        Latin-hypercube starts; grid points of a profile.
    seed : int
    backend : str
        As for `Simulator`.
    progress : callable, optional
        Called with words, done and total.

    Raises
    ------
    ModelError
        For targets or parameters that cannot be used.
    """
    from scipy.stats import chi2, qmc

    if starts < 1 or points < 3:
        raise ModelError("calibration needs at least 1 start and 3 points of a profile")
    problem = _Problem(model, targets, parameters, scenario, settings or {}, backend)
    size = len(problem.names)
    total = starts + size
    report = progress or (lambda *_: None)
    ends: list[tuple[np.ndarray, float]] = []
    for i, x in enumerate(qmc.LatinHypercube(size, seed=seed).random(starts)):
        report("searching", i, total)
        ends.append(problem.search(x))
    ends.sort(key=lambda end: end[1])
    if ends[0][1] >= _UNRUNNABLE**2:
        raise ModelError("the model could not be run at any start", file=model.path)
    margin = float(chi2.ppf(0.95, 1))
    met = list(ends)
    sides = []
    for i in range(size):
        report(f"profile of {problem.names[i]}", starts + i, total)
        profile = _profile(problem, i, _seeds(met, margin), margin, points)
        sides.append(profile)
        met += profile
    met.sort(key=lambda end: end[1])
    least = met[0][1]
    threshold = least + margin
    accepted = [end for end in met if end[1] <= threshold]
    deviations, weights, rank = _directions(problem, met[0][0])
    return Calibration(
        parameters=problem.names,
        targets=problem.targets,
        fits=tuple(_fit(problem, end) for end in ends),
        optima=tuple(_fit(problem, e) for e in _distinct([e for e in ends if e[1] <= threshold])),
        accepted=tuple(_fit(problem, end) for end in accepted),
        rank=rank,
        combinations=tuple(
            Combination(d, tuple(w.tolist())) for d, w in zip(deviations, weights, strict=True)
        ),
        profiles=tuple(_judge(model, problem, i, met, sides[i], threshold) for i in range(size)),
        threshold=threshold,
    )


def _range(model: Model, name: str) -> tuple[float, float]:
    variable = model[name]
    if variable.kind != "constant":
        raise ModelError(
            f'"{name}" is a {variable.kind}; only constants can be fitted', file=model.path
        )
    limits = variable.range
    if limits is None or limits.minimum is None or limits.maximum is None:
        raise ModelError(
            f'"{name}" has no range; give it one in the model file, so that the search has bounds',
            file=model.path,
            line=variable.line,
        )
    if not limits.maximum > limits.minimum:
        raise ModelError(f'the range of "{name}" is empty', file=model.path, line=variable.line)
    return limits.minimum, limits.maximum


def _distinct(ends: Sequence[tuple[np.ndarray, float]]) -> list[tuple[np.ndarray, float]]:
    kept: list[tuple[np.ndarray, float]] = []
    for end in ends:
        if all(np.max(np.abs(end[0] - other[0])) > SAME for other in kept):
            kept.append(end)
    return kept


def _seeds(ends: Sequence[tuple[np.ndarray, float]], margin: float) -> list[np.ndarray]:
    best = min(ends, key=lambda end: end[1])
    others = _distinct([end for end in ends if end[1] <= best[1] + margin])
    return [best[0], *(x for x, _ in others if x is not best[0])][:40]


def _profile(
    problem: _Problem, i: int, seeds: Sequence[np.ndarray], margin: float, points: int
) -> list[tuple[np.ndarray, float]]:
    """Walk outward from the best fit, then halve the step where the profile crosses the threshold."""
    best = problem.search(seeds[0], i)
    limit = best[1] + margin

    def at(value: float, near: np.ndarray) -> tuple[np.ndarray, float]:
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


def _judge(
    model: Model,
    problem: _Problem,
    i: int,
    met: Sequence[tuple[np.ndarray, float]],
    profile: Sequence[tuple[np.ndarray, float]],
    threshold: float,
) -> Profile:
    within = [x[i] for x, chi in met if chi <= threshold]
    low, high = min(within), max(within)
    ends = (low > 1e-6, high < 1 - 1e-6)
    verdict = PINNED if all(ends) else ONE_SIDE if any(ends) else OPEN
    shown = sorted(profile, key=lambda end: end[0][i])
    minimum, span = float(problem.low[i]), float(problem.span[i])
    return Profile(
        name=problem.names[i],
        units=model[problem.names[i]].units or "",
        best=minimum + span * float(met[0][0][i]),
        minimum=minimum,
        maximum=minimum + span,
        low=minimum + span * float(low),
        high=minimum + span * float(high),
        verdict=verdict,
        grid=np.array([minimum + span * x[i] for x, _ in shown]),
        chi_square=np.array([chi for _, chi in shown]),
    )


def _directions(problem: _Problem, x: np.ndarray) -> tuple[list[float], np.ndarray, int]:
    jacobian = np.empty((len(problem.rows), len(x)))
    for i in range(len(x)):
        ahead, behind = x.copy(), x.copy()
        ahead[i], behind[i] = min(x[i] + 1e-4, 1.0), max(x[i] - 1e-4, 0.0)
        change = problem.residuals(ahead) - problem.residuals(behind)
        jacobian[:, i] = change / (ahead[i] - behind[i])
    _, sizes, rows = np.linalg.svd(jacobian)
    sizes = np.concatenate([sizes, np.zeros(len(x) - len(sizes))]) if len(sizes) < len(x) else sizes
    rank = int(np.sum(sizes > RANK_TOLERANCE * sizes[0])) if sizes[0] > 0 else 0
    deviations = [1 / float(s) if k < rank else math.inf for k, s in enumerate(sizes)]
    return deviations, rows, rank


def _fit(problem: _Problem, end: tuple[np.ndarray, float]) -> Fit:
    return Fit(tuple(problem.constants(end[0]).tolist()), end[1])
