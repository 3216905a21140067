"""An experiment: cases, a measure, a verdict, the cause and its rivals, and where a threshold is looked for.

Crosses the border: plain frozen data, which `sdcluster.project.experiments_file` reads and
`sdcluster.study.experiments` asks of a model.
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
    """One run of an experiment: a name, and the scenario with the case's own settings laid over it."""

    name: str
    scenario: Scenario


@dataclass(frozen=True)
class Verdict:
    """The number that is compared, and its bounds.

    Parameters
    ----------
    kind : str
        One of `KINDS`. A ratio or difference is `to` against `of`; ``"order"`` wants the cases in `names` to rise;
        ``"between"`` looks at one case, `of`.
    """

    kind: str
    of: str = ""
    to: str = ""
    names: tuple[str, ...] = ()
    minimum: float = -math.inf
    maximum: float = math.inf

    def number(self, values: Mapping[str, float]) -> float:
        """Return what the verdict looks at, given the measure of each case; NaN for a ratio to nothing."""
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
        """Whether the number lies within the bounds, or for an order is above zero."""
        if self.kind == "order":
            return number > 0
        return self.minimum <= number <= self.maximum

    def margin(self, number: float) -> float:
        """Return how far the number lies inside the bounds: negative where the verdict does not hold, never else.

        For NaN it is minus infinity.
        """
        if math.isnan(number):
            return -math.inf
        if self.kind == "order":
            return number or -LEAST
        return min(number - self.minimum, self.maximum - number)


@dataclass(frozen=True)
class Cut:
    """Settings that cut one explanation out of the model.

    Parameters
    ----------
    role : str
        ``"cause"``: the claimed one, without which the verdict must no longer hold; ``"rival"``: another one, without
        which it must hold all the same.
    title : mapping of str to str
        By language code; may be empty for a cause.
    settings : mapping of str to float
        Laid over every case, over the case's own settings too.
    cases : mapping of str to (mapping of str to float)
        Further settings, for single cases by their names.
    """

    role: str
    title: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, float] = field(default_factory=dict)
    cases: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def of(self, case: Case) -> Case:
        """Return a case in which the explanation is cut."""
        cut = {**self.settings, **self.cases.get(case.name, {})}
        names = {canonical(name) for name in cut}

        def left(given: Mapping[str, Any]) -> dict[str, Any]:
            """Return what a cut leaves of settings: neither what it sets nor elements of it."""
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
        """Turn a margin of the verdict with this explanation cut into one of the claim: negative refutes it."""
        if self.role == RIVAL:
            return margin
        return -max(margin, LEAST) if margin >= 0 else -margin

    def confirmed(self, verdict: bool) -> bool:
        """Whether the verdict with this explanation cut speaks for the claim."""
        return verdict == (self.role == RIVAL)


@dataclass(frozen=True)
class Threshold:
    """A constant over whose range the place is looked for where the verdict flips.

    Parameters
    ----------
    constant : str
        Name of a constant, or of an element of one.
    low, high : float
        Ends of the search, in the constant's unit.
    """

    constant: str
    low: float
    high: float


@dataclass(frozen=True)
class Experiment:
    """A question to a model.

    Parameters
    ----------
    name, source : str
    title, question : mapping of str to str
        By language code.
    cases : tuple of Case
    quantity : Measure
        The measure of each case.
    verdict : Verdict
    vary : str or tuple of str
        ``"judgements"``, or the names of constants; empty where nothing varies.
    identity : bool
        Whether the claim follows from one equation alone: a test of the equations, not a hypothesis.
    cuts : tuple of Cut
        The cause, if it is named, then the rivals.
    thresholds : tuple of Threshold
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
        """The parts that a hypothesis needs and this one lacks: ``"cause"``, ``"rival"``; none for an identity."""
        named = {cut.role for cut in self.cuts}
        return () if self.identity else tuple(r for r in (CAUSE, RIVAL) if r not in named)
