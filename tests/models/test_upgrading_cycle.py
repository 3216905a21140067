"""The model of Ji & Hu 2011: it cycles because firms answer lost rents, and its causes can be cut."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.signal import find_peaks

import sdcluster

FOLDER = Path(__file__).parents[2] / "models" / "upgrading_cycle"
STOCKS = (
    "leader knowledge",
    "follower knowledge",
    "technology",
    "new technology",
    "take off activity",
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


def openings(model: Any, stop: float = 150, **settings: float) -> np.ndarray:
    """Years in which the relative gap is at a peak after year 15."""
    run = sdcluster.simulate(
        model,
        settings={name.replace("_", " "): value for name, value in settings.items()},
        stop=stop,
    )
    gap = run["relative gap"].sel(time=slice(15, None))
    return gap["time"].values[find_peaks(gap.values, prominence=0.02)[0]]


def test_it_stays_a_small_model(model: Any) -> None:
    assert {stock.name for stock in model.stocks} == set(STOCKS)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_kinds_of_innovation_are_shares_of_one(model: Any, scenario: str) -> None:
    dataset = sdcluster.simulate(model, scenario)
    np.testing.assert_allclose(sum(dataset[share] for share in SHARES), 1.0, rtol=1e-12)


def test_without_any_ties_the_shares_still_sum_to_one(model: Any) -> None:
    none = {"social ties": 0.0, "economic ties": 0.0, "knowledge ties": 0.0}
    dataset = sdcluster.simulate(model, settings=none, stop=1)
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
    np.testing.assert_allclose(dataset["growth of knowledge"][5:-5], slope[5:-5], atol=3e-4)


def test_the_cycle_keeps_its_period_for_four_hundred_years(model: Any) -> None:
    years = openings(model, stop=400)
    assert len(years) > 20
    np.testing.assert_allclose(np.diff(years[-6:]), 16.7, atol=0.2)


@pytest.mark.parametrize(
    ("cut", "cycles"),
    [
        ({}, True),
        ({"answer_to_lost_rents": 0.0, "breeding_share": 0.0}, False),  # the cause
        ({"technology_gain": 1.0}, False),  # nothing further to go to
        ({"breeding_share": 0.0}, True),  # rivals: forethought, knowledge ties, better innovation
        ({"demand_of_new_technology": 0.0, "demand_of_breeding": 0.0}, True),
        ({"integrated_yield": 1.0}, True),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else "",
)
def test_the_gap_opens_again_since_firms_answer_lost_rents(
    model: Any, cut: dict[str, float], cycles: bool
) -> None:
    assert (len(openings(model, **cut)) >= 3) == cycles


def test_a_switch_uses_up_what_was_bred_and_lifts_the_technology_by_as_much(model: Any) -> None:
    run = sdcluster.simulate(model)
    taken = float(run["taking over"].integrate("time"))
    lift = float(np.log(run["technology"][-1] / run["technology"][0]))
    assert lift == pytest.approx(np.log(2) * taken, rel=0.02)
    bred = float(run["breeding"].integrate("time")) - float(run["forgetting"].integrate("time"))
    assert bred - taken == pytest.approx(float(run["new technology"][-1]), abs=0.02)


@pytest.mark.parametrize(
    ("cut", "jumps"),
    [({}, False), ({"weight of opportunism": 0.0}, True), ({"forgetting rate": 0.0}, False)],
    ids=["as it is", "no opportunism", "no forgetting"],
)
def test_who_breeds_too_late_fails_since_opportunism_hardens_not_since_firms_forget(
    model: Any, cut: dict[str, float], jumps: bool
) -> None:
    run = sdcluster.simulate(model, "bred_too_late", settings=cut)
    assert (float(run["knowledge stock"].sel(time=100)) > 2.5) == jumps


def test_a_scenario_changes_only_levers(model: Any) -> None:
    levers = {lever.name for lever in model.levers}
    for scenario in sdcluster.scenarios(model).values():
        assert set(scenario.settings) <= levers, scenario.name
        for change in scenario.changes:
            assert set(change.settings) <= levers, scenario.name
