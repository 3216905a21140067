"""Runs against solutions that are known exactly, and against each other."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sdcluster
from sdcluster import Scenario
from sdcluster.project.scenario import Change
from sdcluster.run import Event
from sdcluster.run.methods import METHODS


@pytest.fixture
def decay(workshop):
    return sdcluster.load(
        workshop.write(
            workshop.stock("water", "10", outflow="drain"),
            workshop.flow("drain", "water / residence"),
            workshop.aux("residence", "4", '<units>year</units><range min="1" max="9"/>'),
        )
    )


def test_euler_is_what_it_says(decay) -> None:
    run = sdcluster.simulate(decay, method="euler", dt=0.5, stop=3)
    np.testing.assert_allclose(run["water"], 10 * (1 - 0.125) ** np.arange(7), rtol=1e-14)
    np.testing.assert_allclose(run["drain"], run["water"] / 4, rtol=1e-14)
    np.testing.assert_allclose(run["residence"], 4)


@pytest.mark.parametrize("backend", ["python", "native"])
def test_a_model_of_constants_runs(workshop, backend: str) -> None:
    run = sdcluster.simulate(workshop.variables(a="1", b="a + 1"), backend=backend)
    assert (float(run["a"][0]), float(run["b"][0])) == (1, 2)


@pytest.mark.parametrize(("method", "order"), [("euler", 1), ("rk2", 2), ("rk4", 4)])
def test_step_halving_shows_the_order(decay, method: str, order: int) -> None:
    exact = 10 * np.exp(-10 / 4)
    errors = [
        abs(float(sdcluster.simulate(decay, method=method, dt=dt)["water"][-1]) - exact)
        for dt in (0.5, 0.25, 0.125)
    ]
    for coarse, fine in pairwise(errors):
        assert np.log2(coarse / fine) == pytest.approx(order, abs=0.2)


@pytest.mark.parametrize("method", METHODS)
def test_adaptive_methods(decay, method: str) -> None:
    run = sdcluster.simulate(decay, method=method, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(run["water"], 10 * np.exp(-run["time"] / 4), rtol=1e-6)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(initial=st.floats(0.1, 1e3), residence=st.floats(0.5, 50))
def test_settings_of_constants_and_initial_values(decay, initial: float, residence: float) -> None:
    values = {"Residence": residence, "water": initial}
    run = sdcluster.simulate(decay, settings=values, backend="python")
    np.testing.assert_allclose(run["water"], initial * np.exp(-run["time"] / residence), rtol=1e-3)
    assert json.loads(run.attrs["settings"]) == values


def test_an_auxiliary_or_flow_can_be_replaced(decay) -> None:
    run = sdcluster.simulate(decay, settings={"drain": 0.5})
    np.testing.assert_allclose(run["water"], 10 - 0.5 * run["time"], rtol=1e-12)


@pytest.mark.parametrize("method", ["euler", "rk4", "LSODA"])
def test_changes_on_the_way(decay, method: str) -> None:
    changes = (Change(2.0, {"residence": 1e9}), Change(5.0, {"water": 3.0, "residence": 2.0}))
    run = sdcluster.simulate(decay, Scenario(changes=changes), method=method)
    time, water = run["time"].values, run["water"].values
    level = water[time == 2.0][0]
    assert level == pytest.approx(10 * np.exp(-0.5), rel=1e-2)
    np.testing.assert_allclose(water[(time >= 2) & (time < 5)], level, rtol=1e-6)
    assert water[time == 5.0][0] == pytest.approx(3.0)
    tolerance = 0.2 if method == "euler" else 1e-5
    np.testing.assert_allclose(
        water[time >= 5], 3 * np.exp(-(time[time >= 5] - 5) / 2), rtol=tolerance
    )
    np.testing.assert_allclose(run["residence"].values[time >= 5], 2.0)
    np.testing.assert_allclose(run["residence"].values[time < 2], 4.0)


@pytest.mark.parametrize("method", METHODS)
def test_adaptive_solvers_do_not_step_over_jumps(workshop, method: str) -> None:
    path = workshop.write(
        workshop.stock("s", "0", "f"),
        workshop.flow("f", "STEP(2, 3.3) + PULSE(5, 6.1) + RAMP(1, 40, 41) + curve(TIME) + late"),
        workshop.aux("late", "IF TIME > 90.05 AND TIME < 90.15 THEN 10 ELSE 0"),
        '<gf name="curve"><xpts>0,70,70.1,70.2,100</xpts><ypts>0,0,10,0,0</ypts></gf>',
        stop=100,
        dt=0.25,
    )
    run = sdcluster.simulate(path, method=method)
    # step 2 * 96.7, pulse 5, ramp 0.5 + 59, spike of the curve 1, late 1
    assert float(run["s"][-1]) == pytest.approx(2 * 96.7 + 5 + 59.5 + 1 + 1, rel=1e-6)


def test_rk4_keeps_its_order_across_a_jump_on_the_grid(workshop) -> None:
    path = workshop.write(
        workshop.stock("s", "1", "f"), workshop.flow("f", "STEP(1, 4) - s / 3"), stop=8
    )
    exact = (np.exp(-4 / 3) - 3) * np.exp(-4 / 3) + 3
    for dt in (0.5, 0.25, 0.1):
        value = float(sdcluster.simulate(path, dt=dt)["s"][-1])
        assert value == pytest.approx(exact, abs=3e-4 * dt**4 * 16)


def test_smooths_and_delays(workshop) -> None:
    path = workshop.write(
        workshop.aux("input", "STEP(1, 1)"),
        workshop.aux("s1", "SMTH1(input, 2)"),
        workshop.aux("s3", "SMTH3(input, 2)"),
        workshop.aux("s5", "SMTHN(input, 2, 5)"),
        workshop.aux("d1", "DELAY1(input, 2, 0)"),
        workshop.aux("d3", "DELAY3(input, 2)"),
        workshop.aux("order", "5"),
        workshop.aux("d5", "DELAYN(input, 2, order)"),
        stop=9,
        dt=0.01,
    )
    run = sdcluster.simulate(path)
    t = np.maximum(run["time"].values - 1, 0)
    from scipy.stats import gamma

    for name, n in (("s1", 1), ("s3", 3), ("s5", 5), ("d1", 1), ("d3", 3), ("d5", 5)):
        np.testing.assert_allclose(run[name], gamma.cdf(t, n, scale=2 / n), atol=1e-6, err_msg=name)
    other = sdcluster.simulate(path, settings={"order": 2})
    np.testing.assert_allclose(other["d5"], gamma.cdf(t, 2, scale=1), atol=1e-6)


@pytest.mark.parametrize("function", ["DELAYN", "SMTHN"])
def test_an_order_may_be_a_formula(workshop, function: str) -> None:
    path = workshop.write(
        workshop.aux("input", "STEP(1, 1)"),
        workshop.aux("base", "2"),
        workshop.aux("order", "base + 1"),
        workshop.aux("out", f"{function}(input, 2, MAX(order, 1), 0)"),
        workshop.aux("three", f"{function}(input, 2, 3, 0)"),
        workshop.aux("six", f"{function}(input, 2, 6, 0)"),
        stop=9,
    )
    for chosen, name in (({}, "three"), ({"base": 5}, "six"), ({"order": 6}, "six")):
        run = sdcluster.simulate(path, settings=chosen)
        np.testing.assert_array_equal(run["out"], run[name])


@pytest.mark.parametrize(
    ("order", "message"),
    [
        ("2.5", "must be a whole number from 1 to 1000, but it is 2.5"),
        ("2 + STEP(1, 3)", 'cannot change during a run, but this one depends on "order"'),
    ],
)
def test_orders_that_are_refused(workshop, order: str, message: str) -> None:
    path = workshop.write(
        workshop.aux("order", order), workshop.aux("out", "DELAYN(TIME, 2, order, 0)")
    )
    with pytest.raises(sdcluster.ModelError, match=message):
        sdcluster.simulate(path)


def test_trend_and_forecast_of_exponential_growth(workshop) -> None:
    path = workshop.write(
        workshop.aux("x", "EXP(0.1 * TIME)"),
        workshop.aux("growth", "TREND(x, 5, 0.1)"),
        workshop.aux("ahead", "FORCST(x, 5, 2)"),
        stop=60,
    )
    run = sdcluster.simulate(path)
    # the average lags so that x / average = 1 + 0.1 * 5
    assert float(run["growth"][-1]) == pytest.approx(0.1, rel=1e-6)
    assert float(run["ahead"][-1] / run["x"][-1]) == pytest.approx(1.2, rel=1e-3)


def test_previous_and_init(workshop) -> None:
    path = workshop.write(
        workshop.stock("s", "2", "f"),
        workshop.flow("f", "3"),
        workshop.aux("before", "PREVIOUS(s, -1)"),
        workshop.aux("first", "INIT(s * 2)"),
        dt=1,
        stop=4,
    )
    for method in ("euler", "rk4", "LSODA"):
        run = sdcluster.simulate(path, method=method)
        np.testing.assert_allclose(run["before"], [-1, 2, 5, 8, 11], rtol=1e-6)
        np.testing.assert_allclose(run["first"], 4)


@pytest.mark.parametrize("method", ["euler", "rk4", "LSODA"])
def test_non_negative_stock_and_uniflow(workshop, method: str) -> None:
    path = workshop.write(
        workshop.stock("s", "1", outflow="out", inside="<non_negative/>"),
        workshop.flow("out", "0.7"),
        workshop.flow("back", "TIME - 5", "<non_negative/>"),
    )
    run = sdcluster.simulate(path, method=method)
    assert float(run["s"].min()) == pytest.approx(0, abs=1e-6)
    assert float(run["back"].min()) == 0


def test_events_are_found_and_can_end_the_run(decay) -> None:
    half = Event("water", 5.0, direction=-1, name="half empty")
    end = Event("drain", 0.5, terminal=True)
    run = sdcluster.simulate(decay, method="LSODA", events=[half, end])
    found = json.loads(run.attrs["events"])
    assert [f["event"] for f in found] == ["half empty", "drain crosses 0.5"]
    assert found[0]["time"] == pytest.approx(4 * np.log(2), rel=1e-6)
    assert float(run["time"][-1]) == pytest.approx(4 * np.log(5), rel=1e-6)
    with pytest.raises(sdcluster.ModelError, match="adaptive"):
        sdcluster.simulate(decay, events=[half])


def test_dense_output_at_any_time(decay) -> None:
    times = [0.1, np.pi, 9.99]
    run = sdcluster.simulate(decay, method="DOP853", times=times)
    np.testing.assert_allclose(run["water"], 10 * np.exp(-np.array(times) / 4), rtol=1e-6)


def test_saveper_thins_and_does_not_change_the_run(decay) -> None:
    fine = sdcluster.simulate(decay)
    coarse = sdcluster.simulate(decay, saveper=1.0)
    assert coarse.sizes["time"] == 11
    np.testing.assert_array_equal(coarse["water"], fine["water"][::8])


def test_a_dataset_says_how_it_was_made(decay) -> None:
    run = sdcluster.simulate(decay, method="rk4", settings={"residence": 3})
    assert run.attrs["model_hash"] == decay.hash
    assert run["residence"].attrs == {
        "units": "year",
        "long_name": "residence",
        "description": "",
        "kind": "constant",
    }
    assert json.loads(run.attrs["versions"])["sdcluster"] == sdcluster.__version__
    again = sdcluster.simulate(
        decay,
        settings=json.loads(run.attrs["settings"]),
        **{k: run.attrs[k] for k in ("method", "start", "stop", "dt", "saveper")},
    )
    np.testing.assert_array_equal(again["water"], run["water"])


def test_a_simulator_is_not_changed_by_its_runs(decay) -> None:
    simulator = sdcluster.Simulator(decay)
    first = simulator.run()
    simulator.run({"residence": 1.0})
    np.testing.assert_array_equal(simulator.run(), first)


def test_machine_code_takes_over_in_the_background(decay) -> None:
    simulator = sdcluster.Simulator(decay)
    assert simulator.backend == "python"
    plain = simulator.run()
    simulator.warm(wait=True)
    assert simulator.backend == "native"
    np.testing.assert_allclose(simulator.run(), plain, rtol=1e-13)


def test_importing_the_package_imports_nothing_heavy() -> None:
    import subprocess
    import sys

    code = "import sdcluster, sys; print(*[m for m in ('numpy', 'pysd', 'xarray', 'llvmlite') if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.split() == []
