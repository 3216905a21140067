"""Runs at many points give the numbers of single runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import sdcluster
from sdcluster import Scenario, Simulator
from sdcluster.project.scenario import Change

MODEL = """{UTF-8}
region: north, south ~~|
rate[region] = 0.1, 0.2 ~~|
order = 3 ~~|
loss = 0.05 ~~|
span = loss * 100 ~~|
stock[region] = INTEG(rate[region] * stock[region] - loss * stock[region], 1) ~~|
late = DELAY N(SUM(stock[region!]), span, 0, order) ~~|
INITIAL TIME = 0 ~~| horizon = 20 ~~| FINAL TIME = horizon ~~| TIME STEP = 0.25 ~~| SAVEPER = 1 ~~|
"""
CASES = {
    "as it is": (Scenario(), {}),
    "a whole array set": (Scenario(settings={"rate": 0.3}), {}),
    "a change later": (Scenario(changes=(Change(5, {"loss": 0.2, "stock[north]": 4}),)), {}),
    "a series": (Scenario(inputs={"loss": [(0, 0.02), (20, 0.1)]}), {}),
    "another method": (Scenario(), {"method": "rk4"}),
    "an adaptive method": (Scenario(), {"method": "RK45"}),
    "plain Python": (Scenario(), {"backend": "python"}),
    "machine code": (Scenario(), {"backend": "native"}),
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory):
    path = tmp_path_factory.mktemp("repeated") / "m.mdl"
    path.write_text(MODEL, encoding="utf-8")
    return sdcluster.load(path)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(
    "names",
    [("rate[south]",), ("rate[south]", "rate[north]"), ("order",), ("horizon",), ()],
    ids=["element", "two elements", "shapes the program", "moves the clock", "none"],
)
def test_each_point_is_a_run_of_its_own(model, case: str, names: tuple[str, ...]) -> None:
    scenario, options = CASES[case]
    simulator = Simulator(model, scenario, **options)
    repeated = simulator.repeated(names, ["late", "stock[south]"])
    at = [simulator.names.index(name) for name in repeated.wanted]
    points = {"rate": (0.15, -0.1, 0.15), "order": (1, 4, 1), "horizon": (10, 30, 10)}
    for i in range(3):
        point = [points[name.partition("[")[0]][i] for name in names]
        times, rows = repeated.curves(point)
        wanted_times, wanted = simulator.curves(dict(zip(names, point, strict=True)))
        assert np.array_equal(times, wanted_times)
        assert np.array_equal(rows, wanted[at], equal_nan=True)


def test_what_is_not_a_constant_is_refused(model, tmp_path: Path) -> None:
    simulator = Simulator(model)
    with pytest.raises(sdcluster.ModelError, match='"span" is not a constant'):
        simulator.repeated(["span"], ["late"])
    with pytest.raises(sdcluster.ModelError, match="array"):
        simulator.repeated(["rate"], ["late"])
    with pytest.raises(sdcluster.ModelError, match='did you mean "late"'):
        simulator.repeated(["loss"], ["lat"])
    with pytest.raises(sdcluster.ModelError, match="finite"):
        simulator.repeated(["loss"], ["late"]).curves([float("nan")])


def test_a_failed_point_leaves_the_next_alone(model) -> None:
    repeated = Simulator(model).repeated(["loss"], ["late"])
    good = repeated.curves([0.05])[1]
    with pytest.raises(sdcluster.SimulationError, match="at time 1"):
        repeated.curves([1e300])
    assert np.array_equal(repeated.curves([0.05])[1], good)
