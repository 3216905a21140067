"""Restrict the values that a kernel observes to those that an ensemble saves.

`watched(module, columns)` returns a kernel whose ``observe`` omits values whose indices are not in `columns`. A loop
over an array is kept whole if it writes any value in `columns`.
"""

from __future__ import annotations

from collections.abc import Collection

from sdcluster.kernel import ir

WHOLE = "observe_all"


def watched(module: ir.Module, columns: Collection[int]) -> ir.Module:
    """Return a kernel whose ``observe`` writes only some of the values, and whose ``observe_all`` writes all values.

    The compiler then drops the variables that only the omitted values need. The values in `columns` keep their bits.

    Parameters
    ----------
    module : ir.Module
        The kernel's own functions, without the library.
    columns : collection of int
        Indices in `o` of the values to write.
    """
    whole = module.functions["observe"]()
    few = whole._replace(body=tuple(s for s in whole.body if _matters(s, columns)))
    every = whole._replace(name=WHOLE)
    functions = {**module.functions, "observe": lambda: few, WHOLE: lambda: every}
    return ir.Module(functions, module.numbers, module.tables, module.indexes)


def _matters(statement: ir.Statement, columns: Collection[int]) -> bool:
    """Whether to keep a statement.

    A statement is dropped if it only writes to elements of `o` whose indices are not in `columns`.
    """
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
    """Return `k` if an index has the form ``k + name``, and None otherwise."""
    match at:
        case ir.Name(other) if other == name:
            return 0
        case ir.Binary("+", ir.Number(offset), ir.Name(other)) | ir.Binary(
            "+", ir.Name(other), ir.Number(offset)
        ) if other == name:
            return int(offset)
    return None
