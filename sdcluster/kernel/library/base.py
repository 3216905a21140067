"""Primitives of the numeric library in plain Python: bits of doubles, constant tables, correctly rounded square root.

The primitives are `bits`, `from_bits`, `sqrt`, `TABLE`, `INDEX`, `jit`, `INF` and `NAN`. Compiled kernels use machine
instructions instead of these functions, which define what the instructions must compute.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Sequence
from typing import Any

INF = float("inf")
NAN = float("nan")
# Vensim's :NA:, -2^109; see `sdcluster.model.missing`.
NA = float("-649037107316853453566312041152512")


def jit(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a library function for the compiler. The function itself is returned unchanged."""
    return function


def bits(x: float) -> int:
    """Return the 64 bits of the double `x` as a signed integer."""
    return struct.unpack("<q", struct.pack("<d", x))[0]


def from_bits(i: int) -> float:
    """Return the double whose 64 bits are those of the signed integer `i`.

    Raises
    ------
    struct.error
        If `i` does not fit in a signed 64-bit integer. Machine code would drop the excess bits instead.
    """
    return struct.unpack("<d", struct.pack("<q", i))[0]


def sqrt(x: float) -> float:
    """Return the correctly rounded square root of `x`; it is NaN for negative numbers."""
    return math.sqrt(x) if x >= 0.0 else x if x == 0.0 else NAN


def TABLE(numbers: Sequence[float]) -> tuple[float, ...]:
    """Return a constant table of doubles."""
    return tuple(float(n) for n in numbers)


def INDEX(numbers: Sequence[int]) -> tuple[int, ...]:
    """Return a constant table of integers."""
    return tuple(int(n) for n in numbers)
