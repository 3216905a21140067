"""The error for a cycle of equations, listed element by element.

`cycle_error(resolver, cells, at_start)` returns the error.
"""

from __future__ import annotations

from collections.abc import Sequence

from sdcluster.errors import ModelError
from sdcluster.messages import joined, message, quoted
from sdcluster.model.elements import written
from sdcluster.model.resolver import Resolver

LONGEST_CYCLE = 12  # names that an error shows


def cycle_error(
    resolver: Resolver, cells: Sequence[tuple[str, int | None]], at_start: bool
) -> ModelError:
    """Return the error for a cycle of equations, with the names of its variables or elements.

    Parameters
    ----------
    resolver : Resolver
    cells : sequence of (str, int or None)
        Each variable of the cycle, with the flat position of an element (None for the whole variable). Each variable
        reads the next, and the last reads the first.
    at_start : bool
        Whether the cycle consists of initial values.
    """
    model = resolver.model
    # Hidden variables, such as the stages of a delay, mean nothing to a reader of the file.
    visible = [(n, flat) for n, flat in cells if n in model.variables] or list(cells)
    place = {name: i for i, name in enumerate(model.variables)}
    first = min(
        range(len(visible)), key=lambda i: (place.get(visible[i][0], 0), visible[i][1] or 0)
    )
    visible = visible[first:] + visible[:first]
    names = [_shown(resolver, name, flat) for name, flat in visible]
    said = [quoted(n) for k, n in enumerate(names) if not k or n != names[k - 1]]
    if len(said) == 1 or said[-1] != said[0]:
        said.append(said[0])
    if len(said) > LONGEST_CYCLE:
        between = message("kernel.lower.cycle_more", count=len(said) - LONGEST_CYCLE)
        said = [*said[: LONGEST_CYCLE - 1], between, said[-1]]
    text = joined(" → ", said)
    sentence = (
        message("kernel.lower.cycle_initial_values", cycle=text)
        if at_start
        else message("kernel.lower.cycle_variables", cycle=text)
    )
    blamed = model.variables.get(visible[0][0])
    return ModelError(
        sentence,
        file=model.path,
        line=blamed.line if blamed else None,
        variable=blamed.name if blamed else None,
    )


def _shown(resolver: Resolver, name: str, flat: int | None) -> str:
    """Return the name of a variable, or of one of its elements, as it is written in results."""
    shape = resolver.shapes.get(name)
    variable = resolver.model.variables.get(name)
    base = variable.name if variable else name
    if shape is None or flat is None or not shape.dimensions:
        return base
    places = [
        flat // stride % len(d.elements)
        for d, stride in zip(shape.dimensions, shape.strides, strict=True)
    ]
    chosen = (d.elements[i] for d, i in zip(shape.dimensions, places, strict=True))
    return written(base, tuple(map(resolver.model.spelled, chosen)))
