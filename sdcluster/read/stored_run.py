"""A simulation run that was read from a file.

All readers of run files return a `StoredRun`, which contains a `Series` for each curve.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, eq=False)
class Series:
    """One curve of a stored run.

    Parameters
    ----------
    name : str
        Name of the variable as written in the file.
    elements : tuple of str
        Subscripts of the curve, empty for a scalar.
    kind : str
        ``"stock"``, ``"auxiliary"``, ``"constant"``, ``"data"``, or empty if the file does not say.
    values : ndarray, shape (T,)
        Values at the times of the run.
    """

    name: str
    elements: tuple[str, ...]
    kind: str
    values: np.ndarray

    @property
    def title(self) -> str:
        """The name of the variable with its subscripts, such as ``name[a,b]``."""
        return f"{self.name}[{','.join(self.elements)}]" if self.elements else self.name


@dataclass(frozen=True, eq=False)
class StoredRun:
    """A simulation run read from a file.

    Parameters
    ----------
    times : ndarray, shape (T,)
    series : tuple of Series
    lookups : mapping of str to (ndarray, ndarray)
        x and y values of the lookups used in the run, keyed by name. A ``WITH LOOKUP`` has the name of its variable.
    origin : str
        The description that the file contains, such as the program that wrote it.
    doubts : tuple of str
        One sentence for each part of the file that could not be read and was left out.
    exact : bool
        Whether the file stores full float64 precision. False if the numbers were rounded.
    """

    times: np.ndarray
    series: tuple[Series, ...]
    lookups: dict[str, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)
    origin: str = ""
    doubts: tuple[str, ...] = ()
    exact: bool = False
