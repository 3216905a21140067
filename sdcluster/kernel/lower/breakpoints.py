"""Build the function that reports the times at which inputs jump, so that solvers can stop there.

`breakpoints_function(program, layout, fixed)` returns the function ``breakpoints(p, jump, train)``. That function takes
two callbacks and calls ``jump(time)`` for each single time, and ``train(start, interval, width, end)`` for each series
of pulses. The function runs in plain Python only.
"""

from __future__ import annotations

from collections.abc import Collection

from sdcluster.functions.table import FUNCTIONS
from sdcluster.kernel import ir
from sdcluster.kernel.layout import Layout
from sdcluster.kernel.lower.body import Body
from sdcluster.kernel.lower.nodes import number
from sdcluster.kernel.lower.statements import Values
from sdcluster.kernel.lower.templates import filled, needed
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


def breakpoints_function(program: Program, layout: Layout, fixed: Collection[str]) -> ir.Function:
    """Return the function ``breakpoints(p, jump, train)``, which reports when inputs jump; see the module docstring.

    Parameters
    ----------
    program : Program
    layout : Layout
    fixed : collection of str
        Names of values that do not change within a run.
    """
    body = Body(layout)
    singles: list[Values] = []
    trains: list[Values] = []

    def stands(expression: Expression) -> bool:
        return _is_fixed(program, expression, fixed)

    parts = [*program.dynamic, *(p for s in program.stocks.values() for p in s.net)]
    now = Call("time", ())
    for node in (n for p in parts for e in p.expressions for n in walk(e)):
        if isinstance(node, Call) and FUNCTIONS[node.function].breakpoints:
            known = {i: body.value(a) for i, a in enumerate(node.arguments) if stands(a)}
            arguments = [(known.get(i, ir.Number(0)),) for i in range(len(node.arguments))]
            for template in FUNCTIONS[node.function].breakpoints:
                times = template.lstrip("*")
                if needed(times) <= known.keys():
                    (singles if times == template else trains).append(filled(times, arguments))
        elif isinstance(node, Binary) and node.operator in FLIP:
            sides = (node.left, node.right)
            pairs = (sides, sides[::-1])
            singles += [(body.value(b),) for a, b in pairs if a == now and stands(b)]
        elif isinstance(node, Lookup) and node.argument == now:
            tables = (
                [node.table]
                if isinstance(node.table, Table)
                else program.tables[node.table.name].values()
            )
            singles += [(number(x),) for table in tables for x in table.x]
    for name, found in (("jump", singles), ("train", trains)):
        for values in dict.fromkeys(found):
            body.do(name, *values)
    return body.function("breakpoints", "p", "jump", "train")


def _is_fixed(program: Program, expression: Expression, fixed: Collection[str]) -> bool:
    """Whether an expression is a scalar that depends only on parameters."""
    shapes = program.resolver.shapes
    return all(r in fixed and not shapes[r].dimensions for r in references(expression)) and not any(
        isinstance(n, Call) and FUNCTIONS[n.function].uses_time for n in walk(expression)
    )
