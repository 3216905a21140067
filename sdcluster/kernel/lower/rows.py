"""The elements of an array that a function of rows takes: those over ``dimension!``, or from an element on.

Crosses the border: `rows_of(resolver, reference, …)` gives a `RowAxis` for each dimension that the function runs over.
Lowering finds the places of the rows in the vectors with them, and `kernel.lower.reads` the elements that the
function reads.
"""

from __future__ import annotations

from typing import NamedTuple

from sdcluster.functions.table import FUNCTIONS
from sdcluster.messages import message
from sdcluster.model.expression import Reference
from sdcluster.model.resolver import Resolver

# Functions that take whole rows: for each argument that is a row, how many axes lie behind that of the row.
ROW_FUNCTIONS = {
    row.name: dict(row.row_arguments) for row in FUNCTIONS.values() if row.row_arguments
}


class RowAxis(NamedTuple):
    """An axis that rows lie along, the positions on it, and the subscripts with all such axes at the first one."""

    axis: int
    positions: tuple[int, ...]
    subscripts: tuple[str, ...]


def rows_of(
    resolver: Resolver, node: Reference, owner: str, what: str = "", behind: int = 0
) -> list[RowAxis]:
    """Return the axes that a reference runs over; without a ``dimension!`` the last one, from the element on.

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
        If the reference has no axis for the row.
    """
    shape = resolver.shapes[node.name]
    subscripts = list(resolver.subscripts_of(node, owner))
    running = [i for i, s in enumerate(subscripts) if s.endswith("!")]
    found: list[tuple[int, tuple[int, ...]]] = []
    for axis in running or [len(subscripts) - 1 - behind]:
        if axis < 0:
            raise resolver.error(message("kernel.lower.needs_row_array_over", what=what), owner)
        dimension = shape.dimensions[axis]
        name = subscripts[axis].rstrip("!")
        if name in dimension.elements:
            positions = tuple(range(dimension.elements.index(name), len(dimension.elements)))
        else:
            elements = resolver.dimension(name, owner).elements
            positions = tuple(dimension.elements.index(e) for e in elements)
        subscripts[axis] = dimension.elements[positions[0]]
        found.append((axis, positions))
    return [RowAxis(axis, positions, tuple(subscripts)) for axis, positions in found]
