"""Expressions in equations: a small tree of frozen nodes, common to all file formats.

The module contains the classes of nodes, and functions that search or rewrite a tree. Nodes contain canonical names and
numbers, never source text.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any, ClassVar, Literal

from sdcluster.functions.table import FUNCTIONS

Interpolation = Literal["interpolate", "extrapolate", "hold_backward", "look_forward", "raw"]


class Pickled:
    """Base class of nodes, equations and variables that makes pickling fast.

    With this class, pickling takes a third of the time that it takes for a plain dataclass with slots.
    """

    __slots__ = ()
    __match_args__: ClassVar[tuple[str, ...]] = ()

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        fields = _fields.get(type(self)) or _find_fields(type(self))
        return type(self), fields(self)


_fields: dict[type, Callable[[Any], tuple[object, ...]]] = {}


def _find_fields(kind: type[Pickled]) -> Callable[[Any], tuple[object, ...]]:
    """Return a function that returns all field values of a node of class `kind` as a tuple, and cache the function."""
    names = kind.__match_args__
    get = attrgetter(*names)
    _fields[kind] = get if len(names) > 1 else lambda node: (get(node),)
    return _fields[kind]


@dataclass(frozen=True, slots=True)
class Number(Pickled):
    """A number written in an equation."""

    value: float


@dataclass(frozen=True, slots=True)
class Reference(Pickled):
    """The value of a variable.

    Parameters
    ----------
    name : str
        Canonical name.
    subscripts : tuple of str
        One for each dimension of the variable: an element, a dimension, or a dimension followed by ``!``. The innermost
        enclosing array function, such as SUM, iterates over the dimensions followed by ``!``. Empty for scalars, and
        for arrays with the same dimensions as the equation.
    """

    name: str
    subscripts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unary(Pickled):
    """``-x`` or logical ``not x``."""

    operator: Literal["-", "not"]
    operand: Expression


@dataclass(frozen=True, slots=True)
class Binary(Pickled):
    """Arithmetic, comparison or logic between two operands."""

    operator: Literal["+", "-", "*", "/", "^", "=", "<>", "<", "<=", ">", ">=", "and", "or"]
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Call(Pickled):
    """A call of a function in the table `sdcluster.functions.table`; `function` is its name there."""

    function: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Table(Pickled):
    """A graphical function (lookup).

    Parameters
    ----------
    x, y : tuple of float
        Points, `x` ascending.
    interpolation : str
        ``interpolate``: linear, constant outside the points; ``extrapolate``: linear, continued with the end slopes;
        ``hold_backward``: the previous point's value; ``look_forward``: the next point's value; ``raw``: values at the
        points only, :NA: elsewhere.
    """

    x: tuple[float, ...]
    y: tuple[float, ...]
    interpolation: Interpolation = "interpolate"


@dataclass(frozen=True, slots=True)
class Array(Pickled):
    """A literal list of numbers for an array or a part of one.

    Parameters
    ----------
    values : tuple of float
        The numbers, in row-major order over those subscripts of the left-hand side that are dimensions.
    shape : tuple of int
        Number of elements along each of these dimensions.
    """

    values: tuple[float, ...]
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ElementIndex(Pickled):
    """A subscript used as a value: its position in its dimension, from 1.

    Parameters
    ----------
    name : str
        A dimension in the equation's left-hand side, or an element.
    """

    name: str


@dataclass(frozen=True, slots=True)
class Lookup(Pickled):
    """A graphical function applied to a value: an inline table or a reference to a lookup variable."""

    table: Table | Reference
    argument: Expression


Expression = Number | Reference | Unary | Binary | Call | Lookup | Table | Array | ElementIndex

AGGREGATES = frozenset(row.name for row in FUNCTIONS.values() if row.aggregate)
# For functions of rows: the indices of the arguments that are whole arrays.
ROW_ARGUMENTS = {
    row.name: tuple(place for place, _ in row.row_arguments)
    for row in FUNCTIONS.values()
    if row.xmile and row.row_arguments
}
FLIP = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
COMPARISONS = frozenset(FLIP)


_CHILDREN: Mapping[type, Callable[[Any], tuple[Expression, ...]]] = {
    Unary: lambda node: (node.operand,),
    Binary: attrgetter("left", "right"),
    Call: attrgetter("arguments"),
    Lookup: lambda node: (
        (node.table, node.argument) if isinstance(node.table, Reference) else (node.argument,)
    ),
}


def children(node: Expression) -> tuple[Expression, ...]:
    """Return the operands of `node`, but not the operands of these operands."""
    below = _CHILDREN.get(type(node))
    return () if below is None else below(node)


def walk(node: Expression) -> Iterator[Expression]:
    """Yield `node` and all its descendants, outermost first. A loop instead of recursion handles deep equations."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        below = _CHILDREN.get(type(current))
        if below is not None:
            stack.extend(reversed(below(current)))


def references(node: Expression) -> list[str]:
    """Return the names of the variables used in `node`, each once, in order of appearance."""
    return list(dict.fromkeys(n.name for n in walk(node) if isinstance(n, Reference)))


def rebuilt(node: Expression, change: Callable[[Expression], Expression]) -> Expression:
    """Return a copy of `node` with `change` applied to its direct operands."""
    match node:
        case Unary(operator, operand):
            return Unary(operator, change(operand))
        case Binary(operator, left, right):
            return Binary(operator, change(left), change(right))
        case Lookup(table, argument):
            return Lookup(table, change(argument))
        case Call(function, arguments):
            return Call(function, tuple(change(a) for a in arguments))
    return node


def mapped(node: Expression, change: Callable[[Expression], Expression | None]) -> Expression:
    """Return a copy of `node` in which subexpressions are replaced by the result of `change`.

    Where `change` returns None, the subexpression stays, and `change` is applied to its operands.
    """
    other = change(node)
    return rebuilt(node, lambda inner: mapped(inner, change)) if other is None else other


def banged(node: Expression) -> Iterator[str]:
    """Yield each subscript ``dimension!`` in `node`, except those inside the arguments of array functions in `node`."""
    stack = [node]
    while stack:
        match stack.pop():
            case Call(function) if function in AGGREGATES or function == "vector select":
                pass
            case ElementIndex(name) if name.endswith("!"):
                yield name
            case Reference(_, subscripts):
                yield from (s for s in subscripts if s.endswith("!"))
            case other:
                stack.extend(reversed(children(other)))


def standing(node: Expression, running: Collection[str]) -> Expression:
    """Return a copy of `node` in which the subscripts ``dimension!`` in `running` are replaced by the dimensions.

    Subscripts inside array functions are unchanged, because these functions iterate over them.
    """
    match node:
        case Call(function) if function in AGGREGATES or function == "vector select":
            return node
        case ElementIndex(name) if name in running:
            return ElementIndex(name[:-1])
        case Reference(name, subscripts):
            return Reference(name, tuple(s[:-1] if s in running else s for s in subscripts))
        case Lookup(Reference() as table, argument):
            return Lookup(standing(table, running), standing(argument, running))  # type: ignore[arg-type]
    return rebuilt(node, lambda child: standing(child, running))


def substituted(node: Expression, subscripts: Mapping[str, str]) -> Expression:
    """Return a copy of `node` in which each subscript that is a key of `subscripts` is replaced by the value there."""
    if not subscripts:
        return node

    def change(inner: Expression) -> Expression:
        if isinstance(inner, Reference):
            return replace(inner, subscripts=tuple(subscripts.get(s, s) for s in inner.subscripts))
        if isinstance(inner, Lookup) and isinstance(inner.table, Reference):
            table = change(inner.table)
            return Lookup(table, change(inner.argument))  # type: ignore[arg-type]
        return rebuilt(inner, change)

    return change(node)
