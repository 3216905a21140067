"""The model `models/paradigm_learning` is sound as a file and tells Wang's story by its arrays and roles."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sdcluster
from sdcluster.model.units import check_units

FOLDER = Path(__file__).parents[2] / "models" / "paradigm_learning"
STOCKS = ["knowledge", "share of firms", "cooperation network", "gatekeeper capacity"]
SCENARIOS = ["default", "passive_linking", "all_levers_up"]
LEVERS = ["linking", "cooperation", "gatekeepers", "absorption", "customers"]


@pytest.fixture(scope="module")
def model() -> Any:
    return sdcluster.load(FOLDER)


@pytest.fixture(scope="module")
def default(model: Any) -> Any:
    return sdcluster.simulate(model)


def farthest(one: Any, other: Any) -> float:
    """Largest difference of all stocks at the times of the first run."""
    same = other[STOCKS].sel(time=one["time"], method="nearest", tolerance=1e-6)
    return max(float(np.abs(one[name] - same[name]).max()) for name in STOCKS)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_halving_the_step_changes_nothing_that_matters(model: Any, scenario: str) -> None:
    as_written = sdcluster.simulate(model, scenario)
    halved = sdcluster.simulate(model, scenario, dt=1 / 32)
    assert farthest(as_written, halved) < 1e-6


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_an_adaptive_solver_agrees(model: Any, scenario: str) -> None:
    as_written = sdcluster.simulate(model, scenario)
    adaptive = sdcluster.simulate(model, scenario, method="LSODA", rtol=1e-10, atol=1e-13)
    assert farthest(as_written, adaptive) < 1e-6


def test_pysd_runs_the_file_unchanged(model: Any, tmp_path: Path) -> None:
    pysd = pytest.importorskip("pysd")
    copy = shutil.copy(FOLDER / "paradigm_learning.xmile", tmp_path / "paradigm_learning.xmile")
    with pytest.warns(UserWarning, match="different types"):
        program = pysd.read_xmile(str(copy))
    theirs = program.run(time_step=0.25, saveper=0.25)  # PySD is slow with arrays
    ours = sdcluster.simulate(model, method="euler", dt=0.25, saveper=0.25)
    compared = 0
    for column in theirs.columns:
        name, _, elements = column.partition("[")
        if name not in ours or not (name in STOCKS or ours[name].ndim == 1 or elements):
            continue
        values = ours[name]
        if elements:
            chosen = [element.strip() for element in elements.rstrip("]").split(",")]
            values = values.sel(dict(zip(values.dims[1:], chosen, strict=True)))
        np.testing.assert_allclose(values, theirs[column], rtol=1e-9, atol=1e-12, err_msg=column)
        compared += 1
    assert compared > len(model.variables)


def test_another_program_opens_the_file_and_agrees(default: Any) -> None:
    simlin = pytest.importorskip("simlin")
    theirs = simlin.load(str(FOLDER / "paradigm_learning.xmile")).simulate()
    theirs.run_to_end()
    for name in ("forging knowledge", "new paradigm knowledge", "innovation capability"):
        other = theirs.get_series(name.replace(" ", "_"))
        np.testing.assert_allclose(default[name].values[-1], other[-1], rtol=1e-9, err_msg=name)


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


def test_units_check(model: Any) -> None:
    assert check_units(model) == []


def test_every_variable_tells_its_source_unit_and_chinese_name(model: Any) -> None:
    chinese = re.compile(r"[\u4e00-\u9fff]")
    labels = set()
    for variable in model.variables.values():
        assert variable.units in {"dmnl", "year", "1/year"}, variable.name
        assert re.search(r"Wang 2011, part \d, section \d", variable.doc), variable.name
        assert "王钦 2011" in variable.docs["zh"], variable.name
        assert chinese.search(variable.labels["zh"]), variable.name
        labels.add(variable.labels["zh"])
        assert re.fullmatch(r"[a-z]+( [a-z]+)*", variable.name)
    assert len(labels) == len(model.variables)


def test_every_constant_has_a_range_and_owns_up_to_guessing(model: Any) -> None:
    known = {"export share", "first firms"}  # a figure of the survey, and a definition
    for constant in model.constants:
        if not constant.dimensions:
            assert constant.range.minimum <= constant.value <= constant.range.maximum, constant.name
        guessed = "judgement; no source" in constant.doc.lower()
        assert guessed != (constant.name in known), constant.name
        assert not guessed or "判断值" in constant.docs["zh"], constant.name


def test_the_levers_are_marked_for_sliders(model: Any) -> None:
    assert [v.lever for v in model.levers] == LEVERS


def test_the_view_shows_every_variable_once_and_nothing_overlaps(model: Any) -> None:
    view = model.view
    nodes = view.stocks + view.flows + view.auxiliaries
    assert {node.name for node in nodes} == set(model.variables)
    places = [node.position for node in nodes]
    for i, (x, y) in enumerate(places):
        assert all(abs(x - u) >= 60 or abs(y - v) >= 40 for u, v in places[i + 1 :]), nodes[i].name


def test_the_tables_of_the_survey_are_data() -> None:
    for file in sorted((FOLDER / "data").glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        assert rows, file.name
        for row in rows:
            lacking = [key for key in ("series", "year", "unit", "section") if not row[key]]
            assert not lacking, (file.name, row)
    names = {file.stem[:7] for file in (FOLDER / "data").glob("table*.csv")}
    assert names == {"table_2", "table_3", "table_4", "table_5"}


def test_the_export_share_is_that_of_the_survey(model: Any) -> None:
    with (FOLDER / "data" / "survey_2010.csv").open(encoding="utf-8", newline="") as stream:
        rows = {row["series"]: row["value"] for row in csv.DictReader(stream)}
    assert float(rows["sell over half abroad"]) / 100 == pytest.approx(
        model["export share"].value, abs=1e-9
    )
