"""The constants that decide the verdict of an experiment: Sobol' indices of the verdict.

`deciding_constants` takes a `Model` and an `Experiment`, and returns a `Deciding`.

A setting is a set of values of all constants that vary. The indices are computed from the verdict: 1 where the
hypothesis holds and 0 where it does not. The total index of a constant is then a ratio of two probabilities. The
numerator is the probability that the verdict flips if this constant alone is drawn again; the denominator is the
probability that two independent settings have different verdicts. Indices of the measure itself would be less
useful, because extreme values far from the flip would dominate its variance.

If more than nine tenths of the settings have the same verdict, the verdict varies too little. The indices are then
computed from the ranks of the margins. (The margin says how far a setting is from the flip; ranks have no unit and no
extreme values.)

The runs are a Saltelli design: two independent Latin hypercubes A and B of n settings each and, for each constant, A
with that constant's column from B. To save runs, only the first 32 rows are run for every constant. All rows are run
only for the `SCREENED` constants whose total indices over these 32 rows are largest.

Sources: Saltelli et al. 2010, Computer Physics Communications 181, 259-270 (both estimators and the design); Saltelli
and Sobol' 1995 (ranks). The estimators are `scipy.stats.sobol_indices`, the intervals `scipy.stats.bootstrap`
(percentiles).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.model import Model
from sdcluster.project.experiment import Experiment
from sdcluster.study.experiments_asker import Asker
from sdcluster.study.experiments_ranges import latin_hypercube, varied

SCREENING = 32  # rows that are run for every constant
SCREENED = 8  # the number of constants whose indices are computed from all rows
AT_ONCE = 2048  # the number of settings that run at once, between two reports of progress
RARE = 0.1  # margins are used if one of the two verdicts occurs in a smaller share of the settings
RESAMPLES = 999
LEVEL = 0.95

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Decider:
    """The indices of one constant.

    Parameters
    ----------
    name : str
    first, total : float
        First-order and total Sobol' index: shares of the variance, without unit. Estimates may lie somewhat below 0 or
        above 1.
    first_interval, total_interval : (float, float)
        95 % bootstrap intervals.
    """

    name: str
    first: float
    total: float
    first_interval: tuple[float, float]
    total_interval: tuple[float, float]


@dataclass(frozen=True)
class Deciding:
    """The constants that decide a verdict.

    Parameters
    ----------
    constants : tuple of Decider
        By descending total index; empty if the outcome is the same in all settings.
    of : {"verdict", "margin"}
        The quantity from which the indices are computed; ``"margin"`` if the verdict is nearly always the same.
    share : float
        Share of the 2 × `base` settings in the matrices A and B for which the hypothesis holds.
    base : int
        Rows of each matrix.
    runs : int
        Number of settings at which the experiment was run.
    failed : int
        Number of settings at which the model could not be run; the verdict counts as false there.
    varied : tuple of str
        The constants that varied.
    """

    constants: tuple[Decider, ...]
    of: str
    share: float
    base: int
    runs: int
    failed: int
    varied: tuple[str, ...]


def deciding_constants(
    model: Model,
    experiment: Experiment,
    base: int = 256,
    *,
    most: int = 3,
    seed: int = 0,
    spread: float = 1.0,
    levers: bool = True,
    progress: Progress | None = None,
) -> Deciding:
    """Find the constants that decide how often an experiment's hypothesis holds.

    Parameters
    ----------
    model : Model
    experiment : Experiment
    base : int
        Number of rows of the design: a power of two, at least 32. About ``32 × (constants + 2) + (base - 32) × 10``
        settings are evaluated, each with all cases.
    most : int
        How many constants to return, up to 8.
    seed : int
        Seed of the design, of the bootstrap and of the model's random numbers.
    spread : float
        Share of each constant's range to sample, around the constant's own value.
    levers : bool
        Whether levers vary too.
    progress : callable, optional
        Called with a description, the steps done and the total.

    Returns
    -------
    Deciding

    Raises
    ------
    ModelError
        If nothing varies in the experiment, or if `base` is not a power of two of at least 32.
    """
    if base < SCREENING or base & (base - 1):
        raise ModelError(message("study.base_design_must_power", base=base, screening=SCREENING))
    names = varied(model, experiment, levers)
    if not names:
        raise ModelError(
            message("study.nothing_varies_experiment_no", experiment=experiment.name),
            file=model.path,
        )
    first, second = _design(model, names, base, seed, spread)
    kept = min(SCREENED, len(names))
    total = SCREENING * (len(names) + 2) + (base - SCREENING) * (kept + 2)
    asked = _Asked(Asker(model, experiment, names, seed), experiment.name, total, progress)
    head, rest = slice(0, SCREENING), slice(SCREENING, base)
    a, b = asked.begin(first[head], second[head])
    columns = asked.matrices(_crossed(first[head], second[head], i) for i in range(len(names)))
    chosen = _largest(a, b, columns, kept)
    later = asked.matrices(
        [first[rest], second[rest], *(_crossed(first[rest], second[rest], i) for i in chosen)]
    )
    a, b = np.concatenate([a, later[0]]), np.concatenate([b, later[1]])
    crossed = np.concatenate([columns[chosen], later[2:]], axis=1)
    found = _indices([names[i] for i in chosen], *_comparable(a, b, crossed), seed)
    return Deciding(
        constants=tuple(sorted(found, key=lambda d: -d.total)[:most]),
        of="margin" if asked.margins else "verdict",
        share=float(np.mean(np.concatenate([a, b]) >= (0 if asked.margins else 1))),
        base=base,
        runs=asked.done,
        failed=asked.failed,
        varied=tuple(names),
    )


class _Asked:
    """Evaluates settings and counts them. The outcomes are verdicts or, if nearly all verdicts agree, margins."""

    def __init__(self, asker: Asker, words: str, total: int, progress: Progress | None) -> None:
        self._asker, self._words, self._total, self._progress = asker, words, total, progress
        self.done = self.failed = 0
        self.margins = True

    def begin(self, *matrices: np.ndarray) -> list[np.ndarray]:
        """Return the outcomes at the first settings, and choose verdicts or margins for all later ones."""
        found = [self.rows(matrix) for matrix in matrices]
        share = float(np.mean(np.concatenate(found) >= 0))
        self.margins = min(share, 1 - share) < RARE
        return found if self.margins else [(m >= 0).astype(float) for m in found]

    def matrices(self, matrices: Iterable[np.ndarray]) -> np.ndarray:
        """Return the outcomes at the settings of matrices with n rows each, shape (number of matrices, n)."""
        stacked = np.array(list(matrices))
        return self.rows(stacked.reshape(-1, stacked.shape[2])).reshape(stacked.shape[:2])

    def rows(self, matrix: np.ndarray) -> np.ndarray:
        """Return the outcome at each setting: a margin, or the verdict as 1 or 0."""
        found = []
        for first in range(0, len(matrix), AT_ONCE):
            if self._progress is not None:
                self._progress(self._words, self.done, self._total)
            some = matrix[first : first + AT_ONCE]
            self.done += len(some)
            if self.margins:
                outcome = self._asker.margins(some)
                failed = np.isnan(outcome)
                outcome[failed] = -np.inf
            else:
                _, holds, failed = self._asker.outcomes(some)
                outcome = (holds & ~failed).astype(float)
            self.failed += int(failed.sum())
            found.append(outcome)
        return np.concatenate(found) if found else np.zeros(0)


def _design(
    model: Model, names: Sequence[str], base: int, seed: int, spread: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the matrices A and B, each of shape (base, len(names)): independent Latin hypercubes.

    A and B are not taken from one Sobol' sequence of twice the dimension. In the first rows of such a sequence, some
    constants have the same column in A and in B, so that these constants would seem to have no effect.
    """
    mine, other = np.random.SeedSequence(seed).generate_state(2).tolist()
    return (
        latin_hypercube(model, names, base, mine, spread),
        latin_hypercube(model, names, base, other, spread),
    )


def _crossed(first: np.ndarray, second: np.ndarray, i: int) -> np.ndarray:
    """Return a copy of A with one column from B."""
    found = first.copy()
    found[:, i] = second[:, i]
    return found


def _comparable(
    a: np.ndarray, b: np.ndarray, crossed: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the outcomes as ranks between 0 and 1; for verdicts, this changes only the scale."""
    from scipy.stats import rankdata

    every = np.concatenate([a, b, crossed.ravel()])
    ranks = rankdata(every) / len(every)
    n = len(a)
    return ranks[:n], ranks[n : 2 * n], ranks[2 * n :].reshape(crossed.shape)


def _largest(a: np.ndarray, b: np.ndarray, columns: np.ndarray, kept: int) -> list[int]:
    """Return the positions of the constants with the largest total effects: their outcomes differ most from A's."""
    a, _, columns = _comparable(a, b, columns)
    apart = np.mean((columns - a) ** 2, axis=1)
    return sorted(np.argsort(-apart, kind="stable")[:kept].tolist())


def _indices(
    names: Sequence[str], a: np.ndarray, b: np.ndarray, crossed: np.ndarray, seed: int
) -> list[Decider]:
    """Return the Sobol' indices of all constants.

    The outcomes at A and B have shape (n,), those at A with one column from B have shape (len(names), n).
    """
    if np.ptp(np.concatenate([a, b])) == 0:
        return []
    from scipy.stats import bootstrap

    def estimate(rows: np.ndarray) -> np.ndarray:
        return _sobol(a[rows], b[rows], crossed[:, rows])

    first, total = estimate(np.arange(len(a)))
    spans = bootstrap(
        (np.arange(len(a)),),
        estimate,
        vectorized=False,
        n_resamples=RESAMPLES,
        confidence_level=LEVEL,
        method="percentile",
        random_state=seed,
    ).confidence_interval
    return [
        Decider(
            name,
            float(first[i]),
            float(total[i]),
            (float(spans.low[0, i]), float(spans.high[0, i])),
            (float(spans.low[1, i]), float(spans.high[1, i])),
        )
        for i, name in enumerate(names)
    ]


def _sobol(a: np.ndarray, b: np.ndarray, crossed: np.ndarray) -> np.ndarray:
    """Return the first-order and the total indices of the constants, shape (2, number of constants)."""
    from scipy.stats import sobol_indices

    found = sobol_indices(func={"f_A": a[None], "f_B": b[None], "f_AB": crossed[:, None]}, n=len(a))
    return np.array(
        [np.atleast_1d(found.first_order).ravel(), np.atleast_1d(found.total_order).ravel()]
    )
