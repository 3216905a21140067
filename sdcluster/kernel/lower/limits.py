"""Limits on the outflows of non-negative stocks; the first outflow in the file has the highest priority.

Exports `limits(resolver, devices)`, used by `kernel.lower.assemble`. The rate of an outflow is at most the stock
divided by the time step, plus the inflows, minus the outflows of higher priority. Since the outflow itself is limited,
an amount that cannot leave a stock does not arrive in another stock.

Sources: XMILE 1.0, sections 3.6.2 and 4.2; isee systems, Stella help, "Flow prioritization".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

from sdcluster.functions.table import FUNCTIONS
from sdcluster.kernel.lower.devices import Devices, QueueDevice
from sdcluster.kernel.lower.graphs import reached
from sdcluster.kernel.lower.limit_order import LimitOrder
from sdcluster.model import Equation, Model, Variable
from sdcluster.model.expression import Binary, Call, Expression, Number, Reference, children
from sdcluster.model.resolver import Resolver

# Functions whose first argument acts later, through a state or in the next step.
_LATER = frozenset(row.name for row in FUNCTIONS.values() if row.later)


@dataclass(frozen=True)
class Limit:
    """The amount available to one outflow of a stock.

    Parameters
    ----------
    stock : str
    inflows : tuple of str
        Inflows that the outflow may use: those that depend neither on this outflow nor on outflows of lower priority.
    before : tuple of str
        Outflows of higher priority.
    at_start : bool
        Whether an initial value depends on the outflow. At the initial time, the outflow then has no limit.
    """

    stock: str
    inflows: tuple[str, ...]
    before: tuple[str, ...]
    at_start: bool

    def applied(self, wish: Expression, equation: Equation) -> Expression:
        """Return the limited rate of a flow whose own equation requests the rate `wish`."""
        own = equation.subscripts
        room: Expression = Binary("/", Reference(self.stock, own), Call("dt", ()))
        room = reduce(lambda sum_, f: Binary("+", sum_, Reference(f, own)), self.inflows, room)
        room = reduce(lambda sum_, f: Binary("-", sum_, Reference(f, own)), self.before, room)
        held = Call("min", (wish, Call("max", (room, Number(0.0)))))
        return Call("active initial", (held, wish)) if self.at_start else held


def equation_of(flow: str) -> str:
    """Return the name of the hidden parameter that holds the constant rate requested by a limited flow."""
    return f"⟨equation of {flow}⟩"


def limits(resolver: Resolver, devices: Devices) -> dict[str, Limit]:
    """Return the limits of the outflows of a model's non-negative stocks.

    A flow that leaves two stocks, or whose dimensions differ from those of its stock, has no limit. Some inflows are
    computed from the outflow itself, or from an outflow of lower priority. The limit ignores such inflows if otherwise
    an element of a flow would depend on itself.

    Parameters
    ----------
    resolver : Resolver
        It must already know the shapes of the model's variables.
    devices : Devices
    """
    model = resolver.model
    stocks = [v for v in model.variables.values() if v.non_negative and v.discrete is None]
    if not any(s.outflows for s in stocks):
        return {}
    needs = _needs(model, devices)
    at_start = _used_at_start(model)
    leaving = Counter(
        f for v in model.variables.values() if v.kind == "stock" for f in dict.fromkeys(v.outflows)
    )
    single = {f for f, count in leaving.items() if count == 1} - devices.source.keys()
    ways = {s.key: _ways(model, s, single) for s in stocks}
    order = LimitOrder(resolver, needs, _complete(ways), _LATER)
    found: dict[str, Limit] = {}
    for key, (inflows, outflows) in ways.items():
        free = order.admit(_complete({key: (inflows, outflows)}))
        before: dict[str, list[str]] = {flow: [] for flow in outflows}
        pending = list(outflows)
        while pending:
            flow = pending[0] if free else _next(pending, order)
            pending.remove(flow)
            for later in pending:
                if free or order.admit([(later, flow)]):
                    before[later].append(flow)
            taken = tuple(f for f in inflows if free or order.admit([(flow, f)]))
            found[flow] = Limit(key, taken, tuple(before[flow]), flow in at_start)
    return found


def _complete(ways: Mapping[str, tuple[list[str], list[str]]]) -> list[tuple[str, str]]:
    """Return the dependences between flows if all limits were complete: a flow, and another flow that it needs."""
    return [
        (flow, other)
        for inflows, outflows in ways.values()
        for at, flow in enumerate(outflows)
        for other in (*inflows, *outflows[:at])
    ]


def _next(pending: Sequence[str], order: LimitOrder) -> str:
    """Return the pending flow of highest priority on which all other pending flows may depend.

    If no flow meets this condition, return the flow of highest priority.
    """
    return next((f for f in pending if order.allows((g, f) for g in pending if g != f)), pending[0])


def _ways(model: Model, stock: Variable, single: set[str]) -> tuple[list[str], list[str]]:
    """Return the inflows that a stock adds without a factor, and the outflows that it can limit."""
    alike = [
        f
        for f in dict.fromkeys((*stock.inflows, *stock.outflows))
        if model.variables[f].dimensions == stock.dimensions
    ]
    plain = set(alike).intersection(*(set(_terms(e.expression)) for e in stock.equations))
    inflows = [f for f in alike if f in stock.inflows and f in plain]
    return inflows, [f for f in alike if f in single and f not in stock.inflows]


def _needs(model: Model, devices: Devices) -> dict[str, set[str]]:
    """Return, for each variable, the variables from which it is computed at the same time."""
    found: dict[str, set[str]] = {}
    for key, variable in model.variables.items():
        found[key] = set() if variable.kind == "stock" else set(_at_once(_expressions(variable)))
    for flow, device in devices.source.items():
        found[flow].update(device.own.names)
        if isinstance(device, QueueDevice):
            found[flow].update(device.inflows)
    for flow, device in devices.target.items():
        found[flow].update(device.outflows)
    return found


def _used_at_start(model: Model) -> set[str]:
    """Return the variables from which initial values are computed."""
    needs = {
        key: set(_all(_expressions(v) if v.kind != "stock" else _initials(v)))
        for key, v in model.variables.items()
    }
    first = {n for k, v in model.variables.items() if v.kind == "stock" for n in needs[k]}
    return reached(first, needs)


def _terms(net: Expression) -> Iterator[str]:
    """Yield the flows that are terms of a net flow without a factor."""
    pending = [net]
    while pending:
        node = pending.pop()
        if isinstance(node, Reference):
            yield node.name
        elif isinstance(node, Binary) and node.operator in "+-":
            pending += [node.left, node.right]


def _expressions(variable: Variable) -> list[Expression]:
    return [e.expression for e in variable.equations]


def _initials(variable: Variable) -> list[Expression]:
    return [e.initial for e in variable.equations if e.initial is not None]


def _at_once(nodes: Iterable[Expression]) -> Iterator[str]:
    pending = list(nodes)
    while pending:
        node = pending.pop()
        if isinstance(node, Reference):
            yield node.name
        later = isinstance(node, Call) and node.function in _LATER
        pending += list(children(node))[1:] if later else children(node)


def _all(nodes: Iterable[Expression]) -> Iterator[str]:
    pending = list(nodes)
    while pending:
        node = pending.pop()
        if isinstance(node, Reference):
            yield node.name
        pending += children(node)
