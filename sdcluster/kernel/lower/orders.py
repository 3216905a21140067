"""Orders of delays and smooths, computed before a run from the constants of the model.

Exports `orders_at_start(…)`, which computes an order, and `deciding(model)`, which returns the names of the variables
that determine an order. A run that changes one of these variables needs a new program.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from types import MappingProxyType

from sdcluster.errors import ModelError
from sdcluster.functions.table import FUNCTIONS
from sdcluster.messages import message
from sdcluster.model import Equation, Model, Variable
from sdcluster.model.expression import (
    Array,
    Call,
    Expression,
    Number,
    Reference,
    Table,
    references,
    walk,
)
from sdcluster.model.resolver import Loop, Resolver
from sdcluster.model.steady import changing

MAX_ORDER = 1000
CLOCK = "⟨clock⟩"  # the name that represents the time step and the bounds of the run
_ORDER = {row.name: row.order_at for row in FUNCTIONS.values() if row.order_at >= 0}
_TIMES = frozenset({"dt", "start", "stop"})
_PROBE = "⟨order⟩"


def deciding(model: Model) -> frozenset[str]:
    """Return the names of variables that determine the order of a delay or smooth, and `CLOCK` if the clock does."""
    orders = [
        node.arguments[_ORDER[node.function]]
        for variable in model.variables.values()
        for expression in _expressions(variable.equations)
        for node in walk(expression)
        if isinstance(node, Call) and node.function in _ORDER
    ]
    return frozenset(_closure(model, (o for o in orders if not isinstance(o, Number))))


def orders_at_start(
    resolver: Resolver, owner: str, loops: Sequence[Loop], node: Expression, *, fixed: bool
) -> tuple[float, ...]:
    """Return the initial value of an order for each element of the enclosing loops, row-major.

    Parameters
    ----------
    resolver : Resolver
    owner : str
        The variable whose equation contains the order.
    loops : sequence of Loop
        Loops of the equation.
    node : Expression
        The order.
    fixed : bool
        Whether an order that changes during the run is an error. If not, the run keeps the initial order, as in
        Vensim.

    Raises
    ------
    ModelError
        If the order changes during the run and `fixed` is set, or if the order depends on the delay itself.
    """
    model = resolver.model
    moved_by = changing(model.variables, node) if fixed else ""
    if moved_by:
        raise resolver.error(
            message("kernel.lower.order_delay_smooth_cannot", moved_by=moved_by),
            owner,
        )
    known = _plain(model, node)
    if known is not None:
        return (known,)
    names = _closure(model, [node])
    if owner in names:
        raise resolver.error(message("kernel.lower.order_delay_smooth_follows"), owner)
    axes = tuple(loop.name for loop in loops)
    probe = Variable(_PROBE, "auxiliary", (Equation(node, None, axes),), dimensions=axes)
    variables = {k: _at_rest(v) for k, v in model.variables.items() if k in names}
    variables[probe.key] = probe
    return _value_of(probe.key, replace(model, variables=MappingProxyType(variables), views=()))


def _value_of(key: str, model: Model) -> tuple[float, ...]:
    from sdcluster.kernel.kernel import compile_model

    try:
        return compile_model(model).at_start()[key]
    except ModelError as error:
        raise ModelError(
            message("kernel.lower.order_cannot_worked_out", reason=error.sentence), file=model.path
        ) from None


def _plain(model: Model, node: Expression) -> float | None:
    """Return the value of a number, or of a constant whose elements are equal; None for other expressions."""
    if isinstance(node, Number):
        return node.value
    if isinstance(node, Reference) and node.name in model.variables:
        values = {e.expression for e in model.variables[node.name].equations}
        if len(values) == 1:
            (only,) = values
            return only.value if isinstance(only, Number) else None
    return None


def _closure(model: Model, nodes: Iterable[Expression]) -> set[str]:
    """Return the variables on whose initial values the expressions depend, and `CLOCK` if they use the clock."""
    found: set[str] = set()
    pending = list(nodes)
    while pending:
        node = pending.pop()
        if any(isinstance(n, Call) and n.function in _TIMES for n in walk(node)):
            found.add(CLOCK)
        for name in references(node):
            if name not in found and name in model.variables:
                found.add(name)
                pending += _expressions(_at_rest(model.variables[name]).equations)
    return found


def _at_rest(variable: Variable) -> Variable:
    """Return a copy of a stock without flows, so that it keeps its initial value.

    Other variables are returned unchanged.
    """
    if variable.kind != "stock":
        return variable
    still = tuple(replace(e, expression=Number(0.0)) for e in variable.equations)
    return replace(variable, equations=still, inflows=(), outflows=(), discrete=None)


def _expressions(equations: Iterable[Equation]) -> Iterator[Expression]:
    for equation in equations:
        for expression in (equation.expression, equation.initial):
            if expression is not None and not isinstance(expression, (Array, Table)):
                yield expression
