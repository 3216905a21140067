"""Fixed-step runs (Euler, RK2, RK4): the kernel's loops over the steps, interrupted where settings change.

`run_fixed(setup, grid, method, functions, arrays)` yields the results of a run in blocks (`Raw`); `sample_fixed`
returns the results at any given times.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np

from sdcluster.kernel.library.records import Row
from sdcluster.kernel.watched import WHOLE
from sdcluster.progress import report
from sdcluster.run.grid import Grid
from sdcluster.run.keeping import Keeping, Raw, flat, in_order
from sdcluster.run.plan import Setup, check_buffers

PACE = 0.2  # seconds per call of a compiled loop, between which Python handles Ctrl-C
FIRST_STRETCH = 1_000_000  # values that the first call computes
NEVER = 1 << 62  # steps between saved times, for a run that saves nothing


def observe_all(functions: SimpleNamespace) -> Any:
    """Return the kernel's function that computes all variables at a time.

    It differs from ``functions.observe`` if the compiled loops save only a few variables.
    """
    return getattr(functions, WHOLE, functions.observe)


def run_fixed(
    setup: Setup,
    grid: Grid,
    method: str,
    functions: SimpleNamespace,
    arrays: bool,
    height: int | None = None,
    keeping: Keeping | None = None,
) -> Iterator[Raw]:
    """Execute a run with one of the kernel's loops, and yield the saved values in blocks of consecutive times.

    Each block has a new table, so memory holds only the blocks that the caller keeps.

    Parameters
    ----------
    setup : Setup
        Setup of one run, or of several, with parameters of shape (size, lanes).
    grid : Grid
    method : {"euler", "rk2", "rk4"}
    functions : namespace
        From `Kernel.functions`; machine code must be compiled for the same number of lanes.
    arrays : bool
        Whether the functions take arrays (machine code) or lists (faster in plain Python).
    height : int, optional
        Number of saved times in a block; the last block may be shorter. By default one block contains all saved times.
    keeping : Keeping, optional
        The values to save in the table. By default, all values that the kernel's ``observe`` computes, in its order.

    Raises
    ------
    BufferTooShort
        If a conveyor's transit time exceeds its buffer; raised before a block with wrong values is yielded.
    """
    source = setup.kernel.source
    n, columns, every = source.width, source.columns, grid.every
    last_row = -(-grid.steps // every)
    height = min(height or last_row + 1, last_row + 1)
    make: Any = np.asarray if arrays else np.ndarray.tolist
    lanes = setup.p.shape[1:]
    keeping = keeping or in_order(source)
    p = make(setup.p.copy())
    y, work = make(np.zeros((n, *lanes))), make(np.zeros((5, n, *lanes)))
    o = make(np.zeros((Row.count, columns, *lanes)))
    blocks = _Blocks(grid, height, keeping, lanes)
    kept = keeping.pairs if arrays else keeping.listed
    loop = getattr(functions, method)
    functions.derive(p)
    functions.initial(p, y)
    check_buffers(p)
    first = 0
    for moment, parameters, states in (*setup.changes, (math.inf, {}, {})):
        last = min(max(grid.first_from(moment), first), grid.steps)
        blocks.begin_phase(-(-first // every), p)
        for begin, end in _paced(first, last, columns, height * every):
            row = -(-begin // every)
            if row - blocks.top == height:
                check_buffers(p)
                yield from blocks.done()
            out, span = flat(blocks.table, row - blocks.top, arrays), blocks.table.shape[1]
            loop(begin, end, every, grid.dt, y, p, work, o, kept, out, span)
            report("running", end, grid.steps, "steps")
        if moment > grid.stop + grid.slack:
            break
        for place, value in parameters.items():
            p[place] = value
        functions.derive(p)
        for place, value in states.items():
            y[place] = value
        first = last
    if last_row - blocks.top == height:
        check_buffers(p)
        yield from blocks.done()
    if first == grid.steps:
        blocks.begin_phase(last_row, p)
    if setup.kernel.program.devices:
        functions.begin(grid.stop, y, p)
    observe_all(functions)(grid.stop, y, p, work[0], o[0])
    last_values = np.array(o[0])
    blocks.table[keeping.rows, last_row - blocks.top] = last_values[keeping.columns]
    check_buffers(p)
    yield from blocks.done(last_values)


class _Blocks:
    """The values of a run at its saved times, collected in blocks; only one block is in memory at a time.

    Parameters
    ----------
    grid : Grid
    height : int
        Saved times of a block.
    keeping : Keeping
    lanes : tuple of int
        Number of parallel runs, if there are several.

    Attributes
    ----------
    top : int
        Index of the first saved time of the block.
    table : ndarray, shape (rows, T)
    """

    def __init__(
        self,
        grid: Grid,
        height: int,
        keeping: Keeping,
        lanes: tuple[int, ...],
    ) -> None:
        self.grid, self.height, self.keeping, self.lanes = grid, height, keeping, lanes
        self.top = 0
        self._end = -(-grid.steps // grid.every) + 1
        self._phases: list[tuple[int, np.ndarray]] = []
        self.table = self._new()

    def _new(self) -> np.ndarray:
        times = min(self.height, self._end - self.top)
        return np.empty((self.keeping.count, times, *self.lanes))

    def begin_phase(self, row: int, p: Any) -> None:
        """Record that the constants `p` apply from the saved time with index `row` on."""
        self._phases.append((row, np.array(p)))

    def done(self, last: np.ndarray | None = None) -> Iterator[Raw]:
        """Yield the finished block, and begin the next one.

        If the run has ended, `last` contains the values of all variables at its end.
        """
        phases = tuple((max(row - self.top, 0), p) for row, p in self._phases)
        if len(self.keeping.still):
            for first, p in phases:
                self.table[self.keeping.still, first:] = p[self.keeping.places][:, np.newaxis]
        kept = self._kept(Raw(self.table, self.keeping, phases, last=last))
        self.top += self.table.shape[1]
        # The current constants apply at the beginning of the next block, too.
        self._phases = [(self.top, self._phases[-1][1])]
        if self.top < self._end:
            self.table = self._new()
        if kept.length:
            yield kept

    def _kept(self, raw: Raw) -> Raw:
        """Return the block without the times that the grid does not save.

        The loops compute such times only if the grid's saved times are unevenly spaced.
        """
        kept = self.grid.kept
        if len(kept) == self._end:
            return raw
        first, last = np.searchsorted(kept, (self.top, self.top + raw.length))
        chosen = kept[first:last] - self.top
        rows = np.searchsorted(chosen, [row for row, _ in raw.phases])
        phases = tuple((int(row), p) for row, (_, p) in zip(rows, raw.phases, strict=True))
        return Raw(raw.table[:, chosen], raw.keeping, phases, last=raw.last)


def _paced(first: int, last: int, values: int, span: int) -> Iterator[tuple[int, int]]:
    """Yield the steps from `first` to `last` in portions that take about `PACE` seconds each.

    Python handles Ctrl-C between two portions, but not while machine code runs.

    No portion crosses a multiple of `span`. The results do not depend on the portions, because the arguments of a
    compiled loop contain its whole state.
    """
    length = max(1, FIRST_STRETCH // max(1, values))
    while first < last:
        begun = time.perf_counter()
        end = min(first + length, last, (first // span + 1) * span)
        yield first, end
        took = max(time.perf_counter() - begun, 1e-9)
        length = max(1, int((end - first) * min(4.0, PACE / took)))
        first = end


def sample_fixed(
    setup: Setup,
    grid: Grid,
    method: str,
    functions: SimpleNamespace,
    arrays: bool,
    times: np.ndarray,
) -> Raw:
    """Execute a run with one of the kernel's loops, and return the values of all variables at given times.

    At the beginning of a step, these are the values of the run. For a time within a step, the function makes an
    additional, shorter step of the same method from the beginning of that step. The additional step does not affect the
    run.

    Parameters
    ----------
    setup, grid, method, functions, arrays
        As for `run_fixed`.
    times : ndarray, shape (T,)
        Ascending, within the run.
    """
    run = _Stepwise(setup, grid, getattr(functions, method), functions, arrays)
    keeping = in_order(setup.kernel.source)
    table = np.zeros((keeping.count, len(times)))
    phases: list[tuple[int, np.ndarray]] = []
    for row, moment in enumerate(times.tolist()):
        changed = run.go_to(grid.last_to(moment))
        if changed or not phases:
            phases.append((row, np.array(run.p)))
        table[:, row] = run.observed(moment)
    check_buffers(run.p)
    return Raw(table, keeping, tuple(phases))


class _Stepwise:
    """A fixed-step run that can be advanced to any step and sampled between steps."""

    def __init__(
        self, setup: Setup, grid: Grid, loop: Any, functions: SimpleNamespace, arrays: bool
    ) -> None:
        self.grid, self.loop, self.functions, self.arrays = grid, loop, functions, arrays
        n, columns = setup.kernel.source.width, setup.kernel.source.columns
        self.devices = bool(setup.kernel.program.devices)
        self.p, self.y = self.make(setup.p.copy()), self.make(np.zeros(n))
        self.work, self.rows = (
            self.make(np.zeros((5, n))),
            self.make(np.zeros((Row.count, columns))),
        )
        kept, nothing = (np.zeros(0, dtype=np.int64), np.zeros(0)) if arrays else ((), ())
        self.unkept = self.rows, kept, nothing, 0
        functions.derive(self.p)
        functions.initial(self.p, self.y)
        check_buffers(self.p)
        self.changes = [(min(grid.first_from(c[0]), grid.steps), *c[1:]) for c in setup.changes
                        if c[0] <= grid.stop + grid.slack]  # fmt: skip
        self.step = 0

    def make(self, array: np.ndarray) -> Any:
        return np.ascontiguousarray(array) if self.arrays else array.tolist()

    def go_to(self, step: int) -> bool:
        """Run to the beginning of a step, and apply the changes up to then; return whether there was a change."""
        changed = False
        while self.changes and self.changes[0][0] <= step:
            at, parameters, states = self.changes.pop(0)
            self._run(at)
            for place, value in parameters.items():
                self.p[place] = value
            self.functions.derive(self.p)
            for place, value in states.items():
                self.y[place] = value
            changed = True
        self._run(step)
        return changed

    def _run(self, step: int) -> None:
        self.loop(self.step, step, NEVER, self.grid.dt, self.y, self.p, self.work, *self.unkept)
        self.step = step

    def observed(self, time: float) -> np.ndarray:
        """Return the values of all variables at a time within the current step, without affecting the run."""
        begin = float(self.grid.at(self.step))
        ahead = time - begin
        y, p = self._copies()
        if ahead > self.grid.slack:
            self.loop(self.step, self.step + 1, NEVER, ahead, y, p, self.work, *self.unkept)
            p = self._copies()[1]  # memory besides stocks changes only at the end of a step
        if self.devices:
            self.functions.begin(begin, self._copies()[0], p)
        self.functions.observe(max(time, begin), y, p, self.work[0], self.rows[0])
        return np.array(self.rows[0])

    def _copies(self) -> tuple[Any, Any]:
        return self.make(np.array(self.y)), self.make(np.array(self.p))
