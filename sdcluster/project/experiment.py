"""An experiment, which tests a hypothesis by comparing a measure in several cases.

An experiment also names the claimed cause, rival explanations, and constants to search for thresholds.
`sdcluster.project.experiments_file` creates the frozen data classes of this module, and `sdcluster.study.experiments`
uses them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from sdcluster.measure.measures import Measure
from sdcluster.model.names import canonical
from sdcluster.project.scenario import Scenario

KINDS = ("ratio", "difference", "order", "between")
CAUSE, RIVAL = "cause", "rival"
LEAST = math.ulp(0.0)


@dataclass(frozen=True)
class Case:
    """One run of an experiment: a name, and a scenario that includes the case's own settings."""

    name: str
    scenario: Scenario


@dataclass(frozen=True)
class Verdict:
    """The rule of a hypothesis: how to compute a number from the measures of the cases, and the bounds of this number.

    Parameters
    ----------
    kind : str
        One of `KINDS`. ``"ratio"`` divides the measure of the case `to` by that of `of`, and ``"difference"`` subtracts
        them. ``"order"`` requires the measure to rise from case to case in `names`. ``"between"`` tests the single
        case `of`.
    """

    kind: str
    of: str = ""
    to: str = ""
    names: tuple[str, ...] = ()
    minimum: float = -math.inf
    maximum: float = math.inf

    def number(self, values: Mapping[str, float]) -> float:
        """Return the number to test, given the measure of each case by name; NaN for a ratio with denominator zero.

        For an order, the number is the smallest rise from one case to the next.
        """
        match self.kind:
            case "ratio":
                below = values[self.of]
                return values[self.to] / below if below else math.nan
            case "difference":
                return values[self.to] - values[self.of]
            case "between":
                return values[self.of]
        rising = [values[name] for name in self.names]
        return min((b - a for a, b in pairwise(rising)), default=math.nan)

    def holds(self, number: float) -> bool:
        """Return whether `number`, from the method `number`, is within the bounds or, for an order, above zero."""
        if self.kind == "order":
            return number > 0
        return self.minimum <= number <= self.maximum

    def margin(self, number: float) -> float:
        """Return the distance of a number from the nearest bound, which is negative if and only if the verdict fails.

        For NaN, return minus infinity.
        """
        if math.isnan(number):
            return -math.inf
        if self.kind == "order":
            return number or -LEAST
        return min(number - self.minimum, self.maximum - number)


@dataclass(frozen=True)
class Cut:
    """Settings that remove one explanation from the model.

    Parameters
    ----------
    role : str
        ``"cause"``: the claimed explanation; with it removed, the verdict must fail. ``"rival"``: an alternative
        explanation; with it removed, the verdict must still hold.
    title : mapping of str to str
        Title by language code; may be empty for a cause.
    settings : mapping of str to float
        Settings for every case, which override the case's own settings.
    cases : mapping of str to (mapping of str to float)
        Additional settings for single cases, by case name.
    """

    role: str
    title: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, float] = field(default_factory=dict)
    cases: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def of(self, case: Case) -> Case:
        """Return the case without the explanation: its scenario, with the settings of the cut instead of its own."""
        cut = {**self.settings, **self.cases.get(case.name, {})}
        names = {canonical(name) for name in cut}

        def left(given: Mapping[str, Any]) -> dict[str, Any]:
            """Return the settings that the cut does not override; a cut of an array overrides all its elements."""
            return {
                name: value
                for name, value in given.items()
                if not {canonical(name), canonical(name.partition("[")[0])} & names
            }

        old = case.scenario
        changes = tuple(
            replace(change, settings=kept)
            for change in old.changes
            if (kept := left(change.settings))
        )
        scenario = replace(
            old, settings=left(old.settings) | cut, inputs=left(old.inputs), changes=changes
        )
        return Case(case.name, scenario)

    def margin(self, margin: float) -> float:
        """Return the margin by which removing this explanation supports the claim; a negative margin refutes the claim.

        `margin` is the margin of the verdict with the explanation removed.
        """
        if self.role == RIVAL:
            return margin
        return -max(margin, LEAST) if margin >= 0 else -margin

    def confirmed(self, verdict: bool) -> bool:
        """Return whether the claim is supported, given the verdict with this explanation removed."""
        return verdict == (self.role == RIVAL)


@dataclass(frozen=True)
class Threshold:
    """A constant with a range in which to find the value at which the verdict changes.

    Parameters
    ----------
    constant : str
        Name of a scalar constant, or of an element of a constant array.
    low, high : float
        Bounds of the range, in the constant's unit.
    """

    constant: str
    low: float
    high: float


@dataclass(frozen=True)
class Experiment:
    """A hypothesis to test on a model.

    Parameters
    ----------
    name, source : str
        Identifier, and the publication that makes the claim.
    title, question : mapping of str to str
        Texts by language code.
    cases : tuple of Case
    quantity : Measure
        The measure of each case.
    verdict : Verdict
    vary : str or tuple of str
        The constants that vary in robustness runs: their names, or ``"judgements"`` for all constants with a range
        whose documentation calls the value a judgement. Empty if no constants vary.
    identity : bool
        Whether the claim follows from a single equation, so that it tests the equations rather than a hypothesis.
    cuts : tuple of Cut
        The cuts, one for each explanation to remove: the cause, if the experiment names one, then the rival
        explanations.
    thresholds : tuple of Threshold
        Constants to search for the value at which the verdict changes.
    """

    name: str
    source: str
    title: Mapping[str, str]
    question: Mapping[str, str]
    cases: tuple[Case, ...]
    quantity: Measure
    verdict: Verdict
    vary: str | tuple[str, ...] = ""
    identity: bool = False
    cuts: tuple[Cut, ...] = ()
    thresholds: tuple[Threshold, ...] = ()

    @property
    def lacks(self) -> tuple[str, ...]:
        """The parts that a hypothesis should have but lacks, ``"cause"`` or ``"rival"``; empty for an identity."""
        named = {cut.role for cut in self.cuts}
        return () if self.identity else tuple(r for r in (CAUSE, RIVAL) if r not in named)
