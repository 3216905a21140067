"""Prints the function that lists the times at which a model jumps, for solvers to stop there.

Crosses the border: `print_breakpoints(program, layout, fixed)`; plain Python only.
"""

from __future__ import annotations

from collections.abc import Collection

from sdcluster.functions.table import FUNCTIONS
from sdcluster.kernel.layout import Layout, number
from sdcluster.kernel.lower.body import Body
from sdcluster.kernel.lower.expressions import fill
from sdcluster.kernel.program import Program
from sdcluster.model.expression import (
    FLIP,
    Binary,
    Call,
    Expression,
    Lookup,
    Table,
    references,
    walk,
)


def print_breakpoints(program: Program, layout: Layout, fixed: Collection[str]) -> str:
    """Return a function ``breakpoints(p)`` that gives single times, and trains (start, interval, width, end).

    Parameters
    ----------
    program : Program
    layout : Layout
    fixed : collection of str
        Names of what does not change within a run.
    """
    body = Body(layout)
    singles: list[str] = []
    trains: list[str] = []

    def stands(expression: Expression) -> bool:
        return _is_fixed(program, expression, fixed)

    parts = [*program.dynamic, *(p for s in program.stocks.values() for p in s.net)]
    now = Call("time", ())
    for node in (n for p in parts for e in p.expressions for n in walk(e)):
        if isinstance(node, Call) and FUNCTIONS[node.function].breakpoints:
            arguments = [body.value(a) if stands(a) else None for a in node.arguments]
            for template in FUNCTIONS[node.function].breakpoints:
                text = fill(template.lstrip("*"), arguments)
                if text is not None:
                    (trains if template.startswith("*") else singles).append(text)
        elif isinstance(node, Binary) and node.operator in FLIP:
            sides = (node.left, node.right)
            singles += [body.value(b) for a, b in (sides, sides[::-1]) if a == now and stands(b)]
        elif isinstance(node, Lookup) and node.argument == now:
            tables = (
                [node.table]
                if isinstance(node.table, Table)
                else program.tables[node.table.name].values()
            )
            singles += [number(x) for table in tables for x in table.x]
    lines = [
        *body.lines,
        f"singles = [{', '.join(dict.fromkeys(singles))}]",
        f"trains = [{''.join(f'({t}), ' for t in dict.fromkeys(trains))}]",
        "return singles, trains",
    ]
    printed = "\n".join(["def breakpoints(p):", *(f"    {line}" for line in lines), ""])
    return layout.definitions() + printed


def _is_fixed(program: Program, expression: Expression, fixed: Collection[str]) -> bool:
    """Whether an expression is a scalar that parameters alone decide."""
    shapes = program.resolver.shapes
    return all(r in fixed and not shapes[r].dimensions for r in references(expression)) and not any(
        isinstance(n, Call) and FUNCTIONS[n.function].uses_time for n in walk(expression)
    )
