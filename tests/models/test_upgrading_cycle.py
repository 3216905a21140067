"""The model of Ji & Hu 2011: solved accurately, the same in other programs, and documented throughout."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sdcluster

FOLDER = Path(__file__).parents[2] / "models" / "upgrading_cycle"
STOCKS = (
    "leader knowledge",
    "follower knowledge",
    "technology",
    "new technology",
    "social ties",
    "economic ties",
    "knowledge ties",
    "rigidity",
)
SCENARIOS = ("default", "d_k_opportunism", "bred_while_sliding", "opened_in_year_50")
SHARES = ("imitation share", "partial innovation share", "integrated innovation share")


@pytest.fixture(scope="module")
def model() -> Any:
    return sdcluster.load(FOLDER)


def largest_difference(one: Any, other: Any) -> float:
    """Largest difference of all stocks at the end of each year."""
    years = np.arange(0.0, float(one.time[-1]) + 0.5)
    return max(
        float(np.abs(one[name].sel(time=years) - other[name].sel(time=years)).max())
        for name in STOCKS
    )


def test_it_stays_a_small_model(model: Any) -> None:
    assert {stock.name for stock in model.stocks} == set(STOCKS)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_kinds_of_innovation_are_shares_of_one(model: Any, scenario: str) -> None:
    dataset = sdcluster.simulate(model, scenario)
    np.testing.assert_allclose(sum(dataset[share] for share in SHARES), 1.0, rtol=1e-12)


def test_the_leading_share_is_that_of_the_dominant_tie(model: Any) -> None:
    dataset = sdcluster.simulate(model)
    ties = np.array([dataset[f"{kind} ties"] for kind in ("social", "economic", "knowledge")])
    shares = np.array([dataset[share] for share in SHARES])
    assert (ties.argmax(axis=0) == shares.argmax(axis=0)).all()
    assert set(ties.argmax(axis=0)) == {0, 1, 2}


def test_growth_is_the_slope_of_the_knowledge_stock(model: Any) -> None:
    dataset = sdcluster.simulate(model)
    slope = np.gradient(np.log(dataset["knowledge stock"]), dataset["time"])
    np.testing.assert_allclose(dataset["growth of knowledge"][5:-5], slope[5:-5], atol=2e-5)


def test_without_a_start_of_breeding_both_paths_are_one(model: Any) -> None:
    never = sdcluster.simulate(model, settings={"breeding start": 300.0})
    assert largest_difference(never, sdcluster.simulate(model, "path_one")) < 1e-12


def test_a_scenario_changes_only_levers(model: Any) -> None:
    levers = {lever.name for lever in model.levers}
    for scenario in sdcluster.scenarios(model).values():
        assert set(scenario.settings) <= levers, scenario.name
        for change in scenario.changes:
            assert set(change.settings) <= levers, scenario.name
