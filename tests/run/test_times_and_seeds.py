"""Results at times that are asked for, by every method; seeds of random numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import sdcluster
from sdcluster import ModelError, ModelWarning, Simulator
from sdcluster.project.scenario import Change
from sdcluster.run import Event
from sdcluster.study import parse_axis, parse_measure, sweep

CLOCK = (
    "INITIAL TIME = 0 ~~|\nFINAL TIME = 30 ~~|\nTIME STEP = 0.125 ~~|\nSAVEPER = TIME STEP ~~|\n"
)
FIXED = ("euler", "rk2", "rk4")
BACKENDS = pytest.mark.parametrize("backend", ["python", "native"])


@pytest.fixture
def tea(tmp_path: Path) -> Path:
    path = tmp_path / "tea.mdl"
    path.write_text(
        "{UTF-8}\nrate = 0.1 ~~|\ntea = INTEG(-(tea-20)*rate, 90) ~~|\n"
        "late = DELAY FIXED(tea, 1, 0) ~~|\nkept = SAMPLE IF TRUE(MODULO(Time, 1) = 0, tea, 0) ~~|\n"
        "on = STEP(1, 1.5) ~~|\nd: a, b ~~|\ncup[d] = INTEG(-cup[d]*rate, 10) ~~|\n" + CLOCK,
        encoding="utf-8",
    )
    return path


@BACKENDS
@pytest.mark.parametrize("method", FIXED)
def test_at_steps_the_values_are_those_of_the_run(tea: Path, method: str, backend: str) -> None:
    full = sdcluster.simulate(tea, method=method, backend=backend)
    asked = [7.0, 0.0, 1.5, 30.0, 1.5]
    run = sdcluster.simulate(tea, method=method, backend=backend, times=asked)
    assert list(run.time.values) == asked
    for name in full.data_vars:
        np.testing.assert_array_equal(run[name].values, full[name].sel(time=asked).values)


@BACKENDS
@pytest.mark.parametrize(("method", "error"), [("euler", 1e-2), ("rk2", 2e-5), ("rk4", 1e-9)])
def test_between_steps_a_shorter_step_of_the_same_method_leads_there(
    tea: Path, method: str, error: float, backend: str
) -> None:
    asked = np.array([0.06, 3.3, 29.99])
    run = sdcluster.simulate(tea, method=method, backend=backend, times=asked)
    exact = 20 + 70 * np.exp(-0.1 * asked)
    np.testing.assert_allclose(run["tea"].values, exact, rtol=error)
    if method == "euler":
        full = sdcluster.simulate(tea, method=method)
        line = np.interp(asked, full.time.values, full["tea"].values)
        np.testing.assert_allclose(run["tea"].values, line, rtol=1e-14)


@pytest.mark.parametrize("method", FIXED)
def test_looking_between_steps_does_not_change_the_run(tea: Path, method: str) -> None:
    on_grid = [1.0, 5.0, 30.0]
    some = sdcluster.simulate(tea, method=method, times=on_grid)
    many = sdcluster.simulate(tea, method=method, times=sorted([*on_grid, *np.linspace(0, 30, 91)]))
    for name in ("tea", "late", "kept", "cup"):
        np.testing.assert_array_equal(
            many[name].drop_duplicates("time").sel(time=on_grid).values, some[name].values
        )


@pytest.mark.parametrize("method", [*FIXED, "RK45"])
def test_changes_hold_at_the_times_that_are_asked_for(tea: Path, method: str) -> None:
    changes = [Change(10, {"rate": 0.0}), Change(20, {"tea": 50.0})]
    run = Simulator(tea, method=method).dataset(changes=changes, times=[5, 9.9, 10, 15.01, 20, 25])
    assert run["rate"].values.tolist() == [0.1, 0.1, 0, 0, 0, 0]
    values = run["tea"].values
    assert values[2] == pytest.approx(values[3])
    assert values[4:].tolist() == [50, 50]


@pytest.mark.parametrize("method", ["euler", "LSODA"])
@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ([31], "31 is outside the run, which goes from 0 to 30"),
        ([-0.5, 3], "-0.5 is outside"),
        ([], "no times"),
        ([float("nan")], "finite"),
        (["soon"], "must be numbers"),
    ],
)
def test_times_that_no_run_has_are_refused(
    tea: Path, asked: list[float], wanted: str, method: str
) -> None:
    with pytest.raises(ModelError, match=wanted):
        sdcluster.simulate(tea, method=method, times=asked)


def test_order_and_repeats_are_kept_by_adaptive_methods_too(tea: Path) -> None:
    run = sdcluster.simulate(tea, method="RK45", times=[7, 0, 7])
    assert list(run.time.values) == [7, 0, 7]
    assert run["tea"].values[0] == run["tea"].values[2] < run["tea"].values[1]


def test_events_still_need_an_adaptive_method(tea: Path) -> None:
    with pytest.raises(ModelError, match="events need an adaptive method"):
        sdcluster.simulate(tea, events=[Event("tea", 50)])


# ---- seeds


def noisy(folder: Path, extra: str = "") -> Path:
    path = folder / "noisy.mdl"
    path.write_text(
        "{UTF-8}\na = RANDOM NORMAL(0, 20, 10, 2, 0) ~~|\nb = RANDOM NORMAL(0, 20, 10, 2, 77) ~~|\n"
        + extra
        + CLOCK,
        encoding="utf-8",
    )
    return path


@BACKENDS
def test_noise_seed_moves_the_stream_of_number_0_alone(tmp_path: Path, backend: str) -> None:
    plain = sdcluster.simulate(noisy(tmp_path), backend=backend)
    path = noisy(tmp_path, "base = 4487556 ~~|\nNOISE SEED = base ~~|\n")
    same = sdcluster.simulate(path, backend=backend)
    np.testing.assert_array_equal(same["a"], plain["a"])
    for settings in ({"NOISE SEED": 5}, {"base": 6}):
        other = sdcluster.simulate(path, settings=settings, backend=backend)
        assert not np.array_equal(other["a"], plain["a"])
        np.testing.assert_array_equal(other["b"], plain["b"])


def test_the_seed_of_the_run_moves_every_stream(tmp_path: Path) -> None:
    path = noisy(tmp_path, "NOISE SEED = 3 ~~|\n")
    first, second, again = (sdcluster.simulate(path, seed=s) for s in (1, 2, 1))
    for name in ("a", "b"):
        assert not np.array_equal(first[name], second[name])
        np.testing.assert_array_equal(first[name], again[name])


@pytest.mark.parametrize("seed", [-1, 1.5, 2**40, float("nan")])
def test_a_seed_is_a_whole_number_from_0(tmp_path: Path, seed: float) -> None:
    with pytest.raises(ModelError, match="whole number from 0"):
        sdcluster.simulate(noisy(tmp_path), seed=seed)  # type: ignore[arg-type]


def test_a_sweep_varies_the_seed(tmp_path: Path) -> None:
    model = sdcluster.load(noisy(tmp_path))
    measure = parse_measure("mean a", model)
    table = sweep(model, [parse_axis("seed=1,2,1", model)], [measure])
    first, second, again = table["mean a"].values
    assert first == again != second
    one = sdcluster.simulate(model, seed=2)
    assert second == measure.of(one.time.values, one["a"].values)
    with pytest.raises(ModelError, match="whole number"):
        parse_axis("seed=1.5", model)


def test_a_variable_called_seed_is_that_variable(tmp_path: Path) -> None:
    model = sdcluster.load(noisy(tmp_path, "seed = 1 ~~|\nc = 2*seed ~~|\n"))
    table = sweep(model, [parse_axis("seed=1.5,2", model)], [parse_measure("final c", model)])
    assert table["final c"].values.tolist() == [3, 4]


# ---- runs that fail


def test_a_sweep_says_how_many_runs_failed_and_why(tmp_path: Path) -> None:
    path = tmp_path / "m.mdl"
    path.write_text("{UTF-8}\nk = 1 ~~|\nx = SQRT(k) ~~|\ns = INTEG(x, 0) ~~|\n" + CLOCK)
    model = sdcluster.load(path)
    axes, measures = [parse_axis("k=-1,1,4", model)], [parse_measure("final s", model)]
    with pytest.warns(ModelWarning, match=r'1 of 3 runs failed.*"x" became NaN'):
        table = sweep(model, axes, measures)
    assert np.isnan(table["final s"].values[0])
    assert table["final s"].values[1:].tolist() == [30, 60]
    assert table.attrs["failed"] == 1
    with pytest.raises(sdcluster.SimulationError, match='"x" became NaN'):
        sweep(model, [parse_axis("k=-1,-2", model)], measures)


def test_an_event_that_ends_the_run_ends_the_times_too(tea: Path) -> None:
    cold = Event("tea", 50, terminal=True)
    run = sdcluster.simulate(tea, method="RK45", times=[20, 0], events=[cold])
    assert run.time.values[0] == 0
    assert run.time.values[1] == pytest.approx(10 * np.log(70 / 30), rel=1e-6)
