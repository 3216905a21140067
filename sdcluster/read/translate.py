"""PySD's abstract syntax becomes our expressions; the same for XMILE and Vensim files.

Crosses the border: `translate(ast, lookups)` gives an `Expression` of canonical names and numbers.
"""

# ruff: noqa: D102 - the methods are named after the structures that they translate
from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from itertools import pairwise
from typing import Any, get_args

import numpy as np

from sdcluster.errors import ModelError
from sdcluster.functions.table import FUNCTIONS, ZERO_ARGUMENT, find
from sdcluster.model.calls import complete
from sdcluster.model.expression import (
    Binary,
    Call,
    Expression,
    Interpolation,
    Lookup,
    Number,
    Reference,
    Table,
    Unary,
)
from sdcluster.model.names import canonical
from sdcluster.read.syntax import is_reference

MAX_POINTS = 200_000
_LOGIC = {":AND:": "and", ":OR:": "or"}
# Stella's functions of a graphical function: our name, and how many numbers they take.
_OF_POINTS = {
    spelling: (row.name, row.arity[1])
    for row in FUNCTIONS.values()
    if row.points and row.xmile
    for spelling in row.pysd
}


def translate(
    ast: Any, lookups: Mapping[str, Table | None], variables: Collection[str] = ()
) -> Expression:
    """Return our expression for PySD's `ast`.

    Parameters
    ----------
    ast : PySD abstract syntax or number
    lookups : mapping of str to Table or None
        Canonical names of variables with a graphical function: a call of one is a lookup. A table is given where the
        variable has an equation besides, so that its name alone means something else.
    variables : collection of str
        Canonical names of all variables; a variable hides a built-in name such as ``pi``.

    Raises
    ------
    ModelError
        For a function that is unknown or not supported (without file and line: the caller adds them).
    """
    return Translator(lookups, variables).visit(ast)


class Translator:
    """One method for each structure of PySD; `sdcluster.read.vensim.translate` adds Vensim's own."""

    def __init__(self, lookups: Mapping[str, Table | None], variables: Collection[str]) -> None:
        self.lookups = lookups
        self.variables = variables

    def visit(self, ast: Any) -> Expression:
        """Return our expression for `ast`."""
        if isinstance(ast, (int, float, np.floating, np.integer)):
            return _number(float(ast))
        if isinstance(ast, np.ndarray):
            raise ModelError("a list of numbers stands where one number is expected")
        method: Callable[[Any], Expression] | None = getattr(self, type(ast).__name__, None)
        if method is None:
            kind = type(ast).__name__.removesuffix("Structure")
            raise ModelError(f'"{kind}" expressions are not supported')
        return method(ast)

    def call(self, name: str, *arguments: Any) -> Call:
        """Return a call of our function `name` on translated arguments."""
        return Call(name, tuple(self.visit(a) for a in arguments))

    # One method a structure of PySD, named like it.

    def ReferenceStructure(self, ast: Any) -> Expression:
        name = canonical(ast.reference)
        if name not in self.variables:
            spelled = name.replace(" ", "_")
            if spelled == "nan":
                return Number(math.nan)
            if spelled in ZERO_ARGUMENT:
                return Call(ZERO_ARGUMENT[spelled], ())
        return Reference(name, subscripts_of(ast))

    def ArithmeticStructure(self, ast: Any) -> Expression:
        arguments = [self.visit(a) for a in ast.arguments]
        if list(ast.operators) == ["negative"]:
            inner = arguments[0]
            return Number(-inner.value) if isinstance(inner, Number) else Unary("-", inner)
        return _chain(list(ast.operators), arguments)

    def LogicStructure(self, ast: Any) -> Expression:
        arguments = [self.visit(a) for a in ast.arguments]
        if list(ast.operators) == [":NOT:"]:
            return Unary("not", arguments[0])
        operators = [_LOGIC.get(o, o) for o in ast.operators]
        if operators in (["="], ["<>"]) and any(map(_is_nan, arguments)):
            return _asks_for_nan(operators[0], *arguments)
        if "or" in operators and "and" in operators:
            return _alternatives(operators, arguments)
        return _chain(operators, arguments)

    def CallStructure(self, ast: Any) -> Expression:
        reference = ast.function
        name = canonical(reference.reference)
        if name in self.lookups:
            if len(ast.arguments) != 1:
                raise ModelError(
                    f'the graphical function "{name}" takes 1 argument, but was given {len(ast.arguments)}'
                )
            return Lookup(self.lookup_reference(reference), self.visit(ast.arguments[0]))
        spelling = reference.reference
        if spelling == "lookup" and len(ast.arguments) == 2 and is_reference(ast.arguments[0]):
            return Lookup(self.lookup_reference(ast.arguments[0]), self.visit(ast.arguments[1]))
        if spelling in _OF_POINTS and self.names_table(ast.arguments[:1]):
            return self.of_points(spelling, *ast.arguments)
        if spelling == "mean" and len(ast.arguments) > 1:
            return self.mean(ast.arguments)
        if spelling == "previous" and len(ast.arguments) == 1:
            return self.call("previous", ast.arguments[0], ast.arguments[0])
        row = find(spelling, len(ast.arguments))
        arguments = complete(row, tuple(self.visit(a) for a in ast.arguments))
        if row.name == "ramp" and len(arguments) == 2:
            arguments += (Call("inf", ()),)
        return Call(row.name, arguments)

    def mean(self, arguments: Any) -> Expression:
        """Return the mean of some arguments."""
        total, *rest = map(self.visit, arguments)
        for argument in rest:
            total = Binary("+", total, argument)
        return Binary("/", total, Number(float(len(arguments))))

    def names_table(self, arguments: Any) -> bool:
        """Whether the first of some arguments is the name of a graphical function."""
        return (
            bool(arguments)
            and is_reference(arguments[0])
            and canonical(arguments[0].reference) in self.lookups
        )

    def of_points(self, spelling: str, table: Any, *arguments: Any) -> Expression:
        """Return a function of a graphical function's points, from its name and what follows it."""
        infinity = Call("inf", ())
        given = tuple(self.visit(a) for a in arguments)
        name, wanted = _OF_POINTS[spelling]
        if wanted == 2 and len(given) < 2:
            given = (Unary("-", infinity), *given, *[infinity] * (1 - len(given)))
        if len(given) != wanted:
            raise ModelError(
                f"{spelling.upper()} takes a graphical function and {wanted} numbers, but was given {len(given)}"
            )
        return Call(name, (Lookup(self.lookup_reference(table), given[0]), *given[1:]))

    def lookup_reference(self, reference: Any) -> Reference | Table:
        table = self.lookups.get(canonical(reference.reference))
        if table is not None:
            return table
        return Reference(canonical(reference.reference), subscripts_of(reference))

    def InlineLookupsStructure(self, ast: Any) -> Expression:
        return Lookup(self.table(ast.lookups), self.visit(ast.argument))

    def LookupsStructure(self, ast: Any) -> Expression:
        return self.table(ast)

    def table(self, ast: Any) -> Table:
        return make_table(ast.x, ast.y, ast.type)

    def GameStructure(self, ast: Any) -> Expression:
        return self.visit(ast.expression)

    def InitialStructure(self, ast: Any) -> Expression:
        return self.call("initial", ast.initial)

    def SmoothStructure(self, ast: Any) -> Expression:
        return self.call("smooth", ast.input, ast.smooth_time, ast.initial, ast.order)

    SmoothNStructure = SmoothStructure

    def DelayStructure(self, ast: Any) -> Expression:
        return self.call("delay", ast.input, ast.delay_time, ast.initial, ast.order)

    DelayNStructure = DelayStructure

    def TrendStructure(self, ast: Any) -> Expression:
        return self.call("trend", ast.input, ast.average_time, ast.initial_trend)

    def ForecastStructure(self, ast: Any) -> Expression:
        return self.call("forecast", ast.input, ast.average_time, ast.horizon, ast.initial_trend)

    def DelayFixedStructure(self, ast: Any) -> Expression:
        return self.call("delay fixed", ast.input, ast.delay_time, ast.initial)

    def SampleIfTrueStructure(self, ast: Any) -> Expression:
        return self.call("sample if true", ast.condition, ast.input, ast.initial)

    def AllocateAvailableStructure(self, ast: Any) -> Expression:
        return self.call("allocate available", ast.request, ast.pp, ast.avail)

    def AllocateByPriorityStructure(self, ast: Any) -> Expression:
        return self.call(
            "allocate by priority", ast.request, ast.priority, ast.size, ast.width, ast.supply
        )


def subscripts_of(reference: Any) -> tuple[str, ...]:
    """Return the canonical subscripts of PySD's reference; ``!`` stays at the end of those to run over."""
    if not reference.subscripts:
        return ()
    names = (s.strip() for s in reference.subscripts.subscripts)
    return tuple(canonical(s.rstrip("! ")) + ("!" if s.endswith("!") else "") for s in names)


def make_table(xs: Any, ys: Any, interpolation: str) -> Table:
    """Return a `Table` from points, checked to be finite, of equal number and ascending."""
    x, y = (tuple(float(v) for v in values) for values in (xs, ys))
    if len(x) != len(y) or not x:
        raise ModelError(
            f"a graphical function has {len(x)} x values and {len(y)} y values; it needs as many of each"
        )
    if len(x) > MAX_POINTS:
        raise ModelError(
            f"a graphical function has {len(x):,} points; more than {MAX_POINTS:,} are not read"
        )
    if not all(map(math.isfinite, x + y)):
        raise ModelError("a graphical function has a value that is not a finite number")
    if any(b < a for a, b in pairwise(x)):
        x, y = zip(*sorted(zip(x, y, strict=True), key=lambda point: point[0]), strict=True)
    if interpolation not in get_args(Interpolation):
        raise ModelError(f'a graphical function has the unknown type "{interpolation}"')
    return Table(x, y, interpolation)  # type: ignore[arg-type]


def _is_nan(node: Expression) -> bool:
    return isinstance(node, Number) and math.isnan(node.value)


def _asks_for_nan(operator: str, left: Expression, right: Expression) -> Expression:
    """Return whether a value is NaN, for Stella's ``x = NAN``: NaN equals nothing, and only NaN differs from itself."""
    value = left if _is_nan(right) else right
    if _is_nan(value):
        return Number(1.0 if operator == "=" else 0.0)
    return Binary("<>" if operator == "=" else "=", value, value)


def _number(value: float) -> Expression:
    if math.isinf(value):
        infinity = Call("inf", ())
        return infinity if value > 0 else Unary("-", infinity)
    if math.isnan(value):
        raise ModelError("a number in the equation is NaN")
    return Number(value)


def _alternatives(operators: list[str], arguments: list[Expression]) -> Expression:
    """Fold a mixture of AND and OR: AND binds tighter (XMILE 1.0, section 3.3.1)."""
    parts, first = [], 0
    for at, operator in enumerate([*operators, "or"]):
        if operator == "or":
            parts.append(_chain(operators[first:at], arguments[first : at + 1]))
            first = at + 1
    return _chain(["or"] * (len(parts) - 1), parts)


def _chain(operators: list[str], arguments: list[Expression]) -> Expression:
    """Fold a flat chain: powers from the right, everything else from the left."""
    if all(o == "^" for o in operators):
        result = arguments[-1]
        for left in reversed(arguments[:-1]):
            result = Binary("^", left, result)
        return result
    result = arguments[0]
    for operator, right in zip(operators, arguments[1:], strict=True):
        result = Binary(operator, result, right)  # type: ignore[arg-type]
    return result


assert set(ZERO_ARGUMENT.values()) <= set(FUNCTIONS)
