"""Adaptive runs in the kernel's own code: Dormand and Prince's method, for one run or several in parallel.

`run_dopri5(...)` returns `Raw` and a mask of the parallel runs that were aborted.

Each of several parallel runs chooses its steps independently of the other runs. A step never crosses a time at which
the model jumps (`sdcluster.run.jumps`) or a setting changes. If a model has memory besides its stocks (a fixed delay,
say), a step also never crosses a time of the grid; the same holds for scipy's methods (`sdcluster.run.adaptive`).
"""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np

from sdcluster.kernel.library.records import Lane, Row
from sdcluster.progress import report
from sdcluster.run.adaptive import MAX_EVALUATIONS, Failed, endless, floor_of, remembers
from sdcluster.run.fixed import observe_all
from sdcluster.run.grid import Grid
from sdcluster.run.jumps import Jumps
from sdcluster.run.keeping import Keeping, Raw, flat, in_order
from sdcluster.run.plan import Setup, check_buffers

NAME = "dopri5"
VECTORS = 13  # work vectors, as long as the state vector, that `dopri5` needs
ROOM = 1 << 20  # most numbers in the states that one call of the kernel computes
FINEST = 100 * float(np.finfo(float).eps)  # relative tolerance, as in scipy


def run_dopri5(
    setup: Setup,
    grid: Grid,
    functions: SimpleNamespace,
    arrays: bool,
    *,
    rtol: float,
    atol: float,
    times: np.ndarray | None = None,
    keeping: Keeping | None = None,
    jumps: Jumps | None = None,
) -> tuple[Raw, np.ndarray]:
    """Execute one run, or several in parallel, by the adaptive method of Dormand and Prince.

    Parameters
    ----------
    setup : Setup
        Setup of one run, or of several, with parameters of shape (size, lanes).
    grid : Grid
    functions : namespace
        From `Kernel.native_adaptive` for the same number of lanes, or from `sdcluster.kernel.kernel.adaptive`.
    arrays : bool
        Whether the functions take arrays (machine code) or lists.
    rtol, atol : float
        Error bounds for each step, as in `scipy.integrate.solve_ivp`.
    times : ndarray, shape (T,), optional
        Sample times, ascending, that replace the grid.
    keeping : Keeping, optional
        The values to save in the table. By default, all values that the kernel's ``observe`` computes, in its order.
    jumps : Jumps, optional
        The jump times of the model; pass the same object to later runs, because it caches them.

    Returns
    -------
    raw : Raw
    failed : ndarray of bool, shape (lanes,), or () for one run
        True for each aborted run; its values in the table are meaningless.

    Raises
    ------
    Failed, SimulationError
        If a single run is aborted.
    BufferTooShort
        If a conveyor's transit time exceeds its buffer.
    """
    run = _Run(setup, grid, functions, arrays, (rtol, atol), times, keeping, jumps)
    return run.made()


class _Run:
    """One call of `run_dopri5`: the vectors that the kernel reads and writes, and the loop over time intervals."""

    def __init__(
        self,
        setup: Setup,
        grid: Grid,
        functions: SimpleNamespace,
        arrays: bool,
        tolerances: tuple[float, float],
        times: np.ndarray | None,
        keeping: Keeping | None,
        jumps: Jumps | None,
    ) -> None:
        self.setup, self.grid, self.functions, self.arrays = setup, grid, functions, arrays
        self.rtol, self.atol = max(tolerances[0], FINEST), tolerances[1]
        self.times = grid.saved if times is None else times
        program, source = setup.kernel.program, setup.kernel.source
        self.n, self.lanes = source.width, setup.p.shape[1:]
        self.keeping = keeping or in_order(source)
        self.jumps = jumps or Jumps(setup.kernel)
        self.devices, self.remembers = bool(program.devices), remembers(program)
        floor = np.array(floor_of(setup.kernel), dtype=np.int64)
        self.floor: Any = floor if arrays else floor.tolist()
        self.p, self.y = self._make(setup.p.copy()), self._zeros(self.n)
        self.lane = self._zeros(Lane.size)
        self.work, self.o = self._zeros(VECTORS, self.n), self._zeros(Row.count, source.columns)
        self.height = max(1, ROOM // max(1, self.n * math.prod(self.lanes)))
        self.table = np.empty((self.keeping.count, len(self.times), *self.lanes))
        self.phases: list[tuple[int, np.ndarray]] = []
        self.row = 0  # number of sample times already computed

    def _make(self, array: np.ndarray) -> Any:
        return np.ascontiguousarray(array) if self.arrays else array.tolist()

    def _zeros(self, *shape: int) -> Any:
        return self._make(np.zeros((*shape, *self.lanes)))

    def made(self) -> tuple[Raw, np.ndarray]:
        """Run from start to stop; return the results and a mask, shape (lanes,), that is True for aborted runs."""
        grid, p, y = self.grid, self.p, self.y
        self.functions.derive(p)
        self.functions.initial(p, y)
        check_buffers(p)
        changes = list(self.setup.changes)
        self._note_phase()
        begin = step_begin = grid.start
        step_state = self._make(np.array(y))
        while begin < grid.stop - grid.slack:
            self._apply(changes, begin)
            if self._on_grid(begin):
                step_begin, step_state = begin, self._make(np.array(y))
                self._decide(begin)
            end = self._next_end(begin, changes)
            if self.n:
                self._integrate(begin, end)
            else:
                self._observe(self._row_of(end), self._zeros(1, 0))
            if self._on_grid(end) or not self.remembers:
                self.functions.advance(step_begin, step_state, p)
                check_buffers(p)
            self.functions.clamp(y)
            begin = end
        self._apply(changes, grid.stop)
        self._decide(grid.stop)
        rest = len(self.times) - self.row
        self._observe(len(self.times), self._make(np.array([y] * rest)) if rest else None)
        observe_all(self.functions)(grid.stop, y, p, self.work[0], self.o[0])
        return self._raw(np.array(self.o[0])), np.asarray(self.lane[Lane.failed]) > 0

    def _note_phase(self) -> None:
        self.phases.append((self.row, np.array(self.p)))

    def _apply(self, changes: list[Any], time: float) -> None:
        """Apply the changes whose time is at most `time`, and remove them from the list."""
        applied = False
        while changes and changes[0][0] <= time + self.grid.slack:
            _, parameters, states = changes.pop(0)
            for place, value in parameters.items():
                self.p[place] = value
            self.functions.derive(self.p)
            for place, value in states.items():
                self.y[place] = value
            applied = True
        if applied:
            self._note_phase()

    def _on_grid(self, time: float) -> bool:
        steps = (time - self.grid.start) / self.grid.dt
        return abs(steps - round(steps)) * self.grid.dt <= 4 * self.grid.slack

    def _decide(self, time: float) -> None:
        if self.devices:
            self.functions.begin(time, self.y, self.p)

    def _next_end(self, begin: float, changes: list[Any]) -> float:
        """Return the next time after `begin` at which the current step must end in all parallel runs."""
        grid = self.grid
        times = [grid.stop, *(change[0] for change in changes)]
        if self.remembers:
            times.append(float(grid.at(math.floor((begin - grid.start) / grid.dt + 1e-6) + 1)))
        return min(t for t in times if t > begin + 4 * grid.slack or t == grid.stop)

    def _row_of(self, time: float) -> int:
        """Return the number of sample times before `time`."""
        return int(np.searchsorted(self.times, time - self.grid.slack))

    # ---- one interval of time

    def _integrate(self, begin: float, end: float) -> None:
        grid, last = self.grid, self._row_of(end)
        stops = self.jumps.stops(np.asarray(self.p), begin, end, grid.slack)
        stops = self._make(stops)
        times: Any = self.times if self.arrays else self.times.tolist()
        self._stand(begin)
        rows = min(self.height, max(1, last - self.row))
        states = self._zeros(rows * self.n)
        while True:
            until = min(last, self.row + rows)
            goal = end if until == last else -math.inf
            self.functions.dopri5(
                goal, until, self.y, self.p, self.lane, stops, times, self.floor, states, self.row,
                self.work, self.rtol, self.atol, MAX_EVALUATIONS,
            )  # fmt: skip
            if not self.lanes and self.lane[Lane.failed] > 0:
                raise self._gave_up()
            self._observe(until, states)
            report(
                "running", min(self._now(), end) - grid.start, grid.stop - grid.start, self._units()
            )
            if until == last:
                return

    def _stand(self, time: float) -> None:
        """Restart all parallel runs at `time`.

        Slopes may jump there, so earlier slopes and step sizes are discarded.
        """
        start = {Lane.time: time, Lane.begun: time, Lane.row: float(self.row), Lane.fresh: 1.0}
        rest = (Lane.length, Lane.next, Lane.stop, Lane.rejected)
        for place, value in (start | dict.fromkeys(rest, 0.0)).items():
            self.lane[place] = value

    def _now(self) -> float:
        return float(np.min(self.lane[Lane.time]))

    def _units(self) -> str:
        return self.setup.kernel.model.time.units

    def _gave_up(self) -> Exception:
        time = float(self.lane[Lane.time])
        if self.lane[Lane.failed] == Lane.endless:
            return endless(NAME, time)
        message = "no step is short enough for the error bounds."
        return Failed(time, np.array(self.y, dtype=float), self.p, message)

    def _observe(self, last: int, states: Any) -> None:
        """Compute all values at the next sample times from `states`, and write them to the table.

        `last` is the index of the first sample time that is not computed.
        """
        first, count = self.row, last - self.row
        if not count:
            return
        if not self.n:
            states = self._zeros(count, 0)
        else:
            shape = (-1, self.n, *self.lanes)
            states = self._make(np.asarray(states).reshape(shape)[:count])
        out, span = flat(self.table, first, self.arrays), self.table.shape[1]
        kept: Any = self.keeping.pairs if self.arrays else self.keeping.listed
        times: Any = self.times if self.arrays else self.times.tolist()
        spare = self.work[1]  # work[0] is the slope with which the next step begins
        self.functions.observe_rows(
            first, last, times, states, self.p, spare, self.o, kept, out, span
        )
        self.row = last

    def _raw(self, last: np.ndarray) -> Raw:
        keeping = self.keeping
        if len(keeping.still):
            for first, p in self.phases:
                self.table[keeping.still, first:] = p[keeping.places][:, np.newaxis]
        return Raw(self.table, keeping, tuple(self.phases), last=last)
