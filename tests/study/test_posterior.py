"""Posterior sampling: a posterior known in closed form, what the data do not see, and when draws cannot be trusted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import emcee
import numpy as np
import pytest
import xarray as xr

import sdcluster
from sdcluster.cli import app
from sdcluster.errors import ModelError
from sdcluster.messages import in_language
from sdcluster.project.target import Target
from sdcluster.run.save import save_netcdf
from sdcluster.study.calibrate import ONE_SIDE, OPEN, PINNED
from sdcluster.study.posterior import doubt, told, verdict
from sdcluster.study.posterior_chain import Plan, sample, sound_moves
from sdcluster.study.posterior_diagnosis import effective_size, rhat, tail_size
from tests.chinese import english_left
from tests.command import CliRunner

MODEL = """{UTF-8}
a = 1 ~ goods [-10, 10] ~|
b = 1 ~ goods/year [-10, 10] ~|
unseen = 1 ~ goods [0, 4] ~|
line = INTEG(b, a) ~ goods ~|
other = unseen * 2 ~ goods ~|
void = 0 * line ~ goods ~|
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
        'targets = "data.csv"\nparameters = ["a", "b", "unseen"]\npredict = [\n'
        '{ variable = "line", time = 3, title = { en = "line in year 3", zh = "第 3 年的直线" } },\n'
        '{ variable = "line", measure = "elasticity on void", time = 0, '
        'title = { en = "no value at all", zh = "无法计算" } },\n'
        f'{{ variable = "line", measure = "time to {MEASURED[-1]}", time = 0, '
        'title = { en = "time to the last value", zh = "达到末值的时间" } }]\n'
    )
    return folder


@pytest.fixture(scope="module")
def found(straight):
    return sdcluster.posterior(
        straight / "straight.mdl", straight / "data.csv", ["a", "b", "unseen"],
        draws=64, burn=60, walkers=64, seed=0,
    )  # fmt: skip


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
    assert said.startswith("The data do not determine unseen")
    assert said.endswith("as wide as the prior.")
    draws = found["draws"].sel(parameter="unseen").values
    size = float(found["ess"].sel(parameter="unseen"))
    assert draws.mean() == pytest.approx(2, abs=4 * (16 / 12 / size) ** 0.5)
    assert draws.min() >= 0
    assert draws.max() <= 4


def test_the_chart_has_bands_with_data_and_every_constant(found, tmp_path) -> None:
    written = found.sdcluster.plot(title="Straight").save(tmp_path / "posterior.svg")
    assert written.read_text(encoding="utf-8").count('<g id="axes_') == 4


def asked(straight, seed: int = 1, stop_at: float = np.inf, **options):
    """Return few draws, where an interrupt may come at a share of the way."""

    def progress(words: str, done: int, total: int) -> None:
        if done >= stop_at * total:
            raise KeyboardInterrupt

    options = {"draws": 12, "burn": 4, "walkers": 8, "progress": progress, **options}
    parts = straight / "straight.mdl", straight / "data.csv", ["a", "b"]
    return sdcluster.posterior(*parts, seed=seed, **options)


@pytest.fixture(scope="module")
def whole(straight):
    return asked(straight)


@pytest.fixture(scope="module")
def cut(straight):
    return asked(straight, stop_at=0.7)


def test_a_seed_gives_the_same_draws_and_an_interrupt_keeps_them(straight, whole, cut) -> None:
    assert np.array_equal(whole["draws"], asked(straight)["draws"])
    assert not np.array_equal(whole["draws"], asked(straight, seed=2)["draws"])
    kept = cut.sizes["draw"]
    assert 4 <= kept < 12
    assert np.array_equal(cut["draws"], whole["draws"][:, :kept])
    assert cut.attrs["complete"] == cut.attrs["converged"] == 0
    assert f"interrupted after {kept} draws" in cut.attrs["warning"]
    with pytest.raises(KeyboardInterrupt):
        asked(straight, stop_at=0.05)


@pytest.mark.parametrize("stop_at", [np.inf, 0.5])
def test_what_was_interrupted_goes_on_from_its_file_with_the_same_bits(
    straight, whole, cut, tmp_path, stop_at: float
) -> None:
    path = tmp_path / "draws.nc"
    save_netcdf(cut, path)
    again = asked(straight, stop_at=stop_at, seed=7, resume=path)
    if stop_at < 1:  # interrupted twice
        assert cut.sizes["draw"] < again.sizes["draw"] < 12
        again = asked(straight, resume=again)
    again.attrs["likelihoods_per_second"] = whole.attrs["likelihoods_per_second"]
    xr.testing.assert_identical(again, whole)


def test_a_finished_chain_goes_on_or_stays_what_it_is(straight, whole) -> None:
    longer = asked(straight, draws=20, resume=whole)
    assert np.array_equal(longer["draws"], asked(straight, draws=20)["draws"])
    xr.testing.assert_equal(asked(straight, resume=whole), whole)


def test_fewer_draws_than_the_file_has_are_all_kept_with_a_warning(straight, whole) -> None:
    with pytest.warns(sdcluster.ModelWarning, match="already have 12 per walker, more than the 8"):
        kept = asked(straight, draws=8, resume=whole)
    xr.testing.assert_equal(kept, whole)


def test_draws_that_were_all_there_are_not_said_to_have_a_speed(straight, tmp_path) -> None:
    out = tmp_path / "draws.nc"
    line = ["fit", str(straight / "straight.mdl"), "--sample", "8", "--out", str(out)]
    assert "likelihoods a second" in " ".join(CliRunner().invoke(app, line).output.split())
    again = " ".join(CliRunner().invoke(app, [*line, "--resume", str(out)]).output.split())
    assert "No new draws were needed." in again
    assert "likelihoods a second" not in again


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"parameters": ["a"]}, "other constants or other ranges"),
        ({"targets": [Target(1, "line", 3, 0.5)]}, "with other data"),
        ({"settings": {"unseen": 3}}, "under another scenario or with other settings"),
        ({"model": MODEL.replace("unseen * 2", "unseen")}, "from another model"),
        ({"resume": xr.Dataset()}, "no posterior that can be resumed"),
        ({"resume": "data.csv"}, "no posterior that can be resumed"),
    ],
)
def test_another_posterior_is_not_gone_on_with(straight, tmp_path, whole, change, says) -> None:
    parts = {"model": "", "targets": straight / "data.csv", "parameters": ["a", "b"],
             "resume": whole, **change}  # fmt: skip
    (tmp_path / "straight.mdl").write_text(parts["model"] or MODEL, encoding="utf-8")
    parts["model"] = tmp_path / "straight.mdl"
    if change.get("resume") == "data.csv":
        parts["resume"] = straight / "data.csv"
    with pytest.raises(ModelError, match=says):
        sdcluster.posterior(draws=8, **parts)


KILLED = """
import os, signal, sys
from sdcluster.cli import app
from sdcluster.study import posterior_resume

posterior_resume.FIRST = posterior_resume.EVERY = posterior_resume.SHARE = 0
keep, times = posterior_resume.Keeper.__call__, []

def killing(self, reached, last):
    keep(self, reached, last)
    times.append(1)
    if len(times) == int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)

posterior_resume.Keeper.__call__ = killing
app(sys.argv[2:])
"""  # it kills itself after so many steps, each of which is kept


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_killed_process_leaves_draws_that_go_on_with_the_same_bits(straight, tmp_path) -> None:
    whole, killed = tmp_path / "whole.nc", tmp_path / "killed.nc"
    line = ["fit", str(straight / "straight.mdl"), "--sample", "8"]
    assert CliRunner().invoke(app, [*line, "--out", str(whole)]).exit_code == 1
    words = [sys.executable, "-c", KILLED, "6", *line, "--out", str(killed)]
    assert subprocess.run(words, check=False).returncode == -signal.SIGKILL
    assert not killed.exists()
    assert xr.load_dataset(f"{killed}.part").sizes["draw"] == 2
    done = CliRunner().invoke(app, [*line, "--resume", str(killed), "--out", str(killed)])
    assert done.exit_code == 1, done.output  # too few draws
    found = xr.load_dataset(killed)
    rate = {"likelihoods_per_second": xr.load_dataset(whole).attrs["likelihoods_per_second"]}
    xr.testing.assert_identical(found.assign_attrs(rate), xr.load_dataset(whole))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["killed.nc", "whole.nc"]


@pytest.mark.parametrize("stop_at", [0.0, 0.1, 0.35])
def test_an_interrupt_too_early_for_a_result_keeps_the_steps(
    straight, whole, tmp_path, stop_at: float
) -> None:
    kept = tmp_path / "draws.part"
    with pytest.raises(KeyboardInterrupt):
        asked(straight, stop_at=stop_at, checkpoint=kept)
    again = asked(straight, resume=kept)
    rate = {"likelihoods_per_second": whole.attrs["likelihoods_per_second"]}
    xr.testing.assert_identical(again.assign_attrs(rate), whole)


def test_of_several_cases_those_that_had_not_begun_are_sampled_from_the_start(
    straight, tmp_path
) -> None:
    folder = tmp_path / "cases"
    folder.mkdir()
    for name in ("straight.mdl", "data.csv"):
        (folder / name).write_bytes((straight / name).read_bytes())
    (folder / "calibration.toml").write_text(
        "\n".join(
            f'[case.{n}]\ntitle = {{ en = "{n}" }}\ntargets = "data.csv"\nparameters = ["{n}"]'
            for n in ("a", "b")
        )
    )
    out, first, second = (tmp_path / f"draws{name}.nc" for name in ("", "-a", "-b"))
    line = ["fit", str(folder), "--sample", "8", "--out", str(out)]
    CliRunner().invoke(app, line)
    draws = xr.load_dataset(second)["draws"]
    second.unlink()  # as if the command had been stopped in the first case
    done = CliRunner().invoke(app, [*line, "--resume", str(out)])
    assert done.exit_code == 1, done.output  # too few draws
    xr.testing.assert_identical(xr.load_dataset(second)["draws"], draws)
    first.unlink()
    second.unlink()
    refused = CliRunner().invoke(app, [*line, "--resume", str(out)])
    assert refused.exit_code == 2
    assert "draws-a.nc" in refused.output


def test_ctrl_c_before_the_first_draw_names_the_file_to_go_on_from(
    straight, tmp_path, monkeypatch
) -> None:
    def impatient(_words: str, done: int, _total: int, *_more: str) -> None:
        if done:
            raise KeyboardInterrupt

    monkeypatch.setattr("sdcluster.cli.terminal.Patience.report", staticmethod(impatient))
    out = tmp_path / "draws.nc"
    line = ["fit", str(straight / "straight.mdl"), "--sample", "8", "--out", str(out)]
    done = CliRunner().invoke(app, line)
    assert done.exit_code == 130
    said = "".join(done.output.split())
    assert "thedrawssofararekept" in said
    assert f"--resume{out}" in said
    assert (tmp_path / "draws.nc.part").is_file()


@pytest.mark.parametrize(("name", "noted"), [("draws.nc", ""), ("chart.png", "draws.nc")])
def test_draws_that_are_not_kept_have_a_note(
    straight, tmp_path, monkeypatch, name: str, noted: str
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    notes: list[str] = []
    monkeypatch.setattr("sdcluster.cli.progress_bar.note", notes.append)
    monkeypatch.setattr("sdcluster.cli.terminal.Patience.report", staticmethod(stop))
    out = str(tmp_path / name)
    line = ["fit", str(straight / "straight.mdl"), "--sample", "8", "--out", out]
    assert CliRunner().invoke(app, line).exit_code == 130
    assert (noted in notes[0]) if noted else notes[0] == ""


def test_changed_data_of_a_model_are_not_called_another_model(tmp_path) -> None:
    """The model reads a file; its equations stay."""
    (tmp_path / "push.csv").write_text("a,2\n")
    path = tmp_path / "reads.mdl"
    path.write_text(
        MODEL.replace("b = 1 ~", "push = GET DIRECT CONSTANTS('push.csv', ',', 'B1') ~~|\nb = 1 ~")
    )
    parts = path, [Target(1, "line", 3, 0.5)], ["a"]
    before = sdcluster.posterior(*parts, draws=8, burn=0, walkers=4)
    (tmp_path / "push.csv").write_text("a,3\n")
    with pytest.raises(ModelError, match="the model's data files had other contents"):
        sdcluster.posterior(*parts, draws=9, resume=before)


def test_predictions_follow_the_line_beyond_the_data_and_under_another_scenario(
    straight, found
) -> None:
    # The line at year 10 has the mean m and the variance of a + 10 b.
    long = MODEL.replace("FINAL TIME = 4", "FINAL TIME = 10")
    (straight / "long.mdl").write_text(long, encoding="utf-8")
    told = sdcluster.predict(
        straight / "long.mdl", found, ["line", "other"], quantiles=[0.05, 0.95]
    )
    draws = found["draws"].values.reshape(-1, 3)
    expected = np.quantile(draws[:, 0] + 10 * draws[:, 1], [0.05, 0.95])
    assert told["quantiles of line"].sel(time=10).values == pytest.approx(expected, abs=0.6)
    assert told["quantiles of other"].sel(time=0).values == pytest.approx([0.4, 7.6], abs=0.2)
    # Without the draws of `a`, its setting counts.
    only = found.sel(parameter=["b", "unseen"])
    told = sdcluster.predict(straight / "long.mdl", only, "line", settings={"a": 100})
    assert (told["quantiles of line"].sel(time=0) == 100).all()


def test_data_that_were_held_out_are_judged(straight, found) -> None:
    held = [Target(4, "line", 9, SIGMA), Target(4, "line", 15, SIGMA)]
    told = sdcluster.predict(straight / "straight.mdl", found, targets=held)
    assert told["inside"].values.tolist() == [True, False]
    # A normal density with the variance of the mean at the end, 3/5 sigma^2, and of the error.
    spread = SIGMA * (8 / 5) ** 0.5
    line = found["quantiles of line"].sel(time=4, quantile=0.5).item()
    expected = -0.5 * ((9 - line) / spread) ** 2 - np.log(spread * (2 * np.pi) ** 0.5)
    assert told["log_density"].values[0] == pytest.approx(expected, abs=0.05)
    assert told["log_density"].values[1] < -20
    with pytest.raises(ModelError, match="no curve to draw"):
        told.sdcluster.plot().save(straight / "nothing.svg")


def test_predictions_need_draws(straight) -> None:
    with pytest.raises(ModelError, match="need the draws"):
        sdcluster.predict(straight / "straight.mdl", xr.Dataset(), ["line"])
    with pytest.raises(ModelError, match="needs the draws"):
        xr.Dataset().sdcluster.corner()


def test_a_corner_chart_has_a_panel_for_each_constant_and_pair(found, tmp_path) -> None:
    written = found.sdcluster.corner(title="Straight").save(tmp_path / "corner.svg")
    assert written.read_text(encoding="utf-8").count('<g id="axes_') == 6
    with pytest.raises(ModelError, match='no "unsee"; did you mean "unseen"'):
        found.sdcluster.corner(["a", "unsee"]).save(tmp_path / "corner.svg")
    many = xr.concat([found[["draws"]]] * 5, dim="parameter")
    many = many.assign_coords(parameter=[f"p{i}" for i in range(15)])
    with pytest.raises(ModelError, match="15 constants is too large; name at most 12"):
        many.sdcluster.corner().save(tmp_path / "corner.svg")


@pytest.mark.parametrize("room", ["corner", "posterior"])
def test_a_chart_of_draws_that_have_not_converged_says_so(
    found, room, tmp_path, monkeypatch
) -> None:
    from sdcluster.view import corner, posterior

    figures = []
    for each in (corner, posterior):
        monkeypatch.setattr(each, "write_figure", lambda figure, path: figures.append(figure))
    draw = corner.draw_corner if room == "corner" else posterior.draw_posterior
    draw(found.assign_attrs(converged=1), tmp_path / "a.png", title="Straight")
    draw(found.assign_attrs(converged=0), tmp_path / "b.png", title="Straight")
    draw(found.assign_attrs(converged=0), tmp_path / "c.png", language="zh")
    assert [figure.get_suptitle() for figure in figures] == [
        "Straight", "Straight: the draws have not converged", "抽样尚未收敛"
    ]  # fmt: skip


def test_labels_of_a_corner_chart_do_not_overlap(found, tmp_path, monkeypatch) -> None:
    from sdcluster.view import corner

    figures = []
    monkeypatch.setattr(corner, "write_figure", lambda figure, path: figures.append(figure))
    names = ["strength of the learning curve", "first price of own igniter", "每年进入率"]
    corner.draw_corner(found.assign_coords(parameter=names), tmp_path / "corner.png", title="Long")
    (figure,) = figures
    figure.draw_without_rendering()
    boxes = [
        text.get_window_extent()
        for axes in figure.axes
        if axes.get_visible()
        for text in (axes.xaxis.label, axes.yaxis.label, axes._left_title, *axes.get_xticklabels())
        if text.get_text() and text.get_visible()
    ]
    boxes.append(figure.legends[0].get_window_extent())
    pairs = [(a, b) for i, a in enumerate(boxes) for b in boxes[:i]]
    assert len(pairs) > 50
    assert not any(a.overlaps(b) for a, b in pairs)


def test_too_few_draws_give_a_warning_and_exit_code_1(straight, tmp_path) -> None:
    model, path = str(straight / "straight.mdl"), tmp_path / "draws.nc"
    charts = [tmp_path / "bands.png", tmp_path / "corner.png"]
    line = ["fit", model, "--sample", "8", "--predict", "other", "--hold-out", "4", "--out", path,
            "--out", charts[0], "--corner", charts[1]]  # fmt: skip
    result = CliRunner().invoke(app, [str(part) for part in line])
    assert result.exit_code == 1
    assert "not pinned down" in result.output
    assert "The sampling has not converged" in result.output
    assert "effective draws, fewer than 400" in result.output
    assert "1 of 1 held-out measured values lie in the 90%" in result.output
    assert "line in year 3: " in result.output
    assert "no value at all: no draw gives a value for it." in result.output
    # About half of the straight lines end below the last measured value, and so never reach it.
    assert "of the draws give no value for it within the run" in " ".join(result.output.split())
    assert all(chart.exists() for chart in charts)
    with xr.open_dataset(path) as kept:
        assert "quantiles of other" in kept
    line = ["fit", model, "--sample", "9", "--hold-out", "4", "--resume", path, "--out", path]
    assert CliRunner().invoke(app, [str(part) for part in line]).exit_code == 1
    with xr.open_dataset(path) as kept:
        assert kept.sizes["draw"] == 9


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--corner", "corner.png"], "--resume, --predict, --hold-out and --corner"),
        (["--sample", "8", "--hold-out", "9"], "--hold-out 9 holds out nothing"),
        (["--sample", "8", "--hold-out", "0"], "--hold-out 0 leaves no data to fit"),
        (["--sample", "8", "--predict", "othr"], 'did you mean "other"'),
        (["--sample", "8", "--resume", "lost.nc"], "lost.nc: there is no such file"),
    ],
)
def test_what_cannot_be_asked_of_draws_is_refused_before_they_are_made(
    straight, options, says
) -> None:
    result = CliRunner().invoke(app, ["fit", str(straight / "straight.mdl"), *options])
    assert result.exit_code == 2
    assert says in " ".join(result.output.split())


@pytest.mark.parametrize(
    "more", [["--sample", "8", "--hold-out", "4"], ["--starts", "2", "--points", "3"]]
)
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
    assert said[0] == "The data determine a: 0.2 to 0.3 m (95 %), 0.1 of its range."
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


def test_ensembles_together_take_the_steps_that_emcee_takes_with_each_alone() -> None:
    def normal(places: np.ndarray) -> np.ndarray:
        inside = ((places >= 0) & (places <= 1)).all(axis=1)
        return np.where(inside, -0.5 * (((places - 0.5) / 0.1) ** 2).sum(axis=1), -np.inf)

    first = sample(normal, 2, Plan(2, 8, 3, 4, 1), None)
    on = sample(normal, 2, Plan(2, 8, 0, 20, 1), None, begin=first.states)
    for number, state in enumerate(first.states):
        alone = emcee.EnsembleSampler(8, 2, normal, moves=sound_moves(emcee), vectorize=True)
        begin = emcee.State(
            state.places, log_prob=state.logs, random_state=state.source().get_state()
        )
        alone.run_mcmc(begin, 20, skip_initial_state_check=True)
        assert np.array_equal(alone.get_chain(), on.places[number])
        assert np.array_equal(alone.get_log_prob(), on.logs[number])


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
        ({"burn": -1}, "must be at least 0"),
    ],
)
def test_what_cannot_be_sampled_is_refused(straight, options, says: str) -> None:
    with pytest.raises(ModelError, match=says):
        sdcluster.posterior(straight / "straight.mdl", straight / "data.csv", ["a", "b"], **options)
