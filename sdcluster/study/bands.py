"""Quantiles of curves over many runs, computed fast enough to repeat them many times a second.

`bands(simulator, names, points, wanted, shares)` returns `Bands`. The quantiles are bit-identical to those of
`sdcluster.ensemble`, which returns more results and takes five times as long for a thousand runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sdcluster.errors import ModelError, SimulationError
from sdcluster.messages import message
from sdcluster.run.many import Many
from sdcluster.run.ordered import cores, ordered
from sdcluster.run.simulator import Simulator
from sdcluster.study.spread import exact_quantiles


@dataclass(frozen=True)
class Bands:
    """Quantiles of curves over many runs.

    Parameters
    ----------
    times : ndarray, shape (T,)
    quantiles : ndarray, shape (wanted, shares, T)
        Quantiles over the runs that did not fail; NaN at times at which any of these runs has no value.
    failed : int
        Number of runs whose values became NaN or infinite.
    """

    times: np.ndarray
    quantiles: np.ndarray
    failed: int


def bands(
    simulator: Simulator,
    names: Sequence[str],
    points: np.ndarray,
    wanted: Sequence[str],
    shares: Sequence[float],
) -> Bands:
    """Run a model at many points (sets of values for the factors), and return quantiles of some curves.

    Parameters
    ----------
    simulator : Simulator
    names : sequence of str
        The factors, as `sdcluster.run.many.Many` takes them.
    points : ndarray, shape (runs, names)
    wanted : sequence of str
        Variables, or elements of them.
    shares : sequence of float
        Probabilities of the quantiles, from 0 to 1.

    Raises
    ------
    ModelError
        For names that the model does not have, and for factors that would change the time settings of individual runs.
    SimulationError
        If all runs fail.
    """
    times, curves = simulator.time, np.empty((len(wanted), len(simulator.time), len(points)))
    failed = np.zeros(len(points), dtype=bool)
    for block in Many(simulator, names, wanted).blocks(points):
        if block.times is not times and not np.array_equal(block.times, times):
            raise ModelError(message("study.varies_moves_clock_runs"), file=simulator.model.path)
        here = slice(block.first, block.first + len(block.failed))
        curves[:, :, here], failed[here] = block.curves, block.failed
    if failed.all():
        raise SimulationError(message("study.all_runs_turn_into"))
    if failed.any():
        curves = curves[:, :, ~failed]
    # Threads sort in parallel, because numpy sorts without Python's global lock.
    found = np.array(list(ordered(lambda one: exact_quantiles(one, shares), curves, cores())))
    return Bands(times, found, int(failed.sum()))
