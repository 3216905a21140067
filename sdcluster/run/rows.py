"""Rows of results by variable: from the columns of a kernel to the elements of a model.

Crosses the border: `Columns(kernel, spans)`, where `spans` gives each variable its first row and number of rows;
`kept_keys` for the names that a user keeps.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from sdcluster.errors import ModelError
from sdcluster.kernel import Kernel
from sdcluster.model import Model
from sdcluster.model.missing import without_missing
from sdcluster.run.fixed import Raw


class Columns:
    """Where a kernel keeps the elements of each variable.

    Parameters
    ----------
    kernel : Kernel
    spans : mapping of str to (int, int)
        First row and number of rows of each variable, by key.

    Attributes
    ----------
    moving, columns : list of int
        Rows of what changes with time, and their columns among the observed values.
    still, places : list of int
        Rows of what does not, and their places in `p`.
    undefined : list of int
        Rows of elements of stocks that no equation defines.
    """

    def __init__(self, kernel: Kernel, spans: Mapping[str, tuple[int, int]]) -> None:
        source = kernel.source
        constants = source.parameters | source.fixed
        self.moving: list[int] = []
        self.columns: list[int] = []
        self.still: list[int] = []
        self.places: list[int] = []
        self.undefined = [
            spans[key][0] + i
            for key, missing in kernel.program.undefined.items()
            if key in source.states and key in spans
            for i in missing
        ]
        for key, (first, size) in spans.items():
            rows = range(first, first + size)
            if key in source.observed:
                self.moving += rows
                self.columns += range(source.observed[key], source.observed[key] + size)
            else:
                self.still += rows
                self.places += range(constants[key], constants[key] + size)

    @property
    def count(self) -> int:
        """Number of rows."""
        return len(self.moving) + len(self.still)

    def of(self, raw: Raw) -> np.ndarray:
        """Return the rows of what a run left, shape (rows, T)."""
        result = np.empty((self.count, len(raw.out)))
        self.fill(result, raw.out)
        for first, p in raw.phases:
            result[self.still, first:] = p[self.places][:, np.newaxis]
        return self.finished(result)

    def constants(self, p: Any) -> np.ndarray:
        """Return the values in `p` of what does not change with time, shape (len(still),)."""
        return np.array([p[place] for place in self.places], dtype=float)

    def fill(self, result: np.ndarray, out: np.ndarray) -> None:
        """Write observed values, shape (T, columns), into rows of shape (rows, T)."""
        result[self.moving] = out.T[self.columns]

    def finished(self, result: np.ndarray) -> np.ndarray:
        """Return rows in which NaN shows what is missing and what no equation defines."""
        result[self.undefined] = math.nan
        return without_missing(result)


def kept_keys(model: Model, keys: Collection[str], variables: Sequence[str]) -> list[str]:
    """Return the keys of variables by name, each of which must be among `keys`, the variables of the results.

    Raises
    ------
    ModelError
        For names that the model does not know, and for lookups.
    """
    chosen = [model[name].key for name in variables]
    for name, key in zip(variables, chosen, strict=True):
        if key not in keys:
            raise ModelError(
                f'"{name}" is a lookup, which has no course over time; name a variable that uses it '
                "(`Model.lookups` has its points)",
                file=model.path,
                variable=name,
            )
    return chosen
