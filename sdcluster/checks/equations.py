"""The equations of a model as texts, which are stored with its baselines, and sentences about changed equations.

`equations_of` returns the equations of a `Model` as texts, by name of the variable. `changed_equations` compares two
such results and returns sentences.
"""

from __future__ import annotations

from collections.abc import Mapping

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.model import Model
from sdcluster.model.clock import CONTROLS
from sdcluster.model.elements import written
from sdcluster.model.expression import Array, Expression, Lookup, Reference, Table
from sdcluster.model.model import Equation
from sdcluster.write.equations import EquationNotation, Spellings, print_equation

MOST_CHANGES = 5
_LONGEST = 160  # characters of an equation in a sentence
_BEFORE = 24  # characters shown before the first difference of long equations


class _Plain(EquationNotation):
    """Prints equations with names as in the model, and with the numbers of tables and lists."""

    def reference(self, node: Reference) -> str:
        """Return the text of a variable with its subscripts."""
        return written(self.spellings.variables.get(node.name, node.name), node.subscripts)

    def built_in(self, function: str) -> str:
        """Return the name of a built-in value, such as ``TIME``, in capitals.

        A variable may have the same name. This does no harm, because the text is not parsed again.
        """
        return function.upper()

    def other(self, node: Expression) -> str:
        """Return the text of a table, a list of numbers, or a lookup in an unnamed table."""
        match node:
            case Table(x=x, y=y, interpolation=kind):
                points = ", ".join(
                    f"({self.number(a)}, {self.number(b)})" for a, b in zip(x, y, strict=True)
                )
                return f"[{points}]" if kind == "interpolate" else f"[{points}; {kind}]"
            case Array(values=values):
                return f"[{', '.join(map(self.number, values))}]"
            case Lookup(table=table, argument=argument):
                return f"{self.text(table)}({self.text(argument)})"
        return str(node)


def equations_of(model: Model) -> dict[str, str]:
    """Return the equations of a model as text, by name of the variable.

    Constants and time settings are left out, because the record of accepted baselines contains their values. Also left
    out are variables that a reader created, and equations that are nested too deeply to print.
    """
    names = {canonical: variable.name for canonical, variable in model.variables.items()}
    found = {}
    for variable in model.variables.values():
        if variable.kind == "constant" or variable.hidden or variable.key in CONTROLS:
            continue
        try:
            found[variable.name] = "; ".join(_text(e, names) for e in variable.equations)
        except ModelError:
            continue
    return {name: text for name, text in found.items() if text}


def _text(equation: Equation, names: Mapping[str, str]) -> str:
    parts = [
        print_equation(e, names, spellings=Spellings(variables=names), notation=_Plain)
        for e in equation.expressions
    ]
    text = parts[0] if len(parts) == 1 else f"INTEG({', '.join(parts)})"
    if equation.exceptions:
        excepted = ", ".join(written("", part) for part in equation.exceptions)
        text = f":EXCEPT: {excepted} {text}"
    return f"{written('', equation.subscripts)} {text}" if equation.subscripts else text


def changed_equations(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[str, ...]:
    """Return a sentence for each of the first few equations that differ, and a sentence with the number of the others.

    Parameters
    ----------
    old, new : mapping of str to str
        Equations as texts, by name of the variable. An empty `old` comes from a record made before equations were
        stored; the result is then empty.
    """
    if not old:
        return ()
    said: list[str] = []
    for name in [*old, *(name for name in new if name not in old)]:
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        if after is None:
            said.append(message("checks.equation_gone", name=name))
        elif before is None:
            said.append(message("checks.equation_new", name=name, after=_shortened(after, 0)))
        else:
            start = _first_difference(before, after)
            before, after = _shortened(before, start), _shortened(after, start)
            said.append(message("checks.equation_changed", name=name, before=before, after=after))
    more = len(said) - MOST_CHANGES
    if more > 1:
        return (*said[:MOST_CHANGES], message("checks.equations_more", count=more))
    return tuple(said)


def _first_difference(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))


def _shortened(text: str, difference: int) -> str:
    """Return the text or, if the text is long, the part around its first difference from another text."""
    if len(text) <= _LONGEST:
        return text
    start = max(0, min(difference - _BEFORE, len(text) - _LONGEST))
    end = start + _LONGEST
    return ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")
