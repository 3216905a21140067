"""X IF MISSING in Vensim files: an expression of data series, with a default for times without data.

`filled(translator, arguments, part)` returns one equation for each element of the left-hand side.

Source: Vensim reference manual, "X IF MISSING" and "Data Equations". The expression is evaluated at each time at which
at least one series in it has a point. The values form a data series, which is interpolated like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.model import Equation, Variable
from sdcluster.model.expression import (
    Binary,
    Call,
    Expression,
    Lookup,
    Number,
    Reference,
    Table,
    mapped,
    references,
    substituted,
    walk,
)
from sdcluster.model.missing import NA
from sdcluster.model.names import canonical
from sdcluster.read.vensim.parsed_variables import Part

if TYPE_CHECKING:
    from sdcluster.read.vensim.translate import EquationTranslator

_TIME = Call("time", ())
Points = Mapping[float, float]


def filled(
    translator: EquationTranslator, arguments: tuple[Any, ...], part: Part
) -> list[Equation]:
    """Return the equations of a variable that is defined by ``X IF MISSING(expression, number)``.

    Raises
    ------
    ModelError
        If the arguments are wrong, if the equation does not use ``:=``, or if the expression contains anything but data
        and constants.
    """
    number = arguments[1] if len(arguments) == 2 else None
    if not isinstance(number, float):
        raise ModelError(message("read.vensim.x_if_missing_takes"))
    if not part.data:
        raise ModelError(message("read.vensim.x_if_missing_belongs"))
    filler = _Filler(translator, number, part.interpolation.replace(" ", "_") or "interpolate")
    expression = translator.visit(arguments[0])
    made = []
    for elements in translator.model.subscripts.parts(part.subscripts):
        own = substituted(expression, dict(zip(part.subscripts, elements, strict=True)))
        left = (*translator.place.left[: len(translator.place.left) - len(elements)], *elements)
        made.append(Equation(filler.value(own), None, left, translator.place.exceptions))
    return made


class _Filler:
    def __init__(self, translator: EquationTranslator, number: float, way: str) -> None:
        self.translator, self.model = translator, translator.model
        self.number, self.way = number, way

    def value(self, node: Expression) -> Expression:
        """Return an expression for the value at any time, for one element of the left-hand side."""
        series = [p for n in walk(node) if isinstance(n, Reference) for p in self.series(n)]
        if not series:
            raise ModelError(message("read.vensim.x_if_missing_takes_expression"))
        if len(series) == 1:
            return node  # according to the manual, a single series is not changed
        times = sorted({t for points in series for t in points})
        if not times:
            return Number(NA)
        copies = {name: self.copy(name, times) for name in references(node)}

        def at(time: Expression) -> Expression:
            def there(inner: Expression) -> Expression | None:
                if isinstance(inner, Reference) and copies[inner.name]:
                    return Lookup(replace(inner, name=copies[inner.name]), time)
                return None

            return mapped(node, there)

        stamps = tuple(times)
        before = Lookup(Table(stamps, stamps, "hold_backward"), _TIME)
        after = Lookup(Table(stamps, stamps, "look_forward"), _TIME)
        if self.way == "hold_backward":
            return at(before)
        if self.way == "look_forward":
            return at(after)
        if self.way == "raw":
            ones = Lookup(Table(stamps, tuple(1.0 for _ in stamps), "raw"), _TIME)
            return Call("if", (Binary("=", ones, Number(1.0)), at(_TIME), Number(NA)))
        share = Call("zidz", (Binary("-", _TIME, before), Binary("-", after, before)))
        change = Binary("-", at(after), at(before))
        return Binary("+", at(before), Binary("*", share, change))

    def series(self, node: Reference) -> list[Points]:
        """Return the points of each series to which a reference refers. The result is empty for a constant."""
        found = self.model.variable(node.name) if self.model.knows(node.name) else None
        if found is None or found.kind not in ("data", "constant"):
            raise ModelError(message("read.vensim.x_if_missing_takes_data", node=node.name))
        if found.kind == "constant":
            return []
        wanted = product(*(self.elements(s) for s in node.subscripts))
        own = self.points(found)
        return [own.get(elements, {}) for elements in wanted]

    def elements(self, subscript: str) -> tuple[str, ...]:
        return self.model.subscripts.elements(subscript.removesuffix("!"))

    def points(self, variable: Variable) -> dict[tuple[str, ...], Points]:
        """Return the points of a data variable without missing values, keyed by element."""
        found: dict[tuple[str, ...], Points] = {}
        for equation in variable.equations:
            table = equation.expression
            table = table.table if isinstance(table, Lookup) else table  # type: ignore[assignment]
            pairs = zip(table.x, table.y, strict=True) if isinstance(table, Table) else ()
            kept = {x: y for x, y in pairs if y != NA}
            for elements in product(*(self.elements(s) for s in equation.subscripts)):
                found[elements] = kept
        return found

    def copy(self, name: str, times: list[float]) -> str:
        """Return the name of a new hidden lookup with the points of a data variable.

        The lookup has a point at each of `times`. Where the variable has no point, the value is the default. For a
        constant, the result is empty.
        """
        source: Variable = self.model.variable(name)
        if source.kind != "data":
            return ""
        hidden = canonical(
            f"⟨{name} filled {self.model.number()} for {self.translator.place.owner}⟩"
        )
        equations = tuple(
            Equation(
                Table(tuple(times), tuple(points.get(t, self.number) for t in times)),
                None,
                elements,
            )
            for elements, points in self.points(source).items()
        )
        self.model.add(replace(source, name=hidden, kind="lookup", equations=equations))
        return hidden
