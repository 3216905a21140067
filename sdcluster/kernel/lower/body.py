"""Append equations to the statements of one kernel function.

`sdcluster.kernel.lower.lowering` creates a `Body` for each kernel function and appends the equations.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from sdcluster.kernel import ir
from sdcluster.kernel.lower.chains import Chain
from sdcluster.kernel.lower.expressions import Expressions
from sdcluster.kernel.lower.nodes import compared, element, plus, sum_of, times
from sdcluster.model.resolver import Loop, Part


class Body(Expressions):
    """The statements of one kernel function, to which equations can be appended."""

    def part(
        self,
        part: Part,
        vector: str | None = None,
        base: int = 0,
        override: tuple[int, str] | None = None,
    ) -> None:
        """Append the equation of a part, which defines all or some elements of a variable.

        Parameters
        ----------
        part : Part
        vector, base : str and int
            Vector and first index to write to, instead of the variable's own address.
        override : (int, str), optional
            The first item is the index in `p` of the first of the values that replace the result unless they are NaN.
            The second item is the name of a local variable to which the value of a scalar is also assigned, or an empty
            text.
        """
        self.owner = part.name
        if not part.axes:
            self._element(part, vector, base, override)
            return
        ranges = self.layout.resolver.elements_of(part)
        self.running = {name: (index, ranges[name]) for name, index in part.bound}
        self._part(part, list(part.loops), ranges, vector, base, override)
        self.running = {}

    def chain(self, chain: Chain) -> None:
        """Append one loop for equations that must be evaluated alternately, element by element."""
        turn = self.fresh("i")
        with self.each(turn, range(chain.rounds)):
            for part, name, places in chain.turns:
                self.owner = part.name
                ranges = self.layout.resolver.elements_of(part)
                place = turn
                if (places.start, places.step) != (0, 1):
                    place = self.fresh("i")
                    self.set(place, plus(places.start, times(turn, places.step)))
                self.running = {n: (index, ranges[n]) for n, index in part.bound}
                self.running[name] = (place, ranges[name])
                inner = [loop for loop in part.loops if loop.name != name]
                self._part(part, inner, ranges, None, 0, None)
        self.running = {}

    def _part(
        self,
        part: Part,
        loops: list[Loop],
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
        self._element(part, vector, base, override)

    def _element(
        self, part: Part, vector: str | None, base: int, override: tuple[int, str] | None
    ) -> None:
        """Append the equation for the current element of the enclosing loops."""
        shape = self.layout.resolver.shapes[part.name]
        terms: list[ir.Expression] = []
        offset = 0
        for axis, stride in zip(part.axes, shape.strides, strict=True):
            if isinstance(axis, int):
                offset += axis * stride
            else:
                term, constant = self.moved(self.running[axis.name][0], axis.positions, stride)
                terms += term
                offset += constant
        meant: AbstractContextManager[None] = nullcontext()
        if part.excluded:
            mask = self.layout.index(tuple(int(i not in part.excluded) for i in range(shape.size)))
            meant = self.when(compared(element(f"I{mask}", sum_of(terms, offset)), "!=", 0))
        with meant:
            target = (
                self.target(part.name, terms, offset)
                if vector is None
                else element(vector, sum_of(terms, base + offset))
            )
            self.set(target, self.value(part.expression))
            if override is not None:
                first_place, second = override
                slot = element("p", sum_of(terms, first_place + offset))
                with self.when(ir.Compare("==", slot, slot)):
                    self.set(target, slot)
                if second:
                    self.set(second, target)
