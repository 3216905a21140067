"""Printed calls of functions that take whole rows of arrays as they lie in the vectors.

Crosses the border: `ArrayCalls`, a base of `sdcluster.compile.expressions.Expressions`. A row is given to a function
of the prelude as vector, first place, stride and, once, its length.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from sdcluster.compile.rows import row_of
from sdcluster.compile.statements import Statements, sum_of
from sdcluster.model.expression import Expression, Number, Reference


class Row(NamedTuple):
    """Where the elements of a row lie."""

    vector: str
    first: str
    stride: int
    length: int

    def __str__(self) -> str:
        return f"{self.vector}, {self.first}, {self.stride}"


class ArrayCalls(Statements):
    """One method for each function of rows, named like it."""

    def value(self, node: Expression, depth: int = 0, binding: int = 0) -> str:
        """Return `node` as an expression."""
        raise NotImplementedError

    def of_rows(self, function: str, arguments: tuple[Expression, ...]) -> str:
        """Return a call of a function of rows."""
        made: str = getattr(self, "call_" + function.replace(" ", "_"))(*arguments)
        return made

    def row(self, node: Expression, what: str, behind: int = 0) -> Row:
        """Return a row: over the ``dimension!`` of a reference, or from an element on along the last axis.

        Parameters
        ----------
        node : Expression
        what : str
            The function, for messages.
        behind : int
            How many axes lie behind that of the row: 1 for profiles.
        """
        if not isinstance(node, Reference) or node.name not in self.layout.vectors:
            raise self.layout.resolver.error(
                f"{what} needs an array by its name; give an expression a variable of its own",
                self.owner,
            )
        resolver = self.layout.resolver
        shape = resolver.shapes[node.name]
        vector, base = self.layout.vectors[node.name]
        found = row_of(resolver, node, self.owner, what, behind)
        if found is None:
            return Row(vector, str(base), 1, shape.size)
        places = found.positions
        step = places[1] - places[0] if len(places) > 1 else 1
        if any(b - a != step for a, b in pairwise(places)):
            raise resolver.error(f"{what} needs elements at equal distances", self.owner)
        terms, offset = self.flat(Reference(node.name, found.subscripts))
        stride = shape.strides[found.axis]
        return Row(vector, sum_of(terms, base + offset), step * stride, len(places))

    def call_rank(
        self, array: Expression, rank: Expression, second: Expression | None = None
    ) -> str:
        """Return RANK(array, rank, secondary array): a place from 1."""
        row = self.row(array, "RANK")
        other = row if second is None else self.row(second, "RANK")
        if other.length != row.length:
            other = row  # Stella: an array of another size does not sort
        return f"rank_place({row}, {row.length}, {self.value(rank)}, {other})"

    def call_lookupxy(self, xs: Expression, ys: Expression, x: Expression) -> str:
        """Return LOOKUPXY(x values, y values, x)."""
        across, up = self.row(xs, "LOOKUPXY"), self.row(ys, "LOOKUPXY")
        return f"lookup_rows({self.value(x)}, {across}, {up}, {min(across.length, up.length)})"

    def call_interpolate(self, array: Expression, x: Expression) -> str:
        """Return INTERPOLATE(array, x): between the elements, with x from 0 to 1."""
        row = self.row(array, "INTERPOLATE")
        place = f"unit_place({self.value(x)}, {row.length})"
        last = f"{row.length - 1}.0"
        return f"vector_lookup({row}, {row.length}, {place}, 0.0, {last}, 0.0)"

    def call_vector_lookup(
        self,
        array: Expression,
        x: Expression,
        low: Expression,
        high: Expression,
        mode: Expression,
    ) -> str:
        """Return Vensim's VECTOR LOOKUP."""
        row = self.row(array, "VECTOR LOOKUP")
        rest = ", ".join(self.value(a) for a in (x, low, high, mode))
        return f"vector_lookup({row}, {row.length}, {rest})"

    def call_marketp(
        self,
        requests: Expression,
        priorities: Expression,
        size: Expression,
        width: Expression,
        supply: Expression,
    ) -> str:
        """Return Vensim's MARKETP."""
        asked, ranked = self.row(requests, "MARKETP"), self.row(priorities, "MARKETP")
        length = min(asked.length, ranked.length)
        if isinstance(size, Number):
            length = min(length, max(int(size.value), 1))
        rest = f"{self.value(width)}, {self.value(supply)}"
        return f"market_priority({asked}, {ranked}, {length}, {rest})"

    def call_find_market_price(
        self, demand: Expression, demands: Expression, supply: Expression, supplies: Expression
    ) -> str:
        """Return Vensim's FIND MARKET PRICE."""
        sides = []
        for quantity, profile in ((demand, demands), (supply, supplies)):
            amounts = self.row(quantity, "FIND MARKET PRICE")
            curves = self.row(profile, "FIND MARKET PRICE", behind=1)
            assert isinstance(profile, Reference)
            self.layout.resolver.profile_columns(profile, self.owner)
            sides.append(f"{amounts}, {curves}, {min(amounts.length, curves.length)}")
        return f"market_price({', '.join(sides)})"

    def call_by_schedule(
        self,
        stream: Expression,
        schedule: Expression,
        start: Expression,
        life: Expression,
        switch: Expression,
        course: Expression,
    ) -> str:
        """Return Vensim's DEPRECIATE BY SCHEDULE; one initial number stands for the first period."""
        row = self.row(schedule, "DEPRECIATE BY SCHEDULE")
        assert isinstance(start, Reference)
        if self.layout.resolver.shapes[start.name].dimensions:
            given = self.row(start, "DEPRECIATE BY SCHEDULE")
            before = f"{given}, {given.length}"
        else:
            vector, place = self.layout.vectors[start.name]
            before = f"{vector}, {place}, 1, 1"
        texts = [self.value(a) for a in (stream, life, switch, course)]
        return f"by_schedule({texts[0]}, t, {', '.join(texts[1:])}, {row}, {row.length}, {before})"
