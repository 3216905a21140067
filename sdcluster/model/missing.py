"""Vensim's missing value ``:NA:``: the finite number -2^109, with which a model computes as with any other.

Crosses the border: `NA`; `without_missing(values)` for whatever leaves the engine, `with_missing` for the way back.
Source: Vensim reference manual, ":NA:" (vensim.com/documentation/na.html).
"""

from __future__ import annotations

import numpy as np

NA = -(2.0**109)
_PRINTED = 1e-5  # Vensim exports its single precision with six digits: -6.49037e+32


def without_missing(values: np.ndarray) -> np.ndarray:
    """Return `values`, of any shape, with NaN where a value is `NA`; the same array where none is."""
    if values.size and values.min() > NA:  # false where NaN is among them
        return values
    missing = values == NA
    return np.where(missing, np.nan, values) if missing.any() else values


def with_missing(values: np.ndarray) -> np.ndarray:
    """Return `values`, of any shape, with `NA` where a value is NaN: the way back into the engine."""
    return np.where(np.isnan(values), NA, values)


def is_exported_missing(value: float) -> bool:
    """Whether a number in a data file is `NA` as Vensim prints it, with few digits."""
    return abs(value - NA) <= _PRINTED * -NA
