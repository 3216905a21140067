"""The constants that vary in an experiment, their ranges, and points in these ranges.

`varied` returns the names of the constants, `ranges` returns their ranges, and `latin_hypercube` returns points.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.model import Model
from sdcluster.model.elements import constants, limits, may_vary, number, one
from sdcluster.project.experiment import Experiment
from sdcluster.project.experiments_file import JUDGEMENTS
from sdcluster.run.inputs import is_number


def judgements(model: Model, levers: bool = True) -> tuple[str, ...]:
    """Return the constants, element by element, that the documentation calls a judgement and that have a range.

    Without `levers`, constants that somebody decides (levers) are left out: their values are chosen, not guessed.
    """
    return tuple(
        element.name
        for element, _ in constants(model)
        if may_vary(model, element) and (levers or not element.variable.lever)
    )


def varied(model: Model, experiment: Experiment, levers: bool = True) -> tuple[str, ...]:
    """Return the names of the constants that vary according to the experiment; empty if it names none."""
    if experiment.vary == JUDGEMENTS:
        return judgements(model, levers)
    return tuple(experiment.vary)


def check_spread(spread: float) -> None:
    """Raise an error if the value is not a valid share of a range.

    Raises
    ------
    ModelError
    """
    if not is_number(spread) or not 0.0 < spread < np.inf:
        raise ModelError(message("study.spread_takes_share_each", spread=repr(spread)))


def ranges(
    model: Model, names: Sequence[str], spread: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of the part of each constant's range to sample: a share of it, around the constant's own value.

    Returns
    -------
    low, high : ndarray, shape (len(names),)
    """
    check_spread(spread)
    low, high = np.empty(len(names)), np.empty(len(names))
    for i, name in enumerate(names):
        least, most = limits(model, name)
        value = number(model, one(model, name))
        low[i] = value + spread * (least - value)
        high[i] = value + spread * (most - value)
    return low, high


def latin_hypercube(
    model: Model, names: Sequence[str], runs: int, seed: int, spread: float = 1.0
) -> np.ndarray:
    """Return the points of a Latin hypercube over the ranges of constants.

    Returns
    -------
    ndarray, shape (runs, len(names))
    """
    from scipy.stats import qmc

    if not names:
        return np.zeros((runs, 0))
    low, high = ranges(model, names, spread)
    return low + (high - low) * qmc.LatinHypercube(len(names), seed=seed).random(runs)
