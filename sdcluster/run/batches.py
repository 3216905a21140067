"""Vectorised runs in batches that reuse the same memory, to reduce the overhead of many short runs.

Interface: `Batches(setup, grid, method, functions, keeping, lanes)`, whose `made(places, numbers)` runs one
batch.

Arguments are converted to addresses only once, because a batch of short runs takes about as long as a dozen numpy
calls.
"""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np

from sdcluster.kernel.library.records import Row
from sdcluster.run.diagnose import constants_fail
from sdcluster.run.fixed import FIRST_STRETCH, observe_all
from sdcluster.run.grid import Grid
from sdcluster.run.keeping import Keeping, flat
from sdcluster.run.plan import Setup, check_buffers

LINE = 64  # bytes


class Batches:
    """Runs of a fixed-step method without changes during the run; not thread-safe.

    Parameters
    ----------
    setup : Setup
        Setup of one run. `Batches.fit` says whether it can be batched.
    grid : Grid
    method : {"euler", "rk2", "rk4"}
    functions : namespace
        Machine code for this number of lanes.
    keeping : Keeping
    lanes : int

    Attributes
    ----------
    table : ndarray, shape (rows, T, lanes)
        The curves of the last batch.
    last : ndarray, shape (columns, lanes)
        All values that the kernel observes at the end of the batch.
    """

    def __init__(
        self,
        setup: Setup,
        grid: Grid,
        method: str,
        functions: SimpleNamespace,
        keeping: Keeping,
        lanes: int,
    ) -> None:
        width, columns = setup.kernel.source.width, setup.kernel.source.columns
        self._setup, self._keeping = setup, keeping
        self._given = np.repeat(setup.p[:, np.newaxis], lanes, axis=1)
        self._p, self._y = aligned(len(setup.p), lanes), aligned(width, lanes)
        work, o = aligned(5, width, lanes), aligned(Row.count, columns, lanes)
        self.table = aligned(keeping.count, -(-grid.steps // grid.every) + 1, lanes)
        self.last, self._bounded = o[0], bool(setup.kernel.source.cells)
        calls = [
            functions.derive.bound(self._p),
            functions.initial.bound(self._p, self._y),
            getattr(functions, method).bound(
                0, grid.steps, grid.every, grid.dt, self._y, self._p, work, o, keeping.pairs,
                flat(self.table, 0, True), self.table.shape[1],
            ),
        ]  # fmt: skip
        if setup.kernel.program.devices:
            calls.append(functions.begin.bound(grid.stop, self._y, self._p))
        calls.append(observe_all(functions).bound(grid.stop, self._y, self._p, work[0], o[0]))
        self._calls = calls

    @staticmethod
    def fit(setup: Setup, grid: Grid) -> bool:
        """Whether a run can be batched: no changes during the run, even times, and too short to need interrupts."""
        even = len(grid.kept) == -(-grid.steps // grid.every) + 1
        short = grid.steps * max(1, setup.kernel.source.columns) <= FIRST_STRETCH
        return not setup.changes and even and short

    def made(self, places: list[int], numbers: np.ndarray) -> np.ndarray:
        """Run one batch.

        Parameters
        ----------
        places : list of int, length N
            Indices of the settings in `p`.
        numbers : ndarray, shape (N, lanes)
            Settings that apply from the start.

        Returns
        -------
        ndarray of bool, shape (lanes,)
            True for each run in which a value computed from constants alone is not finite.

        Raises
        ------
        BufferTooShort
        """
        p, keeping = self._p, self._keeping
        p[:] = self._given
        p[places] = numbers
        self._y[:] = 0.0
        for call in self._calls:
            call()
        if self._bounded:
            check_buffers(p)
        self.table[keeping.rows, -1] = self.last[keeping.columns]
        if len(keeping.still):
            self.table[keeping.still] = p[keeping.places][:, np.newaxis]
        return constants_fail(self._setup, p)


def aligned(*shape: int) -> np.ndarray:
    """Return zeros aligned to cache lines (eight values each), which saves a tenth of the time."""
    size = 8 * math.prod(shape)
    raw: np.ndarray[Any, Any] = np.zeros(size + LINE, dtype=np.uint8)
    first = -raw.ctypes.data % LINE
    return raw[first : first + size].view(np.float64).reshape(shape)
