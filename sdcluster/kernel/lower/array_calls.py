"""Calls of functions that take whole rows of arrays in place.

Crosses the border: `ArrayCalls`, a base of `kernel.lower.expressions.Expressions`. A row is given to a function
of the prelude as vector, first place, stride and, once, its length.
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
    """Location of the elements of a row."""

    vector: str
    first: ir.Expression
    stride: int
    length: int

    @property
    def where(self) -> Values:
        """Return the arguments that locate the elements."""
        return ir.Name(self.vector), self.first, ir.Number(self.stride)


class ArrayCalls(Statements):
    """One method for each function of rows, named after the function."""

    def value(self, node: Expression, depth: int = 0) -> ir.Expression:
        """Return the value of an equation's expression."""
        raise NotImplementedError

    def arguments(self, node: Expression, depth: int = 0) -> Values:
        """Return the arguments for an expression: three for a recorded history."""
        if isinstance(node, Reference) and node.name in self.layout.records:
            return self.course(node)
        return (self.value(node, depth),)

    def of_rows(self, function: str, arguments: tuple[Expression, ...]) -> ir.Expression:
        """Return a call of a function of rows."""
        made: ir.Expression = getattr(self, "call_" + function.replace(" ", "_"))(*arguments)
        return made

    def row(self, node: Expression, what: str, behind: int = 0) -> Row:
        """Return the row over the ``dimension!`` of a reference, or from an element onwards along the last axis.

        Parameters
        ----------
        node : Expression
        what : str
            The function, for messages.
        behind : int
            Number of axes after the axis of the row: 1 for profiles.
        """
        axes = self.axes(node, what, behind)
        for outer, inner in pairwise(axes):
            if outer.stride != inner.stride * inner.length:
                raise self.layout.resolver.error(
                    message("kernel.lower.needs_row_array_over", what=what), self.owner
                )
        return axes[-1]._replace(length=prod(axis.length for axis in axes))

    def axes(self, node: Expression, what: str, behind: int = 0) -> list[Row]:
        """Return a row for each ``dimension!`` of a reference; without any, see `row`. All begin at the same place."""
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
        """Return RANK(array, rank, secondary array): a position counted from 1."""
        row = self.row(array, "RANK")
        other = row if second is None else self.row(second, "RANK")
        if other.length != row.length:
            other = row  # Stella: an array of another size does not sort
        return call("rank_place", *row.where, row.length, self.value(rank), *other.where)

    def call_lookupxy(self, xs: Expression, ys: Expression, x: Expression) -> ir.Expression:
        """Return LOOKUPXY(x values, y values, x)."""
        across, up = self.row(xs, "LOOKUPXY"), self.row(ys, "LOOKUPXY")
        length = min(across.length, up.length)
        return call("lookup_rows", self.value(x), *across.where, *up.where, length)

    def call_interpolate(self, array: Expression, *at: Expression) -> ir.Expression:
        """Return INTERPOLATE(array, x, y, …), with a coordinate from 0 to 1 for each dimension."""
        axes = self.axes(array, "INTERPOLATE")
        if len(at) != len(axes):
            count = f"{len(axes)} dimension{'s' * (len(axes) > 1)}"
            raise self.layout.resolver.error(
                message(
                    "kernel.lower.interpolate_runs_over_array",
                    count=count,
                    count_2=len(at),
                    count_3="s" * (len(at) > 1),
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
        """Return the value between the corners of a cell: share of the way and distance in the vector, by axis."""
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
        """Return Vensim's VECTOR LOOKUP."""
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
        """Return Vensim's MARKETP."""
        asked, ranked = self.row(requests, "MARKETP"), self.row(priorities, "MARKETP")
        length = min(asked.length, ranked.length)
        if isinstance(size, Number):
            length = min(length, max(int(size.value), 1))
        rest = (self.value(width), self.value(supply))
        return call("market_priority", *asked.where, *ranked.where, length, *rest)

    def call_find_market_price(
        self, demand: Expression, demands: Expression, supply: Expression, supplies: Expression
    ) -> ir.Expression:
        """Return Vensim's FIND MARKET PRICE."""
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
        """Return Vensim's SHIFT IF TRUE, which shifts the elements of a stock in place."""
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
        """Return Vensim's DEPRECIATE BY SCHEDULE; one initial number stands for the first period."""
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
