"""Batches of short runs: machine code executes the runs of a batch in parallel, and every batch reuses the same arrays.

The method `made(places, numbers)` of `Batches` runs one batch.

The arrays that the machine code reads and writes are allocated once, and their addresses are computed once. Doing this
for every batch would cost as much as the runs: a batch of short runs takes about as long as a dozen numpy calls.
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

LINE = 64  # bytes in a cache line


class Batches:
    """Executes batches of `lanes` runs each, by a fixed-step method; each thread needs its own object.

    Parameters
    ----------
    setup : Setup
        Setup of one run, from which the runs of a batch differ only in some settings. `Batches.fit` says whether
        runs with this setup can be batched.
    grid : Grid
        The steps and saved times that all runs share.
    method : {"euler", "rk2", "rk4"}
    functions : namespace
        Machine code that executes `lanes` runs in parallel.
    keeping : Keeping
        The values to save in `table`.
    lanes : int
        Number of runs in a batch.

    Attributes
    ----------
    table : ndarray, shape (rows, T, lanes)
        The curves of the most recent batch; the next batch overwrites them.
    last : ndarray, shape (columns, lanes)
        The values that the kernel's ``observe`` computes, at the last time of the most recent batch.
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
        """Whether runs can be batched.

        Runs can be batched if no setting changes during a run, the saved times are evenly spaced, and a run is so short
        that Ctrl-C need not interrupt it.
        """
        even = len(grid.kept) == -(-grid.steps // grid.every) + 1
        short = grid.steps * max(1, setup.kernel.source.columns) <= FIRST_STRETCH
        return not setup.changes and even and short

    def made(self, places: list[int], numbers: np.ndarray) -> np.ndarray:
        """Execute one batch of runs, and write the results to `table` and `last`.

        Parameters
        ----------
        places : list of int, length N
            Indices, in the parameter vector `p`, of the settings that differ between runs.
        numbers : ndarray, shape (N, lanes)
            The values of these settings in each run, from its start.

        Returns
        -------
        ndarray of bool, shape (lanes,)
            True for each run in which a value computed from constants alone is NaN or infinite and must not be.

        Raises
        ------
        BufferTooShort
            If a conveyor's transit time exceeds its buffer in one of the runs.
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
    """Return an array of zeros that is aligned to cache lines in memory; this makes batches about a tenth faster."""
    size = 8 * math.prod(shape)
    raw: np.ndarray[Any, Any] = np.zeros(size + LINE, dtype=np.uint8)
    first = -raw.ctypes.data % LINE
    return raw[first : first + size].view(np.float64).reshape(shape)
