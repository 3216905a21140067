"""Translate the syntax trees of XMILE equations into expressions, in which references to arrays are not yet resolved.

`translate(node, lookups)` returns an expression, and uses `XmileMeaning`. An `Indexed` is a reference that
`sdcluster.read.xmile.arrays` resolves later.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sdcluster.errors import ModelError
from sdcluster.functions.forms import XMILE
from sdcluster.functions.table import FUNCTIONS, UNWRITTEN, ZERO_ARGUMENT, find, is_function
from sdcluster.messages import joined, message
from sdcluster.model.calls import complete
from sdcluster.model.expression import (
    Binary,
    Call,
    Expression,
    Lookup,
    Number,
    Reference,
    Table,
    Unary,
)
from sdcluster.model.names import canonical
from sdcluster.read import syntax
from sdcluster.read.translate import formed, subscripts_of, translated

# Stella's CAPACITY of a conveyor. `sdcluster.read.xmile.arrays` replaces the call by the variable with the capacity.
CAPACITY = "capacity"
_CAPACITY = frozenset({"cap", CAPACITY})
_INFINITY = Call("inf", ())
# For each of Stella's functions of a graphical function's points: our name, and the number of its other arguments.
_OF_POINTS = {
    spelling: (row.name, row.arity[1])
    for row in FUNCTIONS.values()
    if row.points and row.xmile
    for spelling in row.read_as
}


@dataclass(frozen=True)
class Indexed:
    """A reference whose indices are not resolved yet. Such references occur only inside the reader.

    Parameters
    ----------
    name : str
        Canonical form of the name in the equation.
    indices : tuple of str, Expression or tuple
        A pair is a range. The first part of the pair is None for a range such as ``*:dimension``.
    transposed : bool
        Whether the array is transposed.
    flat : bool
        Whether the single index counts all elements of the array, as in ``array(5)``. The last dimension varies
        fastest.
    """

    name: str
    indices: tuple[Any, ...]
    transposed: bool
    flat: bool = False


def translate(
    node: Any, lookups: Mapping[str, Table | None], variables: Collection[str] = ()
) -> Expression:
    """Return the expression of an equation, in which references to arrays are not resolved (see `XmileMeaning`).

    Raises
    ------
    ModelError
        If a function is unknown or not supported. The error has no file and line. The caller adds them.
    """
    return translated(node, XmileMeaning(lookups, dict.fromkeys(variables, ""), {}))


@dataclass(frozen=True)
class XmileMeaning:
    """The meaning of names and calls in an XMILE equation.

    Parameters
    ----------
    lookups : mapping of str to Table or None
        Variables with a graphical function, by canonical name. A call of such a variable is a lookup. If the variable
        also has an equation, the value is its table, because the name without arguments then means the value of the
        equation.
    variables : mapping of str to str
        For each name that the equation can use, the variable of the flat model. In this model, the variables of all
        modules are merged. A variable takes precedence over a built-in name such as ``pi``.
    axes : mapping of str to tuple of str
        Dimensions of the variables.
    """

    lookups: Mapping[str, Table | None]
    variables: Mapping[str, str]
    axes: Mapping[str, tuple[str, ...]]

    def running(self, node: syntax.Running) -> Expression:
        """Raise an error, because ranges with ``!`` exist only in Vensim."""
        raise ModelError(message("read.xmile.stands_where_value_expected", node=node.name))

    def reference(self, node: syntax.Reference) -> Any:
        """Return the expression for a name.

        The expression is an `Indexed` if an index is not a plain name, or if the array is transposed. It is a built-in
        value such as TIME or NAN if the name is not that of a variable. Otherwise, it is a `Reference`.
        """
        name = canonical(node.name)
        if node.transposed or not all(isinstance(i, str) for i in node.indices):
            return Indexed(name, tuple(map(self._index, node.indices)), node.transposed)
        if name not in self.variables:
            spelled = name.replace(" ", "_")
            if spelled == "nan":
                return Number(math.nan)
            if spelled in ZERO_ARGUMENT:
                return Call(ZERO_ARGUMENT[spelled], ())
        return Reference(name, subscripts_of(node))

    def _index(self, node: Any) -> Any:
        if isinstance(node, syntax.Span):
            return self._index(node.first), self._index(node.last)
        return node if node is None or isinstance(node, str) else translated(node, self)

    def call(self, node: syntax.Call) -> Any:
        """Return a lookup, an element of an array that is selected by number, or the call of a function."""
        name = canonical(node.name)
        if name not in self.lookups:
            if node.name in XMILE or node.name == "nan":
                return self._formed(node)
            if self.axes.get(self.variables.get(name, "")) and not is_function(node.name):
                if len(node.arguments) != 1:
                    raise ModelError(
                        message("read.xmile.array_parentheses_stands_number", name=name)
                    )
                return Indexed(name, (translated(node.arguments[0], self),), False, flat=True)
            if name in _CAPACITY and name not in self.variables:
                return Call(CAPACITY, self._all(node.arguments))
        if name == "rank" and len(node.arguments) > 1 and self._is_size(node.arguments[1]):
            array, _, *rest = node.arguments
            node = replace(node, arguments=(array, syntax.Call("size", (array,)), *rest))
        return self._function(name, node)

    def _all(self, nodes: tuple[Any, ...]) -> tuple[Expression, ...]:
        return tuple(translated(n, self) for n in nodes)

    def _is_size(self, node: Any) -> bool:
        """Return whether an argument is the word SIZE alone, as in RANK(array, SIZE)."""
        return (
            isinstance(node, syntax.Reference)
            and node.name == "size"
            and "size" not in self.variables
        )

    def _formed(self, node: syntax.Call) -> Expression:
        """Return the call of a function whose arguments in XMILE and in our table differ in order or number."""
        name, arguments = node.name, node.arguments
        if name in ("max", "min") and len(arguments) > 2:
            result, *rest = self._all(arguments)
            for argument in rest:
                result = Call(name, (result, argument))
            return result
        if name == "nan":  # Stella's placeholder equation
            return Call(UNWRITTEN, self._all(arguments))
        if name == "pulse" and len(arguments) == 1:  # a pulse of this volume in every time step
            step = self.reference(syntax.Reference("dt"))
            return Binary("/", translated(arguments[0], self), step)
        if name == "ramp" and len(arguments) == 1:  # a ramp that begins at the start of the run
            arguments += (syntax.Reference("starttime"),)
        forms = XMILE[name]
        if len(arguments) not in forms:
            expected = joined(message("read.xmile.or"), map(str, forms))
            raise ModelError(
                message(
                    "read.xmile.takes_arguments_given",
                    name=name.upper(),
                    expected=expected,
                    count=len(arguments),
                )
            )
        return formed(forms[len(arguments)], arguments, self)

    def _function(self, name: str, node: syntax.Call) -> Expression:
        arguments, spelling = node.arguments, node.name
        if name in self.lookups:
            if len(arguments) != 1:
                raise ModelError(
                    message(
                        "read.xmile.graphical_function_takes_argument",
                        name=name,
                        count=len(arguments),
                    )
                )
            return Lookup(self._lookup(node), translated(arguments[0], self))
        named = bool(arguments) and isinstance(arguments[0], syntax.Reference)
        if spelling == "lookup" and len(arguments) == 2 and named:
            return Lookup(self._lookup(arguments[0]), translated(arguments[1], self))
        if spelling in _OF_POINTS and named and canonical(arguments[0].name) in self.lookups:
            return self._of_points(spelling, *arguments)
        given = self._all(arguments)
        if spelling == "mean" and len(given) > 1:
            total = given[0]
            for value in given[1:]:
                total = Binary("+", total, value)
            return Binary("/", total, Number(float(len(given))))
        if spelling == "previous" and len(given) == 1:
            return Call("previous", given * 2)
        row = find(spelling, len(given))
        if row.name == "ramp" and len(given) == 2:
            given += (_INFINITY,)
        return Call(row.name, complete(row, given))

    def _of_points(self, spelling: str, table: syntax.Reference, *arguments: Any) -> Expression:
        """Return the call of a function of a graphical function's points, such as LOOKUPMEAN."""
        given = self._all(arguments)
        name, wanted = _OF_POINTS[spelling]
        if wanted == 2 and len(given) < 2:
            given = (Unary("-", _INFINITY), *given, *[_INFINITY] * (1 - len(given)))
        if len(given) != wanted:
            raise ModelError(
                message(
                    "read.xmile.takes_graphical_function_numbers",
                    spelling=spelling.upper(),
                    wanted=wanted,
                    count=len(given),
                )
            )
        return Call(name, (Lookup(self._lookup(table), given[0]), *given[1:]))

    def _lookup(self, node: Any) -> Any:
        name = canonical(node.name)
        table = self.lookups.get(name)
        if table is not None:
            return table
        if all(isinstance(i, str) for i in node.indices):
            return Reference(name, subscripts_of(node))
        return Indexed(name, tuple(map(self._index, node.indices)), False)
