"""Build the statements of one function: blocks, loops over subscript ranges, indices into the vectors.

Exports `Statements`, the base class of `sdcluster.kernel.lower.expressions.Expressions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Self

from sdcluster.kernel import ir
from sdcluster.kernel.layout import LENGTH, Layout
from sdcluster.kernel.lower.nodes import Operand, call, element, node, plus, sum_of, times
from sdcluster.model.expression import Reference

Values = tuple[ir.Expression, ...]


class Statements:
    """The statements of one function, and the ranges of the enclosing loops."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.block: list[ir.Statement] = []
        self.counter = 0
        # For each subscript range: its loop variable or its fixed index, and its elements.
        self.running: dict[str, tuple[str | int, tuple[str, ...]]] = {}
        self.owner = ""

    def function(self, name: str, *parameters: str) -> ir.Function:
        """Return a function that consists of the statements appended so far."""
        return ir.Function(name, parameters, tuple(self.block))

    def copy(self) -> Self:
        """Return a copy of these statements, to which further statements can be appended."""
        other = type(self)(self.layout)
        other.block, other.counter = list(self.block), self.counter
        return other

    def set(self, target: ir.Expression | str, value: Operand) -> None:
        """Append an assignment to a local variable or to an element of a vector."""
        match target:
            case str(name) | ir.Name(name):
                self.block.append(ir.Assign(name, node(value)))
            case ir.Element(vector, at):
                self.block.append(ir.Store(vector, at, node(value)))
            case _:
                raise TypeError(f"{target} cannot be assigned to")

    def do(self, function: str, *arguments: Operand) -> None:
        """Append a call of a function for its effect on its vector arguments."""
        self.block.append(ir.Do(call(function, *arguments)))

    def fresh(self, letter: str = "w") -> str:
        """Return an unused local name."""
        self.counter += 1
        return f"{letter}{self.counter}"

    def keep(self, value: Operand) -> ir.Name:
        """Assign a value to a new local variable, and return its name."""
        name = self.fresh()
        self.set(name, value)
        return ir.Name(name)

    # ---- blocks

    @contextmanager
    def inside(self, made: Callable[[ir.Block], ir.Statement]) -> Iterator[None]:
        """Collect the statements that are appended in a ``with`` block, and append ``made(statements)`` at its end."""
        outer, self.block = self.block, []
        yield
        outer.append(made(tuple(self.block)))
        self.block = outer

    @contextmanager
    def when(self, test: ir.Expression) -> Iterator[None]:
        """Put the statements that are appended in a ``with`` block into an ``if`` statement."""
        with self.inside(lambda block: ir.If(test, block, ())):
            yield

    @contextmanager
    def each(self, variable: str, places: range) -> Iterator[None]:
        """Put the statements that are appended in a ``with`` block into a loop over some integers."""
        first, last = ir.Number(places.start), ir.Number(places.stop)
        with self.inside(partial(ir.For, variable, first, last, places.step)):
            yield

    @contextmanager
    def loop(self, name: str, elements: tuple[str, ...], places: range) -> Iterator[None]:
        """Put the statements that are appended in a ``with`` block into a loop over the range `name`.

        The loop visits only the positions `places` of the subscript range.
        """
        variable = self.fresh("i")
        before = dict(self.running)
        self.running[name] = (variable, elements)
        with self.each(variable, places):
            yield
        self.running = before

    # ---- locations and indices

    def target(self, name: str, terms: list[ir.Expression], offset: int) -> ir.Name | ir.Element:
        """Return the local variable or vector element to which a value of `name` is written."""
        if name in self.layout.locals:
            return ir.Name(self.layout.locals[name])
        vector, base = self.layout.vectors[name]
        return element(vector, sum_of(terms, base + offset))

    def moved(
        self, running: str | int, positions: tuple[int, ...], stride: int
    ) -> tuple[list[ir.Expression], int]:
        """Return what a subscript range adds to a flat index: terms with loop variables, and a constant."""
        if isinstance(running, int):
            return [], positions[running] * stride
        first = positions[0]
        place: ir.Expression = ir.Name(running)
        constant = first * stride
        if any(p != first + i for i, p in enumerate(positions)):
            place, constant = element(f"I{self.layout.index(positions)}", running), 0
        return [place if stride == 1 else times(place, stride)], constant

    def flat(self, reference: Reference) -> tuple[list[ir.Expression], int]:
        """Return the flat index of a reference as terms and a constant, whose sum is the index."""
        resolver = self.layout.resolver
        shape = resolver.shapes[reference.name]
        elements = {name: e for name, (_, e) in self.running.items()}
        terms: list[ir.Expression] = []
        offset = 0
        subscripts = resolver.subscripts_of(reference, self.owner)
        for subscript, dimension, stride in zip(
            subscripts, shape.dimensions, shape.strides, strict=True
        ):
            found = resolver.positions(subscript, dimension, elements, self.owner)
            if isinstance(found, int):
                offset += found * stride
            else:
                more, constant = self.moved(self.running[found[0]][0], found[1], stride)
                terms += more
                offset += constant
        return terms, offset

    # ---- recorded histories

    def course(self, reference: Reference) -> Values:
        """Return the arguments that pass a recorded history: `p`, and the indices of its length and first value."""
        count, cell = self.layout.records[reference.name]
        terms, offset = self.flat(reference)
        first = plus(self.layout.end, times(sum_of(terms, cell + offset), length()))
        return ir.Name("p"), sum_of(terms, count + offset), first

    def record(self, name: str, entering: str, size: int) -> None:
        """Append statements that add the values of a step to their recorded histories."""
        count, cell = self.layout.records[name]
        end = self.layout.end
        if entering in self.layout.locals:
            value = self.layout.locals[entering]
            self.do("record_step", "p", count, plus(end, times(cell, length())), value)
            return
        vector, base = self.layout.vectors[entering]
        first = plus(end, times(plus(cell, "i"), length()))
        with self.each("i", range(size)):
            self.do("record_step", "p", plus(count, "i"), first, element(vector, plus(base, "i")))


def length() -> ir.Expression:
    """Return an expression for the number of cells in each buffer."""
    return call("int", element("p", LENGTH))
