"""Many runs of one model, computed in parallel by vectorised machine code on all cores.

The method `blocks(values)` of `Many(simulator, names, wanted)` yields `Block` objects in the order of the runs.

All runs set the same variables, to different values. Each run is bit-identical to one executed alone, so results do not
depend on how many runs share a vector (lanes) or on the number of threads. Machine code runs without Python's global
lock, so threads share work and memory. Runs execute one after the other in three cases: if no compiler is installed,
with scipy's methods, and if a setting that differs between runs affects the compiled code or the time settings.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np

from sdcluster.errors import ModelError, SimulationError
from sdcluster.kernel.parse import Unsupported
from sdcluster.messages import comma_separated, message
from sdcluster.model.elements import Element, one
from sdcluster.model.missing import without_missing
from sdcluster.project.scenario import Change
from sdcluster.run.batches import Batches
from sdcluster.run.diagnose import constants_fail
from sdcluster.run.dopri5 import run_dopri5
from sdcluster.run.fixed import run_fixed
from sdcluster.run.jumps import Jumps
from sdcluster.run.keeping import Keeping, is_plain
from sdcluster.run.methods import METHODS
from sdcluster.run.ordered import ordered, threads
from sdcluster.run.plan import FIXED, BufferTooShort, Setup, deciding_names
from sdcluster.run.varying import split, varying

if TYPE_CHECKING:
    from sdcluster.run.simulator import Simulator

LANES = 8
CACHED = 1 << 17  # values of curves that fit into the cache
FEW = 200  # fewer runs than this are not worth compiling special code for a large model
LARGE = 300  # a model with more variables than this is large
# Curves, shape (wanted, T, lanes); all values at the end of the runs; mask of the runs known to have failed.
_Made = tuple[np.ndarray, np.ndarray, np.ndarray]
_Make = Callable[[np.ndarray], _Made]


@dataclass(frozen=True)
class Block:
    """Results of consecutive runs.

    Parameters
    ----------
    first : int
        Number of the first run.
    times : ndarray, shape (T,)
    curves : ndarray, shape (wanted, T, runs)
        NaN where a value is missing, and everywhere in a failed run.
    failed : ndarray of bool, shape (runs,)
        True if the run was aborted, or if it has a NaN or infinity that the model does not allow: in a curve, in a
        value computed from constants alone, or in any variable at the last step.
    complete : bool
        True if certainly no curve contains NaN.
    """

    first: int
    times: np.ndarray
    curves: np.ndarray
    failed: np.ndarray
    complete: bool = False


@dataclass(frozen=True)
class _Places:
    """Where a run takes the values of its point; a point holds one value for each varied setting.

    Parameters
    ----------
    keeping : Keeping
    columns, initial : list of int
        Columns of the points whose values apply from the start, and the index of each in the parameter vector `p`.
    later : list of (int, int)
        Columns whose values apply from a later time, and the index of each among the changes during the run.
    jumps : Jumps
    """

    keeping: Keeping
    columns: list[int]
    initial: list[int]
    later: list[tuple[int, int]]
    jumps: Jumps


class Many:
    """Runs a model at many points, each with its own values of some settings, and returns a few variables.

    Parameters
    ----------
    simulator : Simulator
    names : sequence of str
        Constants, stocks (their initial values), other variables that become constants, or elements of them; with the
        suffix ``" at 20"``, the value that a constant or stock takes at time 20.
    wanted : sequence of str
        Variables, or elements of them, whose curves are returned.
    lanes : int, optional
        Number of runs per vector, at least two.
    workers : int, optional
        Number of threads; by default one per core that this process may use.

    Attributes
    ----------
    names, wanted : tuple of str

    Raises
    ------
    ModelError
        For unknown names, arrays without an element, and names given twice.
    """

    def __init__(
        self,
        simulator: Simulator,
        names: Sequence[str],
        wanted: Sequence[str],
        *,
        lanes: int = LANES,
        workers: int | None = None,
    ) -> None:
        model = simulator.model
        self._simulator = simulator
        self._varied = [varying(model, name) for name in names]
        self._shown = [one(model, name) for name in wanted]
        self.names = tuple(v.name for v in self._varied)
        self.wanted = tuple(e.name for e in self._shown)
        twice = next((n for n in self.names if self.names.count(n) > 1), None)
        if twice is not None:
            raise ModelError(message("run.named_twice_among_varies", twice=twice), file=model.path)
        grid = simulator.grid
        late = next((v for v in self._varied if v.time is not None
                     and not grid.start <= v.time <= grid.stop), None)  # fmt: skip
        if late is not None:
            raise ModelError(message("run.lies_outside_run", late=late.name, start=grid.start, stop=grid.stop),
                             file=model.path)  # fmt: skip
        self._lanes = max(2, lanes)
        self._workers = threads(workers)
        self._own = threading.local()
        self._ready: tuple[tuple[SimpleNamespace, Setup] | None] | None = None

    def blocks(self, values: np.ndarray) -> Iterator[Block]:
        """Run the model at each point.

        Parameters
        ----------
        values : ndarray, shape (runs, len(names))
            Finite numbers.

        Yields
        ------
        Block
            In the order of the points. If a varied setting affects the time settings, the times differ between blocks.

        Raises
        ------
        ModelError
            For numbers that are not finite, and for settings that the model does not accept.
        """
        points = np.ascontiguousarray(values, dtype=float)
        if points.ndim != 2 or points.shape[1] != len(self.names):
            raise ModelError(
                message(
                    "run.points_must_numbers_each",
                    count=len(self.names),
                    names=comma_separated(self.names),
                ),
                file=self._simulator.model.path,
            )
        if not np.isfinite(points).all():
            row, column = np.argwhere(~np.isfinite(points))[0]
            raise ModelError(
                message(
                    "run.point_sets_finite_number",
                    row=row,
                    names=self.names[column],
                    points=points[row, column],
                ),
                file=self._simulator.model.path,
            )
        if not len(points):
            return
        if self._ready is None:
            self._ready = (self._functions(points),)
        (functions,) = self._ready
        if functions is None:
            yield from self._one_by_one(points)
        else:
            yield from self._side_by_side(points, *functions)

    def _split(self, point: Sequence[float]) -> tuple[dict[str, float], list[Change]]:
        return split(self._varied, point, self._simulator.scenario.changes)

    # ---- runs one after the other

    def _one_by_one(self, points: np.ndarray) -> Iterator[Block]:
        rows = [self._simulator.names.index(name) for name in self.wanted]
        for first, point in enumerate(points.tolist()):
            settings, changes = self._split(point)
            try:
                times, curves = self._simulator.curves(settings, changes)
            except SimulationError:
                times = self._simulator.grid_of(settings).saved
                nothing = np.full((len(rows), len(times), 1), np.nan)
                yield Block(first, times, nothing, np.ones(1, dtype=bool))
            else:
                yield Block(first, times, curves[rows][:, :, np.newaxis], np.zeros(1, dtype=bool))

    # ---- runs in parallel

    def _functions(self, points: np.ndarray) -> tuple[SimpleNamespace, Setup] | None:
        """Return machine code and the setup that all runs share; None if each run must be prepared separately.

        The code usually saves only the variables in `wanted`. For few runs of a large model, compiling such code would
        take longer than the runs. In this case the code saves all variables, and later requests can use the same code.
        """
        simulator = self._simulator
        shaped = deciding_names(simulator.model) & {v.element.variable.key for v in self._varied}
        settings, changes = self._split(points[0].tolist())
        compiled = simulator.method in FIXED or METHODS[simulator.method].compiled
        if not compiled or shaped or simulator.moved_by(list(settings)):
            return None
        setup, _ = simulator.prepared(settings, changes)
        kernel = setup.kernel
        columns: tuple[int, ...] | None = tuple(_keeping(setup, self._shown).columns.tolist())
        if len(points) < FEW and len(kernel.source.observed) > LARGE:
            columns = None
        try:
            if simulator.method in FIXED:
                method = None if columns is None else simulator.method
                return kernel.native_lanes(self._lanes, columns, method), setup
            return kernel.native_adaptive(self._lanes, columns), setup
        except (ImportError, Unsupported):
            return None

    def _side_by_side(
        self, points: np.ndarray, functions: SimpleNamespace, setup: Setup
    ) -> Iterator[Block]:
        places = _Places(
            _keeping(setup, self._shown),
            [i for i, v in enumerate(self._varied) if v.time is None],
            [setup.place_of(v.element) for v in self._varied if v.time is None],
            self._later(setup),
            Jumps(setup.kernel),
        )

        size = self._runs_of_a_block(len(points))

        def work(first: int) -> Block:
            nonlocal setup
            mine, chosen = setup, points[first : first + size]
            while True:
                try:
                    return self._block(chosen, first, functions, mine, places)
                except BufferTooShort as short:
                    setup = mine = mine.widened(short.needed)

        firsts = range(0, len(points), size)
        yield from ordered(work, firsts, self._workers if len(firsts) > 1 else 1)

    def _runs_of_a_block(self, runs: int) -> int:
        """Return the number of runs in a block.

        The curves of a block fit into the cache, and there are enough blocks to keep all threads busy.
        """
        fit = CACHED // max(1, len(self._shown) * len(self._simulator.time))
        share = -(-runs // (2 * self._workers))
        return max(1, min(fit, share) // self._lanes) * self._lanes

    def _later(self, setup: Setup) -> list[tuple[int, int]]:
        """Return for each value that applies from a later time its column in the points and the index of its change."""
        own = [change.time for change in self._simulator.scenario.changes]
        columns = [i for i, v in enumerate(self._varied) if v.time is not None]
        times = [*own, *(self._varied[i].time or 0.0 for i in columns)]
        # `prepare` sorts changes by time, and keeps the order of changes at the same time.
        order = sorted(range(len(times)), key=times.__getitem__)
        return [(column, order.index(len(own) + k)) for k, column in enumerate(columns)]

    def _block(
        self,
        points: np.ndarray,
        first: int,
        functions: SimpleNamespace,
        setup: Setup,
        places: _Places,
    ) -> Block:
        make = self._maker(setup, functions, places)
        curves, last, failed = self._put_together(points, setup, make)
        complete = is_plain(curves.transpose(0, 2, 1))
        if not (complete and np.isfinite(last).all()):
            failed |= self._faults(setup, curves, last)
            curves = without_missing(curves)
        if failed.any():
            curves[:, :, failed] = np.nan
            complete = False
        return Block(first, self._simulator.time, curves, failed, complete)

    def _put_together(self, points: np.ndarray, setup: Setup, make: _Make) -> _Made:
        """Execute batches of runs, one batch after the other, and join the results.

        Each curve is contiguous in memory.
        """
        lanes, count = self._lanes, len(points)
        curves = np.empty((len(self._shown), count, len(self._simulator.time)))
        last = np.empty((setup.kernel.source.columns, count))
        failed = np.zeros(count, dtype=bool)
        for begin in range(0, count, lanes):
            here = slice(begin, min(begin + lanes, count))
            own = here.stop - begin
            table, ends, wrong = make(points[here])
            curves[:, here] = table[:, :, :own].transpose(0, 2, 1)
            last[:, here], failed[here] = ends[:, :own], wrong[:own]
        return curves.transpose(0, 2, 1), last, failed

    def _maker(self, setup: Setup, functions: SimpleNamespace, places: _Places) -> _Make:
        """Return a function that executes one batch of runs.

        A call of that function may overwrite the arrays that its previous call returned.
        """
        simulator, lanes = self._simulator, self._lanes
        grid, method, keeping = simulator.grid, simulator.method, places.keeping
        every = np.arange(lanes)

        def numbers_of(points: np.ndarray) -> np.ndarray:
            # The last batch may have fewer runs than lanes; the other lanes repeat its last run.
            return (
                points.T if len(points) == lanes else points[np.minimum(every, len(points) - 1)].T
            )

        if method in FIXED and Batches.fit(setup, grid):
            batches = self._batches(setup, functions, keeping)
            columns = np.array(places.columns, dtype=int)

            def again(points: np.ndarray) -> _Made:
                numbers = numbers_of(points)
                chosen = numbers if len(columns) == len(numbers) else numbers[columns]
                failed = batches.made(places.initial, chosen)
                return batches.table, batches.last, failed

            return again

        def make(points: np.ndarray) -> _Made:
            numbers = numbers_of(points)
            p = np.repeat(setup.p[:, np.newaxis], lanes, axis=1)
            p[places.initial] = numbers[places.columns]
            changes = list(setup.changes)
            for column, at in places.later:
                time, *new = changes[at]
                own, states = (dict.fromkeys(places_of, numbers[column]) for places_of in new)
                changes[at] = time, own, states
            run = Setup(setup.kernel, p, tuple(changes))
            if method in FIXED:
                (raw,) = run_fixed(run, grid, method, functions, True, None, keeping)
                failed = np.zeros(lanes, dtype=bool)
            else:
                raw, failed = run_dopri5(
                    run, grid, functions, True, rtol=simulator.rtol, atol=simulator.atol,
                    keeping=keeping, jumps=places.jumps,
                )  # fmt: skip
            assert raw.last is not None
            for _, constants in raw.phases:
                failed |= constants_fail(setup, constants)
            return raw.table, raw.last, failed

        return make

    def _batches(self, setup: Setup, functions: SimpleNamespace, keeping: Keeping) -> Batches:
        """Return this thread's `Batches` object for a setup, created on first use."""
        known: tuple[Setup, Batches] | None = getattr(self._own, "batches", None)
        if known is None or known[0] is not setup:
            simulator = self._simulator
            made = Batches(setup, simulator.grid, simulator.method, functions, keeping, self._lanes)
            known = self._own.batches = setup, made
        return known[1]

    def _faults(self, setup: Setup, curves: np.ndarray, last: np.ndarray) -> np.ndarray:
        """Return for each run whether any value that should be finite is NaN or infinite, shape (runs,)."""
        source = setup.kernel.source
        may = np.zeros(len(last), dtype=bool)
        for key, place in source.observed.items():
            may[place : place + source.sizes[key]] = key in source.may_be_missing
        for key, missing in setup.kernel.program.undefined.items():
            if key in source.observed:
                may[[source.observed[key] + i for i in missing]] = True
        shown = np.array([e.variable.key in source.may_be_missing for e in self._shown], dtype=bool)
        wrong = _wrong(curves.transpose(0, 2, 1), shown[:, np.newaxis, np.newaxis]).any(axis=2)
        return np.logical_or(wrong.any(axis=0), _wrong(last, may[:, np.newaxis]).any(axis=0))


def _wrong(values: np.ndarray, may_be_missing: np.ndarray) -> np.ndarray:
    """Return a mask of the wrong numbers: those that are infinite, or NaN where no value may be missing."""
    return np.isinf(values) | (np.isnan(values) & ~may_be_missing)


def _keeping(setup: Setup, shown: Sequence[Element]) -> Keeping:
    """Return the selection that saves the requested elements, one row each, in the order given."""
    source = setup.kernel.source
    constants = source.parameters | source.fixed
    columns, rows, still, places = [], [], [], []
    for row, element in enumerate(shown):
        key, at = element.variable.key, element.place or 0
        if key in source.observed:
            columns.append(source.observed[key] + at)
            rows.append(row)
        else:
            still.append(row)
            places.append(constants[key] + at)
    return Keeping(*(np.array(v, dtype=int) for v in (columns, rows, still, places)))
