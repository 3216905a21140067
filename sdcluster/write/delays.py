"""Convert Vensim's DELAY N and SMOOTH N to XMILE's DELAYN and SMTHN where these give the same results.

`with_plain_delays(model)` returns the converted model. The results differ if the delay time changes during the run or
is too short for the number of stages. Such calls keep our own function names, ``delay_n`` and ``smooth_n``.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from sdcluster.model import Model, Variable
from sdcluster.model.expression import Array, Call, Expression, Number, Reference, rebuilt, walk

_PLAIN = {"delay n": "delay", "smooth n": "smooth"}


def with_plain_delays(model: Model) -> Model:
    """Return the model with XMILE's DELAYN and SMTHN in all calls for which these give the same results."""
    variables = {key: _changed(model, variable) for key, variable in model.variables.items()}
    return replace(model, variables=MappingProxyType(variables))


def _changed(model: Model, variable: Variable) -> Variable:
    if not any(_is_vensims(n) for p in variable.expressions for n in walk(p)):
        return variable
    equations = tuple(e.changed(lambda node: _plain(model, node)) for e in variable.equations)
    return replace(variable, equations=equations)


def _is_vensims(node: Expression) -> bool:
    return isinstance(node, Call) and node.function in _PLAIN


def _plain(model: Model, node: Expression) -> Expression:
    made = rebuilt(node, lambda child: _plain(model, child))
    if not isinstance(made, Call) or made.function not in _PLAIN:
        return made
    times, orders = (_numbers(model, made.arguments[i]) for i in (1, 3))
    whole = orders and all(n == round(n) and n >= 1 for n in orders)
    if whole and times and min(times) * (1 + 1e-9) >= max(orders) * model.time.dt:
        return Call(_PLAIN[made.function], made.arguments)
    return made


def _numbers(model: Model, node: Expression) -> list[float]:
    """Return the value of a number, or all values of a constant; an empty list for any other expression."""
    if isinstance(node, Number):
        return [node.value]
    if not isinstance(node, Reference) or node.name not in model.variables:
        return []
    found: list[float] = []
    for equation in model.variables[node.name].equations:
        match equation.expression:
            case Number(value):
                found.append(value)
            case Array(values, _):
                found += values
            case _:
                return []
    return found
