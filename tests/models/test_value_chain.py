"""The value chain model: its arrays are the kinds of the theory, and its cases what the sources print."""

from __future__ import annotations

import itertools
import math
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sdcluster
from sdcluster.measure.measures import measure_of_target
from sdcluster.measure.trajectory import log_regression
from sdcluster.model.elements import constants
from sdcluster.run.elements import spread

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
        "governor": ("firms", "association", "government"),
        "tie": ("market", "modular", "relational", "captive"),
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
    base, research = now("cluster knowledge base"), 0.4
    technical = learning + glue * (
        0.3 * innovation + 0.3 * embedding + 0.25 * trust + 0.3 * lead + 0.6 * help_
    )
    innovative = innovation + glue * (
        0.3 * learning + 0.2 * embedding + 0.2 * trust + 0.35 * lead + 0.8 * help_
    )
    paid = 1 - 0.25 * research - 0.05 * 0.5 - 0.15 * 0.3
    firms = now("value share") * paid + glue * (
        0.15 * learning + 0.4 * innovation + 0.2 * embedding + 0.15 * trust + 0.4 * help_
    )
    policy = 0.3 + glue * (
        0.3 * learning + 0.3 * innovation + 0.2 * embedding + 0.3 * trust + 0.3 * lead
    )
    linkage = embedding + glue * (
        0.15 * learning + 0.25 * innovation + 0.25 * trust + 0.25 * lead + 0.6 * help_
    )
    wanted = {
        "upgrading[technical]": 0.12 * technical * base / (base + 0.005)
        * (1 - now("capability[technical]")),
        "upgrading[innovative]": 0.1 * innovative * research / (research + 0.01)
        * (1 - now("capability[innovative]")),
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
    """Every factor with every other, lead firms and policy too, both ways."""
    return [
        (source, ability)
        for source in LEADS
        for leader, ability in LEADS.items()
        if source != leader
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
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"own brand": 0.5},
        {"own design": 3.0},
        {"contract work": 0.0},
        {"contract work": 0.0, "own design": 0.0, "own brand": 0.0},
        {"own brand share": 0.4},  # held there
    ],
    ids=lambda settings: "+".join(settings) or "as it is",
)
def test_shares_of_the_chain_add_up_whatever_is_set(
    model: Any, scenario: str, settings: dict[str, float]
) -> None:
    data = sdcluster.simulate(model, scenario, settings=settings)
    total = data["contract work share"] + data["own design share"] + data["own brand share"]
    np.testing.assert_allclose(total, 1.0, atol=1e-12)


def test_a_share_that_is_set_leaves_the_others_their_proportion(model: Any) -> None:
    data = sdcluster.simulate(model, settings={"own brand": 0.99}, stop=1)
    names = ("contract work share", "own design share", "own brand share")
    found = [float(data[name][0]) for name in names]
    assert found == pytest.approx([0.94 / 1.98, 0.05 / 1.98, 0.5], rel=1e-12)


@pytest.mark.parametrize("settings", [{}, {"ties[captive]": 5.0}, {"ties[market]": 0.0}])
@pytest.mark.parametrize("scenario", ["default", "captured"])
def test_modes_of_governance_in_the_chain_add_up_and_stay_shares(
    model: Any, scenario: str, settings: dict[str, float]
) -> None:
    shares = sdcluster.simulate(model, scenario, settings=settings)["tie share"]
    np.testing.assert_allclose(shares.sum("tie"), 1.0, atol=1e-12)
    assert float(shares.min()) >= 0


def test_governance_goes_on_without_an_association_but_not_without_all_three(model: Any) -> None:
    none = {"association strength": 0.0}
    firms, government = "governance by firm network", "governance by local government"

    def governed(settings: dict[str, float]) -> float:
        return float(sdcluster.simulate(model, settings=settings)["governance"][-1])

    assert governed({}) > governed(none) > governed(none | {firms: 0.0}) > 0
    assert governed(none) > governed(none | {government: 0.0}) > 0
    assert governed(none | {firms: 0.0, government: 0.0}) == 0


def test_lock_in_alone_holds_the_door_and_the_barrier_alone_only_delays(model: Any) -> None:
    def brands(time: float, **cut: float) -> float:
        names = {"barrier": "barrier of buyers[captive]", "hardening": "hardening rate"}
        settings = {names[name]: value for name, value in cut.items()}
        data = sdcluster.simulate(model, "captured", settings=settings)
        return float(data["own brand share"].sel(time=time))

    assert brands(60) < 0.01
    assert brands(60, barrier=0) < 0.01
    assert brands(30, hardening=0) < 0.6 * brands(30, hardening=0, barrier=0)
    assert brands(60, hardening=0) > 0.85


def test_technology_life_shortens_as_the_technology_ages(model: Any) -> None:
    settings = {"renewal by innovation": 0.0, "renewal from outside": 0.0}
    left = sdcluster.simulate(model, settings=settings, stop=40)["technology life left"]
    np.testing.assert_allclose(left, 8 * np.exp(-left.time / 8), rtol=1e-6)


@pytest.mark.parametrize("levers", list(itertools.product((0.0, 1.0), repeat=5)))
def test_no_corner_of_the_levers_leaves_the_shares_between_nothing_and_all(
    model: Any, levers: tuple[float, ...]
) -> None:
    settings = {lever.name: end for lever, end in zip(model.levers, levers, strict=True)}
    data = spread(sdcluster.simulate(model, settings=settings, stop=120))
    for name in data.data_vars:
        if str(name).startswith(("capability[", "lock in[", "tie share[", "governance")):
            assert 0 <= float(data[name].min()) <= float(data[name].max()) <= 1 + 1e-12, name


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
        what = measure_of_target(fact.get("measure", ""), fact["variable"], began, model)
        measured = what.of_rows(simulator.names, simulator.time, rows)
        assert math.isfinite(measured)
        if "about" in fact:
            assert measured == pytest.approx(fact["about"], abs=fact["within"]), str(what)
