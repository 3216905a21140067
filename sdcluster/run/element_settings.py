"""Models in which single elements of arrays can be set to numbers, while the other elements keep their equations.

Interface: `with_elements_free(model, chosen)`, `with_numbers(model, numbers)`, and `free(key)`, the key of the hidden
array that holds the numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from types import MappingProxyType

from sdcluster.model import Equation, Model, Variable
from sdcluster.model.elements import elements
from sdcluster.model.expression import Array, Number, Reference


def free(key: str) -> str:
    """Return the key of the hidden array that holds the numbers to which elements of a variable are set."""
    return f"⟨{key} as set⟩"


def with_elements_free(model: Model, chosen: Mapping[str, Collection[int]]) -> Model:
    """Return a model in which chosen elements of arrays take their values from hidden constants.

    Parameters
    ----------
    model : Model
    chosen : mapping of str to collection of int
        Flat positions of the elements, by the key of their variable; the variable must have equations for them.
    """
    variables = dict(model.variables)
    for key, places in chosen.items():
        variable = variables[key]
        left_out = tuple(elements(model, variable)[place].subscripts for place in sorted(places))
        kept = [
            replace(equation, exceptions=(*equation.exceptions, *left_out))
            for equation in variable.equations
            if equation.subscripts not in left_out
        ]
        own = [Equation(Reference(free(key), one), subscripts=one) for one in left_out]
        variables[key] = replace(variable, equations=(*kept, *own))
        numbers = Equation(Number(0.0), subscripts=variable.dimensions)
        variables[free(key)] = Variable(
            free(key), "constant", (numbers,), dimensions=variable.dimensions
        )
    return replace(model, variables=MappingProxyType(variables))


def with_numbers(model: Model, numbers: Mapping[str, tuple[float, ...]]) -> Model:
    """Return a model with new values of constants, or a new initial value of stocks, common to all elements.

    Parameters
    ----------
    model : Model
    numbers : mapping of str to tuple of float
        A number for each element, row-major, by the constant's key.
    """
    variables = dict(model.variables)
    for key, values in numbers.items():
        old = variables[key]
        if old.kind == "stock":
            first = tuple(replace(e, initial=Number(values[0])) for e in old.equations)
            variables[key] = replace(old, equations=first)
            continue
        shape = model.subscripts.shape(old.dimensions)
        given = Array(values, shape) if shape else Number(values[0])
        variables[key] = replace(old, equations=(Equation(given, subscripts=old.dimensions),))
    return replace(model, variables=MappingProxyType(variables))
