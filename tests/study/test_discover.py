"""Scenario discovery: a planted box is found, wrong conditions say so, and the EMA workbench runs our models."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import xarray as xr

import sdcluster
from sdcluster.study.discover import _left_out, discover

pytest.importorskip("ema_workbench", reason='discover needs pip install "sdcluster[discover]"')
pytestmark = pytest.mark.filterwarnings("ignore")
RUNS = 1500


@pytest.fixture(scope="module")
def planted() -> xr.Dataset:
    """Return runs that are of interest in one box of three of six constants, with a tenth of noise around it."""
    x = np.random.default_rng(7).random((RUNS, 6))
    inside = (x[:, 0] > 0.6) & (x[:, 2] < 0.35) & (x[:, 4] > 0.2)
    noise = np.random.default_rng(8).random(RUNS) < 0.02
    coords = {f"c{i}": ("run", x[:, i], {"units": "1"}) for i in range(6)}
    return xr.Dataset({"final y": ("run", (inside ^ noise).astype(float))}, coords=coords)


def test_a_planted_box_is_found_and_nothing_else(planted):
    found = discover(planted, "final y > 0.5", density=0.9)
    limits = found["limits"].sel(box=1).to_pandas()
    assert set(limits.dropna(how="all").index) == {"c0", "c2", "c4"}
    assert limits.loc["c0", "low"] == pytest.approx(0.6, abs=0.05)
    assert limits.loc["c2", "high"] == pytest.approx(0.35, abs=0.05)
    assert limits.loc["c4", "low"] == pytest.approx(0.2, abs=0.1)
    assert limits.loc["c0"].isna()["high"]
    # The numbers of the box are those of the runs in it.
    samples = found["samples"].to_pandas()
    low, high = limits["low"].fillna(-np.inf), limits["high"].fillna(np.inf)
    inside = ((samples.to_numpy() >= low.to_numpy()) & (samples.to_numpy() <= high.to_numpy())).all(
        axis=1
    )
    cases = found["case"].values
    assert float(found["density"][0]) == pytest.approx(cases[inside].mean())
    assert float(found["coverage"][0]) == pytest.approx(cases[inside].sum() / cases.sum())
    assert float(found["density"][0]) >= 0.9
    assert set(found["parameter"].values[np.argsort(-found["importance"].values)[:3]]) == {
        "c0",
        "c2",
        "c4",
    }
    assert "c0 <=" in found.attrs["tree"]


def test_a_share_of_the_runs_is_a_level(planted):
    measured = planted.assign({"final z": planted["c1"].drop_vars("c1", errors="ignore")})
    found = discover(measured, "final z >= 90%")
    assert found.attrs["cases"] == RUNS // 10
    assert found["limits"].sel(box=1, parameter="c1", end="low") == pytest.approx(0.9, abs=0.03)


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("final y", "is not a condition"),
        ("final y < much", "neither a number nor a percentage"),
        ("final y < 120%", "neither a number nor a percentage"),
        ("final y > nan", "neither a number nor a percentage"),
        ("final w < 1", 'do not hold the measure "final w"'),
        ("final y > 5", "is true in 0 of"),
    ],
)
def test_what_cannot_be_asked_is_said_in_a_sentence(planted, where, words):
    with pytest.raises(sdcluster.ModelError, match=words):
        discover(planted, where)


def test_a_model_is_run_and_its_box_drawn(pond, tmp_path, call):
    chart, table = tmp_path / "box.svg", tmp_path / "box.csv"
    asked = ["discover", pond.folder, "--where", "final fish > 70%", "-n", "256"]
    vary = ["--vary", "growth rate=0.01:0.4", "--vary", "capacity=50:200"]
    result = call(*[*asked, *vary, "--out", str(chart), "--out", str(table)])
    assert result.exit_code == 0, result.output
    assert "growth rate" in table.read_text()
    assert chart.stat().st_size > 5_000
    result = call(*[*asked, *vary, "--tree", "--language", "zh"])
    assert "growth rate <=" in result.output
    assert "覆盖率" in result.output


def test_the_workbench_runs_a_model_with_our_numbers():
    from ema_workbench import perform_experiments

    made = sdcluster.ema_model("cluster", measures=["peak knowledge stock"], curves=["gap"])
    assert pickle.loads(pickle.dumps(made.function)) == made.function
    table, outcomes = perform_experiments(made, scenarios=3, policies=2)
    simulator = sdcluster.Simulator("cluster")
    parameters = [*made.uncertainties, *made.levers]
    for i in range(6):
        curves = simulator.run(
            {p.variable_name[0]: float(table[p.name].iloc[i]) for p in parameters}
        )
        stock = curves[simulator.names.index("knowledge stock")]
        # The first runs of a simulator may be plain Python's, which agrees within 1e-12.
        assert outcomes["peak knowledge stock"][i] == pytest.approx(stock.max(), rel=1e-12)
        gap = curves[simulator.names.index("gap")]
        np.testing.assert_allclose(outcomes["gap"][i], gap, rtol=1e-12)


def test_interrupted_runs_go_on(tmp_path):
    pytest.importorskip("zarr", reason='keeping runs needs pip install "sdcluster[zarr]"')
    path, kept = tmp_path / "m.mdl", tmp_path / "runs.zarr"
    path.write_text(
        "a = 0 ~~| b = 0 ~~| level = INTEG(a * b, 1) ~~|"
        "INITIAL TIME = 0 ~~| FINAL TIME = 1 ~~| TIME STEP = 1 ~~| SAVEPER = 1 ~~|"
    )
    asked = (path, "final level > 90%")
    varied = {"n": 2048, "over": {"a": (0, 1), "b": (0, 1)}}

    def stop(_words, done, _all):
        if done >= 1024:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        discover(*asked, **varied, to=kept, progress=stop)
    made: list[int] = []
    again = discover(
        *asked, **varied, to=kept, resume=True, progress=lambda _w, done, _all: made.append(done)
    )
    assert again.attrs["runs"] == 2048
    xr.testing.assert_identical(again, discover(*asked, **varied))


def test_runs_that_fail_are_counted_listed_and_left_out(tmp_path, call):
    path, kept = tmp_path / "root.mdl", tmp_path / "box.nc"
    path.write_text(
        "a = 0.5 ~~| b = 0.5 ~~| level = INTEG(a * SQRT(b - 0.1), 1) ~~|"
        "INITIAL TIME = 0 ~~| FINAL TIME = 4 ~~| TIME STEP = 1 ~~| SAVEPER = 1 ~~|"
    )
    asked = ["discover", str(path), "--where", "final level > 2", "-n", "256", "--vary", "a=0:1"]
    result = call(*asked, "--vary", "b=0:1", "--out", str(kept))
    assert result.exit_code == 1
    assert "failed run" in result.output  # the table of settings; the count is below
    found = xr.load_dataset(kept)
    assert (found.attrs["failed"], found.attrs["runs"]) == (25, 231)
    assert (found["settings of failed runs"].sel(setting="b") < 0.1).all()
    assert (found["samples"].sel(parameter="b") > 0.1).all()
    assert call(*asked, "--vary", "b=0.2:1").exit_code == 0


def test_runs_without_the_number_are_left_out_with_a_warning(planted):
    lacking = planted.copy(deep=True)
    lacking["final y"][:7] = np.nan
    with pytest.warns(sdcluster.ModelWarning, match=r"7 of .* runs have no final y"):
        found = discover(lacking, "final y > 0.5")
    assert found.attrs["without"] == 7


def test_a_density_that_no_box_reaches_is_said_with_what_to_do(planted):
    with pytest.warns(sdcluster.ModelWarning) as warned:
        found = discover(planted, "final y > 0.5", density=1.0, smallest=0.3)
    said = f"box 1 has {float(found['density'][0]):.0%}"
    assert any(
        "density of 100%" in str(w.message)
        and said in str(w.message)
        and "lower density" in str(w.message)
        for w in warned
    )


def test_a_reached_density_gives_no_warning(planted, recwarn):
    discover(planted, "final y > 0.5", density=0.8)
    assert not [w for w in recwarn if issubclass(w.category, sdcluster.ModelWarning)]


def test_runs_that_fail_beyond_a_value_limit_the_box_there(planted):
    lacking = planted.copy(deep=True)
    lost = lacking["c0"].values > 0.9
    lacking["final y"][lost] = np.nan
    lacking.attrs |= {"failed": int(lost.sum()), "failure": "it broke"}
    with pytest.warns(sdcluster.ModelWarning, match='above "c0" = 0.89') as warned:
        found = discover(lacking, "final y > 0.5")
    assert any(f"shares of the {RUNS - lost.sum():,} runs" in str(w.message) for w in warned)
    c0 = found.sel(parameter="c0", box=1)
    assert c0["range"].values == pytest.approx(
        [float(f(planted["c0"])) for f in (np.min, np.max)], abs=0
    )
    assert float(c0["limits"].sel(end="high")) == lacking["c0"].values[~lost].max()
    assert float(c0["quasi_p"].sel(end="high")) < 1e-9


def test_a_few_runs_that_fail_anywhere_limit_no_box(planted):
    lacking = planted.copy(deep=True)
    lacking["final y"][int(np.argmax(lacking["c1"].values))] = np.nan
    found = discover(lacking, "final y > 0.5")
    assert float(found["range"].sel(parameter="c1", end="high")) == planted["c1"].max()
    assert found["limits"].sel(parameter="c1", box=1).isnull().all()


def test_a_box_without_limits_of_chance_says_from_which_step_it_comes(planted):
    found = discover(planted, "final y > 0.5", density=1.0)
    step = int(found["path_step"][0])
    assert found["path_restricted"].values[0, step] >= int(found["restricted"][0])
    assert float(found["path_coverage"][0, step]) <= float(found["coverage"][0])


def test_a_measure_without_a_value_in_any_run_gives_the_reason(planted):
    empty = planted.assign({"first above y 7": ("run", np.full(RUNS, np.nan))})
    with pytest.raises(
        sdcluster.ModelError, match=r"none of the 1,500 runs .*level is never reached"
    ):
        discover(empty, "first above y 7 > 1")


def test_more_runs_than_fit_into_memory_are_refused_before_the_first(pond):
    def ran(*_):
        raise AssertionError("the model ran")

    with pytest.raises(sdcluster.ModelError, match=r"10,000,000 runs .* at most 4,194,304 runs"):
        discover(pond.folder, "final fish > 1", n=10**7, over={"growth rate": (0, 1)}, progress=ran)


def test_the_limit_is_checked_before_the_runs(pond):
    def ran(*_):
        raise AssertionError("the model ran")

    for limit in ("foo", "nan", "200%"):
        with pytest.raises(sdcluster.ModelError, match="neither a number nor a percentage"):
            discover(pond.folder, f"final fish > {limit}", progress=ran)


def test_a_limit_behind_which_no_run_has_a_value_is_named_without_failed_runs_too() -> None:
    said = _left_out(64, 0, {("x", True): (2.0, 3.0), ("z", False): (1.0, 0.0)})
    assert said.startswith("runs without a value of the measure limit the boxes")
    assert "x" in said
    assert "z" in said
    assert _left_out(64, 0, {}) == ""
