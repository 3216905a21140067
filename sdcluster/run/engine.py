"""The engine of stepwise runs (`sdcluster.run.stepping.Run`): a kernel and its vectors, advanced step by step.

An `Engine` calls the same compiled functions as `sdcluster.run.fixed.run_fixed`, but for fewer steps at a time. The
results are therefore bit-identical to those of a run without pauses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from sdcluster.kernel import Kernel
from sdcluster.kernel.layout import LENGTH, NEED, WISH
from sdcluster.kernel.library.records import Row
from sdcluster.run.diagnose import diagnose, is_sound
from sdcluster.run.grid import Grid
from sdcluster.run.keeping import Raw, flat, in_order
from sdcluster.run.memory import Memory, buffer_length, capture, restore
from sdcluster.run.plan import MAX_SLATS, Setup
from sdcluster.run.rows import Columns

ARITHMETIC = (ZeroDivisionError, OverflowError, ValueError)


class Engine:
    """Runs one kernel step by step.

    If the user changes an equation during the run, a new engine continues with a new kernel.

    Parameters
    ----------
    setup : Setup
        The kernel and its parameters at the start of the run.
    grid : Grid
    method : {"euler", "rk2", "rk4"}
    functions, arrays
        As for `run_fixed`.
    spans : mapping
        First row and number of rows of each variable in the table of results, by the variable's key.

    Attributes
    ----------
    p, y : list or ndarray
        The kernel's vectors of parameters and of stocks.
    first : int
        Index of the first step that this engine computed.
    """

    def __init__(
        self,
        setup: Setup,
        grid: Grid,
        method: str,
        functions: Any,
        arrays: bool,
        spans: Mapping[str, tuple[int, int]],
    ) -> None:
        self.setup, self.grid, self.method = setup, grid, method
        self.kernel: Kernel = setup.kernel
        self.functions, self.arrays = functions, arrays
        source = self.kernel.source
        self.columns = Columns(self.kernel, spans)
        self.p = self._make(setup.p.copy())
        self.y = self._make(np.zeros(source.width))
        self.work = self._make(np.zeros((5, source.width)))
        # The system allocates memory only for the parts that are written, so a large table costs nothing yet.
        self.table = np.zeros((self.columns.keeping.count, grid.steps // grid.every + 2))
        self.rows = self._make(np.zeros((Row.count, source.columns)))
        keeping = self.columns.keeping
        self.kept: Any = keeping.pairs if arrays else keeping.listed
        self._still = np.zeros(0)
        self.first = 0
        self._new = True  # whether constants may have changed since `_still` was computed

    def _make(self, array: np.ndarray) -> Any:
        return np.ascontiguousarray(array) if self.arrays else array.tolist()

    # ---- beginning

    def start(self) -> None:
        """Compute the initial values of the run."""

        def begin() -> None:
            self.functions.derive(self.p)
            self.functions.initial(self.p, self.y)

        self._safely(begin)

    def take_over(self, memory: Memory, step: int) -> None:
        """Continue at a step from the memory of another engine or of a saved run."""
        self._lengthen(max(int(self.p[LENGTH]), buffer_length(memory) + 2))
        restore(self.kernel, memory, self.p, self.y)
        self.first = step
        self.derive()

    def derive(self) -> None:
        """Recompute all values that depend on constants alone."""
        self._safely(lambda: self.functions.derive(self.p))
        self._new = True

    def memory(self) -> Memory:
        """Return the memory of the run; see `sdcluster.run.memory`."""
        return capture(self.kernel, self.p, self.y)

    # ---- steps

    def advance(self, first: int, last: int) -> None:
        """Compute the steps from `first` up to, but not including, `last`."""
        grid = self.grid
        row = -(-first // grid.every)
        if self._new:
            self._still = self.columns.constants(self.p)
            self._new = False

        def steps() -> None:
            loop = getattr(self.functions, self.method)
            out, span = flat(self.table, row, self.arrays), self.table.shape[1]
            loop(
                first,
                last,
                grid.every,
                grid.dt,
                self.y,
                self.p,
                self.work,
                self.rows,
                self.kept,
                out,
                span,
            )

        self._safely(steps)
        self._check(row, -(-last // grid.every))

    def observe(self, step: int) -> tuple[np.ndarray, Any]:
        """Return the values of all variables at the beginning of a step, shape (columns,), and the parameters there.

        The run itself stays as it is, because conveyors and queues are evaluated on a copy of the parameters.
        """
        time = float(self.grid.at(step))
        row = self._make(np.zeros(self.kernel.source.columns))
        p = self.p

        def look() -> None:
            nonlocal p
            if self.kernel.program.devices:
                p = self.p.copy()
                self.functions.begin(time, self.y, p)
            self.functions.observe(time, self.y, p, self.work[0], row)

        self._safely(look)
        values = np.array(row, dtype=float)
        raw = Raw(values[:, np.newaxis], in_order(self.kernel.source), ((0, self._parameters()),))
        self._sound(raw, np.array([time]))
        return values, p

    def _safely(self, action: Callable[[], None]) -> None:
        """Call `action`; if it raises an arithmetic error or a buffer is too short, restore the vectors and repeat.

        The second call uses functions that return NaN or infinity instead of raising, or longer buffers.
        """
        source = self.kernel.source
        keep = bool(source.cells) or not self.arrays
        while True:
            before = (self.p.copy(), self.y.copy()) if keep else None
            try:
                action()
            except ARITHMETIC:
                if self.arrays or before is None or self.functions is self._careful():
                    raise
                self.functions = self._careful()
                self.p, self.y = before
                continue
            wanted = max(self.p[NEED], min(self.p[WISH], MAX_SLATS))
            if before is None or not source.cells or wanted <= self.p[LENGTH]:
                return
            self.p, self.y = before
            self._lengthen(int(wanted) + 2)

    def _careful(self) -> Any:
        return self.kernel.functions("careful")

    def _lengthen(self, length: int) -> None:
        """Lengthen every buffer to at least `length` cells."""
        if length <= self.p[LENGTH]:
            return
        memory = capture(self.kernel, self.p, self.y)
        widened = Setup(self.kernel, np.array(self.p, dtype=float), ()).widened(length - 2)
        self.p = self._make(widened.p)
        restore(self.kernel, memory, self.p, self.y)

    # ---- results

    def _parameters(self) -> np.ndarray:
        return np.array(self.p[: self.kernel.source.size], dtype=float)

    def _check(self, first: int, last: int) -> None:
        if last > first:
            keeping = self.columns.keeping
            table = self.table[:, first:last]
            table[keeping.still] = self._still[:, np.newaxis]
            steps = np.arange(first, last) * self.grid.every
            self._sound(Raw(table, keeping, ((0, self._parameters()),)), self.grid.at(steps))

    def _sound(self, raw: Raw, times: np.ndarray) -> None:
        if not is_sound(self.setup, raw):
            raise diagnose(self.setup, times, raw)

    def results(self, first: int, last: int) -> np.ndarray:
        """Return the results at the saved times `first` to `last` - 1, shape (rows, last - first)."""
        return self.columns.finished(self.table[: self.columns.count, first:last].copy())
