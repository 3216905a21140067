"""Running compiled models with fixed-step and adaptive solvers; returning and saving the results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdcluster.lazy import lazy

_HOMES = {
    "Event": "sdcluster.run.adaptive",
    "Simulator": "sdcluster.run.simulator",
    "simulate": "sdcluster.run.simulator",
}

__all__ = ["Event", "Simulator", "simulate"]

if TYPE_CHECKING:
    from sdcluster.run.adaptive import Event
    from sdcluster.run.simulator import Simulator, simulate

__getattr__, __dir__ = lazy(__name__, _HOMES)
