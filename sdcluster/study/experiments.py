"""Experiments: a hypothesis of the theory, put as a question to a model, with a verdict and how often it holds.

Interface: ``experiments.toml`` beside a model in, `Experiment` and `Outcome` out. The file's form is in
`sdcluster.project.experiments_file`.

A hypothesis can fail in three ways: the verdict does not hold; it still holds when the named cause is cut; it no longer
holds when a rival explanation is cut. A claim that follows from one equation alone is an identity. It is evaluated to
test the equations, but summaries do not count it.

Robustness: all constants that the model's documentation calls a judgement vary over their ranges at once, by Latin
hypercube (McKay, Beckman & Conover 1979), except those that a case sets. That separates a claim that holds in 95 % of
the runs from one that needs luck. Where a verdict flips, `sdcluster.study.experiments_threshold` finds; what decides
it, `sdcluster.study.experiments_deciding`.
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
AT_ONCE = 64  # points between two reports of progress
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
    """The answer with one explanation cut.

    Parameters
    ----------
    cut : Cut
    values : dict of str to float
        The measure of each case.
    number : float
        The number that decides the verdict.
    verdict : bool
        Whether the number lies within the verdict's bounds.
    """

    cut: Cut
    values: dict[str, float]
    number: float
    verdict: bool

    @property
    def confirmed(self) -> bool:
        """Whether that speaks for the claim: no verdict without the cause, the verdict without a rival."""
        return self.cut.confirmed(self.verdict)


@dataclass(frozen=True)
class Outcome:
    """The answer of a model.

    Parameters
    ----------
    experiment : Experiment
    values : dict of str to float
        The measure of each case.
    number : float
        The number that decides the verdict.
    claim : bool
        Whether the verdict holds with nothing cut.
    cuts : tuple of CutOutcome
        The answers with the cause cut and with each rival cut, in the order of `Experiment.cuts`.
    runs : int
        Number of robustness runs that came to an end.
    share : float
        In which share of them the hypothesis held, with the cause and the rivals cut as well; NaN without runs.
    claim_share : float
        Share of the runs in which the verdict held with no explanation removed.
    varied : tuple of str
        The constants that varied.
    failed : int
        Number of robustness runs that did not come to an end; `failure` says why the first of them did not.
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
        """Whether the hypothesis holds: the claim does, and each cut speaks for it."""
        return self.claim and all(cut.confirmed for cut in self.cuts)

    @property
    def firmness(self) -> str:
        """``"firm"`` from 95 % of the runs on, ``"mostly"`` from 50 %, else ``"needs luck"``."""
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
    """Run a model's experiments once with its own settings and `runs` times with varied judgements.

    Parameters
    ----------
    model : Model
    experiment : Experiment
    runs : int
        Number of Latin-hypercube points; each runs all cases, with nothing cut, the cause cut and each rival cut.
    seed : int
        Of the points, and of the model's random numbers.
    spread : float
        Share of each range that is used, around the constant's own value.
    levers : bool
        Whether levers vary too, or keep the values of the cases.
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
    """Return the reason why the model cannot be run at a point."""
    try:
        if asker.claim(point):
            asker.confirmed(point)
    except SimulationError as error:
        return error.whole
    return message("study.variable_turns_nan_infinity")
