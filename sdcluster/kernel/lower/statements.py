"""Printed statements: lines at an indentation, loops over ranges, places in the vectors.

Crosses the border: `Statements`, the base of `sdcluster.kernel.lower.expressions`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sdcluster.kernel.layout import LENGTH, Layout
from sdcluster.model.expression import Reference


class Statements:
    """Lines of one printed function, and the ranges that run around the present one."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.lines: list[str] = []
        self.indent = ""
        self.counter = 0
        # Ranges that run or stand still: loop variable or fixed index, and the elements.
        self.running: dict[str, tuple[str | int, tuple[str, ...]]] = {}
        self.owner = ""

    def function(self, signature: str) -> str:
        """Return the whole function."""
        return "\n".join(
            [f"@jit\ndef {signature}:", *(f"    {line}" for line in self.lines or ["pass"])]
        )

    def add(self, line: str) -> None:
        """Append a statement at the present indentation."""
        self.lines.append(self.indent + line)

    def fresh(self, letter: str = "w") -> str:
        """Return an unused local name."""
        self.counter += 1
        return f"{letter}{self.counter}"

    @contextmanager
    def loop(self, name: str, elements: tuple[str, ...], places: range) -> Iterator[str]:
        """Print a loop in which the subscript range `name` runs over some places."""
        variable = self.fresh("i")
        self.add(f"for {variable} in {bounds(places)}:")
        before, outer = self.running.get(name), self.indent
        self.running[name] = (variable, elements)
        self.indent += "    "
        yield variable
        self.indent = outer
        if before is None:
            del self.running[name]
        else:
            self.running[name] = before

    def target(self, name: str, terms: list[str], offset: int) -> str:
        """Return where a value of `name` is written."""
        if name in self.layout.locals:
            return self.layout.locals[name]
        vector, base = self.layout.vectors[name]
        return f"{vector}[{sum_of(terms, base + offset)}]"

    def moved(
        self, running: str | int, positions: tuple[int, ...], stride: int
    ) -> tuple[list[str], int]:
        """Return the terms and the constant of an index that a range moves along an axis."""
        if isinstance(running, int):
            return [], positions[running] * stride
        first = positions[0]
        if all(p == first + i for i, p in enumerate(positions)):
            return [running if stride == 1 else f"{running} * {stride}"], first * stride
        table = f"I{self.layout.index(positions)}[{running}]"
        return [table if stride == 1 else f"{table} * {stride}"], 0

    def flat(self, node: Reference) -> tuple[list[str], int]:
        """Return the flat index of a reference: terms and constant."""
        resolver = self.layout.resolver
        shape = resolver.shapes[node.name]
        elements = {name: e for name, (_, e) in self.running.items()}
        terms: list[str] = []
        offset = 0
        subscripts = resolver.subscripts_of(node, self.owner)
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

    # ---- courses of values

    def course(self, node: Reference) -> str:
        """Return the arguments that give the course of a value so far: `p`, place of its length, first place."""
        count, cell = self.layout.records[node.name]
        terms, offset = self.flat(node)
        first = f"{self.layout.end} + ({sum_of(terms, cell + offset)}) * int(p[{LENGTH}])"
        return f"p, {sum_of(terms, count + offset)}, {first}"

    def record(self, name: str, entering: str, size: int) -> None:
        """Print what puts the values of a step at the end of their courses."""
        count, cell = self.layout.records[name]
        buffer = f"int(p[{LENGTH}])"
        if entering in self.layout.locals:
            value = self.layout.locals[entering]
            self.add(f"record_step(p, {count}, {self.layout.end} + {cell} * {buffer}, {value})")
            return
        vector, base = self.layout.vectors[entering]
        first = f"{self.layout.end} + ({cell} + i) * {buffer}"
        self.add(f"for i in range({size}):")
        self.add(f"    record_step(p, {count} + i, {first}, {vector}[{base} + i])")


def bounds(places: range) -> str:
    """Return the text of a range of whole numbers."""
    if places.step != 1:
        return f"range({places.start}, {places.stop}, {places.step})"
    return f"range({places.start}, {places.stop})" if places.start else f"range({places.stop})"


def sum_of(terms: list[str], constant: int) -> str:
    """Return the text of an index: terms and a constant."""
    if not terms:
        return str(constant)
    text = " + ".join(terms)
    return f"{text} + {constant}" if constant else text
