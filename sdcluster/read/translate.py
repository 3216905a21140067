"""Translate the syntax trees of XMILE and Vensim into expressions.

`translated(node, meaning)` returns an `Expression`, in which all names are canonical.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Protocol, get_args

from sdcluster.errors import ModelError
from sdcluster.functions.forms import Form
from sdcluster.functions.table import find
from sdcluster.messages import message
from sdcluster.model.expression import (
    Binary,
    Call,
    Expression,
    Interpolation,
    Lookup,
    Number,
    Table,
    Unary,
)
from sdcluster.model.names import canonical
from sdcluster.read import syntax

MAX_POINTS = 200_000


class Meaning(Protocol):
    """The meaning of names and calls in the equations of a language. Each language implements this protocol."""

    def reference(self, node: syntax.Reference) -> Expression:
        """Return the expression for a reference to a name."""

    def call(self, node: syntax.Call) -> Expression:
        """Return the expression for a call of a function, macro or graphical function."""

    def running(self, node: syntax.Running) -> Expression:
        """Return the expression for a subscript range with ``!`` that is used as a value."""


def translated(node: Any, meaning: Meaning) -> Expression:
    """Return the expression that a syntax tree means.

    Parameters
    ----------
    node : syntax tree
        See `sdcluster.read.syntax`.
    meaning : Meaning

    Raises
    ------
    ModelError
        If a construct is unknown or not supported. The error has no file and line. The caller adds them.
    """
    match node:
        case float():
            return _number(node)
        case syntax.Reference():
            return meaning.reference(node)
        case syntax.Operation():
            return _operation(node, meaning)
        case syntax.Call():
            return meaning.call(node)
        case syntax.WithLookup(argument, points):
            return Lookup(_points(points), translated(argument, meaning))
        case syntax.Points():
            return _points(node)
        case syntax.Running():
            return meaning.running(node)
        case str():
            raise ModelError(message("read.text_stands_where_value", node=node[:60]))
        case _:
            raise ModelError(message("read.list_numbers_stands_where"))


def formed(form: Form, arguments: Sequence[Any], meaning: Meaning) -> Call:
    """Return a call of one of sdcluster's functions in place of a call in the model file.

    `form` says which function is called, and how its arguments follow from those in the model file (see
    `sdcluster.functions.forms`).
    """
    name, *parts = form
    made = (translated(arguments[p] if isinstance(p, int) else p, meaning) for p in parts)
    return Call(str(name), tuple(made))


def subscripts_of(node: syntax.Reference | syntax.Call) -> tuple[str, ...]:
    """Return the canonical subscripts of a reference or call.

    A range over which a function such as SUM iterates has a trailing ``!``.
    """
    names = (s.strip() for s in node.indices)
    return tuple(canonical(s.rstrip("! ")) + ("!" if s.endswith("!") else "") for s in names)


def _points(node: Any) -> Table:
    if not isinstance(node, syntax.Points):
        raise ModelError(message("read.points_lookup_must_numbers"))
    return make_table(node.x, node.y, "interpolate")


def make_table(xs: Any, ys: Any, interpolation: str) -> Table:
    """Return the points of a graphical function as a `Table`, sorted by x.

    Raises
    ------
    ModelError
        If a value is not finite, or if `xs` and `ys` differ in length.
    """
    x, y = (tuple(float(v) for v in values) for values in (xs, ys))
    if len(x) != len(y) or not x:
        raise ModelError(message("read.graphical_function_x_values", count=len(x), count_2=len(y)))
    if len(x) > MAX_POINTS:
        raise ModelError(
            message("read.graphical_function_points_more", count=len(x), max_points=MAX_POINTS)
        )
    if not all(map(math.isfinite, x + y)):
        raise ModelError(message("read.graphical_function_value_not"))
    if any(b < a for a, b in pairwise(x)):
        x, y = zip(*sorted(zip(x, y, strict=True), key=lambda point: point[0]), strict=True)
    if interpolation not in get_args(Interpolation):
        raise ModelError(
            message("read.graphical_function_unknown_type", interpolation=interpolation)
        )
    return Table(x, y, interpolation)  # type: ignore[arg-type]


def _operation(node: syntax.Operation, meaning: Meaning) -> Expression:
    operands = [translated(o, meaning) for o in node.operands]
    result, *rest = operands
    if node.operators == ("negative",):
        return Number(-result.value) if isinstance(result, Number) else Unary("-", result)
    if node.operators == ("not",):
        return Unary("not", result)
    if node.operators in (("=",), ("<>",)) and any(map(_is_nan, operands)):
        return _asks_for_nan(node.operators[0], result, *rest)
    for operator, right in zip(node.operators, rest, strict=True):
        function = _CALLS.get(operator)
        if function is None:
            result = Binary(operator, result, right)  # type: ignore[arg-type]
        else:
            result = Call(function, (result, right))
    return result


_CALLS: Mapping[str, str] = {
    sign: find(name, 2).name for sign, name in (("//", "zidz"), ("mod", "mod"))
}


def _is_nan(node: Expression) -> bool:
    return isinstance(node, Number) and math.isnan(node.value)


def _asks_for_nan(operator: str, left: Expression, right: Expression) -> Expression:
    """Return the expression for Stella's ``x = NAN``, which tests whether x is NaN.

    The expression compares x with x, because NaN is the only value that differs from itself.
    """
    value = left if _is_nan(right) else right
    if _is_nan(value):
        return Number(1.0 if operator == "=" else 0.0)
    return Binary("<>" if operator == "=" else "=", value, value)


def _number(value: float) -> Expression:
    if math.isinf(value):
        infinity = Call("inf", ())
        return infinity if value > 0 else Unary("-", infinity)
    if math.isnan(value):
        raise ModelError(message("read.number_equation_nan"))
    return Number(value)
