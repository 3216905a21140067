"""Compile a model to a kernel: functions that compute the equations. Each target generates code from the functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdcluster.lazy import lazy

_HOMES = {
    "Backend": "sdcluster.kernel.kernel",
    "Kernel": "sdcluster.kernel.kernel",
    "compile_model": "sdcluster.kernel.kernel",
}

__all__ = ["Backend", "Kernel", "compile_model"]

if TYPE_CHECKING:
    from sdcluster.kernel.kernel import Backend, Kernel, compile_model

__getattr__, __dir__ = lazy(__name__, _HOMES)
