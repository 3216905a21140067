"""Many runs side by side give the numbers of single runs, to the bit."""

from __future__ import annotations

import numpy as np
import pytest

import sdcluster
from sdcluster import Scenario, Simulator
from sdcluster.project.scenario import Change
from sdcluster.run.many import Many

MODEL = """{UTF-8}
region: north, south ~~|
rate[region] = 0.1, 0.2 ~~|
order = 3 ~~|
loss = 0.05 ~~|
span = loss * 100 ~~|
limit = 0 ~~|
stock[region] = INTEG(rate[region] * stock[region] - loss * stock[region], 1) ~~|
late = DELAY N(SUM(stock[region!]), span, 0, order) ~~|
root = SQRT(stock[north] - limit) ~~|
INITIAL TIME = 0 ~~| horizon = 20 ~~| FINAL TIME = horizon ~~| TIME STEP = 0.25 ~~| SAVEPER = 1 ~~|
"""
WANTED = ["late", "stock[south]", "loss"]
CASES = {
    "as it is": (Scenario(), {}),
    "a change later": (Scenario(changes=(Change(5, {"loss": 0.2, "stock[north]": 4}),)), {}),
    "another method": (Scenario(), {"method": "rk4"}),
    "a method of scipy": (Scenario(), {"method": "RK45"}),
    "steps by lane": (Scenario(), {"method": "dopri5"}),
    "steps by lane and a change": (
        Scenario(changes=(Change(5.1, {"loss": 0.2, "stock[north]": 4}),)),
        {"method": "dopri5"},
    ),
}
POINTS = {
    "rate[south]": np.linspace(-0.1, 0.2, 21),
    "stock[north]": np.linspace(1, 3, 21),
    "span": np.linspace(2, 9, 21),
    "loss": np.linspace(0.01, 0.1, 21),
    "order": 1.0 + np.arange(21) % 4,
    "horizon": 5.0 + np.arange(21) % 3,
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory):
    path = tmp_path_factory.mktemp("many") / "m.mdl"
    path.write_text(MODEL, encoding="utf-8")
    return sdcluster.load(path)


def _points(names: tuple[str, ...]) -> np.ndarray:
    return np.stack([POINTS[name] for name in names], axis=1)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(
    "names",
    [("rate[south]",), ("stock[north]", "span"), ("order", "loss"), ("horizon",)],
    ids=["element", "initial value and equation", "shapes the program", "moves the clock"],
)
def test_each_run_is_that_of_its_settings(model, case: str, names: tuple[str, ...]) -> None:
    scenario, options = CASES[case]
    simulator = Simulator(model, scenario, backend="native", **options)
    many = Many(simulator, names, WANTED)
    at = [simulator.names.index(name) for name in many.wanted]
    points = _points(names)
    done = 0
    for block in many.blocks(points):
        assert block.first == done
        for j in range(block.curves.shape[2]):
            times, wanted = simulator.curves(dict(zip(names, points[done], strict=True)))
            assert np.array_equal(block.times, times)
            assert np.array_equal(block.curves[:, :, j], wanted[at])
            done += 1
        assert not block.failed.any()
    assert done == len(points)


@pytest.mark.parametrize("method", ["euler", "dopri5"])
@pytest.mark.parametrize(("lanes", "workers"), [(4, 1), (8, 2), (16, 4)])
def test_neither_lanes_nor_workers_change_a_bit(
    model, lanes: int, workers: int, method: str
) -> None:
    simulator = Simulator(model, method=method, backend="native")
    names = ("loss", "rate[south]")
    found = [
        np.concatenate([b.curves for b in many.blocks(_points(names))], axis=2)
        for many in (
            Many(simulator, names, WANTED, lanes=lanes, workers=workers),
            Many(simulator, names, WANTED, lanes=2, workers=1),
        )
    ]
    assert np.array_equal(*found)


def test_a_run_that_fails_spoils_no_other(model) -> None:
    simulator = Simulator(model, backend="native")
    limits = np.array([[0.0], [5.0], [0.0], [0.5], [9.0]])
    for wanted in (["root"], ["late"]):
        (block,) = Many(simulator, ["limit"], wanted).blocks(limits)
        assert block.failed.tolist() == [False, True, False, False, True]
        assert np.isnan(block.curves[:, :, block.failed]).all()
        assert np.array_equal(block.curves[:, :, 0], block.curves[:, :, 2])
        assert np.isfinite(block.curves[:, :, ~block.failed]).all()


@pytest.mark.parametrize("method", ["euler", "rk4", "dopri5"])
def test_an_unwanted_constant_that_is_no_number_makes_a_run_fail_as_it_does_alone(
    workshop, method: str
) -> None:
    path = workshop.write(
        workshop.stock("s", "1", "f"),
        workshop.flow("f", "0.1"),
        workshop.aux("a", "1"),
        workshop.aux("derived", "SQRT(a)"),
        workshop.aux("open limit", "IF a > 0 THEN 1 ELSE NAN"),
    )
    simulator = Simulator(path, method=method, backend="native")
    points = np.array([[1.0], [-1.0], [4.0]])
    (block,) = Many(simulator, ["a"], ["s"]).blocks(points)
    for (a,), failed in zip(points.tolist(), block.failed.tolist(), strict=True):
        assert failed == (a < 0)
        if failed:
            with pytest.raises(sdcluster.SimulationError, match="derived"):
                simulator.run({"a": a})
        else:
            simulator.run({"a": a})


def test_a_later_change_of_a_constant_can_make_a_run_fail(workshop) -> None:
    path = workshop.write(
        workshop.stock("s", "1", "f"),
        workshop.flow("f", "0.1"),
        workshop.aux("a", "1"),
        workshop.aux("derived", "SQRT(a)"),
    )
    simulator = Simulator(path, backend="native")
    (block,) = Many(simulator, ["a at 5"], ["s"]).blocks(np.array([[1.0], [-1.0]]))
    assert block.failed.tolist() == [False, True]


def test_a_conveyor_longer_than_its_buffer_is_run_again(workshop) -> None:
    path = workshop.write(
        workshop.aux("way", "1"),
        workshop.flow("enter", "1"),
        workshop.flow("leave", "0"),
        '<stock name="belt"><eqn>0</eqn><inflow>enter</inflow><outflow>leave</outflow>'
        "<conveyor><len>way</len></conveyor></stock>",
        dt=1,
        stop=5,
    )
    simulator = Simulator(path, backend="native")
    ways = np.array([[1.0], [40.0], [3.0]])
    (block,) = Many(simulator, ["way"], ["belt", "leave"]).blocks(ways)
    at = [simulator.names.index(name) for name in ("belt", "leave")]
    for j, (way,) in enumerate(ways.tolist()):
        assert np.array_equal(block.curves[:, :, j], simulator.run({"way": way})[at])


def test_points_must_be_finite_and_of_the_right_width(model) -> None:
    many = Many(Simulator(model), ["loss"], ["late"])
    with pytest.raises(sdcluster.ModelError, match=r'point 1 sets "loss" to nan'):
        list(many.blocks(np.array([[0.1], [np.nan]])))
    with pytest.raises(sdcluster.ModelError, match="each point must have 1 number"):
        list(many.blocks(np.zeros((3, 2))))
    with pytest.raises(sdcluster.ModelError, match="is varied twice"):
        Many(Simulator(model), ["loss", "Loss"], ["late"])
    assert list(many.blocks(np.zeros((0, 1)))) == []
