"""Which elements of an array a function of rows takes: those over ``dimension!``, or from an element on.

Crosses the border: `row_of(resolver, reference, …)` gives a `RowAxis`. The printer finds the places of the row in the
vectors with it, and `sdcluster.compile.reads` the elements that the function reads.
"""

from __future__ import annotations

from typing import NamedTuple

from sdcluster.compile.parts import Resolver
from sdcluster.model.expression import Reference

# Functions that take whole rows: for each argument that is a row, how many axes lie behind that of the row.
ROW_FUNCTIONS: dict[str, dict[int, int]] = {
    "rank": {0: 0, 2: 0},
    "lookupxy": {0: 0, 1: 0},
    "interpolate": {0: 0},
    "vector lookup": {0: 0},
    "find market price": {0: 0, 1: 1, 2: 0, 3: 1},
    "marketp": {0: 0, 1: 0},
    "by schedule": {1: 0, 2: 0},
}


class RowAxis(NamedTuple):
    """The axis that a row lies along, the positions on it, and the subscripts with the axis at its first position."""

    axis: int
    positions: tuple[int, ...]
    subscripts: tuple[str, ...]


def row_of(
    resolver: Resolver, node: Reference, owner: str, what: str = "", behind: int = 0
) -> RowAxis | None:
    """Return the row that a reference stands for; None where it is the whole array.

    Parameters
    ----------
    resolver : Resolver
    node : Reference
    owner : str
        The variable whose equation it is, for messages.
    what : str
        The function, for messages.
    behind : int
        How many axes lie behind that of the row: 1 for profiles.

    Raises
    ------
    ModelError
        If the reference has no axis for the row, or several.
    """
    shape = resolver.shapes[node.name]
    subscripts = list(resolver.subscripts_of(node, owner))
    banged = [i for i, s in enumerate(subscripts) if s.endswith("!")]
    if banged and len(banged) == len(subscripts) > 1:
        return None
    axis = banged[0] if banged else len(subscripts) - 1 - behind
    if axis < 0 or len(banged) > 1:
        raise resolver.error(f"{what} needs a row of an array, over one dimension", owner)
    dimension = shape.dimensions[axis]
    name = subscripts[axis].rstrip("!")
    if name in dimension.elements:
        positions = tuple(range(dimension.elements.index(name), len(dimension.elements)))
    else:
        positions = tuple(
            dimension.elements.index(e) for e in resolver.dimension(name, owner).elements
        )
    subscripts[axis] = dimension.elements[positions[0]]
    return RowAxis(axis, positions, tuple(subscripts))
