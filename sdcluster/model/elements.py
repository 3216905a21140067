"""Elements of arrays by name: ``"interaction[learning,innovative]"``.

The functions take a `Model` and a name, and return the variable and the position, name or value of the element. A
scalar variable counts as its own single element.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from sdcluster.errors import ModelError, did_you_mean
from sdcluster.messages import message
from sdcluster.model.expression import Array, Number
from sdcluster.model.kinds import a_kind
from sdcluster.model.names import canonical

if TYPE_CHECKING:
    from sdcluster.model.model import Equation, Model, Variable


@dataclass(frozen=True)
class Element:
    """A scalar variable, or one element of an array.

    Parameters
    ----------
    variable : Variable
    subscripts : tuple of str
        Canonical names of the subscripts, one for each dimension; empty for a scalar.
    place : int or None
        Position among the variable's elements, row-major; None for a scalar.
    shown : tuple of str
        Names of the subscripts as written in the file.
    """

    variable: Variable
    subscripts: tuple[str, ...] = ()
    place: int | None = None
    shown: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name as in results: ``variable`` or ``variable[subscript,…]``."""
        return written(self.variable.name, self.shown)


def written(name: str, subscripts: tuple[str, ...]) -> str:
    """Return ``name[a,b]`` for the subscripts a and b, or only the name if there are no subscripts."""
    return f"{name}[{','.join(subscripts)}]" if subscripts else name


def axes(model: Model, variable: Variable) -> list[tuple[str, ...]]:
    """Return the canonical names of the elements along each dimension of a variable."""
    return [model.subscripts.elements(d) for d in variable.dimensions]


def elements(model: Model, variable: Variable) -> tuple[Element, ...]:
    """Return all elements of a variable in row-major order; a scalar is its own single element."""
    if not variable.dimensions:
        return (Element(variable),)
    subscripts = product(*axes(model, variable))
    return tuple(
        Element(variable, chosen, place, tuple(map(model.spelled, chosen)))
        for place, chosen in enumerate(subscripts)
    )


def element_names(model: Model, key: str) -> list[str]:
    """Return the names of all elements of a variable, such as ``sales[north]``.

    A scalar has one element, with its own name.
    """
    return [element.name for element in elements(model, model.variables[key])]


def find_element(model: Model, name: str) -> tuple[str, int | None]:
    """Return the variable's key and the element's row-major position for a name such as ``"sales[north, cars]"``.

    The position is None if the name has no subscripts and therefore means the whole variable.

    Raises
    ------
    ModelError
        If the variable or element is unknown.
    """
    if name in model or not name.rstrip().endswith("]"):
        return model[name].key, None
    found = _inside(model, name)
    return found.variable.key, found.place


def one(model: Model, name: str) -> Element:
    """Return the scalar variable or the element of an array with a name.

    Raises
    ------
    ModelError
        If the variable or element is unknown, or if the name means a whole array.
    """
    if name in model or not name.rstrip().endswith("]"):
        variable = model[name]
        if variable.dimensions:
            example = elements(model, variable)[0].name
            raise ModelError(
                message("model.array_name_one_elements", variable=variable.name, example=example),
                file=model.path,
                line=variable.line,
                variable=variable.name,
            )
        return Element(variable)
    return _inside(model, name)


def _inside(model: Model, name: str) -> Element:
    base, _, inside = name.rstrip()[:-1].partition("[")
    variable = model[base]
    along = axes(model, variable)
    wanted = tuple(canonical(part) for part in inside.split(","))
    if len(wanted) != len(along):
        raise ModelError(
            message(
                "model.dimensions_names",
                variable=variable.name,
                count=len(along),
                name=name,
                count_2=len(wanted),
            ),
            file=model.path,
        )
    flat = 0
    for element, axis in zip(wanted, along, strict=True):
        if element not in axis:
            raise ModelError(
                message(
                    "model.no_element",
                    variable=variable.name,
                    element=element,
                    hint=did_you_mean(element, axis),
                ),
                file=model.path,
            )
        flat = flat * len(axis) + axis.index(element)
    return Element(variable, wanted, flat, tuple(map(model.spelled, wanted)))


def equation_of(model: Model, element: Element) -> Equation:
    """Return the equation that defines an element: the last one whose subscripts include it."""
    holds, part = model.subscripts.holds, element.subscripts
    found = element.variable.equations[0]
    for equation in element.variable.equations:
        excepted = any(holds(e, part) for e in equation.exceptions)
        if holds(equation.subscripts, part) and not excepted:
            found = equation
    return found


def number(model: Model, element: Element) -> float:
    """Return the value of a scalar constant, or of an element of a constant array.

    Raises
    ------
    ModelError
        If the variable is not a constant.
    """
    equation = equation_of(model, element)
    expression = equation.expression
    if element.variable.kind == "constant" and isinstance(expression, Number):
        return expression.value
    if element.variable.kind == "constant" and isinstance(expression, Array):
        flat = 0
        for here, there in zip(element.subscripts, equation.subscripts, strict=True):
            along = model.subscripts.elements(there)
            flat = flat * len(along) + along.index(here)
        return expression.values[flat]
    kind = a_kind(element.variable.kind)
    raise ModelError(message("model.no_fixed_value", element=element.name, kind=kind))


def constants(model: Model) -> Iterator[tuple[Element, float]]:
    """Yield every scalar constant and every element of every constant array, each with its value."""
    for variable in model.constants:
        for element in elements(model, variable):
            yield element, number(model, element)


def limits(model: Model, name: str) -> tuple[float, float]:
    """Return the lower and upper bound of a constant's range; all elements of an array have the same range.

    Raises
    ------
    ModelError
        If the variable is not constant, or its range is missing or empty.
    """
    element = one(model, name)
    variable = element.variable
    found = variable.range
    wrong = ""
    if variable.kind != "constant":
        kind = a_kind(variable.kind)
        wrong = message("model.only_constants_can_fitted", element=element.name, kind=kind)
    elif found is None or found.minimum is None or found.maximum is None:
        wrong = message("model.no_range_give_one", element=element.name)
    elif found.maximum > found.minimum:
        return found.minimum, found.maximum
    raise ModelError(
        wrong or message("model.range_empty", element=element.name),
        file=model.path,
        line=variable.line,
        variable=element.name,
    )


def may_vary(model: Model, element: Element) -> bool:
    """Return whether experiments may vary a constant.

    Experiments may vary a constant if it has a finite range and its documentation says that its value is a "judgement".
    """
    variable = element.variable
    doc = model.doc_of(element.name)
    if "judgement" not in doc.lower() or variable.range is None:
        return False
    low, high = variable.range.minimum, variable.range.maximum
    return low is not None and high is not None and math.isfinite(high - low) and high > low
