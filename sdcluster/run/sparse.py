"""What scipy's implicit solvers are told of the Jacobian: its zeros, where that saves work.

Crosses the border: `sparse_options(kernel, method)`.
"""

from __future__ import annotations

from typing import Any

from sdcluster.kernel import Kernel

IMPLICIT = ("Radau", "BDF")  # LSODA takes bands alone
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
