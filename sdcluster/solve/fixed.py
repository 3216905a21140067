"""Fixed-step runs (Euler, RK2, RK4): the kernel's own loops, cut where settings change.

Crosses the border: `run_fixed(setup, grid, method, functions, arrays)` gives `Raw`.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from sdcluster.progress import report
from sdcluster.solve.grid import Grid
from sdcluster.solve.plan import Setup, check_buffers

PACE = 0.2  # seconds
FIRST_STRETCH = 1_000_000  # values


@dataclass(frozen=True)
class Raw:
    """What a run leaves, before it has names.

    Parameters
    ----------
    out : ndarray, shape (T, columns)
        States and dynamic variables at the saved times.
    phases : tuple of (int, ndarray)
        First row, and `p` from that row on: the constants in force.
    events : tuple of (str, float)
        What happened when, in order of time.
    """

    out: np.ndarray
    phases: tuple[tuple[int, np.ndarray], ...]
    events: tuple[tuple[str, float], ...] = ()


def run_fixed(
    setup: Setup, grid: Grid, method: str, functions: SimpleNamespace, arrays: bool
) -> Raw:
    """Run one of the printed loops.

    Parameters
    ----------
    setup : Setup
    grid : Grid
    method : {"euler", "rk2", "rk4"}
    functions : namespace
        From `Kernel.functions`.
    arrays : bool
        Whether the functions want arrays (numba) or lists (plain Python is faster with lists).
    """
    source = setup.kernel.source
    n, columns = source.width, source.columns
    rows = grid.steps // grid.every + 1
    last_row = rows - 1 if grid.steps % grid.every == 0 else rows
    make: Any = np.asarray if arrays else np.ndarray.tolist
    p, y, work = make(setup.p.copy()), make(np.zeros(n)), make(np.zeros((5, n)))
    out: Any = np.zeros((last_row + 1, columns)) if arrays else _Rows(last_row + 1, columns)
    loop = getattr(functions, method)
    functions.derive(p)
    functions.initial(p, y)
    check_buffers(p)
    phases = []
    first = 0
    for moment, parameters, states in (*setup.changes, (math.inf, {}, {})):
        last = min(max(grid.first_from(moment), first), grid.steps)
        phases.append((-(-first // grid.every), np.array(p)))
        for begin, end in _paced(first, last, columns):
            loop(begin, end, grid.every, grid.dt, y, p, work, out)
            report("running", end, grid.steps, "steps")
        if moment > grid.stop + grid.slack:
            break
        for place, value in parameters.items():
            p[place] = value
        functions.derive(p)
        for place, value in states.items():
            y[place] = value
        first = last
    if first == grid.steps:
        phases.append((last_row, np.array(p)))
    if setup.kernel.program.devices:
        functions.begin(grid.stop, y, p)
    functions.observe(grid.stop, y, p, work[0], out[last_row])
    check_buffers(p)
    return _kept(Raw(out if arrays else out.whole(), tuple(phases)), grid)


class _Rows:
    """Rows for plain Python, which fills lists: one list, put into the array when another row is asked for.

    Lists of all rows would take four times the memory of the array.
    """

    def __init__(self, rows: int, columns: int) -> None:
        self._array, self._row, self._at = np.zeros((rows, columns)), [0.0] * columns, -1

    def __getitem__(self, at: int) -> list[float]:
        self.whole()
        self._at = at
        return self._row

    def whole(self) -> np.ndarray:
        """Return the array, with the row that was filled last."""
        if self._at >= 0:
            self._array[self._at] = self._row
        return self._array


def _paced(first: int, last: int, values: int) -> Iterator[tuple[int, int]]:
    """Yield the steps from `first` to `last` in stretches of about `PACE` seconds: machine code knows no interrupts.

    Cutting changes nothing in the numbers: a loop keeps all it knows in its arguments.
    """
    length = max(1, FIRST_STRETCH // max(1, values))
    while first < last:
        begun = time.perf_counter()
        yield first, min(first + length, last)
        first += length
        took = max(time.perf_counter() - begun, 1e-9)
        length = max(1, int(length * min(4.0, PACE / took)))


def _kept(raw: Raw, grid: Grid) -> Raw:
    """Return the rows that are kept of a run that wrote one each step, as kept points are unevenly spaced."""
    if len(raw.out) == len(grid.kept):
        return raw
    rows = np.searchsorted(grid.kept, [first for first, _ in raw.phases])
    phases = tuple((int(row), p) for row, (_, p) in zip(rows, raw.phases, strict=True))
    return Raw(raw.out[grid.kept], phases)
