"""The model of Yang & Liu 2011: solved accurately, the same in other programs, and documented throughout."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sdcluster

FOLDER = Path(__file__).parents[2] / "models" / "innovation_alliance"
STOCKS = (
    "firms outside",
    "members",
    "shared technology",
    "standards",
    "shared equipment",
    "member technology",
    "outsider technology",
    "brand",
)
UNITS = {"dmnl", "year", "1/year", "firm", "firm/year", "1/firm", "technology", "technology/year"}
UNITS |= {"effort/year", "effort/year/firm", "1/effort", "firm/effort"}


@pytest.fixture(scope="module")
def model() -> Any:
    return sdcluster.load(FOLDER)


def test_it_stays_a_small_model(model: Any) -> None:
    assert {stock.name for stock in model.stocks} == set(STOCKS)


def test_duplication_is_that_of_the_design(model: Any) -> None:
    for topics, firms in ((10, 5), (30, 40), (100, 13)):
        settings = {"topics": topics, "members": 5, "firms outside": firms - 5}
        dataset = sdcluster.simulate(model, settings=settings, stop=1)
        expected = 1 - (1 - 1 / topics) ** firms
        assert float(dataset["duplication"][0]) == pytest.approx(expected, rel=1e-12)


def test_the_fresh_share_is_the_mean_over_the_grants_one_by_one(model: Any) -> None:
    dataset = sdcluster.simulate(model, stop=1)
    one_by_one = np.mean([(1 - 1 / 30) ** earlier for earlier in range(40)])
    assert float(dataset["fresh share of grants"][0]) == pytest.approx(one_by_one, rel=1e-12)


def test_the_same_budget_is_spent_whatever_its_way(model: Any) -> None:
    for share in (0.0, 0.3, 1.0):
        dataset = sdcluster.simulate(
            model, settings={"alliance share": share, "quorum": 1e-9}, stop=5
        )
        spent = dataset["alliance money"] + dataset["grant money"]
        np.testing.assert_allclose(spent, 10.0, rtol=1e-8)


def test_firms_that_join_or_leave_are_not_lost(model: Any) -> None:
    closed = sdcluster.simulate(model, settings={"entry rate": 0.0, "closure rate": 0.0})
    np.testing.assert_allclose(closed["firms"], 40.0, rtol=1e-12)


def test_a_small_share_for_the_alliance_is_worse_than_none_and_a_large_one_far_better(
    model: Any,
) -> None:
    none, little, half, whole = (
        position(model, {"alliance share": share}) for share in (0.0, 0.1, 0.5, 1.0)
    )
    assert little < none < half < whole


def position(model: Any, settings: dict[str, float], scenario: str = "default") -> float:
    """Relative position in year 20."""
    data = sdcluster.simulate(model, scenario, settings=settings, stop=20)
    return float(data["relative position"][-1])


@pytest.mark.parametrize(
    "rival",
    [
        {"official judgement": 1.0},  # no grant repeats another
        {"least project": 0.001, "information loss": 0.0},  # none is small or misjudged
        {"entry rate": 0.0, "closure rate": 0.0, "research elasticity": 0.0},  # as much is spent
        {"brand rate": 0.0},
    ],
    ids=["no duplication", "no low level", "equal effort", "no brand"],
)
def test_the_advantage_of_the_alliance_is_results_that_all_members_use(
    model: Any, rival: dict[str, float]
) -> None:
    def advantage(settings: dict[str, float]) -> float:
        return position(model, settings) / position(model, settings | {"alliance share": 0.0})

    assert advantage(rival) > 1.25
    assert advantage(rival | {"open results": 0.0}) < 1


def test_in_the_scenarios_of_equal_effort_both_spend_the_same(model: Any) -> None:
    alliance, grants = (
        sdcluster.simulate(model, f"equal_effort_{way}", settings={"quorum": 1e-9})["total effort"]
        for way in ("alliance", "grants")
    )
    np.testing.assert_allclose(alliance, grants, rtol=1e-6)


def test_every_member_uses_an_open_result_and_one_firm_a_closed_one(model: Any) -> None:
    for share, users in ((0.0, 1.0), (0.5, 13.0), (1.0, 25.0)):
        settings = {"open results": share, "members": 25.0, "firms outside": 15.0}
        data = sdcluster.simulate(model, settings=settings, stop=1)
        assert float(data["users of a result"][0]) == pytest.approx(users, rel=1e-12)


@pytest.mark.parametrize("levers", list(itertools.product((0.0, 1.0), repeat=6)))
def test_no_corner_of_the_levers_brings_stocks_below_zero(
    model: Any, levers: tuple[float, ...]
) -> None:
    settings = {
        lever.name: lever.range.minimum if end == 0 else lever.range.maximum
        for lever, end in zip(model.levers, levers, strict=True)
    }
    data = sdcluster.simulate(model, settings=settings)
    assert all(float(data[stock].min()) >= 0 for stock in STOCKS)


@pytest.mark.parametrize(
    ("scenario", "series"), [("vlsi", "VLSI alliance, members"), ("sematech", "SEMATECH, members")]
)
def test_the_scenarios_start_with_the_members_of_the_paper(
    model: Any, scenario: str, series: str
) -> None:
    with (FOLDER / "data" / "alliances.csv").open(encoding="utf-8") as file:
        rows = {row["series"]: row for row in csv.DictReader(file)}
    settings = sdcluster.scenarios(model)[scenario].settings
    assert settings["members"] == float(rows[series]["value"])


def test_an_adaptive_method_survives_an_alliance_that_dies_out(model: Any) -> None:
    """Scipy's solvers step a hair below zero; a root of the share of members must not fail there."""
    settings = {
        "public budget": 5,
        "alliance share": 1,
        "dues share": 0.5,
        "informatisation": 1,
        "brand building": 0,
        "alliance term": 0,
    }
    fixed = sdcluster.simulate(model, settings=settings)
    adaptive = sdcluster.simulate(model, settings=settings, method="LSODA", rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(adaptive["members"], fixed["members"], rtol=0, atol=1e-4)
