"""Find array elements that no equation defines, and check that no equation reads them.

`undefined_elements(model, resolver)` returns the positions of these elements, and `check_reads(...)` raises an error if
an equation reads one of them. Vensim and Stella allow arrays of which only some elements are defined. The other
elements have no values, and results omit them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from sdcluster.errors import ModelError
from sdcluster.kernel.lower.components import Block
from sdcluster.kernel.lower.units import units
from sdcluster.messages import message
from sdcluster.model import Model, Variable
from sdcluster.model.elements import element_names
from sdcluster.model.expression import Call, Expression, Reference, walk
from sdcluster.model.resolver import Loop, Part, Resolver


def undefined_elements(model: Model, resolver: Resolver) -> dict[str, frozenset[int]]:
    """Return the flat positions of elements without an equation, for each variable that has such elements."""
    found = {}
    for key, variable in model.variables.items():
        if variable.dimensions and not variable.discrete and not _is_whole(variable):
            missing = np.flatnonzero(~_defined(resolver, key, variable))
            if missing.size:
                found[key] = frozenset(missing.tolist())
    return found


def _is_whole(variable: Variable) -> bool:
    return any(
        not e.exceptions and e.subscripts in ((), variable.dimensions) for e in variable.equations
    )


def _defined(resolver: Resolver, key: str, variable: Variable) -> np.ndarray:
    """Return a row-major array of bool: for each element, whether an equation defines it."""
    lengths = [len(d.elements) for d in resolver.shapes[key].dimensions]
    defined = np.zeros(int(np.prod(lengths)), dtype=bool)
    for equation in variable.equations:
        part = resolver.part(key, equation.subscripts, equation.expression, equation.exceptions)
        own = np.zeros(lengths, dtype=bool)
        own[np.ix_(*(a.positions if isinstance(a, Loop) else (a,) for a in part.axes))] = True
        flat = own.ravel()
        flat[list(part.excluded)] = False
        defined |= flat
    return defined


def check_reads(
    model: Model,
    resolver: Resolver,
    undefined: Mapping[str, frozenset[int]],
    parts: Iterable[Part | Block],
) -> None:
    """Raise an error if an equation reads an element that no equation defines.

    Raises
    ------
    ModelError
        If an equation names such an element. The message names this element and the variable with the equation. An
        undefined element that an index selects during a run raises no error here: its value is NaN, which the run
        reports.
    """
    if not undefined:
        return
    sizes = {name: resolver.shapes[name].size for name in undefined}
    for part in parts:
        own = set(part.needs) & undefined.keys()
        for expression in part.expressions:
            own -= {name for node in walk(expression) for name in _picked(node)}
        if not own:
            continue
        item = units(resolver, part)
        written = (item.written() >= 0).any(axis=1)
        for reading in item.reads({name: sizes[name] for name in own}):
            used = reading.positions[reading.groups[written]]
            gone = np.intersect1d(used, sorted(undefined[reading.name]))
            if gone.size:
                raise _error(model, part.name, reading.name, int(gone[0]))


def _picked(node: Expression) -> list[str]:
    """Return the name of the array from which a call selects an element by a computed index or offset."""
    match node:
        case Call("element" | "vector elm map", (Reference(name), *_)):
            return [name]
    return []


def _error(model: Model, reader: str, key: str, place: int) -> ModelError:
    owner = reader.rpartition(" in ")[2].rstrip("⟩") if reader.startswith("⟨") else reader
    variable = model.variables.get(owner)
    name = element_names(model, key)[place]
    return ModelError(
        message(
            "kernel.lower.variable_uses_no_equation",
            variable=variable.name if variable else owner,
            name=name,
            name_2=model.variables[key].name,
        ),
        file=model.path,
        line=variable.line if variable else None,
        variable=variable.name if variable else None,
    )
