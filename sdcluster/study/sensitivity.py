"""The constants that a result depends on: Sobol' indices, and elementary effects for screening.

`sensitivity` takes a `Model` and the factors, and returns an `xarray.Dataset` of indices, for measures such as final
values and for curves over time.

The design has n rows, each with two independent points A and B. The model runs at A, at B and, for each constant, at A
with the value of this constant taken from B (Saltelli 2002).
Elementary effects use the same points (the radial design of Campolongo, Saltelli & Cariboni 2011). Runs are evaluated
and discarded one constant at a time, so that memory does not grow with the number of constants.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sdcluster.errors import ModelError, ModelWarning, did_you_mean, short_traceback
from sdcluster.measure.measures import Measure
from sdcluster.messages import Message, comma_separated, message
from sdcluster.model import Model
from sdcluster.model.elements import one
from sdcluster.run.many import Many
from sdcluster.run.simulator import Simulator, whole_seed
from sdcluster.study.design import Pairs, chosen_elements, factors, pairs
from sdcluster.study.run_request import (
    Progress,
    difference,
    how_made,
    loaded,
    read_measures,
    reason,
    reporter,
    with_settings,
)
from sdcluster.study.sobol import RESAMPLES, Indices, intervals, resampled
from sdcluster.study.sweep import failed_runs
from sdcluster.words.numbers import fixed

if TYPE_CHECKING:
    import xarray as xr

    from sdcluster.project.scenario import Scenario

METHODS = ("sobol", "morris")
MOST = 100_000_000  # numbers of curves in memory
ROOM = 4e9  # bytes of memory for a design with its outcomes and bootstrap samples
WIDE = 0.5  # a wider bootstrap interval says that there are too few rows


@short_traceback
def sensitivity(
    model: Model | str | Path,
    n: int = 1024,
    over: str | Sequence[str] | Mapping[str, Any] = "judgements",
    *,
    measures: Sequence[Measure | str] | str = (),
    curves: Sequence[str] | str = (),
    method: str = "sobol",
    scenario: Scenario | str | Path | None = None,
    settings: Mapping[str, Any] | None = None,
    spread: float = 1.0,
    seed: int = 0,
    workers: int | None = None,
    resume: xr.Dataset | str | Path | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Find which constants decide a result, alone and together with others.

    Parameters
    ----------
    model : Model or path
        The model, loaded or by its path.
    n : int
        Number of rows of the design, preferably a power of two; the model runs ``n * (constants + 2)`` times. With
        1,024 rows, Sobol' indices are accurate to about 0.05. For ``"morris"`` 16 rows are enough, and the model
        runs ``n * (constants + 1)`` times.
    over : {"judgements", "levers", "constants"}, sequence of str, or mapping
        The factors, as for `sdcluster.design`.
    measures : sequence of str
        Measures of a run, such as ``"final population"``. By default the final values of the stocks or, if `curves`
        is given, none.
    curves : sequence of str
        Variables for which indices are computed at each time.
    method : {"sobol", "morris"}
        Variance-based indices, or elementary effects, which only rank the constants.
    scenario, settings
        Scenario and settings of all runs; values of the factors override them.
    spread : float
        Fraction of each range in the model to sample, around the constant's value in the model.
    seed : int
        Seed of the design, of the bootstrap and of the model's random numbers.
    workers : int, optional
        Number of threads; results do not depend on it.
    resume : Dataset or path, optional
        An earlier, interrupted study; constants for which it has results are not studied again.
    progress : callable, optional
        Called with a description, the steps done and the total.

    Returns
    -------
    xarray.Dataset
        For ``"sobol"`` by ``parameter`` and ``measure``: ``first`` (the share of the variance that the constant
        explains alone), ``total`` (including interactions with all others), and their 95 % intervals by bootstrap,
        ``first_interval`` and ``total_interval``, with the dimension ``bound``. By ``curve`` and ``time``:
        ``first_over_time`` and ``total_over_time``. For ``"morris"``: ``effect`` (the mean absolute change over the
        range, mu* of Campolongo, Cariboni and Saltelli (2007), in the measure's unit) and ``effect_spread`` (the
        standard deviation of the change with its sign, which is large if the effect depends on other constants),
        and ``effect_over_time``. Indices of a measure that does not vary are NaN. The
        attribute ``failed`` counts failed runs, whose rows are left out; ``rows_used`` (parameter) counts the rows that
        remain. If these are too few for a measure's Sobol' indices, a warning says so. Ctrl-C returns the study so far:
        ``complete`` is 0, ``studied`` (parameter) marks the constants that were studied, and the others are NaN.

    Raises
    ------
    ModelError
        For unknown names and methods, for rows and curves that do not fit into memory, and for a study in `resume`
        that belongs to another problem.
    SimulationError
        If all runs fail.

    Examples
    --------
    >>> import sdcluster
    >>> found = sdcluster.sensitivity("my_model.mdl", 256, over="constants")  # doctest: +SKIP
    >>> found["total"].to_pandas().sort_values("final population")  # doctest: +SKIP
    """
    if method not in METHODS:
        hint = did_you_mean(method, METHODS) or message(
            "study.write_one", methods=comma_separated(METHODS)
        )
        raise ModelError(message("study.no_method_sensitivity", method=method, hint=hint))
    if not isinstance(n, (int, np.integer)) or n < 2:
        raise ModelError(message("study.study_sensitivity_needs_rows", n=n))
    report = reporter(progress)
    own = loaded(model)
    seed = whole_seed(seed)
    followed = chosen_elements(own, curves, "curves")
    asked = list(dict.fromkeys(read_measures(own, measures, otherwise=not followed)))
    simulator = Simulator(own, with_settings(own, scenario, settings), seed=seed)
    if 4 * len(followed) * n * len(simulator.time) > MOST:
        raise ModelError(
            message("study.curves_rows_times_do", n=n, count=len(simulator.time)),
            file=own.path,
        )
    _fits(own, n, len(factors(own, over, spread)), len(asked), method)
    design = pairs(own, n, over, spread=spread, seed=seed)
    matrices = 2 if method == "sobol" else 1
    runs = _Runs(simulator, design, asked, followed, workers, report, matrices)
    made = _made(runs, method)
    before = None if resume is None else _before(resume, made)
    studied = np.zeros(len(design.names), dtype=bool)
    if before is not None:
        studied |= before["studied"].values.astype(bool)
    study = (_sobol if method == "sobol" else _effects)(runs, np.flatnonzero(~studied), seed)
    found = _dataset(own, runs, _collected(study, studied, before), made, studied, before)
    if found.attrs["failed"]:
        attrs = found.attrs
        warnings.warn(
            failed_runs(attrs["failed"], attrs["runs"], attrs["failure"]),
            ModelWarning,
            stacklevel=3,
        )
    for said in (_rows_left_out(found), _too_few(found)):
        if said:
            warnings.warn(said, ModelWarning, stacklevel=3)
    for name in unmoved(found):
        warnings.warn(
            message("study.same_in_all_runs", name=name),
            ModelWarning,
            stacklevel=3,
        )
    return found


def _fits(model: Model, n: int, constants: int, measures: int, method: str) -> None:
    """Raise an error if so many rows do not fit into memory."""
    # Points of A and B as values and shares, and those of the runs; outcomes of A, B and the runs, and their products.
    numbers = 5 * constants + 12 * measures + (RESAMPLES if method == "sobol" else 0)
    most = int(ROOM / 8 / numbers)
    if n > most:
        raise ModelError(
            message(
                "study.rows_need_memory", n=n, size=8e-9 * numbers * n, room=ROOM / 1e9, most=most
            ),
            file=model.path,
        )


def _rows_left_out(found: xr.Dataset) -> Message | str:
    """Return how many rows failed runs leave for the constant with the fewest; empty if no run failed."""
    used = found.get("rows_used")
    if used is None or not (used < found.attrs["rows"]).any():
        return ""
    name = str(used.idxmin("parameter").values)
    return message("study.rows_left_out", rows=found.attrs["rows"], used=int(used.min()), name=name)


def _too_few(found: xr.Dataset) -> Message | str:
    """Return a sentence about the least certain Sobol' index, if it shows that there are too few rows."""
    if "total_interval" not in found:
        return ""
    indices = found[["first", "total"]].to_array("which")
    ends = found[["first_interval", "total_interval"]].to_array("which").values
    width = ends[..., 1] - ends[..., 0]
    width = np.where(np.isnan(indices), -np.inf, np.where(np.isnan(width), np.inf, width))
    if not width.size or width.max() <= WIDE:
        return ""
    which, constant, measure = np.unravel_index(int(width.argmax()), width.shape)
    rows = found.attrs["rows"]
    name, of = str(found["parameter"].values[constant]), str(found["measure"].values[measure])
    if np.isinf(width.max()):
        return message("study.too_few_rows_no_interval", rows=rows, name=name, measure=of)
    index = fixed(float(indices.values[which, constant, measure]), 3)
    low, high = (fixed(float(end), 2) for end in ends[which, constant, measure])
    if which:
        return message(
            "study.too_few_rows_total",
            rows=rows,
            name=name,
            measure=of,
            index=index,
            low=low,
            high=high,
        )
    return message(
        "study.too_few_rows_first",
        rows=rows,
        name=name,
        measure=of,
        index=index,
        low=low,
        high=high,
    )


def unmoved(found: xr.Dataset) -> list[str]:
    """Return the measures with the same value in all runs of a study; their indices are NaN."""
    if "total" not in found or not found["studied"].any():
        return []
    still = (
        found["total"]
        .isel(parameter=found["studied"].values.astype(bool))
        .isnull()
        .all("parameter")
    )
    return [str(m) for m in found["measure"].values[still.values]]


@dataclass(frozen=True)
class _Outcomes:
    """Results of runs: measures, shape (measures, n), and curves, shape (curves, times, n); NaN for failed runs.

    `failed`, shape (n,), is the mask of these.
    """

    measures: np.ndarray
    curves: np.ndarray
    failed: np.ndarray


class _Runs:
    """Executes the runs of a design and counts them."""

    def __init__(
        self,
        simulator: Simulator,
        design: Pairs,
        measures: Sequence[Measure],
        curves: Sequence[str],
        workers: int | None,
        progress: Progress,
        matrices: int,
    ) -> None:
        self.simulator, self.design = simulator, design
        self.measures, self.curves = tuple(measures), tuple(curves)
        names = [name for m in measures for name in (m.variable, m.on) if name]
        self._wanted = list(dict.fromkeys([*names, *curves]))
        self._many = Many(simulator, design.names, self._wanted, workers=workers)
        self._progress = progress
        # `matrices`: 2 if both A and B are run as they are, 1 if only A is
        self._total = len(design.first) * (len(design.names) + matrices)
        self.done = self.failed = self.failed_alone = 0
        self.why = ""

    def of(self, points: np.ndarray) -> _Outcomes:
        """Return the outcomes at points, shape (n, constants)."""
        row = {name: i for i, name in enumerate(self._wanted)}
        times = self.simulator.time
        numbers = np.full((len(self.measures), len(points)), np.nan)
        curves = np.full((len(self.curves), len(times), len(points)), np.nan)
        failed = np.zeros(len(points), dtype=bool)
        for block in self._many.blocks(points):
            if not np.array_equal(block.times, times):
                raise ModelError(
                    message("study.varies_moves_clock_runs"),
                    file=self.simulator.model.path,
                )
            here = slice(block.first, block.first + len(block.failed))
            failed[here] = block.failed
            for i, m in enumerate(self.measures):
                other = block.curves[row[m.on]] if m.on else None
                numbers[i, here] = m.of(times, block.curves[row[m.variable]], other)
            for i, name in enumerate(self.curves):
                curves[i, :, here] = block.curves[row[name]]
            self._progress("runs", self.done + here.stop, self._total)
        if failed.any() and not self.why:
            self.why = reason(self.simulator, self._many.names, points, failed)
        numbers[:, failed] = np.nan
        curves[:, :, failed] = np.nan
        self.done += len(points)
        self.failed += int(failed.sum())
        return _Outcomes(numbers, curves, failed)

    def crossed(self, constants: np.ndarray) -> Iterator[tuple[int, _Outcomes]]:
        """Yield for each constant its index, and the outcomes at A with the column of this constant taken from B."""
        self.failed_alone = self.failed
        self._total -= len(self.design.first) * (len(self.design.names) - len(constants))
        for i in constants.tolist():
            points = self.design.first.copy()
            points[:, i] = self.design.second[:, i]
            yield i, self.of(points)


Study = dict[str, np.ndarray]


def _sobol(runs: _Runs, constants: np.ndarray, seed: int) -> Iterator[tuple[int, Study]]:
    a, b = runs.of(runs.design.first), runs.of(runs.design.second)
    of_measures, of_curves = Indices(a.measures, b.measures), Indices(a.curves, b.curves)
    weights = resampled(len(runs.design.first), seed)
    for i, mixed in runs.crossed(constants):
        alone = of_measures.of(mixed.measures)
        ends = intervals(of_measures.of(mixed.measures, weights))
        over_time = of_curves.of(mixed.curves)
        yield (
            i,
            {
                "first": alone[0],
                "total": alone[1],
                "first_interval": ends[0],
                "total_interval": ends[1],
                "first_over_time": over_time[0],
                "total_over_time": over_time[1],
                "rows_used": np.array(np.count_nonzero(~(a.failed | b.failed | mixed.failed))),
            },
        )


def _effects(runs: _Runs, constants: np.ndarray, _seed: int) -> Iterator[tuple[int, Study]]:
    a = runs.of(runs.design.first)
    for i, mixed in runs.crossed(constants):
        moved = runs.design.shares[1][:, i] - runs.design.shares[0][:, i]
        change = (mixed.measures - a.measures) / moved
        yield (
            i,
            {
                "effect": np.nanmean(np.abs(change), axis=-1),
                "effect_spread": np.nanstd(change, axis=-1),
                "effect_over_time": np.nanmean(np.abs((mixed.curves - a.curves) / moved), axis=-1),
                "rows_used": np.array(np.count_nonzero(~(a.failed | mixed.failed))),
            },
        )


def _collected(
    found: Iterator[tuple[int, Study]], studied: np.ndarray, before: xr.Dataset | None
) -> Study:
    """Return the indices of all constants; after Ctrl-C, those without results are NaN and False in `studied`."""
    kept: Study = (
        {}
        if before is None
        else {
            str(name): values.values.copy()
            for name, values in before.data_vars.items()
            if name != "studied"
        }
    )
    try:
        for i, study in found:
            for name, value in study.items():
                kept.setdefault(name, np.full((len(studied), *value.shape), np.nan))[i] = value
            studied[i] = True
    except KeyboardInterrupt:
        if not studied.any():
            raise
    return kept


def _made(runs: _Runs, method: str) -> dict[str, Any]:
    """Return the attributes that identify a study; studies with equal attributes have the same results."""
    simulator, design = runs.simulator, runs.design
    asked = [[str(m) for m in runs.measures], runs.curves, design.names, simulator.method]
    question = hashlib.sha256(how_made(simulator.scenario, asked=asked).encode())
    for points in (design.first, design.second):
        question.update(np.ascontiguousarray(points).tobytes())
    return {
        "model": simulator.model.name,
        "model_hash": simulator.model.hash,
        "sensitivity": method,
        "rows": len(design.first),
        "seed": simulator.seed,
        "question": question.hexdigest()[:16],
    }


def stored_study(given: xr.Dataset | str | Path) -> xr.Dataset:
    """Read a study to resume, without checking which problem it belongs to.

    Raises
    ------
    ModelError
        For a file that does not contain a study.
    OSError
        For a file that cannot be read.
    """
    import xarray as xr

    if isinstance(given, xr.Dataset):
        return given
    if not isinstance(given, (str, Path)):
        raise ModelError(message("study.not_a_study_file", path=given))
    with Path(given).open("rb"):  # why it cannot be read is said as of other files
        pass
    try:
        return xr.load_dataset(given)
    except Exception:  # each reader of NetCDF has its own
        raise ModelError(message("study.not_a_study_file", path=given)) from None


def _before(given: xr.Dataset | str | Path, made: Mapping[str, Any]) -> xr.Dataset:
    """Return an earlier study to resume."""
    before = stored_study(given)
    other = next((k for k, v in made.items() if before.attrs.get(k) != v), None)
    if other is not None or "studied" not in before:
        what = message("study.differs", what=difference(other)) if other else ""
        raise ModelError(message("study.study_go_asks_another", what=what))
    return before


DIMENSIONS = {
    "rows_used": ("parameter",),
    "over_time": ("parameter", "curve", "time"),
    "interval": ("parameter", "measure", "bound"),
}


def _dataset(
    model: Model,
    runs: _Runs,
    study: Study,
    made: Mapping[str, Any],
    studied: np.ndarray,
    before: xr.Dataset | None,
) -> xr.Dataset:
    import xarray as xr

    earlier = 0 if before is None else int(before.attrs["failed"]) - runs.failed_alone

    def dimensions(name: str) -> tuple[str, ...]:
        found = (dims for ending, dims in DIMENSIONS.items() if name.endswith(ending))
        return next(found, ("parameter", "measure"))

    kept = {
        name: (dimensions(name), values)
        for name, values in study.items()
        if runs.curves or not name.endswith("over_time")
        if runs.measures or name.endswith(("over_time", "rows_used"))
    }
    coordinates: dict[str, Any] = {"parameter": list(runs.design.names)}
    if runs.measures:
        coordinates["measure"] = [str(m) for m in runs.measures]
        coordinates["units"] = ("measure", [m.units(model) for m in runs.measures])
        if made["sensitivity"] == "sobol":
            coordinates["bound"] = ["low", "high"]
    if runs.curves:
        coordinates["curve"] = list(runs.curves)
        coordinates["time"] = ("time", runs.simulator.time, {"units": model.time.units})
        coordinates["curve_units"] = ("curve", [one(model, c).variable.units for c in runs.curves])
    return xr.Dataset(
        kept | {"studied": ("parameter", studied.astype(np.int8))},
        coords=coordinates,
        attrs={
            **made,
            "runs": runs.done
            + (0 if before is None else int(before["studied"].sum()) * made["rows"]),
            "failed": runs.failed + earlier,
            "failure": runs.why or ("" if before is None else before.attrs["failure"]),
            "complete": int(studied.all()),
        },
    )
