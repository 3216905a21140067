"""A stand-in for the core: the integrated model written out by hand, with the interface of `Simulator`.

The tests of the front end use it where they must not depend on reading and compiling.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sdcluster.errors import SimulationError
from sdcluster.project.scenario import Change
from tests.design_page import LEVERS, STOCKS, formulas

NAMES = (
    *(*STOCKS, "gap", "relative gap", "knowledge stock", "cognitive pressure"),
    *("functional pressure", "political pressure", "opportunism pressure", "lock in risk"),
)
START = tuple(STOCKS.values())
DEFAULT = {**LEVERS, "breeding rate": 0.65}


def rates(t: float, y: list[float], p: Mapping[str, float]) -> tuple[list[float], list[float]]:
    """Return the net rates and the auxiliaries of `NAMES`."""
    dy, named = formulas(t, y, p)
    return dy, [named[name] for name in NAMES[len(START) :]]


class StandIn:
    """Euler, dt 1/16, saved every half year: enough to draw and to tell stories about."""

    names = NAMES
    backend = "python"

    def __init__(self, stop: float = 120.0) -> None:
        self.time = np.arange(0.0, stop + 1e-9, 0.5)

    def run(
        self, settings: Mapping[str, float] | None = None, changes: Sequence[Change] | None = None
    ) -> np.ndarray:
        p = {**DEFAULT, **(settings or {})}
        if p["openness"] > 0.985:
            raise SimulationError("the stand-in refuses openness above 0.98", time=3.0)
        to_come = list(changes or ())
        y = list(START)
        out = np.empty((len(NAMES), self.time.size))
        dt = 1 / 16
        for i, moment in enumerate(self.time):
            out[:, i] = [*y, *rates(moment, y, p)[1]]
            for k in range(8):
                t = moment + k * dt
                while to_come and t >= to_come[0].time - 1e-9:
                    p.update(to_come.pop(0).settings)
                dy = rates(t, y, p)[0]
                y = [a + dt * b for a, b in zip(y, dy, strict=True)]
        return out

    def warm(self, wait: bool = False) -> None:
        """Nothing to compile."""
