"""A lowered kernel: its functions, and the index of each name in its vectors.

Crosses the border: `KernelSource`, made by `sdcluster.kernel.lower.lowering`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sdcluster.kernel import ir
from sdcluster.kernel.lower.addresses import Addresses


@dataclass(frozen=True)
class KernelSource:
    """The functions of a kernel and the index of each name in its vectors.

    Parameters
    ----------
    module : ir.Module
        The functions, without the library that they call.
    parameters, initial_values, fixed, kept, arrays : dict of str to int
        First places in `p`: numbers of the model, overrides of initial values (NaN: none), run constants, kept values,
        arrays that change with time.
    states, observed : dict of str to int
        First places in `y`, and first columns of `o`.
    sizes : dict of str to int
        Number of elements of each name.
    width, columns, size : int
        Lengths of `y` and `o`, and of `p` without the buffers of delays.
    cells : int
        Number of buffers behind the end of `p`: one for each delay of fixed length, several for conveyors and queues.
    may_be_missing : frozenset of str
        Names that may rightly be NaN, and limits of conveyors that may be infinite.
    places : Addresses
        Where everything else lies: what is remembered from step to step.
    """

    module: ir.Module
    parameters: dict[str, int]
    initial_values: dict[str, int]
    fixed: dict[str, int]
    kept: dict[str, int]
    arrays: dict[str, int]
    states: dict[str, int]
    observed: dict[str, int]
    sizes: dict[str, int]
    width: int
    columns: int
    size: int
    cells: int
    may_be_missing: frozenset[str]
    places: Addresses

    @cached_property
    def run_constants(self) -> np.ndarray:
        """The places in `p` of all that follows from numbers of the model alone, shape (N,)."""
        spans = [range(place, place + self.sizes[name]) for name, place in self.fixed.items()]
        return np.array([place for span in spans for place in span], dtype=int)
