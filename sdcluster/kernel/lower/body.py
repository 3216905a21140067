"""The statements of one printed function: equations, part by part.

Crosses the border: `Body`, filled by `sdcluster.kernel.lower.printer`.
"""

from __future__ import annotations

from sdcluster.kernel.lower.chains import Chain
from sdcluster.kernel.lower.expressions import Expressions
from sdcluster.kernel.lower.statements import sum_of
from sdcluster.model.expression import Expression
from sdcluster.model.resolver import Part


class Body(Expressions):
    """Statements of one printed function."""

    def part(
        self,
        part: Part,
        vector: str | None = None,
        base: int = 0,
        override: tuple[int, str] | None = None,
    ) -> None:
        """Print one part of a definition.

        Parameters
        ----------
        part : Part
        vector, base : str and int
            Where to write instead of the variable's own place.
        override : (int, str), optional
            First place in `p` of numbers that, where they are not NaN, replace the value; and a
            second target for scalars.
        """
        self.owner = part.name
        ranges = self.layout.resolver.elements_of(part)
        self.running = {name: (index, ranges[name]) for name, index in part.bound}
        self._part(part, list(part.loops), ranges, vector, base, override)
        self.running, self.indent = {}, ""

    def chain(self, chain: Chain) -> None:
        """Print equations that take turns as one loop."""
        turn = self.fresh("i")
        self.add(f"for {turn} in range({chain.rounds}):")
        for part, name, places in chain.turns:
            self.owner, self.indent = part.name, "    "
            ranges = self.layout.resolver.elements_of(part)
            place = turn
            if (places.start, places.step) != (0, 1):
                place = self.fresh("i")
                self.add(f"{place} = {places.start} + {turn} * {places.step}")
            self.running = {n: (index, ranges[n]) for n, index in part.bound}
            self.running[name] = (place, ranges[name])
            inner = [loop for loop in part.loops if loop.name != name]
            self._part(part, inner, ranges, None, 0, None)
        self.running, self.indent = {}, ""

    def _part(
        self,
        part: Part,
        loops: list,  # type: ignore[type-arg]
        ranges: dict[str, tuple[str, ...]],
        vector: str | None,
        base: int,
        override: tuple[int, str] | None,
    ) -> None:
        if loops:
            first, *rest = loops
            with self.loop(first.name, ranges[first.name], first.places):
                self._part(part, rest, ranges, vector, base, override)
            return
        shape = self.layout.resolver.shapes[part.name]
        terms, offset = [], 0
        for axis, stride in zip(part.axes, shape.strides, strict=True):
            if isinstance(axis, int):
                offset += axis * stride
            else:
                term, constant = self.moved(self.running[axis.name][0], axis.positions, stride)
                terms += term
                offset += constant
        outer = self.indent
        if part.excluded:
            mask = self.layout.index(tuple(int(i not in part.excluded) for i in range(shape.size)))
            self.add(f"if I{mask}[{sum_of(terms, offset)}] != 0:")
            self.indent += "    "
        target = (
            self.target(part.name, terms, offset)
            if vector is None
            else f"{vector}[{sum_of(terms, base + offset)}]"
        )
        self.assign(target, part.expression)
        if override is not None:
            first_place, second = override
            slot = f"p[{sum_of(terms, first_place + offset)}]"
            self.add(f"if {slot} == {slot}:")
            self.add(f"    {target} = {slot}")
            if second:
                self.add(f"{second} = {target}")
        self.indent = outer

    def assign(self, target: str, expression: Expression) -> None:
        """Print an assignment."""
        text = self.value(expression)
        self.add(f"{target} = {text}")
