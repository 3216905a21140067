"""Assertions about how two variables move together: elasticity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sdcluster.checks.vocabulary.assertion import (
    Assertion,
    Expected,
    Finding,
    Runs,
    key,
    moment,
    pick,
    value_label,
)
from sdcluster.measure import trajectory as measure
from sdcluster.messages import clauses, message
from sdcluster.project.schema import NUMBER, TEXT
from sdcluster.view.chart import Chart, Curve, Point


@dataclass(frozen=True, kw_only=True)
class Elasticity(Expected, Assertion):
    """The elasticity of the variable with respect to another variable is as expected.

    The elasticity is the slope of ln ``variable`` on ln ``on``, by least squares. Keys: ``variable``; ``on``, the other
    variable; ``from`` and ``to``, the first and last time of the sample; ``every``, the time between the points of the
    sample (default: 1); ``fit``, the least R squared (optional); ``about``, the expected elasticity, with ``within`` or
    ``percent``, the allowed distance from it; ``min`` and ``max``, bounds.
    """

    kind: ClassVar[str] = "elasticity"
    variable: str = key(TEXT, role="variable")
    on: str = key(TEXT, role="variable")
    since: float = key(NUMBER, toml="from")
    until: float = key(NUMBER, toml="to")
    every: float = key(NUMBER, 1.0)
    fit: float | None = key(NUMBER, None)

    def contradiction(self) -> str | None:
        """Return a sentence unless the sample has at least three points and a value or bound is expected."""
        if self.every <= 0:
            return message("checks.vocabulary.every_above_0", every=self.every)
        if len(measure.moments(self.since, self.until, self.every)) < 3:
            return message(
                "checks.vocabulary.sample_too_small",
                since=self.since,
                until=self.until,
                every=self.every,
            )
        return self.incomplete()

    def judge(self, runs: Runs) -> Finding:
        """Return whether the slope and the R squared of the regression are as expected."""
        data = runs(self.run())
        for at in (self.since, self.until):
            moment(data, self.variable, at)
        names, sample = [], []
        when = measure.moments(self.since, self.until, self.every)
        for variable in (self.on, self.variable):
            name, time, values = pick(data, variable)
            names.append(name)
            sample.append(np.interp(when, time, values))
        slope, intercept, fit = map(float, measure.log_regression(*sample))
        good = self.fit is None or fit >= self.fit
        said = [
            message(
                "checks.vocabulary.regression",
                name=names[1],
                on=names[0],
                intercept=intercept,
                slope=slope,
                fit=fit,
                count=len(when),
                since=self.since,
                until=self.until,
            ),
            message("checks.vocabulary.expected_slope", limits=self.wanted()),
        ]
        if self.fit is not None:
            said.append(message("checks.vocabulary.expected_fit", fit=self.fit))
        order = np.argsort(sample[0])
        along = sample[0][order]
        fitted = np.exp(intercept) * along**slope
        chart = Chart(
            self.name,
            value_label(data, names[0]),
            value_label(data, names[1]),
            (Curve(message("checks.vocabulary.fitted"), along, fitted),),
            points=tuple(Point(float(x), float(y)) for x, y in zip(*sample, strict=True)),
        )
        return Finding(good and all(self.fits([slope])), clauses(said), (chart,))
