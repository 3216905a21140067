"""Probes: time constants that a run computes in addition to the model's variables, to check the time step.

`probes_of(model)` returns the probes by name; `with_probes(model, probes)` adds the probes as variables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from sdcluster.functions.table import FUNCTIONS
from sdcluster.messages import message
from sdcluster.model import Equation, Model, Variable
from sdcluster.model.expression import Binary, Call, Expression, Number, Reference, references, walk

# Functions with a delay time, and the argument index of their order.
_DELAYS = {row.name: row.order_at for row in FUNCTIONS.values() if row.averages}


@dataclass(frozen=True)
class Probe:
    """An expression for the time constant of a delay, or of a stock that drains.

    Parameters
    ----------
    owner : Variable
        The variable whose equation contains the delay, or the stock that drains.
    what : str
        Description of the time constant, for the finding.
    expression : Expression
        The time constant, in the model's time unit.
    """

    owner: Variable
    what: str
    expression: Expression


def probes_of(model: Model) -> dict[str, Probe]:
    """Return the time constants of delays and of stocks with proportional outflows, by name."""
    found = (
        probe
        for owner in model.variables.values()
        if not owner.dimensions
        for probe in (*_delays(owner), *_drains(model, owner))
    )
    return {f"lint probe {number}": probe for number, probe in enumerate(found, 1)}


def _delays(owner: Variable) -> Iterator[Probe]:
    for node in (n for expression in owner.expressions for n in walk(expression)):
        if isinstance(node, Call) and node.function in _DELAYS:
            at = _DELAYS[node.function]
            order = node.arguments[at] if at >= 0 else Number(1.0)
            yield Probe(owner, message("lint.the_delay"), Binary("/", node.arguments[1], order))


def _drains(model: Model, stock: Variable) -> Iterator[Probe]:
    outflows = stock.outflows if stock.kind == "stock" else ()
    for flow in (model.variables[key] for key in outflows if key in model.variables):
        drain = flow.equations[0].expression if flow.equations else Number(0.0)
        if stock.key in references(drain) and _proportional(drain, stock.key):
            what = message("lint.time_empties_stock", flow=flow.name)
            yield Probe(stock, what, Call("zidz", (Reference(stock.key), Reference(flow.key))))


def _proportional(node: Expression, key: str) -> bool:
    """Return whether `node` is the stock `key` multiplied or divided by something.

    If so, `node` is zero whenever the stock is zero.
    """
    match node:
        case Reference(name):
            return name == key
        case Binary("*", left, right):
            return _proportional(left, key) or _proportional(right, key)
        case Binary("/", left, _):
            return _proportional(left, key)
        case Call("max", (inner, Number(0.0))):
            return _proportional(inner, key)
    return False


def with_probes(model: Model, probes: Mapping[str, Probe]) -> Model:
    """Return the model with an additional auxiliary for each probe."""
    if not probes:
        return model
    variables = dict(model.variables)
    for name, probe in probes.items():
        variables[name] = Variable(name, "auxiliary", (Equation(probe.expression),))
    return replace(model, variables=MappingProxyType(variables), hash=model.hash + " with probes")
