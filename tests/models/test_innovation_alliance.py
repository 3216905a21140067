"""The model of Yang & Liu 2011: solved accurately, the same in other programs, and documented throughout."""

from __future__ import annotations

import csv
import re
import shutil
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sdcluster
from sdcluster.model.units import check_units

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
SCENARIOS = ("default", "scattered_grants", "many_founders", "vlsi", "sematech", "alliance_ends")
UNITS = {"dmnl", "year", "1/year", "firm", "firm/year", "1/firm", "technology", "technology/year"}
UNITS |= {"effort/year", "effort/year/firm", "1/effort", "firm/effort"}


@pytest.fixture(scope="module")
def model() -> Any:
    return sdcluster.load(FOLDER)


def largest_difference(one: Any, other: Any) -> float:
    """Largest difference of all stocks at the end of each year, against the stock's greatest size or 1."""
    years = np.arange(0.0, float(one.time[-1]) + 0.5)
    return max(
        float(np.abs(one[name].sel(time=years) - other[name].sel(time=years)).max())
        / max(1.0, float(np.abs(one[name]).max()))
        for name in STOCKS
    )


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_half_the_step_changes_nothing(model: Any, scenario: str) -> None:
    as_written = sdcluster.simulate(model, scenario)
    halved = sdcluster.simulate(model, scenario, dt=1 / 32)
    assert largest_difference(as_written, halved) < 1e-5


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_an_adaptive_solver_agrees(model: Any, scenario: str) -> None:
    fixed = sdcluster.simulate(model, scenario)
    adaptive = sdcluster.simulate(model, scenario, method="LSODA", rtol=1e-10, atol=1e-12)
    assert largest_difference(fixed, adaptive) < 1e-5


def test_pysd_runs_the_file_unchanged(model: Any, tmp_path: Path) -> None:
    pysd = pytest.importorskip("pysd")
    copy = shutil.copy(FOLDER / "innovation_alliance.xmile", tmp_path / "innovation_alliance.xmile")
    theirs = pysd.read_xmile(str(copy)).run(return_columns=list(STOCKS))
    ours = sdcluster.simulate(model, method="euler")
    for name in STOCKS:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-9, atol=1e-15, err_msg=name)


def test_another_program_opens_the_file_and_agrees(model: Any) -> None:
    simlin = pytest.importorskip("simlin")
    theirs = simlin.load(str(FOLDER / "innovation_alliance.xmile")).simulate()
    theirs.run_to_end()
    ours = sdcluster.simulate(model)
    for name in STOCKS:
        other = theirs.get_series(name.replace(" ", "_"))
        np.testing.assert_allclose(ours[name].values[-1], other[-1], rtol=1e-9, err_msg=name)


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


def test_the_levers_are_marked_for_sliders(model: Any) -> None:
    assert {v.name: v.lever for v in model.levers} == {
        "public budget": "budget",
        "alliance share": "alliance",
        "dues share": "dues",
        "informatisation": "informatisation",
        "brand building": "brand",
        "alliance term": "term",
    }


def test_units_check(model: Any) -> None:
    assert check_units(model) == []


def test_every_variable_tells_its_source_unit_and_chinese_name(model: Any) -> None:
    chinese = re.compile(r"[\u4e00-\u9fff]")
    labels = set()
    for variable in model.variables.values():
        assert variable.units in UNITS, variable.name
        assert re.search(r"Yang & Liu 2011, section \d", variable.doc), variable.name
        assert "\n" not in variable.doc
        assert "杨继涛、刘则渊 2011" in variable.docs["zh"], variable.name
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
