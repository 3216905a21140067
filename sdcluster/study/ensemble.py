"""Ensembles: a model run at many points, to see how uncertain its results are.

`ensemble` takes a `Model` and points (from `sdcluster.study.design`, a table, or arrays). It returns an
`xarray.Dataset` with a number for each run and measure, the curves to keep, and the spread of curves over time.
"""

from __future__ import annotations

import hashlib
import math
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import sdcluster
from sdcluster import files
from sdcluster.errors import ModelError, ModelWarning, short_traceback
from sdcluster.messages import message
from sdcluster.model import Model
from sdcluster.run.ordered import threads
from sdcluster.run.plan import FIXED
from sdcluster.study.design import Design, chosen_elements
from sdcluster.study.ensemble_part import Part, Question
from sdcluster.study.ensemble_result import Result
from sdcluster.study.ensemble_store import ENDING, FILE, Store, is_finished, writing
from sdcluster.study.ensemble_tally import Pilot, Plan, Tally
from sdcluster.study.ensemble_workers import Task, in_threads, on_cluster
from sdcluster.study.run_request import Progress, loaded, read_measures, reporter, with_settings
from sdcluster.study.samples import Samples, read_samples
from sdcluster.study.spread import PILOT, edges_of

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from sdcluster.project.scenario import Scenario

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
MOST = 250_000_000  # the most numbers of curves in memory, 2 GB
WHOLE = 1 << 24  # up to this many numbers of curves, quantiles over time are exact
NUMBERS = 1 << 23  # the most measures and values of factors of single runs in memory
IN_PART = 1 << 21  # the most numbers of one variable's curves in a part
IN_PILOT = 1 << 24  # the most numbers of curves in the pilot runs


@short_traceback
def ensemble(
    model: Model | str | Path,
    samples: Design | pd.DataFrame | Mapping[str, Sequence[Any] | np.ndarray],
    *,
    measures: Sequence[str] = (),
    keep: Sequence[str] = (),
    bands: Sequence[str] = (),
    quantiles: Sequence[float] = QUANTILES,
    scenario: Scenario | str | Path | None = None,
    settings: Mapping[str, Any] | None = None,
    method: str | None = None,
    rtol: float = 1e-8,
    atol: float = 1e-10,
    saveper: float | None = None,
    seed: int = 0,
    workers: int | None = None,
    client: Any = None,
    to: str | Path | None = None,
    resume: bool = False,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Run a model at many points.

    Runs execute in parallel in machine code, on all cores or on the workers of a cluster. Results are bit-identical for
    any number of cores or workers.

    Parameters
    ----------
    model : Model or path
        The model, loaded or by its path.
    samples : Design, DataFrame, or mapping of str to sequence
        The factors, with a number for each run: constants, stocks (their initial values), other variables (the number
        replaces the equation), or elements of any of these. ``"price at 20"`` sets a constant or stock at time 20.
        ``"scenario"`` gives the name of each run's scenario, whose settings the other factors override.
    measures : sequence of str
        Measures to compute for each run, such as ``"final population"`` or ``"first above population 500"``
        (`sdcluster.measure`); by default the final values of all stocks.
    keep : sequence of str
        Variables or elements whose curves are kept, each of shape (run, time).
    bands : sequence of str
        Variables or elements whose quantiles, mean, variance, minimum and maximum are computed at each time, from all
        runs that did not fail.
    quantiles : sequence of float
        Probabilities of the quantiles, from 0 to 1.
    scenario, settings, method, rtol, atol, saveper, seed
        As for `sdcluster.simulate`. Samples override settings, and settings override the scenario. With ``"dopri5"``
        each run chooses its own steps and runs still execute in parallel; scipy's methods execute them one after the
        other.
    workers : int, optional
        Number of threads; by default one per core.
    client : dask.distributed.Client, optional
        A cluster that executes the runs instead of this process.
    to : path, optional
        A folder ending in ``.zarr`` to which runs are written as they come in, or a file ending in ``.nc``.
    resume : bool
        Whether to resume the interrupted ensemble in `to` (``.zarr``). The result is bit-identical to an uninterrupted
        one. A finished ensemble is read from `to`.
    progress : callable, optional
        Called with a description, the number of runs done and the total.

    Returns
    -------
    xarray.Dataset
        The dimension ``run`` has a coordinate for each factor, in its unit, and a variable for each measure. Each name
        in `keep` is a variable of dimensions (run, time). Each name in `bands` gives ``"quantiles of NAME"`` of
        dimensions (quantile, time), and ``"mean of NAME"``, ``"variance of NAME"`` (with the divisor n - 1),
        ``"minimum of NAME"`` and ``"maximum of NAME"`` of dimension time; they are NaN at times at which any run has
        no value. The measures have ``"statistics of measures"`` (mean, variance, minimum, maximum, and the number of
        runs that have the measure), ``"quantiles of measures"``, ``"histograms of measures"`` and their bins.

        A run that fails has NaN for all its values, and the coordinate ``failed`` is true for it. The attribute
        ``failed`` counts the failed runs, ``failure`` says why the first one failed, ``"settings of failed runs"``
        lists the first 1,000, and a `ModelWarning` gives their number.

        If the factors and measures of single runs exceed about 8 million numbers (``NUMBERS``), they are left out
        unless `to` is given, so that memory does not grow with the number of runs. Results in `to` are loaded when they
        are used.

    Notes
    -----
    Quantiles over time are exact up to 17 million curve values (``WHOLE``), quantiles of measures up to 8 million
    values. For more values, runs are counted in bins between 1,024 edges, which are computed from 2,048 runs
    (`sdcluster.study.spread`). The rank of a quantile is then wrong by at most the share of runs in one bin, usually a
    few thousandths. The attribute ``quantile_error`` gives the largest such share; it is 0 if all quantiles are exact.

    Raises
    ------
    ModelError
        For unknown names, measures or settings, numbers that are not finite, settings that would change the time
        settings of individual runs, and curves too large for memory. Also if the ensemble to resume was started with
        another model, other samples or other arguments.
    SimulationError
        If all runs fail.

    Examples
    --------
    >>> import sdcluster
    >>> runs = sdcluster.ensemble("my_model.mdl", {"price": [1.0, 1.5, 2.0]})  # doctest: +SKIP
    >>> runs["final population"].quantile([0.05, 0.95], "run")  # doctest: +SKIP
    """
    report = reporter(progress)
    own = loaded(model)
    points = read_samples(own, samples)
    question = _question(
        own, points, measures, keep, bands, scenario, settings, method, saveper, seed, (rtol, atol)
    )
    shares = _shares(quantiles)
    path = _path(to, resume)
    study = _Study(question, points, shares, workers, client, report)
    found = study.stored(path, resume) if path and path.suffix.lower() == ENDING else study.held()
    if path and path.suffix.lower() != ENDING:
        from sdcluster.run.save import save_netcdf

        save_netcdf(found, path)
    if found.attrs.get("failed"):
        from sdcluster.study.sweep import failed_runs

        warnings.warn(
            failed_runs(found.attrs["failed"], len(points), found.attrs["failure"]),
            ModelWarning,
            stacklevel=3,
        )
    return found


# ---- what is asked


def _question(
    model: Model,
    points: Samples,
    measures: Sequence[str],
    keep: Sequence[str],
    bands: Sequence[str],
    scenario: Any,
    settings: Mapping[str, Any] | None,
    method: str | None,
    saveper: float | None,
    seed: int,
    tolerances: tuple[float, float] = (1e-8, 1e-10),
) -> Question:
    from sdcluster.run.simulator import Simulator

    if points.scenarios and scenario is not None:
        raise ModelError(message("study.samples_name_scenarios_leave"))
    chosen: Sequence[Any] = points.scenarios or (scenario,)
    scenarios = tuple(with_settings(model, one, settings) for one in chosen)
    kept, banded = (
        chosen_elements(model, given, argument)
        for given, argument in ((keep, "keep"), (bands, "bands"))
    )
    rtol, atol = tolerances
    simulator = Simulator(
        model, scenarios[0], method=method, rtol=rtol, atol=atol, saveper=saveper, seed=seed
    )
    return Question(
        model=model,
        scenarios=scenarios,
        method=simulator.method,
        rtol=simulator.rtol,
        atol=simulator.atol,
        saveper=saveper,
        seed=simulator.seed,
        names=points.names,
        measures=tuple(read_measures(model, measures, otherwise=not (keep or bands))),
        keep=tuple(kept),
        bands=tuple(banded),
    )


def _shares(quantiles: Sequence[float]) -> np.ndarray:
    try:
        shares = np.asarray(quantiles, dtype=float)
    except (TypeError, ValueError):
        shares = np.array(math.nan)
    if shares.ndim != 1 or not ((shares >= 0) & (shares <= 1)).all():
        raise ModelError(message("study.quantiles_must_numbers"))
    return shares


def _path(to: str | Path | None, resume: bool) -> Path | None:
    from sdcluster.run.save import ARRAYS

    if to is not None and not isinstance(to, (str, Path)):
        raise ModelError(message("study.takes_name_file_not", to=repr(to)))
    path = None if to is None else Path(to)
    if path is not None and path.suffix.lower() not in (ENDING, *ARRAYS):
        raise ModelError(message("study.takes_name_ends_zarr", path=path))
    if resume and (path is None or path.suffix.lower() != ENDING):
        raise ModelError(message("study.only_ensemble_zarr_can"))
    return path


# ---- runs


class _Study:
    """Executes the runs that a `Question` describes, and collects their results."""

    def __init__(
        self,
        question: Question,
        points: Samples,
        shares: np.ndarray,
        workers: int | None,
        client: Any,
        progress: Progress,
    ) -> None:
        self._points, self._shares = points, shares
        self._workers, self._client, self._progress = threads(workers), client, progress
        self._times = question.simulator().time
        runs, times = len(points), len(self._times)
        # The parts are small enough to keep all cores busy and to fit into memory. Their size does not depend on the
        # number of cores or workers, so that results do not depend on it, either.
        room = max(1, min(IN_PART // times, runs // 32))
        self._size = int(np.clip(1 << (room.bit_length() - 1), 16, 1024))
        whole = bool(question.bands) and len(question.bands) * runs * times <= WHOLE
        self._numbers = len(question.measures) * runs <= NUMBERS
        self._counted = bool(question.bands) and not whole
        self._question = replace(question, whole=whole)
        self._result = Result(self._question, points, self._times)

    def held(self) -> xr.Dataset:
        """Execute the runs, and return their results as a dataset in memory."""
        question, runs = self._question, len(self._points)
        size = len(question.keep) * runs * len(self._times)
        if size > MOST:
            raise ModelError(
                message(
                    "study.curves_runs_times_would",
                    runs=runs,
                    count=len(self._times),
                    size=8e-09 * size,
                ),
                file=question.model.path,
            )
        pilot = self._pilot()
        tally = self._tally(pilot, curves=True)
        for part in self._parts(0, pilot):
            tally.add(part)
        each = (len(question.names) + len(question.measures)) * runs <= NUMBERS
        return self._result.in_memory(tally, each)

    def stored(self, path: Path, resume: bool) -> xr.Dataset:
        """Execute the runs, write each part to the store as it finishes, and return the stored dataset."""
        if resume and is_finished(path):  # nothing is written, so the folder may be read-only
            return self._stored(path, resume)
        with writing(path):
            return self._stored(path, resume)

    def _stored(self, path: Path, resume: bool) -> xr.Dataset:
        store = Store(path, self._result.layout(self._size), self._identity(), resume)
        if store.finished:
            return store.opened()
        pilot = store.pilot(self._pilot)
        tally = self._tally(pilot, curves=False)
        store.restore(tally)
        try:
            for part in self._parts(tally.next, pilot):
                points, choices = self._points.part(part.first, part.first + len(part.failed))
                titles = None if choices is None else [self._points.scenarios[i] for i in choices]
                store.add(part, points, titles)
                tally.add(part)
                store.keep(tally)
        except BaseException:
            store.keep(tally, always=True)
            files.unfinished.append(path)
            raise
        return store.finish(self._result.statistics(tally))

    def _tally(self, pilot: Pilot, *, curves: bool) -> Tally:
        plan = Plan(
            self._question,
            len(self._points),
            len(self._times),
            self._shares,
            self._numbers,
            curves,
        )
        return Tally(plan, pilot)

    def _pilot(self) -> Pilot:
        """Return the results of the pilot runs, from which bin edges are computed if not all runs fit into memory."""
        if self._numbers and not self._counted:
            return Pilot()
        bands = len(self._question.bands) if self._counted else 0
        room = IN_PILOT // max(1, bands * len(self._times))
        count = min(len(self._points), int(np.clip(room, 256, PILOT)))
        points, choices = self._points.pilot(count)
        question = replace(self._question, keep=(), whole=self._counted)
        tasks = (
            (first, points[first : first + self._size],
             None if choices is None else choices[first : first + self._size])
            for first in range(0, count, self._size)
        )  # fmt: skip
        parts = list(self._made(question, tasks, "pilot runs", count))
        sound = ~np.concatenate([part.failed for part in parts])
        numbers = np.concatenate([part.numbers for part in parts], axis=1)[:, sound]
        edges = None
        if self._counted:
            whole = np.concatenate([p.whole for p in parts if p.whole is not None], axis=1)
            edges = np.array([edges_of(band[sound]) for band in whole])
        return Pilot(None if self._numbers else numbers, edges)

    def _parts(self, first: int, pilot: Pilot) -> Iterator[Part]:
        total = len(self._points)
        tasks = (
            (begin, *self._points.part(begin, min(begin + self._size, total)))
            for begin in range(first, total, self._size)
        )
        question = replace(self._question, edges=pilot.edges)
        return self._made(question, tasks, "runs", total)

    def _made(
        self, question: Question, tasks: Iterable[Task], words: str, total: int
    ) -> Iterator[Part]:
        made = (
            in_threads(question, tasks, self._workers)
            if self._client is None
            else on_cluster(question, tasks, self._client)
        )
        for part in made:
            yield part
            self._progress(words, part.first + len(part.failed), total)

    def _identity(self) -> dict[str, str]:
        """Return digests of all that determines the results, by words for messages such as ``"the model"``."""
        question = self._question
        asked = ([str(m) for m in question.measures], question.keep, question.bands)
        return {
            "model": question.model.hash,
            FILE: _text_of(question.model),
            "set of samples": self._points.digest(),
            "scenario or setting": _digest(question.scenarios, question.saveper, question.seed),
            "method": question.method
            if question.method in FIXED
            else f"{question.method} {question.rtol!r} {question.atol!r}",
            "question": _digest(asked, self._shares.tolist(), self._size),
            "version of sdcluster": sdcluster.__version__,
        }


def _text_of(model: Model) -> str:
    """Return a digest of the model file alone; `Model.hash` includes the data files that it reads."""
    path = model.path
    return _digest(path.read_bytes()) if path and path.is_file() else ""


def _digest(*content: Any) -> str:
    return hashlib.sha256(repr(content).encode()).hexdigest()[:16]
