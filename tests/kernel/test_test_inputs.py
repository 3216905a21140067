"""The edges of PULSE, PULSE TRAIN, STEP and RAMP, as Vensim's manual describes them; XMILE's PULSE."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import sdcluster

ALL = pytest.mark.parametrize(
    ("method", "backend"),
    [("euler", "python"), ("euler", "native"), ("rk2", "native"), ("rk4", "python")],
)
STEPS = pytest.mark.parametrize("dt", [0.1, 0.2, 0.25, 1 / 3, 1.0])


def run(folder: Path, equations: str, dt: float, method: str, backend: str = "python"):
    path = folder / "m.mdl"
    path.write_text(
        "{UTF-8}\n" + equations + "INITIAL TIME = 0 ~~|\nFINAL TIME = 40 ~~|\n"
        f"TIME STEP = {dt!r} ~~|\nSAVEPER = TIME STEP ~~|\n",
        encoding="utf-8",
    )
    return sdcluster.simulate(path, method=method, backend=backend)


def on(time: np.ndarray, dt: float, start: float, width: float) -> np.ndarray:
    """PULSE by the formula of the manual."""
    middle = time + dt / 2
    return (middle > start) & (middle < start + (width or dt))


@ALL
def test_a_train_is_on_at_its_end_and_off_a_step_later(
    tmp_path: Path, method: str, backend: str
) -> None:
    equations = "p = PULSE TRAIN(10, 1, 5, 30) ~~|\nn = INTEG(p/TIME STEP, 0) ~~|\n"
    found = run(tmp_path, equations, 0.25, method, backend)
    p = found["p"]
    assert [float(p.sel(time=t)) for t in (9.75, 10, 10.75, 11, 30, 30.25, 35)] == [
        0, 1, 1, 0, 1, 0, 0
    ]  # fmt: skip
    assert float(found["n"][-1]) == 4 * 4 + 1


@ALL
@STEPS
def test_pulses_and_steps_follow_the_middle_of_the_step(
    tmp_path: Path, dt: float, method: str, backend: str
) -> None:
    equations = (
        "p = PULSE(3, 2) ~~|\nq = PULSE(3, 0) ~~|\nr = STEP(1, 3) ~~|\n"
        "off = PULSE(2.83, 1) ~~|\nslope = RAMP(2, 3, 5) ~~|\n"
    )
    found = run(tmp_path, equations, dt, method, backend)
    time = found.time.values
    np.testing.assert_array_equal(found["p"], on(time, dt, 3, 2))
    np.testing.assert_array_equal(found["q"], on(time, dt, 3, 0))
    np.testing.assert_array_equal(found["off"], on(time, dt, 2.83, 1))
    np.testing.assert_array_equal(found["r"], time + dt / 2 > 3)
    np.testing.assert_allclose(found["slope"], 2 * np.clip(time - 3, 0, 2), atol=1e-12)


@ALL
@STEPS
def test_every_pulse_of_a_train_lasts_a_step_at_least(
    tmp_path: Path, dt: float, method: str, backend: str
) -> None:
    equations = "p = PULSE TRAIN(2, 0.01, 4, 14) ~~|\nall = PULSE TRAIN(2, 5, 4, 14) ~~|\n"
    found = run(tmp_path, equations, dt, method, backend)
    time = found.time.values
    pulses = sum(on(time, dt, start, dt) for start in (2, 6, 10, 14))
    np.testing.assert_array_equal(found["p"], pulses)
    np.testing.assert_array_equal(found["all"], (time + dt / 2 > 2) & (time <= 14 + 1e-9))


@STEPS
def test_methods_agree_on_how_much_a_train_brings(tmp_path: Path, dt: float) -> None:
    equations = "p = PULSE TRAIN(2, 2, 4, 14) ~~|\nn = INTEG(p, 0) ~~|\n"
    totals = [
        float(run(tmp_path, equations, dt, method)["n"][-1]) for method in ("euler", "rk4", "RK45")
    ]
    np.testing.assert_allclose(totals, 6 + dt, rtol=1e-9)


@STEPS
@pytest.mark.parametrize("method", ["euler", "rk4"])
def test_the_pulses_of_xmile_bring_their_volume_each_time(workshop, dt: float, method: str) -> None:
    path = workshop.write(
        workshop.stock("water", "0", inflow="rain"),
        workshop.flow("rain", "PULSE(6, 2, 2)"),
        workshop.aux("once", "PULSE(6, 3)"),
        dt=dt,
    )
    found = sdcluster.simulate(path, method=method)
    time, water = found.time.values, found["water"].values
    due = np.floor((time - 2 + 1e-9) / 2) + 1
    late = np.floor((time - dt - 2 + 1e-9) / 2) + 1
    np.testing.assert_allclose(water, 6 * np.maximum(late, 0), rtol=1e-9)
    assert (found["rain"].values > 0).sum() == due[-1]
    assert found["once"].values.max() == pytest.approx(6 / dt)
    assert (found["once"].values > 0).sum() == 1


@ALL
@STEPS
def test_a_ramp_of_vensim_holds_within_a_step(
    tmp_path: Path, dt: float, method: str, backend: str
) -> None:
    equations = "r = RAMP(2, 10, 25) ~~|\ns = INTEG(r, 0) ~~|\n"
    found = run(tmp_path, equations, dt, method, backend)
    time = found["time"].values
    expected = 2 * (np.clip(time, 10, 25) - 10)
    np.testing.assert_allclose(found["r"].values, expected, atol=1e-9)
    # What a step adds to the stock is the value at its beginning, whatever the method.
    steps = np.concatenate([[0.0], np.cumsum(dt * expected[:-1])])
    np.testing.assert_allclose(found["s"].values, steps, atol=1e-6)


def test_a_ramp_of_xmile_rises_within_a_step(workshop) -> None:
    path = workshop.write(
        workshop.stock("s", "0", "f"), workshop.flow("f", "RAMP(2, 1, 3)"), stop=4, dt=1
    )
    s = sdcluster.simulate(path, method="rk4")["s"].values
    np.testing.assert_allclose(s, [0, 0, 1, 4, 8], atol=1e-6)
