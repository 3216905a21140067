"""Dormand and Prince's method: right to its tolerances, alone and side by side, across jumps and failures."""

from __future__ import annotations

import numpy as np
import pytest

import sdcluster
from sdcluster import Scenario, Simulator
from sdcluster.cli import app
from sdcluster.project.scenario import Change
from sdcluster.run import Event, dopri5
from sdcluster.run.many import Many
from tests.command import CliRunner

STARTS = np.array([[0.05], [0.5], [0.08], [0.125], [0.099], [3.0], [0.01], [0.0999], [-1.0]])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory):
    return tmp_path_factory.mktemp("dopri5")


def made(folder, name: str, text: str, stop: float = 10, dt: float = 0.25):
    path = folder / f"{name}.mdl"
    path.write_text(
        f"{{UTF-8}}\n{text}\nINITIAL TIME = 0 ~~| FINAL TIME = {stop} ~~| TIME STEP = {dt} ~~| SAVEPER = 1 ~~|\n",
        encoding="utf-8",
    )
    return sdcluster.load(path)


@pytest.fixture(scope="module")
def swing(folder):
    return made(folder, "swing", "x = INTEG(v, 1) ~~| v = INTEG(-w*w*x, 0) ~~| w = 2 ~~|")


@pytest.fixture(scope="module")
def burst(folder):
    """x' = x², which has no value from time 1/x(0) on."""
    return made(folder, "burst", "x = INTEG(x*x, start) ~~| start = 0.05 ~~| y = INTEG(-y, 1) ~~|")


@pytest.fixture(scope="module")
def pulses(folder):
    return made(
        folder,
        "pulses",
        "s = INTEG(PULSE(at, width) * 3 + STEP(1, late) - s / tau, 0) ~~|\n"
        "area = INTEG(PULSE TRAIN(at, width, gap, 9), 0) ~~|\n"
        "at = 2.3 ~~| width = 0.11 ~~| late = 7.7 ~~| tau = 2 ~~| gap = 1.3 ~~|",
    )


@pytest.mark.parametrize("backend", ["python", "native"])
def test_the_error_falls_with_the_tolerance(swing, backend: str) -> None:
    errors = []
    for rtol in (1e-4, 1e-6, 1e-8, 1e-10):
        run = sdcluster.simulate(swing, method="dopri5", rtol=rtol, atol=rtol, backend=backend)
        errors.append(float(np.abs(run["x"] - np.cos(2 * run["time"])).max()))
        assert errors[-1] < 100 * rtol
    assert np.all(np.diff(np.log10(errors)) < -1.2)


@pytest.mark.parametrize("other", ["RK45", "DOP853", "Radau"])
def test_it_agrees_with_the_methods_of_scipy_on_a_stiff_model(folder, other: str) -> None:
    model = made(
        folder,
        "stiff",
        "x = INTEG(v, 2) ~~| v = INTEG(mu * (1 - x*x) * v - x, 0) ~~| mu = 60 ~~|",
        stop=60,
    )
    ours, theirs = (
        sdcluster.simulate(model, method=method, rtol=1e-8, atol=1e-10)
        for method in ("dopri5", other)
    )
    np.testing.assert_allclose(ours["x"], theirs["x"], rtol=2e-5, atol=2e-5)


def test_pulses_whose_times_vary_are_hit_in_each_run(pulses) -> None:
    simulator = Simulator(pulses, method="dopri5", backend="native")
    points = np.stack([np.linspace(0.5, 8.0, 17), np.linspace(0.01, 0.4, 17)], axis=1)
    many = Many(simulator, ["at", "width"], ["s", "area"])
    curves = np.concatenate([b.curves for b in many.blocks(points)], axis=2)
    for j, (at, width) in enumerate(points.tolist()):
        alone = simulator.run({"at": at, "width": width})
        assert np.array_equal(curves[1, :, j], alone[simulator.names.index("area")])
        wide = max(width, 0.25)  # a train's pulses last a step at least, as in Vensim
        starts = np.arange(at, 9.25, 1.3)  # the last one begins within a step of its end at 9
        area = np.clip(9.25 - starts, 0, wide).sum()
        assert curves[1, -1, j] == pytest.approx(area, rel=1e-9)
        end = at + width
        first = 6 * (1 - np.exp(-width / 2)) * np.exp(-(10 - end) / 2)
        assert curves[0, -1, j] == pytest.approx(first + 2 * (1 - np.exp(-2.3 / 2)), rel=1e-6)


def test_runs_that_fail_are_counted_and_spoil_no_other(burst) -> None:
    simulator = Simulator(burst, method="dopri5", backend="native")
    (first, second) = Many(simulator, ["start"], ["x", "y"], workers=1).blocks(STARTS)
    failed = np.concatenate([first.failed, second.failed])
    assert np.array_equal(failed, STARTS[:, 0] >= 0.1)
    curves = np.concatenate([first.curves, second.curves], axis=2)
    at = [simulator.names.index(n) for n in ("x", "y")]
    for j, (start,) in enumerate(STARTS.tolist()):
        if failed[j]:
            assert np.isnan(curves[:, :, j]).all()
            with pytest.raises(sdcluster.SimulationError, match=r"dopri5|\bx\b"):
                simulator.run({"start": start})
        else:
            assert np.array_equal(curves[:, :, j], simulator.run({"start": start})[at])
            exact = start / (1 - start * simulator.time)
            np.testing.assert_allclose(curves[0, :, j], exact, rtol=2e-5)


def test_an_ensemble_lists_the_runs_that_failed_and_has_the_same_bits_for_all_workers(
    burst,
) -> None:
    starts = np.resize(STARTS[:, 0], 70)

    def runs(workers: int):
        with pytest.warns(sdcluster.ModelWarning, match="runs failed"):
            return sdcluster.ensemble(
                burst, {"start": starts}, keep=["x"], method="dopri5", rtol=1e-6, workers=workers
            )

    one, *others = (runs(workers) for workers in (1, 2, 4))
    assert one.attrs["failed"] == int((starts >= 0.1).sum())
    assert (one["settings of failed runs"].values >= 0.1).all()
    for other in others:
        assert one.equals(other)
    coarse = sdcluster.ensemble(burst, {"start": [0.05]}, keep=["x"], method="dopri5", rtol=1e-3)
    assert not np.array_equal(coarse["x"][0], one["x"][0])


def test_how_many_rows_are_kept_at_once_changes_no_bit(swing, monkeypatch) -> None:
    simulator = Simulator(swing, method="dopri5", backend="native", saveper=0.25)
    before = simulator.run()
    monkeypatch.setattr(dopri5, "ROOM", 1)
    assert np.array_equal(simulator.run(), before)


def test_plain_python_agrees_with_machine_code(pulses) -> None:
    runs = [
        Simulator(pulses, method="dopri5", backend=backend).run()
        for backend in ("python", "native")
    ]
    np.testing.assert_allclose(*runs, rtol=1e-9, atol=1e-12)


def test_changes_on_the_way_between_two_steps(swing) -> None:
    changes = (Change(3.3, {"w": 0.0, "v": 0.5}), Change(6.6, {"x": 7.0, "v": 0.0}))
    run = sdcluster.simulate(
        swing, Scenario(changes=changes), method="dopri5", times=[3, 3.3, 5, 6.6, 9]
    )
    x = np.cos(6.6)
    np.testing.assert_allclose(run["x"], [np.cos(6), x, x + 0.85, 7, 7], rtol=1e-7)
    np.testing.assert_allclose(run["w"], [2, 0, 0, 0, 0])


MEMORY = (
    "s = INTEG(rate * s - late, 1) ~~| rate = 0.1 ~~| late = DELAY FIXED(s / 20, way, 0) ~~| way = 2 ~~|\n"
    "kept = SAMPLE IF TRUE(MODULO(Time, 2) < 0.1, s, 0) ~~| noise = RANDOM UNIFORM(0, 1, 5) ~~|\n"
    "n = INTEG(noise - n, 0) ~~|"
)


def test_what_remembers_from_step_to_step_does_so_as_with_scipy(folder) -> None:
    model = made(folder, "memory", MEMORY)
    ours, theirs = (
        sdcluster.simulate(model, method=method, rtol=1e-9, atol=1e-11, backend="native")
        for method in ("dopri5", "RK45")
    )
    for name in ours.data_vars:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-7, atol=1e-9, err_msg=name)


def test_memories_and_conveyors_side_by_side_have_the_bits_of_single_runs(folder, workshop) -> None:
    belt = workshop.write(
        workshop.aux("way", "1"),
        workshop.flow("enter", "1 + stored / 10"),
        workshop.flow("leave", "0"),
        workshop.stock("stored", "0", "leave"),
        '<stock name="belt"><eqn>0</eqn><inflow>enter</inflow><outflow>leave</outflow>'
        "<conveyor><len>way</len></conveyor></stock>",
        dt=0.5,
        stop=8,
    )
    for model, wanted in (
        (made(folder, "memory", MEMORY), ["s", "kept", "n"]),
        (belt, ["belt", "stored"]),
    ):
        simulator = Simulator(model, method="dopri5", backend="native")
        points = np.linspace(1, 3, 5)[:, np.newaxis]
        at = [simulator.names.index(name) for name in wanted]
        (block,) = Many(simulator, ["way"], wanted).blocks(points)
        for j, (way,) in enumerate(points.tolist()):
            assert np.array_equal(block.curves[:, :, j], simulator.run({"way": way})[at])


def test_a_model_without_stocks(folder) -> None:
    model = made(folder, "none", "x = a * Time ~~| a = 2 ~~|")
    simulator = Simulator(model, method="dopri5", backend="native")
    assert np.array_equal(simulator.run({"a": 3})[simulator.names.index("x")], 3 * simulator.time)
    (block,) = Many(simulator, ["a"], ["x"]).blocks(np.array([[1.0], [2.0]]))
    assert np.array_equal(block.curves[0], np.outer(simulator.time, [1, 2]))


def test_what_cannot_be_is_refused_in_one_sentence(swing) -> None:
    with pytest.raises(sdcluster.ModelError, match="events need an adaptive method of scipy"):
        sdcluster.simulate(swing, method="dopri5", events=[Event("x")])
    with pytest.raises(sdcluster.ModelError, match="rtol is -1"):
        sdcluster.simulate(swing, method="dopri5", rtol=-1)
    train = "s = INTEG(PULSE TRAIN(0, 1e-7, gap, 10), 0) ~~| gap = 1e-6 ~~|"
    with pytest.raises(sdcluster.ModelError, match="pulse train"):
        sdcluster.simulate(made(swing.path.parent, "train", train), method="dopri5")


def test_the_command_line_takes_it(swing, tmp_path) -> None:
    out = tmp_path / "runs.csv"
    path = str(swing.path)
    for words in (
        ["run", path, "--method", "DOPRI5", "--rtol", "1e-9"],
        ["ensemble", path, "-n", "9", "--vary", "w=1:3", "--method", "dopri5", "--rtol", "1e-9"],
    ):
        done = CliRunner().invoke(app, [*words, "--out", str(out)])
        assert done.exit_code == 0, done.output
    import pandas as pd

    table = pd.read_csv(out)
    np.testing.assert_allclose(table["final x"], np.cos(10 * table["w"]), atol=1e-6)
