"""The Jacobian of a kernel's ``rhs``, evaluated exactly by a few sweeps in forward mode.

Crosses the border: `Jacobian(kernel)`, whose `matrix` is for one state. Columns that share no row are done in one sweep
(A. Curtis, M. Powell & J. Reid, "On the estimation of sparse Jacobian matrices", IMA J. Appl. Math. 13, 1974).
"""

from __future__ import annotations

import importlib.util
import time
from functools import cached_property
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from sdcluster.kernel.differentiate import ENTRIES, NotSmooth, tangent_module
from sdcluster.kernel.library.base import sqrt
from sdcluster.kernel.library.elementary import FUNCTIONS
from sdcluster.kernel.targets.python import python_text
from sdcluster.kernel.warming import Warming, warming
from sdcluster.messages import message
from sdcluster.recursion import deep_recursion

if TYPE_CHECKING:
    from sdcluster.kernel.kernel import Kernel

_PATIENCE = 0.2  # seconds of plain Python after which compiling pays


class Jacobian:
    """How to evaluate the Jacobian of one kernel.

    Parameters
    ----------
    kernel : Kernel

    Attributes
    ----------
    text : str
        The function ``tangent`` and what it calls; see `sdcluster.kernel.differentiate`.
    rows, columns, groups : ndarray of int, shape (N,)
        Places that may differ from zero, and the sweep that finds each.
    sweeps : int
    spent : float
        Seconds that plain Python took so far.

    Raises
    ------
    NotSmooth
        For conveyors and queues, and for what is found by trial.
    """

    def __init__(self, kernel: Kernel) -> None:
        if kernel.program.devices:
            raise NotSmooth(message("kernel.conveyors_queues_move_whole"))
        self.width = kernel.source.width
        with deep_recursion():
            self.text = python_text(tangent_module(kernel.module), list(ENTRIES))
        structure = kernel.structure
        if structure is None:
            self.rows, self.columns = (a.ravel() for a in np.indices((self.width, self.width)))
        else:
            found = structure.tocoo()
            self.rows, self.columns = found.row, found.col
        group = _groups(self.rows, self.columns, self.width)
        self.sweeps = int(group.max()) + 1 if self.width else 0
        self.groups = group[self.columns]
        self.spent = 0.0
        self._warming: Warming | None = None
        self.directions = (group == np.arange(self.sweeps)[:, None]).astype(float)

    @cached_property
    def plain(self) -> SimpleNamespace:
        """The functions ``tangent`` and ``jacobian`` in plain Python; they take lists, and raise for divisions by zero.

        They call our own elementary functions, so that their results have the bits of machine code.
        """
        namespace: dict[str, Any] = {"jit": lambda f: f, "TABLE": tuple, "INDEX": tuple}
        namespace |= FUNCTIONS | {"sqrt": sqrt}
        with deep_recursion():
            # The text holds only identifiers and numbers that lowering made.
            exec(compile(self.text, "<derivative printed by sdcluster>", "exec"), namespace)
        return SimpleNamespace(**{name: namespace[name] for name in ENTRIES})

    @property
    def native(self) -> SimpleNamespace:
        """The same in machine code; they take arrays. Waits for the compiler.

        Raises
        ------
        Unsupported
            For what cannot be translated.
        ImportError
            Without llvmlite.
        """
        return self._warm().wait()

    @property
    def ready(self) -> bool:
        """Whether machine code is there: kept from another process, or compiled once plain Python has taken a while."""
        if self._warming is None and (self.spent > _PATIENCE or self._is_kept):
            self._warm()
        return self._warming is not None and self._warming.ready is not None

    @cached_property
    def _is_kept(self) -> bool:
        if importlib.util.find_spec("llvmlite") is None:
            return False
        from sdcluster.kernel.targets.native import build

        return build.is_kept(self.text, ENTRIES)

    def _warm(self) -> Warming:
        if self._warming is None:
            self._warming = warming(self.text, tuple(ENTRIES.items()))
        return self._warming

    def matrix(self, t: float, y: Any, p: Any, *, native: bool) -> tuple[np.ndarray, np.ndarray]:
        """Evaluate.

        Parameters
        ----------
        t : float
        y, p : sequence of float
            States and parameters; the places of arrays in `p` are overwritten as ``rhs`` does.
        native : bool
            Whether machine code runs; then `y` and `p` are arrays, else lists.

        Returns
        -------
        slopes : ndarray, shape (width,)
            The result of ``rhs``.
        values : ndarray, shape (N,)
            The numbers at `rows` and `columns`.
        """
        if native:
            slopes, w = np.zeros(self.width), np.zeros(len(p))
            products = np.zeros((self.sweeps, self.width))
            self.native.jacobian(self.sweeps, t, y, p, slopes, self.directions, w, products)
            return slopes, products[self.groups, self.rows]
        began = time.perf_counter()
        given, work = [0.0] * self.width, [0.0] * len(p)
        rows = [[0.0] * self.width for _ in range(self.sweeps)]
        self.plain.jacobian(self.sweeps, t, y, p, given, self.directions.tolist(), work, rows)
        self.spent += time.perf_counter() - began
        return np.array(given), np.reshape(rows, (self.sweeps, self.width))[self.groups, self.rows]


def _groups(rows: np.ndarray, columns: np.ndarray, width: int) -> np.ndarray:
    """Return a sweep for each column: in one sweep no two columns have a row in common. Shape (width,)."""
    own = [0] * width
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        own[column] |= 1 << row
    taken: list[int] = []
    chosen = np.zeros(width, dtype=int)
    for column, places in enumerate(own):
        free = (g for g, union in enumerate(taken) if not places & union)
        group = next(free, len(taken))
        taken[group:] = taken[group:] or [0]
        taken[group] |= places
        chosen[column] = group
    return chosen
