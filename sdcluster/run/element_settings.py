"""Models in which some elements of an array are set to numbers, while the other elements keep their equations.

`with_elements_free(model, chosen)` and `with_numbers(model, numbers)` return such models. The numbers are in a hidden
array of constants, whose key `free(key)` returns.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from types import MappingProxyType

from sdcluster.model import Equation, Model, Variable
from sdcluster.model.elements import elements
from sdcluster.model.expression import Array, Number, Reference


def free(key: str) -> str:
    """Return the key of the hidden array that contains the numbers to which elements of the variable `key` are set."""
    return f"⟨{key} as set⟩"


def with_elements_free(model: Model, chosen: Mapping[str, Collection[int]]) -> Model:
    """Return a model in which the chosen elements of arrays equal elements of hidden constants, initially 0.

    Parameters
    ----------
    model : Model
    chosen : mapping of str to collection of int
        Flat positions of the elements, by the key of their variable. An equation must define each of the elements.
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
    """Return a model with new values of constants and new initial values of stocks.

    Parameters
    ----------
    model : Model
    numbers : mapping of str to tuple of float
        By the key of a constant: a number for each element, row-major. By the key of a stock: the first number is the
        initial value of all elements.
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
