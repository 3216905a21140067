"""Statistics of runs that are never in memory together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sdcluster.study.spread import (
    BINS,
    Moments,
    bin_edges,
    binned,
    bins_of,
    edges_of,
    exact_quantiles,
    quantiles,
    ranks,
)

SHARES = np.array([0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0])


@given(st.integers(0, 2**32 - 1), st.integers(1, 60), st.integers(0, 60))
@settings(max_examples=40, deadline=None)
def test_joined_moments_are_those_of_all_numbers(seed: int, first: int, second: int) -> None:
    rng = np.random.default_rng(seed)
    values = 1e6 + rng.normal(size=(3, first + second))
    values[1, rng.random(first + second) < 0.3] = np.nan
    found = Moments.of(values.T[:first]).joined(Moments.of(values.T[first:]))
    known = [row[~np.isnan(row)] for row in values]
    assert found.count.tolist() == [len(row) for row in known]
    for i, row in enumerate(known):
        if len(row):
            assert found.mean[i] == pytest.approx(row.mean(), rel=1e-14)
            assert (found.low[i], found.high[i]) == (row.min(), row.max())
        if len(row) > 1:
            assert found.variance[i] == pytest.approx(row.var(ddof=1), rel=1e-6, abs=1e-9)
        else:
            assert np.isnan(found.variance[i])


DRAWS = {
    "normal": lambda rng, n: rng.normal(size=n),
    "heavy tails": lambda rng, n: rng.standard_cauchy(size=n),
    "two far humps": lambda rng, n: rng.normal(size=n) + 1e9 * (rng.random(n) < 0.3),
    "a third are zero": lambda rng, n: np.maximum(rng.normal(size=n), -0.43),
    "whole numbers": lambda rng, n: rng.poisson(3, size=n).astype(float),
    "all the same": lambda rng, n: np.full(n, 0.1),
}


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_the_rank_of_a_quantile_is_as_near_as_it_says(draw) -> None:
    rng = np.random.default_rng(0)
    n = 60_000
    values = draw(rng, n)[:, np.newaxis]
    edges = edges_of(values[:2048])
    parts = [values[k : k + 1000] for k in range(0, n, 1000)]
    counts = sum(ranks(part, edges).astype(np.int64) for part in parts)
    found, error = quantiles(Moments.of(values), counts, edges, SHARES)
    assert error < 0.012
    for share, value in zip(SHARES, found[:, 0], strict=True):
        below, upto = (values < value).mean(), (values <= value).mean()
        assert below - error - 2 / n <= share <= upto + error + 2 / n
    assert (found[0, 0], found[-1, 0]) == (values.min(), values.max())


def test_values_that_many_runs_share_come_out_exactly() -> None:
    values = np.random.default_rng(0).poisson(3, size=(20_000, 1)).astype(float)
    edges = edges_of(values[:2048])
    found, error = quantiles(Moments.of(values), ranks(values, edges), edges, SHARES[1:-1])
    assert found[:, 0].tolist() == np.quantile(values, SHARES[1:-1], method="nearest").tolist()
    assert error == 0.0


def test_quantiles_leave_out_what_is_missing() -> None:
    values = np.arange(4.0 * 3000).reshape(3000, 4)
    values[:1500, 1], values[:, 2] = np.nan, np.nan
    edges = edges_of(values[::2])
    found, error = quantiles(Moments.of(values), ranks(values, edges), edges, [0.5])
    assert error < 0.01
    assert abs(found[0, 1] - np.nanmedian(values[:, 1])) < 0.01 * np.ptp(values[1500:, 1])
    assert np.isnan(found[0, 2])


def test_histograms_hold_every_number_and_reach_to_the_extremes() -> None:
    values = np.random.default_rng(0).normal(size=(5000, 2))
    values[::2, 1] = np.nan
    inner = bins_of(values[:100])
    counts = binned(values[:700], inner) + binned(values[700:], inner)
    assert counts.shape == (2, BINS)
    assert counts.sum(axis=1).tolist() == [5000, 2500]
    edges = bin_edges(inner, Moments.of(values))
    assert np.array_equal(np.histogram(values[:, 0], edges[0])[0], counts[0])
    assert (edges[0, 0], edges[0, -1]) == (values[:, 0].min(), values[:, 0].max())


@given(
    arrays(float, st.tuples(st.integers(1, 4), st.integers(1, 40)), elements=st.floats(-1e9, 1e9)),
    st.lists(st.floats(0, 1), min_size=1, max_size=4),
)
def test_exact_quantiles_have_the_bits_of_numpy(values, shares):
    shares = [0.0, 0.05, 0.5, 1.0, *shares]
    assert np.array_equal(exact_quantiles(values, shares), np.quantile(values, shares, axis=-1))
    values[0, 0] = np.nan
    with_gap = exact_quantiles(values, shares)
    assert np.isnan(with_gap[:, 0]).all()
    assert np.isfinite(with_gap[:, 1:]).all()
