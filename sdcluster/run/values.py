"""The results of a run, by variable.

The values are numpy views of the run's table, so a large run is in memory only once.

`Values` are created from a `Setup` and the `Raw` results of its run.
"""

from __future__ import annotations

import numpy as np

from sdcluster.model.missing import without_missing
from sdcluster.run.keeping import Raw
from sdcluster.run.plan import Setup


class Values:
    """The values of a run, by variable.

    Parameters
    ----------
    setup : Setup
    raw : Raw
    """

    def __init__(self, setup: Setup, raw: Raw) -> None:
        source = setup.kernel.source
        self._raw, self._sizes, self._observed = raw, source.sizes, source.observed
        undefined = setup.kernel.program.undefined
        self._undefined = {k: list(at) for k, at in undefined.items() if k in source.states}
        self._constants = source.parameters | source.fixed

    def of(self, key: str) -> np.ndarray:
        """Return the values of a variable, shape (T, number of elements).

        The result is a view of the run's table if the variable changes with time. It is a new array for constants, and
        for variables with missing values or with elements that no equation defines.
        """
        found = without_missing(self._of(key))
        if key in self._undefined:
            found = found.copy()
            found[:, self._undefined[key]] = np.nan
        return found

    def _of(self, key: str) -> np.ndarray:
        size = self._sizes[key]
        if key in self._observed:
            first = self._observed[key]
            return self._raw.observed(first, size)
        place = self._constants[key]
        found = np.empty((self._raw.length, size))
        for begin, p in self._raw.phases:
            found[begin:] = p[place : place + size]
        return found
