"""Calls of functions that read or change whole rows of arrays. The rows are not copied.

Exports `ArrayCalls`, a base class of `kernel.lower.expressions.Expressions`. A row is passed to a library function as
a vector, a first index and a stride. If a function takes several rows, their common length is passed once.
"""

from __future__ import annotations

from itertools import pairwise
from math import prod
from typing import NamedTuple

from sdcluster.kernel import ir
from sdcluster.kernel.lower.nodes import binary, call, element, node, plus, sum_of, times
from sdcluster.kernel.lower.rows import rows_of
from sdcluster.kernel.lower.statements import Statements, Values
from sdcluster.messages import message
from sdcluster.model.expression import Expression, Number, Reference


class Row(NamedTuple):
    """Location of the elements of a row: a vector, the first index, the stride and the number of elements."""

    vector: str
    first: ir.Expression
    stride: int
    length: int

    @property
    def where(self) -> Values:
        """Arguments that locate the elements: the vector, the first index and the stride."""
        return ir.Name(self.vector), self.first, ir.Number(self.stride)


class ArrayCalls(Statements):
    """Calls of functions that take rows. For each function there is a method of the same name, after ``call_``."""

    def value(self, node: Expression, depth: int = 0) -> ir.Expression:
        """Translate an expression of an equation into the intermediate representation."""
        raise NotImplementedError

    def arguments(self, node: Expression, depth: int = 0) -> Values:
        """Return the arguments that pass an expression to a function: one, or three for a recorded history."""
        if isinstance(node, Reference) and node.name in self.layout.records:
            return self.course(node)
        return (self.value(node, depth),)

    def of_rows(self, function: str, arguments: tuple[Expression, ...]) -> ir.Expression:
        """Return the value of a function that takes whole rows of arrays."""
        made: ir.Expression = getattr(self, "call_" + function.replace(" ", "_"))(*arguments)
        return made

    def row(self, node: Expression, what: str, behind: int = 0) -> Row:
        """Return the elements that a reference passes to a function, as one row.

        A reference runs over its subscripts with an exclamation mark, such as ``region!``. Without such a subscript,
        the row begins at the element that the reference names and continues to the end of the last axis.

        Parameters
        ----------
        node : Expression
        what : str
            Name of the function, for messages.
        behind : int
            Number of axes after the axis of the row: 1 for priority profiles, otherwise 0.
        """
        axes = self.axes(node, what, behind)
        for outer, inner in pairwise(axes):
            if outer.stride != inner.stride * inner.length:
                raise self.layout.resolver.error(
                    message("kernel.lower.needs_row_array_over", what=what), self.owner
                )
        return axes[-1]._replace(length=prod(axis.length for axis in axes))

    def axes(self, node: Expression, what: str, behind: int = 0) -> list[Row]:
        """Return a row for each subscript such as ``region!`` of a reference, all with the same first element."""
        resolver = self.layout.resolver
        if not isinstance(node, Reference) or node.name not in self.layout.vectors:
            raise resolver.error(
                message("kernel.lower.needs_array_name_give", what=what),
                self.owner,
            )
        shape = resolver.shapes[node.name]
        vector, base = self.layout.vectors[node.name]
        found = rows_of(resolver, node, self.owner, what, behind)
        terms, offset = self.flat(Reference(node.name, found[0].subscripts))
        first = sum_of(terms, base + offset)
        rows = []
        for axis, places, _ in found:
            step = places[1] - places[0] if len(places) > 1 else 1
            if any(b - a != step for a, b in pairwise(places)):
                raise resolver.error(
                    message("kernel.lower.needs_elements_equal_distances", what=what), self.owner
                )
            rows.append(Row(vector, first, step * shape.strides[axis], len(places)))
        return rows

    def call_rank(
        self, array: Expression, rank: Expression, second: Expression | None = None
    ) -> ir.Expression:
        """Return the value of RANK(array, rank, secondary array), a position counted from 1."""
        row = self.row(array, "RANK")
        other = row if second is None else self.row(second, "RANK")
        if other.length != row.length:
            other = row  # as in Stella, a secondary array of another size is ignored
        return call("rank_place", *row.where, row.length, self.value(rank), *other.where)

    def call_lookupxy(self, xs: Expression, ys: Expression, x: Expression) -> ir.Expression:
        """Return the value of LOOKUPXY(x values, y values, x), which interpolates between points given as arrays."""
        across, up = self.row(xs, "LOOKUPXY"), self.row(ys, "LOOKUPXY")
        length = min(across.length, up.length)
        return call("lookup_rows", self.value(x), *across.where, *up.where, length)

    def call_interpolate(self, array: Expression, *at: Expression) -> ir.Expression:
        """Return the value of INTERPOLATE(array, x, y, …), with a coordinate from 0 to 1 for each dimension."""
        axes = self.axes(array, "INTERPOLATE")
        if len(at) != len(axes):
            raise self.layout.resolver.error(
                message(
                    "kernel.lower.interpolate_runs_over_array",
                    count=len(axes),
                    count_2=len(at),
                ),
                self.owner,
            )
        first = axes[0].first
        steps: list[tuple[ir.Expression, int]] = []
        for axis, x in zip(axes, at, strict=True):
            place, low = self.fresh(), self.fresh()
            self.set(place, call("unit_place", self.value(x), axis.length))
            self.set(low, call("lower_place", place, axis.length))
            further = min(axis.length - 1, 1) * axis.stride
            steps.append((binary(place, "-", low), further))
            first = plus(first, times(call("int", low), axis.stride))
        return self.between(first, axes[0].vector, steps)

    def between(
        self, first: ir.Expression, vector: str, steps: list[tuple[ir.Expression, int]]
    ) -> ir.Expression:
        """Return the value that linear interpolation along each axis gives inside one cell of a grid.

        Parameters
        ----------
        first : ir.Expression
            Index of the cell's first corner.
        vector : str
        steps : list of (expression, int)
            For each axis, the position between the two corners (0 to 1), and the difference of their indices.
        """
        if not steps:
            return element(vector, first)
        (share, further), *rest = steps
        low = self.between(first, vector, rest)
        high = self.between(plus(first, further), vector, rest)
        return call("between", low, high, share)

    def call_vector_lookup(
        self,
        array: Expression,
        x: Expression,
        low: Expression,
        high: Expression,
        mode: Expression,
    ) -> ir.Expression:
        """Return the value of Vensim's VECTOR LOOKUP, which interpolates in a row of an array."""
        row = self.row(array, "VECTOR LOOKUP")
        rest = (self.value(a) for a in (x, low, high, mode))
        return call("vector_lookup", *row.where, row.length, *rest)

    def call_marketp(
        self,
        requests: Expression,
        priorities: Expression,
        size: Expression,
        width: Expression,
        supply: Expression,
    ) -> ir.Expression:
        """Return the value of Vensim's MARKETP, the cut-off priority at which allocations add up to the supply."""
        asked, ranked = self.row(requests, "MARKETP"), self.row(priorities, "MARKETP")
        length = min(asked.length, ranked.length)
        if isinstance(size, Number):
            length = min(length, max(int(size.value), 1))
        rest = (self.value(width), self.value(supply))
        return call("market_priority", *asked.where, *ranked.where, length, *rest)

    def call_find_market_price(
        self, demand: Expression, demands: Expression, supply: Expression, supplies: Expression
    ) -> ir.Expression:
        """Return the value of Vensim's FIND MARKET PRICE, the price at which supply equals demand."""
        sides: list[ir.Expression] = []
        for quantity, profile in ((demand, demands), (supply, supplies)):
            amounts = self.row(quantity, "FIND MARKET PRICE")
            curves = self.row(profile, "FIND MARKET PRICE", behind=1)
            assert isinstance(profile, Reference)
            self.layout.resolver.profile_columns(profile, self.owner)
            sides += [*amounts.where, *curves.where, node(min(amounts.length, curves.length))]
        return call("market_price", *sides)

    def call_shifted(
        self,
        first: Expression,
        condition: Expression,
        size: Expression,
        gathers: Expression,
        entering: Expression,
    ) -> ir.Expression:
        """Return the value of Vensim's SHIFT IF TRUE, which shifts the elements of a stock by one position."""
        row = self.row(first, "SHIFT IF TRUE")
        rest = (self.value(a) for a in (condition, size, gathers, entering))
        return call("shift_row", *row.where, row.length, *rest)

    def call_by_schedule(
        self,
        stream: Expression,
        schedule: Expression,
        start: Expression,
        life: Expression,
        switch: Expression,
        course: Expression,
    ) -> ir.Expression:
        """Return the value of Vensim's DEPRECIATE BY SCHEDULE. A scalar `start` applies to the first period only."""
        row = self.row(schedule, "DEPRECIATE BY SCHEDULE")
        assert isinstance(start, Reference)
        if self.layout.resolver.shapes[start.name].dimensions:
            given = self.row(start, "DEPRECIATE BY SCHEDULE")
            before = (*given.where, node(given.length))
        else:
            vector, place = self.layout.vectors[start.name]
            before = (node(vector), node(place), node(1), node(1))
        now, *rest = (a for e in (stream, life, switch, course) for a in self.arguments(e))
        return call("by_schedule", now, "t", *rest, *row.where, row.length, *before)
