"""Print equations in the notation of PySD's XMILE reader.

`PysdNotation` prints equations, and `taken_words()` returns the names that variables must not have. PySD's reader
supports fewer functions than the standard, and its grammar differs in parentheses, quotes and capitalisation.
"""

from __future__ import annotations

import math
import re
from functools import cache

from sdcluster.errors import ModelError
from sdcluster.functions.table import ZERO_ARGUMENT
from sdcluster.messages import message
from sdcluster.model.expression import Call, Expression, Lookup, Reference, Unary
from sdcluster.write.equations import EquationNotation, identifier, number, spelling
from sdcluster.write.notation import CONDITION, LOGIC, NOT

_BARE = re.compile(r"\w+\Z")
_CLOCK = {"time": "TIME", "dt": "TIME_STEP", "start": "INITIAL_TIME", "stop": "FINAL_TIME"}
_SPELLED = {"vmin": "VMIN", "vmax": "VMAX"}
_UNREADABLE = frozenset({"element"})


class PysdNotation(EquationNotation):
    """Prints equations for PySD; the parameters are those of `sdcluster.write.equations.print_equation`."""

    def number(self, value: float) -> str:
        """Return the text of a number; infinity and NaN, which PySD cannot parse, become expressions."""
        if math.isnan(value):
            return "(1e308 * 10 - 1e308 * 10)"
        if math.isinf(value):
            return "(1e308 * 10)" if value > 0 else "(-1e308 * 10)"
        return number(value)

    def reference(self, node: Reference) -> str:
        """Return the text of a variable with its subscripts.

        A name that begins with ``not`` is in quotes, because PySD would read these characters as the operator.
        """
        shown = self.spellings.variables.get(node.name, node.name)
        # Without subscripts, PySD treats an array as a scalar.
        own = [self.subscript(s) for s in node.subscripts or self.axes.get(node.name, ())]
        return quoted(shown) + (f"[{', '.join(own)}]" if own else "")

    def element(self, name: str) -> str:
        """Return the text of a subscript that is used as a value."""
        return quoted(self.spellings.subscript(name.rstrip("!")))

    def subscript(self, text: str) -> str:
        """Return the text of a subscript, without quotes, because PySD would treat these as part of the name."""
        name = self.spellings.subscript(text.removesuffix("!"))
        written = name.replace(" ", "_")
        if not _BARE.match(written):
            raise ModelError(message("write.pysd_reads_no_subscript", name=name))
        return written + text[len(text.removesuffix("!")) :]

    def word(self, word: str) -> str:
        """Return a keyword in capitals, except ``mod``, which PySD supports in lower case only."""
        return word if word == "mod" else word.upper()

    def form(self, node: Expression) -> tuple[int, str]:
        """Return the precedence and the text of `node`.

        ``NOT`` has a lower precedence than in XMILE, because PySD allows it before a comparison, but not inside a sum.
        """
        level, text = super().form(node)
        return (NOT if isinstance(node, Unary) and node.operator == "not" else level), text

    def call(self, function: str, arguments: tuple[Expression, ...]) -> tuple[int, str]:
        """Return the precedence and the text of a call; a condition inside a condition is in parentheses."""
        if function == "if":
            parts = [self.text(a, LOGIC) for a in arguments]
            return CONDITION, f"IF {parts[0]} THEN {parts[1]} ELSE {parts[2]}"
        return super().call(function, arguments)

    def function(self, name: str, arguments: tuple[Expression, ...]) -> str:
        """Return the text of a call of a function; raise a `ModelError` if PySD does not support the function."""
        if not arguments and name in _CLOCK:
            return _CLOCK[name]
        if name == "ramp" and arguments[2:] == (Call("inf", ()),):
            arguments = arguments[:2]
        written, ordered = spelling(name, arguments)
        written = _SPELLED.get(name, written)
        wanted = name.upper()
        if written.lower() not in taken_words() or name in _UNREADABLE:
            raise ModelError(message("write.pysd_xmile_reader_no", wanted=wanted))
        if any(isinstance(a, Lookup) and not isinstance(a.table, Reference) for a in arguments):
            raise ModelError(message("write.pysd_xmile_reader_no_function", wanted=wanted))
        if not arguments and name in ZERO_ARGUMENT.values():
            return f"{written}()"
        return f"{written}({', '.join(self.text(a) for a in ordered)})"


def quoted(name: str) -> str:
    """Return the name of a variable as written in an equation, in quotes if it begins with ``not``."""
    text = identifier(name)
    return f'"{text}"' if text.casefold().startswith("not") else text


@cache
def taken_words() -> frozenset[str]:
    """Return the names of PySD's functions, in lower case with underscores.

    Variables must not have these names, because a variable would hide the function.
    """
    from pysd.builders.python.python_functions import functionspace
    from pysd.translators.xmile.xmile_structures import structures

    return frozenset(map(str.lower, (*functionspace, *structures)))
