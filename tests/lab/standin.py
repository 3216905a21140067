"""A stand-in for the core: the integrated model written out by hand, with the interface of `Simulator`.

The tests of the front end use it where they must not depend on reading and compiling.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from sdcluster.errors import SimulationError
from sdcluster.lab.widget import Lesson
from sdcluster.model.expression import Number
from sdcluster.model.model import Equation, Model, Range, TimeSettings, Variable
from sdcluster.project.scenario import Change
from tests.design_page import LEVERS, STOCKS, formulas

NAMES = (
    *(*STOCKS, "gap", "relative gap", "knowledge stock", "cognitive pressure"),
    *("functional pressure", "political pressure", "opportunism pressure", "lock in risk"),
)
LAB = Path(__file__).parents[2] / "models" / "cluster" / "lab.toml"
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


LABELS = {
    "openness": "开放度",
    "policy": "政策强度",
    "property right protection": "产权保护",
    "breeding share": "培育投入",
    "knowledge stock": "知识存量",
    "gap": "差距",
}


def model(folder: Path | None = None) -> Model:
    """Return a `Model` with the variables of `StandIn`; only names, ranges and kinds matter."""
    variables = []
    for name, value in DEFAULT.items():
        lever = name if name != "breeding rate" else None
        bounds = Range(0.0, 1.0, 0.01)
        labels = {"zh": LABELS.get(name, name)}
        equations = (Equation(Number(value)),)
        variables.append(
            Variable(name, "constant", equations, range=bounds, lever=lever, labels=labels)
        )
    for i, name in enumerate(NAMES):
        kind = "stock" if i < len(START) else "auxiliary"
        units = "knowledge" if "knowledge" in name or name == "gap" else ""
        labels = {"zh": LABELS.get(name, name)}
        variables.append(Variable(name, kind, (Equation(Number(0.0)),), units=units, labels=labels))
    return Model(
        name="stand-in",
        path=(folder or Path("nowhere")) / "standin.xmile",
        hash="0",
        variables=MappingProxyType({v.key: v for v in variables}),
        time=TimeSettings(0.0, 80.0, 1 / 16, 0.5, "year"),
    )


def lesson(folder: Path | None = None, **options: Any) -> Lesson:
    """Return the lesson's widget on the stand-in, arranged as that of the model where `folder` has its scenarios."""
    return Lesson(model(folder), lab=LAB if folder else None, simulator=StandIn(), **options)
