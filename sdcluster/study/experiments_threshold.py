"""Thresholds: the values of a constant at which the verdict of an experiment flips.

`find_threshold` takes a `Model`, an `Experiment` and a `Threshold` (a constant and its range). It returns a `Held`: the
values at which the verdict flips, and the parts of the range in which the verdict holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sdcluster.errors import SimulationError
from sdcluster.model import Model
from sdcluster.project.experiment import Experiment, Threshold
from sdcluster.study.experiments_asker import Asker
from sdcluster.words import say

SCANNED = 41  # the number of points in the range that are evaluated first
PRECISION = 1e-4  # a bisection stops at this share of the range
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Held:
    """The parts of a constant's range in which a verdict holds.

    Parameters
    ----------
    threshold : Threshold
    flips : tuple of float
        Values at which the verdict flips, ascending, in the constant's unit, accurate to 1/10,000 of the range.
    begins : bool
        Whether the verdict holds at the low end of the range.
    failed : int
        Number of points at which the model could not be run; the verdict is taken to be unchanged there.
    """

    threshold: Threshold
    flips: tuple[float, ...]
    begins: bool
    failed: int = 0

    @property
    def parts(self) -> tuple[tuple[float, float], ...]:
        """The parts of the range in which the verdict holds, in ascending order, each as a pair of its ends."""
        ends = [self.threshold.low, *self.flips, self.threshold.high]
        pairs = list(pairwise(ends))
        return tuple(pairs[0 if self.begins else 1 :: 2])


def find_threshold(
    model: Model,
    experiment: Experiment,
    threshold: Threshold,
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> Held:
    """Find at which values of one constant the verdict of an experiment flips.

    All other constants keep the values that they have in the cases. The experiment is evaluated at 41 evenly spaced
    points of the range. Between neighbours with different verdicts, bisection locates the flip. If the verdict flips
    and flips back within a fortieth of the range, both flips may be missed.

    Parameters
    ----------
    model : Model
    experiment : Experiment
        The whole hypothesis is evaluated: with no explanation removed, without the cause, and without each rival.
    threshold : Threshold
    seed : int
        Seed of the model's random numbers.
    progress : callable, optional
        Called with a description, the steps done and the total.

    Returns
    -------
    Held

    Raises
    ------
    SimulationError
        If the model cannot be run at any point of the range.
    """
    asker = Asker(model, experiment, [threshold.constant], seed)
    asker.warm()
    if progress is not None:
        progress(experiment.name, 0, SCANNED)
    scanned = np.linspace(threshold.low, threshold.high, SCANNED)
    _, held, failed = asker.outcomes(scanned[:, np.newaxis])
    if failed.all():
        asker.holds(scanned[:1])  # raises the error of the first point
    found = list(zip(scanned[~failed].tolist(), held[~failed].tolist(), strict=True))
    flips = [
        _bisected(asker, low, high, held, PRECISION * (threshold.high - threshold.low))
        for (low, held), (high, then) in pairwise(found)
        if held != then
    ]
    return Held(threshold, tuple(flips), found[0][1], SCANNED - len(found))


def _bisected(asker: Asker, low: float, high: float, held: bool, width: float) -> float:
    """Return where the verdict flips between `low` and `high`, by bisection; `held` is the verdict at `low`."""
    while high - low > width:
        middle = (low + high) / 2
        try:
            same = asker.holds(np.array([middle])) == held
        except SimulationError:
            break  # the model cannot be run there, so the flip cannot be located better
        low, high = (middle, high) if same else (low, middle)
    return (low + high) / 2


def told(held: Held, constant: str, language: str = "en") -> str:
    """Return a text that says where a verdict holds, such as ``holds while `old fit` is below 0.075``.

    Parameters
    ----------
    held : Held
    constant : str
        The constant's name or label, to be used in the text.
    language : str
    """
    low, high = held.threshold.low, held.threshold.high
    if not held.flips:
        key = "everywhere" if held.begins else "nowhere"
        return say(f"experiments.{key}", language, constant=constant, low=low, high=high)
    parts = []
    for begin, end in held.parts:
        key = "below" if begin == low else "above" if end == high else "between"
        parts.append(say(f"experiments.{key}", language, begin=begin, end=end))
    where = say("experiments.or", language).join(parts)
    return say("experiments.holds", language, constant=constant, where=where)
