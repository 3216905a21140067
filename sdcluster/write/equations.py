"""Print expressions as XMILE equations with as few parentheses as possible.

`print_equation(expression, names)` returns a text, from which our reader makes an equal expression. A function that
XMILE lacks is written under our own name, in lower case with underscores (``delay_fixed``), which our reader accepts.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from sdcluster.errors import ModelError
from sdcluster.functions.table import FUNCTIONS, ZERO_ARGUMENT
from sdcluster.messages import message
from sdcluster.model.expression import Array, Call, Expression, Lookup, Number, Reference
from sdcluster.model.missing import NA
from sdcluster.recursion import deep_recursion
from sdcluster.write.notation import Notation

_PLAIN = re.compile(r"[^\W\d]\w*\Z")
WORDS = frozenset({"if", "then", "else", "and", "or", "not", "mod"})
_ORDERED = {
    "smooth": {1.0: "SMTH1", 3.0: "SMTH3", None: "SMTHN"},
    "delay": {1.0: "DELAY1", 3.0: "DELAY3", None: "DELAYN"},
}
_SPELLED = {
    row.name: row.written for row in FUNCTIONS.values() if row.written and row.arity != (0, 0)
}
_OF_POINTS = frozenset(row.name for row in FUNCTIONS.values() if row.points and row.xmile)
_PREFERRED = {
    row.name: row.written for row in FUNCTIONS.values() if row.written and row.arity == (0, 0)
}


@dataclass(frozen=True)
class Spellings:
    """The spelling of names in a file, by canonical name.

    Parameters
    ----------
    variables, subscripts : mapping of str to str
        Spelling by canonical name; `subscripts` contains ranges and their elements.
    built_ins : mapping of str to str
        Variables, as written in the file, that replace built-in names such as ``dt``, because some programs support
        ``TIME_STEP`` but not ``DT``.
    """

    variables: Mapping[str, str] = field(default_factory=dict)
    subscripts: Mapping[str, str] = field(default_factory=dict)
    built_ins: Mapping[str, str] = field(default_factory=dict)

    def variable(self, name: str) -> str:
        """Return the name of a variable as written in an equation."""
        return identifier(self.variables.get(name, name))

    def subscript(self, name: str) -> str:
        """Return the name of a subscript range or element as written in its definition."""
        return self.subscripts.get(name, name)


def identifier(name: str) -> str:
    """Return a name as written in an equation: with underscores instead of blanks, and in quotes if necessary."""
    text = name.replace(" ", "_")
    if _PLAIN.match(text) and text.isidentifier() and text.casefold() not in WORDS:
        return text
    return '"' + text.replace('"', '\\"') + '"'


def number(value: float) -> str:
    """Return the shortest text that is parsed to the same number.

    Vensim's ``:NA:`` is written with all digits, so that every tool reads exactly this number. The text has a decimal
    point, because the number exceeds PySD's range of integers.
    """
    if math.isinf(value):
        return "INF" if value > 0 else "-INF"
    if math.isnan(value):
        return "NAN"
    value = float(value)
    if value == NA:
        return f"{int(value)}.0"
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return repr(value)


def print_equation(
    expression: Expression,
    names: Collection[str] = (),
    axes: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
    spellings: Spellings | None = None,
    notation: type[EquationNotation] | None = None,
) -> str:
    """Print an expression as an XMILE equation.

    Parameters
    ----------
    expression : Expression
    names : collection of str
        Canonical names of the model's variables. A variable may hide a built-in name such as ``time``.
    axes : mapping of str to tuple of str
        Dimensions of each array. A sum over a whole dimension is written ``[*]``.
    spellings : Spellings, optional
        The spelling of names; by default, names are canonical.
    notation : type of EquationNotation, optional
        The notation in which to print; by default, that of XMILE.

    Raises
    ------
    ModelError
        If the expression cannot be written as an equation, because it contains a table, a list of numbers, or a
        built-in name that a variable hides.
    """
    with deep_recursion():
        try:
            return (notation or EquationNotation)(names, axes, spellings or Spellings()).text(
                expression
            )
        except RecursionError:
            raise ModelError(message("write.equation_nested_too_deeply")) from None


class EquationNotation(Notation):
    """Prints equations in standard XMILE; the parameters are those of `print_equation`."""

    def __init__(
        self, names: Collection[str], axes: Mapping[str, tuple[str, ...]], spellings: Spellings
    ) -> None:
        self.names, self.axes, self.spellings = names, axes, spellings

    def number(self, value: float) -> str:
        """Return the text of a number."""
        return number(value)

    def reference(self, node: Reference) -> str:
        """Return the text of a variable with its subscripts."""
        whole = [f"{a}!" for a in self.axes.get(node.name, ())]
        own = [
            "*" if [s] == whole[i : i + 1] else self.subscript(s)
            for i, s in enumerate(node.subscripts)
        ]
        return self.spellings.variable(node.name) + (f"[{', '.join(own)}]" if own else "")

    def element(self, name: str) -> str:
        """Return the text of a subscript that is used as a value."""
        return identifier(self.spellings.subscript(name.rstrip("!")))

    def subscript(self, text: str) -> str:
        """Return the text of a subscript inside brackets; a range to sum over keeps its suffix ``!``."""
        name = self.spellings.subscript(text.removesuffix("!"))
        if text.endswith("!"):
            return identifier(name) + "!"
        return name if name.isdigit() else identifier(name)

    def word(self, word: str) -> str:
        """Return a keyword such as ``and`` in capitals."""
        return word.upper()

    def other(self, node: Expression) -> str:
        """Raise an error, because XMILE has no form for a table or a list inside an equation."""
        what = (
            message("write.list_of_numbers")
            if isinstance(node, Array)
            else message("write.graphical_function")
        )
        raise ModelError(message("write.cannot_stand_inside_xmile", what=what))

    def function(self, name: str, arguments: tuple[Expression, ...]) -> str:
        """Return the text of a call of a function."""
        if name == "element" and isinstance(arguments[0], Reference):
            return self.indexed(arguments[0], arguments[1:])
        if not arguments and name in ZERO_ARGUMENT.values():
            return self.built_in(name)
        if name in _OF_POINTS and isinstance(arguments[0], Lookup):
            table = self.text(arguments[0].table)
            rest = ", ".join(self.text(a) for a in (arguments[0].argument, *arguments[1:]))
            return f"{name.upper()}({table}, {rest})"
        written, ordered = spelling(name, arguments)
        return f"{written}({', '.join(self.text(a) for a in ordered)})"

    def indexed(self, array: Reference, indices: tuple[Expression, ...]) -> str:
        """Return the text of an array element that is selected by its position."""
        own = [self.subscript(s) for s in array.subscripts]
        for axis, index in zip(indices[::2], indices[1::2], strict=True):
            if not isinstance(axis, Number) or not 0 <= axis.value < len(own):
                return f"element({', '.join(map(self.text, (array, *indices)))})"
            # Without an index, the name could refer to an element.
            text = self.text(index)
            own[int(axis.value)] = f"({text})" if isinstance(index, Reference) else text
        return f"{self.spellings.variable(array.name)}[{', '.join(own)}]"

    def built_in(self, function: str) -> str:
        """Return a name for a built-in value that is not also the name of a variable."""
        if function in self.spellings.built_ins:
            return identifier(self.spellings.built_ins[function])
        spellings = [_PREFERRED[function]] if function in _PREFERRED else []
        spellings += [s.upper() for s, name in ZERO_ARGUMENT.items() if name == function]
        for spelling in spellings:
            if spelling.lower().replace("_", " ") not in self.names:
                return spelling
        raise ModelError(message("write.equation_uses_built_variable", spellings=spellings[0]))


def spelling(
    function: str, arguments: tuple[Expression, ...]
) -> tuple[str, tuple[Expression, ...]]:
    """Return the name of a function in XMILE, and the arguments of its call in XMILE's order."""
    if function in _ORDERED:
        value, time, initial, order = arguments
        names = _ORDERED[function]
        known = order.value if isinstance(order, Number) else None
        if known in names and known is not None:
            return names[known], (value, time, initial)
        return names[None], (value, time, order, initial)
    match function, arguments:
        case "zidz" | "xidz", _:
            return "SAFEDIV", arguments
        case "impulse", (start, magnitude):
            return "PULSE", (magnitude, start)
        case "impulse train", (start, interval, magnitude):
            return "PULSE", (magnitude, start, interval)
        case "ramp", (slope, start, Call("inf", ())):
            return "RAMP", (slope, start)
        case "npv", (stream, rate, start, Number(1.0)):
            return "NPV", (stream, rate, start)
    if function in _SPELLED:
        return _SPELLED[function], arguments
    row = FUNCTIONS.get(function)
    xmile = row.xmile if row else ""
    plain = row is not None and _PLAIN.match(xmile) and xmile.lower() in (*row.read_as, row.name)
    return (xmile if plain else function.replace(" ", "_")), arguments
