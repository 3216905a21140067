"""What `model`, `run`, `study`, `checks` and `lab` refuse, by key, where no other test reaches it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xarray as xr

import sdcluster
from sdcluster.checks import baseline
from sdcluster.checks.checking import accept
from sdcluster.checks.second_opinion import second_opinion
from sdcluster.errors import ModelError
from sdcluster.lab.page_state import MOST_KEPT, decoded
from sdcluster.model import Model
from sdcluster.model.points import Points
from sdcluster.model.units import parse_unit
from sdcluster.run import state
from sdcluster.study.design import design
from sdcluster.study.sweep import sweep
from tests.triggered import made
from tests.vensim import write
from tests.workshop import aux, flow, stock, xmile

GROWTH = xmile(
    stock("size", "1", "growth")
    + flow("growth", "size * rate")
    + aux("rate", "0.1", '<range min="0" max="1"/>')
    + aux("cap", "1", '<range min="0" max="1"/>')
)


@pytest.fixture(scope="module")
def growth(tmp_path_factory: pytest.TempPathFactory) -> Model:
    file = tmp_path_factory.mktemp("growth") / "growth.xmile"
    file.write_text(GROWTH, encoding="utf-8")
    return sdcluster.load(file)


BOTH = {"rate": (0.0, 1.0), "cap": (0.0, 1.0)}
REQUESTS: list[tuple[str, Callable[[Model], Any]]] = [
    ("model.dataarray_needs_one_dimension", lambda m: Points.of(xr.DataArray([1.0, 2.0]))),
    ("model.holds_no_points", lambda m: Points.of("abc")),
    ("model.list_points_empty", lambda m: Points.of([])),
    ("model.not_point", lambda m: Points.of([(1, 2, 3)])),
    ("model.not_way_read_points", lambda m: Points((0.0,), (1.0,), between="curved")),
    ("model.points_cannot_scaled_x", lambda m: Points((0.0,), (1.0,)).scaled(x=0.0)),
    ("model.points_must_finite_numbers", lambda m: Points((0.0,), (math.inf,))),
    ("model.points_must_finite_numbers_not", lambda m: Points.of([(0, math.inf)])),
    ("model.points_numbers_not_times", lambda m: Points.of([("a", 1)])),
    ("model.x_points_must_ascend", lambda m: Points((1.0, 0.0), (1.0, 1.0))),
    ("model.x_y_make_no", lambda m: Points((1.0, 2.0), (1.0,))),
    ("model.unit_cannot_understood", lambda m: parse_unit("m & s")),
    ("model.unit_cannot_understood_2", lambda m: parse_unit("m)")),
    ("model.unit_lacks_closing_parenthesis", lambda m: parse_unit("m/(s")),
    ("model.unit_not_complete", lambda m: parse_unit("m/")),
    ("model.unit_power_no_number", lambda m: parse_unit("m^s")),
    ("run.times_must_finite_numbers", lambda m: sdcluster.simulate(m, times=[math.inf])),
    ("run.times_must_numbers_not", lambda m: sdcluster.simulate(m, times=["a"])),
    ("run.no_times_given_results", lambda m: sdcluster.simulate(m, times=[])),
    ("study.design_needs_number_points", lambda m: design(m, 0, over=["rate"])),
    ("study.no_design", lambda m: design(m, 4, over=["rate"], method="latin")),
    ("study.latin_hypercube_holds_all", lambda m: design(m, 10**9, over=["rate"], method="lhs")),
    ("study.one_setting_goes_up", lambda m: sdcluster.hysteresis(m, BOTH)),
    ("study.setting_goes_up_steps", lambda m: sdcluster.hysteresis(m, {"rate": (0, 1)}, steps=1)),
    ("study.rest_points_followed_along", lambda m: sdcluster.equilibria(m, BOTH)),
    ("study.study_sensitivity_needs_rows", lambda m: sdcluster.sensitivity(m, 1, over=["rate"])),
    ("study.all_stocks_held_leave", lambda m: sdcluster.equilibria(m, held=["size"])),
    ("study.levels_between_modes_must", lambda m: sdcluster.tipping(m, "rate", levels=[math.inf])),
    ("checks.baseline_accepted_reason_give", lambda m: accept(m, because=" ")),
    ("checks.pysd_translates_model_python", lambda m: second_opinion(m.path)),
    ("study.sweep_needs_setting_vary", lambda m: sweep(m, {})),
    ("study.sweep_runs_limit", lambda m: sweep(m, ["rate=0:1:100000", "cap=0:1:100000"])),
]


@pytest.mark.parametrize(("key", "asked"), REQUESTS, ids=[key for key, _ in REQUESTS])
def test_a_request(growth: Model, key: str, asked: Callable[[Model], Any]) -> None:
    with made() as found, pytest.raises(ModelError):
        asked(growth)
    assert key in found


@pytest.mark.parametrize(
    ("key", "changes"),
    [
        ("file_not_saved_state", {"format": "other"}),
        ("state_format_version_sdcluster", {"version": 10**6}),
        ("times_state_not_finite", {"dt": 0.0}),
        ("step_not_number_steps", {"step": -1}),
    ],
)
def test_a_saved_state(growth: Model, tmp_path: Path, key: str, changes: dict[str, Any]) -> None:
    file = tmp_path / "state.json"
    sdcluster.Simulator(growth, method="euler", backend="python").begin().save(file)
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))
    with made() as found, pytest.raises(ModelError):
        state.read_state(file)
    assert f"run.{key}" in found


def test_a_saved_state_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "MAX_BYTES", 1)
    (tmp_path / "state.json").write_text("{}")
    with made() as found, pytest.raises(ModelError):
        state.read_state(tmp_path / "state.json")
    assert found == {"run.state_larger_bytes"}


def test_a_baseline_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baseline, "LARGEST_FILE", 1)
    (tmp_path / "a.csv").write_text("time,x\n0,1\n")
    with made() as found, pytest.raises(ModelError):
        baseline.read_baseline(tmp_path / "a.csv")
    assert "checks.baseline_larger_bytes" in found


def test_a_run_that_ends_before_it_begins(tmp_path: Path) -> None:
    file = write(tmp_path, "x = 1")
    file.write_text(file.read_text().replace("FINAL TIME  = 4", "FINAL TIME  = -4"))
    with made() as found, pytest.raises(ModelError):
        sdcluster.load(file)
    assert "model.final_time_before_initial" in found


def test_more_kept_runs_than_the_laboratory_shows() -> None:
    page = decoded("")
    for _ in range(MOST_KEPT):
        page = page.with_kept(page.now)
    with made() as found, pytest.raises(ModelError):
        page.with_kept(page.now)
    assert found == {"lab.laboratory_keeps_runs_most"}
