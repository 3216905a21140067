"""The model of Yang & Liu 2011: solved accurately, the same in other programs, and documented throughout."""

from __future__ import annotations

import csv
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


def test_a_larger_share_for_the_alliance_is_never_worse_in_the_end(model: Any) -> None:
    ends = [
        float(
            sdcluster.simulate(model, settings={"alliance share": share})["relative position"][-1]
        )
        for share in np.linspace(0, 1, 6)
    ]
    assert (np.diff(ends) > 0).all()


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
