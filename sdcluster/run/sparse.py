"""What scipy's implicit solvers get of the Jacobian: its numbers by forward mode, or else its zeros.

Crosses the border: `exact_jacobian(kernel, method, native)`, `sparse_options(kernel, method)`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sdcluster.kernel import Kernel
from sdcluster.kernel.differentiate import NotSmooth
from sdcluster.kernel.parse import Unsupported

if TYPE_CHECKING:
    from scipy.sparse import csc_matrix

IMPLICIT = ("Radau", "BDF")  # these take sparse matrices
STIFF = (*IMPLICIT, "LSODA")
FEWEST = 50  # stocks; below, a dense Jacobian costs less than looking for its zeros
DENSEST = 0.2  # share of places that may differ from zero


def sparse_options(kernel: Kernel, method: str) -> dict[str, Any]:
    """Return further arguments of `scipy.integrate.solve_ivp`.

    Parameters
    ----------
    kernel : Kernel
    method : str

    Returns
    -------
    dict
        ``jac_sparsity`` for an implicit method and a model of many stocks, few of which depend on each other; else
        nothing, and the solver takes a dense Jacobian.
    """
    width = kernel.source.width
    if method not in IMPLICIT or width < FEWEST:
        return {}
    structure = kernel.structure
    if structure is None or structure.nnz > DENSEST * width * width:
        return {}
    return {"jac_sparsity": structure}


class ExactJacobian:
    """The Jacobian of a run, for scipy's ``jac``.

    Parameters
    ----------
    kernel : Kernel
    sparse : bool
        Whether it is a sparse matrix.
    native : bool
        Whether machine code evaluates it.
    floor : sequence of int
        Places of stocks that cannot become negative: one at 0 that would fall has no slope.

    Raises
    ------
    NotSmooth, Unsupported, ImportError
        Where it cannot be made.
    """

    def __init__(self, kernel: Kernel, sparse: bool, native: bool, floor: Sequence[int]) -> None:
        self.jacobian, self.width = kernel.jacobian, kernel.source.width
        self.sparse, self.native, self.floor = sparse, native, list(floor)
        _ = self.jacobian.native if native else self.jacobian.plain

    def at(
        self, t: float, state: np.ndarray, p: Any, slope: Callable[[float, np.ndarray], Any]
    ) -> np.ndarray | csc_matrix:
        """Return the matrix, shape (width, width).

        Where it is not finite (a square root at 0) differences of `slope` stand in for it.
        """
        jacobian = self.jacobian
        given = state.copy() if self.native else state.tolist()
        try:
            slopes, values = jacobian.matrix(t, given, p, native=self.native)
        except (ArithmeticError, ValueError):
            slopes, values = state, np.array([np.nan])
        if not np.isfinite(values).all():
            rows, columns = np.indices((self.width, self.width))
            return self._made(rows, columns, differences(slope, t, state))
        still = np.zeros(self.width, dtype=bool)
        still[self.floor] = (state[self.floor] <= 0.0) & (slopes[self.floor] < 0.0)
        return self._made(
            jacobian.rows, jacobian.columns, np.where(still[jacobian.rows], 0.0, values)
        )

    def _made(
        self, rows: np.ndarray, columns: np.ndarray, values: np.ndarray
    ) -> np.ndarray | csc_matrix:
        if self.sparse:
            from scipy.sparse import csc_matrix

            places = (rows.ravel(), columns.ravel())
            return csc_matrix((values.ravel(), places), (self.width, self.width))
        dense = np.zeros((self.width, self.width))
        dense[rows, columns] = values
        return dense


def differences(
    slope: Callable[[float, np.ndarray], Any], t: float, state: np.ndarray
) -> np.ndarray:
    """Return the Jacobian by forward differences, shape (width, width)."""
    before = np.array(slope(t, state))
    found = np.zeros((len(state), len(state)))
    for j, x in enumerate(state):
        moved = state.copy()
        moved[j] += 1.5e-8 * max(abs(x), 1e-3)
        found[:, j] = (np.array(slope(t, moved)) - before) / (moved[j] - x)
    return found


def exact_jacobian(
    kernel: Kernel, method: str, native: bool, floor: Sequence[int]
) -> ExactJacobian | None:
    """Return the Jacobian for a method that uses one, or None where the solver must take differences."""
    if method not in STIFF:
        return None
    try:
        return ExactJacobian(kernel, bool(sparse_options(kernel, method)), native, floor)
    except (NotSmooth, Unsupported, ImportError):
        return None
