"""Posterior sampling: a posterior known in closed form, what the data do not see, and when draws cannot be trusted."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

import sdcluster
from sdcluster.cli import app
from sdcluster.errors import ModelError
from sdcluster.messages import in_language
from sdcluster.study.calibrate import ONE_SIDE, OPEN, PINNED
from sdcluster.study.posterior import doubt, told, verdict
from sdcluster.study.posterior_chain import Plan, sample
from sdcluster.study.posterior_diagnosis import effective_size, rhat, tail_size
from tests.chinese import english_left
from tests.command import CliRunner

MODEL = """{UTF-8}
a = 1 ~ goods [-10, 10] ~|
b = 1 ~ goods/year [-10, 10] ~|
unseen = 1 ~ goods [0, 4] ~|
line = INTEG(b, a) ~ goods ~|
other = unseen * 2 ~ goods ~|
INITIAL TIME = 0 ~ year ~| FINAL TIME = 4 ~ year ~| TIME STEP = 1 ~ year ~| SAVEPER = 1 ~ year ~|
"""
MEASURED = (0.9, 3.2, 4.8, 7.3, 8.8)  # the line at 0, 1, 2, 3 and 4
SIGMA = 0.5


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("straight")
    (folder / "straight.mdl").write_text(MODEL, encoding="utf-8")
    rows = [f"{t},line,{value},{SIGMA},measured" for t, value in enumerate(MEASURED)]
    (folder / "data.csv").write_text("\n".join(["time,variable,value,uncertainty,source", *rows]))
    (folder / "calibration.toml").write_text(
        'targets = "data.csv"\nparameters = ["a", "b", "unseen"]\n'
    )
    return folder


@pytest.fixture(scope="module")
def found(straight):
    return sdcluster.posterior(
        straight / "straight.mdl", straight / "data.csv", ["a", "b", "unseen"], draws=120, seed=0
    )


def test_draws_follow_the_posterior_known_in_closed_form(found) -> None:
    # Bishop (2006), Pattern Recognition and Machine Learning, equations 3.50 and 3.51, with a flat prior.
    design = np.stack([np.ones(5), np.arange(5)], axis=1) / SIGMA
    covariance = np.linalg.inv(design.T @ design)
    mean = covariance @ design.T @ (np.array(MEASURED) / SIGMA)
    draws = found["draws"].sel(parameter=["a", "b"]).values.reshape(-1, 2)
    size = found["ess"].sel(parameter=["a", "b"]).values
    assert found.attrs["converged"] == 1
    assert np.all(np.abs(draws.mean(axis=0) - mean) < 4 * np.sqrt(np.diag(covariance) / size))
    assert np.cov(draws.T) == pytest.approx(covariance, rel=5 * np.sqrt(2 / size.min()))
    assert found["high"].sel(parameter="b") == pytest.approx(
        mean[1] + 1.96 * covariance[1, 1] ** 0.5, abs=0.03
    )


def test_bands_are_those_of_the_line_and_predictions_add_the_error_of_measuring(found) -> None:
    # At year 2, the middle of the data, the line has the variance sigma^2 / 5.
    ends = found["quantiles of line"].sel(time=2.0, quantile=[0.05, 0.95]).values
    assert ends[1] - ends[0] == pytest.approx(2 * 1.645 * SIGMA / 5**0.5, rel=0.12)
    ends = found["predicted"].sel(quantile=[0.05, 0.95]).values[:, 2]
    assert ends[1] - ends[0] == pytest.approx(2 * 1.645 * SIGMA * (6 / 5) ** 0.5, rel=0.12)
    assert found["quantiles of line"].attrs["units"] == "goods"


def test_a_constant_that_the_data_do_not_see_stays_as_wide_as_its_prior(found) -> None:
    assert found["verdict"].values.tolist() == [PINNED, PINNED, OPEN]
    said = str(found["sentence"].sel(parameter="unseen").values)
    assert said.startswith("The data do not pin unseen down")
    assert said.endswith("as wide as the prior.")
    draws = found["draws"].sel(parameter="unseen").values
    size = float(found["ess"].sel(parameter="unseen"))
    assert draws.mean() == pytest.approx(2, abs=4 * (16 / 12 / size) ** 0.5)
    assert draws.min() >= 0
    assert draws.max() <= 4


def test_the_chart_has_bands_with_data_and_every_constant(found, tmp_path) -> None:
    written = found.sdcluster.plot(title="Straight").save(tmp_path / "posterior.svg")
    assert written.read_text(encoding="utf-8").count('<g id="axes_') == 4


@pytest.mark.filterwarnings("ignore")
def test_a_seed_gives_the_same_draws_and_an_interrupt_keeps_them(straight) -> None:
    def ask(seed: int, stop_at: float = np.inf):
        def progress(words: str, done: int, total: int) -> None:
            if done >= stop_at * total:
                raise KeyboardInterrupt

        return sdcluster.posterior(
            straight / "straight.mdl", straight / "data.csv", ["a", "b"],
            draws=20, burn=4, seed=seed, progress=progress,
        )  # fmt: skip

    whole, again, other, cut = ask(1), ask(1), ask(2), ask(1, stop_at=0.6)
    assert np.array_equal(whole["draws"], again["draws"])
    assert not np.array_equal(whole["draws"], other["draws"])
    kept = cut.sizes["draw"]
    assert 4 <= kept < 20
    assert np.array_equal(cut["draws"], whole["draws"][:, :kept])
    assert cut.attrs["complete"] == cut.attrs["converged"] == 0
    assert f"interrupted after {kept} draws" in cut.attrs["warning"]
    with pytest.raises(KeyboardInterrupt):
        ask(1, stop_at=0.05)


def test_too_few_draws_give_a_warning_and_exit_code_1(straight, tmp_path) -> None:
    path = tmp_path / "draws.nc"
    result = CliRunner().invoke(
        app, ["fit", str(straight / "straight.mdl"), "--sample", "10", "--out", str(path)]
    )
    assert result.exit_code == 1
    assert "not pinned down" in result.output
    assert "The sampling has not converged" in result.output
    assert "effective draws, fewer than 400" in result.output
    assert path.exists()


@pytest.mark.parametrize("more", [["--sample", "10"], ["--starts", "2", "--points", "3"]])
def test_a_report_in_chinese_has_no_english_sentence(straight, more: list[str]) -> None:
    line = ["fit", str(straight / "straight.mdl"), *more, "--language", "zh"]
    result = CliRunner().invoke(app, line, env={"COLUMNS": "160"})
    assert "参数" in result.output
    assert "95 % 区间" in result.output
    assert english_left(result.output) == []
    english = CliRunner().invoke(app, line[:-2], env={"COLUMNS": "160"}).output
    assert len(english_left(english)) > 2


def test_each_verdict_and_doubt_has_its_chinese_sentence() -> None:
    verdicts = ["pinned", "bounded on one side", "not pinned down", "not pinned down"]
    by = "parameter"
    found = xr.Dataset(
        {
            "verdict": (by, verdicts),
            "low": (by, [0.2, 0.2, 0.2, 0.0]),
            "high": (by, [0.3, 1.0, 0.8, 1.0]),
            "minimum": (by, np.zeros(4)),
            "maximum": (by, np.ones(4)),
            "units": (by, ["m", "1", "dmnl", "m"]),
            "rhat": (by, [1.0, 1.5, 1.0, np.nan]),
            "ess": (by, [900.0, 3.0, 900.0, np.nan]),
            "ess_tail": (by, [900.0, 900.0, 900.0, np.nan]),
            "draws": (("draw", by), np.zeros((5, 4))),
        },
        {by: ["a", "b", "c", "d"]},
        {"complete": 0},
    )
    said = [*told(found), doubt(found)]
    assert said[0] == "The data pin a down to 0.2 to 0.3 m (95 %), 0.1 of the range."
    assert said[3].endswith("as wide as the prior.")
    assert "interrupted after 5 draws" in said[4]
    chinese = [in_language(sentence, "zh") for sentence in said]
    assert english_left("\n".join(chinese)) == []
    assert not doubt(found.isel(parameter=[0]).assign_attrs(complete=1))


def test_r_hat_sees_chains_that_disagree_in_place_or_in_width() -> None:
    random = np.random.default_rng(0)
    same = random.standard_normal((4, 1000))
    assert rhat(same) == pytest.approx(1, abs=0.005)
    assert rhat(same + np.array([[0], [0], [0], [1]])) > 1.05
    assert rhat(same * np.array([[1], [1], [1], [3]])) > 1.05
    assert rhat(np.linspace(0, 1, 1000) + 0.1 * same) > 1.05  # a trend: the halves disagree


def test_r_hat_sees_ensembles_that_stay_in_different_modes() -> None:
    plan = Plan(ensembles=4, walkers=8, burn=20, steps=60, seed=1)

    def two_modes(places: np.ndarray) -> np.ndarray:
        return np.max([-0.5 * ((places[:, 0] - at) / 0.01) ** 2 for at in (0.2, 0.8)], axis=0)

    def stretch(emcee):
        return [(emcee.moves.StretchMove(a=1.2), 1.0)]

    chains = sample(two_modes, 1, plan, None, stretch)
    assert rhat(chains.places[..., 0].reshape(4, -1)) > 1.01


def test_the_moves_keep_the_variance_of_a_normal_density() -> None:
    plan = Plan(ensembles=2, walkers=40, burn=100, steps=500, seed=0)
    chains = sample(lambda x: -0.5 * (((x - 0.5) / 0.03) ** 2).sum(axis=1), 5, plan, None)
    single = chains.places.transpose(0, 2, 1, 3).reshape(80, 500, 5)
    size = min(effective_size(single[:, :, i]) for i in range(5))
    assert single.reshape(-1, 5).std(axis=0) / 0.03 == pytest.approx(1, abs=4 / (2 * size) ** 0.5)


@pytest.mark.parametrize("memory", [0.0, 0.6, 0.9])
def test_the_effective_size_is_that_of_an_autoregression(memory: float) -> None:
    random = np.random.default_rng(1)
    chains = np.empty((40, 2000))
    chains[:, 0] = random.standard_normal(40)
    for step in range(1, 2000):
        noise = random.standard_normal(40) * (1 - memory**2) ** 0.5
        chains[:, step] = memory * chains[:, step - 1] + noise
    # The autocorrelation time of a first-order autoregression is (1 + memory) / (1 - memory).
    expected = chains.size * (1 - memory) / (1 + memory)
    assert effective_size(chains) == pytest.approx(expected, rel=0.1)
    assert tail_size(chains) > 0.5 * expected


def test_verdicts_look_at_the_density_at_both_ends_of_the_range() -> None:
    even = np.linspace(0, 1, 10_000)
    assert verdict(even) == OPEN
    assert verdict(even**4) == ONE_SIDE
    assert verdict(0.4 + 0.2 * even) == PINNED


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"draws": 5}, "too few"),
        ({"walkers": 3}, "3 walkers cannot sample 2 constants"),
        ({"burn": -1}, "fewer than 0"),
    ],
)
def test_what_cannot_be_sampled_is_refused(straight, options, says: str) -> None:
    with pytest.raises(ModelError, match=says):
        sdcluster.posterior(straight / "straight.mdl", straight / "data.csv", ["a", "b"], **options)
