"""The selection of values that a run saves. The curve of each value is a row of a table.

`Keeping` is the selection, and `Raw` contains the results of a run. All modules that run a kernel use both classes. The
kernel writes each value directly to its row, so the results need no sorting afterwards.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from sdcluster.kernel.source import KernelSource
from sdcluster.model.missing import NA


@dataclass(frozen=True, eq=False)
class Keeping:
    """The values to save, and the row of the table for each.

    Parameters
    ----------
    columns, rows : ndarray of int, shape (K,)
        Indices of the values to save, among those that the kernel's ``observe`` computes, and the row of each.
    still, places : ndarray of int, shape (S,)
        Rows of values that do not change with time, and the index of each value in the parameter vector `p`.
    """

    columns: np.ndarray
    rows: np.ndarray
    still: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=int))
    places: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=int))

    @property
    def count(self) -> int:
        """Number of rows."""
        return len(self.rows) + len(self.still)

    @cached_property
    def pairs(self) -> np.ndarray:
        """The indices of the values to save, each followed by its row, in one array for the kernel's loops."""
        return np.stack([self.columns, self.rows], axis=1).astype(np.int64).ravel()

    @cached_property
    def listed(self) -> list[int]:
        """The array `pairs` as a list, for plain Python."""
        return self.pairs.tolist()  # type: ignore[no-any-return]


def in_order(source: KernelSource) -> Keeping:
    """Return the selection that saves all values which the kernel's ``observe`` computes, in its order."""
    every = np.arange(source.columns)
    return Keeping(every, every)


@dataclass(frozen=True, eq=False)
class Raw:
    """The raw results of a run, without names.

    Parameters
    ----------
    table : ndarray, shape (rows, T), or (rows, T, lanes) for parallel runs
        Curves.
    keeping : Keeping
        The meaning of each row.
    phases : tuple of (int, ndarray)
        For each change of constants: the index of a saved time, and the parameters `p` that apply from then on.
    events : tuple of (str, float)
        Name and time of each event, in order of time.
    last : ndarray, shape (columns,) or (columns, lanes), optional
        The values that the kernel's ``observe`` computes at the end of the run.
    """

    table: np.ndarray
    keeping: Keeping
    phases: tuple[tuple[int, np.ndarray], ...]
    events: tuple[tuple[str, float], ...] = ()
    last: np.ndarray | None = None

    @property
    def length(self) -> int:
        """Number of saved times."""
        return self.table.shape[1]

    @cached_property
    def is_plain(self) -> bool:
        """True only if no number of the table is NaN, infinite or `NA`; for very large numbers it can also be False."""
        return is_plain(self.table.reshape(len(self.table), math.prod(self.table.shape[1:])))

    def observed(self, first: int, count: int) -> np.ndarray:
        """Return the values of ``observe`` with indices from `first` to ``first + count - 1``, shape (T, count)."""
        rows = self.keeping.rows[first : first + count]
        at = int(rows[0]) if count else 0
        if np.array_equal(rows, range(at, at + count)):
            return self.table[at : at + count].T
        return self.table[rows].T

    def at(self, time: int) -> np.ndarray:
        """Return the values of ``observe`` at the saved time with index `time`, shape (columns,)."""
        return self.table[self.keeping.rows, time]


def is_plain(rows: np.ndarray) -> bool:
    """Return True only if no number is NaN, infinite or `NA`; for very large numbers the result can also be False.

    The function sums the squares of each row, which is faster than computing minimum and maximum.

    A single sum over all rows would be faster still, but numpy starts threads for it, which wait for each other on a
    busy machine.

    Parameters
    ----------
    rows : ndarray, shape (..., N)
    """
    if not rows.size:
        return True
    with np.errstate(all="ignore"):
        return bool(np.vecdot(rows, rows).max() < NA * NA)


def flat(table: np.ndarray, first: int, arrays: bool) -> Any:
    """Return the values of a table, from column `first` on, as one vector for a kernel's loops.

    Parameters
    ----------
    table : ndarray, shape (rows, T), or (rows, T, lanes)
        Contiguous.
    first : int
    arrays : bool
        True if the loop takes arrays. Otherwise the result has the type that plain Python writes fastest.
    """
    numbers = table.reshape(-1, *table.shape[2:])[first:]
    return numbers if arrays or not numbers.size else memoryview(numbers)
