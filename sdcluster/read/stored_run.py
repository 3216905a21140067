"""A run that a file holds: its times and curves, as the readers of such files give them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, eq=False)
class Series:
    """One curve of a stored run.

    Parameters
    ----------
    name : str
        The variable, as its file writes it.
    elements : tuple of str
        Its subscripts; empty for a scalar.
    kind : str
        ``"stock"``, ``"auxiliary"``, ``"constant"``, ``"data"``, or empty where the file does not say.
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
    """A run that a file holds.

    Parameters
    ----------
    times : ndarray, shape (T,)
    series : tuple of Series
    lookups : mapping of str to (ndarray, ndarray)
        x and y of the lookups by name, with which the run was made; those of ``WITH LOOKUP`` under the variable's name.
    origin : str
        The file's description of itself.
    doubts : tuple of str
        A sentence for each thing in the file that was not understood and is therefore left out.
    exact : bool
        Whether the numbers were written so that reading gives the same float64 again; else they are rounded.
    """

    times: np.ndarray
    series: tuple[Series, ...]
    lookups: dict[str, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)
    origin: str = ""
    doubts: tuple[str, ...] = ()
    exact: bool = False
