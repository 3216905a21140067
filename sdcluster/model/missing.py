"""Vensim's missing value ``:NA:``: the finite number -2^109, used in arithmetic like any other number.

`NA` is this number. `without_missing(values)` converts the results of a kernel, `with_missing` the input of a kernel.
Source: Vensim reference manual, ":NA:" (vensim.com/documentation/na.html).
"""

from __future__ import annotations

import numpy as np

NA = -(2.0**109)
_PRINTED = 1e-5  # Vensim exports its single precision with six digits: -6.49037e+32


def without_missing(values: np.ndarray) -> np.ndarray:
    """Return `values`, of any shape, with NaN instead of `NA`. If there is no `NA`, the same array is returned."""
    if values.size and values.min() > NA:  # false if any value is NaN
        return values
    missing = values == NA
    return np.where(missing, np.nan, values) if missing.any() else values


def with_missing(values: np.ndarray) -> np.ndarray:
    """Return `values`, of any shape, with NaN replaced by `NA`, as input for a kernel."""
    return np.where(np.isnan(values), NA, values)


def is_exported_missing(value: float) -> bool:
    """Return whether a number in a data file is `NA`, rounded to the few digits that Vensim exports."""
    return abs(value - NA) <= _PRINTED * -NA
