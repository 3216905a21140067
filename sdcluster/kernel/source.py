"""A lowered kernel: its functions, and the index of each name in its vectors.

`sdcluster.kernel.lower.lowering` returns a `KernelSource`.
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
        The functions, without the library functions that they call.
    parameters, initial_values, fixed, kept, arrays : dict of str to int
        First index in `p` of each name: constants of the model, overrides of initial values (NaN for no override),
        computed values that are constant during a run, values kept between steps, and arrays that change with time.
    states, observed : dict of str to int
        First index in `y`, and first column of `o`, of each name.
    sizes : dict of str to int
        Number of elements of each name.
    width, columns, size : int
        Lengths of `y` and `o`, and of `p` without the buffers of delays.
    cells : int
        Number of buffers after the end of `p`: one for each delay of fixed length, several for conveyors and queues.
    may_be_missing : frozenset of str
        Variables that can be NaN, and limits of conveyors, which can be infinite.
    places : Addresses
        All addresses, including those of values kept from step to step.
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
        """Indices in `p` of all computed values that depend on constants of the model alone, shape (N,)."""
        spans = [range(place, place + self.sizes[name]) for name, place in self.fixed.items()]
        return np.array([place for span in spans for place in span], dtype=int)
