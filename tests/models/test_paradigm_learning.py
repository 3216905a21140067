"""The model `models/paradigm_learning` is sound as a file and tells Wang's story by its arrays and roles."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sdcluster

FOLDER = Path(__file__).parents[2] / "models" / "paradigm_learning"
SCENARIOS = ["default", "passive_linking", "all_levers_up"]


@pytest.fixture(scope="module")
def model() -> Any:
    return sdcluster.load(FOLDER)


@pytest.fixture(scope="module")
def default(model: Any) -> Any:
    return sdcluster.simulate(model)


def test_the_kinds_of_the_theory_are_dimensions(model: Any) -> None:
    assert {d.name: len(d.elements) for d in model.dimensions} == {
        "paradigm": 3,
        "mechanism": 6,
        "role": 5,
    }
    assert model["fit"].dimensions == ("mechanism", "paradigm")
    assert model["absorptive capacity"].dimensions == ("role",)


def test_complex_knowledge_turns_the_order_of_the_mechanisms_round(default: Any) -> None:
    fit = default["fit"].isel(time=0)
    old = ["doing", "using", "specialising", "customers"]
    new = ["cooperating", "gatekeeping"]
    for paradigm in ("casting", "forging"):
        best_new = float(fit.sel(paradigm=paradigm, mechanism=new).max())
        assert float(fit.sel(paradigm=paradigm, mechanism=old).min()) > best_new
    best_old = float(fit.sel(paradigm="emerging", mechanism=old).max())
    assert float(fit.sel(paradigm="emerging", mechanism=new).min()) > 5 * best_old


def test_firms_are_neither_made_nor_lost(model: Any) -> None:
    for scenario in SCENARIOS:
        firms = sdcluster.simulate(model, scenario)["share of firms"].sum("paradigm")
        np.testing.assert_allclose(firms, 1.0, atol=1e-9)


def test_effort_is_shared_out_among_the_mechanisms(model: Any) -> None:
    for scenario in [*SCENARIOS, "mechanisms_stay"]:
        effort = sdcluster.simulate(model, scenario)["share of effort"]
        np.testing.assert_allclose(effort.sum("mechanism"), 1.0, atol=1e-9)
        assert float(effort.min()) >= 0


def test_each_paradigm_calls_for_its_own_mechanisms(default: Any) -> None:
    effort = default["share of effort"]
    best = {year: str(effort.sel(time=year).idxmax("mechanism").item()) for year in (1985, 2020)}
    assert best == {1985: "doing", 2020: "gatekeeping"}
    specialising = effort.sel(mechanism="specialising")
    assert 1995 < float(specialising.idxmax("time")) < 2010


def test_no_paradigm_comes_by_the_calendar(model: Any) -> None:
    later = sdcluster.simulate(model, start=1990, stop=2070)["new paradigm access"].values
    np.testing.assert_allclose(later, sdcluster.simulate(model)["new paradigm access"].values)


def test_roles_rank_by_what_they_bring_to_the_cluster(default: Any) -> None:
    in_2010 = default.sel(time=2010)
    a_firm = in_2010["passed on"] / in_2010["share of role"]
    assert float(in_2010["share of role"].sum()) == pytest.approx(1.0)
    assert str(a_firm.idxmax().item()) == "gatekeeper"
    order = ["gatekeeper", "exchanger", "star", "weak", "isolate"]
    assert [str(r) for r in a_firm.sortby(a_firm, ascending=False)["role"].values] == order


def test_stars_absorb_most_and_pass_on_little(default: Any) -> None:
    in_2010 = default.sel(time=2010)
    a_firm = in_2010["outside intake"] / in_2010["share of role"]
    star, gatekeeper = (float(a_firm.sel(role=r)) for r in ("star", "gatekeeper"))
    assert star > gatekeeper
    assert float(in_2010["passed on"].sel(role="star")) < 0.1 * float(in_2010["passed on by all"])


def test_the_tables_of_the_survey_are_data() -> None:
    names = {file.stem[:7] for file in (FOLDER / "data").glob("table*.csv")}
    assert names == {"table_2", "table_3", "table_4", "table_5"}


def test_the_export_share_is_that_of_the_survey(model: Any) -> None:
    with (FOLDER / "data" / "survey_2010.csv").open(encoding="utf-8", newline="") as stream:
        rows = {row["series"]: row["value"] for row in csv.DictReader(stream)}
    assert float(rows["sell over half abroad"]) / 100 == pytest.approx(
        model["export share"].value, abs=1e-9
    )


@pytest.mark.parametrize(
    ("constant", "value", "stock"),
    [
        ("dependence on the paradigm before", 9.5, "knowledge"),
        ("knowledge to build on", 0, "knowledge"),
        ("strength of buyers", 7, "source access"),
        ("first effort on doing", 5, "share of effort"),
        ("effort of linking", 1.5, "knowledge"),
        ("complexity of forging", 2, "knowledge"),
        ("cumulativeness of forging", 1.5, "knowledge"),
        ("capacity time", 0, "gatekeeper capacity"),
    ],
)
def test_a_share_stays_a_share_whatever_a_constant_is(
    model: Any, constant: str, value: float, stock: str
) -> None:
    values = sdcluster.simulate(model, settings={constant: value})[stock]
    assert 0 <= float(values.min()) <= float(values.max()) <= 1


def test_the_first_shares_of_effort_add_up_to_one(model: Any) -> None:
    for doing in (0.5, 5):
        first = sdcluster.simulate(model, settings={"first effort on doing": doing})
        assert float(first["first effort"].isel(time=0).sum()) == pytest.approx(1)


def test_nothing_to_build_on_leaves_a_full_foundation_once_something_is_known(model: Any) -> None:
    run = sdcluster.simulate(model, settings={"knowledge to build on": 0})
    assert float(run["foundation"].sel(paradigm="forging").isel(time=0)) == pytest.approx(1)


@pytest.mark.parametrize("method", ["LSODA", "Radau"])
def test_an_adaptive_method_survives_a_mechanism_that_nobody_uses(model: Any, method: str) -> None:
    """Scipy's solvers step a hair below zero; a root of a share of effort must not fail there."""
    settings = {"first effort elsewhere": 0}
    fixed = sdcluster.simulate(model, settings=settings)
    adaptive = sdcluster.simulate(model, settings=settings, method=method)
    np.testing.assert_allclose(
        adaptive["new paradigm knowledge"], fixed["new paradigm knowledge"], rtol=0, atol=1e-4
    )
