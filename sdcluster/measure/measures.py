"""Single numbers of a trajectory, asked for in words: ``"final population"``, ``"peak births"``.

Crosses the border: a text and a trajectory in, a number out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sdcluster.errors import ModelError
from sdcluster.model import Model
from sdcluster.model.elements import elements, one
from sdcluster.model.names import canonical


def _time_mean(time: np.ndarray, values: np.ndarray) -> float:
    span = float(time[-1] - time[0])
    return float(np.trapezoid(values, time) / span) if span > 0 else float(values[0])


def _drop_from_peak(time: np.ndarray, values: np.ndarray) -> float:
    from sdcluster.measure.trajectory import fall_from_peak

    return fall_from_peak(time, values)[0]


Trajectory = Callable[[np.ndarray, np.ndarray], float]


def _of_what_is_known(measure: Trajectory) -> Trajectory:
    """Return a measure that passes over missing values; NaN where all are missing."""

    def measured(time: np.ndarray, values: np.ndarray) -> float:
        known = ~np.isnan(values)
        return measure(time[known], values[known]) if known.any() else float("nan")

    return measured


KINDS: dict[str, Trajectory] = {
    "initial": lambda time, values: float(values[0]),
    "final": lambda time, values: float(values[-1]),
    "peak": _of_what_is_known(lambda time, values: float(np.max(values))),
    "minimum": _of_what_is_known(lambda time, values: float(np.min(values))),
    "mean": _of_what_is_known(_time_mean),
    "time of peak": _of_what_is_known(lambda time, values: float(time[int(np.argmax(values))])),
    "time of minimum": _of_what_is_known(lambda time, values: float(time[int(np.argmin(values))])),
    "drop from peak": _of_what_is_known(_drop_from_peak),
}

UNITLESS = {"drop from peak"}
CLOCK = {"time step", "saveper", "initial time", "final time"}  # variables in Vensim's files
OF_TIME = {"time of peak", "time of minimum"}


@dataclass(frozen=True)
class Measure:
    """One number of a trajectory.

    Parameters
    ----------
    kind : str
        A key of `KINDS`: ``"final"``, ``"peak"``, ``"time of peak"``, ``"drop from peak"``, …
        The mean is over time (trapezoids); the drop from the peak is a share of the peak.
    variable : str
        The name of a variable or of an element, as results write it.
    """

    kind: str
    variable: str

    def __str__(self) -> str:
        return f"{self.kind} {self.variable}"

    def of(self, time: np.ndarray, values: np.ndarray) -> float:
        """Return the number for `values` (T,) at `time` (T,); missing values (NaN) count only as first or last."""
        return KINDS[self.kind](time, values)

    def units(self, model: Model) -> str:
        """Return the unit of the number."""
        if self.kind in UNITLESS:
            return "1"
        return (
            model.time.units if self.kind in OF_TIME else one(model, self.variable).variable.units
        )


def _shown(model: Model, name: str) -> str:
    """Return the name of a variable or element that results hold."""
    found = one(model, name)
    if found.variable.hidden:
        raise ModelError(
            f'"{found.name}" is an inner part of a macro or delay, which results do not hold; '
            "measure the variable that uses it",
            file=model.path,
        )
    return found.name


def parse_measure(text: str, model: Model) -> Measure:
    """Read a measure such as ``"final population"`` or ``"time of peak births"``.

    A bare name means its final value.

    Raises
    ------
    ModelError
        If no measure of that kind, or no variable of that name, exists.
    """
    wanted = canonical(text)
    for kind in sorted(KINDS, key=len, reverse=True):
        if wanted.startswith(kind + " ") and wanted not in model:
            return Measure(kind, _shown(model, wanted.removeprefix(kind).strip()))
    if wanted in model or (wanted.endswith("]") and wanted.partition("[")[0] in model):
        return Measure("final", _shown(model, wanted))
    raise ModelError(
        f'"{text}" is not a measure; write one of {", ".join(KINDS)} and then a variable, '
        f'for instance "final {model.stocks[0].name if model.stocks else "a variable"}"'
    )


def parse_measures(text: str, model: Model) -> tuple[Measure, ...]:
    """Read a measure as `parse_measure` does; of an array, the measures of all its elements."""
    wanted = canonical(text)
    for kind in (*sorted(KINDS, key=len, reverse=True), ""):
        name = wanted.removeprefix(kind).strip()
        if wanted.startswith(kind) and name in model and model[name].dimensions:
            return tuple(Measure(kind or "final", e.name) for e in elements(model, model[name]))
    return (parse_measure(text, model),)


def main_variables(model: Model) -> tuple[str, ...]:
    """Return the names to show first: what nothing else uses (indicators), then all stocks.

    Where a model has neither, all that changes with time; where nothing does, its constants.
    """
    from sdcluster.model.graph import causal_graph

    graph = causal_graph(model)
    indicators = [
        variable.name
        for variable in model.auxiliaries
        if graph.out_degree(variable.name) == 0 and variable.key not in CLOCK
    ]
    found = (*indicators, *(stock.name for stock in model.stocks))
    if found:
        return found
    shown = [v for v in model.variables.values() if not v.hidden and v.key not in CLOCK]
    moving = tuple(v.name for v in shown if v.kind in ("auxiliary", "flow", "data"))
    return moving or tuple(v.name for v in shown if v.kind == "constant")
