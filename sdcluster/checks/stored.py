"""Compares a model with a stored run of another program: first constants, then all curves at the stored times.

`check_stored` takes a model and the path of a file, and returns a `Report`. Small differences are expected: a ``.vdf``
holds float32, and Vensim computes in float32 unless it is the double precision version, so rounding adds up along a
run.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sdcluster.checks.baseline import apart, compare
from sdcluster.checks.checking import overlays
from sdcluster.checks.report import Report, Row
from sdcluster.checks.tolerance import FILE_NAME, FOLDER, Tolerance, Tolerances, load_tolerances
from sdcluster.errors import ModelError, ModelWarning, SimulationError
from sdcluster.messages import clauses, joined, labelled, message
from sdcluster.model import Model
from sdcluster.model.names import canonical
from sdcluster.read.stored_run import Series, StoredRun
from sdcluster.read.vensim.data import spelling
from sdcluster.run.load_run import read_stored

if TYPE_CHECKING:
    import xarray as xr

    from sdcluster.project import Scenario

ROUNDED = Tolerance(
    relative=1e-4, absolute=1e-5
)  # `absolute` is a share of the largest value of the curve
SAME_CONSTANT = 1e-6
MOST_TOLD = 10
_CLOCK = ("initial time", "final time", "time step")
_NOT_COMPARED = ("time", "saveper")  # SAVEPER changes which values are saved, but no value


def check_stored(
    path: str | Path | Model,
    baseline: str | Path,
    scenario: str | Scenario | None = None,
    *,
    settings: Mapping[str, Any] | None = None,
    method: str | None = None,
) -> Report:
    """Compare a run of a model with a stored run.

    Parameters
    ----------
    path : path or Model
        The model's file or folder, or the model itself.
    baseline : path
        A file for `load_run`: ``.vdf``, ``.dat``, ``.tab``, ``.csv``, ``.nc``.
    scenario, settings, method
        Options of the run, as for `simulate`.

    Returns
    -------
    Report
        A row on the constants, lookups and time settings, because these may explain differences between the curves, and
        a row on the curves.

    Raises
    ------
    ModelError
        If the model or the file cannot be read.
    """
    from sdcluster.project.scenario import find_scenario
    from sdcluster.read import load
    from sdcluster.run.inputs import merged, take

    begun = time.perf_counter()
    model = path if isinstance(path, Model) else load(path)
    stored = read_stored(baseline)
    name = Path(baseline).name
    blank = Row(model.name, name, "baseline", "error", "", because=stored.origin)
    chosen = find_scenario(model, scenario)
    asked = merged(chosen.settings, chosen.inputs, settings)
    used, numbers = take(model, {n: v for n, v in asked.items() if canonical(n) != "saveper"})
    try:
        new = _run(used, stored, replace(chosen, settings=numbers, inputs={}), method)
    except SimulationError as error:
        return Report(model.path, (replace(blank, sentence=error.whole),))
    curves: dict[str, Series] = {}
    for series in _comparable(model, stored, new):
        curves.setdefault(series.title, series)
    rows = (
        _constants(replace(blank, kind="constants"), used, stored, curves, new),
        _curves(blank, model, stored, curves, new),
    )
    for doubt in stored.doubts[:MOST_TOLD]:
        warnings.warn(labelled(str(baseline), doubt), ModelWarning, stacklevel=2)
    return Report(model.path, rows, time.perf_counter() - begun)


def _run(model: Model, stored: StoredRun, scenario: Scenario, method: str | None) -> xr.Dataset:
    """Run the model; save every time step if the model's save interval misses some of the stored times."""
    from sdcluster.run import simulate
    from sdcluster.run.elements import spread

    new = simulate(model, scenario, method=method)
    times = np.asarray(new["time"].values, dtype=float)
    inside = (stored.times >= times[0]) & (stored.times <= times[-1])
    if len(_matched(stored.times[inside], times)[1]):
        new = simulate(model, scenario, method=method, saveper=float(new.attrs["dt"]))
    return spread(new)


def _matched(stored: np.ndarray, own: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the stored times, and those of them at which the run has no sample.

    Stored times may be rounded; each is replaced by the exact time of the run, if the run has a sample there.
    """
    after = np.clip(np.searchsorted(own, stored), 1, max(len(own) - 1, 1))
    before = own[after - 1]
    later = own[np.minimum(after, len(own) - 1)]
    nearest = np.where(stored - before <= later - stored, before, later)
    step = float(np.min(np.diff(own))) if len(own) > 1 else 1.0
    slack = np.minimum(1e-6 * np.maximum(1.0, np.abs(stored)), step / 4)
    close = np.abs(nearest - stored) <= slack
    return np.where(close, nearest, stored), stored[~close]


def _comparable(model: Model, stored: StoredRun, new: xr.Dataset) -> list[Series]:
    """Return the stored curves to compare with the run.

    Left out are the time, SAVEPER, curves without any value, and lookups and data that the run does not contain.
    """
    known = {spelling(str(name)) for name in new.data_vars}

    def wanted(series: Series) -> bool:
        if canonical(series.name) in _NOT_COMPARED or np.isnan(series.values).all():
            return False
        here = series.name in model and model[series.name].kind in ("lookup", "data")
        return spelling(series.title) in known or not here

    return [series for series in stored.series if wanted(series)]


def _is_constant(model: Model, series: Series) -> bool:
    if canonical(series.name) in _CLOCK or series.kind == "constant":
        return True
    return series.name in model and model[series.name].kind == "constant"


def _constants(
    row: Row, model: Model, stored: StoredRun, curves: Mapping[str, Series], new: xr.Dataset
) -> Row:
    """Return a row on the constants, lookups and time settings that differ from those of the stored run."""
    ours = {spelling(str(name)): str(name) for name in new.data_vars}
    said: list[str] = []
    remedies, count = [], 0
    for title, series in curves.items():
        name = ours.get(spelling(title))
        if name is None or not _is_constant(model, series):
            continue
        count += 1
        then, now = float(series.values[0]), float(new[name].values[0])
        if np.isclose(now, then, rtol=SAME_CONSTANT, atol=0.0, equal_nan=True):
            continue
        said.append(f"{name} {' → '.join(apart(then, now))}")
        remedies.append(f'--set "{name}={then:.9g}"')
    said += [message("checks.lookup_differs", name=name) for name in _differ(model, stored)]
    count += len(stored.lookups)
    if not said:
        return replace(
            row,
            verdict="passed",
            sentence=message("checks.constants_as_stored", count=count),
        )
    differing = joined(message("checks.comma"), said[:MOST_TOLD])
    if len(said) > MOST_TOLD:
        differing = message("checks.constants_more", said=differing, count=len(said) - MOST_TOLD)
    parts = [
        message("checks.constants_differ", differ=len(said), count=count, said=differing),
    ]
    if remedies:
        options = " ".join(remedies[:MOST_TOLD])
        parts.append(message("checks.constants_remedy", options=options))
    return replace(
        row,
        verdict="failed",
        sentence=clauses(parts),
    )


def _differ(model: Model, stored: StoredRun) -> list[str]:
    """Return the names of the lookups whose points differ; lookups that the model lacks are left out."""
    ours = {spelling(name): points for name, points in model.lookups.items()}
    found = []
    for name, (x, y) in stored.lookups.items():
        mine = ours.get(spelling(name))
        if mine is None:
            continue
        same = len(mine.x) == len(x) and all(
            np.allclose(a, b, rtol=SAME_CONSTANT, atol=1e-30) for a, b in ((mine.x, x), (mine.y, y))
        )
        if not same:
            found.append(name)
    return found


def _curves(
    row: Row, model: Model, stored: StoredRun, curves: Mapping[str, Series], new: xr.Dataset
) -> Row:
    """Return a row on the curves of all variables that are not constant."""
    import xarray as xr

    moving = {t: s.values for t, s in curves.items() if not _is_constant(model, s)}
    if not moving:
        return replace(row, verdict="passed", sentence=message("checks.stored_constants_only"))
    times, _ = _matched(stored.times, np.asarray(new["time"].values, dtype=float))
    old = xr.Dataset({title: ("time", values) for title, values in moving.items()}, {"time": times})
    found = compare(old, new, _tolerances(model, stored, moving), gaps=True)
    if not found.compared:
        first = next(iter(moving))
        raise ModelError(
            message("checks.stored_run_none_variables", model=model.name, first=first),
            file=row.name,
        )
    sentence = found.sentence(stored=True)
    if found.passed:
        return replace(row, verdict="passed", sentence=sentence)
    return replace(
        row,
        verdict="failed",
        sentence=sentence,
        severity=found.severity,
        moved=found.moved,
        charts=overlays(old, new, found),
    )


def _tolerances(model: Model, stored: StoredRun, curves: Mapping[str, np.ndarray]) -> Tolerances:
    """Return the tolerances of the model, if it has a file of tolerances or if the stored run is exact.

    Otherwise, return tolerances that allow for the rounding of float32.
    """
    if stored.exact or (model.folder / FOLDER / FILE_NAME).is_file():
        return load_tolerances(model.folder, model)
    own = {
        canonical(title): replace(
            ROUNDED, absolute=ROUNDED.absolute * float(np.nanmax(np.abs(values)))
        )
        for title, values in curves.items()
    }
    return Tolerances(own=own)
