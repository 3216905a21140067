"""Short functions that create nodes of the intermediate representation.

Exports `node`, `number`, `plus`, `times`, `element`, `call`, `negative`, `sum_of`. Each argument is a node, a number or
the text of a name: ``plus(12, "i")`` is the node for ``12 + i``.
"""

from __future__ import annotations

import math

from sdcluster.kernel import ir

Operand = ir.Expression | str | float
_VECTORS = {
    name: ir.Name(name) for name in ("p", "y", "dy", "o")
}  # shared objects, because these names are frequent


def node(operand: Operand) -> ir.Expression:
    """Return a node unchanged, a text as a name, and a number as a constant."""
    if isinstance(operand, str):
        return ir.Name(operand)
    if isinstance(operand, tuple):
        return operand
    return number(operand) if isinstance(operand, float) else ir.Number(operand)


def number(value: float) -> ir.Expression:
    """Return a double as a node: a constant, or one of the names ``INF`` and ``NAN``."""
    value = float(value)
    if math.isfinite(value):
        return ir.Number(value)
    return ir.Name("NAN") if math.isnan(value) else negative("INF") if value < 0 else ir.Name("INF")


def negative(operand: Operand) -> ir.Expression:
    """Return the negated operand. The negative of a constant is a constant."""
    inner = node(operand)
    return ir.Number(-inner.value) if isinstance(inner, ir.Number) else ir.Unary("-", inner)


def binary(left: Operand, operator: str, right: Operand) -> ir.Binary:
    """Return a binary operation, such as ``left * right``."""
    return ir.Binary(operator, node(left), node(right))


def compared(left: Operand, operator: str, right: Operand) -> ir.Compare:
    """Return a comparison, such as ``left < right``."""
    return ir.Compare(operator, node(left), node(right))


def plus(first: Operand, *others: Operand) -> ir.Expression:
    """Return the sum of the operands, added from left to right."""
    result = node(first)
    for other in others:
        result = ir.Binary("+", result, node(other))
    return result


def times(left: Operand, right: Operand) -> ir.Binary:
    """Return the product of two operands."""
    return binary(left, "*", right)


def element(vector: str, at: Operand) -> ir.Element:
    """Return an element of a vector or table."""
    return ir.Element(_VECTORS.get(vector) or ir.Name(vector), node(at))


def call(function: str, *arguments: Operand) -> ir.Call:
    """Return a call of a function."""
    return ir.Call(function, tuple(node(a) for a in arguments))


def choice(condition: ir.Expression, yes: Operand, no: Operand) -> ir.Choice:
    """Return a conditional expression: `yes` if the condition is true, otherwise `no`."""
    return ir.Choice(condition, node(yes), node(no))


def sum_of(terms: list[ir.Expression], constant: int) -> ir.Expression:
    """Return the sum of index terms and a constant."""
    if not terms:
        return ir.Number(constant)
    return plus(*terms, constant) if constant else plus(*terms)
