"""Checks of conveyors whose transit times and leaks are numbers in the file.

`conveyors` yields a finding for each defect.
"""

from __future__ import annotations

from collections.abc import Iterator

from sdcluster.lint.finding import Finding, Subject
from sdcluster.messages import message
from sdcluster.model import Model, Variable
from sdcluster.model.discrete import Conveyor
from sdcluster.model.expression import Call, Expression, Number, Reference

_ROUNDING = 1e-6


def conveyors(subject: Subject) -> Iterator[Finding]:
    """Yield findings on transit times that are not multiples of the time step, and on leaks that add up to over 1.

    Leak fractions with a sum over 1 would take more material from the conveyor than it contains.
    """
    for stock in subject.model.stocks:
        if isinstance(stock.discrete, Conveyor):
            yield from _transit(subject.model, stock, stock.discrete)
            yield from _leaks(subject.model, stock, stock.discrete)


def _transit(model: Model, stock: Variable, conveyor: Conveyor) -> Iterator[Finding]:
    for value in _values(model, conveyor.transit):
        steps = value / model.time.dt
        whole = max(1, int(steps + 0.5))
        if abs(steps - whole) > _ROUNDING * whole:
            yield Finding(
                "conveyor",
                "warning",
                message(
                    "lint.transit_time_material_rides",
                    stock=stock.name,
                    value=value,
                    whole=whole * model.time.dt,
                    whole_2=whole,
                    dt=model.time.dt,
                ),
                message("lint.choose_dt_divides_transit"),
                stock.name,
                stock.line,
            )
            return


def _leaks(model: Model, stock: Variable, conveyor: Conveyor) -> Iterator[Finding]:
    leaks = [leak for f in stock.outflows if (leak := model.variables[f].leak) is not None]
    fractions = [_values(model, leak.fraction) for leak in leaks]
    if not leaks or not all(fractions):
        return
    total = sum(max(values) for values in fractions)
    if conveyor.exponential_leak:
        total *= model.time.dt
        what = message("lint.leak_fractions_add_up", stock=stock.name, total=total)
        remedy = message("lint.make_dt_smaller_exponential")
    else:
        what = message("lint.leak_fractions_add_up_enters", stock=stock.name, total=total)
        remedy = message("lint.make_them_smaller_last")
    if total > 1 + _ROUNDING:
        yield Finding("conveyor", "warning", what, remedy, stock.name, stock.line)


def _values(model: Model, name: str) -> list[float]:
    """Return the values of a constant, or of the constant to which a variable is equal.

    For any other variable, return an empty list.
    """
    for _ in range(len(model.variables)):
        expressions = [_bare(e.expression) for e in model.variables[name].equations]
        numbers = [e.value for e in expressions if isinstance(e, Number)]
        if len(numbers) == len(expressions):
            return numbers
        if len(expressions) != 1 or not isinstance(expressions[0], Reference):
            return []
        name = expressions[0].name
    return []


def _bare(node: Expression) -> Expression:
    """Return the expression inside ``max(…, 0)``, which the reader writes around a flow that cannot be negative."""
    match node:
        case Call("max", (inner, Number(0.0))):
            return inner
    return node
