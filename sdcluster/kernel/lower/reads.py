"""Find the elements of other variables that each element of an equation reads.

Exports `readings(resolver, part, names)`, which returns a `Reading` for each reference of a part to one of the names. A
sum over a subrange reads only the elements of this subrange, as do all functions over arrays. An index that is known
only during a run counts as a reference to every element along its axis.

Positions are computed with numpy for all elements at once. An array of positions has one axis for each loop of the
part. Further axes are for ranges of the reference itself: a subscript such as ``region!`` in ``SUM(x[region!])``, a
row, or an index that is known only during a run. An axis along which the position does not change has length 1.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sdcluster.kernel.lower.rows import ROW_FUNCTIONS, rows_of
from sdcluster.model.expression import (
    Binary,
    Call,
    ElementIndex,
    Expression,
    Number,
    Reference,
    Unary,
    children,
)
from sdcluster.model.resolver import Part, Resolver

_NOWHERE = -1  # a position outside the array

_OPERATORS: dict[str, Callable[..., Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "floor": np.floor,
    "integer": np.trunc,
    "abs": np.abs,
    "min": np.minimum,
    "max": np.maximum,
    "modulo": np.fmod,
    "remainder": np.mod,
}


@dataclass(frozen=True)
class Reading:
    """The elements of one variable that each element of an equation reads.

    Parameters
    ----------
    name : str
        The variable that is read.
    groups : numpy.ndarray of shape (elements,)
        For each element of the part, row-major over its loops, the row of `positions` that this element reads.
        Elements that read the same positions share a row, which saves memory in sums.
    positions : numpy.ndarray of shape (groups, read)
        Flat positions in the variable; -1 for a position outside the array.
    """

    name: str
    groups: np.ndarray
    positions: np.ndarray


def readings(
    resolver: Resolver, part: Part, names: Collection[str], later: Collection[str] = ()
) -> list[Reading]:
    """Return the elements of the named variables that an equation reads.

    Parameters
    ----------
    resolver : Resolver
    part : Part
    names : collection of str
        Variables to look for. References to other variables are ignored.
    later : collection of str
        Functions whose first argument acts only at a later time. References in this argument are ignored.
    """
    reader = _Reader(resolver, part)
    found = (
        r for node in _references(part.expression, later) if (r := reader.reading(node, names))
    )
    return list(found)


@dataclass
class _Use:
    """A reference, and the indices, offset or row that the enclosing function applies to it."""

    reference: Reference
    indices: Mapping[int, Expression] = field(default_factory=dict)
    offset: Expression | None = None
    row: int | None = None


def _references(expression: Expression, later: Collection[str]) -> Iterator[_Use]:
    pending = [expression]
    while pending:
        node = pending.pop()
        below: Sequence[Expression] = children(node)
        match node:
            case Reference():
                yield _Use(node)
            case Call("element", (Reference() as array, *indices)):
                pairs = zip(indices[::2], indices[1::2], strict=True)
                yield _Use(array, {int(a.value): e for a, e in pairs if isinstance(a, Number)})
                below = indices[1::2]
            case Call("vector elm map", (Reference() as start, offset)):
                yield _Use(start, offset=offset)
                below = (offset,)
            case Call(function, arguments) if function in ROW_FUNCTIONS:
                behind = ROW_FUNCTIONS[function]
                rows = [i for i in behind if i < len(arguments) and _is_array(arguments[i])]
                yield from (_Use(arguments[i], row=behind[i]) for i in rows)  # type: ignore[arg-type]
                below = [a for i, a in enumerate(arguments) if i not in rows]
            case Call(function) if function in later:
                below = below[1:]
        pending += below


def _is_array(node: Expression) -> bool:
    return isinstance(node, Reference) and bool(node.subscripts)


class _Reader:
    """Finds the array positions to which the references in one equation point."""

    def __init__(self, resolver: Resolver, part: Part) -> None:
        self.resolver, self.part = resolver, part
        self.elements = resolver.elements_of(part)
        self.bound = dict(part.bound)
        self.loops = part.loops
        self.lengths = [len(loop.places) for loop in self.loops]
        self.axis_of = {loop.name: k for k, loop in enumerate(self.loops)}
        self.free: dict[str, np.ndarray] = {}

    def reading(self, use: _Use, names: Collection[str]) -> Reading | None:
        node = use.reference
        if node.name not in names:
            return None
        self.free = {}
        flat = self.flat(use)
        count = len(self.loops)
        # Each range of the reference itself has an axis after those of the loops.
        shape = [1] * count + [len(v) for v in self.free.values()]
        flat = np.broadcast_to(flat, np.broadcast_shapes(flat.shape, tuple(shape)))
        along = flat.shape[:count]
        groups = np.arange(int(np.prod(along))).reshape(along)
        positions = np.ascontiguousarray(flat).reshape(groups.size, -1)
        return Reading(node.name, np.broadcast_to(groups, self.lengths).reshape(-1), positions)

    def flat(self, use: _Use) -> np.ndarray:
        """Return the flat positions of the elements that a reference names."""
        node, resolver = use.reference, self.resolver
        shape = resolver.shapes[node.name]
        subscripts = list(resolver.subscripts_of(node, self.part.name))
        axes: dict[int, np.ndarray] = {}
        if use.row is not None:
            for axis, positions, _ in rows_of(resolver, node, self.part.name, behind=use.row):
                axes[axis] = self.over(f"⟨row {axis}⟩", np.array(positions))
            if use.row:
                last = shape.dimensions[-1].elements
                columns = resolver.profile_columns(node, self.part.name)
                places = np.array([last.index(c) for c in columns])
                axes[len(subscripts) - 1] = self.over("⟨columns⟩", places)
        for axis, index in use.indices.items():
            place = self.number(index)
            if place is None:
                everywhere = np.arange(len(shape.dimensions[axis].elements))
                axes[axis] = self.over(f"⟨index {axis}⟩", everywhere)
            else:
                first = self.position(subscripts[axis], axis, node)
                axes[axis] = self.joined(np.add, first, np.floor(place).astype(int) - 1)
        flat, outside = np.zeros((1,) * len(self.loops), dtype=int), np.False_
        for axis, (dimension, stride) in enumerate(
            zip(shape.dimensions, shape.strides, strict=True)
        ):
            found = axes.get(axis)
            if found is None:
                found = self.position(subscripts[axis], axis, node)
            outside = self.joined(
                np.logical_or, outside, (found < 0) | (found >= len(dimension.elements))
            )
            flat = self.joined(np.add, flat, found * stride)
        if use.offset is not None:
            offset = self.number(use.offset)
            if offset is None:
                self.free = {}
                return self.over("⟨all⟩", np.arange(shape.size))
            flat = self.joined(np.add, flat, np.floor(offset + 0.5).astype(int))
            outside = (flat < 0) | (flat >= shape.size)
        return np.asarray(self.joined(lambda f, o: np.where(o, _NOWHERE, f), flat, outside))

    def joined(self, join: Callable[..., Any], *arrays: Any) -> Any:
        """Apply a numpy function to arrays, after appending axes of length 1 to those with fewer axes."""
        rank = max(np.ndim(a) for a in arrays)
        return join(*(np.reshape(a, np.shape(a) + (1,) * (rank - np.ndim(a))) for a in arrays))

    def over(self, name: str, values: np.ndarray) -> np.ndarray:
        """Return values as an array along the axis of the range `name`. The first use of a name adds an axis."""
        self.free.setdefault(name, values)
        at = list(self.free).index(name)
        return values.reshape((1,) * (len(self.loops) + at) + (-1,))

    def position(self, subscript: str, axis: int, node: Reference) -> np.ndarray:
        """Return the position of a subscript on an axis of the referenced variable, for all elements."""
        dimension = self.resolver.shapes[node.name].dimensions[axis]
        running = self.running(subscript)
        found = self.resolver.positions(subscript, dimension, running, self.part.name)
        if isinstance(found, int):
            return np.array(found).reshape((1,) * len(self.loops))
        return np.array(found[1])[self.places(found[0])]

    def running(self, subscript: str) -> Mapping[str, tuple[str, ...]]:
        """Return the elements of the ranges to which a subscript may refer: those of the loops, and of ``region!``."""
        if not subscript.endswith("!"):
            return self.elements
        elements = self.resolver.dimension(subscript[:-1], self.part.name).elements
        return {**self.elements, subscript: elements}

    def places(self, name: str) -> np.ndarray:
        """Return the positions in a range, along the axis of the loop over this range."""
        if name in self.axis_of:
            k = self.axis_of[name]
            places = np.array(self.loops[k].places, dtype=int)
            return places.reshape([-1 if i == k else 1 for i in range(len(self.loops))])
        if name in self.bound:
            return np.array(self.bound[name]).reshape((1,) * len(self.loops))
        elements = self.resolver.dimension(name.rstrip("!"), self.part.name).elements
        return self.over(name, np.arange(len(elements)))

    # ---- indices

    def number(self, node: Expression) -> Any:
        """Return the value of an index for all elements, or None if it is known only during a run."""
        match node:
            case Number(value):
                return np.full((1,) * len(self.loops), value)
            case ElementIndex(name):
                return self.element_index(name)
            case Unary("-", operand):
                inner = self.number(operand)
                return None if inner is None else -inner
            case Binary(operator, left, right) if operator in _OPERATORS:
                return self.combined(_OPERATORS[operator], (left, right))
            case Call(function, arguments) if function in _FUNCTIONS:
                return self.combined(_FUNCTIONS[function], arguments)
        return None

    def combined(self, join: Callable[..., Any], nodes: Sequence[Expression]) -> Any:
        values = [self.number(node) for node in nodes]
        if any(v is None for v in values):
            return None
        with np.errstate(all="ignore"):
            value = self.joined(join, *values)
        return value if np.isfinite(value).all() else None

    def element_index(self, name: str) -> Any:
        """Return the position of a subscript in its range, counted from 1."""
        if name in self.elements or name.endswith("!"):
            return self.places(name) + 1.0
        for dimension in self.resolver.dimensions.values():
            if name in dimension.elements:
                return self.number(Number(dimension.elements.index(name) + 1.0))
        whole = self.resolver.dimension(name, self.part.name)
        found = self.resolver.positions(name, whole, self.elements, self.part.name)
        if isinstance(found, int):
            return self.number(Number(found + 1.0))
        return np.array(found[1])[self.places(found[0])] + 1.0
