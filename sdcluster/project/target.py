"""A measured value that a calibration fits."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """A measured value, with its uncertainty (one standard deviation) and source.

    Parameters
    ----------
    time : float
        The time of the measurement, or the start of the measured interval.
    variable : str
        A scalar, or an element of an array.
    value, uncertainty : float
    source : str
    measure : str
        The measured quantity; empty if it is the value of the variable at `time`. See
        `sdcluster.measure.measures.measure_of_target`.
    """

    time: float
    variable: str
    value: float
    uncertainty: float
    source: str = ""
    measure: str = ""
