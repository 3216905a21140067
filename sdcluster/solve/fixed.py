"""Fixed-step runs (Euler, RK2, RK4): the kernel's own loops, cut where settings change.

Crosses the border: `run_fixed(setup, grid, method, functions, arrays)` gives `Raw`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from sdcluster.solve.grid import Grid
from sdcluster.solve.plan import Setup, check_buffers


@dataclass(frozen=True)
class Raw:
    """What a run leaves, before it has names.

    Parameters
    ----------
    out : ndarray, shape (T, columns)
        States and dynamic variables at the saved times.
    phases : tuple of (int, ndarray)
        First row, and `p` from that row on: the constants in force.
    events : tuple of (str, float)
        What happened when, in order of time.
    """

    out: np.ndarray
    phases: tuple[tuple[int, np.ndarray], ...]
    events: tuple[tuple[str, float], ...] = ()


def run_fixed(
    setup: Setup, grid: Grid, method: str, functions: SimpleNamespace, arrays: bool
) -> Raw:
    """Run one of the printed loops.

    Parameters
    ----------
    setup : Setup
    grid : Grid
    method : {"euler", "rk2", "rk4"}
    functions : namespace
        From `Kernel.functions`.
    arrays : bool
        Whether the functions want arrays (numba) or lists (plain Python is faster with lists).
    """
    source = setup.kernel.source
    n, columns = source.width, source.columns
    rows = grid.steps // grid.every + 1
    last_row = rows - 1 if grid.steps % grid.every == 0 else rows
    make: Any = np.asarray if arrays else np.ndarray.tolist
    p, y = make(setup.p.copy()), make(np.zeros(n))
    work, out = make(np.zeros((5, n))), make(np.zeros((last_row + 1, columns)))
    loop = getattr(functions, method)
    functions.derive(p)
    functions.initial(p, y)
    check_buffers(p)
    phases = []
    first = 0
    for time, parameters, states in (*setup.changes, (math.inf, {}, {})):
        last = min(max(grid.first_from(time), first), grid.steps)
        phases.append((-(-first // grid.every), np.array(p)))
        loop(first, last, grid.every, grid.dt, y, p, work, out)
        if time > grid.stop + grid.slack:
            break
        for place, value in parameters.items():
            p[place] = value
        functions.derive(p)
        for place, value in states.items():
            y[place] = value
        first = last
    if first == grid.steps:
        phases.append((last_row, np.array(p)))
    if setup.kernel.program.devices:
        functions.begin(grid.stop, y, p)
    functions.observe(grid.stop, y, p, work[0], out[last_row])
    check_buffers(p)
    return _kept(Raw(np.asarray(out), tuple(phases)), grid)


def _kept(raw: Raw, grid: Grid) -> Raw:
    """Return the rows that are kept of a run that wrote one each step, as kept points are unevenly spaced."""
    if len(raw.out) == len(grid.kept):
        return raw
    rows = np.searchsorted(grid.kept, [first for first, _ in raw.phases])
    phases = tuple((int(row), p) for row, (_, p) in zip(rows, raw.phases, strict=True))
    return Raw(raw.out[grid.kept], phases)
