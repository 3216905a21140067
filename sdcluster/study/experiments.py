"""Experiments: test a hypothesis on a model, and count how often it holds when uncertain constants vary.

`run_experiment` takes a `Model` and an `Experiment` from ``experiments.toml`` and returns an `Outcome`. The format of
the file is described in `sdcluster.project.experiments_file`.

A hypothesis names a result (the verdict), its cause, and rival explanations. It fails if the verdict does not hold, if
the verdict still holds after the cause is removed from the model, or if it no longer holds after a rival explanation
is removed. A claim that follows from one equation alone is an identity. It is evaluated to test the equations, but
summaries do not count it.

Robustness: all constants that the model's documentation calls a judgement vary over their ranges at once, by Latin
hypercube (McKay, Beckman & Conover 1979), except those that a case sets. This separates a claim that holds in 95 % of
the runs from one that needs luck. The module `sdcluster.study.experiments_threshold` finds at which value of a constant
the verdict flips, and `sdcluster.study.experiments_deciding` finds which constants decide it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sdcluster.errors import SimulationError
from sdcluster.messages import message
from sdcluster.model import Model
from sdcluster.project.experiment import Case, Cut, Experiment, Threshold, Verdict
from sdcluster.project.experiments_file import FILE_NAME, JUDGEMENTS, load_experiments
from sdcluster.study.experiments_asker import Asker
from sdcluster.study.experiments_ranges import judgements, latin_hypercube, varied

FIRM = 0.95
AT_ONCE = 512  # the number of points that run at once, between two reports of progress
Progress = Callable[[str, int, int], None]

__all__ = [
    "FILE_NAME",
    "FIRM",
    "JUDGEMENTS",
    "Case",
    "Cut",
    "CutOutcome",
    "Experiment",
    "Outcome",
    "Threshold",
    "Verdict",
    "judgements",
    "latin_hypercube",
    "load_experiments",
    "run_experiment",
]


@dataclass(frozen=True)
class CutOutcome:
    """The result with one explanation, the cause or a rival, removed from the model.

    Parameters
    ----------
    cut : Cut
    values : dict of str to float
        The measure of each case.
    number : float
        The number that decides the verdict, computed from the measures.
    verdict : bool
        Whether the number lies within the verdict's bounds.
    """

    cut: Cut
    values: dict[str, float]
    number: float
    verdict: bool

    @property
    def confirmed(self) -> bool:
        """Whether this supports the claim: the verdict fails without the cause, or still holds without a rival."""
        return self.cut.confirmed(self.verdict)


@dataclass(frozen=True)
class Outcome:
    """The result of an experiment on a model.

    Parameters
    ----------
    experiment : Experiment
    values : dict of str to float
        The measure of each case.
    number : float
        The number that decides the verdict.
    claim : bool
        Whether the verdict holds with no explanation removed.
    cuts : tuple of CutOutcome
        The results with the cause removed and with each rival removed, in the order of `Experiment.cuts`.
    runs : int
        Number of robustness runs that came to an end.
    share : float
        Share of these runs in which the whole hypothesis held, including the tests without the cause and without each
        rival; NaN without runs.
    claim_share : float
        Share of these runs in which the verdict held with no explanation removed.
    varied : tuple of str
        The constants that varied.
    failed : int
        Number of robustness runs that failed; `failure` says why the first of them failed.
    failure : str
    """

    experiment: Experiment
    values: dict[str, float]
    number: float
    claim: bool
    cuts: tuple[CutOutcome, ...] = ()
    runs: int = 0
    share: float = math.nan
    claim_share: float = math.nan
    varied: tuple[str, ...] = ()
    failed: int = 0
    failure: str = ""

    @property
    def holds(self) -> bool:
        """Whether the hypothesis holds: the claim is true, and the result of every cut supports it."""
        return self.claim and all(cut.confirmed for cut in self.cuts)

    @property
    def firmness(self) -> str:
        """``"firm"`` if the hypothesis holds in 95 % of the runs, ``"mostly"`` if in 50 %, else ``"needs luck"``."""
        if not self.runs:
            return ""
        if self.share >= FIRM:
            return "firm"
        return "mostly" if self.share >= 0.5 else "needs luck"


def run_experiment(
    model: Model,
    experiment: Experiment,
    runs: int = 0,
    *,
    seed: int = 0,
    spread: float = 1.0,
    levers: bool = True,
    progress: Progress | None = None,
) -> Outcome:
    """Run an experiment once with the model's own settings, and `runs` times with varied judgements.

    Parameters
    ----------
    model : Model
    experiment : Experiment
    runs : int
        Number of Latin-hypercube points. At each point all cases run: as they are, without the cause, and without
        each rival.
    seed : int
        Seed of the points, and of the model's random numbers.
    spread : float
        Share of each constant's range to sample, around the constant's own value.
    levers : bool
        Whether levers vary too; otherwise they keep the values of the cases.
    progress : callable, optional
        Called with a description, the steps done and the total.

    Returns
    -------
    Outcome

    Raises
    ------
    ModelError
        For settings that the model does not know.
    SimulationError
        If the model cannot be run with its own values.
    """
    verdict = experiment.verdict
    names = varied(model, experiment, levers) if runs else ()
    asker, still = Asker(model, experiment, (), seed), np.zeros(0)
    values = asker.values(still)
    cuts = []
    for i, cut in enumerate(experiment.cuts):
        own = asker.values(still, i)
        number = verdict.number(own)
        cuts.append(CutOutcome(cut, own, number, verdict.holds(number)))
    number = verdict.number(values)
    answer = (experiment, values, number, verdict.holds(number), tuple(cuts))
    if not names:
        return Outcome(*answer)
    asker = Asker(model, experiment, names, seed)
    points = latin_hypercube(model, names, runs, seed, spread)
    claimed = held = finished = 0
    failure = ""
    for first in range(0, runs, AT_ONCE):
        if progress is not None:
            progress(experiment.name, first, runs)
        some = points[first : first + AT_ONCE]
        claim, holds, failed = asker.outcomes(some)
        # A point at which the model cannot be run says nothing about the claim.
        finished += int(np.sum(~failed))
        claimed += int(np.sum(claim & ~failed))
        held += int(np.sum(holds & ~failed))
        if failed.any() and not failure:
            failure = _why(asker, some[int(np.argmax(failed))])
    return Outcome(
        *answer,
        runs=finished,
        share=held / finished if finished else math.nan,
        claim_share=claimed / finished if finished else math.nan,
        varied=names,
        failed=len(points) - finished,
        failure=failure,
    )


def _why(asker: Asker, point: np.ndarray) -> str:
    """Return the reason why the runs at a point fail."""
    try:
        if asker.claim(point):
            asker.confirmed(point)
    except SimulationError as error:
        return error.whole
    return message("study.variable_turns_nan_infinity")
