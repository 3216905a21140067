"""The file `models/cluster/cluster.xmile` is the integrated model of decision 0017, word for word.

`tests.design_page` is an independent transcription of its formulas, with its numbers and its symbols.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import sdcluster
from tests.design_page import LEVERS, STOCKS, formulas

FOLDER = Path(__file__).parents[2] / "models" / "cluster"

POLICIES = {
    "default": {},
    "closed": {"openness": 0.05, "policy": 0.05},
    "opportunism": {"property right protection": 0.0, "policy": 0.0, "openness": 0.3},
    "captured": {"openness": 1.0, "policy": 0.0},
    "over-governed": {"policy": 1.0},
    "early breeding": {"breeding share": 0.7},
}
State = np.ndarray


def derivatives(t: float, y: State, levers: dict[str, float]) -> list[float]:
    return formulas(t, y, levers)[0]


def pieces(
    changes: list[tuple[float, dict[str, float]]], stop: float
) -> Iterator[tuple[float, dict[str, float]]]:
    """The end of each piece of a run, and what is set there."""
    yield from changes
    yield stop, {}


def reference(
    settings: dict[str, float],
    stop: float = 80.0,
    changes: list[tuple[float, dict[str, float]]] | None = None,
) -> Callable[[float], State]:
    """Solve the page's equations by LSODA; the result gives the stocks at any time."""
    levers = LEVERS | settings
    start, y = 0.0, np.array(list(STOCKS.values()))
    parts: list[tuple[float, Any]] = []
    for end, new in pieces(changes or [], stop):
        solution = solve_ivp(
            derivatives, (start, end), y, "LSODA", args=(levers,),
            rtol=1e-10, atol=1e-13, dense_output=True, max_step=0.5,
        )  # fmt: skip
        parts.append((start, solution.sol))
        start, y = end, solution.y[:, -1].copy()
        for name, value in new.items():
            if name in STOCKS:
                y[list(STOCKS).index(name)] = value
        levers = levers | {name: value for name, value in new.items() if name in LEVERS}

    def at(t: float) -> State:
        return next(sol for begin, sol in reversed(parts) if begin <= t)(t)

    return at


def relative_difference(dataset: Any, at: Callable[[float], State], times: list[float]) -> float:
    """Largest difference of all stocks, as a share of the larger of value and 0.001."""
    worst = 0.0
    for t in times:
        ours = np.array([float(dataset[name].sel(time=t, method="nearest")) for name in STOCKS])
        theirs = at(t)
        worst = max(worst, float(np.max(np.abs(ours - theirs) / np.maximum(np.abs(theirs), 1e-3))))
    return worst


@pytest.fixture(scope="module")
def model() -> Any:
    return sdcluster.load(FOLDER)


@pytest.mark.parametrize("policy", POLICIES)
def test_an_adaptive_solver_follows_the_design_page(model: Any, policy: str) -> None:
    settings = POLICIES[policy]
    dataset = sdcluster.simulate(model, settings=settings, method="LSODA", rtol=1e-10, atol=1e-13)
    times = [1.0, 5.0, 10.0, 20.0, 33.0, 40.0, 50.0, 66.0, 80.0]
    assert relative_difference(dataset, reference(settings), times) < 1e-6


@pytest.mark.parametrize("policy", ["default", "captured"])
def test_fixed_steps_follow_the_design_page(model: Any, policy: str) -> None:
    settings = POLICIES[policy]
    at = reference(settings)
    times = [5.0, 20.0, 40.0, 50.0, 66.0, 80.0]
    as_written = sdcluster.simulate(model, settings=settings)
    halved = sdcluster.simulate(model, settings=settings, dt=1 / 32)
    coarse = relative_difference(as_written, at, times)
    fine = relative_difference(halved, at, times)
    assert coarse < 2e-6
    # The kinks of the min and max functions keep it below fourth order.
    assert fine < coarse / 2


def test_every_formula_of_the_page_has_its_variable(model: Any) -> None:
    dataset = sdcluster.simulate(model, settings=POLICIES["captured"])
    for t in (0.0, 7.0, 30.0, 77.0):
        moment = dataset.sel(time=t)
        y = np.array([float(moment[name]) for name in STOCKS])
        for name, expected in formulas(t, y, LEVERS | POLICIES["captured"])[1].items():
            assert float(moment[name]) == pytest.approx(expected, rel=1e-9, abs=1e-15), name


def test_a_rescue_changes_the_levers_in_its_year(model: Any) -> None:
    dataset = sdcluster.simulate(model, "rescue in year 30", method="LSODA", rtol=1e-10, atol=1e-13)
    at = reference(POLICIES["closed"], 120.0, [(30.0, {"openness": 0.5, "policy": 0.3})])
    assert relative_difference(dataset, at, [10.0, 29.0, 31.0, 60.0, 90.0, 120.0]) < 1e-6


def test_a_locked_start_resets_its_stocks_in_year_40(model: Any) -> None:
    name = "more open from a locked start"
    dataset = sdcluster.simulate(model, name, method="LSODA", rtol=1e-10, atol=1e-13)
    reset = {"openness": 0.8, "lock in": 0.9, "knowledge ties": 0.1}
    at = reference({}, 100.0, [(40.0, reset)])
    assert relative_difference(dataset, at, [39.0, 41.0, 50.0, 70.0, 100.0]) < 1e-6


def test_stocks_start_as_on_the_design_page(model: Any) -> None:
    start = sdcluster.simulate(model).isel(time=0)
    assert {v.name: float(start[v.name]) for v in model.stocks} == STOCKS


def test_the_four_levers_are_marked_for_sliders(model: Any) -> None:
    assert {v.name: v.value for v in model.levers} == LEVERS
    assert [v.lever for v in model.levers] == ["openness", "policy", "protection", "breeding"]
    for lever in model.levers:
        assert (lever.range.minimum, lever.range.maximum, lever.range.step) == (0.0, 1.0, 0.01)


@pytest.mark.parametrize(
    ("cut", "ripens"),
    [
        ({}, False),
        (
            {"lock in growth rate": 0},
            True,
        ),  # the cause that lesson 1 names: rigid firms hardly search
        ({"own ideas": 0.5}, False),  # rivals
        ({"policy": 0.3}, False),
    ],
)
def test_behind_closed_doors_rigid_firms_never_ripen_a_next_technology(
    model: Any, cut: dict[str, float], ripens: bool
) -> None:
    run = sdcluster.simulate(model, "closed", settings=cut)
    knowledge = run["knowledge stock"]
    assert (float(run["new technology"].max()) > 1) is ripens
    lost = 1 - float(knowledge[-1]) / float(knowledge.max())
    assert lost == pytest.approx(0 if ripens else 1 / 3, abs=0.02)


@pytest.mark.parametrize(("cut", "recovers"), [({}, True), ({"gap tolerance": 10}, False)])
def test_a_part_comes_back_where_followers_fall_behind_and_minds_differ_again(
    model: Any, cut: dict[str, float], recovers: bool
) -> None:
    """Lesson 1; with a wide tolerance for the gap minds stay alike however far followers fall behind."""
    run = sdcluster.Simulator(model, "closed").begin()
    run.until(50)
    if cut:
        run.set(cut)
    knowledge = run.until().dataset()["knowledge stock"]
    peak, lowest, last = float(knowledge.max()), float(knowledge.sel(time=65)), float(knowledge[-1])
    assert (last > lowest) is recovers
    if recovers:
        assert lowest / peak == pytest.approx(1 / 2, abs=0.02)
        assert last / peak == pytest.approx(2 / 3, abs=0.02)
