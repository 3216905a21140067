"""The model of Ji & Hu 2011: solved accurately, the same in other programs, and documented throughout."""

from __future__ import annotations

import re
import shutil
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sdcluster
from sdcluster.model.units import check_units

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


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_half_the_step_changes_nothing(model: Any, scenario: str) -> None:
    as_written = sdcluster.simulate(model, scenario)
    halved = sdcluster.simulate(model, scenario, dt=1 / 32)
    assert largest_difference(as_written, halved) < 1e-7


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_an_adaptive_solver_agrees(model: Any, scenario: str) -> None:
    fixed = sdcluster.simulate(model, scenario)
    adaptive = sdcluster.simulate(model, scenario, method="LSODA", rtol=1e-10, atol=1e-13)
    assert largest_difference(fixed, adaptive) < 1e-7


def test_pysd_runs_the_file_unchanged(model: Any, tmp_path: Path) -> None:
    pysd = pytest.importorskip("pysd")
    copy = shutil.copy(FOLDER / "upgrading_cycle.xmile", tmp_path / "upgrading_cycle.xmile")
    theirs = pysd.read_xmile(str(copy)).run(return_columns=list(STOCKS))
    ours = sdcluster.simulate(model, method="euler")
    for name in STOCKS:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-9, atol=1e-15, err_msg=name)


def test_another_program_opens_the_file_and_agrees(model: Any) -> None:
    simlin = pytest.importorskip("simlin")
    theirs = simlin.load(str(FOLDER / "upgrading_cycle.xmile")).simulate()
    theirs.run_to_end()
    ours = sdcluster.simulate(model)
    for name in STOCKS:
        other = theirs.get_series(name.replace(" ", "_"))
        np.testing.assert_allclose(ours[name].values[-1], other[-1], rtol=1e-9, err_msg=name)


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


def test_the_levers_are_marked_for_sliders(model: Any) -> None:
    assert {v.name: v.lever for v in model.levers} == {
        "openness": "openness",
        "property right protection": "protection",
        "breeding share": "breeding",
        "breeding start": "start",
    }


def test_units_check(model: Any) -> None:
    assert check_units(model) == []


def test_every_variable_tells_its_source_unit_and_chinese_name(model: Any) -> None:
    chinese = re.compile(r"[\u4e00-\u9fff]")
    labels = set()
    for variable in model.variables.values():
        assert variable.units in {"dmnl", "year", "1/year", "knowledge", "knowledge/year"}
        assert re.search(r"Ji & Hu 2011, section \d", variable.doc), variable.name
        assert "\n" not in variable.doc
        assert "吉敏、胡汉辉 2011" in variable.docs["zh"], variable.name
        assert chinese.search(variable.labels["zh"]), variable.name
        labels.add(variable.labels["zh"])
    assert len(labels) == len(model.variables)


def test_every_constant_has_a_range_around_its_value_and_owns_up_to_guessing(model: Any) -> None:
    for constant in model.constants:
        assert constant.range.minimum <= constant.value <= constant.range.maximum, constant.name
        assert "judgement; no source" in constant.doc.lower(), constant.name
        assert "判断值" in constant.docs["zh"], constant.name


def test_the_view_shows_every_variable_and_every_influence(model: Any) -> None:
    view = model.view
    shown = {node.name for node in view.stocks + view.flows + view.auxiliaries}
    assert shown == set(model.variables)
    arrows = {(arrow.source, arrow.target) for arrow in view.connectors}
    for constant in model.constants:
        assert any(source == constant.key for source, _ in arrows), constant.name


def test_no_two_symbols_of_the_view_are_in_one_place(model: Any) -> None:
    # A name is at most two lines of about 15 high under its symbol, and about 100 wide.
    places = [
        (n.position, n.name)
        for n in model.view.nodes
        if n.kind in {"stock", "flow", "auxiliary", "alias"}
    ]
    for index, ((x, y), name) in enumerate(places):
        for (u, v), other in places[index + 1 :]:
            assert abs(x - u) > 100 or abs(y - v) > 45, (name, other)


def test_experiments_name_what_is_in_the_model(model: Any) -> None:
    known = sdcluster.scenarios(model)
    table = tomllib.loads((FOLDER / "experiments.toml").read_text(encoding="utf-8"))
    for experiment in table["experiment"]:
        assert model[experiment["measure"]["variable"]]
        names = {case["name"] for case in experiment["cases"]}
        assert {experiment["verdict"]["of"], experiment["verdict"]["to"]} == names
        for case in experiment["cases"]:
            assert case.get("scenario", "default") in known
            assert all(model[name] for name in case.get("settings", {}))
