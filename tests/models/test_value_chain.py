"""The value chain model: its arrays are the kinds of the theory, and its cases what the sources print."""

from __future__ import annotations

import math
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sdcluster
from sdcluster.analyse.quantity import quantity_of_words
from sdcluster.model.elements import constants
from sdcluster.regress.measure import log_regression
from sdcluster.solve.elements import spread

FOLDER = Path(__file__).parents[2] / "models" / "value_chain"
CASES = sorted((FOLDER / "cases").glob("*.toml"))
LEADS = {  # the factor that leads, and the capability that it carries; section 2.3.2
    "learning": "technical",
    "innovating": "innovative",
    "linking": "outward",
    "trusting": "social",
    "leading": "entrepreneurial",
    "governing": "public",
}
AUXILIARY = ("leading", "governing")


@pytest.fixture(scope="module")
def model() -> Any:
    return sdcluster.load(FOLDER)


@pytest.fixture(scope="module")
def default(model: Any) -> Any:
    return spread(sdcluster.simulate(model))


def test_the_kinds_of_the_theory_are_dimensions(model: Any) -> None:
    assert {d.name: d.elements for d in model.dimensions} == {
        "factor": tuple(LEADS),
        "ability": tuple(LEADS.values()),
        "kind": ("functional", "cognitive", "political"),
    }
    assert model["interaction"].dimensions == ("factor", "ability")
    assert model["capability"].dimensions == model["push"].dimensions == ("ability",)
    assert model["lock in"].dimensions == ("kind",)


def test_elements_have_names_of_the_theory_in_both_languages(model: Any) -> None:
    assert model.label("capability[technical]") == "technical capability"
    assert model.label("capability[public]", "zh") == "政策契合度"
    assert model.label("lock in[functional]", "zh") == "功能锁定"
    assert model.label("interaction[learning,social]", "zh") == "相互作用矩阵[学习,社会资本]"
    assert "2.3.2" in model.doc_of("interaction[learning,social]")


def at(data: Any, name: str, time: float) -> float:
    return float(data[name].sel(time=time))


@pytest.mark.parametrize("time", [0.0, 9.0, 33.0, 60.0])
def test_the_arrays_say_what_the_theory_says_of_each_kind(default: Any, time: float) -> None:
    """Each kind written out on its own, with the numbers of the file."""

    def now(name: str) -> float:
        return at(default, name, time)

    learning, innovation, embedding = (
        now(n) for n in ("cluster learning", "cluster innovation", "embedding")
    )
    trust, lead, fit = (now(f"capability[{a}]") for a in ("social", "entrepreneurial", "public"))
    functional, political = now("lock in[functional]"), now("lock in[political]")
    help_, glue, overreach = now("support"), now("glue"), now("overreach")
    joint = now("combined lock in")
    technical = learning + glue * (
        0.3 * innovation + 0.3 * embedding + 0.25 * trust + 0.3 * lead + 0.6 * help_
    )
    firms = now("value share") + glue * (
        0.15 * learning + 0.4 * innovation + 0.2 * embedding + 0.15 * trust
    )
    policy = 0.3 + glue * (0.3 * learning + 0.3 * innovation + 0.2 * embedding + 0.3 * trust)
    linkage = embedding + glue * (
        0.15 * learning + 0.25 * innovation + 0.25 * trust + 0.25 * lead + 0.6 * help_
    )
    wanted = {
        "upgrading[technical]": 0.12 * technical * (1 - now("capability[technical]")),
        "upgrading[outward]": 0.08 * linkage * (1 - functional) * (1 - now("capability[outward]")),
        "upgrading[entrepreneurial]": 0.12 * firms * (1 - overreach) * (1 - lead),
        "upgrading[public]": 0.15 * policy * (1 - fit),
        "erosion[innovative]": 0.02 * (1 + 2 * joint) * now("capability[innovative]"),
        "erosion[social]": 0.03 * (1 + 3 * now("opportunism")) * trust,
        "erosion[entrepreneurial]": 0.04 * (1 + now("captured")) * lead,
        "erosion[public]": 0.06 * fit,
        "hardening[political]": 0.4 * overreach * 0.3
        * (0.05 + political**2 / (political**2 + 0.09)) * (1 - political),
        "loosening[functional]": 0.4
        * (0.05 + 0.6 * now("capability[outward]") * (1 - functional) + 0.2 * 0.5) * functional,
    }  # fmt: skip
    for name, value in wanted.items():
        assert now(name) == pytest.approx(value, rel=1e-9), name


def pairs() -> list[tuple[str, str]]:
    """Basic with basic and auxiliary with basic factors, both ways."""
    return [
        (source, ability)
        for source in LEADS
        for leader, ability in LEADS.items()
        if source != leader and not (source in AUXILIARY and leader in AUXILIARY)
    ]


@pytest.mark.parametrize(("source", "ability"), pairs())
def test_every_pair_of_factors_acts_both_ways(
    model: Any, default: Any, source: str, ability: str
) -> None:
    settings = {f"interaction[{source},{ability}]": 0.0}
    without = sdcluster.simulate(model, settings=settings, stop=40)["capability"].sel(
        time=40, ability=ability
    )
    assert float(without) < at(default, f"capability[{ability}]", 40)


def test_the_matrix_has_no_other_coefficients(model: Any) -> None:
    found = {
        element.subscripts: value
        for element, value in constants(model)
        if element.variable.name == "interaction"
    }
    assert len(found) == 36
    assert {pair for pair, value in found.items() if value} == set(pairs())


def test_exports_act_on_nothing_else(model: Any) -> None:
    settings = {"price war rate": 0.5, "order growth rate": 1.0, "appreciation rate": 0.05}
    plain, moved = (
        sdcluster.simulate(model, "ningbo_apparel", settings=s)["value captured"]
        for s in ({}, settings)
    )
    np.testing.assert_array_equal(plain, moved)


def test_the_regression_of_ningbo_is_that_of_the_yearly_series(model: Any) -> None:
    data = sdcluster.simulate(model, "ningbo_apparel")
    years = np.arange(7.0, 19.0)
    quantity, value = (
        np.log(data[name].sel(time=years).values) for name in ("export quantity", "export value")
    )
    slope, intercept = np.polyfit(quantity, value, 1)
    assert slope == pytest.approx(1.02, abs=0.02)
    found = log_regression(np.exp(quantity), np.exp(value))
    assert found[:2] == pytest.approx((slope, intercept), rel=1e-9)
    assert found[2] == pytest.approx(np.corrcoef(quantity, value)[0, 1] ** 2, rel=1e-9)


@pytest.mark.parametrize("scenario", ["default", "captured", "over_governed"])
def test_shares_of_the_chain_add_up(model: Any, scenario: str) -> None:
    data = sdcluster.simulate(model, scenario)
    total = data["contract work share"] + data["own design share"] + data["own brand share"]
    np.testing.assert_allclose(total, 1.0, atol=1e-12)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_case_is_its_scenario_with_a_reason_for_each_setting(model: Any, path: Path) -> None:
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    scenario = sdcluster.scenarios(model)[case["name"]]
    assert case["name"] == path.stem
    assert {s["variable"]: s["value"] for s in case["setting"]} == dict(scenario.settings)
    assert all(s["reason"]["en"] and s["reason"]["zh"] for s in case["setting"])
    changes = [(c["year"] - case["first_year"], c["settings"]) for c in case.get("change", [])]
    assert changes == [(c.time, dict(c.settings)) for c in scenario.changes]
    simulator = sdcluster.Simulator(model, case["name"])
    rows = simulator.run()
    for fact in case["comparison"]:
        began = fact["year"] - case["first_year"]
        what = quantity_of_words(fact.get("measure", ""), fact["variable"], began, model)
        measured = what.of(simulator.names, simulator.time, rows)
        assert math.isfinite(measured)
        if "about" in fact:
            assert measured == pytest.approx(fact["about"], abs=fact["within"]), str(what)
