"""The least-squares problem of a calibration: residuals as functions of the constants.

A `Problem` is created from a `Model`, `Target` values and names of constants. Its search takes place in the unit cube,
in which each axis is the range of a constant.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sdcluster.errors import ModelError, SimulationError
from sdcluster.measure.measures import Measure, measure_of_target
from sdcluster.messages import message
from sdcluster.model import Model
from sdcluster.model.clock import Clockwork
from sdcluster.model.elements import find_element, limits, one
from sdcluster.model.expression import Call, walk
from sdcluster.project.target import Target

if TYPE_CHECKING:
    from sdcluster.project.scenario import Scenario
    from sdcluster.run.many import Block
    from sdcluster.study.side_by_side import Ask

STEP = 1e-6  # the step of finite differences, as a share of the range
MOST = 80  # the most runs in a search, without those for the derivatives
# A search ends if its last STEPS steps together lowered chi square by less than LITTLE, which is small compared with
# the threshold of 3.84.
LITTLE, STEPS = 1e-3, 4
UNRUNNABLE = 1e6
MEASURED = 64  # the number of runs whose measures are computed together
COARSEST = 0.25  # the longest save interval, in the model's time unit

End = tuple[np.ndarray, float]  # a point of the unit cube, and chi square there


class Problem:
    """The residuals of the targets as functions on the unit cube, whose axes are the ranges of the constants."""

    def __init__(
        self,
        model: Model,
        targets: Sequence[Target],
        parameters: Sequence[str],
        scenario: Scenario | str | None,
        settings: Mapping[str, float],
        backend: str,
    ) -> None:
        from sdcluster.project.scenario import find_scenario
        from sdcluster.run import Simulator
        from sdcluster.run.many import Many

        if not targets:
            raise ModelError(message("study.calibration_needs_least_one"), file=model.path)
        if not parameters:
            raise ModelError(
                message("study.calibration_needs_least_one_parameter"), file=model.path
            )
        self.names = tuple(one(model, name).name for name in parameters)
        if len(set(self.names)) < len(self.names):
            raise ModelError(message("study.parameter_named_twice"), file=model.path)
        ends = [limits(model, name) for name in self.names]
        self.low = np.array([a for a, _ in ends])
        self.span = np.array([b - a for a, b in ends])
        fixed = {find_element(model, name) for name in settings}
        for name in self.names:
            if find_element(model, name) in fixed:
                raise ModelError(
                    message("study.both_parameter_setting_leave", name=name), file=model.path
                )
        chosen = {find_element(model, name)[0] for name in (*self.names, *settings)}
        known = find_scenario(model, scenario)
        kept = {n: v for n, v in known.settings.items() if find_element(model, n) not in fixed}
        known = replace(known, settings={**kept, **settings})
        # If the fit sets a constant that determines the times of a run, the save interval is that of the file.
        own_clock = not Clockwork(model).deciding.isdisjoint(
            {*chosen, *(find_element(model, name)[0] for name in kept)}
        )
        saveper = None if own_clock else _saveper(model, targets, known)
        self.times = Simulator(model, known, saveper=saveper).time
        self.targets = tuple(targets)
        self.quantities = tuple(self._quantity(model, target) for target in targets)
        self.last = max(t for q, target in zip(self.quantities, targets, strict=True) for t in (target.time, q.stop)
                        if t is not None)  # fmt: skip
        stop = None if own_clock else _stop(model, self.quantities, self.last, self.times)
        self.simulator = Simulator(model, known, backend=backend, saveper=saveper, stop=stop)
        self.simulator.warm(wait=True)
        wanted = list(dict.fromkeys(v for q in self.quantities for v in (q.variable, q.on) if v))
        self._runs = self.simulator.repeated(self.names, wanted)
        self._many = Many(self.simulator, self.names, wanted)
        self.values = np.array([t.value for t in targets])
        self.uncertainties = np.array([t.uncertainty for t in targets])

    def _quantity(self, model: Model, target: Target) -> Measure:
        found = measure_of_target(target.measure, target.variable, target.time, model)
        if not (math.isfinite(target.value) and 0 < target.uncertainty < math.inf):
            raise ModelError(
                message(
                    "study.target_needs_finite_value", variable=found.variable, time=target.time
                ),
                file=model.path,
            )
        first, last = float(self.times[0]), float(self.times[-1])
        for time in (target.time, found.stop):
            if time is not None and not first <= time <= last:
                raise ModelError(
                    message(
                        "study.target_time_run_goes",
                        variable=found.variable,
                        time=time,
                        first=first,
                        last=last,
                    ),
                    file=model.path,
                )
        return found

    def constants(self, x: np.ndarray) -> np.ndarray:
        """Map a point of the unit cube to constants in their units; both have shape (number of constants,)."""
        return self.low + self.span * x

    def residuals(self, x: np.ndarray) -> np.ndarray:
        """Return (model - value) / uncertainty of each target at a point of the unit cube.

        Parameters
        ----------
        x : ndarray, shape (number of constants,)

        Returns
        -------
        ndarray, shape (number of targets,)
            `UNRUNNABLE` if the model cannot be run there, or where the model's number is not finite.
        """
        return self._residuals(self.constants(x))

    def _residuals(self, constants: np.ndarray) -> np.ndarray:
        try:
            time, rows = self._runs.curves(constants)
        except SimulationError:
            return np.full(len(self.quantities), UNRUNNABLE)
        if time[-1] < self.last:  # the fitted constants make the run too short for the targets
            return np.full(len(self.quantities), UNRUNNABLE)
        names = self._runs.wanted
        found = np.array(
            [quantity.of_rows(names, time, rows, beyond=True) for quantity in self.quantities]
        )
        return self._differences(found)

    def residuals_at(self, constants: np.ndarray) -> np.ndarray:
        """Return the residuals for many sets of constants, whose runs are computed in one batch.

        Parameters
        ----------
        constants : ndarray, shape (points, number of constants)
            Values of the constants, in their units.

        Returns
        -------
        ndarray, shape (points, number of targets)
        """
        if self.simulator.backend == "python":
            return np.array([self._residuals(point) for point in constants])
        found = np.full((len(constants), len(self.quantities)), np.nan)
        row = {name: i for i, name in enumerate(self._many.wanted)}
        for blocks in _of_one_clock(self._many.blocks(constants)):
            times = blocks[0].times
            sound = np.flatnonzero(~np.concatenate([block.failed for block in blocks]))
            if not sound.size or times[-1] < self.last:
                continue
            curves = np.concatenate([block.curves for block in blocks], axis=2)
            if sound.size < curves.shape[2]:
                curves = curves[:, :, sound]
            for i, quantity in enumerate(self.quantities):
                other = curves[row[quantity.on]] if quantity.on else None
                found[blocks[0].first + sound, i] = quantity.of(
                    times, curves[row[quantity.variable]], other, beyond=True
                )
        return self._differences(found)

    def _differences(self, found: np.ndarray) -> np.ndarray:
        residuals = (found - self.values) / self.uncertainties
        return np.where(np.isfinite(residuals), residuals, UNRUNNABLE)

    def rows(self, places: np.ndarray) -> np.ndarray:
        """Return the residuals at many points of the unit cube, whose runs are computed in one batch."""
        return self.residuals_at(self.constants(places))

    def search(self, x: np.ndarray, held: int | None = None, ask: Ask | None = None) -> End:
        """Minimise chi square from a start; return the end point and its chi square.

        Parameters
        ----------
        x : ndarray, shape (number of constants,)
            The starting point in the unit cube.
        held : int, optional
            Index of a constant that is kept fixed.
        ask : callable, optional
            Function to call instead of `rows`, with the same arguments and results.
        """
        from scipy.optimize import least_squares

        ask = ask or self.rows
        free = np.array([i for i in range(len(x)) if i != held], dtype=int)
        if not free.size:
            return x, float(np.sum(ask(x[np.newaxis])[0] ** 2))
        path = _Path(ask, x, free)
        options: dict[str, Any] = {"jac": path.derivatives, "max_nfev": MOST}
        begin = np.clip(x[free], 1e-9, 1 - 1e-9)
        with suppress(_Enough):
            least_squares(path.residuals, begin, bounds=(0.0, 1.0), **options)
        return path.best


class _Enough(Exception):
    """Raised to end a search after its last steps have hardly lowered chi square."""


class _Path:
    """The state of one search: residuals, derivatives, the best point so far and the stopping rule.

    Parameters
    ----------
    ask : callable
        Takes points of the unit cube, and returns a row of residuals for each of them.
    x : ndarray, shape (number of constants,)
        The starting point in the unit cube.
    free : ndarray of int
        Indices of the constants that are varied.
    """

    def __init__(self, ask: Ask, x: np.ndarray, free: np.ndarray) -> None:
        self._ask, self._start, self._free = ask, x, free
        self._won: list[float] = []
        self._last = (x[free] * np.nan, x)
        self.best: End = (x, math.inf)

    def residuals(self, part: np.ndarray) -> np.ndarray:
        whole = self._start.copy()
        whole[self._free] = part
        found = self._ask(whole[np.newaxis])[0]
        chi = float(np.sum(found**2))
        if chi < self.best[1]:
            self.best = whole, chi
        self._last = (part.copy(), found)
        return found

    def derivatives(self, part: np.ndarray) -> np.ndarray:
        """Return the derivatives of the residuals, by forward differences that stay inside the unit cube.

        Returns
        -------
        ndarray, shape (number of targets, number of free constants)

        Raises
        ------
        _Enough
            If the last `STEPS` steps have lowered chi square by less than `LITTLE`.
        """
        own = self._last[1] if np.array_equal(part, self._last[0]) else self.residuals(part)
        self._won.append(self.best[1])
        if len(self._won) > STEPS and self._won[-1 - STEPS] - self._won[-1] < LITTLE:
            raise _Enough
        steps = np.where(part + STEP <= 1, STEP, -STEP)
        ahead = np.repeat(self._start[np.newaxis], len(part), axis=0)
        ahead[:, self._free] = part
        ahead[np.arange(len(part)), self._free] += steps
        return ((self._ask(ahead) - own) / steps[:, np.newaxis]).T


def _of_one_clock(blocks: Iterable[Block]) -> Iterator[list[Block]]:
    """Merge consecutive blocks with the same times, and yield lists of blocks with up to `MEASURED` runs in all.

    Measuring many runs together reduces the overhead.
    """
    kept: list[Block] = []
    runs = 0
    for block in blocks:
        if kept and (block.times is not kept[0].times or runs >= MEASURED):
            yield kept
            kept, runs = [], 0
        kept.append(block)
        runs += len(block.failed)
    if kept:
        yield kept


def _stop(
    model: Model, quantities: Sequence[Measure], last: float, times: np.ndarray
) -> float | None:
    """Return the last time that the targets need, so that runs can end there; None if a target needs the whole run."""
    reads_clock = any(
        isinstance(node, Call) and node.function == "stop"
        for variable in model.variables.values()
        for equation in variable.equations
        for expression in (equation.expression, equation.initial)
        if expression is not None
        for node in walk(expression)
    )
    open_ended = any(q.stop is None and q.word.needs != "at" for q in quantities)
    if reads_clock or open_ended:
        return None
    return float(times[min(int(np.searchsorted(times, last - 1e-9)), len(times) - 1)])


def _saveper(model: Model, targets: Sequence[Target], known: Scenario) -> float | None:
    """Return the coarsest of a few save intervals that still includes the time of every target."""
    begin = known.start
    start = model.time.start if begin is None else begin
    for steps in (8, 4, 2):
        interval = steps * model.time.dt
        apart = [(target.time - start) / interval for target in targets]
        if interval <= COARSEST and all(abs(x - round(x)) < 1e-9 for x in apart):
            return interval
    return None
