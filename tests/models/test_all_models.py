"""What every model of the repository owes its readers, whatever it is about: sources, units, one answer.

That baselines are green and behaviours hold is collected from ``models/*/behaviour.toml`` by the package's own pytest
plugin; that hypotheses hold, by ``tests/study/test_experiments.py``.
"""

from __future__ import annotations

import csv
import math
import re
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sdcluster
from sdcluster.model.elements import constants, limits
from sdcluster.model.units import check_units
from sdcluster.project import scenarios_beside
from sdcluster.run.elements import spread

MODELS = Path(__file__).parents[2] / "models"
NAMES = sorted(
    folder.name for folder in MODELS.iterdir() if (folder / f"{folder.name}.xmile").exists()
)
SOURCE = re.compile(
    r"(Ji & Hu 2011|Wang 2011|Chi 2007|Yang & Liu 2011|Zhejiang upgrading book), (abstract|parts? \d|sections? \d)"
)
SOURCE_ZH = re.compile(
    r"(吉敏、胡汉辉 ?2011|王钦 ?2011|迟文成 ?2007|杨继涛、刘则渊 ?2011|浙江集群升级专著|设计)"
)
CHINESE = re.compile(r"[\u4e00-\u9fff]")
MEASURED = {
    ("cluster", "breeding share"),
    ("paradigm_learning", "export share"),
    ("paradigm_learning", "first firms"),
}
CLOSEST = {"cluster": (50, 26)}  # laid out by hand, name by name
SOLVERS = 1e-5  # of a stock's greatest size: the worst over all models of half a step, and of LSODA
STEPS = 40  # of PySD, which takes seconds for a hundred steps of a model with arrays


@cache
def load(name: str) -> Any:
    return sdcluster.load(MODELS / name)


@pytest.fixture(params=NAMES)
def model(request: pytest.FixtureRequest) -> Any:
    return load(request.param)


def some_scenarios() -> list[Any]:
    """The scenarios for the classroom, or the first four: from quiet to wild."""
    found = []
    for name in NAMES:
        known = scenarios_beside(load(name))
        chosen = known.sets.get("classroom") or tuple(known.scenarios)[:4]
        found += [pytest.param(name, scenario, id=f"{name}-{scenario}") for scenario in chosen]
    return found


def test_there_are_seven_models() -> None:
    assert len(NAMES) == 7


# ---- what is said about each variable


def test_every_variable_has_unit_doc_and_source_in_two_languages(model: Any) -> None:
    labels = set()
    for variable in model.variables.values():
        assert variable.units, variable.name
        assert SOURCE.search(variable.doc), variable.name
        assert "\n" not in variable.doc, variable.name
        assert SOURCE_ZH.search(variable.docs["zh"]), variable.name
        assert CHINESE.search(variable.labels["zh"]), variable.name
        assert re.fullmatch(r"[a-z]+( [a-z]+)*", variable.name), "a name that needs quotes"
        labels.add(variable.labels["zh"])
    assert len(labels) == len(model.variables), "two variables with one Chinese name"


def test_every_constant_owns_up_to_guessing_and_has_a_range_around_its_value(model: Any) -> None:
    for element, value in constants(model):
        doc, chinese = (model.doc_of(element.name, language) for language in ("en", "zh"))
        if "by definition" in doc.lower():
            assert "定义" in chinese, element.name
            continue
        low, high = limits(model, element.name)
        assert low <= value <= high, element.name
        if (model.name, element.variable.name) not in MEASURED:
            assert "judgement; no source" in doc.lower(), element.name
            assert "判断值" in chinese, element.name


def test_levers_have_a_range_and_a_step_for_their_sliders(model: Any) -> None:
    assert len(model.levers) >= 4
    assert len({lever.lever for lever in model.levers}) == len(model.levers)
    for lever in model.levers:
        assert lever.range.minimum < lever.range.maximum, lever.name
        assert 0 < lever.range.step <= lever.range.maximum - lever.range.minimum, lever.name


def test_units_check(model: Any) -> None:
    assert check_units(model) == []


@pytest.mark.parametrize("path", sorted(MODELS.glob("*/data/*.csv")), ids=lambda p: p.stem)
def test_data_have_series_year_unit_and_place(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    for row in rows:
        assert all(row[key] for key in ("series", "year", "unit", "section")), row


# ---- the view


def test_the_view_shows_every_variable_and_every_influence_of_a_constant(model: Any) -> None:
    view = model.view
    shown = [node.name for node in view.stocks + view.flows + view.auxiliaries]
    assert sorted(shown) == sorted(model.variables)
    arrows = {(arrow.source, arrow.target) for arrow in view.connectors}
    assert {name for arrow in arrows for name in arrow} <= set(model.variables)
    assert {constant.key for constant in model.constants} <= {source for source, _ in arrows}


def test_no_two_symbols_of_the_view_overlap(model: Any) -> None:
    nodes = [(node.name, *node.position) for node in model.view.nodes]
    across, along = CLOSEST.get(model.name, (60, 40))
    for i, (name, x, y) in enumerate(nodes):
        for other, a, b in nodes[i + 1 :]:
            assert abs(x - a) >= across or abs(y - b) >= along, (name, other)


def test_every_ghost_of_the_view_stands_where_an_arrow_begins(model: Any) -> None:
    nodes = model.view.nodes
    ghosts = {id(node): node for node in nodes if node.kind == "alias"}
    for connector in model.view.connectors:
        pairs = [
            (math.dist(one.position, other.position), id(one))
            for one in nodes
            for other in nodes
            if one.name == connector.source
            and other.name == connector.target
            and other.kind != "alias"
        ]
        ghosts.pop(min(pairs)[1], None)
    assert [(ghost.name, ghost.position) for ghost in ghosts.values()] == []


# ---- one answer, whoever solves it


def farthest(model: Any, one: Any, other: Any) -> float:
    """The largest difference of a stock at the end of each unit of time, as a share of its greatest size."""
    times = np.arange(float(one.time[0]), float(one.time[-1]) + 0.5)
    worst = 0.0
    for stock in model.stocks:
        mine, theirs = (
            run[stock.name].sel(time=times, method="nearest").values for run in (one, other)
        )
        size = max(1.0, float(np.abs(mine).max()))
        worst = max(worst, float(np.abs(mine - theirs).max()) / size)
    return worst


@pytest.mark.parametrize(("name", "scenario"), some_scenarios())
def test_half_the_step_and_an_adaptive_solver_agree(name: str, scenario: str) -> None:
    model = load(name)
    as_written = sdcluster.simulate(model, scenario)
    halved = sdcluster.simulate(model, scenario, dt=model.time.dt / 2)
    adaptive = sdcluster.simulate(model, scenario, method="LSODA", rtol=1e-10, atol=1e-12)
    assert farthest(model, as_written, halved) < SOLVERS
    assert farthest(model, as_written, adaptive) < SOLVERS


@pytest.mark.filterwarnings("ignore")
def test_pysd_runs_the_file_unchanged_and_its_euler_is_ours(model: Any, tmp_path: Path) -> None:
    import pysd

    program = pysd.read_xmile(str(shutil.copy(model.path, tmp_path)))
    span = model.time
    step = 0.25 if model.dimensions else span.dt
    stop = span.start + STEPS * step if model.dimensions else span.stop
    theirs = program.run(time_step=step, saveper=step, final_time=stop)
    ours = spread(sdcluster.simulate(model, method="euler", dt=step, saveper=step, stop=stop))
    names = {re.sub(r"\s", "", str(name)).lower(): name for name in ours.data_vars}
    compared = 0
    for column in theirs.columns:
        name = names.get(re.sub(r"\s", "", column).lower())
        if name is not None:
            np.testing.assert_allclose(
                ours[name], theirs[column], rtol=1e-9, atol=1e-12, err_msg=column
            )
            compared += 1
    assert compared == len(names)


def test_another_program_opens_the_file_and_agrees(model: Any) -> None:
    simlin = pytest.importorskip(
        "simlin", reason="pysimlin comes with `make bench`, not with the tests"
    )
    theirs = simlin.load(str(model.path)).simulate()
    theirs.run_to_end()
    ours = sdcluster.simulate(model)
    compared = [v.name for v in model.variables.values() if not v.dimensions]
    for name in compared:
        other = theirs.get_series(name.replace(" ", "_"))[-1]
        np.testing.assert_allclose(
            float(ours[name][-1]), other, rtol=1e-8, atol=1e-12, err_msg=name
        )
