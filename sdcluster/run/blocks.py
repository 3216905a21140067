"""One run, whose results are returned in blocks of consecutive times and checked for NaN and infinity.

If a buffer turns out to be too short, or plain Python raises an arithmetic error (a division by zero, say), the run
restarts with longer buffers, or with functions that return NaN and infinity instead of raising.

`blocks_of(setup, grid, method, backend)` yields `Block` objects; `Table` is the same run with named columns.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sdcluster.kernel.kernel import adaptive
from sdcluster.run.adaptive import Event, Failed, run_adaptive
from sdcluster.run.backend import BackendChoice
from sdcluster.run.diagnose import diagnose, explain, is_sound
from sdcluster.run.dopri5 import run_dopri5
from sdcluster.run.fixed import run_fixed, sample_fixed
from sdcluster.run.grid import Grid
from sdcluster.run.keeping import Keeping, Raw
from sdcluster.run.methods import METHODS
from sdcluster.run.plan import FIXED, BufferTooShort, Setup

BLOCK = 300_000  # values per block
ARITHMETIC = (ZeroDivisionError, OverflowError, ValueError)


@dataclass(frozen=True)
class Method:
    """Integration method, tolerances, events and sample times.

    Parameters
    ----------
    name : str
        As for `sdcluster.run.simulator.Simulator`.
    rtol, atol : float
        Error bounds of adaptive methods.
    events : sequence of Event
        For adaptive methods.
    times : ndarray, shape (T,), optional
        Sample times, ascending, that replace the grid.
    """

    name: str
    rtol: float
    atol: float
    events: Sequence[Event] = ()
    times: np.ndarray | None = None


@dataclass(frozen=True)
class Block:
    """The results of a run at consecutive saved times.

    Parameters
    ----------
    setup : Setup
        Setup of the run.
    raw : Raw
        The results. The indices of times in `raw.phases` count from the first time of the block.
    times : ndarray, shape (T,)
    first : int
        Number of saved times in the blocks before this one. If a later block has 0 here, the run has restarted: discard
        all blocks received before it.
    """

    setup: Setup
    raw: Raw
    times: np.ndarray
    first: int


@dataclass(frozen=True)
class Table:
    """A run as a table with a row for each saved time.

    Rows are computed while they are read, and can be read only once.

    Parameters
    ----------
    names : sequence of str
        Names of the columns.
    blocks : iterable of (int, ndarray, ndarray)
        For each block of rows: the number of rows in the blocks before it; the times, shape (T,); the values, shape (T,
        len(names)). If a later block has the number 0, the run has restarted: discard all blocks received before it.
    """

    names: Sequence[str]
    blocks: Iterable[tuple[int, np.ndarray, np.ndarray]] = field(repr=False)


def blocks_of(
    setup: Setup,
    grid: Grid,
    method: Method,
    backend: BackendChoice,
    height: int | None = None,
    keeping: Keeping | None = None,
) -> Iterator[Block]:
    """Execute one run, and yield its results in blocks of consecutive times.

    Parameters
    ----------
    setup : Setup
    grid : Grid
    method : Method
    backend : BackendChoice
    height : int, optional
        Number of saved times in a block; by default the whole run. Adaptive methods and sampled runs always use one
        block.
    keeping : Keeping, optional
        The values to save with fixed-step methods on the grid and with ``"dopri5"``. By default, and in all other
        cases, all values that the kernel's ``observe`` computes are saved.

    Raises
    ------
    SimulationError
        If a variable turns into NaN or infinity.
    """
    functions, arrays = backend.functions(setup.kernel)
    careful = False
    while True:
        try:
            yield from _attempt(
                setup, grid, method, backend, (functions, arrays), (height, keeping)
            )
            return
        except BufferTooShort as short:
            setup = setup.widened(short.needed)
        except ARITHMETIC:
            if arrays or careful:
                raise
            functions, careful = setup.kernel.functions("careful"), True


def _attempt(
    setup: Setup,
    grid: Grid,
    method: Method,
    backend: BackendChoice,
    functions: tuple[Any, bool],
    table: tuple[int | None, Keeping | None],
) -> Iterator[Block]:
    above: tuple[np.ndarray, np.ndarray] | None = None  # last row of the previous block, its time
    first = 0
    began = time.perf_counter()
    for raw, times in _raw(setup, grid, method, *functions, *table):
        if not functions[1]:
            backend.spent += time.perf_counter() - began
        if not is_sound(setup, raw):
            raise diagnose(setup, *_below(above, times, raw))
        yield Block(setup, raw, times, first)
        first += len(times)
        above = raw.table[:, -1:].copy(), times[-1:]
        began = time.perf_counter()


def _below(
    above: tuple[np.ndarray, np.ndarray] | None, times: np.ndarray, raw: Raw
) -> tuple[np.ndarray, Raw]:
    """Return the times and results of a block, preceded by the last time of the previous block if there is one."""
    if above is None:
        return times, raw
    row, moment = above
    phases = ((0, raw.phases[0][1]), *((first + 1, p) for first, p in raw.phases))
    table = np.concatenate([row, raw.table], axis=1)
    return np.append(moment, times), Raw(table, raw.keeping, phases)


def _raw(
    setup: Setup,
    grid: Grid,
    method: Method,
    functions: Any,
    arrays: bool,
    height: int | None,
    keeping: Keeping | None,
) -> Iterator[tuple[Raw, np.ndarray]]:
    """Execute the run once, and yield pairs: the results of a block, and the times of the block."""
    if method.name not in FIXED and METHODS[method.name].compiled:
        code = setup.kernel.native_adaptive() if arrays else adaptive(functions)
        wanted = grid.saved if method.times is None else method.times
        try:
            raw, _ = run_dopri5(
                setup,
                grid,
                code,
                arrays,
                rtol=method.rtol,
                atol=method.atol,
                times=wanted,
                keeping=keeping,
            )
        except Failed as failure:
            raise explain(setup, failure, method.name) from None
        yield raw, wanted
    elif method.name not in FIXED:
        try:
            yield run_adaptive(
                setup,
                grid,
                functions,
                arrays,
                method=method.name,
                rtol=method.rtol,
                atol=method.atol,
                events=method.events,
                times=method.times,
            )
        except Failed as failure:
            raise explain(setup, failure, method.name) from None
    elif method.times is not None:
        yield (
            sample_fixed(setup, grid, method.name, functions, arrays, method.times),
            method.times,
        )
    else:
        first = 0
        for raw in run_fixed(setup, grid, method.name, functions, arrays, height, keeping):
            yield raw, grid.saved[first : first + raw.length]
            first += raw.length
