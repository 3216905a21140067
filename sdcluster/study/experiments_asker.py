"""Evaluates for many sets of constants whether the hypothesis of an experiment holds.

The methods of `Asker(model, experiment, names)` return measures, verdicts and margins.

A point is a set of values of the constants `names`. To test a hypothesis at a point, all cases of the experiment run
as they are, then with the cause removed from the model (cut), then with each rival explanation removed.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property

import numpy as np

from sdcluster.errors import SimulationError
from sdcluster.model import Model
from sdcluster.model.elements import Element, one
from sdcluster.project.experiment import Case, Cut, Experiment, Verdict
from sdcluster.project.scenarios_file import set_elements
from sdcluster.run import Simulator
from sdcluster.run.many import Many
from sdcluster.run.repeated import Repeated


class Asker:
    """Evaluates an experiment at points, each a set of values for some constants.

    Parameters
    ----------
    model : Model
    experiment : Experiment
    names : sequence of str
        Constants that differ from point to point. Where a case or a cut sets one of them, its own value applies.
    seed : int
        Seed of the model's random numbers.
    """

    def __init__(
        self, model: Model, experiment: Experiment, names: Sequence[str] = (), seed: int = 0
    ) -> None:
        self.experiment = experiment
        self._claim = _Variant(model, experiment, None, names, seed)
        self._cuts = [_Variant(model, experiment, cut, names, seed) for cut in experiment.cuts]

    def warm(self) -> None:
        """Compile the model to machine code, if there is a compiler; worthwhile before evaluating many points."""
        for variant in (self._claim, *self._cuts):
            variant.warm()

    def values(self, point: np.ndarray, cut: int | None = None) -> dict[str, float]:
        """Return the measure of each case at a point, by the name of the case.

        Parameters
        ----------
        point : ndarray, shape (len(names),)
        cut : int, optional
            Index in `Experiment.cuts` of the explanation to remove; by default none is removed.

        Raises
        ------
        SimulationError
            If a run fails.
        """
        return (self._claim if cut is None else self._cuts[cut]).values(point)

    def claim(self, point: np.ndarray) -> bool:
        """Whether the verdict holds at a point with no explanation removed; raises what `values` raises."""
        verdict = self.experiment.verdict
        return verdict.holds(verdict.number(self.values(point)))

    def confirmed(self, point: np.ndarray) -> bool:
        """Whether every cut supports the claim: no verdict without the cause, the same verdict without a rival.

        Cuts after the first that does not support the claim are not run.
        """
        verdict = self.experiment.verdict
        return all(
            variant.cut.confirmed(verdict.holds(verdict.number(variant.values(point))))
            for variant in self._cuts
            if variant.cut is not None
        )

    def holds(self, point: np.ndarray) -> bool:
        """Whether the hypothesis holds at a point: the claim is true, and every cut supports it (`confirmed`)."""
        return self.claim(point) and self.confirmed(point)

    def margin(self, point: np.ndarray) -> float:
        """Return how far the hypothesis is from failing at a point, in the unit of the verdict's number.

        The margin of a verdict is the distance of its number from the nearest bound, negative outside the bounds. The
        result is the smallest of three margins: that of the claim, that without the cause (with its sign reversed) and
        that without each rival. It is negative if and only if the hypothesis does not hold.
        """
        verdict = self.experiment.verdict
        found = [verdict.margin(verdict.number(self._claim.values(point)))]
        for variant in self._cuts:
            own = verdict.margin(verdict.number(variant.values(point)))
            found.append(own if variant.cut is None else variant.cut.margin(own))
        return min(found)

    # ---- many points

    def outcomes(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Evaluate many points in parallel; the cuts run only at points where the hypothesis may still hold.

        Parameters
        ----------
        points : ndarray, shape (runs, len(names))

        Returns
        -------
        claim, holds, failed : ndarray of bool, shape (runs,)
            Whether the verdict holds with no explanation removed, whether the hypothesis holds, and whether a run
            failed. Where a run failed, the hypothesis counts as not holding.
        """
        verdict = self.experiment.verdict
        numbers, failed = self._claim.numbers(points, verdict)
        claim = np.array([verdict.holds(x) for x in numbers.tolist()], dtype=bool) & ~failed
        held = claim.copy()
        for variant in self._cuts:
            left = np.flatnonzero(held)
            if variant.cut is None or not left.size:
                continue
            own, lost = variant.numbers(points[left], verdict)
            confirmed = [variant.cut.confirmed(verdict.holds(x)) for x in own.tolist()]
            held[left] = np.array(confirmed, dtype=bool) & ~lost
            failed[left[lost]] = True
        return claim, held, failed

    def margins(self, points: np.ndarray) -> np.ndarray:
        """Return the `margin` at each of many points, shape (runs,); NaN where a run failed."""
        verdict = self.experiment.verdict
        numbers, failed = self._claim.numbers(points, verdict)
        found = np.array([verdict.margin(x) for x in numbers.tolist()], dtype=float)
        for variant in self._cuts:
            own, lost = variant.numbers(points, verdict)
            margins = [verdict.margin(x) for x in own.tolist()]
            if variant.cut is not None:
                margins = [variant.cut.margin(m) for m in margins]
            found = np.minimum(found, margins)
            failed |= lost
        found[failed] = np.nan
        return found


class _Variant:
    """All cases of an experiment, with at most one explanation removed."""

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

    def numbers(self, points: np.ndarray, verdict: Verdict) -> tuple[np.ndarray, np.ndarray]:
        """Return at each point the number that decides the verdict, and whether a run failed, both of shape (runs,)."""
        failed = np.zeros(len(points), dtype=bool)
        columns: dict[str, list[float]] = {}
        for case in self._cases:
            values, lost = case.many(points)
            columns[case.name] = values.tolist()
            failed |= lost
        rows = zip(*columns.values(), strict=True)
        found = [verdict.number(dict(zip(columns, row, strict=True))) for row in rows]
        return np.array(found, dtype=float), failed


class _Asked:
    """One case of an experiment, run at many points."""

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

    @property
    def _wanted(self) -> list[str]:
        return [name for name in (self._quantity.variable, self._quantity.on) if name]

    @cached_property
    def _runs(self) -> Repeated:
        return self.simulator.repeated(self._names, self._wanted)

    @cached_property
    def _many(self) -> Many:
        return Many(self.simulator, self._names, list(dict.fromkeys(self._wanted)))

    def many(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the measure of this case at each point, and whether the run failed, both of shape (runs,)."""
        values = np.full(len(points), np.nan)
        failed = np.zeros(len(points), dtype=bool)
        if not self._free:  # all runs are the same
            with suppress(SimulationError):
                return np.full(len(points), self.value(points[0])), failed
            return values, ~failed
        shown = self._many.wanted
        for block in self._many.blocks(np.asarray(points, dtype=float)[:, self._free]):
            sound = np.flatnonzero(~block.failed)
            failed[block.first + np.flatnonzero(block.failed)] = True
            if sound.size:
                rows = {name: block.curves[i][:, sound] for i, name in enumerate(shown)}
                other = rows[self._quantity.on] if self._quantity.on else None
                found = self._quantity.of(block.times, rows[self._quantity.variable], other)
                values[block.first + sound] = found
        return values, failed

    def value(self, point: np.ndarray) -> float:
        times, rows = self._runs.curves(np.asarray(point, dtype=float)[self._free])
        return self._quantity.of_rows(self._runs.wanted, times, rows)
