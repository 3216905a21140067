"""Runs a model at all points of a grid of settings.

`sweep` takes a `Model`, the axes of the grid and measures; it returns an `xarray.Dataset`.
"""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sdcluster.errors import ModelError, ModelWarning, SimulationError, short_traceback
from sdcluster.measure.measures import Measure
from sdcluster.messages import message
from sdcluster.model import Model
from sdcluster.model.elements import element_names, find_element, one
from sdcluster.model.names import canonical
from sdcluster.run.many import Many
from sdcluster.study.run_request import loaded, read_measures, with_settings

if TYPE_CHECKING:
    import xarray as xr

    from sdcluster.project.scenario import Scenario
    from sdcluster.run.simulator import Simulator

MOST_RUNS = 1_000_000
SEED = "seed"  # the name of an axis that varies the seed of random numbers
Run = tuple[int, np.ndarray, bool]  # the index of a run, its measures, and whether it failed


@dataclass(frozen=True)
class Axis:
    """The values that one setting takes in a sweep."""

    name: str
    values: tuple[float, ...]


def parse_axis(text: str, model: Model) -> Axis:
    """Read ``name=first:last:number`` (evenly spaced) or ``name=value,value,…``.

    The name ``seed`` refers to the seed of random numbers, unless the model has a variable with this name.

    Raises
    ------
    ModelError
        If the text has another form, or the model has no variable with this name.
    """
    name, equals, values = text.partition("=")
    form = message("study.not_range_values_write", text=text)
    if not equals or not values.strip():
        raise ModelError(form + message("study.instance_price"))
    seeds = canonical(name) == SEED and SEED not in model
    if seeds:
        chosen = SEED
    else:
        key, place = find_element(model, name)
        chosen = model.variables[key].name if place is None else one(model, name).name
    try:
        if ":" in values:
            first, last, number = values.split(":")
            # A grid with too many values is refused later, so it needs no more than one value over the limit.
            grid = np.linspace(float(first), float(last), min(int(number), MOST_RUNS + 1))
        else:
            grid = np.array([float(value) for value in values.split(",")])
    except ValueError:
        raise ModelError(form) from None
    if not grid.size or not np.all(np.isfinite(grid)):
        raise ModelError(form)
    if grid.size > MOST_RUNS:
        raise ModelError(message("study.asks_more_runs_limit", text=text, most_runs=MOST_RUNS))
    if seeds:
        from sdcluster.run.simulator import whole_seed

        return Axis(chosen, tuple(float(whole_seed(value)) for value in grid))
    return Axis(chosen, tuple(float(value) for value in grid))


@short_traceback
def sweep(
    model: Model | str | Path,
    axes: Mapping[str, Iterable[float]] | Sequence[Axis | str],
    measures: Sequence[Measure | str] | str = (),
    scenario: Scenario | str | Path | None = None,
    *,
    settings: Mapping[str, Any] | None = None,
    method: str | None = None,
    seed: int = 0,
    track: Callable[[Iterable[Any], int], Iterable[Any]] | None = None,
) -> xr.Dataset:
    """Run the model at each point of a grid of settings, and return measures of each run (not trajectories).

    Runs execute in parallel in machine code, on all cores; results are bit-identical for any number of cores.

    Parameters
    ----------
    model : Model or path
        The model to run.
    axes : mapping of str to numbers, or sequence of Axis or str
        Settings to vary, such as ``{"price": [1, 1.5]}`` or ``["price=1:2:11"]``; the grid is their product.
    measures : sequence of Measure or str
        The measures to keep of each run, such as ``["final population"]``; by default the final value of each stock.
    scenario : Scenario, str or None
        Scenario of all runs; swept settings override the scenario's.
    settings : mapping of str to float or points, optional
        Further settings, the same in all runs; see `sdcluster.Simulator.run`.
    method : str
        As in `sdcluster.simulate`.
    seed : int
        Seed of random numbers, the same in all runs unless an axis varies it.
    track : callable, optional
        Wraps the iterable of runs, given their number, to show progress.

    Returns
    -------
    xarray.Dataset
        A variable for each measure, with its unit; a dimension for each axis, in the order of `axes`. The measures of a
        failed run are NaN. If runs fail, the attribute ``failed`` is their number, ``failure`` says why the first one
        failed, and a `ModelWarning` says both.

    Raises
    ------
    ModelError
        For unknown settings, scenarios or methods, or a grid that is too large.
    SimulationError
        If all runs fail.

    Examples
    --------
    >>> import sdcluster
    >>> sdcluster.sweep("my_model.mdl", {"price": [1.0, 1.5]}, ["final population"])  # doctest: +SKIP
    """
    import xarray as xr

    from sdcluster.run import Simulator

    model = loaded(model)
    simulator = Simulator(model, with_settings(model, scenario, settings), method=method, seed=seed)
    wanted, asked = _axes(model, axes), read_measures(model, measures)
    shape = tuple(len(axis.values) for axis in wanted)
    total = math.prod(shape)
    if total > MOST_RUNS:
        raise ModelError(message("study.sweep_runs_limit", total=total, most_runs=MOST_RUNS))
    points = np.array(list(itertools.product(*(axis.values for axis in wanted))), dtype=float)
    results = np.full((len(asked), total), np.nan)
    failed = np.ones(total, dtype=bool)
    seeded = any(axis.name == SEED and SEED not in model for axis in wanted)
    runs = _one_by_one if seeded else _side_by_side
    done = runs(simulator, wanted, points, asked)
    for at, numbers, broken in track(done, total) if track else done:
        failed[at] = broken
        if not broken:
            results[:, at] = numbers
    names = [axis.name for axis in wanted]
    table = xr.Dataset(
        {
            str(measure): (names, results[row].reshape(shape), {"units": measure.units(model)})
            for row, measure in enumerate(asked)
        },
        coords={
            axis.name: (axis.name, list(axis.values), {"units": _units(model, axis)})
            for axis in wanted
        },
        attrs={
            "model": model.name,
            "model_hash": model.hash,
            "method": method or model.time.integration,
        },
    )
    if failed.any():
        why = _reason(simulator, wanted, points, failed)
        table.attrs |= {"failed": int(failed.sum()), "failure": why}
        warnings.warn(failed_runs(int(failed.sum()), total, why), ModelWarning, stacklevel=3)
    return table


def failed_runs(failed: int, total: int, why: object) -> str:
    """Return a message that says how many runs failed, and why the first one did."""
    return message("study.runs_failed_first_because", failed=failed, total=total, why=why)


def _axes(
    model: Model, axes: Mapping[str, Iterable[float]] | Sequence[Axis | str]
) -> tuple[Axis, ...]:
    given: Iterable[Axis | str] = (
        [f"{name}={','.join(repr(float(v)) for v in values)}" for name, values in axes.items()]
        if isinstance(axes, Mapping)
        else [axes]
        if isinstance(axes, str)
        else axes
    )
    found = tuple(one if isinstance(one, Axis) else parse_axis(one, model) for one in given)
    if not found:
        raise ModelError(message("study.sweep_needs_setting_vary"))
    return found


def _side_by_side(
    simulator: Simulator, axes: Sequence[Axis], points: np.ndarray, measures: Sequence[Measure]
) -> Iterator[Run]:
    names, columns = _columns(simulator.model, axes)
    wanted = list(dict.fromkeys(n for m in measures for n in (m.variable, m.on) if n))
    row = {name: i for i, name in enumerate(wanted)}
    for block in Many(simulator, names, wanted).blocks(points[:, columns]):
        numbers = np.array(
            [
                m.of(
                    block.times,
                    block.curves[row[m.variable]],
                    block.curves[row[m.on]] if m.on else None,
                )
                for m in measures
            ]
        ).reshape(len(measures), len(block.failed))
        for i, broken in enumerate(block.failed):
            yield block.first + i, numbers[:, i], bool(broken)


def _units(model: Model, axis: Axis) -> str:
    """Return the unit of the numbers of an axis; empty for the seed of random numbers."""
    if axis.name == SEED and SEED not in model:
        return ""
    key, _ = find_element(model, axis.name)
    return model[key].units


def _columns(model: Model, axes: Sequence[Axis]) -> tuple[list[str], list[int]]:
    """Return the elements that the axes set, and the axis of each; the name of an array means all its elements."""
    names, columns = [], []
    for place, axis in enumerate(axes):
        key, element = find_element(model, axis.name)
        every = element_names(model, key)
        own = every if element is None else [every[element]]
        names += own
        columns += [place] * len(own)
    return names, columns


def _one_by_one(
    simulator: Simulator, axes: Sequence[Axis], points: np.ndarray, measures: Sequence[Measure]
) -> Iterator[Run]:
    """Execute the runs one after the other, because their seeds of random numbers differ."""
    rows = {name: row for row, name in enumerate(simulator.names)}
    for at, point in enumerate(points.tolist()):
        try:
            times, values = _curves(simulator, axes, point)
        except SimulationError:
            yield at, np.empty(0), True
            continue
        others = [values[rows[m.on]] if m.on else None for m in measures]
        numbers = [
            m.of(times, values[rows[m.variable]], other)
            for m, other in zip(measures, others, strict=True)
        ]
        yield at, np.array(numbers), False


def _curves(simulator: Simulator, axes: Sequence[Axis], point: Sequence[float]) -> Any:
    numbers = {axis.name: value for axis, value in zip(axes, point, strict=True)}
    own = int(numbers.pop(SEED)) if SEED in numbers and SEED not in simulator.model else None
    return simulator.curves(numbers, seed=own)


def _reason(
    simulator: Simulator, axes: Sequence[Axis], points: np.ndarray, failed: np.ndarray
) -> str:
    """Return a text that says why the first failed run failed; if all runs failed, raise the error instead."""
    at = int(np.flatnonzero(failed)[0])
    try:
        _curves(simulator, axes, points[at].tolist())
    except SimulationError as error:
        if failed.all():
            raise
        return error.whole
    return message("study.run_turns_nan_infinity", at=at)
