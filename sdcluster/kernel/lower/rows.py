"""Find the elements of an array that a function takes as a row.

In ``SUM(x[region!])``, the row runs over all elements of the subscript range ``region``. If no subscript has an
exclamation mark, the row begins at the given element and continues to the end of the last axis.

Exports `rows_of(resolver, reference, …)`, which returns a `RowAxis` for each dimension over which the function runs.
`kernel.lower.array_calls` uses the axes to locate rows in the vectors, and `kernel.lower.reads` to find the elements
that the function reads.
"""

from __future__ import annotations

from typing import NamedTuple

from sdcluster.functions.table import FUNCTIONS
from sdcluster.messages import message
from sdcluster.model.expression import Reference
from sdcluster.model.resolver import Resolver

# Functions that take whole rows: for each argument that is a row, the number of axes after that of the row.
ROW_FUNCTIONS = {
    row.name: dict(row.row_arguments) for row in FUNCTIONS.values() if row.row_arguments
}


class RowAxis(NamedTuple):
    """An axis along which a row runs, the positions on this axis, and the subscripts of the row's first element."""

    axis: int
    positions: tuple[int, ...]
    subscripts: tuple[str, ...]


def rows_of(
    resolver: Resolver, node: Reference, owner: str, what: str = "", behind: int = 0
) -> list[RowAxis]:
    """Return the axes over which a reference runs: those with a subscript such as ``region!``, else the last axis.

    On the last axis, the row begins at the element that the reference names.

    Parameters
    ----------
    resolver : Resolver
    node : Reference
    owner : str
        The variable whose equation contains the reference, for messages.
    what : str
        Name of the function, for messages.
    behind : int
        Number of axes after that of the row: 1 for priority profiles, otherwise 0.

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
