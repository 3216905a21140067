"""Where names live in the vectors of a kernel, and the constant tables that it uses.

Crosses the border: `Layout`, made by `sdcluster.kernel.lower.lowering` and used by
`sdcluster.kernel.lower.body`; the fixed slots at the head of `p`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate

from sdcluster.kernel import ir
from sdcluster.kernel.library.records import Clock
from sdcluster.model.expression import Table
from sdcluster.model.resolver import Resolver

# Fixed slots at the head of `p`. Step i begins at (ORIGIN + i STRIDE) / PARTS, three whole numbers where start and step
# are fractions: no time drifts. Only runs that may go on heed WISH.
DT, START, STOP, EPS, TOL, SEED = (
    Clock.dt, Clock.start, Clock.stop, Clock.slack, Clock.pulse_slack, Clock.seed,
)  # fmt: skip
LENGTH, NEED, WISH, NOW = Clock.length, Clock.need, Clock.wish, Clock.now
ORIGIN, STRIDE, PARTS = Clock.origin, Clock.stride, Clock.parts
HEAD = 13


@dataclass
class Layout:
    """Where names live, and the constant tables that its functions use.

    Parameters
    ----------
    resolver : Resolver
    vectors : dict of str to (str, int)
        Vector (``"y"``, ``"p"``) and first place of each name that has one.
    locals : dict of str to str
        Identifiers of scalars that are kept in local variables.
    tables : dict of str to dict of int to Table
        Graphical functions by name and flat position.
    records : dict of str to (int, int)
        Place of the number of recorded values, and number of the buffer that holds them, of each course.
    end : int
        Length of `p` without its buffers.
    times : set of str
        Times of the step that its functions use; see `sdcluster.kernel.lower.templates`.
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
        """Return the number of a pool of graphical functions."""
        return self.pools.setdefault(tables, len(self.pools))

    def index(self, positions: tuple[int, ...]) -> int:
        """Return the number of a table of positions."""
        return self.indexes.setdefault(positions, len(self.indexes))

    def whole_table(self, table: Table) -> tuple[ir.Expression, ...]:
        """Return a graphical function as arguments: tables of x and y, the first place and the one behind the last."""
        i = self.pool((table,))
        return ir.Name(f"X{i}"), ir.Name(f"Y{i}"), ir.Number(0), ir.Number(len(table.x))

    def module(self, functions: Iterable[ir.Function]) -> ir.Module:
        """Return functions with the constant tables that they use."""
        module = ir.Module.of(functions)
        for tables, i in self.pools.items():
            module.tables[f"X{i}"] = tuple(float(x) for t in tables for x in t.x)
            module.tables[f"Y{i}"] = tuple(float(y) for t in tables for y in t.y)
            if len(tables) > 1:
                module.indexes[f"O{i}"] = tuple(accumulate((len(t.x) for t in tables), initial=0))
        for positions, i in self.indexes.items():
            module.indexes[f"I{i}"] = positions
        return module
