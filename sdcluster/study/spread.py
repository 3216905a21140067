"""Streaming statistics over runs that do not fit into memory together: moments, ranks, quantiles, histograms.

`Moments.of(values)` and `ranks(values, edges)` summarize some of the runs. The summaries are then added up in a fixed
order, and `quantiles(…)` computes quantiles from the sums. `exact_quantiles(…)` is for runs that are all in memory.

Means and variances of two groups are combined by the formulas of Chan, Golub & LeVeque (1983, The American Statistician
37, 242-247).

Quantiles are computed from counts. A sample of runs (the pilot) gives `EDGES` edges at evenly spaced ranks, and all
runs are counted in the bins between the edges. Counts are exact and do not depend on order, so any grouping of the runs
gives the same totals. A quantile lies between two neighbouring edges. The share of runs between these edges is a bound
on the error of the quantile's rank, which `quantiles` returns. Values that several pilot runs share get an edge on both
sides, so that such values are returned exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

EDGES = 1024
PILOT = 2048  # the number of pilot runs, from which the edges are computed
BINS = 40  # the number of bins in a histogram


@dataclass(frozen=True, eq=False)
class Moments:
    """Statistics of columns of numbers; all arrays have the same shape, such as (columns,).

    Parameters
    ----------
    count : ndarray of float
        Number of values that are not NaN.
    mean, squares : ndarray
        The mean, and the sum of the squared deviations from it.
    low, high : ndarray
        Minimum and maximum; infinite if there is no value.
    """

    count: np.ndarray
    mean: np.ndarray
    squares: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @classmethod
    def none(cls, shape: tuple[int, ...]) -> Moments:
        """Return the moments of empty columns, from which a sum can start."""
        zero = np.zeros(shape)
        return cls(zero, zero, zero, np.full(shape, np.inf), np.full(shape, -np.inf))

    @classmethod
    def of(cls, values: np.ndarray) -> Moments:
        """Return the moments of each column of `values`, shape (runs, columns)."""
        runs, columns = values.shape
        if not runs:
            return cls.none((columns,))
        mean = values.sum(axis=0) / runs
        if not np.isnan(mean).any():
            apart = values - mean
            squares = np.einsum("ij,ij->j", apart, apart)
            count = np.full(columns, float(runs))
            return cls(count, mean, squares, values.min(axis=0), values.max(axis=0))
        known = ~np.isnan(values)
        count = known.sum(axis=0, dtype=float)
        mean = np.where(known, values, 0.0).sum(axis=0) / np.maximum(count, 1.0)
        apart = np.where(known, values - mean, 0.0)
        low = np.where(known, values, np.inf).min(axis=0)
        high = np.where(known, values, -np.inf).max(axis=0)
        return cls(count, mean, np.einsum("ij,ij->j", apart, apart), low, high)

    def joined(self, other: Moments) -> Moments:
        """Return the moments of this group and another one together; the order of the groups affects rounding."""
        count = self.count + other.count
        share = other.count / np.maximum(count, 1.0)
        apart = other.mean - self.mean
        return Moments(
            count,
            self.mean + apart * share,
            self.squares + other.squares + apart * apart * (self.count * share),
            np.minimum(self.low, other.low),
            np.maximum(self.high, other.high),
        )

    @property
    def variance(self) -> np.ndarray:
        """The variance with the divisor n - 1; NaN for fewer than two numbers."""
        free = self.count - 1
        return np.where(free > 0, self.squares / np.maximum(free, 1.0), np.nan)


def edges_of(pilot: np.ndarray) -> np.ndarray:
    """Return the edges of the bins in which runs are counted.

    Parameters
    ----------
    pilot : ndarray, shape (runs, columns)

    Returns
    -------
    ndarray, shape (columns, EDGES)
        Ascending. A value that occurs several times in the pilot has one edge at the value and one just below it.
    """
    ordered = np.sort(pilot.T, axis=-1)  # NaN comes last
    known = (~np.isnan(pilot)).sum(axis=0)[:, np.newaxis]
    ranks = ((np.arange(EDGES) + 0.5) / EDGES * known).astype(int)
    found = np.take_along_axis(ordered, np.minimum(ranks, len(pilot) - 1), axis=-1)
    found[np.broadcast_to(known == 0, found.shape)] = 0.0
    again = found[:, 1:] == found[:, :-1]
    begins = np.concatenate([again, np.zeros_like(again[:, :1])], axis=-1)
    begins[:, 1:] &= ~again
    return np.where(begins, np.nextafter(found, -np.inf), found)


def ranks(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return how many values of each column lie at or below each edge.

    Parameters
    ----------
    values : ndarray, shape (runs, columns)
        NaN does not count.
    edges : ndarray, shape (columns, EDGES)

    Returns
    -------
    ndarray of int, shape (columns, EDGES)
    """
    found = np.empty(edges.shape, dtype=np.int32)
    # Sorting the values and looking up the edges takes fewer steps than looking up each value among the edges.
    for column, ordered in enumerate(np.sort(values.T, axis=-1)):
        found[column] = ordered.searchsorted(edges[column], "right")
    return found


def quantiles(
    moments: Moments, counts: np.ndarray, edges: np.ndarray, shares: Sequence[float] | np.ndarray
) -> tuple[np.ndarray, float]:
    """Return quantiles of columns, computed from the counts of their values.

    Parameters
    ----------
    moments : Moments
        Moments of the columns, shape (columns,).
    counts, edges : ndarray, shape (columns, EDGES)
        Results of `ranks` and `edges_of`.
    shares : sequence of float
        Probabilities of the quantiles, from 0 to 1.

    Returns
    -------
    values : ndarray, shape (shares, columns)
        NaN for columns without a value.
    error : float
        Largest error of a quantile's rank, as a share of the runs.
    """
    found = np.full((len(shares), len(counts)), np.nan)
    error = 0.0
    for row, upto in enumerate(counts):
        total = int(moments.count[row])
        if not total:
            continue
        low, high = float(moments.low[row]), float(moments.high[row])
        at = np.concatenate([[low], np.clip(edges[row], low, high), [high]])
        below = np.concatenate([[0], upto, [total]])
        wanted = np.asarray(shares, dtype=float) * (total - 1)
        i = np.searchsorted(upto, wanted, "right")
        inside = below[i + 1] - below[i]
        value = at[i] + (at[i + 1] - at[i]) * (wanted + 0.5 - below[i]) / inside
        sharp = at[i + 1] <= np.nextafter(at[i], np.inf)
        value = np.where(sharp | (wanted >= total - 1), at[i + 1], value)
        found[:, row] = np.where(wanted <= 0, low, np.where(wanted >= total - 1, high, value))
        ends = sharp | (wanted <= 0) | (wanted >= total - 1)
        error = max(error, float(np.max(np.where(ends, 0.0, inside / total), initial=0.0)))
    return found, error


def exact_quantiles(values: np.ndarray, shares: Sequence[float] | np.ndarray) -> np.ndarray:
    """Return quantiles along the last axis: bit-identical to `numpy.quantile`, and several times as fast.

    Parameters
    ----------
    values : ndarray, shape (…, runs)
        Values of at least one run; if any is NaN, so are the quantiles.
    shares : sequence of float
        Probabilities of the quantiles, from 0 to 1.

    Returns
    -------
    ndarray, shape (shares, …)
        Interpolated linearly between neighbours (Hyndman & Fan 1996, The American Statistician 50, 361-365, type 7).
    """
    ordered = np.sort(
        values, axis=-1
    )  # a vectorised sort is faster than a partition at many places
    last = ordered.shape[-1] - 1
    found = np.empty((len(shares), *ordered.shape[:-1]))
    with np.errstate(invalid="ignore"):  # from interpolating between two infinite values
        for i, share in enumerate(shares):
            place = last * float(share)
            low = int(place)
            part = place - low
            below, above = ordered[..., low], ordered[..., min(low + 1, last)]
            apart = above - below
            found[i] = below + apart * part if part < 0.5 else above - apart * (1 - part)
    found[:, np.isnan(ordered[..., -1])] = np.nan
    return found


def bins_of(pilot: np.ndarray) -> np.ndarray:
    """Return the inner edges of histogram bins, shape (columns, BINS - 1), for values of shape (runs, columns)."""
    found = np.zeros((pilot.shape[1], BINS - 1))
    for column, values in enumerate(pilot.T):
        known = values[np.isfinite(values)]
        if known.size:
            found[column] = np.linspace(known.min(), known.max(), BINS + 1)[1:-1]
    return found


def binned(values: np.ndarray, inner: np.ndarray) -> np.ndarray:
    """Return how many values lie in each bin, shape (columns, BINS); NaN is not counted.

    Parameters
    ----------
    values : ndarray, shape (runs, columns)
    inner : ndarray, shape (columns, BINS - 1)
    """
    found = np.zeros((len(inner), BINS), dtype=np.int64)
    for column, numbers in enumerate(values.T):
        place = inner[column].searchsorted(numbers[~np.isnan(numbers)], "right")
        found[column] = np.bincount(place, minlength=BINS)
    return found


def bin_edges(inner: np.ndarray, moments: Moments) -> np.ndarray:
    """Return all edges of the bins, shape (columns, BINS + 1): the inner edges, and minimum and maximum of all runs."""
    low = np.where(moments.count > 0, moments.low, np.nan)[:, np.newaxis]
    high = np.where(moments.count > 0, moments.high, np.nan)[:, np.newaxis]
    first = np.minimum(low, inner[:, :1]) if inner.shape[1] else low
    last = np.maximum(high, inner[:, -1:]) if inner.shape[1] else high
    return np.concatenate([first, inner, last], axis=1)


def state_of(moments: Moments, name: str) -> dict[str, Any]:
    """Return moments as arrays by name, to be written to a file."""
    return {f"{name} {key}": getattr(moments, key) for key in Moments.__dataclass_fields__}


def moments_from(state: Any, name: str) -> Moments:
    """Return the moments that `state_of` stored."""
    return Moments(*(state[f"{name} {key}"] for key in Moments.__dataclass_fields__))
