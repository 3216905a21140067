"""Units of evaluation: an element of an equation, a row of a block, or an element of a device.

Exports `units(resolver, item)`, which returns the `Units` of a part, block or action. `Units` return what each unit
writes and reads, and can create parts, blocks or actions that evaluate only some units. Units are numbered over the
loops of a part (row-major), over the rows of a block, or over the elements of a device. Elements excluded from a part
are numbered too, but write nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import TypeAlias

import numpy as np

from sdcluster.kernel.lower.components import Block
from sdcluster.kernel.lower.devices import Action
from sdcluster.kernel.lower.reads import Reading, readings
from sdcluster.model.resolver import Loop, Part, Resolver

Item: TypeAlias = Part | Block | Action


def units(resolver: Resolver, item: Item) -> Units:
    """Return the units into which the evaluation of a part, block or action can be split."""
    if isinstance(item, Part):
        return PartUnits(resolver, item)
    return BlockUnits(resolver, item) if isinstance(item, Block) else ActionUnits(resolver, item)


@dataclass(frozen=True)
class Units:
    """Units of evaluation of a part, block or action; see the module docstring."""

    resolver: Resolver
    item: Item

    def written(self) -> np.ndarray:
        """Return the flat positions that each unit writes, shape (units, positions); -1 for no position."""
        raise NotImplementedError

    def reads(self, sizes: Mapping[str, int]) -> list[Reading]:
        """Return the elements that each unit reads. `sizes` has the number of elements of each variable to look for."""
        raise NotImplementedError

    def only(self, chosen: Sequence[int]) -> list[Item]:
        """Return parts, blocks or actions that evaluate the chosen units in the given order."""
        raise NotImplementedError


class PartUnits(Units):
    """Units of a part: the elements of its equation."""

    item: Part

    def _places(self) -> tuple[range, ...]:
        return tuple(loop.places for loop in self.item.loops)

    def written(self) -> np.ndarray:
        """Return the flat position of each element, shape (units, 1); -1 for excluded elements."""
        part, shape = self.item, self.resolver.shapes[self.item.name]
        flat = np.zeros(1, dtype=int)
        for axis, stride in zip(part.axes, shape.strides, strict=True):
            along = [axis] if isinstance(axis, int) else [axis.positions[i] for i in axis.places]
            flat = (flat[:, None] + np.array(along, dtype=int) * stride).reshape(-1)
        if part.excluded:
            flat[np.isin(flat, list(part.excluded))] = -1
        return flat[:, None]

    def reads(self, sizes: Mapping[str, int]) -> list[Reading]:
        """Return the elements that each element of the equation reads."""
        return readings(self.resolver, self.item, sizes)

    def only(self, chosen: Sequence[int]) -> list[Item]:
        """Return parts whose loops evaluate the chosen elements in the given order."""
        places = self._places()
        if len(chosen) == prod(map(len, places)) and list(chosen) == list(range(len(chosen))):
            return [self.item]
        if (
            self.item.excluded
            and list(chosen) == np.flatnonzero(self.written()[:, 0] >= 0).tolist()
        ):
            return [self.item]
        if not places:
            return [self.item]
        index = np.unravel_index(np.array(chosen, dtype=int), [len(p) for p in places])
        box = whole_box(index)
        if box is not None:
            return [self._within(box, places)]
        steps = np.stack(index, axis=1).tolist()
        return [self._within(box, places) for box in boxes([tuple(s) for s in steps])]

    def _within(self, box: tuple[range, ...], places: tuple[range, ...]) -> Part:
        """Return the part restricted to a range of each of its loops. A range of one index becomes a fixed index."""
        part = self.item
        runs = iter([_of(whole, chosen) for whole, chosen in zip(places, box, strict=True)])
        axes: list[Loop | int] = []
        bound = list(part.bound)
        for axis in part.axes:
            if isinstance(axis, int):
                axes.append(axis)
                continue
            run = next(runs)
            if len(run) == 1:
                axes.append(axis.positions[run[0]])
                bound.append((axis.name, run[0]))
            else:
                axes.append(replace(axis, run=run))
        return Part(
            part.name, tuple(axes), part.expression, bound=tuple(bound), whole=part.whole or part
        )


class BlockUnits(Units):
    """Units of a block: the rows, or the matrices, on which its function works."""

    item: Block

    def _positions(self) -> np.ndarray:
        block = self.item
        first = block.first * block.width
        return first + np.arange(block.rows * block.width).reshape(block.rows, block.width)

    def written(self) -> np.ndarray:
        """Return the flat positions of the elements of each row, shape (units, positions)."""
        return self._positions()

    def reads(self, sizes: Mapping[str, int]) -> list[Reading]:
        """Return, for each row of the result, the same row of each input."""
        rows, positions = np.arange(self.item.rows), self._positions()
        return [Reading(name, rows, positions) for name in self.item.inputs if name in sizes]

    def only(self, chosen: Sequence[int]) -> list[Item]:
        """Return blocks that evaluate the chosen rows, one block for each run of adjacent rows."""
        first = self.item.first
        return [
            replace(self.item, first=first + run[0], rows=len(run)) for run in _runs(chosen, {1})
        ]


class ActionUnits(Units):
    """Units of an action: the elements of its device or question. A shift has a single unit."""

    item: Action

    def _count(self) -> int:
        return self.resolver.shapes[self.item.owner].size

    def _places(self) -> range:
        return range(self._count()) if self.item.run is None else self.item.run

    def written(self) -> np.ndarray:
        """Return the element that each unit writes. The single unit of a shift writes all elements."""
        places = np.array(self._places())
        return places[None, :] if self.item.step == "shift" else places[:, None]

    def reads(self, sizes: Mapping[str, int]) -> list[Reading]:
        """Return, for each unit, the same element of the needed variables, or all elements if the sizes differ."""
        places, count = np.array(self._places()), self._count()
        whole = self.item.step == "shift"
        units = 1 if whole else len(places)
        apart, together = np.arange(units), np.zeros(units, dtype=int)
        found = []
        for name in self.item.needs:
            if name not in sizes:
                continue
            # The variable that asks may have other dimensions than the queue.
            other = whole or (self.item.step == "ask" and name not in self.resolver.shapes)
            if sizes[name] == count and not other:
                found.append(Reading(name, apart, places[:, None]))
            else:
                found.append(Reading(name, together, np.arange(sizes[name])[None, :]))
        return found

    def only(self, chosen: Sequence[int]) -> list[Item]:
        """Return actions that evaluate the chosen elements, one action for each run of adjacent elements."""
        if self.item.step == "shift":
            return [self.item]
        places = self._places()
        return [replace(self.item, run=_of(places, run)) for run in _runs(chosen, {1, -1})]


def _of(whole: range, chosen: range) -> range:
    """Return the members of a range at the given positions, as a range."""
    first, step = whole[chosen[0]], whole.step * chosen.step
    return range(first, first + step * len(chosen), step)


def _runs(numbers: Sequence[int], steps: Collection[int] | None = None) -> list[range]:
    """Split a sequence of integers into ranges. A range with a step other than 1 or -1 has at least three members."""
    found: list[range] = []
    at = 0
    while at < len(numbers):
        end = at + 1
        step = numbers[end] - numbers[at] if end < len(numbers) else 1
        while end < len(numbers) and numbers[end] - numbers[end - 1] == step:
            end += 1
        allowed = step in steps if steps is not None else step != 0
        if not allowed or (abs(step) != 1 and end - at < 3):
            end, step = at + 1, 1
        found.append(range(numbers[at], numbers[at] + step * (end - at), step))
        at = end
    return found


def whole_box(index: Sequence[np.ndarray]) -> tuple[range, ...] | None:
    """Return the ranges of nested loops that visit a sequence of points in order, or None if no loops do so.

    Parameters
    ----------
    index : sequence of numpy.ndarray
        For each loop, outermost first, its index at each point of the sequence.
    """
    orders = []
    for along in index:
        values, first = np.unique(along, return_index=True)
        orders.append(values[np.argsort(first)])
    if prod(map(len, orders)) != len(index[0]):
        return None
    ranges = [_runs(order.tolist()) for order in orders]
    grid = np.meshgrid(*orders, indexing="ij")
    alike = all(np.array_equal(g.reshape(-1), along) for g, along in zip(grid, index, strict=True))
    if not alike or any(len(found) > 1 for found in ranges):
        return None
    return tuple(found[0] for found in ranges)


def boxes(index: Sequence[tuple[int, ...]]) -> list[tuple[range, ...]]:
    """Split a sequence of points into boxes: ranges of nested loops that together visit the points in order.

    Parameters
    ----------
    index : sequence of tuple of int
        The points, at least one. A point has an index for each loop, the outermost loop first.
    """
    if len(index[0]) == 1:
        return [(run,) for run in _runs([i[0] for i in index])]
    # Consecutive points with equal inner boxes become one outer loop.
    inner: list[tuple[int, tuple[range, ...]]] = []
    at = 0
    while at < len(index):
        end = at
        while end < len(index) and index[end][0] == index[at][0]:
            end += 1
        inner += [(index[at][0], box) for box in boxes([i[1:] for i in index[at:end]])]
        at = end
    found: list[tuple[range, ...]] = []
    at = 0
    while at < len(inner):
        end = at
        while end < len(inner) and inner[end][1] == inner[at][1]:
            end += 1
        found += [(run, *inner[at][1]) for run in _runs([outer for outer, _ in inner[at:end]])]
        at = end
    return found
