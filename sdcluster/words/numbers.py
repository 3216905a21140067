"""Numbers as text for readers, without powers of ten if the plain digits are short.

`plain` rounds a number to some significant digits, and `fixed` rounds a number to some digits after the decimal point.
"""

from __future__ import annotations

SMALLEST, LARGEST = 1e-4, 1e6
"""Between these sizes a number is written out; outside them it has an exponent."""


def plain(value: float, digits: int = 6, *, signed: bool = False) -> str:
    """Return a number with at most `digits` significant digits, as in `format(value, ".6g")`, but readable.

    Numbers from 0.0001 up to a million have no exponent (10000, not 1e+04), and keep all digits before the decimal
    point. Zero has no sign.

    Parameters
    ----------
    value : float
        Any number. Infinite values and NaN give ``"inf"``, ``"-inf"`` and ``"nan"``.
    digits : int, optional
        The number of significant digits.
    signed : bool, optional
        Whether a positive number has a plus sign.
    """
    sign = "+" if signed else ""
    text = f"{value + 0.0:{sign}.{digits}g}"
    if "e" in text and SMALLEST <= abs(value) < LARGEST:
        return f"{value:{sign}.0f}"
    return text


def fixed(value: float, decimals: int) -> str:
    """Return a number with `decimals` digits after the decimal point. A number that rounds to zero has no sign."""
    return f"{round(value, decimals) + 0.0:.{decimals}f}"
