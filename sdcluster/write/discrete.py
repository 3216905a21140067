"""Write conveyors and queues as XMILE elements of stocks and marks of flows.

Interface: `options`, `device`, `marks`, used by `sdcluster.write.xmile`. See XMILE 1.0, sections 3.7.2, 3.7.3
and 4.2.1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sdcluster.model import Model, Variable
from sdcluster.model.discrete import Conveyor, Queue
from sdcluster.write.equations import number

Element = tuple[str, Mapping[str, str]]


def options(model: Model) -> list[Element]:
    """Return the tags and attributes of the XMILE options that a model uses."""
    found: list[Element] = []
    conveyors = [v.discrete for v in model.variables.values() if isinstance(v.discrete, Conveyor)]
    if conveyors:
        uses = {
            "arrest": any(c.arrest for c in conveyors),
            "leak": any(v.leak for v in model.variables.values()),
        }
        found.append(("uses_conveyor", {k: "true" for k, used in uses.items() if used}))
    if any(isinstance(v.discrete, Queue) for v in model.variables.values()):
        overflow = any(v.overflow for v in model.variables.values())
        found.append(("uses_queue", {"overflow": "true"} if overflow else {}))
    return found


def device(variable: Variable) -> Element | None:
    """Return the tag and attributes of a stock's ``<conveyor>`` or ``<queue>`` element."""
    kind = variable.discrete
    if isinstance(kind, Queue):
        return "queue", {}
    if kind is None:
        return None
    usual = Conveyor(kind.transit)
    flags = ("discrete", "batch_integrity", "one_at_a_time", "exponential_leak")
    return "conveyor", {
        flag: str(getattr(kind, flag)).lower()
        for flag in flags
        if getattr(kind, flag) != getattr(usual, flag)
    }


def contents(variable: Variable) -> str:
    """Return the listed contents of a stock, or an empty text."""
    listed = () if variable.discrete is None else variable.discrete.contents
    return ", ".join(map(number, listed))


def attributes(variable: Variable) -> dict[str, str]:
    """Return the attributes of a flow that is a leak."""
    leak = variable.leak
    if leak is None or (leak.start, leak.end) == (0.0, 1.0):
        return {}
    return {"leak_start": number(leak.start), "leak_end": number(leak.end)}


def marks(variable: Variable) -> Iterator[str]:
    """Yield the tags of a flow's empty elements."""
    if variable.leak is not None:
        yield "leak"
        if variable.leak.integers:
            yield "leak_integers"
    if variable.overflow:
        yield "overflow"
