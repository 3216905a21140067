"""Indices of arrays that are more than a name: ranges, positions of the left side, dimensions place by place.

Crosses the border: `Indices`, the base of `sdcluster.read.xmile.arrays`, and `Scope`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from sdcluster.errors import ModelError, did_you_mean
from sdcluster.model import Dimension, Remark
from sdcluster.model.expression import Binary, ElementIndex, Expression, Number
from sdcluster.model.names import canonical
from sdcluster.read.xmile.nodes import Nodes


@dataclass(frozen=True)
class Scope:
    """Where a reference stands.

    Parameters
    ----------
    names : mapping of str to str
        For every name that the equation may use, the variable of the flat model.
    left : mapping of str to str
        For each dimension of the variable that is defined, the subscript on the equation's left side.
    around : {"", "sum", "array"}
        Whether the nearest call around it runs over dimensions, or takes whole arrays.
    owner : str
        The variable that is defined, which Stella calls SELF.
    """

    names: Mapping[str, str]
    left: Mapping[str, str]
    around: str = ""
    owner: str = ""


class Indices(Nodes):
    """Makes ranges and places plain.

    Attributes
    ----------
    dimensions : dict of str to Dimension
        Parts of dimensions that equations use as ranges are added.
    notes : list of str
        Liberties taken in the equation at hand.
    """

    dimensions: dict[str, Dimension]
    notes: list[str]

    def places(self, element: etree._Element, axes: tuple[str, ...]) -> tuple[str, ...]:
        """Return the subscripts of an ``<element>``."""
        places = tuple(canonical(s) for s in element.get("subscript", "").split(","))
        if len(places) != len(axes):
            raise ModelError(
                f'<element subscript="{element.get("subscript", "")}"> needs {len(axes)} subscripts'
            )
        numbered = [
            self.dimensions[a].elements[int(p) - 1]
            if p.isdecimal()
            and p not in self.dimensions[a].elements
            and 1 <= int(p) <= len(self.dimensions[a].elements)
            else p
            for p, a in zip(places, axes, strict=True)
        ]
        places = tuple(numbered)
        for place, axis in zip(places, axes, strict=True):
            if place not in self.dimensions[axis].elements and place not in self.dimensions:
                hint = did_you_mean(place, self.dimensions[axis].elements)
                raise ModelError(f'"{place}" is no element of the dimension "{axis}"{hint}')
        return places

    def at_position(self, number: int, dimension: Dimension, scope: Scope) -> str:
        """Return the subscript of the left side's dimension with a number (XMILE 1.0, section 3.7.1, the sign @)."""
        if not 1 <= number <= len(scope.left):
            raise ModelError(
                f"@{number} asks for dimension {number} of the variable that is defined, which has {len(scope.left)}"
            )
        axis, left = list(scope.left.items())[number - 1]
        if left in dimension.elements:
            return left
        own = self.dimensions[axis].elements
        running = self.dimensions[left].elements if left in self.dimensions else (left,)
        if set(running) <= set(dimension.elements):
            return left
        if len(own) != len(dimension.elements):
            raise ModelError(
                f'@{number} stands for "{axis}" with {len(own)} elements, but "{dimension.name}" has '
                f"{len(dimension.elements)}"
            )
        part = tuple(dimension.elements[own.index(e)] for e in running)
        if left not in self.dimensions:
            return part[0]
        return self.part_of(dimension, part, f"for {left}", ((left, running),))

    def by_place(self, name: str, scope: Scope) -> str | None:
        """Return the subscript for a dimension that the left side does not have, place by place, if one fits.

        Converters drop what Vensim's dimensions are mapped to; between two of one length nothing else can be meant.
        """
        elements = self.dimensions[name].elements
        fitting = {
            axis: left
            for axis, left in scope.left.items()
            if len(self.dimensions[axis].elements) == len(elements)
        }
        related = [d for d in self.dimensions.values() if d.name in (name, *scope.left)]
        if (
            len(fitting) != 1
            or any(d.mappings for d in related)
            or any(set(elements) & set(self.dimensions[axis].elements) for axis in scope.left)
        ):
            return None
        ((axis, left),) = fitting.items()
        own = self.dimensions[axis].elements
        self.notes.append(
            f'the dimension "{name}" stands for "{axis}" on the left side, place by place; nothing says so in the file'
        )
        if left in own:
            return elements[own.index(left)]
        running = self.dimensions[left].elements
        part = tuple(elements[own.index(e)] for e in running)
        return self.part_of(self.dimensions[name], part, f"for {left}", ((left, running),))

    def span(
        self, written: tuple[Any, Any], dimension: Dimension, scope: Scope
    ) -> str | Expression:
        """Return the subscript for a range of an index."""
        first, last = written
        if first is None:
            if last in self.dimensions:
                return f"{last}!"
            raise ModelError(f'"{last}" behind *: is no dimension')
        ends = [self.end(e, dimension) for e in (first, last)]
        part = dimension.elements[min(ends) : max(ends) + 1]
        if scope.around:
            return self.part_of(dimension, part, f"{ends[0] + 1}:{ends[1] + 1}", ()) + "!"
        if len(part) == 1:
            return part[0]
        for axis, subscript in scope.left.items():
            own = self.dimensions.get(subscript)
            if own is not None and len(own.elements) == len(part):
                label = f"{ends[0] + 1}:{ends[1] + 1} for {axis}"
                return self.part_of(dimension, part, label, ((own.name, own.elements),))
        if len(scope.left) == 1:
            ((axis, subscript),) = scope.left.items()
            room = len(self.dimensions[axis].elements)
            if room < len(part):
                return self.cut_off(min(ends), room, axis, subscript, scope)
        raise ModelError(
            f"a range of {len(part)} elements stands where one is expected; sum it, or give the variable a dimension "
            f"of {len(part)} elements"
        )

    def cut_off(self, first: int, room: int, axis: str, subscript: str, scope: Scope) -> Expression:
        """Return the index of a range that is longer than the left side's dimension (XMILE 1.0, section 3.7.1)."""
        sentence = f'a range stands for "{axis}", which has only {room} elements; what is behind them is cut off'
        self.remarks.append(Remark(sentence, None, scope.owner, mended=True))
        own = self.dimensions[axis].elements
        place = Number(own.index(subscript) + 1.0) if subscript in own else ElementIndex(subscript)
        return Binary("+", place, Number(float(first)))

    def is_fixed(self, end: Any, dimension: Dimension) -> bool:
        """Whether one end of a range is an element or a number."""
        return isinstance(end, Number) or (
            isinstance(end, str) and (end in dimension.elements or end.isdigit())
        )

    def end(self, written: Any, dimension: Dimension) -> int:
        """Return the place of one end of a range."""
        if isinstance(written, Number):
            written = f"{written.value:g}"
        if isinstance(written, str) and written in dimension.elements:
            return dimension.elements.index(written)
        if isinstance(written, str) and written.isdigit() and written.isascii():
            if 1 <= int(written) <= len(dimension.elements):
                return int(written) - 1
            raise ModelError(
                f'the range ends at {written}, but "{dimension.name}" has {len(dimension.elements)} elements'
            )
        raise ModelError("a range of an index needs elements or numbers as its ends")

    def part_of(
        self,
        dimension: Dimension,
        part: tuple[str, ...],
        label: str,
        mappings: tuple[tuple[str, tuple[str, ...]], ...],
    ) -> str:
        """Add a part of a dimension, and return its name."""
        name = f"⟨{dimension.name} {label}⟩"
        self.dimensions.setdefault(name, Dimension(name, part, mappings))
        return name


def numbered(value: float, dimension: Dimension) -> str:
    """Return the element of a dimension with a number from 1 on."""
    if value != int(value) or not 1 <= value <= len(dimension.elements):
        raise ModelError(
            f'the index {value:g} is out of range: "{dimension.name}" has {len(dimension.elements)} elements'
        )
    return dimension.elements[int(value) - 1]
