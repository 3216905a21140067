"""Sobol' indices and elementary effects where the truth is known, and what becomes of runs that fail."""

from __future__ import annotations

import numpy as np
import pytest

import sdcluster
from sdcluster.errors import ModelError
from sdcluster.study.sensitivity import _too_few

CLOCK = "INITIAL TIME = 0 ~~| FINAL TIME = 1 ~~| TIME STEP = 1 ~~| SAVEPER = 1 ~~|"
ISHIGAMI = f"""
y = SIN(a) + 7 * SIN(b) ^ 2 + 0.1 * c ^ 4 * SIN(a) ~~|
a = 0 ~~| b = 0 ~~| c = 0 ~~|
level = INTEG(y, 0) ~~|
{CLOCK}
"""
LINEAR = f"""
y = 3 * a + 2 * b + idle * 0 ~~|
a = 0.5 ~~| b = 0.5 ~~| idle = 0.5 ~~|
level = INTEG(a * 2, 0) ~~|
broken = 1 / (2 - a) ~~|
{CLOCK}
"""
PI = (-np.pi, np.pi)


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "m.mdl"
        path.write_text(text.replace("SIN(b) ^ 2", "SIN(b) * SIN(b)").replace("c ^ 4", "c*c*c*c"))
        return path

    return write


def test_the_indices_of_ishigami_are_those_of_its_formula(written):
    found = sdcluster.sensitivity(
        written(ISHIGAMI), 4096, {"a": PI, "b": PI, "c": PI}, measures=["initial y"]
    )
    # Ishigami & Homma (1990), a = 7, b = 0.1; Saltelli et al. (2008), page 179.
    assert found["first"].sel(measure="initial y").values == pytest.approx(
        [0.3139, 0.4424, 0], abs=0.02
    )
    assert found["total"].sel(measure="initial y").values == pytest.approx(
        [0.5576, 0.4424, 0.2437], abs=0.02
    )
    low, high = found["total_interval"].isel(measure=0).values.T
    assert (low < found["total"].isel(measure=0)).all()
    assert (found["total"].isel(measure=0) < high).all()


def test_the_indices_of_a_sum_are_the_shares_of_its_variance(written):
    over = {"a": (0, 1), "b": (0, 1), "idle": (0, 1)}
    found = sdcluster.sensitivity(
        written(LINEAR), 1024, over, measures=["initial y"], curves=["level", "y"]
    )
    shares = [9 / 13, 4 / 13, 0]
    assert found["first"].isel(measure=0).values == pytest.approx(shares, abs=0.02)
    assert found["total"].isel(measure=0).values == pytest.approx(shares, abs=0.02)
    over_time = found["total_over_time"]
    assert over_time.dims == ("parameter", "curve", "time")
    assert np.isnan(over_time.sel(curve="level", time=0)).all()  # the start does not vary
    assert over_time.sel(curve="level", time=1).values == pytest.approx([1, 0, 0], abs=0.02)


def test_elementary_effects_of_a_sum_are_its_slopes(written):
    over = {"a": (0, 2), "b": (0, 1), "idle": (0, 1)}
    found = sdcluster.sensitivity(
        written(LINEAR), 16, over, measures=["initial y"], method="morris"
    )
    assert found["effect"].isel(measure=0).values == pytest.approx([6, 2, 0], abs=1e-9)
    assert found["effect_spread"].isel(measure=0).values == pytest.approx([0, 0, 0], abs=1e-9)


@pytest.mark.parametrize(("method", "runs"), [("sobol", 5 * 16), ("morris", 4 * 16)])
def test_progress_counts_the_runs_that_the_method_makes(written, method, runs):
    over = {"a": (0, 2), "b": (0, 1), "idle": (0, 1)}
    told = []
    sdcluster.sensitivity(
        written(LINEAR),
        16,
        over,
        measures=["initial y"],
        method=method,
        progress=lambda *step: told.append(step[1:]),
    )
    assert {total for _, total in told} == {runs}
    assert told[-1] == (runs, runs)


def test_neither_workers_nor_order_change_a_bit(written):
    over = {"a": PI, "b": PI, "c": PI}
    path = written(ISHIGAMI)
    one, two = (sdcluster.sensitivity(path, 64, over, workers=w) for w in (1, 2))
    assert one.identical(two)


def test_runs_that_fail_are_counted_and_left_out(written):
    path = written(LINEAR.replace("1 / (2 - a)", "1 / MAX(0, a)"))
    found = sdcluster.sensitivity(
        path, 256, {"a": (-0.2, 1), "b": (0, 1)}, measures=["initial broken"]
    )
    assert 0 < found.attrs["failed"] < found.attrs["runs"]
    assert "broken" in found.attrs["failure"]
    assert np.isfinite(found["total"]).all()
    assert float(found["total"].sel(parameter="b")[0]) == 0


def test_what_is_asked_wrongly_is_said(written):
    path = written(LINEAR)
    with pytest.raises(ModelError, match="no method"):
        sdcluster.sensitivity(path, 8, {"a": (0, 1)}, method="moris")
    with pytest.raises(ModelError, match="2 rows"):
        sdcluster.sensitivity(path, 1, {"a": (0, 1)})
    with pytest.raises(ModelError, match="nothing"):
        sdcluster.sensitivity(path, 8, {"nothing": (0, 1)})


def test_the_command_draws_writes_and_prints(written, tmp_path):
    from sdcluster.cli import app
    from tests.command import CliRunner

    path = written(LINEAR)
    asked = [
        "sensitivity",
        str(path),
        "--vary",
        "a=0:1",
        "--vary",
        "b=0:1",
        "--measure",
        "initial y",
    ]
    chart, table = tmp_path / "t.svg", tmp_path / "t.csv"
    done = CliRunner().invoke(
        app, [*asked, "-n", "64", "-v", "level", "--out", str(chart), "--out", str(table)]
    )
    assert done.exit_code == 0, done.output
    assert chart.stat().st_size > 5_000
    assert table.read_text().splitlines()[0] == "parameter,measure,first,total"
    printed = CliRunner().invoke(app, [*asked, "--morris", "-n", "8"])
    assert printed.exit_code == 0
    assert "mean absolute change" in printed.output


@pytest.mark.parametrize("method", ["sobol", "morris"])
def test_an_interrupted_study_goes_on_where_it_stopped(written, tmp_path, method):
    path = written(LINEAR.replace("1 / (2 - a)", "1 / MAX(0, a)"))
    asked = (path, 64, {"a": (-0.2, 1), "b": (0, 1), "idle": (0, 1)})
    more = {"measures": ["initial broken"], "curves": ["level"], "method": method}

    def stop(_words, done, _all):
        if done > 64 * (4 if method == "sobol" else 3):
            raise KeyboardInterrupt

    whole = sdcluster.sensitivity(*asked, **more)
    part = sdcluster.sensitivity(*asked, **more, progress=stop)
    assert not part.attrs["complete"]
    assert part["studied"].values.tolist() == [1, 1, 0]
    assert part["total" if method == "sobol" else "effect"].isnull()[2].all()
    part.to_netcdf(tmp_path / "part.nc")
    made: list[int] = []
    again = sdcluster.sensitivity(
        *asked,
        **more,
        resume=tmp_path / "part.nc",
        progress=lambda _words, done, _all: made.append(done),
    )
    assert again.identical(whole)
    assert made[-1] == 64 * (3 if method == "sobol" else 2)  # A, B and what was left
    with pytest.raises(ModelError, match="a different question"):
        sdcluster.sensitivity(path, 32, asked[2], **more, resume=part)
    with pytest.raises(ModelError, match="they differ in: the constants, samples") as caught:
        sdcluster.sensitivity(path, 64, {"a": (0, 1), "b": (0, 1)}, **more, resume=part)
    assert "不同之处：常数、样本、度量或设定" in caught.value.sentence.text("zh")


@pytest.mark.filterwarnings("ignore:.* rows are too few")
def test_what_differs_from_the_study_to_resume_is_named(written, tmp_path):
    path = written(LINEAR)
    over = {"a": (0, 1), "b": (0, 1)}
    whole = sdcluster.sensitivity(path, 32, over, measures=["initial y"])
    changed = tmp_path / "changed.mdl"
    changed.write_text(path.read_text().replace("3 * a", "4 * a"))
    for other, more, named in (
        (path, {"seed": 1}, "the seed"),
        (path, {"method": "morris"}, "the method"),
        (changed, {}, "the model"),
    ):
        asked = {"measures": ["initial y"], "resume": whole, **more}
        with pytest.raises(ModelError, match=f"they differ in: {named}"):
            sdcluster.sensitivity(other, 32, over, **asked)
    drawn = sdcluster.tipping(path, {"a": (0, 1)}, measure="initial y", resolution=8)
    with pytest.raises(ModelError, match="they differ in: the measure"):
        sdcluster.tipping(path, {"a": (0, 1)}, measure="final y", resolution=8, resume=drawn)
    with pytest.raises(ModelError, match="they differ in: the kind of study"):
        sdcluster.tipping(path, {"a": (0, 1)}, measure="initial y", resolution=8, resume=whole)


def test_the_command_keeps_what_was_done_before_ctrl_c(written, tmp_path, monkeypatch):
    from sdcluster.cli import app
    from sdcluster.study.sensitivity import _Runs
    from tests.command import CliRunner

    asked = ["sensitivity", str(written(LINEAR)), "--vary", "a=0:1", "--vary", "b=0:1", "-n", "16"]
    file = tmp_path / "found.nc"
    own, calls = _Runs.of, []

    def stop_at_the_fourth(self, points):
        calls.append(points)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return own(self, points)

    monkeypatch.setattr(_Runs, "of", stop_at_the_fourth)
    done = CliRunner().invoke(app, [*asked, "--out", str(file)])
    assert done.exit_code == 130
    assert "1 of 2 constants are done" in done.output
    again = CliRunner().invoke(app, [*asked, "--out", str(file), "--resume", str(file)])
    assert again.exit_code == 0, again.output
    assert len(calls) == 4 + 3


@pytest.mark.parametrize("study", [sdcluster.sensitivity, sdcluster.tipping])
def test_what_is_no_study_is_not_gone_on_with(written, study):
    path = written(LINEAR)
    asked = {"over" if study is sdcluster.sensitivity else "vary": {"a": (0, 1)}}
    for wrong in (path, str(path), 5):
        with pytest.raises(
            ModelError, match="is not a NetCDF file with a study that can be resumed"
        ):
            study(path, resume=wrong, **asked)
    with pytest.raises(FileNotFoundError):
        study(path, resume=path.with_name("none.nc"), **asked)


@pytest.mark.parametrize(("language", "words"), [("en", "m, 8 runs"), ("zh", "m，8 次运行")])
def test_titles_count_runs_in_the_language_of_the_command(
    language, words, call, written, tmp_path, monkeypatch
) -> None:
    from sdcluster.view import fan

    figures = []
    monkeypatch.setattr(fan, "write_figure", lambda made, path: figures.append(made))
    asked = ["--vary", "a=0:1", "--measure", "final level", "--out", tmp_path / "fan.svg"]
    result = call("ensemble", written(LINEAR), "-n", 8, *asked, "--language", language)
    assert result.exit_code == 0, result.stderr
    assert figures[0].get_suptitle() == words


def test_a_group_without_constants_is_quoted_as_the_word_of_the_option(written) -> None:
    with pytest.raises(ModelError) as refused:
        sdcluster.sensitivity(written(LINEAR), 4, "levers", measures=["final level"])
    assert "没有属于“levers”且带取值范围的常数" in refused.value.text("zh")


def test_too_few_rows_are_said_with_the_least_certain_index(written) -> None:
    over = {"a": PI, "b": PI, "c": PI}
    with pytest.warns(sdcluster.ModelWarning, match="16 rows are too few .* interval from") as few:
        found = sdcluster.sensitivity(written(ISHIGAMI), 16, over, measures=["initial y"])
    width = found[["first_interval", "total_interval"]].to_array().diff("bound")
    widest = width.max(["variable", "measure", "bound"])
    name = str(widest.idxmax("parameter").values)
    assert f'index of "{name}" for "initial y"' in str(few[0].message)
    path = written(LINEAR.replace("1 / (2 - a)", "SQRT(0.75 - a)"))
    with pytest.warns(sdcluster.ModelWarning, match="not even an interval"):
        sdcluster.sensitivity(path, 4, {"a": (0, 1)}, measures=["initial y"])


def test_enough_rows_give_no_warning(written, recwarn) -> None:
    sdcluster.sensitivity(written(LINEAR), 512, {"a": (0, 1), "b": (0, 1)}, measures=["initial y"])
    assert not [w for w in recwarn if issubclass(w.category, sdcluster.ModelWarning)]


@pytest.mark.parametrize("method", ["sobol", "morris"])
def test_rows_that_failed_runs_cost_are_counted(written, method) -> None:
    path = written(LINEAR.replace("1 / (2 - a)", "SQRT(0.75 - a)"))
    asked = {"over": {"a": (0, 1), "b": (0, 1)}, "measures": ["initial y"], "method": method}
    with pytest.warns(sdcluster.ModelWarning, match="rows with a failed run are left out") as said:
        found = sdcluster.sensitivity(path, 512, **asked)
    used = found["rows_used"].to_pandas()
    # A run fails for a > 0.75. Sobol' indices need A and B, so both constants keep 9/16 of the rows.
    assert used["a"] == pytest.approx(512 * 9 / 16, abs=8)
    assert used["b"] == pytest.approx(512 * (9 / 16 if method == "sobol" else 3 / 4), abs=8)
    assert any(f"{int(used.min())} remain" in str(w.message) for w in said)


@pytest.mark.parametrize("method", ["sobol", "morris"])
def test_rows_that_do_not_fit_into_memory_are_refused_before_the_runs(written, method) -> None:
    with pytest.raises(
        ModelError, match=r"100,000,000,000 rows need about .* GB of memory.* at most"
    ):
        sdcluster.sensitivity(
            written(LINEAR), 10**11, {"a": (0, 1)}, measures=["initial y"], method=method
        )


@pytest.mark.filterwarnings("ignore:.* rows are too few")
def test_the_least_certain_index_may_be_a_total_one(written) -> None:
    found = sdcluster.sensitivity(
        written(LINEAR), 32, {"a": (0, 1), "b": (0, 1)}, measures=["initial y"]
    )
    found["first_interval"].values[..., 0] = found["first_interval"].values[..., 1]
    found["total_interval"].values[1, 0] = (0, 3)
    said = _too_few(found)
    assert 'the total index of "b" for "initial y" is ' in said
    assert "with a 95 % interval from 0.00 to 3.00" in said
