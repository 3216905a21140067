"""Vensim's delays and queues that keep material apart, by what the reference manual says of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import sdcluster
from sdcluster import ModelError

FLAT = "flat((0,1),(1,1)) ~~|\n"


def written(folder: Path, equations: str, dt: float = 0.5, stop: float = 20) -> Path:
    file = folder / "model.mdl"
    clock = f"INITIAL TIME = 0 ~~|\nFINAL TIME = {stop} ~~|\nTIME STEP = {dt} ~~|\nSAVEPER = TIME STEP ~~|\n"
    lines = "".join(f"{line.strip()} ~~|\n" for line in equations.strip().splitlines())
    file.write_text("{UTF-8}\n" + FLAT + lines + clock, encoding="utf-8")
    return file


def run(file: Path, method: str = "euler", backend: str = "python") -> xr.Dataset:
    return sdcluster.simulate(file, method=method, backend=backend)


def of(ds: xr.Dataset, name: str) -> np.ndarray:
    return ds[name].to_numpy()


@pytest.mark.parametrize("method", ["euler", "rk4"])
def test_a_conveyor_at_one_speed_is_a_fixed_delay(tmp_path: Path, method: str) -> None:
    file = written(
        tmp_path,
        """in = 10 + 3 * SIN(Time)
        out = DELAY CONVEYOR(in, 4, 0, flat, 40, 4)
        delayed = DELAY FIXED(in, 4, 10)""",
    )
    ds = run(file, method)
    np.testing.assert_allclose(of(ds, "out"), of(ds, "delayed"), rtol=1e-9)


def test_a_faster_conveyor_moves_what_is_on_it(tmp_path: Path) -> None:
    """Half the way at the old speed and half at the new one: a pulse of time 1 needs 2 + 1 and not 4."""
    file = written(
        tmp_path,
        """in = PULSE(1, 0.5) * 2
        out = DELAY CONVEYOR(in, 4 - STEP(2, 3), 0, flat, 0, 4)""",
    )
    ds = run(file)
    assert [float(t) for t, v in zip(ds.time, of(ds, "out"), strict=True) if v] == [4.0]
    assert of(ds, "out").sum() == 2


def test_a_leak_takes_from_the_whole_conveyor(tmp_path: Path) -> None:
    """The content is what the manual's equations for it give."""
    file = written(
        tmp_path,
        """in = 10 + 3 * SIN(Time)
        out = DELAY CONVEYOR(in, 4, 0.1, flat, 40, 4)
        leaking = (content + TIME STEP * (in - out)) * 0.1
        content = INTEG(in - out - leaking, 40)
        steady in = 10
        steady out = DELAY CONVEYOR(steady in, 4, 0.1, flat, 40, 4)""",
        stop=60,
    )
    ds = run(file)
    assert of(ds, "steady out")[-1] == pytest.approx(10 * (1 - 0.1 * 0.5) ** 8)
    lasting = 10 * 0.5 * sum(0.95**k for k in range(1, 9))
    assert of(ds, "content")[-1] == pytest.approx(lasting, rel=0.3)
    stopped = run(
        written(
            tmp_path,
            """in = IF THEN ELSE(Time < 5, 10, 0)
            out = DELAY CONVEYOR(in, 4, 0.1, flat, 40, 4)
            leaking = (content + TIME STEP * (in - out)) * 0.1
            content = INTEG(in - out - leaking, 40)""",
        )
    )
    assert of(stopped, "content")[-1] == pytest.approx(0, abs=1e-9)


def test_a_profile_says_how_the_first_content_comes_out(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        """rising((0,0),(7,10))
        out = DELAY CONVEYOR(0, 5, 0, rising, 100, 5)""",
        dt=1,
    )
    np.testing.assert_allclose(of(run(file), "out")[:6], [4, 12, 20, 28, 36, 0])


def test_batches_are_whole_and_take_their_time(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        """in = 10
        out = DELAY BATCH(in, 30, 2, 7, 1, 15)
        total = INTEG(out, 0)""",
        dt=0.25,
    )
    ds = run(file)
    finished = {float(t): float(v) * 0.25 for t, v in zip(ds.time, of(ds, "out"), strict=True) if v}
    # 15 wait, 30 are there at 1.5; the next batch begins when the one before is done and 30 wait again.
    assert list(finished.items())[:3] == [(1.0, 7.0), (3.5, 30.0), (6.5, 30.0)]
    assert set(finished.values()) == {7.0, 30.0}


@pytest.mark.parametrize("growth", [0.0, 0.05])
def test_a_response_has_its_mean_and_loses_nothing(tmp_path: Path, growth: float) -> None:
    file = written(
        tmp_path,
        f"""hump((0,0),(1,3),(3,0))
        in = PULSE(0, 0.125) * 8
        out = DELAY PROFILE(hump, in, 4, 0, 0)
        growing = EXP({growth} * Time)
        follows = DELAY PROFILE(hump, growing, 4, at first, {growth})
        at first = EXP(-4 * {growth})""",
        dt=0.125,
        stop=15,
    )
    ds = run(file)
    out, time = of(ds, "out"), ds.time.to_numpy()
    assert out.sum() * 0.125 == pytest.approx(1)
    assert (out * time).sum() * 0.125 == pytest.approx(4, rel=0.01)
    grows = of(ds, "follows")
    np.testing.assert_allclose(grows[1:] / grows[:-1], np.exp(growth * 0.125), rtol=2e-3)


def test_a_queue_is_a_level_that_knows_ages(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        """in = 10
        waiting = QUEUE FIFO(in, served, flat, 30, 3)
        same = INTEG(in - served, 30)
        served = 8
        oldest = QUEUE AGE OLDEST(waiting)
        mean = QUEUE AGE AVERAGE(waiting, 0)
        mean of oldest = QUEUE AGE AVERAGE(waiting, 5)
        all = QUEUE AGE IN RANGE(waiting, :NA:, :NA:)
        young = QUEUE AGE IN RANGE(waiting, 0.4, 1.1)""",
    )
    for method in ("euler", "rk4"):
        ds = run(file, method)
        np.testing.assert_allclose(of(ds, "waiting"), of(ds, "same"), rtol=1e-12)
        np.testing.assert_allclose(of(ds, "all"), of(ds, "same"), rtol=1e-12)
    assert of(ds, "oldest")[0] == 3
    assert of(ds, "mean")[0] == pytest.approx(1.75)
    assert of(ds, "mean of oldest")[0] == pytest.approx(3)
    np.testing.assert_allclose(of(ds, "young"), 10)
    # At the end 70 wait who came in the last seven years, since 10 come a year.
    assert of(ds, "waiting")[-1] == 70
    assert of(ds, "oldest")[-1] == pytest.approx(7)
    assert of(ds, "mean")[-1] == pytest.approx(0.5 * (0.5 + 7))


def test_attributes_change_in_the_queue(tmp_path: Path) -> None:
    """The manual's example: in at time 10 with 7, a change of 2 a year, then 8 at 10.5 and 9 at 11."""
    file = written(
        tmp_path,
        """in = PULSE(10, 0.5) * 2
        stays = QUEUE FIFO ATTRIB(in, 0, 7, 2, flat, flat, 0, 1, 1)
        mark = QUEUE ATTRIB AVERAGE(stays, -1)
        orders = QUEUE FIFO ATTRIB(4, done, 3, 0, flat, flat, 20, 2, 5)
        done = QUEUE ATTRIB QUANTITY(orders, 6 * TIME STEP) / TIME STEP""",
    )
    ds = run(file)
    marks = dict(zip(ds.time.to_numpy(), of(ds, "mark"), strict=True))
    assert (marks[10.5], marks[11.0]) == (8, 9)
    # The first twenty have attribute 2: three of them make six; the others three.
    assert of(ds, "done")[0] == pytest.approx(3)
    assert of(ds, "done")[-1] == pytest.approx(2)


ALL = """in = 10 + STEP(5, 2)
    out = DELAY CONVEYOR(in, 4 - STEP(2, 5), 0.05, flat, 40, 4)
    batches = DELAY BATCH(in, 25, 3, 7, 1, 5)
    spread = DELAY PROFILE(flat, in, 4, 10, 0.01)
    waiting = QUEUE FIFO(in, served, flat, 30, 3)
    served = MIN(8, QUEUE AGE IN RANGE(waiting, 1, :NA:) / TIME STEP)
    age = QUEUE AGE AVERAGE(waiting, 5) + QUEUE AGE OLDEST(waiting)"""


@pytest.mark.parametrize("backend", ["native"])
def test_plain_python_and_compiled_code_agree(tmp_path: Path, backend: str) -> None:
    file = written(tmp_path, ALL)
    plain, fast = run(file), run(file, backend=backend)
    for name in map(str, plain.data_vars):
        np.testing.assert_allclose(of(fast, name), of(plain, name), rtol=1e-12, atol=1e-12)


def test_what_is_written_runs_the_same(tmp_path: Path) -> None:
    model = sdcluster.load(written(tmp_path, ALL))
    again = sdcluster.load(model.to_xmile(tmp_path / "copy.xmile"))
    before, after = (
        sdcluster.simulate(m, method="euler", backend="python") for m in (model, again)
    )
    for name in ("out", "batches", "spread", "waiting", "served", "age"):
        np.testing.assert_allclose(of(after, name), of(before, name), rtol=1e-12)


def test_queues_with_subscripts(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        """till: a, b
        in[till] = 10, 4
        waiting[till] = QUEUE FIFO(in[till], 5, flat, 10, 2)
        oldest[till] = QUEUE AGE OLDEST(waiting[till])
        second = QUEUE AGE OLDEST(waiting[b])""",
        stop=5,
    )
    ds = run(file)
    np.testing.assert_allclose(ds["waiting"].to_numpy()[-1], [35, 5])
    np.testing.assert_array_equal(ds["oldest"].to_numpy()[:, 1], of(ds, "second"))


@pytest.mark.parametrize(
    ("equations", "sentence"),
    [
        ("x = QUEUE AGE OLDEST(y)\ny = 3", 'reads "y" as a queue or conveyor, but "y" is not one'),
        ("x = QUEUE FIFO(1, 1, 3, 10, 2)", "must be a lookup variable"),
        ("x = DELAY CONVEYOR(1, 2, 0)", "takes 6 arguments, but was given 3"),
        ("low((0,1),(1,-1))\nx = QUEUE FIFO(1, 1, low, 10, 2)", "nowhere below 0"),
        ("x = QUEUE AGE OLDEST(2)", "must be the name of the queue"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(
    tmp_path: Path, equations: str, sentence: str
) -> None:
    with pytest.raises(ModelError, match=sentence):
        run(written(tmp_path, equations))
