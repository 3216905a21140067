"""A stand-in for the core: the integrated model written out by hand, with the interface of `Simulator`.

The tests of the front end use it where they must not depend on reading and compiling.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from sdcluster.errors import SimulationError
from sdcluster.lab.widget import Lesson
from sdcluster.model.expression import Number
from sdcluster.model.model import Equation, Model, Range, TimeSettings, Variable
from sdcluster.scenario.scenario import Change

NAMES = (
    "leader knowledge",
    "follower knowledge",
    "technology ceiling",
    "new technology",
    "take off activity",
    "social ties",
    "economic ties",
    "knowledge ties",
    "lock in",
    "chain position",
    "gap",
    "knowledge stock",
    "lock in risk",
)
START = (1.0, 0.8, 2.0, 0.0, 0.002, 0.10, 0.05, 0.02, 0.05, 0.05)
DEFAULT = {
    "openness": 0.5,
    "policy": 0.3,
    "property right protection": 0.6,
    "breeding share": 0.0,
    "breeding rate": 0.30,
}


def logistic(x: float) -> float:
    return 1 / (1 + exp(-x)) if x > -700 else 0.0


def rates(t: float, y: list[float], p: Mapping[str, float]) -> tuple[list[float], list[float]]:
    """Return the ten net rates and (gap, knowledge stock, lock in risk)."""
    L, F, C, B, A, Ns, Ne, Nk, R, V = y
    openness, policy, share = p["openness"], p["policy"], p["breeding share"]
    gap = max(L - F, 0.0)
    coupling = 0.2 * Ns + 0.3 * Ne + 0.5 * Nk
    parity = 1 / (1 + (gap / L / 0.08) ** 2)
    overreach = logistic((policy - 0.45) / 0.10)
    support = policy * (1 - overreach)
    outside = openness * (F / L) * (0.3 + 0.7 * Nk)
    dependence = openness * (1 - V) * (1 - 0.35 * Nk)
    captured = logistic((dependence - 0.62) / 0.06)
    breeding = (
        p["breeding rate"]
        * logistic((t - 8) / 0.5)
        * (0.15 + 1.2 * outside)
        * (0.3 + Nk)
        * (0.5 + 1.5 * support)
        * (F / L)
        * (share + (1 - share) * parity)
        * (1 - R)
        * (1 - 0.7 * overreach)
        * (1 - 0.8 * captured)
    )
    take_off = A * B / 1.5
    innovation = 0.35 * (1 - 0.8 * share) * (1 - R) * max(C - L, 0.0)
    loss = 4 * 0.03 * R
    pressure = (
        parity * (1 - openness) ** 2 * Ne
        + 0.9 * captured
        + 0.8 * overreach * policy
        + 0.5 * (1 - p["property right protection"]) * 0.9 * Ne
    )
    rising = 0.18 * pressure * (0.04 + R * R / (R * R + 0.09)) * (1 - R)
    relief = (
        0.35
        * R
        * (0.06 + 0.55 * outside * (1 - R) + 0.55 * support * (1 - R) + 0.4 * innovation / L)
    )
    dy = [
        innovation - loss * L,
        0.45 * (0.25 + coupling) * gap - loss * F,
        0.6 * take_off * C,
        breeding - take_off - 0.02 * B,
        (0.002 + A * (B - 1) - 0.3 * A * A) / 0.8,
        0.35 * Ns * (1 - Ns) - 0.03 * Ne * Ns,
        0.30 * Ne * (1 - Ne) * Ns * min(1, F) - 0.1 * R * Ne,
        0.25 * (Nk + 0.02) * (1 - Nk) * Ne * (0.2 + openness) - 0.15 * R * Nk,
        rising - relief,
        (min(1, L / 6) * Nk * (1 - R) * (1 - 0.5 * dependence) - V) / 12,
    ]
    total = rising + relief
    return dy, [gap, 0.3 * L + 0.7 * F, rising / total if total else 0.0]


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
    """Return the lesson's widget on the stand-in."""
    return Lesson(model(folder), simulator=StandIn(), **options)
