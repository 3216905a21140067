"""Estimators of Sobol' indices from the outcomes of a Saltelli design.

The method `of` of `Indices(a, b)` returns the indices of one constant. The function `intervals` returns bootstrap
intervals.

A and B are two independent sample matrices with a row for each run and a column for each constant. For each constant,
the model also runs at A with the column of this constant replaced by that of B. The first-order index is estimated by
formula (b) in table 2 of Saltelli et al. (2010), the total index by formula (f), which is due to Jansen (1999).
"""

from __future__ import annotations

import numpy as np

LEVEL = 0.95
RESAMPLES = 200
_AT_ONCE = 2**14  # the number of outcomes processed together, which fit into the cache of a core


class Indices:
    """Computes the indices of one constant at a time, given the outcomes at the sample matrices A and B.

    Parameters
    ----------
    a, b : ndarray, shape (..., n)
        Outcomes at the n rows of A and of B, for any number of measures. Rows in which one of the outcomes is NaN are
        left out.
    """

    def __init__(self, a: np.ndarray, b: np.ndarray) -> None:
        shape = a.shape
        self._shape = shape[:-1]
        self._parts = [
            _Part(a.reshape(-1, shape[-1])[rows], b.reshape(-1, shape[-1])[rows])
            for rows in _slices(int(np.prod(self._shape)), shape[-1])
        ]

    def of(self, mixed: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        """Return the first-order and the total index of a constant.

        Parameters
        ----------
        mixed : ndarray, shape (..., n)
            Outcomes at A with the column of the constant replaced by that of B.
        weights : ndarray, shape (resamples, n), optional
            How often each bootstrap sample contains each row; by default each row counts once.

        Returns
        -------
        ndarray, shape (2, ...), or (2, resamples, ...) with `weights`
            NaN for measures that do not vary.
        """
        rows = mixed.reshape(-1, mixed.shape[-1])
        lengths = np.cumsum([0, *(len(part.a) for part in self._parts)])
        found = [
            part.of(rows[first:last], weights)
            for part, first, last in zip(self._parts, lengths, lengths[1:], strict=False)
        ]
        drawn = () if weights is None else (len(weights),)
        if not found:
            return np.empty((2, *drawn, *self._shape))
        return np.concatenate(found, axis=-1).reshape(2, *drawn, *self._shape)


def _slices(rows: int, n: int) -> list[slice]:
    step = max(1, _AT_ONCE // n)
    return [slice(first, first + step) for first in range(0, rows, step)]


class _Part:
    """The outcomes of some measures, with the mean of each subtracted so that sums of squares are accurate.

    Outcomes that are NaN are replaced by 0, and the mask `known` is False for them.
    """

    def __init__(self, a: np.ndarray, b: np.ndarray) -> None:
        self.known = np.isfinite(a) & np.isfinite(b)
        self.complete = bool(self.known.all())
        count = np.maximum(self.known.sum(axis=-1), 1)
        self.centre = np.where(self.known, a + b, 0.0).sum(axis=-1) / (2 * count)
        self.a = np.where(self.known, a - self.centre[:, np.newaxis], 0.0)
        self.b = np.where(self.known, b - self.centre[:, np.newaxis], 0.0)

    def of(self, mixed: np.ndarray, weights: np.ndarray | None) -> np.ndarray:
        known, a, b = self.known, self.a, self.b
        moved = mixed - self.centre[:, np.newaxis] - a
        if not (self.complete and np.isfinite(moved).all()):
            known = known & np.isfinite(mixed)
            a, b, moved = (np.where(known, x, 0.0) for x in (a, b, moved))
        products = np.array([known, a + b, a * a + b * b, moved, b * moved, moved * moved])
        sums = products.sum(axis=-1) if weights is None else (products @ weights.T).swapaxes(1, 2)
        count, *others = sums
        with np.errstate(divide="ignore", invalid="ignore"):
            both, squares, change, covered, changes = (each / count for each in others)
            shift = both / 2
            variance = squares / 2 - shift**2
            # Differences that are only rounding errors do not count as variance.
            rounding = 1e-12 * np.abs(self.centre + shift)
            variance = np.where(variance > rounding**2, variance, np.nan)
            return np.array([(covered - shift * change) / variance, changes / 2 / variance])


def resampled(n: int, seed: int) -> np.ndarray:
    """Return how often each of `RESAMPLES` bootstrap samples draws each of `n` rows, shape (RESAMPLES, n)."""
    random = np.random.default_rng(seed)
    counts = np.empty((RESAMPLES, n))
    for (
        count
    ) in counts:  # one sample at a time, because all of them together need as much memory again
        count[:] = np.bincount(random.integers(0, n, n), minlength=n)
    return counts


def intervals(draws: np.ndarray) -> np.ndarray:
    """Return the ends of the bootstrap intervals of indices; NaN where an index is undefined.

    Parameters
    ----------
    draws : ndarray, shape (2, resamples, measures)
        First-order and total indices of each bootstrap sample, as `Indices.of` returns them.

    Returns
    -------
    ndarray, shape (2, measures, 2)
        The lower and the upper end, for the first-order and for the total index.
    """
    ends = np.full((2, draws.shape[0], draws.shape[2]), np.nan)
    known = np.isfinite(draws).all(axis=1)
    share = (1 - LEVEL) / 2
    ends[:, known] = np.quantile(np.moveaxis(draws, 1, 0)[:, known], (share, 1 - share), axis=0)
    return np.moveaxis(ends, 0, -1)
