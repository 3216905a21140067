"""Mapping from the values that a kernel's ``observe`` computes to the rows of the results, by variable.

`Columns(kernel, spans)` is the mapping, and `spans` gives each variable its first row and number of rows. `kept_keys`
checks the names of the variables that the user wants to keep.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from sdcluster.errors import ModelError
from sdcluster.kernel import Kernel
from sdcluster.messages import message
from sdcluster.model import Model
from sdcluster.model.missing import without_missing
from sdcluster.run.keeping import Keeping, Raw


class Columns:
    """The rows of the results, and for each row the index of its value among those of the kernel's ``observe``.

    Parameters
    ----------
    kernel : Kernel
    spans : mapping of str to (int, int)
        First row and number of rows of each variable in the results, by the variable's key.

    Attributes
    ----------
    count : int
        Number of rows.
    keeping : Keeping
        The rows to which a run writes: first the rows of the results, then those of the other values of ``observe``.
    undefined : list of int
        Rows of stock elements that no equation defines.
    """

    def __init__(self, kernel: Kernel, spans: Mapping[str, tuple[int, int]]) -> None:
        source = kernel.source
        constants = source.parameters | source.fixed
        rows = np.full(source.columns, -1)
        still: list[int] = []
        places: list[int] = []
        self.count = 0
        for key, (first, size) in spans.items():
            self.count += size
            if key in source.observed:
                rows[source.observed[key] :][:size] = range(first, first + size)
            else:
                still += range(first, first + size)
                places += range(constants[key], constants[key] + size)
        others = np.flatnonzero(rows < 0)
        rows[others] = range(self.count, self.count + len(others))
        self.keeping = Keeping(
            np.arange(source.columns), rows, np.array(still, dtype=int), np.array(places, dtype=int)
        )
        self.undefined = [
            spans[key][0] + i
            for key, missing in kernel.program.undefined.items()
            if key in source.states and key in spans
            for i in missing
        ]

    def of(self, raw: Raw) -> np.ndarray:
        """Return the rows of the results, shape (rows, T), from the raw results of a run."""
        if raw.keeping is self.keeping:
            return self.finished(raw.table[: self.count], raw.is_plain)
        shown = self.keeping.rows < self.count
        result = np.empty((self.count, raw.length))
        result[self.keeping.rows[shown]] = raw.table[raw.keeping.rows[shown]]
        for first, p in raw.phases:
            result[self.keeping.still, first:] = p[self.keeping.places][:, np.newaxis]
        return self.finished(result)

    def constants(self, p: Any) -> np.ndarray:
        """Return the values of the rows that do not change with time, from the parameters `p`, shape (N,)."""
        return np.array([p[place] for place in self.keeping.places.tolist()], dtype=float)

    def finished(self, result: np.ndarray, is_plain: bool = False) -> np.ndarray:
        """Return the rows with NaN for missing values and for elements that no equation defines."""
        if self.undefined:
            result[self.undefined] = math.nan
        return result if is_plain else without_missing(result)


def kept_keys(model: Model, keys: Collection[str], variables: Sequence[str]) -> list[str]:
    """Return the keys of the named variables, which must be in `keys`, the keys of all variables of the results.

    Raises
    ------
    ModelError
        For unknown names, and for lookups.
    """
    chosen = [model[name].key for name in variables]
    for name, key in zip(variables, chosen, strict=True):
        if key not in keys:
            raise ModelError(
                message("run.lookup_no_course_over", name=name),
                file=model.path,
                variable=name,
            )
    return chosen
