"""A model run at many points, to see how sure its results are.

Crosses the border: a `Model` and points in (`sdcluster.study.design`, a table, or arrays), an `xarray.Dataset` out:
a number for each run and measure, curves of what is kept, and quantiles over time.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sdcluster.errors import ModelError, ModelWarning
from sdcluster.measure.measures import Measure
from sdcluster.model import Model
from sdcluster.model.elements import one
from sdcluster.run.varying import varying
from sdcluster.study.asked import loaded, read_measures, reason, with_settings
from sdcluster.study.design import Design, elements_of

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from sdcluster.project.scenario import Scenario

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
MOST = 250_000_000  # numbers of curves in memory, 2 GB
QUANTILE = "quantiles of"


def ensemble(
    model: Model | str | Path,
    samples: Design | pd.DataFrame | Mapping[str, Sequence[float] | np.ndarray],
    *,
    measures: Sequence[str] = (),
    keep: Sequence[str] = (),
    bands: Sequence[str] = (),
    quantiles: Sequence[float] = QUANTILES,
    scenario: Scenario | str | Path | None = None,
    settings: Mapping[str, Any] | None = None,
    method: str | None = None,
    saveper: float | None = None,
    seed: int = 0,
    workers: int | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> xr.Dataset:
    """Run a model at many points.

    Runs are made side by side in machine code, on all cores; neither number changes a bit of a result.

    Parameters
    ----------
    model : Model or path
    samples : Design, DataFrame, or mapping of str to sequence of float
        What varies, with a number for each run: constants, stocks (their initial values), other variables (their
        equation becomes the number), or elements of them.
    measures : sequence of str
        Numbers to keep of each run, such as ``"final population"`` (`sdcluster.measure`); the final values of all
        stocks, if nothing else is asked for.
    keep : sequence of str
        Variables or elements whose curves are kept, each of shape (run, time).
    bands : sequence of str
        Variables or elements of which quantiles over time are computed, from all runs that came to an end.
    quantiles : sequence of float
        From 0 to 1.
    scenario, settings, method, saveper, seed
        As for `sdcluster.simulate`; samples win over settings, and these over the scenario's.
    workers : int, optional
        Threads; by default one for each core.
    progress : callable, optional
        Called with words, runs done and runs in all.

    Returns
    -------
    xarray.Dataset
        Dimension ``run``; a coordinate on it for each name that varies, in its unit; a variable for each measure; a
        variable of dimensions (run, time) for each name in `keep`; ``"quantiles of NAME"`` of dimensions
        (quantile, time) for each in `bands`. A run that fails has NaN in all of them: the coordinate ``failed`` is true
        there, the attribute ``failed`` counts them, ``failure`` says why the first of them did, and a `ModelWarning`
        says both.

    Raises
    ------
    ModelError
        For names, measures or settings that the model does not know, numbers that are not finite, settings that move
        the clock of single runs, and curves too large for memory.
    SimulationError
        If all runs fail.

    Examples
    --------
    >>> import sdcluster
    >>> runs = sdcluster.ensemble("my_model.mdl", {"price": [1.0, 1.5, 2.0]})  # doctest: +SKIP
    >>> runs["final population"].quantile([0.05, 0.95], "run")  # doctest: +SKIP
    """
    from sdcluster.run.many import Many
    from sdcluster.run.simulator import Simulator

    model = loaded(model)
    names, points = _points(model, samples)
    asked = read_measures(model, measures, otherwise=not (keep or bands))
    kept, banded = (elements_of(model, [n] if isinstance(n, str) else n) for n in (keep, bands))
    shares = _shares(quantiles)
    scenario_set = with_settings(model, scenario, settings)
    simulator = Simulator(model, scenario_set, method=method, saveper=saveper, seed=seed)
    wanted = list(
        dict.fromkeys([n for m in asked for n in (m.variable, m.on) if n] + kept + banded)
    )
    many = Many(simulator, names, wanted, workers=workers)
    runs, times = len(points), simulator.time
    curves = list(dict.fromkeys(kept + banded))
    if len(curves) * runs * len(times) > MOST:
        raise ModelError(
            f"the curves of {runs:,} runs at {len(times):,} times would take "
            f"{8e-9 * len(curves) * runs * len(times):.1f} GB; keep fewer variables, ask for fewer runs, or give a "
            "larger saveper",
            file=model.path,
        )
    table = {name: np.full((runs, len(times)), np.nan) for name in curves}
    numbers = np.full((len(asked), runs), np.nan)
    failed = np.zeros(runs, dtype=bool)
    row = {name: i for i, name in enumerate(wanted)}
    for block in many.blocks(points):
        if len(block.times) != len(times) or not np.array_equal(block.times, times):
            raise ModelError(
                "the samples move the clock of the runs, which share one; leave out what the clock follows from",
                file=model.path,
            )
        count = len(block.failed)
        here = slice(block.first, block.first + count)
        failed[here] = block.failed
        for i, measure in enumerate(asked):
            other = block.curves[row[measure.on]] if measure.on else None
            numbers[i, here] = measure.of(times, block.curves[row[measure.variable]], other)
        for name in curves:
            table[name][here] = block.curves[row[name]].T
        if progress is not None:
            progress("runs", block.first + count, runs)
    numbers[:, failed] = np.nan
    why = reason(simulator, names, points, failed)
    return _dataset(
        model, simulator, asked, numbers, (names, points, failed), (kept, banded, table), shares,
        {
            "design": json.dumps(dict(getattr(samples, "made", {})), ensure_ascii=False),
            "failed": int(failed.sum()), "failure": why,
        },
    )  # fmt: skip


# ---- what is given


def _points(model: Model, samples: Any) -> tuple[tuple[str, ...], np.ndarray]:
    """Return the names of what varies and the points, shape (runs, names)."""
    if isinstance(samples, Design):
        return samples.names, samples.values
    if not hasattr(samples, "keys"):
        raise ModelError(
            'samples must be a design, a table, or numbers by name, for instance {"price": [1, 2]}'
        )
    names = tuple(varying(model, str(name)).name for name in samples)
    if not names:
        raise ModelError("the samples name nothing that varies")
    try:
        columns = [np.asarray(samples[name], dtype=float) for name in samples]
    except (TypeError, ValueError):
        raise ModelError("the samples hold something else than numbers") from None
    lengths = {name: column.shape for name, column in zip(names, columns, strict=True)}
    if len(set(lengths.values())) > 1 or any(column.ndim != 1 for column in columns):
        said = ", ".join(f'"{n}" has {"×".join(map(str, s)) or "one"}' for n, s in lengths.items())
        raise ModelError(f"each name needs one number for each run, but {said}")
    return names, np.stack(columns, axis=1)


def _shares(quantiles: Sequence[float]) -> np.ndarray:
    shares = np.asarray(quantiles, dtype=float)
    if shares.ndim != 1 or not ((shares >= 0) & (shares <= 1)).all():
        raise ModelError("quantiles must be numbers from 0 to 1")
    return shares


# ---- what comes out


def _dataset(
    model: Model,
    simulator: Any,
    asked: Sequence[Measure],
    numbers: np.ndarray,
    sampled: tuple[Sequence[str], np.ndarray, np.ndarray],
    curves: tuple[Sequence[str], Sequence[str], Mapping[str, np.ndarray]],
    shares: np.ndarray,
    attributes: Mapping[str, Any],
) -> xr.Dataset:
    import xarray as xr

    names, points, failed = sampled
    kept, banded, table = curves

    def units(name: str) -> str:
        return one(model, name).variable.units

    coordinates: dict[str, Any] = {"run": np.arange(len(points)), "failed": ("run", failed)}
    for i, name in enumerate(names):
        coordinates[name] = (
            "run",
            points[:, i],
            {"units": varying(model, name).element.variable.units},
        )
    found: dict[str, Any] = {
        str(m): ("run", numbers[i], {"units": m.units(model)}) for i, m in enumerate(asked)
    }
    if kept or banded:
        coordinates["time"] = ("time", simulator.time, {"units": model.time.units})
    for name in kept:
        taken = name in coordinates or name in found
        found[f"{name} over time" if taken else name] = (
            ("run", "time"), table[name], {"units": units(name)},
        )  # fmt: skip
    if banded:
        coordinates["quantile"] = shares
        for name in banded:
            sound = table[name][~failed]
            band = np.quantile(sound, shares, axis=0)
            found[f"{QUANTILE} {name}"] = (("quantile", "time"), band, {"units": units(name)})
    told = {k: v for k, v in attributes.items() if v}
    made = {
        "model": model.name,
        "model_hash": model.hash,
        "scenario": simulator.scenario.name,
        "method": simulator.method,
        "seed": simulator.seed,
    }
    if told.get("failed"):
        warnings.warn(
            f"{told['failed']:,} of {len(points):,} runs failed; the first because: {told['failure']}",
            ModelWarning,
            stacklevel=3,
        )
    return xr.Dataset(found, coordinates, made | told)
