"""Calls of functions in expressions: defaults of arguments, and equations that name their causes alone."""

from __future__ import annotations

from sdcluster.functions.function import Function
from sdcluster.functions.table import UNWRITTEN
from sdcluster.model.expression import Call, Expression, Number, walk


def is_unwritten(expression: Expression) -> bool:
    """Whether an expression names causes in place of an equation that is not written yet."""
    return any(isinstance(n, Call) and n.function == UNWRITTEN for n in walk(expression))


def complete(row: Function, arguments: tuple[Expression, ...]) -> tuple[Expression, ...]:
    """Return the arguments of a call with the row's defaults for those that it leaves out."""
    missing = row.arity[1] - len(arguments)
    if not row.defaults or missing == 0:
        return arguments
    return arguments + tuple(Number(v) for v in row.defaults[len(row.defaults) - missing :])
