"""The value chain model: documented throughout, solved the same by every method, and true to its cases."""

from __future__ import annotations

import csv
import math
import re
import shutil
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sdcluster
from sdcluster.model.units import check_units

FOLDER = Path(__file__).parents[2] / "models" / "value_chain"
CASES = sorted((FOLDER / "cases").glob("*.toml"))
BASIC = {
    "learning": "technical capability",
    "innovation": "innovation capability",
    "linkage": "outward linkage",
    "social capital": "social capital",
}
AUXILIARY = {"lead firms": "lead firms", "policy": "policy fit"}


@pytest.fixture(scope="module")
def model() -> Any:
    return sdcluster.load(FOLDER)


def stocks_at(dataset: Any, model: Any, times: list[float]) -> np.ndarray:
    return np.array([[float(dataset[v.name].sel(time=t)) for v in model.stocks] for t in times])


@pytest.mark.parametrize("scenario", ["default", "captured", "over_governed", "wenzhou_lighters"])
def test_half_the_step_and_an_adaptive_solver_agree(model: Any, scenario: str) -> None:
    times = [5.0, 20.0, 40.0]
    as_written = stocks_at(sdcluster.simulate(model, scenario), model, times)
    halved = stocks_at(sdcluster.simulate(model, scenario, dt=1 / 32), model, times)
    adaptive = sdcluster.simulate(model, scenario, method="LSODA", rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(as_written, halved, rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(halved, stocks_at(adaptive, model, times), rtol=1e-6, atol=1e-9)


def test_pysd_runs_the_file_unchanged(model: Any, tmp_path: Path) -> None:
    pysd = pytest.importorskip("pysd")
    copy = shutil.copy(FOLDER / "value_chain.xmile", tmp_path / "value_chain.xmile")
    names = [v.name for v in model.stocks]
    theirs = pysd.read_xmile(str(copy)).run(return_columns=names)
    ours = sdcluster.simulate(model, method="euler")
    for name in names:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-9, atol=1e-15, err_msg=name)


def test_units_check(model: Any) -> None:
    assert check_units(model) == []


def test_every_variable_tells_its_source_and_chinese_name(model: Any) -> None:
    chinese = re.compile(r"[\u4e00-\u9fff]")
    for variable in model.variables.values():
        assert re.search(r"Zhejiang upgrading book, sections? \d", variable.doc), variable.name
        assert variable.units, variable.name
        assert "\n" not in variable.doc
        assert chinese.search(variable.docs["zh"]), variable.name
        assert chinese.search(variable.labels["zh"]), variable.name
        assert re.fullmatch(r"[a-z]+( [a-z]+)*", variable.name)
    labels = {variable.labels["zh"] for variable in model.variables.values()}
    assert len(labels) == len(model.variables)


def test_every_constant_has_a_range_and_owns_up_to_guessing(model: Any) -> None:
    for constant in model.constants:
        assert constant.range.minimum <= constant.value <= constant.range.maximum, constant.name
        assert "judgement; no source" in constant.doc.lower(), constant.name
    levers = [lever.lever for lever in model.levers]
    assert levers == ["openness", "policy", "governance", "protection", "research"]


def test_the_view_shows_every_variable_and_every_influence_of_a_constant(model: Any) -> None:
    view = model.view
    shown = {node.name for node in view.stocks + view.flows + view.auxiliaries}
    assert shown == set(model.variables)
    sources = {arrow.source for arrow in view.connectors}
    assert all(constant.key in sources for constant in model.constants)


def test_no_symbols_of_the_view_overlap(model: Any) -> None:
    nodes = [(n.name, *n.position) for n in model.view.nodes]
    for i, (name, x, y) in enumerate(nodes):
        for other, a, b in nodes[i + 1 :]:
            assert abs(x - a) > 80 or abs(y - b) > 50, (name, other)


def pairs() -> list[tuple[str, str]]:
    """Basic with basic and auxiliary with basic factors, both ways."""
    both = [(a, b) for a in BASIC for b in BASIC if a != b]
    for auxiliary in AUXILIARY:
        both += [(auxiliary, basic) for basic in BASIC] + [(basic, auxiliary) for basic in BASIC]
    return both


@pytest.mark.parametrize(("source", "target"), pairs())
def test_every_pair_of_factors_acts_both_ways(model: Any, source: str, target: str) -> None:
    stock = (BASIC | AUXILIARY)[target]
    with_it = sdcluster.simulate(model, stop=40, dt=0.25)[stock]
    settings = {f"effect of {source} on {target}": 0.0}
    without = sdcluster.simulate(model, settings=settings, stop=40, dt=0.25)[stock]
    assert float(without[-1]) < float(with_it[-1])


def test_the_matrix_has_no_other_coefficients(model: Any) -> None:
    found = {v.name for v in model.constants if v.name.startswith("effect of ")}
    assert found == {f"effect of {source} on {target}" for source, target in pairs()}


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
    data = sdcluster.simulate(model, case["name"])
    for fact in case["comparison"]:
        at = float(data[fact["variable"]].sel(time=fact["year"] - case["first_year"]))
        assert math.isfinite(at)
        if "about" in fact:
            assert at == pytest.approx(fact["about"], abs=fact["within"])


def test_data_have_source_year_and_unit() -> None:
    files = sorted((FOLDER / "data").glob("*.csv"))
    assert len(files) == 5
    for path in files:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                assert all(row[key] for key in ("year", "unit", "source_file", "section")), row
                float(row["value"])


def test_experiments_name_things_that_exist(model: Any) -> None:
    with (FOLDER / "experiments.toml").open("rb") as file:
        experiments = tomllib.load(file)["experiment"]
    known = sdcluster.scenarios(model)
    for experiment in experiments:
        model[experiment["measure"]["variable"]]
        cases = {case["name"] for case in experiment["cases"]}
        assert {experiment["verdict"]["of"], experiment["verdict"]["to"]} <= cases
        for case in experiment["cases"]:
            assert case.get("scenario", "default") in known
            for name in case.get("settings", {}):
                model[name]
