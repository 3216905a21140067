"""The Jacobian for scipy's implicit solvers: exact derivatives (forward mode), or only the pattern of its nonzeros.

`exact_jacobian` returns a function that evaluates the exact Jacobian, or None if the method or the model does not allow
this. `sparse_options` returns the arguments that give scipy the pattern of the nonzeros.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sdcluster.kernel import Kernel
from sdcluster.kernel.differentiate import NotSmooth
from sdcluster.kernel.parse import Unsupported
from sdcluster.run.methods import METHODS

if TYPE_CHECKING:
    from scipy.sparse import csc_matrix

    from sdcluster.kernel.jacobian import Jacobian

FEWEST = 50  # with fewer stocks, a dense Jacobian is cheaper
DENSEST = 0.2  # largest share of possible nonzeros for which a sparse Jacobian pays


def sparse_options(kernel: Kernel, method: str) -> dict[str, Any]:
    """Return arguments that tell `scipy.integrate.solve_ivp` which entries of the Jacobian may be nonzero.

    Parameters
    ----------
    kernel : Kernel
    method : str

    Returns
    -------
    dict
        With the key ``jac_sparsity``, if the method is implicit and the model is large with few dependencies between
        stocks. Otherwise the dict is empty, and the solver uses a dense Jacobian.
    """
    width = kernel.source.width
    if METHODS[method].jacobian != "sparse" or width < FEWEST:
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
        Whether the Jacobian is returned as a sparse matrix.
    native : bool
        Whether the run uses machine code. If it does, the Jacobian is computed in machine code, too, once that is
        compiled.
    floor : sequence of int
        Indices of stocks that cannot become negative. If such a stock is at 0 and would fall, its slope is 0.
    """

    def __init__(self, kernel: Kernel, sparse: bool, native: bool, floor: Sequence[int]) -> None:
        self.kernel, self.width = kernel, kernel.source.width
        self.sparse, self.native, self.floor = sparse, native, list(floor)

    def at(
        self, t: float, state: np.ndarray, p: Any, slope: Callable[[float, np.ndarray], Any]
    ) -> np.ndarray | csc_matrix:
        """Return the Jacobian at a time and state, shape (width, width).

        If a derivative does not exist or is not finite (as that of a square root at 0), the Jacobian is approximated
        by differences of `slope`.
        """
        try:
            jacobian = self.kernel.jacobian
            slopes, values = self._evaluated(jacobian, t, state, np.asarray(p, dtype=float))
            sound = bool(np.isfinite(values).all())
        except (NotSmooth, Unsupported, ArithmeticError, ValueError):
            sound = False
        if not sound:
            rows, columns = np.indices((self.width, self.width))
            return self._made(rows, columns, differences(slope, t, state))
        still = np.zeros(self.width, dtype=bool)
        still[self.floor] = (state[self.floor] <= 0.0) & (slopes[self.floor] < 0.0)
        return self._made(
            jacobian.rows, jacobian.columns, np.where(still[jacobian.rows], 0.0, values)
        )

    def _evaluated(
        self, jacobian: Jacobian, t: float, state: np.ndarray, p: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the slopes and the entries of the Jacobian; plain Python and machine code give the same bits."""
        if not (self.native and jacobian.ready):
            try:
                return jacobian.matrix(t, state.tolist(), p.tolist(), native=False)
            except (ArithmeticError, ValueError):
                if not self.native:
                    raise
        # Where plain Python raises, machine code returns infinity or NaN, as it does in this run's slopes.
        return jacobian.matrix(t, state.copy(), p.copy(), native=True)

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
    """Return the Jacobian of `slope`, approximated by forward differences, shape (width, width)."""
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
    """Return an exact Jacobian if the method uses a Jacobian and the kernel has one; otherwise None."""
    if not METHODS[method].jacobian or kernel.program.devices:
        return None
    if METHODS[method].jacobian == "sparse":  # LSODA may never use it
        try:
            _ = kernel.jacobian
        except NotSmooth:
            return None
    return ExactJacobian(kernel, bool(sparse_options(kernel, method)), native, floor)
