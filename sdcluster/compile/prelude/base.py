"""What the functions of the prelude share when they run outside of a kernel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

INF = float("inf")
NAN = float("nan")


def jit(function: Callable[..., Any]) -> Callable[..., Any]:
    """Stand in for the compiler's decorator."""
    return function
