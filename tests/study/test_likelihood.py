"""Likelihoods of measured values at many settings at once."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import sdcluster
from sdcluster.errors import ModelError
from sdcluster.study.calibrate import Target
from sdcluster.study.likelihood import Likelihood

MODEL = """{UTF-8}
rate = 0.5 ~ 1/year [0, 2] ~|
start = 10 ~ goods [1, 20] ~|
size = INTEG(-rate * size, start) ~ goods ~|
root = SQRT(1 - rate) ~~|
INITIAL TIME = 0 ~ year ~| FINAL TIME = 4 ~ year ~| TIME STEP = 0.125 ~ year ~| SAVEPER = 0.125 ~ year ~|
"""
TARGETS = [
    Target(1.0, "size", 6.0, 0.5),
    Target(3.0, "size", 2.5, 0.25),
    Target(0.0, "size", 0.8, 0.1, measure="growth rate to 4"),
]


@pytest.fixture(scope="module")
def likelihood(tmp_path_factory: pytest.TempPathFactory) -> Likelihood:
    path = tmp_path_factory.mktemp("likelihood") / "m.mdl"
    path.write_text(MODEL, encoding="utf-8")
    model = sdcluster.load(path)
    return Likelihood(model, [*TARGETS, Target(2.0, "root", 0.7, 1.0)], ["rate", "start"])


def test_the_likelihood_is_that_of_independent_normal_errors(likelihood: Likelihood) -> None:
    rates, starts = np.linspace(0.1, 0.9, 19), np.linspace(8, 12, 19)
    found = likelihood.log_likelihoods({"start": starts, "Rate": rates})
    assert found.shape == (19,)
    for i in (0, 7, 18):
        run = sdcluster.simulate(
            likelihood.model, settings={"rate": rates[i], "start": starts[i]}, backend="native"
        )
        size = run["size"].values
        measured = [
            (float(run["size"].sel(time=1.0)), 6.0, 0.5),
            (float(run["size"].sel(time=3.0)), 2.5, 0.25),
            (100 * ((size[-1] / size[0]) ** (1 / 4) - 1), 0.8, 0.1),
            (float(run["root"][0]), 0.7, 1.0),
        ]
        expected = sum(stats.norm(value, sigma).logpdf(x) for x, value, sigma in measured)
        assert found[i] == pytest.approx(expected, rel=1e-12)


def test_settings_that_cannot_be_run_are_impossible_and_spoil_no_other(likelihood) -> None:
    points = {"rate": np.array([0.5, 1.5, 0.7]), "start": np.full(3, 10.0)}
    found = likelihood.log_likelihoods(points)
    alone = likelihood.log_likelihoods({"rate": [0.7], "start": [10.0]})
    assert np.isneginf(found).tolist() == [False, True, False]
    assert found[2] == alone[0]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"rate": [0.5]}, "must name each of rate, start"),
        ({}, "the settings name nothing, but must name each of rate, start"),
        ({"rate": [0.5], "start": [1.0, 2.0]}, "one number of each parameter for each point"),
        ({"rate": [0.5], "strt": [1.0]}, "start"),
    ],
)
def test_what_is_not_a_point_is_refused(likelihood: Likelihood, settings, says: str) -> None:
    with pytest.raises(ModelError, match=says):
        likelihood.log_likelihoods(settings)
