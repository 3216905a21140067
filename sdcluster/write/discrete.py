"""Write conveyors and queues: the elements that XMILE adds to their stocks and flows.

`sdcluster.write.xmile` calls the functions `options`, `device`, `contents`, `attributes` and `marks`. See XMILE 1.0,
sections 3.7.2, 3.7.3 and 4.2.1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sdcluster.model import Model, Variable
from sdcluster.model.discrete import Conveyor, Queue
from sdcluster.write.equations import number

Element = tuple[str, Mapping[str, str]]


def options(model: Model) -> list[Element]:
    """Return tag and attributes of the elements in ``<options>`` that declare a model's conveyors and queues."""
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
    """Return tag and attributes of the ``<conveyor>`` or ``<queue>`` element of a stock; None for an ordinary stock.

    Attributes with their default value are left out.
    """
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
    """Return the initial contents of a conveyor or queue, separated by commas; an empty text if none are listed."""
    listed = () if variable.discrete is None else variable.discrete.contents
    return ", ".join(map(number, listed))


def attributes(variable: Variable) -> dict[str, str]:
    """Return the attributes with the ends of a leak's zone in its conveyor; none if the zone is the whole conveyor."""
    leak = variable.leak
    if leak is None or (leak.start, leak.end) == (0.0, 1.0):
        return {}
    return {"leak_start": number(leak.start), "leak_end": number(leak.end)}


def marks(variable: Variable) -> Iterator[str]:
    """Yield the tags of the empty elements that mark a flow as a leak or an overflow."""
    if variable.leak is not None:
        yield "leak"
        if variable.leak.integers:
            yield "leak_integers"
    if variable.overflow:
        yield "overflow"
