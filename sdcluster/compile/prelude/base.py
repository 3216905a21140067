"""What the functions of the prelude share when they run outside of a kernel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

INF = float("inf")
NAN = float("nan")
NA = float("-649037107316853453566312041152512")  # Vensim's :NA:, -2^109; `sdcluster.model.missing`


def jit(function: Callable[..., Any]) -> Callable[..., Any]:
    """Stand in for the compiler's decorator."""
    return function
