"""The least-squares problem of a calibration: constants in, differences from the targets out.

Crosses the border: `Target` values, names of constants and a `Model` in; `Problem`, whose unit cube is searched, out.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sdcluster.analyse.quantity import Quantity, quantity_of_words
from sdcluster.errors import ModelError, SimulationError
from sdcluster.model import Model
from sdcluster.model.clock import Clockwork
from sdcluster.model.elements import find_element, limits, one

if TYPE_CHECKING:
    from sdcluster.scenario.scenario import Scenario

STEP = 1e-6  # of a finite difference, as a share of the range
UNRUNNABLE = 1e6
COARSEST = 0.25  # between saved points, in the model's time unit

End = tuple[np.ndarray, float]  # a place in the unit cube, and its chi square


@dataclass(frozen=True)
class Target:
    """A measured value, with its uncertainty (one standard deviation) and source.

    Parameters
    ----------
    time : float
        When it was measured, or from when on.
    variable : str
        A scalar, or an element of an array.
    value, uncertainty : float
    source : str
    measure : str
        What of the variable: nothing for its value; else see `sdcluster.analyse.quantity.quantity_of_words`.
    """

    time: float
    variable: str
    value: float
    uncertainty: float
    source: str = ""
    measure: str = ""


class Problem:
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
        self.names = tuple(one(model, name).name for name in parameters)
        if len(set(self.names)) < len(self.names):
            raise ModelError("a parameter is named twice", file=model.path)
        ends = [limits(model, name) for name in self.names]
        self.low = np.array([a for a, _ in ends])
        self.span = np.array([b - a for a, b in ends])
        fixed = {find_element(model, name) for name in settings}
        for name in self.names:
            if find_element(model, name) in fixed:
                raise ModelError(
                    f'"{name}" is both a parameter and a setting; leave one out', file=model.path
                )
        chosen = {find_element(model, name)[0] for name in (*self.names, *settings)}
        self.simulator = Simulator(
            model, scenario, backend=backend, saveper=_saveper(model, targets, scenario, chosen)
        )
        self.settings = dict(settings)
        self.times, _ = self.simulator.curves(self.settings)
        self.simulator.warm(wait=True)
        self.targets = tuple(targets)
        self.quantities = tuple(self._quantity(model, target) for target in targets)
        self.last = max(t for q, target in zip(self.quantities, targets, strict=True) for t in (target.time, q.stop)
                        if t is not None)  # fmt: skip
        self.values = np.array([t.value for t in targets])
        self.uncertainties = np.array([t.uncertainty for t in targets])

    def _quantity(self, model: Model, target: Target) -> Quantity:
        found = quantity_of_words(target.measure, target.variable, target.time, model)
        if not (math.isfinite(target.value) and 0 < target.uncertainty < math.inf):
            raise ModelError(
                f'the target for "{found.variable}" at {target.time:g} needs a finite value and an '
                "uncertainty above zero",
                file=model.path,
            )
        first, last = float(self.times[0]), float(self.times[-1])
        for time in (target.time, found.stop):
            if time is not None and not first <= time <= last:
                raise ModelError(
                    f'the target for "{found.variable}" is at time {time:g}; '
                    f"the run goes from {first:g} to {last:g}",
                    file=model.path,
                )
        return found

    def constants(self, x: np.ndarray) -> np.ndarray:
        """Return the constants, in their units, at a place of the unit cube; both of shape (number of constants,)."""
        return self.low + self.span * x

    def residuals(self, x: np.ndarray) -> np.ndarray:
        """Return (model - value) / uncertainty of each target at a place of the unit cube.

        Parameters
        ----------
        x : ndarray, shape (number of constants,)

        Returns
        -------
        ndarray, shape (number of targets,)
            `UNRUNNABLE` where the model cannot be run or the number is not finite.
        """
        chosen = dict(zip(self.names, self.constants(x).tolist(), strict=True))
        try:
            time, rows = self.simulator.curves({**self.settings, **chosen})
        except SimulationError:
            return np.full(len(self.quantities), UNRUNNABLE)
        if time[-1] < self.last:  # a constant of the fit made the run too short for the targets
            return np.full(len(self.quantities), UNRUNNABLE)
        names = self.simulator.names
        found = np.array([quantity.of(names, time, rows) for quantity in self.quantities])
        residuals = (found - self.values) / self.uncertainties
        return np.where(np.isfinite(residuals), residuals, UNRUNNABLE)

    def search(self, x: np.ndarray, held: int | None = None) -> End:
        """Search the least chi square from a start, and return where it ends and the chi square there.

        Parameters
        ----------
        x : ndarray, shape (number of constants,)
            The start, a place of the unit cube.
        held : int, optional
            Number of a constant that stays where it is.
        """
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


def _saveper(
    model: Model,
    targets: Sequence[Target],
    scenario: Scenario | str | None,
    chosen: Collection[str],
) -> float | None:
    """Return the coarsest of a few intervals that meets the time of every target: less to keep, as exact.

    None, for the file's own, where the run sets what decides its clock.
    """
    from sdcluster.solve.simulator import find_scenario

    known = find_scenario(model, scenario)
    own = {find_element(model, name)[0] for name in known.settings}
    if not Clockwork(model).deciding.isdisjoint({*chosen, *own}):
        return None
    begin = known.start
    start = model.time.start if begin is None else begin
    for steps in (8, 4, 2):
        interval = steps * model.time.dt
        apart = [(target.time - start) / interval for target in targets]
        if interval <= COARSEST and all(abs(x - round(x)) < 1e-9 for x in apart):
            return interval
    return None
