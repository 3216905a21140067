"""Where names live in the vectors of a kernel, and the constant tables that its text uses.

Crosses the border: `Layout`, made by `sdcluster.kernel.lower.printer` and used by
`sdcluster.kernel.lower.body`; the fixed slots at the head of `p`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

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
    """Where names live, and the constant tables that the printed text uses.

    Parameters
    ----------
    resolver : Resolver
    vectors : dict of str to (str, int)
        Vector (``"y"``, ``"p"``) and first place of each name that has one.
    locals : dict of str to str
        Identifiers of scalars that are kept in local variables.
    tables : dict of str to dict of int to Table
        Graphical functions by name and flat position.
    careful : bool
        Whether divisions go through ``divide``.
    records : dict of str to (int, int)
        Place of the number of recorded values, and number of the buffer that holds them, of each course.
    end : int
        Length of `p` without its buffers.
    """

    resolver: Resolver
    vectors: dict[str, tuple[str, int]]
    locals: dict[str, str]
    tables: dict[str, dict[int, Table]]
    careful: bool
    records: dict[str, tuple[int, int]] = field(default_factory=dict)
    end: int = 0
    pools: dict[tuple[Table, ...], int] = field(default_factory=dict)
    indexes: dict[tuple[int, ...], int] = field(default_factory=dict)

    def pool(self, tables: tuple[Table, ...]) -> int:
        """Return the number of a pool of graphical functions."""
        return self.pools.setdefault(tables, len(self.pools))

    def index(self, positions: tuple[int, ...]) -> int:
        """Return the number of a table of positions."""
        return self.indexes.setdefault(positions, len(self.indexes))

    def definitions(self) -> str:
        """Return the printed tables."""
        lines = []
        for tables, i in self.pools.items():
            xs = [x for t in tables for x in t.x]
            ys = [y for t in tables for y in t.y]
            ends = [0]
            for table in tables:
                ends.append(ends[-1] + len(table.x))
            lines.append(f"X{i} = TABLE(({''.join(f'{number(x)}, ' for x in xs)}))")
            lines.append(f"Y{i} = TABLE(({''.join(f'{number(y)}, ' for y in ys)}))")
            if len(tables) > 1:
                lines.append(f"O{i} = INDEX(({''.join(f'{e}, ' for e in ends)}))")
        lines += [
            f"I{i} = INDEX(({''.join(f'{p}, ' for p in positions)}))"
            for positions, i in self.indexes.items()
        ]
        return "".join(f"{line}\n" for line in lines)


def number(value: float) -> str:
    """Return a number as text that reads back the same."""
    text = repr(float(value))
    if text in ("inf", "-inf", "nan"):
        return {"inf": "INF", "-inf": "(-INF)", "nan": "NAN"}[text]
    return f"({text})" if text.startswith("-") else text
