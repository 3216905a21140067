"""What checks, commands and lessons say, by the key of its sentence, where no other test reaches it."""

from __future__ import annotations

import datetime
import errno
import math
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

import sdcluster
from sdcluster.checks import Report, reality, report_page, second_opinion, write_html
from sdcluster.checks.acceptance import Acceptance
from sdcluster.checks.baseline import Moved
from sdcluster.checks.behaviour import load_behaviour
from sdcluster.checks.report import Row
from sdcluster.checks.second_opinion import Difference, Opinion
from sdcluster.checks.stored import check_stored
from sdcluster.checks.vocabulary.assertion import time_label
from sdcluster.cli import failure, models
from sdcluster.kernel.differentiate import NotSmooth, tangent_module
from sdcluster.kernel.parse import parse
from sdcluster.lab import voila_page
from sdcluster.messages import in_language
from sdcluster.publish import lesson_course, site
from sdcluster.view.chart import Chart, Curve
from tests.triggered import made
from tests.vensim import write

CURVE = Curve("a", np.array([0.0, 1.0]), np.array([1.0, 2.0]), "new")
CHART = Chart("a", "time", "a", (CURVE,))
PASSED = Row("pond", "a", "behaviour", "passed", "as expected", charts=(CHART,))


# ---- reports


@pytest.mark.parametrize(
    ("key", "rows", "said"),
    [
        ("nothing_to_check", (), "nothing to check"),
        ("check_passed", (PASSED,), "the check passed"),
    ],
)
def test_the_summary_of_a_report(key: str, rows: tuple[Row, ...], said: str) -> None:
    with made() as found:
        summary = Report(Path("pond"), rows).summary()
    assert (found, summary) == ({f"checks.{key}"}, said)
    assert in_language(summary, "zh") != said


@pytest.mark.parametrize(("key", "count"), [("page_chart", 1), ("page_charts", 2)])
def test_the_charts_below_the_first_baselines_are_folded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str, count: int
) -> None:
    monkeypatch.setattr(report_page, "MOST_OPEN", 0)
    moved = (Moved("a", "m", 1.0, "years", 1.0, 2.0, 0.5, 9.0),) * count
    row = replace(PASSED, kind="baseline", verdict="failed", charts=(CHART,) * count, moved=moved)
    with made() as found:
        page = write_html(Report(Path("pond"), (row,)), tmp_path / "check.html")
    assert f"checks.{key}" in found
    label = "<summary>1 chart</summary>" if count == 1 else "<summary>2 charts</summary>"
    assert label in page.read_text(encoding="utf-8")


def test_settings_that_came_and_went_since_a_baseline() -> None:
    accepted = Acceptance(
        ("default",),
        datetime.date(2026, 1, 1),
        "",
        "",
        "euler",
        1.0,
        {"old": 3.0, "x": 0.0, "y": 4.0},
        {},
    )
    with made() as found:
        changes = accepted.changes({"x": 1.0, "y": 5.0, "new": 4.0}, "default", {})
    keys = {"setting_gone", "setting_changed", "setting_changed_by", "setting_new"}
    assert {f"checks.{key}" for key in keys} <= found
    assert [str(change) for change in changes] == [
        "old was removed (it was 3)",
        "x 0 → 1",
        "y 4 → 5, +25 %",
        "new is new (4)",
    ]


# ---- stored runs


def test_a_stored_run_of_constants_that_all_differ(tmp_path: Path) -> None:
    names = [f"c{number}" for number in range(40)]
    model = sdcluster.load(write(tmp_path, *(f"{name} = 1" for name in names)))
    run = tmp_path / "run.csv"
    run.write_text(f"time,{','.join(names)}\n" + "0" + ",2" * 40 + "\n4" + ",2" * 40 + "\n")
    with made() as found:
        report = check_stored(model, run)
    assert {"checks.constants_more", "checks.stored_constants_only"} <= found
    constants, curves = report.rows
    assert (constants.verdict, curves.verdict) == ("failed", "passed")
    assert re.search(r"and \d+ more", constants.sentence)
    assert (
        curves.sentence == "the stored run holds only constants, so there are no curves to compare"
    )


# ---- reality checks and behaviour


@pytest.mark.parametrize(
    ("key", "consequence", "said"),
    [
        ("reality_left_side", "a + b <= 1", "the left side is 2"),
        ("reality_not_equal", "b <> 1", "b is 1 at time 0, but must not be 1"),
    ],
)
def test_a_rule_that_is_broken(tmp_path: Path, key: str, consequence: str, said: str) -> None:
    model = sdcluster.load(
        write(tmp_path, "a = 1", "b = a", f"r :THE CONDITION: a = 1 :IMPLIES: {consequence}")
    )
    with made() as found:
        finding = reality.judge(model, model.reality_checks[0])
    assert not finding.passed
    assert f"checks.{key}" in found
    assert said in finding.sentence


def test_a_time_axis_of_a_model_without_a_unit_of_time() -> None:
    with made() as found:
        label = time_label(xr.Dataset(coords={"time": [0.0, 1.0]}))
    assert (found, label) == ({"checks.vocabulary.time_axis"}, "time")
    assert in_language(label, "zh") != "time"


@pytest.mark.parametrize(
    ("key", "keys", "said"),
    [
        ("not_falling", "kind = 'across'\nvariable = 's'\nscenarios = ['default', 'more']", "values do not fall"),
        ("passing_falling", "kind = 'order'\nvariables = ['s', 'r']\nlevel = 2", "downward crossings of 2: "),
    ],
)  # fmt: skip
def test_an_expectation_of_falling_values(tmp_path: Path, key: str, keys: str, said: str) -> None:
    path = write(tmp_path, "s = 4 - Time + up", "r = 3 - Time", "up = 0")
    scenarios = "[scenario.more]\nsettings = { up = 1 }\n"
    (tmp_path / "scenarios.toml").write_text(scenarios, encoding="utf-8")
    (tmp_path / "behaviour.toml").write_text(
        f"[[assert]]\n{keys}\ndirection = 'falling'\ntitle = 't'\nsource = 's'\n", encoding="utf-8"
    )
    (assertion,) = load_behaviour(tmp_path / "behaviour.toml")
    model = sdcluster.load(path)
    with made() as found:
        finding = assertion.judge(lambda run: sdcluster.simulate(model, run.scenario))
    assert not finding.passed
    assert f"checks.vocabulary.{key}" in found
    assert said in finding.sentence


# ---- the command line


@pytest.mark.parametrize(
    ("key", "error", "said"),
    [
        ("out_of_memory", MemoryError(), "the computer ran out of memory"),
        ("bug_not_written", KeyError("ours"), "the details could not be written"),
    ],
)
def test_a_program_that_fails(
    monkeypatch: pytest.MonkeyPatch, key: str, error: BaseException, said: str
) -> None:
    def full(_: BaseException) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(failure, "_write", full)
    with made() as found:
        sentence = failure.sentence(error)
    assert f"cli.{key}" in found
    assert said in sentence


def test_pysd_has_another_opinion_on_many_curves(
    tank: Path, call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    apart = tuple(
        Difference(f"v{number}", math.inf, 0.0, 1.0, 2.0)
        for number in range(models.MOST_DIFFERING + 3)
    )
    opinion = Opinion(sdcluster.load(tank), "3", apart, ("alone",))
    monkeypatch.setattr(second_opinion, "second_opinion", lambda *_, **__: opinion)
    with made() as found:
        result = call("check", tank, "--second-opinion", "--trust")
    assert result.exit_code == 1
    assert {"cli.more_differ", "cli.pysd_does_not_give"} <= found
    assert "… and 3 more curves that differ" in result.stderr + result.stdout
    assert "PySD gives no curve for: alone" in result.stderr + result.stdout


@pytest.mark.parametrize(
    ("key", "where", "name", "words", "said"),
    [
        ("wrote_pages", lesson_course, "publish_course", "course.toml --out out", "Wrote 2 pages; begin with"),
        ("wrote_site", site, "publish_site", "--site out", "and 1 file beside it: 0.0 MB"),
    ],
)  # fmt: skip
def test_a_command_that_writes_pages(
    tmp_path: Path,
    call: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    key: str,
    where: Any,
    name: str,
    words: str,
    said: str,
) -> None:
    pages = (tmp_path / "index.html", tmp_path / "lesson.html")
    for page in (*pages, tmp_path / "course.toml"):
        page.write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "500")
    monkeypatch.setattr(where, name, lambda *_, **__: pages)
    with made() as found:
        result = call("publish", *words.split())
    assert result.exit_code == 0
    assert f"cli.{key}" in found
    assert said in result.stdout + result.stderr


# ---- lessons, kernels and studies


def test_the_first_lesson_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(voila_page, "FIRST_LESSON", "no such lesson.ipynb")
    with made() as found, pytest.raises(FileNotFoundError, match="name a notebook"):
        voila_page.find_notebook()
    assert "lab.no_first_lesson" in found


def test_a_rate_of_return_has_no_derivative() -> None:
    text = "@jit\ndef rhs(t, y, p, dy):\n    dy[0] = return_rate(y[0])\n"
    with made() as found, pytest.raises(NotSmooth, match="an internal rate of return"):
        tangent_module(parse(text))
    assert "kernel.a_rate_of_return" in found


def test_a_sweep_to_and_fro_whose_run_fails(tmp_path: Path) -> None:
    model = sdcluster.load(
        write(tmp_path, "s = INTEG(in, 1)", "in = s * rate", "rate = 1 ~ ~ [0, 1]")
    )
    with made() as found, pytest.raises(sdcluster.SimulationError, match=r"^at rate = "):
        sdcluster.hysteresis(model, {"rate": (1e200, 2e200)}, steps=2)
    assert "study.failed_at" in found
