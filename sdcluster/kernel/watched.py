"""A kernel whose loops observe a few values only, for ensembles of which few curves are wanted.

Crosses the border: `watched(module, columns)`.
"""

from __future__ import annotations

from collections.abc import Collection

from sdcluster.kernel import ir

WHOLE = "observe_all"


def watched(module: ir.Module, columns: Collection[int]) -> ir.Module:
    """Return a kernel whose ``observe`` writes some of the values, and whose ``observe_all`` writes all.

    The compiler drops the variables that only the others need. The values that are left have the same bits.

    Parameters
    ----------
    module : ir.Module
        The kernel's own functions.
    columns : collection of int
        Places in `o`.
    """
    whole = module.functions["observe"]()
    few = whole._replace(body=tuple(s for s in whole.body if _matters(s, columns)))
    every = whole._replace(name=WHOLE)
    functions = {**module.functions, "observe": lambda: few, WHOLE: lambda: every}
    return ir.Module(functions, module.numbers, module.tables, module.indexes)


def _matters(statement: ir.Statement, columns: Collection[int]) -> bool:
    """Whether a statement does anything else than observe what is not wanted."""
    match statement:
        case ir.Store(ir.Name("o"), ir.Number(place)):
            return int(place) in columns
        case ir.For(name, ir.Number(first), ir.Number(last), 1, (ir.Store(ir.Name("o"), at),)):
            offset = _offset(at, name)
            return offset is None or any(
                offset + i in columns for i in range(int(first), int(last))
            )
    return True


def _offset(at: ir.Expression, name: str) -> int | None:
    """Return `k` of the place ``k + name``; None for any other place."""
    match at:
        case ir.Name(other) if other == name:
            return 0
        case ir.Binary("+", ir.Number(offset), ir.Name(other)) | ir.Binary(
            "+", ir.Name(other), ir.Number(offset)
        ) if other == name:
            return int(offset)
    return None
