"""Which clock a run has: what settings, options and scenarios make of INITIAL TIME, FINAL TIME, TIME STEP, SAVEPER."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import sdcluster
from sdcluster import Scenario, Simulator
from sdcluster.project.scenario import Change
from sdcluster.run.grid import Grid
from sdcluster.study import parse_axis, parse_measure, sweep

SHARE = """{UTF-8}
share of run = (Time - INITIAL TIME)/(FINAL TIME - INITIAL TIME) ~~|
per step = 1/TIME STEP ~~|
stock = INTEG(1, 0) ~~|
horizon = 10 ~~|
steps in a unit = 1 ~~|
INITIAL TIME = 0 ~~|
FINAL TIME = {stop} ~~|
TIME STEP = {dt} ~~|
SAVEPER = {saveper} ~~|
"""
XMILE = """<?xml version="1.0" encoding="utf-8"?>
<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
 <header><vendor>v</vendor><product>p</product></header>
 <sim_specs method="Euler"><start>0</start><stop>10</stop><dt>1</dt></sim_specs>
 <model><variables>
  <aux name="first"><eqn>STARTTIME</eqn></aux>
  <aux name="last"><eqn>STOPTIME</eqn></aux>
  <aux name="step"><eqn>DT</eqn></aux>
  <aux name="now"><eqn>TIME</eqn></aux>
 </variables></model>
</xmile>"""


def written(folder: Path, stop: str = "10", dt: str = "1", saveper: str = "TIME STEP") -> Path:
    path = folder / "m.mdl"
    text = SHARE.replace("{stop}", stop).replace("{dt}", dt).replace("{saveper}", saveper)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("method", ["euler", "rk2", "rk4", "RK45"])
def test_a_run_ends_at_the_final_time_that_is_set(tmp_path: Path, method: str) -> None:
    run = sdcluster.simulate(written(tmp_path), settings={"FINAL TIME": 20}, method=method)
    assert run.time.values[-1] == run["FINAL TIME"].values[-1] == run.attrs["stop"] == 20
    assert run["share of run"].values[-1] == 1


def test_a_run_takes_the_steps_that_are_set(tmp_path: Path) -> None:
    run = sdcluster.simulate(written(tmp_path), settings={"TIME STEP": 0.5, "initial time": -1})
    assert list(run.time.values[:3]) == [-1, -0.5, 0]
    assert (run["per step"] == 2).all()
    assert run["stock"].values[-1] == 11


def test_a_constant_in_the_formula_of_the_final_time_moves_the_end(tmp_path: Path) -> None:
    path = written(tmp_path, stop="INITIAL TIME + horizon", dt="1/steps in a unit")
    run = sdcluster.simulate(path, settings={"horizon": 4, "steps in a unit": 4})
    assert run.time.values[-1] == 4
    assert (run["per step"] == 4).all()
    later = sdcluster.simulate(path, start=5)
    assert later.time.values[-1] == 15


def test_a_scenario_moves_the_clock(tmp_path: Path) -> None:
    path = written(tmp_path)
    (tmp_path / "scenarios.toml").write_text(
        '[scenario.long]\nsettings = { "FINAL TIME" = 20 }\n'
        "changes = [ { time = 15, settings = { horizon = 3 } } ]\n",
        encoding="utf-8",
    )
    run = sdcluster.simulate(path, "long")
    assert run.time.values[-1] == 20
    assert run["horizon"].values[-1] == 3


def test_a_setting_of_the_run_wins_over_the_bounds_of_its_scenario(tmp_path: Path) -> None:
    run = sdcluster.simulate(written(tmp_path), Scenario(stop=30), settings={"FINAL TIME": 20})
    assert run.time.values[-1] == 20


def test_an_option_and_a_setting_that_differ_are_refused(tmp_path: Path) -> None:
    with pytest.raises(
        sdcluster.ModelError, match='"FINAL TIME" is set to 20, but stop is given as 30'
    ):
        sdcluster.simulate(written(tmp_path), settings={"FINAL TIME": 20}, stop=30)


def test_many_runs_with_one_clock_refuse_another_one(tmp_path: Path) -> None:
    simulator = Simulator(written(tmp_path))
    with pytest.raises(sdcluster.ModelError, match="stop="):
        simulator.run({"FINAL TIME": 20})
    times, rows = simulator.curves({"FINAL TIME": 20})
    assert times[-1] == 20
    assert rows.shape == (len(simulator.names), 21)


def test_a_sweep_of_the_final_time_runs_to_each(tmp_path: Path) -> None:
    model = sdcluster.load(written(tmp_path, stop="horizon"))
    measure = parse_measure("final stock", model)
    table = sweep(model, [parse_axis("horizon=5,10,20", model)], [measure])
    assert list(table["final stock"].values) == [5, 10, 20]
    table = sweep(model, [parse_axis("FINAL TIME=5,20", model)], [measure])
    assert list(table["final stock"].values) == [5, 20]


@pytest.mark.parametrize("name", ["horizon", "SAVEPER", "FINAL TIME"])
def test_what_decides_the_clock_cannot_change_during_a_run(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, stop="horizon", saveper="2")
    with pytest.raises(sdcluster.ModelError, match=f'"{name}" cannot change during a run'):
        Simulator(path).run(changes=[Change(3, {name: 5})])


@pytest.mark.parametrize("name", ["FINAL TIME", "STOPTIME", "dt", "TIME STEP"])
def test_the_clock_of_an_xmile_file_is_no_setting(tmp_path: Path, name: str) -> None:
    path = tmp_path / "m.xmile"
    path.write_text(XMILE, encoding="utf-8")
    with pytest.raises(sdcluster.ModelError, match=r"--stop|--dt"):
        sdcluster.simulate(path, settings={name: 20})


@pytest.mark.parametrize("backend", ["python", "native"])
def test_equations_of_an_xmile_file_see_the_clock_that_runs(tmp_path: Path, backend: str) -> None:
    path = tmp_path / "m.xmile"
    path.write_text(XMILE, encoding="utf-8")
    run = sdcluster.simulate(path, start=2, stop=4, dt=0.5, backend=backend)
    assert list(run.time.values) == [2, 2.5, 3, 3.5, 4]
    assert [float(run[n][-1]) for n in ("first", "last", "step", "now")] == [2, 4, 0.5, 4]


# ---- SAVEPER


@pytest.mark.parametrize(
    ("saveper", "kept"),
    [
        ("TIME STEP", [0, 0.5, 1, 1.5]),
        ("4*TIME STEP", [0, 2, 4, 6]),
        ("1", [0, 1, 2, 3]),
        ("0.1", [0, 0.5, 1, 1.5]),
    ],
)
def test_saveper_follows_the_step_where_its_formula_does(
    tmp_path: Path, saveper: str, kept: list[float]
) -> None:
    run = sdcluster.simulate(written(tmp_path, saveper=saveper), dt=0.5)
    assert list(run.time.values[:4]) == kept
    assert run.attrs["saveper"] == max(0.5, float(run["SAVEPER"][0]))


def test_the_saveper_that_is_asked_for_is_the_one_in_the_results(tmp_path: Path) -> None:
    for saveper in ("TIME STEP", "1"):
        run = sdcluster.simulate(written(tmp_path, saveper=saveper), saveper=5)
        assert list(run.time.values) == [0, 5, 10]
        assert (run["SAVEPER"] == 5).all()
        assert (run["TIME STEP"] == 1).all()


@pytest.mark.parametrize("method", ["euler", "rk4", "RK45"])
def test_an_uneven_saveper_keeps_the_first_step_at_or_after_each_multiple(
    tmp_path: Path, method: str
) -> None:
    run = sdcluster.simulate(written(tmp_path, dt="0.5", saveper="0.7"), stop=4, method=method)
    assert list(run.time.values) == [0, 1, 1.5, 2.5, 3, 3.5, 4]
    np.testing.assert_allclose(run["stock"].values, run.time.values, rtol=1e-9)
    assert run.attrs["saveper"] == 0.7


def test_the_final_time_is_kept_though_it_is_no_multiple(tmp_path: Path) -> None:
    change = [Change(10, {"steps in a unit": 9})]
    simulator = Simulator(written(tmp_path, saveper="4"))
    assert list(simulator.time) == [0, 4, 8, 10]
    rows = simulator.run(changes=change)
    assert list(rows[simulator.names.index("stock")]) == [0, 4, 8, 10]
    assert list(rows[simulator.names.index("steps in a unit")]) == [1, 1, 1, 9]


def test_an_xmile_file_without_an_interval_keeps_every_step(tmp_path: Path) -> None:
    path = tmp_path / "m.xmile"
    path.write_text(XMILE, encoding="utf-8")
    assert len(sdcluster.simulate(path, dt=0.25).time) == 41


# ---- no drift


@pytest.mark.parametrize(
    ("start", "dt", "steps"), [(0, 0.1, 1000), (0.1, 0.1, 50), (1900, 0.2, 500), (0, 1 / 3, 300)]
)
def test_times_are_the_doubles_nearest_to_the_true_ones(
    start: float, dt: float, steps: int
) -> None:
    from fractions import Fraction

    grid = Grid(start, dt, steps, dt)
    first, step = (Fraction(x).limit_denominator(1000) for x in (start, dt))
    assert list(grid.saved) == [float(first + i * step) for i in range(steps + 1)]


@pytest.mark.parametrize("backend", ["python", "native"])
def test_equations_see_the_times_of_the_table(tmp_path: Path, backend: str) -> None:
    path = tmp_path / "m.xmile"
    path.write_text(XMILE, encoding="utf-8")
    run = sdcluster.simulate(path, dt=0.1, backend=backend)
    assert list(run["now"].values) == list(run.time.values)
    assert 0.3 in run.time.values


def test_a_final_time_that_moves_shows_the_end_that_is_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path, stop="IF THEN ELSE(Time < 5, horizon, horizon + 2)")
    assert sdcluster.simulate(path).time.values[-1] == 12
    assert sdcluster.simulate(path, settings={"horizon": 7}).time.values[-1] == 9
    for run in (
        sdcluster.simulate(path, stop=6),
        sdcluster.simulate(path, Scenario(stop=6)),
        sdcluster.simulate(path, settings={"final time": 6}),
    ):
        assert run.time.values[-1] == 6
        assert (run["FINAL TIME"] == 6).all()
