"""The likelihood of measured values, computed for many settings of a model in parallel.

A `Likelihood` is created from a `Model`, `Target` values and names of constants. Its methods take arrays, as samplers
and scans need them. Runs execute in parallel in machine code, on all cores.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from sdcluster.errors import ModelError
from sdcluster.messages import comma_separated, message
from sdcluster.model import Model
from sdcluster.model.elements import one
from sdcluster.project.target import Target
from sdcluster.study.calibrate_problem import UNRUNNABLE, Problem

if TYPE_CHECKING:
    from sdcluster.project.scenario import Scenario


class Likelihood:
    """The logarithm of the likelihood of targets whose errors are independent and normal.

    log L = -1/2 sum r_k^2 - sum log(sigma_k sqrt(2 pi)), with r_k = (model - value_k) / sigma_k and sigma_k the
    uncertainty (standard deviation) of target k.

    Parameters
    ----------
    model : Model
    targets : sequence of Target
    parameters : sequence of str
        Constants with a range.
    scenario, settings
        As for `sdcluster.study.calibrate.calibrate`; the parameters override the scenario.

    Attributes
    ----------
    model : Model
    targets : tuple of Target
    names : tuple of str
    low, high : ndarray, shape (names,)
        The range of each constant, in its unit.

    Raises
    ------
    ModelError
        For targets or parameters that cannot be used.
    """

    def __init__(
        self,
        model: Model,
        targets: Sequence[Target],
        parameters: Sequence[str],
        scenario: Scenario | str | None = None,
        settings: Mapping[str, float] | None = None,
    ) -> None:
        self.model, self.targets = model, tuple(targets)
        self._problem = Problem(model, targets, parameters, scenario, settings or {}, "auto")
        self.names = self._problem.names
        self.low = self._problem.low
        self.high = self._problem.low + self._problem.span
        sigma = self._problem.uncertainties
        self._constant = float(np.sum(np.log(sigma * math.sqrt(2 * math.pi))))

    def log_likelihoods(self, settings: Mapping[str, Sequence[float] | np.ndarray]) -> np.ndarray:
        """Return the logarithm of the likelihood at many settings.

        Parameters
        ----------
        settings : mapping of str to ndarray, shape (points,)
            The values of each parameter, one per point, in its unit; ranges are not checked.

        Returns
        -------
        ndarray, shape (points,)
            Minus infinity where the model cannot run or has no value for one of the targets.

        Raises
        ------
        ModelError
            For names that differ from the parameters, and arrays of different lengths.
        """
        given = {one(self.model, name).name: values for name, values in settings.items()}
        if set(given) != set(self.names):
            raise ModelError(
                message(
                    "study.settings_name_number_needed",
                    given=comma_separated(given) or message("study.nothing"),
                    names=comma_separated(self.names),
                ),
                file=self.model.path,
            )
        columns = [np.atleast_1d(np.asarray(given[name], dtype=float)) for name in self.names]
        if len({column.shape for column in columns}) > 1 or columns[0].ndim != 1:
            raise ModelError(message("study.each_parameter_needs_one"))
        return self.at(np.stack(columns, axis=1))

    def at(self, points: np.ndarray) -> np.ndarray:
        """Return the log-likelihoods at points of shape (points, names), in the order of `names`."""
        residuals = self.residuals_at(points)
        found = -0.5 * np.sum(residuals**2, axis=1) - self._constant
        return np.where((residuals == UNRUNNABLE).any(axis=1), -np.inf, found)

    def residuals_at(self, points: np.ndarray) -> np.ndarray:
        """Return (model - value) / uncertainty of each target, shape (points, targets), at points as for `at`.

        A residual is 1e6 where the model cannot run or has no value for the target.
        """
        return self._problem.residuals_at(points)
