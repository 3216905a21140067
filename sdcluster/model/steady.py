"""Determine whether an expression is constant during a run.

`changing(variables, node)` returns the name of a variable or function that makes the expression change, or an
empty text if the expression is constant.
"""

from __future__ import annotations

from collections.abc import Mapping

from sdcluster.functions.table import FUNCTIONS
from sdcluster.messages import quoted
from sdcluster.model.expression import Call, Expression, Reference, children
from sdcluster.model.model import Variable

# Rewritten calls that keep their initial value, or depend only on their arguments.
_TIMELESS = frozenset({"", "initial", "of_run_before", "row", "demand_at", "supply_at"})


def changing(variables: Mapping[str, Variable], node: Expression) -> str:
    """Return the name of a variable or function that makes an expression change during a run.

    An empty text means that the expression is constant.
    """
    pending = [(node, "")]
    seen: set[str] = set()
    while pending:
        part, by = pending.pop()
        if isinstance(part, Call):
            row = FUNCTIONS[part.function]
            if row.rewrite == "initial":
                continue
            if row.uses_time or row.courses or row.rewrite not in _TIMELESS:
                return by or (row.vensim or row.xmile or row.name).partition(",")[0]
        if isinstance(part, Reference) and part.name in variables and part.name not in seen:
            seen.add(part.name)
            variable = variables[part.name]
            by = by or quoted(variable.name)
            if variable.kind in ("stock", "data"):
                return by
            pending += [(e.expression, by) for e in variable.equations]
        pending += [(child, by) for child in children(part)]
    return ""
