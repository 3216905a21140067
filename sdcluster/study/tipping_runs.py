"""The runs of a tipping map: measures of a model at many values of the varied settings.

A `TippingRuns` object is created for a model and the names of the settings. `ranges_of` reads the settings' ranges.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from sdcluster.errors import ModelError, SimulationError
from sdcluster.measure.measures import Measure
from sdcluster.messages import message
from sdcluster.model import Model
from sdcluster.model.elements import element_names, find_element, limits, one
from sdcluster.run.many import Many
from sdcluster.run.simulator import Simulator

Ranges = dict[str, tuple[float, float]]


def ranges_of(model: Model, vary: Mapping[str, Any] | Sequence[str] | str) -> Ranges:
    """Return the two bounds of each setting that varies, by its name as the model spells it.

    Parameters
    ----------
    model : Model
    vary : mapping of str to (low, high), sequence of str, or str
        A name without bounds takes the range that the model gives it.

    Raises
    ------
    ModelError
        For unknown names, names given twice, and bounds that are not two ascending finite numbers.
    """
    given: Mapping[str, Any] = (
        vary
        if isinstance(vary, Mapping)
        else dict.fromkeys([vary] if isinstance(vary, str) else vary)
    )
    found: Ranges = {}
    for name, bounds in given.items():
        key, place = find_element(model, name)
        variable = model.variables[key]
        if variable.kind == "lookup":
            raise ModelError(
                message("study.lookup_cannot_vary_between", variable=variable.name),
                file=model.path,
            )
        shown = variable.name if place is None else one(model, name).name
        if shown in found:
            raise ModelError(
                message("study.named_twice_among_varies", shown=shown), file=model.path
            )
        own = limits(model, name) if bounds is None else bounds
        try:
            low, high = (float(x) for x in own)
        except (TypeError, ValueError):
            raise ModelError(
                message("study.varies_between_two_numbers", shown=shown, own=repr(own))
            ) from None
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise ModelError(
                message("study.range_goes_first_must_below", shown=shown, low=low, high=high)
            )
        found[shown] = (low, high)
    if not found:
        raise ModelError(message("study.nothing_varies_name_does"))
    return found


def dimension_of(name: str, others: Iterable[str]) -> str:
    """Return the name of a setting's dimension in a dataset: ``name``, or ``name (setting)`` if ``name`` is in use."""
    return f"{name} (setting)" if name in others else name


class TippingRuns:
    """Runs a model at many values of a few settings, and returns measures of each run.

    Parameters
    ----------
    simulator : Simulator
    names : sequence of str
        Variables, elements of arrays, or whole arrays, all elements of which get the same number.
    measures : sequence of Measure
    workers : int, optional

    Attributes
    ----------
    done, failed : int
        Number of runs so far, and number of failed runs among them.
    first_failure : ndarray or None
        The settings of the first run that failed.
    """

    def __init__(
        self,
        simulator: Simulator,
        names: Sequence[str],
        measures: Sequence[Measure],
        workers: int | None = None,
    ) -> None:
        model = simulator.model
        self._measures = tuple(measures)
        if all(m.what == "final" and m.start is None and m.stop is None for m in measures):
            simulator = _end_alone(simulator, names)
        self._wanted = list(dict.fromkeys(n for m in measures for n in (m.variable, m.on) if n))
        self._columns: list[int] = []
        self.names: list[str] = []
        for column, name in enumerate(names):
            key, place = find_element(model, name)
            every = element_names(model, key)
            own = every if place is None else [every[place]]
            self.names += own
            self._columns += [column] * len(own)
        self._many = Many(simulator, self.names, self._wanted, workers=workers)
        self.simulator = simulator
        self.done = self.failed = 0
        self.first_failure: np.ndarray | None = None

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Return the measures, shape (measures, n), at points, shape (n, names); NaN where a run fails."""
        row = {name: i for i, name in enumerate(self._wanted)}
        found = np.full((len(self._measures), len(points)), np.nan)
        for block in self._many.blocks(points[:, self._columns]):
            here = slice(block.first, block.first + len(block.failed))
            for i, measure in enumerate(self._measures):
                other = block.curves[row[measure.on]] if measure.on else None
                found[i, here] = measure.of(block.times, block.curves[row[measure.variable]], other)
            found[:, here][:, block.failed] = np.nan
            if block.failed.any() and self.first_failure is None:
                self.first_failure = points[block.first + int(np.argmax(block.failed))]
            self.failed += int(block.failed.sum())
        self.done += len(points)
        return found

    def failure(self) -> str:
        """Return why the first failed run failed, with the variable's name; ``""`` if none failed."""
        if self.first_failure is None:
            return ""
        point = self.first_failure[self._columns].tolist()
        try:
            self.simulator.curves(dict(zip(self.names, point, strict=True)))
        except SimulationError as error:
            return error.whole
        return message("study.variable_turns_nan_infinity")


def _end_alone(simulator: Simulator, names: Sequence[str]) -> Simulator:
    """Return a simulator that saves only start and end, or the given one if that would change the results."""
    model, grid = simulator.model, simulator.grid
    moved = simulator.moved_by([*names, *simulator.scenario.settings])
    if moved or ("saveper" in simulator.controls and _is_used(model, "saveper")):
        return simulator
    return Simulator(
        model,
        simulator.scenario,
        method=simulator.method,
        saveper=grid.dt * grid.steps,
        seed=simulator.seed,
    )


def _is_used(model: Model, key: str) -> bool:
    from sdcluster.model.graph import causal_graph

    graph, name = causal_graph(model), model.variables[key].name
    return name in graph and graph.out_degree(name) > 0
