"""Model files with conveyors, and a belt made of single cohorts to compare them with."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import xarray as xr

import sdcluster

VENDOR = '<xmile xmlns:isee="http://iseesystems.com/XMILE"'


def aux(name: str, equation: str) -> str:
    return f'<aux name="{name}"><eqn>{escape(equation)}</eqn></aux>'


def flow(name: str, equation: str) -> str:
    return f'<flow name="{name}"><eqn>{escape(equation)}</eqn></flow>'


def conveyor(
    name: str,
    initial: str,
    length: str,
    inflows: str = "enter",
    outflows: str = "leave",
    inside: str = "",
    attributes: str = "",
    before: str = "",
) -> str:
    """Return a stock that is a conveyor; flows are separated by blanks."""
    flows = "".join(f"<inflow>{f}</inflow>" for f in inflows.split())
    flows += "".join(f"<outflow>{f}</outflow>" for f in outflows.split())
    return (
        f'<stock name="{name}">{before}<eqn>{initial}</eqn>{flows}'
        f"<conveyor {attributes}><len>{escape(length)}</len>{inside}</conveyor></stock>"
    )


def leak(name: str, fraction: str, attributes: str = "", inside: str = "") -> str:
    return f'<flow name="{name}" {attributes}><eqn>{escape(fraction)}</eqn><leak/>{inside}</flow>'


def series(name: str, values: list[float], dt: float) -> str:
    """Return a flow with one value for each step, and 0 afterwards."""
    points = [*values, 0.0]
    xs = ",".join(repr(i * dt) for i in range(len(points)))
    return (
        f'<flow name="{name}"><eqn>TIME + DT / 4</eqn><gf type="discrete"><xpts>{xs}</xpts>'
        f"<ypts>{','.join(map(repr, points))}</ypts></gf></flow>"
    )


def run(
    file: Path, method: str = "euler", backend: str = "python", **options: object
) -> xr.Dataset:
    return sdcluster.simulate(file, method=method, backend=backend, **options)  # type: ignore[arg-type]


def of(ds: xr.Dataset, name: str) -> np.ndarray:
    return ds[name].to_numpy()


# ---- a belt of single cohorts, to compare with


@dataclass
class Cohort:
    """What entered in one step."""

    amount: float
    way: int
    passed: int = 0
    entered: float = 0.0
    shares: list[float] = field(default_factory=list)


@dataclass
class Belt:
    """A conveyor of constant transit time, cohort by cohort."""

    steps: int
    dt: float
    fractions: list[float]
    zones: list[tuple[float, float]]
    exponential: bool
    cohorts: list[Cohort] = field(default_factory=list)

    def inside(self, cohort: Cohort, k: int) -> bool:
        low, high = self.zones[k]
        return low <= (cohort.passed + 0.5) / cohort.way <= high

    def step(self, entering: float) -> tuple[float, list[float]]:
        """Return what leaves and what leaks in a step; then let something in."""
        out, leaked = 0.0, [0.0] * len(self.fractions)
        for cohort in self.cohorts:
            at_first = cohort.amount
            for k, fraction in enumerate(self.fractions):
                if not self.inside(cohort, k):
                    continue
                places = sum(
                    self.zones[k][0] <= (i + 0.5) / cohort.way <= self.zones[k][1]
                    for i in range(cohort.way)
                )
                loss = (
                    at_first * fraction * self.dt
                    if self.exponential
                    else cohort.entered * fraction / places
                )
                loss = min(loss, cohort.amount)
                cohort.amount -= loss
                leaked[k] += loss
            cohort.passed += 1
            if cohort.passed == cohort.way:
                out += cohort.amount
        self.cohorts = [c for c in self.cohorts if c.passed < c.way]
        self.cohorts.append(Cohort(entering, self.steps, 0, entering))
        return out, leaked
