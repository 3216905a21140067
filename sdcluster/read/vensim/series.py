"""Calls that read lookup variables and data variables as series: at other times, their first and last time.

Crosses the border: the part `SeriesCalls` of the translator of equations.
"""

# ruff: noqa: D102 - the methods are named after the functions that they translate
from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

from sdcluster.errors import ModelError
from sdcluster.model.expression import (
    Binary,
    Call,
    Expression,
    Interpolation,
    Lookup,
    Number,
    Reference,
    Table,
)
from sdcluster.model.missing import NA
from sdcluster.model.names import canonical
from sdcluster.model.points import variant
from sdcluster.read.translate import subscripts_of
from sdcluster.read.vensim.macros import MacroUse
from sdcluster.read.vensim.pysd_parser import ae

MAX_ALIASES = 100


class SeriesCalls(MacroUse):
    """The translator's part for series; `EquationTranslator` describes the attributes."""

    def resolved(self, name: str, subscripts: tuple[str, ...]) -> Expression | None:
        """Return what a name stands for."""
        raise NotImplementedError

    def lookup_named(self, ast: Any) -> Reference | None:
        """Return the reference to a lookup variable, or None if `ast` names none."""
        if not isinstance(ast, ae.ReferenceStructure):
            return None
        found = self.resolved(canonical(ast.reference), subscripts_of(ast))
        return (
            found if isinstance(found, Reference) and found.name in self.context.lookups else None
        )

    def data_named(self, ast: Any) -> Reference | None:
        """Return the reference to a data variable, or None."""
        if not isinstance(ast, ae.ReferenceStructure):
            return None
        found = self.resolved(canonical(ast.reference), subscripts_of(ast))
        for _ in range(MAX_ALIASES):
            if not isinstance(found, Reference) or found.name in self.context.data:
                break
            found = replace(found, name=self.context.aliases.get(found.name, ""))
        return found if isinstance(found, Reference) and found.name in self.context.data else None

    def call_get_data_at_time(self, *arguments: Any) -> Expression:
        if len(arguments) != 2:
            raise ModelError("GET DATA AT TIME takes 2 arguments")
        return self.asked(arguments, None)

    def call_get_data_between_times(self, *arguments: Any) -> Expression:
        if len(arguments) != 3:
            raise ModelError("GET DATA BETWEEN TIMES takes a data variable, a time, and -1, 0 or 1")
        mode = arguments[2]
        kinds: tuple[Interpolation, ...] = ("hold_backward", "interpolate", "look_forward")
        if isinstance(mode, float):
            return self.asked(arguments[:2], kinds[1 + (mode >= 1) - (mode <= -1)])
        backward, between, forward = (self.asked(arguments[:2], kind) for kind in kinds)
        late, early = (
            Binary(operator, self.visit(mode), Number(limit))  # type: ignore[arg-type]
            for operator, limit in ((">=", 1.0), ("<=", -1.0))
        )
        return Call("if", (late, forward, Call("if", (early, backward, between))))

    def resampled(self, ast: Any, interpolation: str) -> Expression | None:
        """Return a data variable's points read in another way, for ``y :RAW: := x``; None if `ast` is none."""
        data = self.data_named(ast)
        if data is None or interpolation not in get_args(Interpolation):
            return None
        return Lookup(self.as_lookup(data, interpolation), Call("time", ()))

    def call_get_data_first_time(self, *arguments: Any) -> Expression:
        return self.end_of_data(arguments, 0)

    def call_get_data_last_time(self, *arguments: Any) -> Expression:
        return self.end_of_data(arguments, -1)

    def end_of_data(self, arguments: Any, place: int) -> Expression:
        """Return the first or last time of a data variable's points, by a hidden constant."""
        data = self.data_named(arguments[0]) if len(arguments) == 1 else None
        if data is None:
            said = f"; {self.no_points(arguments[0])}" if len(arguments) == 1 else ""
            raise ModelError(
                f"GET DATA FIRST TIME and LAST TIME take 1 argument, a data variable{said}"
            )
        points = self.context.variable(self.as_lookup(data, None).name)
        name = canonical(f"⟨{'last' if place else 'first'} time of {data.name}⟩")
        equations = tuple(
            replace(e, expression=Number(e.expression.x[place]))
            for e in points.equations
            if isinstance(e.expression, Table)
        )
        self.context.add(replace(points, name=name, kind="constant", equations=equations))
        return replace(data, name=name)

    def variant(self, arguments: Any, interpolation: str | None) -> Expression:
        """Return a lookup of a lookup variable's or data variable's points, interpolated in another way."""
        table = self.lookup_named(arguments[0]) or self.data_named(arguments[0])
        if table is None:
            raise ModelError(f"{self.no_points(arguments[0])}; give it a lookup or a data variable")
        return Lookup(self.as_lookup(table, interpolation), self.visit(arguments[1]))

    def asked(self, arguments: tuple[Any, ...], interpolation: str | None) -> Expression:
        """Return what a series says at a time: `NA` outside its points (Vensim, "GET DATA BETWEEN TIMES")."""
        return Call("data at", (self.variant(arguments, interpolation),))

    def no_points(self, ast: Any) -> str:
        """Return why a function of points cannot take an argument."""
        if not isinstance(ast, ae.ReferenceStructure):
            return "a function of points stands before a calculation"
        name = canonical(ast.reference)
        if self.resolved(name, subscripts_of(ast)) is None:
            return f'no equation defines "{name}"'
        return f'"{name}" is computed by an equation, so it has no points'

    def as_lookup(self, reference: Reference, change: str | None) -> Reference:
        """Return a reference to a hidden lookup with the points of a lookup or data variable."""
        name = canonical(f"⟨{change or 'points'} of {reference.name}⟩")
        if not self.context.knows(name):
            source = self.context.variable(reference.name)
            equations = tuple(
                replace(e, expression=variant(table, change))
                for e in source.equations
                if (table := _points(e.expression)) is not None
            )
            if len(equations) != len(source.equations):
                raise ModelError(
                    f'"{source.name}" has an equation besides its points; functions of points need a lookup, or a data '
                    "variable whose values all come from a file"
                )
            self.context.add(replace(source, name=name, kind="lookup", equations=equations))
        return replace(reference, name=name)


def _points(expression: Expression) -> Table | None:
    """Return the points of a lookup or of data; where no file holds any, they are missing throughout."""
    if expression == Number(NA):
        return Table((0.0,), (NA,))
    table = expression.table if isinstance(expression, Lookup) else expression
    return table if isinstance(table, Table) else None
