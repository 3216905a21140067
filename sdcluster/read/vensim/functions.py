"""Functions of Vensim that take a lookup or data variable and work on its points, or need its abstract syntax.

Crosses the border: `PointCalls`, a part of the translator of equations. A method ``call_name`` translates the function
NAME from the abstract syntax of its arguments.
"""

# ruff: noqa: D102 - the methods are named after the functions that they translate
from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from sdcluster.errors import ModelError
from sdcluster.functions.table import FUNCTIONS, names
from sdcluster.model.expression import Binary, Call, Expression, Lookup, Number, Reference
from sdcluster.read.vensim.queues import QueueCalls

_OF_POINTS = {
    name.lower(): row for row in FUNCTIONS.values() if row.points for name in names(row, "Vensim")
}


class PointCalls(QueueCalls):
    """Calls with a `Lookup` as their first argument, whose points the function works on."""

    def call_table(self, *arguments: Any) -> Expression:
        if len(arguments) != 2:
            raise ModelError("TABLE takes 2 arguments: a lookup variable and its input")
        return self.variant(arguments, None)

    def points_call(self, name: str) -> Callable[..., Expression] | None:
        """Return what translates a function of points of which the table says all; None for another name."""
        row = _OF_POINTS.get(name)
        if row is None:
            return None
        return lambda *arguments: self.of_series(row.name, name.upper(), arguments, row.arity[1])

    def call_lookup_slope(self, *arguments: Any) -> Expression:
        if len(arguments) == 2:
            arguments = (*arguments, 0.0)
        return self.of_series("lookup slope", "LOOKUP SLOPE", arguments, 2)

    def call_random_lookup(self, *arguments: Any) -> Expression:
        """``RANDOM LOOKUP(lookup, least, greatest, shift, stretch, seed)``."""
        table = self.series_named(arguments[0]) if arguments else None
        if table is None or len(arguments) not in (5, 6):
            raise ModelError(
                "RANDOM LOOKUP takes a lookup variable, least, greatest, shift, stretch and perhaps a seed"
            )
        curve = Lookup(self.as_lookup(table, None), Number(0.0))
        return Call("random lookup", (curve, *map(self.visit, arguments[1:])))

    def of_series(
        self, function: str, shown: str, arguments: tuple[Any, ...], numbers: int
    ) -> Expression:
        """Return a function of a lookup or data variable's points and some numbers."""
        table = self.series_named(arguments[0]) if arguments else None
        if table is None or len(arguments) != numbers + 1:
            raise ModelError(
                f"{shown} takes a lookup or data variable and {numbers} {'number' if numbers == 1 else 'numbers'}"
            )
        first, *rest = map(self.visit, arguments[1:])
        return Call(function, (Lookup(self.as_lookup(table, None), first), *rest))

    def series_named(self, ast: Any) -> Reference | None:
        """Return the reference to a lookup or data variable, or None."""
        return self.lookup_named(ast) or self.data_named(ast)

    def statistic(self, shown: str, arguments: tuple[Any, ...], code: float) -> Expression:
        """Return a number that describes the points of a series, all or those between two times."""
        if len(arguments) == 1:
            arguments = (*arguments, -math.inf, math.inf)
        if len(arguments) != 3:
            raise ModelError(f"{shown} takes a data variable and perhaps two times")
        return self.of_series("data statistic", shown, (*arguments, code), 3)

    def call_get_data_mean(self, *arguments: Any) -> Expression:
        return self.statistic("GET DATA MEAN", arguments, 0.0)

    def call_get_data_min(self, *arguments: Any) -> Expression:
        return self.statistic("GET DATA MIN", arguments, 1.0)

    def call_get_data_max(self, *arguments: Any) -> Expression:
        return self.statistic("GET DATA MAX", arguments, 2.0)

    def call_get_data_stdv(self, *arguments: Any) -> Expression:
        return self.statistic("GET DATA STDV", arguments, 3.0)

    def call_get_data_total_points(self, *arguments: Any) -> Expression:
        return self.statistic("GET DATA TOTAL POINTS", arguments, 4.0)

    # ---- series made of series

    def call_time_shift(self, *arguments: Any) -> Expression:
        """``TIME SHIFT(data, shift)``: what the data say so much later."""
        table = self.series_named(arguments[0]) if arguments else None
        if table is None or len(arguments) != 2:
            raise ModelError("TIME SHIFT takes a data variable and a number")
        time = Binary("+", Call("time", ()), self.visit(arguments[1]))
        return Lookup(self.as_lookup(table, None), time)

    def call_time_base(self, *arguments: Any) -> Expression:
        """``TIME BASE(origin, slope)``: Time on another scale."""
        if len(arguments) != 2:
            raise ModelError("TIME BASE takes 2 numbers, an origin and a slope")
        origin, slope = map(self.visit, arguments)
        return Binary("+", origin, Binary("*", slope, Call("time", ())))

    def call_cumulate(self, *arguments: Any) -> Expression:
        return self.cumulated("CUMULATE", arguments)

    def call_cumulatef(self, *arguments: Any) -> Expression:
        return self.cumulated("CUMULATEF", arguments)

    def cumulated(self, shown: str, arguments: tuple[Any, ...]) -> Expression:
        """Return the sum of a series' points so far, or of all of them (CUMULATEF)."""
        table = self.series_named(arguments[0]) if len(arguments) == 1 else None
        if table is None:
            raise ModelError(f"{shown} takes 1 argument, a data variable")
        return Lookup(self.as_lookup(table, shown.lower()), Call("time", ()))

    def call_simultaneous(self, *arguments: Any) -> Expression:
        """``SIMULTANEOUS(x, first guess)``: x itself; a circle that it stands in is told as any other."""
        if len(arguments) != 2:
            raise ModelError("SIMULTANEOUS takes 2 arguments, an expression and a first guess")
        return self.visit(arguments[0])
