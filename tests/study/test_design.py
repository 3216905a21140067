"""Designs: points over the ranges of what varies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import sdcluster
from sdcluster import ModelError

MODEL = """{UTF-8}
price = 2 ~ euro ~ A judgement. ~ [1, 4] ~|
share = 0.5 ~ ~ Measured. ~ [0, 1] ~|
plain = 7 ~ ~ A judgement, without a range. ~|
region: north, south ~~|
rate[region] = 0.1, 0.2 ~ ~ A judgement. ~ [0, 1] ~|
stock = INTEG(price, 10) ~~|
INITIAL TIME = 0 ~~| FINAL TIME = 4 ~~| TIME STEP = 1 ~~| SAVEPER = 1 ~~|
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory):
    path = tmp_path_factory.mktemp("design") / "m.mdl"
    path.write_text(
        MODEL.replace("~ [1, 4] ~|", "~|").replace("~ [0, 1] ~|", "~|"), encoding="utf-8"
    )
    return sdcluster.load(path)


@pytest.mark.parametrize("method", ["sobol", "lhs", "random"])
def test_points_fill_the_ranges_that_are_given(model, method: str) -> None:
    made = sdcluster.design(model, 256, {"price": (1, 3), "stock": (-5, 5)}, method)
    assert made.names == ("price", "stock")
    assert made.values.shape == (256, 2)
    assert np.all(made.values > [1, -5])
    assert np.all(made.values < [3, 5])
    assert np.allclose(made.values.mean(axis=0), [2, 0], atol=0.5)
    again = sdcluster.design(model, 256, {"price": (1, 3), "stock": (-5, 5)}, method)
    other = sdcluster.design(model, 256, {"price": (1, 3), "stock": (-5, 5)}, method, seed=1)
    assert np.array_equal(made.values, again.values)
    assert not np.array_equal(made.values, other.values)


def test_latin_hypercubes_and_sobol_points_leave_no_gap(model) -> None:
    for method in ("sobol", "lhs"):
        values = np.sort(sdcluster.design(model, 64, {"price": (0, 64)}, method).values[:, 0])
        assert np.array_equal(np.floor(values), np.arange(64))


def test_a_grid_has_the_same_values_for_each_variable(model) -> None:
    made = sdcluster.design(model, 30, {"price": (0, 4), "share": (0, 1)}, "grid")
    assert len(made) == 25
    assert sorted(set(made.values[:, 0])) == [0, 1, 2, 3, 4]
    with pytest.raises(ModelError, match="needs at least 4 points"):
        sdcluster.design(model, 3, {"price": (0, 4), "share": (0, 1)}, "grid")


@pytest.mark.parametrize(
    ("given", "true"),
    [
        (("uniform", 1, 3), stats.uniform(1, 2)),
        (("triangular", 1, 2, 5), stats.triang(0.25, 1, 4)),
        (("normal", 2, 0.5), stats.norm(2, 0.5)),
        (("normal", 2, 0.5, 1.5, 3), stats.truncnorm(-1, 2, 2, 0.5)),
        (("lognormal", 2, 0.3), stats.lognorm(0.3, scale=2)),
        (stats.beta(2, 5), stats.beta(2, 5)),
    ],
    ids=["uniform", "triangular", "normal", "cut off", "lognormal", "of scipy"],
)
def test_each_variable_has_its_distribution(model, given, true) -> None:
    values = sdcluster.design(model, 2048, {"price": given}).values[:, 0]
    assert stats.kstest(values, true.cdf).statistic < 0.002


def test_a_lognormal_that_is_cut_off_stays_within_its_bounds(model) -> None:
    values = sdcluster.design(model, 512, {"price": ("lognormal", 2, 1, 1, 3)}).values[:, 0]
    assert values.min() >= 1
    assert values.max() <= 3
    inner = stats.lognorm(1, scale=2)
    share = (inner.cdf(np.median(values)) - inner.cdf(1)) / (inner.cdf(3) - inner.cdf(1))
    assert share == pytest.approx(0.5, abs=0.01)


def test_variables_are_correlated_as_asked(model) -> None:
    over = {"price": ("normal", 0, 1), "share": (0, 1), "stock": ("lognormal", 1, 2)}
    pairs = {("price", "share"): 0.8, ("share", "stock"): -0.5}
    values = sdcluster.design(model, 4096, over, correlations=pairs).values
    ranks = stats.spearmanr(values).statistic
    for i, j, rho in ((0, 1, 0.8), (1, 2, -0.5), (0, 2, 0.0)):
        # Of normal variables, the correlation of ranks is 6 / pi arcsin(rho / 2).
        assert ranks[i, j] == pytest.approx(6 / np.pi * np.arcsin(rho / 2), abs=0.03)


@pytest.mark.parametrize(
    ("over", "options", "says"),
    [
        ("judgments", {}, 'did you mean "judgements"'),
        ("levers", {}, "has no levers with a range"),
        (["plain"], {}, '"plain" has no range'),
        ({"pirce": (1, 2)}, {}, "price"),
        ({"price": (3, 1)}, {}, "must be below"),
        ({"price": ("normal", 1, -2)}, {}, "standard deviation"),
        ({"price": ("gamma", 1, 2)}, {}, "lognormal"),
        ({"price": (1, 2)}, {"method": "sobel"}, 'did you mean "sobol"'),
        ({"price": (1, 2)}, {"correlations": {("price", "share"): 0.5}}, "does not vary"),
        ({"rate": (0, 1)}, {}, "is an array"),
    ],
)
def test_what_cannot_be_is_refused_with_a_remedy(model, over, options, says: str) -> None:
    with pytest.raises(ModelError, match=says):
        sdcluster.design(model, 8, over, **options)


def test_constants_with_ranges_are_offered_where_the_chosen_kind_has_none(tmp_path) -> None:
    path = tmp_path / "ranged.mdl"
    ranged = MODEL.replace("price = 2 ~ euro", "price = 2 ~ euro [1, 4]")
    path.write_text(ranged.replace("~ [1, 4] ~|", "~|").replace("~ [0, 1] ~|", "~|"), "utf-8")
    with pytest.raises(ModelError, match="no levers with a range, but 1 of its constants have one"):
        sdcluster.design(sdcluster.load(path), 8, "levers")


def test_names_between_commas() -> None:
    cluster = sdcluster.load("cluster")
    assert sdcluster.design(cluster, 8, "policy").names == ("policy",)
    assert sdcluster.design(cluster, 8, "policy, openness").names == ("policy", "openness")
    with pytest.raises(ModelError, match='did you mean "openness"'):
        sdcluster.design(cluster, 8, "policy, opennes")


def test_correlations_that_cannot_hold_together_are_refused(model) -> None:
    over = {"price": (0, 1), "share": (0, 1), "stock": (0, 1)}
    pairs = {("price", "share"): 0.9, ("share", "stock"): 0.9, ("price", "stock"): -0.9}
    with pytest.raises(ModelError, match="all these correlations at once"):
        sdcluster.design(model, 8, over, correlations=pairs)


def test_judgements_levers_and_constants_of_a_model() -> None:
    cluster = sdcluster.load(Path(__file__).parents[2] / "models" / "cluster")
    levers = sdcluster.design(cluster, 8, "levers")
    judgements = sdcluster.design(cluster, 8)
    every = sdcluster.design(cluster, 8, "constants")
    assert {"openness", "policy"} <= set(levers.names) <= set(every.names)
    assert {"openness"} < set(judgements.names) < set(every.names)
    frame = levers.to_frame()
    assert list(frame.columns) == list(levers.names)
    half = sdcluster.design(cluster, 64, ["openness"], spread=0.5).values
    whole = sdcluster.design(cluster, 64, ["openness"]).values
    assert np.ptp(half) < 0.6 * np.ptp(whole)
