"""Layout of a kernel: the index of each name in the vectors, and the constant tables.

Exports `Layout`, created by `sdcluster.kernel.lower.lowering` and used by `sdcluster.kernel.lower.body`, and the
fixed slots at the head of `p`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate

from sdcluster.kernel import ir
from sdcluster.kernel.library.records import Clock
from sdcluster.model.expression import Table
from sdcluster.model.resolver import Resolver

# Fixed slots at the head of `p`. Step i begins at (ORIGIN + i STRIDE) / PARTS. If the start time and the step are
# rational numbers, these three are integers, so that times do not drift. Only runs that can be continued use WISH.
DT, START, STOP, EPS, TOL, SEED = (
    Clock.dt, Clock.start, Clock.stop, Clock.slack, Clock.pulse_slack, Clock.seed,
)  # fmt: skip
LENGTH, NEED, WISH, NOW = Clock.length, Clock.need, Clock.wish, Clock.now
ORIGIN, STRIDE, PARTS = Clock.origin, Clock.stride, Clock.parts
HEAD = 13


@dataclass
class Layout:
    """Index of each name in the vectors, and the constant tables that the functions use.

    Parameters
    ----------
    resolver : Resolver
    vectors : dict of str to (str, int)
        Vector (``"y"`` or ``"p"``) and first index of each name stored in a vector.
    locals : dict of str to str
        Identifier of the local variable that holds each scalar.
    tables : dict of str to dict of int to Table
        Graphical functions by name and flat position.
    records : dict of str to (int, int)
        For each recorded history, the index in `p` of its current length, and the index of its buffer among all
        buffers.
    end : int
        Length of `p` without its buffers.
    times : set of str
        Step times that the functions use: ``middle``, ``step_start``; see `sdcluster.kernel.lower.templates`.
    """

    resolver: Resolver
    vectors: dict[str, tuple[str, int]]
    locals: dict[str, str]
    tables: dict[str, dict[int, Table]]
    records: dict[str, tuple[int, int]] = field(default_factory=dict)
    end: int = 0
    times: set[str] = field(default_factory=set)
    pools: dict[tuple[Table, ...], int] = field(default_factory=dict)
    indexes: dict[tuple[int, ...], int] = field(default_factory=dict)

    def pool(self, tables: tuple[Table, ...]) -> int:
        """Return the number i of the constant tables ``Xi`` and ``Yi`` with the points of these graphical functions."""
        return self.pools.setdefault(tables, len(self.pools))

    def index(self, positions: tuple[int, ...]) -> int:
        """Return the number i in the name ``Ii`` of the constant table that contains these positions."""
        return self.indexes.setdefault(positions, len(self.indexes))

    def whole_table(self, table: Table) -> tuple[ir.Expression, ...]:
        """Return the arguments that locate a graphical function's points: tables of x and y, first index, end index."""
        i = self.pool((table,))
        return ir.Name(f"X{i}"), ir.Name(f"Y{i}"), ir.Number(0), ir.Number(len(table.x))

    def module(self, functions: Iterable[ir.Function]) -> ir.Module:
        """Return a module of functions and the constant tables that they use."""
        module = ir.Module.of(functions)
        for tables, i in self.pools.items():
            module.tables[f"X{i}"] = tuple(float(x) for t in tables for x in t.x)
            module.tables[f"Y{i}"] = tuple(float(y) for t in tables for y in t.y)
            if len(tables) > 1:
                module.indexes[f"O{i}"] = tuple(accumulate((len(t.x) for t in tables), initial=0))
        for positions, i in self.indexes.items():
            module.indexes[f"I{i}"] = positions
        return module
