"""An experiment made ready to be asked at many points: the cases as they are, with the cause cut, with each rival cut.

Crosses the border: a `Model`, an `Experiment` and names of constants in; measures, verdicts and margins out.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from sdcluster.model import Model
from sdcluster.model.elements import Element, one
from sdcluster.project.experiment import Case, Cut, Experiment
from sdcluster.project.scenarios_file import set_elements
from sdcluster.run import Simulator
from sdcluster.run.repeated import Repeated


class Asker:
    """Asks an experiment at points.

    Parameters
    ----------
    model : Model
    experiment : Experiment
    names : sequence of str
        Constants that differ from point to point. What a case or a cut sets, by ``settings`` or inputs, keeps the
        number that it sets.
    seed : int
        Of the model's random numbers.
    """

    def __init__(
        self, model: Model, experiment: Experiment, names: Sequence[str] = (), seed: int = 0
    ) -> None:
        self.experiment = experiment
        self._claim = _Variant(model, experiment, None, names, seed)
        self._cuts = [_Variant(model, experiment, cut, names, seed) for cut in experiment.cuts]

    def warm(self) -> None:
        """Compile to machine code first, where there is a compiler: worth it before many points."""
        for variant in (self._claim, *self._cuts):
            variant.warm()

    def values(self, point: np.ndarray, cut: int | None = None) -> dict[str, float]:
        """Return the measure of each case.

        Parameters
        ----------
        point : ndarray, shape (len(names),)
        cut : int, optional
            Number of a cut of the experiment; the cases as they are without it.

        Raises
        ------
        SimulationError
            If a run fails.
        """
        return (self._claim if cut is None else self._cuts[cut]).values(point)

    def claim(self, point: np.ndarray) -> bool:
        """Whether the verdict holds with nothing cut; errors as for `values`."""
        verdict = self.experiment.verdict
        return verdict.holds(verdict.number(self.values(point)))

    def confirmed(self, point: np.ndarray) -> bool:
        """Whether every cut speaks for the claim; stops at the first that does not."""
        verdict = self.experiment.verdict
        return all(
            variant.cut.confirmed(verdict.holds(verdict.number(variant.values(point))))
            for variant in self._cuts
            if variant.cut is not None
        )

    def holds(self, point: np.ndarray) -> bool:
        """Whether the hypothesis holds: the claim, not with the cause cut, and still with each rival cut."""
        return self.claim(point) and self.confirmed(point)

    def margin(self, point: np.ndarray) -> float:
        """Return how far the hypothesis is from failing, in the unit of the verdict's number.

        It is the least of the claim's margin, the cause's with the sign turned, and the rivals'; negative if and only
        if the hypothesis does not hold.
        """
        verdict = self.experiment.verdict
        found = [verdict.margin(verdict.number(self._claim.values(point)))]
        for variant in self._cuts:
            own = verdict.margin(verdict.number(variant.values(point)))
            found.append(own if variant.cut is None else variant.cut.margin(own))
        return min(found)


class _Variant:
    """All cases of an experiment, with one explanation cut or none."""

    def __init__(
        self,
        model: Model,
        experiment: Experiment,
        cut: Cut | None,
        names: Sequence[str],
        seed: int,
    ) -> None:
        self.cut = cut
        self._quantity = experiment.quantity
        elements = [one(model, name) for name in names]
        self._cases = [
            _Asked(model, case if cut is None else cut.of(case), experiment, elements, seed)
            for case in experiment.cases
        ]

    def warm(self) -> None:
        for case in self._cases:
            case.simulator.warm(wait=True)

    def values(self, point: np.ndarray) -> dict[str, float]:
        return {case.name: case.value(point) for case in self._cases}


class _Asked:
    """One case at many points."""

    def __init__(
        self,
        model: Model,
        case: Case,
        experiment: Experiment,
        elements: Sequence[Element],
        seed: int,
    ) -> None:
        self.name = case.name
        self.simulator = Simulator(model, case.scenario, seed=seed)
        self._quantity = experiment.quantity
        own = set_elements(model, (*case.scenario.settings, *case.scenario.inputs))
        self._free = [
            i
            for i, element in enumerate(elements)
            if not {(element.variable.key, element.place), (element.variable.key, None)} & own
        ]
        self._names = [elements[i].name for i in self._free]

    @cached_property
    def _runs(self) -> Repeated:
        wanted = [name for name in (self._quantity.variable, self._quantity.on) if name]
        return self.simulator.repeated(self._names, wanted)

    def value(self, point: np.ndarray) -> float:
        times, rows = self._runs.curves(np.asarray(point, dtype=float)[self._free])
        return self._quantity.of_rows(self._runs.wanted, times, rows)
