"""Join equations that must be evaluated alternately, element by element, into one loop.

For example, ``x[t]`` reads ``y[t - 1]``, and ``y[t]`` reads ``x[t]``. The equations must be evaluated in the order
``x[1]``, ``y[1]``, ``x[2]``, ``y[2]`` and so on, not in a loop over ``x`` and then a loop over ``y``.

Exports `chained(items)`, which replaces such sequences by a `Chain`. `kernel.lower.body` makes a loop from each chain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from sdcluster.kernel.lower.units import Item
from sdcluster.model.resolver import Loop, Part

_FEWEST = 3  # minimum number of rounds for a loop


class Turn(NamedTuple):
    """One equation of a `Chain`.

    Round i evaluates it at ``places[i]`` of its range `name`, for all elements of its other ranges.
    """

    part: Part
    name: str
    places: range


@dataclass(frozen=True)
class Chain:
    """Equations evaluated in rounds: all equations at their first positions, then all at their second, and so on."""

    turns: tuple[Turn, ...]
    rounds: int


class _Move(NamedTuple):
    """The step between two parts of an equation: an axis, the first part's position on the axis, and the distance."""

    axis: int
    place: int
    step: int


def chained(items: Sequence[Item]) -> list[Item | Chain]:
    """Return the items, in which a chain replaces each sequence that repeats at least three times."""
    again: list[int] = [0] * len(items)
    seen: dict[int, int] = {}
    for k in range(len(items) - 1, -1, -1):
        item = items[k]
        if isinstance(item, Part) and item.whole is not None:
            again[k] = seen.get(id(item.whole), 0)
            seen[id(item.whole)] = k
    found: list[Item | Chain] = []
    k = 0
    while k < len(items):
        chain = _chain_at(items, k, again[k] - k)
        found.append(chain or items[k])
        k += chain.rounds * len(chain.turns) if chain else 1
    return found


def _chain_at(items: Sequence[Item], k: int, period: int) -> Chain | None:
    """Return the chain that begins at item `k` and repeats every `period` items, or None if there is no chain."""
    if period < 1:
        return None
    moves: list[_Move] = []
    for i in range(k, k + period):
        move = _move(items[i], items[i + period]) if i + period < len(items) else None
        if move is None:
            return None
        moves.append(move)
    end = k + 2 * period
    while end < len(items):
        before = moves[(end - k) % period]
        move = _move(items[end - period], items[end])
        if move is None or (move.axis, move.step) != (before.axis, before.step):
            break
        end += 1
    rounds = (end - k) // period
    if rounds < _FEWEST:
        return None
    turns = (_turn(items[k + i], move, rounds) for i, move in enumerate(moves))
    return Chain(tuple(turns), rounds)


def _move(first: Item, second: Item) -> _Move | None:
    """Return the step between two parts of one equation if they differ along a single axis, and None otherwise."""
    if not (isinstance(first, Part) and isinstance(second, Part)):
        return None
    whole = first.whole
    if whole is None or whole is not second.whole:
        return None
    moved = [
        i for i, (a, b) in enumerate(zip(first.axes, second.axes, strict=True)) if not _alike(a, b)
    ]
    if len(moved) != 1:
        return None
    axis = moved[0]
    loop = whole.axes[axis]
    if (
        not isinstance(loop, Loop)
        or isinstance(first.axes[axis], Loop)
        or isinstance(second.axes[axis], Loop)
    ):
        return None
    places = [dict(part.bound)[loop.name] for part in (first, second)]
    return _Move(axis, places[0], places[1] - places[0])


def _alike(a: Loop | int, b: Loop | int) -> bool:
    if isinstance(a, Loop) and isinstance(b, Loop):
        return a.name == b.name and a.places == b.places
    return a == b


def _turn(item: Item, move: _Move, rounds: int) -> Turn:
    assert isinstance(item, Part)
    assert item.whole is not None
    loop = item.whole.axes[move.axis]
    assert isinstance(loop, Loop)
    places = range(move.place, move.place + move.step * rounds, move.step)
    axes = list(item.axes)
    axes[move.axis] = replace(loop, run=places)
    bound = tuple(b for b in item.bound if b[0] != loop.name)
    return Turn(replace(item, axes=tuple(axes), bound=bound), loop.name, places)
