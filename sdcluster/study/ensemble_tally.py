"""The running totals of an ensemble, to which its parts are added in order.

A `Tally` takes one `Part` after another and returns the statistics as variables of a dataset. Its state can be written
to a file and restored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sdcluster.study.ensemble_part import Part, Question
from sdcluster.study.spread import (
    BINS,
    EDGES,
    Moments,
    bin_edges,
    binned,
    bins_of,
    edges_of,
    exact_quantiles,
    moments_from,
    quantiles,
    ranks,
    state_of,
)

LISTED = 1000  # the most failed runs whose settings are listed
STATISTICS = ("mean", "variance", "minimum", "maximum")
OF_MEASURES = "of measures"
QUANTILE = "quantiles of"


@dataclass(frozen=True, eq=False)
class Plan:
    """Describes which results of the runs stay in memory.

    Parameters
    ----------
    question : Question
    runs, times : int
    shares : ndarray
        Probabilities of the quantiles.
    numbers : bool
        Whether the measures of all runs stay in memory, so that their quantiles are exact.
    curves : bool
        Whether the curves of `Question.keep` stay in memory; otherwise a store contains them.
    """

    question: Question
    runs: int
    times: int
    shares: np.ndarray
    numbers: bool
    curves: bool


@dataclass(frozen=True, eq=False)
class Pilot:
    """The results of some runs, from which the bins for all runs are computed.

    Parameters
    ----------
    numbers : ndarray, shape (measures, runs), or None
        Measures of the pilot runs; None if the measures of all runs stay in memory.
    edges : ndarray, shape (bands, T, EDGES), or None
        Edges of the bins; None if the curves of all runs stay in memory.
    """

    numbers: np.ndarray | None = None
    edges: np.ndarray | None = None


class Tally:
    """Adds up the results of an ensemble, part by part.

    Parameters
    ----------
    plan : Plan
    pilot : Pilot

    Attributes
    ----------
    next : int
        Number of runs added so far.
    failed : int
    listed : list of int
        Indices of the first runs that failed.
    numbers : ndarray, shape (measures, runs), or None
    kept : ndarray, shape (keep, runs, T), or None
    lost : ndarray of bool, shape (runs,), or None
        True for the runs that failed.
    """

    def __init__(self, plan: Plan, pilot: Pilot) -> None:
        question, runs, times = plan.question, plan.runs, plan.times
        bands, measures = len(question.bands), len(question.measures)
        self.plan = plan
        self.next = self.failed = 0
        self.listed: list[int] = []
        self.lost = np.zeros(runs, dtype=bool) if plan.numbers else None
        self.numbers = np.full((measures, runs), np.nan) if plan.numbers else None
        self.kept = np.empty((len(question.keep), runs, times)) if plan.curves else None
        self._moments = Moments.none((bands, times))
        self._measured = Moments.none((measures,))
        self._whole = np.empty((bands, runs, times)) if question.whole else None
        self._curve_edges = pilot.edges
        self._counts = None if pilot.edges is None else np.zeros(pilot.edges.shape, dtype=np.int64)
        self._few = pilot.numbers is not None
        if pilot.numbers is not None:
            self._edges, self._bins = edges_of(pilot.numbers.T), bins_of(pilot.numbers.T)
            self._ranks = np.zeros((measures, EDGES), dtype=np.int64)
            self._binned = np.zeros((measures, BINS), dtype=np.int64)

    def add(self, part: Part) -> None:
        """Add the next part; parts must come in order."""
        count = len(part.failed)
        here = slice(part.first, part.first + count)
        self.next = part.first + count
        self.failed += int(part.failed.sum())
        lost = part.first + np.flatnonzero(part.failed)
        self.listed += lost[: max(0, LISTED - len(self.listed))].tolist()
        self._moments = self._moments.joined(part.moments)
        self._measured = self._measured.joined(Moments.of(part.numbers.T))
        if self.numbers is not None and self.lost is not None:
            self.numbers[:, here], self.lost[here] = part.numbers, part.failed
        if self.kept is not None:
            self.kept[:, here] = part.kept
        if self._whole is not None and part.whole is not None:
            self._whole[:, here] = part.whole
        if self._counts is not None and part.counts is not None:
            self._counts += part.counts
        if self._few:
            self._ranks += ranks(part.numbers.T, self._edges)
            self._binned += binned(part.numbers.T, self._bins)

    # ---- on the way

    def state(self) -> dict[str, Any]:
        """Return the state as arrays by name: the statistics, without curves and measures of single runs."""
        found = {"next": self.next, "failed": self.failed, "listed": np.array(self.listed)}
        found |= state_of(self._moments, "bands") | state_of(self._measured, "measures")
        if self._counts is not None:
            found["counts"] = self._counts
        if self._few:
            found |= {"ranks": self._ranks, "binned": self._binned}
        return found

    def restore(
        self, state: Mapping[str, Any], numbers: np.ndarray, failed: np.ndarray, whole: np.ndarray
    ) -> None:
        """Restore a state.

        Parameters
        ----------
        state : mapping
            A state that `state` returned.
        numbers, failed, whole : ndarray, shapes (measures, next), (next,) and (bands, next, T)
            Measures, failures and curves of the single runs added so far, if the plan keeps them.
        """
        self.next, self.failed = int(state["next"]), int(state["failed"])
        self.listed = state["listed"].tolist()
        self._moments = moments_from(state, "bands")
        self._measured = moments_from(state, "measures")
        if self._counts is not None:
            self._counts = state["counts"]
        if self._few:
            self._ranks, self._binned = state["ranks"], state["binned"]
        if self.numbers is not None and self.lost is not None:
            self.numbers[:, : self.next], self.lost[: self.next] = numbers, failed
        if self._whole is not None:
            self._whole[:, : self.next] = whole

    # ---- at the end

    def curves(self) -> tuple[dict[str, tuple[str, tuple[Any, ...]]], float]:
        """Return the statistics of curves by name, each with its element, dimensions and values.

        Returns
        -------
        variables : dict of str to (str, (dimensions, values))
        error : float
            Largest error of the rank of a quantile, as a share of the runs; 0 if all quantiles are exact.
        """
        found: dict[str, tuple[str, tuple[Any, ...]]] = {}
        error = 0.0
        for i, name in enumerate(self.plan.question.bands):
            own = _row(self._moments, i)
            lacking = own.count < self.next - self.failed
            if self._whole is not None:
                rows = self._whole[i, : self.next]
                sound = rows[~np.isnan(rows).all(axis=1)] if self.failed else rows
                band = exact_quantiles(sound.T, self.plan.shares)
            else:
                assert self._counts is not None
                assert self._curve_edges is not None
                edges = self._curve_edges[i]
                band, wrong = quantiles(own, self._counts[i], edges, self.plan.shares)
                error = max(error, wrong)
            found[f"{QUANTILE} {name}"] = name, (("quantile", "time"), _without(band, lacking))
            for word, values in zip(STATISTICS, _statistics(own), strict=True):
                found[f"{word} of {name}"] = name, (("time",), _without(values, lacking))
        return found, error

    def measures(self) -> tuple[dict[str, tuple[Any, ...]], float]:
        """Return the statistics of measures as variables, and the error of quantiles as in `curves`."""
        count = len(self.plan.question.measures)
        error = 0.0
        if self.numbers is not None:
            known = [row[~np.isnan(row)] for row in self.numbers]
            share = np.full((len(self.plan.shares), count), np.nan)
            for i, row in enumerate(known):
                if row.size:
                    share[:, i] = np.quantile(row, self.plan.shares)
            bins = bins_of(self.numbers.T)
            counts = binned(self.numbers.T, bins)
        else:
            share, error = quantiles(self._measured, self._ranks, self._edges, self.plan.shares)
            bins, counts = self._bins, self._binned
        values = [*_statistics(self._measured), self._measured.count]
        return {
            f"statistics {OF_MEASURES}": (("statistic", "measure"), np.array(values)),
            f"{QUANTILE} measures": (("quantile", "measure"), share),
            f"histograms {OF_MEASURES}": (("measure", "bin"), counts),
            f"bins {OF_MEASURES}": (("measure", "edge"), bin_edges(bins, self._measured)),
        }, error


def _row(moments: Moments, i: int) -> Moments:
    return Moments(*(getattr(moments, key)[i] for key in Moments.__dataclass_fields__))


def _statistics(moments: Moments) -> Sequence[np.ndarray]:
    some = moments.count > 0
    first = (np.where(some, x, np.nan) for x in (moments.mean, moments.low, moments.high))
    mean, low, high = first
    return mean, moments.variance, low, high


def _without(values: np.ndarray, lacking: np.ndarray) -> np.ndarray:
    """Return the values, replaced by NaN at times at which any run has a missing value."""
    return np.where(lacking, np.nan, values)
