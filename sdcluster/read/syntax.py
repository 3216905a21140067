"""The abstract syntax of XMILE equations: what the grammar gives and the translator takes.

Crosses the border: one class for each form, named and built like those of PySD, whose parser gives them for Vensim
files, so that `sdcluster.read.translate` serves both. They are written out here because importing PySD costs a third of
a second, and XMILE files are read without it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass
class ArithmeticStructure:
    """Operands joined by operators of equal rank, from the left; ``negative`` has one."""

    operators: Sequence[str]
    arguments: Sequence[Any]


@dataclass
class LogicStructure:
    """Comparisons, and conditions joined by and, or, not."""

    operators: Sequence[str]
    arguments: Sequence[Any]


@dataclass
class SubscriptsReferenceStructure:
    """The subscripts of a reference."""

    subscripts: Sequence[str]


@dataclass
class ReferenceStructure:
    """A name, perhaps with subscripts."""

    reference: str
    subscripts: SubscriptsReferenceStructure | None = None


@dataclass
class CallStructure:
    """A function, macro or graphical function, and its arguments."""

    function: ReferenceStructure
    arguments: tuple[Any, ...]


@dataclass
class InitialStructure:
    """A value at the start."""

    initial: Any


@dataclass
class DelayStructure:
    """A material delay of an order."""

    input: Any
    delay_time: Any
    initial: Any
    order: Any


@dataclass
class DelayNStructure(DelayStructure):
    """A material delay whose order is an expression."""


@dataclass
class DelayFixedStructure:
    """A delay of fixed length."""

    input: Any
    delay_time: Any
    initial: Any


@dataclass
class SmoothStructure:
    """An exponential smooth of an order."""

    input: Any
    smooth_time: Any
    initial: Any
    order: Any


@dataclass
class SmoothNStructure(SmoothStructure):
    """A smooth whose order is an expression."""


@dataclass
class TrendStructure:
    """A fractional growth rate."""

    input: Any
    average_time: Any
    initial_trend: Any


@dataclass
class ForecastStructure:
    """An extrapolation of the trend."""

    input: Any
    average_time: Any
    horizon: Any
    initial_trend: Any


def _call(name: str, *arguments: Any) -> CallStructure:
    return CallStructure(ReferenceStructure(name), arguments)


Make = Callable[..., Any]

# XMILE's functions that mean different things with different numbers of arguments (XMILE 1.0, section 3.5), or that
# have a structure of their own: by name, and by number of arguments where that matters.
FORMS: dict[str, Make | dict[int, Make]] = {
    "init": InitialStructure,
    "max": {1: lambda x: _call("vmax_xmile", x), 2: lambda x, y: _call("max", x, y)},
    "min": {1: lambda x: _call("vmin_xmile", x), 2: lambda x, y: _call("min", x, y)},
    "safediv": {2: lambda x, y: _call("zidz", x, y), 3: lambda x, y, z: _call("xidz", x, y, z)},
    "ramp": {2: lambda s, start: _call("Xramp", s, start), 3: lambda *given: _call("ramp", *given)},
    "pulse": {
        2: lambda size, start: _call("Xpulse", start, size),
        3: lambda size, start, interval: _call("Xpulse_train", start, interval, size),
    },
    "delay": {
        2: lambda x, time: DelayFixedStructure(x, time, x),
        3: DelayFixedStructure,
    },
    "delay1": {
        2: lambda x, time: DelayStructure(x, time, x, 1),
        3: lambda x, time, start: DelayStructure(x, time, start, 1),
    },
    "delay3": {
        2: lambda x, time: DelayStructure(x, time, x, 3),
        3: lambda x, time, start: DelayStructure(x, time, start, 3),
    },
    "delayn": {
        3: lambda x, time, n: DelayNStructure(x, time, x, n),
        4: lambda x, time, n, start: DelayNStructure(x, time, start, n),
    },
    "smth1": {
        2: lambda x, time: SmoothStructure(x, time, x, 1),
        3: lambda x, time, start: SmoothStructure(x, time, start, 1),
    },
    "smth3": {
        2: lambda x, time: SmoothStructure(x, time, x, 3),
        3: lambda x, time, start: SmoothStructure(x, time, start, 3),
    },
    "smthn": {
        3: lambda x, time, n: SmoothNStructure(x, time, x, n),
        4: lambda x, time, n, start: SmoothNStructure(x, time, start, n),
    },
    "trend": {2: lambda x, time: TrendStructure(x, time, 0), 3: TrendStructure},
    "forcst": {
        3: lambda x, time, horizon: ForecastStructure(x, time, horizon, 0),
        4: ForecastStructure,
    },
}


def is_reference(ast: object) -> bool:
    """Whether something is a name, ours or PySD's."""
    return type(ast).__name__ == "ReferenceStructure"
