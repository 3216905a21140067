"""A model run over a grid of settings.

Crosses the border: a `Model`, the axes of the grid and measures in, an `xarray.Dataset` out.
"""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sdcluster.errors import ModelError, ModelWarning, SimulationError
from sdcluster.measure.measures import Measure
from sdcluster.model import Model
from sdcluster.model.elements import find_element, one
from sdcluster.model.names import canonical

if TYPE_CHECKING:
    import xarray as xr

    from sdcluster.project.scenario import Scenario

MOST_RUNS = 1_000_000
SEED = "seed"  # of random numbers, among the names of axes


@dataclass(frozen=True)
class Axis:
    """The values that one setting takes in a sweep."""

    name: str
    values: tuple[float, ...]


def parse_axis(text: str, model: Model) -> Axis:
    """Read ``name=first:last:number`` (evenly spaced) or ``name=value,value,…``.

    The name ``seed`` means the seed of random numbers, unless the model has a variable of that name.

    Raises
    ------
    ModelError
        If the text has another form or the model has no such variable.
    """
    name, equals, values = text.partition("=")
    form = f'"{text}" is no range of values; write name=first:last:number or name=value,value,…'
    if not equals or not values.strip():
        raise ModelError(form + ', for instance "price=0:1:11"')
    seeds = canonical(name) == SEED and SEED not in model
    if seeds:
        chosen = SEED
    else:
        key, place = find_element(model, name)
        chosen = model.variables[key].name if place is None else one(model, name).name
    try:
        if ":" in values:
            first, last, number = values.split(":")
            # One more than can be run is enough to be refused.
            grid = np.linspace(float(first), float(last), min(int(number), MOST_RUNS + 1))
        else:
            grid = np.array([float(value) for value in values.split(",")])
    except ValueError:
        raise ModelError(form) from None
    if not grid.size or not np.all(np.isfinite(grid)):
        raise ModelError(form)
    if grid.size > MOST_RUNS:
        raise ModelError(
            f'"{text}" asks for more runs than the limit of {MOST_RUNS:,}; take fewer values'
        )
    if seeds:
        from sdcluster.run.simulator import whole_seed

        return Axis(chosen, tuple(float(whole_seed(value)) for value in grid))
    return Axis(chosen, tuple(float(value) for value in grid))


def sweep(
    model: Model,
    axes: Sequence[Axis],
    measures: Sequence[Measure],
    scenario: Scenario | str | None = None,
    *,
    settings: Mapping[str, Any] | None = None,
    method: str | None = None,
    seed: int = 0,
    track: Callable[[Iterable[Any], int], Iterable[Any]] | None = None,
) -> xr.Dataset:
    """Run the model at each point of the grid and keep the measures, not the trajectories.

    Parameters
    ----------
    model : Model
        What to run.
    axes : sequence of Axis
        Settings that vary; the grid is their product.
    measures : sequence of Measure
        What to keep of each run.
    scenario : Scenario, str or None
        Starting point; the swept settings win over the scenario's.
    settings : mapping of str to float or points, optional
        Further settings, the same in all runs; see `sdcluster.Simulator.run`.
    method : str
        As in `sdcluster.simulate`.
    seed : int
        Of random numbers, the same in all runs unless an axis varies it.
    track : callable, optional
        Wraps the iterable of points, given their number, to show progress.

    Returns
    -------
    xarray.Dataset
        A variable for each measure with its unit, a dimension for each axis in order. Where a run failed the measures
        are NaN; then the attribute ``failed`` is the number of such runs, ``failure`` says why the first of them did,
        and a `ModelWarning` says both.

    Raises
    ------
    ModelError
        For settings, a scenario or a method that the model does not know, or a grid that is too large.
    SimulationError
        If all runs fail.
    """
    import xarray as xr

    shape = tuple(len(axis.values) for axis in axes)
    total = math.prod(shape)
    if total > MOST_RUNS:
        raise ModelError(f"this sweep is {total:,} runs; the limit is {MOST_RUNS:,}")
    run = _runner(model, scenario, method, measures, seed)
    results = np.full((len(measures), total), np.nan)
    failures: list[SimulationError] = []
    points: Iterable[Any] = enumerate(itertools.product(*(axis.values for axis in axes)))
    for index, point in track(points, total) if track else points:
        chosen = dict(settings or {}) | {
            axis.name: value for axis, value in zip(axes, point, strict=True)
        }
        try:
            results[:, index] = run(chosen)
        except SimulationError as error:
            failures.append(error)
    if len(failures) == total:
        raise failures[0]
    names = [axis.name for axis in axes]
    table = xr.Dataset(
        {
            str(measure): (names, results[row].reshape(shape), {"units": measure.units(model)})
            for row, measure in enumerate(measures)
        },
        coords={axis.name: list(axis.values) for axis in axes},
        attrs={
            "model": model.name,
            "model_hash": model.hash,
            "method": method or model.time.integration,
        },
    )
    if failures:
        table.attrs |= {"failed": len(failures), "failure": str(failures[0])}
        warnings.warn(failed_runs(len(failures), total, failures[0]), ModelWarning, stacklevel=2)
    return table


def failed_runs(failed: int, total: int, why: object) -> str:
    """Return the sentence on runs that failed."""
    return f"{failed:,} of {total:,} runs failed; the first because: {why}"


def _runner(
    model: Model,
    scenario: Scenario | str | None,
    method: str | None,
    measures: Sequence[Measure],
    seed: int,
) -> Callable[[Mapping[str, Any]], list[float]]:
    from sdcluster.run import Simulator

    simulator = Simulator(model, scenario, method=method, seed=seed)
    rows = {name: row for row, name in enumerate(simulator.names)}

    def run(settings: Mapping[str, Any]) -> list[float]:
        numbers = dict(settings)
        own = int(numbers.pop(SEED)) if SEED in numbers and SEED not in model else None
        times, values = simulator.curves(numbers, seed=own)
        others = [values[rows[m.on]] if m.on else None for m in measures]
        return [
            m.of(times, values[rows[m.variable]], other)
            for m, other in zip(measures, others, strict=True)
        ]

    return run
