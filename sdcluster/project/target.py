"""A measured value that a calibration is to meet."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """A measured value, with its uncertainty (one standard deviation) and source.

    Parameters
    ----------
    time : float
        When it was measured, or from when on.
    variable : str
        A scalar, or an element of an array.
    value, uncertainty : float
    source : str
    measure : str
        The quantity: nothing for the variable's value; else see `sdcluster.measure.measures.measure_of_target`.
    """

    time: float
    variable: str
    value: float
    uncertainty: float
    source: str = ""
    measure: str = ""
