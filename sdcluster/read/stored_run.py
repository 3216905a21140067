"""A stored run: its times and curves, as returned by the readers of run files."""

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
        Its subscripts; empty for a scalar.
    kind : str
        ``"stock"``, ``"auxiliary"``, ``"constant"``, ``"data"``, or empty if the file does not specify it.
    values : ndarray, shape (T,)
    """

    name: str
    elements: tuple[str, ...]
    kind: str
    values: np.ndarray

    @property
    def title(self) -> str:
        """The name with its subscripts, ``name[a,b]``."""
        return f"{self.name}[{','.join(self.elements)}]" if self.elements else self.name


@dataclass(frozen=True, eq=False)
class StoredRun:
    """A simulation run read from a file.

    Parameters
    ----------
    times : ndarray, shape (T,)
    series : tuple of Series
    lookups : mapping of str to (ndarray, ndarray)
        x and y of the lookups used in the run, by name; a ``WITH LOOKUP`` is listed under its variable's name.
    origin : str
        The file's description of itself.
    doubts : tuple of str
        One sentence for each part of the file that could not be read and was left out.
    exact : bool
        Whether the file stores full float64 precision; False if the numbers were rounded.
    """

    times: np.ndarray
    series: tuple[Series, ...]
    lookups: dict[str, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)
    origin: str = ""
    doubts: tuple[str, ...] = ()
    exact: bool = False
