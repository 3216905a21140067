"""SINTEG and SHIFT IF TRUE: stocks that are changed otherwise than by their flows."""

from __future__ import annotations

import numpy as np
import pytest

import sdcluster
from sdcluster.write.xmile import xmile_text

NONE = ":NA:, :NA:, :NA:, :NA:, :NA:"
COHORTS = (
    "age: a0, (a1-a3)",
    "old: (a1-a3)",
    "sex: m, f",
    "births[sex] = 10, 20",
    "people[sex, a0] = INTEG(births[sex], 1)",
    "people[sex, old] = INTEG(0, 2)",
    "everybody[sex] = SUM(people[sex, age!])",
)


@pytest.fixture(params=["python", "native"])
def everywhere(request, write_model):
    """Simulate on each backend; arrays with time first."""

    def simulated(*equations: str, method: str = "euler") -> dict[str, np.ndarray]:
        found = sdcluster.simulate(write_model(*equations), method=method, backend=request.param)
        return {name: found[name].transpose("time", ...).to_numpy() for name in found}

    return simulated


def test_sinteg_stays_between_its_bounds(everywhere) -> None:
    found = everywhere(
        "falling = SINTEG(-4, 10, 0, 12, :NA:, :NA:, :NA:)",
        "rising = SINTEG(1, 0, :NA:, 2.5, :NA:, :NA:, :NA:)",
        "low = SINTEG(1, -5, 0, :NA:, :NA:, :NA:, :NA:)",
    )
    assert found["falling"] == pytest.approx([10, 6, 2, 0, 0])
    assert found["rising"] == pytest.approx([0, 1, 2, 2.5, 2.5])
    assert found["low"] == pytest.approx([0, 1, 2, 3, 4])


def test_machine_code_agrees(write_model) -> None:
    path = write_model(
        *COHORTS,
        "left[sex] = SHIFT IF TRUE(people[sex, a0], Time >= 1, ELMCOUNT(age), 1, 0)",
        "x = SINTEG(-4, 10, 0, 12, 3, 1, 0.5)",
    )
    runs = [sdcluster.simulate(path, method="euler", backend=b) for b in ("python", "native")]
    for name in ("people", "left", "x"):
        np.testing.assert_array_equal(runs[0][name], runs[1][name])


def test_what_goes_over_a_bound_is_lost(everywhere) -> None:
    """The stock itself is held, so that it leaves its bound as soon as the rate turns."""
    found = everywhere("x = SINTEG(IF THEN ELSE(Time < 2, -4, 1), 2, 0, :NA:, :NA:, :NA:, :NA:)")
    assert found["x"] == pytest.approx([2, 0, 0, 1, 2])


def test_sinteg_without_restrictions_is_integ(everywhere) -> None:
    found = everywhere(f"x = SINTEG(0.3 * x, 5, {NONE})", "y = INTEG(0.3 * y, 5)", method="rk4")
    np.testing.assert_allclose(found["x"], found["y"], rtol=1e-14)


def test_sinteg_rounds_to_a_multiple_and_moves_to_a_value(everywhere) -> None:
    found = everywhere(
        "whole = SINTEG(1.7, 0, 0, 100, 1, :NA:, :NA:)",
        "near = SINTEG(-0.95, 1, :NA:, :NA:, :NA:, 0, 0.1)",
    )
    assert found["whole"] == pytest.approx([0, 2, 4, 6, 8])
    assert found["near"] == pytest.approx([1, 0, -0.95, -1.9, -2.85])


def test_sinteg_of_arrays_with_bounds_of_their_own(everywhere) -> None:
    found = everywhere(
        "d: a, b",
        "e: p, q",
        "r[d] = 1, -0.6",
        "x[d, p] = SINTEG(r[d], 0, -1, 1, :NA:, :NA:, :NA:)",
        "x[d, q] = SINTEG(r[d], 0, -2, 2, :NA:, :NA:, :NA:)",
    )
    assert found["x"][:, 0, 0] == pytest.approx([0, 1, 1, 1, 1])
    assert found["x"][:, 1, 0] == pytest.approx([0, -0.6, -1, -1, -1])
    assert found["x"][:, 1, 1] == pytest.approx([0, -0.6, -1.2, -1.8, -2])


@pytest.mark.parametrize("method", ["rk2", "rk4", "lsoda"])
def test_sinteg_by_every_method(run, write_model, method: str) -> None:
    path = write_model("x = SINTEG(-4, 10, 0, 12, :NA:, :NA:, :NA:)")
    assert sdcluster.simulate(path, method=method)["x"].values == pytest.approx([10, 6, 2, 0, 0])


def test_sinteg_comes_through_xmile(make, tmp_path) -> None:
    model = make("x = SINTEG(-4, 10, 0, :NA:, 4, :NA:, :NA:)")
    file = tmp_path / "written.xmile"
    file.write_bytes(xmile_text(model))
    values = [
        sdcluster.simulate(m, method="euler")["x"].values for m in (model, sdcluster.load(file))
    ]
    np.testing.assert_array_equal(*values)


def test_bounds_of_sinteg_are_numbers(make) -> None:
    with pytest.raises(sdcluster.ModelError, match="takes numbers as its last five arguments"):
        sdcluster.simulate(make("b = 3", "x = SINTEG(1, 0, 0, b, :NA:, :NA:, :NA:)"))
    with pytest.raises(sdcluster.ModelError, match="SINTEG takes 7 arguments"):
        make("x = SINTEG(1, 0, 0, 3)")


@pytest.mark.parametrize("method", ["euler", "rk4", "lsoda"])
def test_cohorts_move_on_where_the_condition_holds(everywhere, method: str) -> None:
    found = everywhere(
        *COHORTS,
        "left[sex] = SHIFT IF TRUE(people[sex, a0], MODULO(Time, 2) = 1, ELMCOUNT(age), 0, 0.5)",
        method=method,
    )
    assert found["left"][:, 0] == pytest.approx([0, 2, 0, 2, 0])
    assert found["people"][:, 0, :] == pytest.approx(
        np.array(
            [
                [1, 2, 2, 2],
                [0.5, 11, 2, 2],
                [10.5, 11, 2, 2],
                [0.5, 20.5, 11, 2],
                [10.5, 20.5, 11, 2],
            ]
        )
    )


def test_the_last_cohort_gathers_what_moves_on(everywhere) -> None:
    found = everywhere(
        *COHORTS,
        "left[sex] = SHIFT IF TRUE(people[sex, a0], Time >= 1, ELMCOUNT(age), 1, 0)",
    )
    assert found["left"] == pytest.approx(0)
    assert found["everybody"][:, 1] == pytest.approx([7, 27, 47, 67, 87])  # nothing is lost
    assert found["people"][1, 1] == pytest.approx([0, 21, 2, 4])


def test_only_so_many_elements_move(everywhere) -> None:
    found = everywhere(*COHORTS, "left[sex] = SHIFT IF TRUE(people[sex, a1], Time = 1, 2, 0, 7)")
    assert found["people"][1, 0] == pytest.approx([11, 7, 2, 2])
    assert found["left"][1, 0] == 2


def test_a_shift_of_too_many_elements_stops_the_run(run) -> None:
    with pytest.raises(sdcluster.SimulationError, match="at most as many as come after the first"):
        run(*COHORTS, "left[sex] = SHIFT IF TRUE(people[sex, a1], Time = 1, 4, 0, 0)")


def test_only_stocks_shift(make) -> None:
    with pytest.raises(sdcluster.ModelError, match="moves the elements of a stock"):
        sdcluster.simulate(make("d: a, b", "v[d] = 1, 2", "x = SHIFT IF TRUE(v[a], 1, 2, 0, 0)"))
