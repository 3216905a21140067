"""Equations that can be overridden during a run and restored again.

`settable(model, key)` returns a model in which a variable can be set. Its equation becomes ``IF hand = 1 THEN value
ELSE own equation``, where ``hand`` and ``value`` are hidden variables. Delays and random numbers in the variable's own
equation continue while it is overridden, so after it is restored they are where they would be without the override.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from types import MappingProxyType

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.model import Equation, Model, Variable
from sdcluster.model.expression import Array, Binary, Call, Number, Reference


def hand_of(key: str) -> str:
    """Return the key of the hidden constant that is 1 while a variable is overridden and otherwise 0."""
    return f"⟨hand on {key}⟩"


def value_of(key: str) -> str:
    """Return the key of the hidden variable whose value overrides a variable's equation."""
    return f"⟨set value of {key}⟩"


def settable(model: Model, key: str) -> Model:
    """Return a model in which a variable with an equation can be overridden during a run; see the module docstring.

    Raises
    ------
    ModelError
        For flows determined by a conveyor or queue, and for equations that contain lists of numbers.
    """
    if hand_of(key) in model.variables:
        return model
    old = model.variables[key]
    model.check_free(old)
    dimensions = old.dimensions
    equations = []
    for equation in old.equations:
        if isinstance(equation.expression, Array):
            raise ModelError(
                message("run.list_numbers_among_equations", old=old.name),
                file=model.path,
                line=old.line,
                variable=old.name,
            )
        own = equation.subscripts or dimensions
        by_hand = Binary("=", Reference(hand_of(key), own), Number(1.0))
        chosen = Call("if", (by_hand, Reference(value_of(key), own), equation.expression))
        equations.append(replace(equation, expression=chosen))
    kind = "auxiliary" if old.kind in ("data", "constant") else old.kind
    variables = dict(model.variables)
    variables[key] = replace(old, kind=kind, equations=tuple(equations))
    for name in (hand_of(key), value_of(key)):
        zero = Equation(Number(0.0), None, dimensions)
        variables[name] = Variable(name, "constant", (zero,), dimensions=dimensions)
    digest = hashlib.sha256(f"{model.hash} settable {key}".encode()).hexdigest()
    return replace(model, variables=MappingProxyType(variables), hash=digest)
