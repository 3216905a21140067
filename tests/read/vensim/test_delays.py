"""DELAY N and SMOOTH N: orders that follow from other variables, and delay times that change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import sdcluster
from sdcluster.project.scenario import Change

BACKENDS = ("python", "native")


def delayed(
    entering: Callable[[float], float],
    time: Callable[[float], float],
    initial: float,
    order: int,
    dt: float,
    steps: int,
) -> list[float]:
    """Integrate DELAY N by hand: inner stages by the present delay time, the last one by that of one step before."""
    levels = [initial * time(0) / order] * order
    before, found = time(0), []
    for i in range(steps + 1):
        now = time(i * dt)
        flows = [level * order / now for level in levels]
        flows[-1] = levels[-1] * order / before
        found.append(flows[-1])
        inflows = [entering(i * dt), *flows[:-1]]
        levels = [a + dt * (b - c) for a, b, c in zip(levels, inflows, flows, strict=True)]
        before = now
    return found


def last(file: Path, name: str = "out", backend: str = "python", **settings: float) -> float:
    run = sdcluster.simulate(file, settings=settings, stop=8, dt=0.25, backend=backend)
    return float(run[name].to_numpy()[-1])


def test_delay_n_as_vensim_runs_it_when_the_delay_time_changes(write_model) -> None:
    file = write_model("in = 10", "T = 6 + STEP(6, 3)", "out = DELAY N(in, T, 4, 3)")
    run = sdcluster.simulate(file, stop=8)["out"].to_numpy()
    assert run[3:] == pytest.approx([4.75, 2.0625, 2.4921875, 2.951171875, 3.4609375, 4.0146484375])


@pytest.mark.parametrize("order", [1, 2, 3, 4, 10])
@pytest.mark.parametrize("backend", BACKENDS)
def test_delay_n_by_hand(write_model, order: int, backend: str) -> None:
    file = write_model(
        "in = 10 + STEP(3, 2)",
        "T = 12 + STEP(12, 3) - STEP(10, 5)",
        f"out = DELAY N(in, T, 4, {order})",
    )
    run = sdcluster.simulate(file, stop=12, dt=0.25, method="euler", backend=backend)
    expected = delayed(
        lambda t: 10 + 3 * (t >= 2),
        lambda t: 12 + 12 * (t >= 3) - 10 * (t >= 5),
        4,
        order,
        0.25,
        48,
    )
    assert run["out"].to_numpy() == pytest.approx(expected, rel=1e-12)


def test_delay_n_loses_nothing_when_the_delay_time_changes(write_model) -> None:
    file = write_model(
        "in = PULSE(1, 1) * 7",
        "T = 3 + STEP(2, 2) - STEP(4, 6)",
        "out = DELAY N(in, T, 0, 3)",
        "left = INTEG(out, 0)",
    )
    assert sdcluster.simulate(file, stop=60, dt=0.125)["left"].to_numpy()[-1] == pytest.approx(7)


@pytest.mark.parametrize("backend", BACKENDS)
def test_arrays_have_an_order_and_a_time_for_each_element(write_model, backend: str) -> None:
    file = write_model(
        "D: a, b, c",
        "n[D] = 1, 3, 6",
        "T[D] = 4, 4, 1",
        "in = STEP(10, 1)",
        "x[D] = DELAY N(in, T[D], 0, n[D])",
        "s[D] = SMOOTH N(in, T[D], 0, n[D])",
        "x a = DELAY N(in, 4, 0, 1)",
        "x b = DELAY N(in, 4, 0, 3)",
        "x c = DELAY N(in, 1, 0, 4)",
        "s b = SMOOTH N(in, 4, 0, 3)",
    )
    run = sdcluster.simulate(file, stop=8, dt=0.25, backend=backend)
    for place, name in enumerate(("x a", "x b", "x c")):
        np.testing.assert_array_equal(run["x"].to_numpy()[:, place], run[name].to_numpy())
    np.testing.assert_array_equal(run["s"].to_numpy()[:, 1], run["s b"].to_numpy())


ORDERS = [
    ("n = base + 1", "n"),
    ("n = base + 1", "MAX(n, 1)"),
    ("D: a, b, c", "ELMCOUNT(D) * base - 2 * base + 1"),
    ("n = INTEGER(base + 1.5)", "n"),
    ("n = IF THEN ELSE(base > 3, base + 1, 3)", "n"),
    ("f((0, 1), (10, 11))", "f(base)"),
    ("n = INITIAL(base + 1 + Time)", "n"),
    ("stock = INTEG(1, base + 1)", "INITIAL(stock)"),
]


@pytest.mark.parametrize(("helper", "order"), ORDERS)
@pytest.mark.parametrize("function", ["DELAY N", "SMOOTH N"])
def test_an_order_follows_what_a_run_sets(write_model, helper, order, function) -> None:
    file = write_model(
        "in = STEP(10, 1)", "base = 2", helper, f"out = {function}(in, 4, 0, {order})"
    )
    for base, expected in ((2, 9.17617861547), (5, 9.78511804883), (2, 9.17617861547)):
        assert last(file, base=base) == pytest.approx(expected)


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_order_that_is_set_itself(write_model, backend) -> None:
    file = write_model(
        "in = STEP(10, 1)", "base = 2", "n = base + 1", "out = DELAY N(in, 4, 0, n)", "half = n / 2"
    )
    assert last(file, backend=backend, n=6) == pytest.approx(9.78511804883)
    assert last(file, "half", backend, n=6) == 3


def test_one_element_of_an_array_of_orders_may_be_set(write_model) -> None:
    file = write_model(
        "D: a, b", "n[D] = 3, 3", "in = STEP(10, 1)", "out[D] = DELAY N(in, 4, 0, n[D])"
    )
    run = sdcluster.simulate(file, settings={"n[b]": 6}, stop=8, dt=0.25)["out"].to_numpy()
    assert run[-1] == pytest.approx([9.17617861547, 9.78511804883])


def test_an_order_inside_a_macro(write_model) -> None:
    file = write_model(
        ":MACRO: LATE(x, k)\nLATE = DELAY N(x, 4, 0, k + 1) ~~|\n:END OF MACRO:\nin = STEP(10, 1)",
        "base = 2",
        "out = LATE(in, base)",
    )
    assert last(file, base=5) == pytest.approx(9.78511804883)


def test_a_constant_that_decides_an_order_cannot_change_during_a_run(write_model) -> None:
    file = write_model("base = 2", "n = base + 1", "out = DELAY N(10, 4, 0, n)")
    simulator = sdcluster.Simulator(file)
    with pytest.raises(
        sdcluster.ModelError,
        match='"base" cannot change during a run, because it decides the order',
    ):
        simulator.run({}, [Change(2, {"base": 4})])


def test_an_order_that_changes_keeps_its_start_with_a_warning(write_model) -> None:
    file = write_model(
        "in = STEP(10, 1)",
        "n = 3 + STEP(2, 3)",
        "out = DELAY N(in, 4, 0, n)",
        "same = DELAY N(in, 4, 0, 3)",
    )
    with pytest.warns(
        sdcluster.ModelWarning, match='"out" depends on "n", which changes; the run keeps'
    ):
        model = sdcluster.load(file)
    run = sdcluster.simulate(model, stop=8)
    np.testing.assert_array_equal(run["out"].to_numpy(), run["same"].to_numpy())


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("2000", "but it is 2000"),
        ("LN(-1)", "but it is nan"),
        ("out", "depends on the delay or smooth itself"),
    ],
)
def test_orders_that_are_refused(write_model, order: str, expected: str) -> None:
    file = write_model("k = 1", f"out = DELAY N(10, 4, 0, {order} * k)")
    with pytest.raises(sdcluster.ModelError, match=f'variable "out": .*{expected}'):
        sdcluster.simulate(file)


@pytest.mark.parametrize("function", ["DELAY N", "SMOOTH N"])
@pytest.mark.parametrize(("dt", "left"), [(0.25, 6), (0.5, 4), (1, 2), (4, 1)])
def test_a_time_shorter_than_the_order_in_steps_leaves_fewer_stages(
    write_model, function: str, dt: float, left: int
) -> None:
    """Vensim, "DELAY N": delay time must be bigger than order * TIME STEP, else the order is reduced."""
    file = write_model(
        "in = STEP(10, 1)",
        "T = 9",
        f"out = {function}(in, T, 0, 6)",
        f"fewer = {function}(in, 2, 0, {left})",
    )
    run = sdcluster.simulate(file, settings={"T": 2}, stop=8, dt=dt)
    np.testing.assert_array_equal(run["out"].to_numpy(), run["fewer"].to_numpy())


def test_an_order_may_follow_from_the_time_step_of_the_run(write_model) -> None:
    file = write_model(
        "in = STEP(10, 1)",
        "out = DELAY N(in, 4, 0, 4 / TIME STEP)",
        "eight = DELAY N(in, 4, 0, 8)",
    )
    run = sdcluster.simulate(file, stop=8, dt=0.5)
    np.testing.assert_array_equal(run["out"].to_numpy(), run["eight"].to_numpy())


@pytest.mark.parametrize(
    ("time", "order", "written"),
    [
        ("4", "3", "DELAY3(in, wait, in)"),
        ("8", "5", "DELAYN(in, wait, 5, in)"),
        ("4 + STEP(1, 2)", "3", "delay_n(in, wait, in, 3)"),
        ("2", "5", "delay_n(in, wait, in, 5)"),
    ],
)
def test_delay_n_is_written_as_xmile_and_read_again(
    write_model, time: str, order: str, written: str
) -> None:
    file = write_model(
        "in = 3 + STEP(10, 1)", f"wait = {time}", f"out = DELAY N(in, wait, in, {order})"
    )
    again = sdcluster.load(file).to_xmile(file.parent / "again.xmile")
    assert written in again.read_text()
    before, after = (sdcluster.simulate(f, stop=8)["out"].to_numpy() for f in (file, again))
    np.testing.assert_allclose(after, before, rtol=1e-12)
