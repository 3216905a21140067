"""Function calls in expressions: inserting default arguments, and recognising placeholders for unwritten equations."""

from __future__ import annotations

from sdcluster.functions.function import Function
from sdcluster.functions.table import UNWRITTEN
from sdcluster.model.expression import Call, Expression, Number, walk


def is_unwritten(expression: Expression) -> bool:
    """Return whether an expression is a placeholder that lists only the causes of a variable (A FUNCTION OF)."""
    return any(isinstance(n, Call) and n.function == UNWRITTEN for n in walk(expression))


def complete(row: Function, arguments: tuple[Expression, ...]) -> tuple[Expression, ...]:
    """Return all arguments of a call; omitted arguments have the default values of the function."""
    missing = row.arity[1] - len(arguments)
    if not row.defaults or missing == 0:
        return arguments
    return arguments + tuple(Number(v) for v in row.defaults[len(row.defaults) - missing :])
