"""Diagnostics for samples of a posterior: R-hat and the effective sample size.

The functions take the draws of one constant as an array. The formulas are those of Vehtari, Gelman, Simpson, Carpenter
and Bürkner (2021), "Rank-normalization, folding, and localization: an improved R-hat for assessing convergence of
MCMC", Bayesian Analysis 16(2).
"""

from __future__ import annotations

import numpy as np


def rhat(chains: np.ndarray) -> float:
    """Return the rank-normalised split R-hat: the larger of its bulk and folded versions (section 4.1).

    Parameters
    ----------
    chains : ndarray, shape (chains, draws)
        Independent chains of at least four draws each, in the order of time.

    Returns
    -------
    float
        NaN if the draws do not vary.
    """
    halves = _split(chains)
    folded = np.abs(halves - np.median(halves))
    return float(np.maximum(_ratio(_normal_scores(halves)), _ratio(_normal_scores(folded))))


def effective_size(chains: np.ndarray) -> float:
    """Return the bulk effective sample size, computed from rank-normalised draws (section 4.2).

    Parameters
    ----------
    chains : ndarray, shape (chains, draws)
        Chains of at least four draws each, in the order of time. The walkers of an ensemble count as chains, because at
        any one time they are independent once the ensemble has converged.
    """
    return _size(_normal_scores(_split(chains)))


def tail_size(chains: np.ndarray) -> float:
    """Return the tail effective sample size: that of the 5 % or of the 95 % quantile, if smaller (section 4.3)."""
    halves = _split(chains)
    low, high = np.quantile(halves, [0.05, 0.95])
    sizes = [_size((halves <= end).astype(float)) for end in (low, high)]
    return float(min(sizes))


def _split(chains: np.ndarray) -> np.ndarray:
    half = chains.shape[1] // 2
    return np.concatenate([chains[:, :half], chains[:, -half:]])


def _normal_scores(chains: np.ndarray) -> np.ndarray:
    from scipy.special import ndtri
    from scipy.stats import rankdata

    ranks = rankdata(chains, method="average").reshape(chains.shape)
    return np.asarray(ndtri((ranks - 3 / 8) / (chains.size + 1 / 4)))


def _variances(chains: np.ndarray) -> tuple[float, float]:
    """Return the mean variance within chains, and the variance of all draws estimated from them (equation 3)."""
    draws = chains.shape[1]
    within = float(np.mean(np.var(chains, axis=1, ddof=1)))
    between = float(np.var(np.mean(chains, axis=1), ddof=1))
    return within, (draws - 1) / draws * within + between


def _ratio(chains: np.ndarray) -> float:
    within, whole = _variances(chains)
    return float(np.sqrt(whole / within)) if within > 0 else float("nan")


def _size(chains: np.ndarray) -> float:
    """Return the equivalent number of independent draws, by Geyer's initial monotone sequence (section 3.2)."""
    number, draws = chains.shape
    within, whole = _variances(chains)
    if not within > 0:
        return float("nan")
    correlation = 1 - (within - np.mean(_autocovariance(chains), axis=0)) / whole
    correlation[0] = 1.0
    pairs = correlation[: draws // 2 * 2].reshape(-1, 2).sum(axis=1)
    negative = np.flatnonzero(pairs < 0)
    kept = np.minimum.accumulate(pairs[: negative[0] if negative.size else len(pairs)])
    # The effective size is limited as in Stan, because it could become very large for alternating chains.
    least = 1 / np.log10(number * draws)
    return float(number * draws / max(2 * kept.sum() - 1, least))


def _autocovariance(chains: np.ndarray) -> np.ndarray:
    """Return the autocovariance of each chain at each lag, shape (chains, draws), by fast Fourier transforms."""
    from scipy.fft import irfft, next_fast_len, rfft

    draws = chains.shape[1]
    length = next_fast_len(2 * draws, real=True)
    waves = rfft(chains - chains.mean(axis=1, keepdims=True), n=length, axis=1)
    products = irfft(np.abs(waves) ** 2, n=length, axis=1)[:, :draws]
    return np.asarray(products / (draws - 1))
