"""Checking and accepting a model: what turns red, what is said, and what is written."""

from __future__ import annotations

import datetime
import shutil
import tomllib
from html.parser import HTMLParser
from pathlib import Path

import pytest
from rich.console import Console

import sdcluster
from sdcluster.checks import Report, accept, check, report_table, write_html
from sdcluster.checks.acceptance import read_acceptances
from sdcluster.checks.checking import model_paths
from sdcluster.checks.equations import changed_equations, equations_of
from sdcluster.cli import app
from sdcluster.errors import ModelError, ModelWarning
from sdcluster.files import LANGUAGES
from tests.command import CliRunner


def shown(report: Report) -> str:
    console = Console(width=200, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    console.print(report_table(report))
    return console.export_text()


class Reader(HTMLParser):
    """Collects what a page says and what it would load from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.tags: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in ("src", "href", "xlink:href") and not str(value).startswith("#"):
                self.loads.append(str(value))

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def read_page(path: Path) -> Reader:
    reader = Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    return reader


def test_without_baselines_the_remedy_is_said(pond) -> None:
    report = check(pond.folder)
    assert not report.ok
    (row,) = [row for row in report.rows if row.verdict == "no baseline"]
    assert row.name == "all 2 scenarios"
    assert f'sdcluster accept {pond.folder} --because "first baseline"' in row.sentence
    assert "no baseline" in shown(report)


def test_accepted_trajectories_are_green(pond) -> None:
    written = accept(pond.folder, because="first baseline")
    assert {path.name for path in written} == {"default.csv", "small_pond.csv", "accepted.toml"}
    report = check(pond.folder)
    assert report.ok, report.failed
    assert [row.kind for row in report.rows] == ["baseline", "baseline", "final", "monotone"]
    assert report.summary() == "all 4 checks passed"


def test_a_baseline_is_sparse_and_starts_with_time(pond) -> None:
    accept(pond.folder, because="first baseline")
    lines = (pond.folder / "baselines/default.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "time,fish,room,births"
    assert len(lines) == 1 + 41
    assert lines[1].startswith("0,10,")


def test_a_constant_moved_by_five_percent_is_red_and_the_page_names_it(pond, tmp_path) -> None:
    accept(pond.folder, because="first baseline")
    pond.set_constant("growth rate", 0.3 * 1.05)
    report = check(pond.folder)
    assert not report.ok
    assert {row.name for row in report.failed} == {"small-pond", "default"}
    assert report.failed[0].severity > report.failed[1].severity
    assert {move.name for move in report.failed[0].moved} == {"fish", "room", "births"}
    page = read_page(write_html(report, tmp_path / "page" / "check.html"))
    words = " ".join(page.said)
    assert "growth rate 0.3 → 0.315, +5 %" in words
    assert "3 of 3 variables moved, most of all" in words
    assert "fish (fish)" in words
    assert "time (year)" in words
    assert "first baseline" in words
    assert page.tags.count("figure") >= 4
    assert "script" not in page.tags
    assert page.loads == []
    assert "growth rate 0.3 → 0.315" in shown(report)


def test_a_green_page_shows_the_behaviour(pond, tmp_path) -> None:
    accept(pond.folder, because="first baseline")
    page = read_page(write_html(check(pond.folder), tmp_path / "check.html"))
    assert "The pond fills" in page.said
    assert "all 4 checks passed" in " ".join(page.said)


def test_text_of_files_cannot_become_markup(pond, tmp_path) -> None:
    evil = "<script>alert(1)</script>"
    pond.edit("behaviour.toml", "The pond fills", evil)
    pond.edit(
        "behaviour.toml", 'source = "Verhulst 1838"\nvariable', f'source = "{evil}"\nvariable'
    )
    pond.edit("pond.xmile", "<units>fish</units>", "<units>&lt;img onerror=x&gt;</units>")
    accept(pond.folder, because=f"{evil} [bold]")
    pond.set_constant("growth rate", 0.2)
    report = check(pond.folder)
    page = read_page(write_html(report, tmp_path / "check.html"))
    assert "script" not in page.tags
    assert "img" not in page.tags
    assert evil in shown(report)


def test_an_assertion_that_fails_is_red(pond) -> None:
    pond.edit("behaviour.toml", "about = 100", "about = 90")
    accept(pond.folder, because="first baseline")
    report = check(pond.folder)
    (row,) = report.failed
    assert row.sentence == "fish at 40 is 99.99; expected about 90 ± 1 %"
    assert row.source == "Verhulst 1838"


def test_a_changed_scenario_setting_is_named(pond) -> None:
    accept(pond.folder, because="first baseline")
    pond.edit("scenarios.toml", "capacity = 50", "capacity = 55")
    (row,) = check(pond.folder).failed
    assert row.changes == ("setting capacity 50 → 55, +10 %",)


def test_a_changed_equation_or_step_is_pointed_at(pond) -> None:
    accept(pond.folder, because="first baseline")
    pond.edit("pond.xmile", "1 - fish / capacity", "1 - (fish / capacity)^2")
    said = check(pond.folder).failed[0].changes[0]
    assert said == ('the equation of "room" changed: 1 - fish / capacity → 1 - (fish / capacity)^2')
    pond.edit("pond.xmile", "1 - (fish / capacity)^2", "1 - fish / capacity")
    pond.edit("pond.xmile", "<dt>0.125</dt>", "<dt>2</dt>")
    assert check(pond.folder).failed[0].changes == ("dt 0.125 → 2",)


def test_a_new_baseline_is_accepted_and_the_record_grows(pond) -> None:
    accept(pond.folder, because="first baseline")
    pond.set_constant("growth rate", 0.4)
    accept(pond.folder, ["Small Pond"], 'quicker "fish", after\nCarp (1999) \x7f')
    report = check(pond.folder)
    assert [row.name for row in report.failed] == ["default"]
    record = read_acceptances(pond.folder)
    assert [entry.scenarios for entry in record] == [("default", "small-pond"), ("small-pond",)]
    assert record[1].because == 'quicker "fish", after\nCarp (1999) \x7f'
    assert record[1].date == datetime.date.today()
    assert record[1].model_hash == sdcluster.load(pond.folder).hash
    assert (record[1].method, record[1].dt) == ("rk4", 0.125)
    assert record[1].constants == {"growth rate": 0.4, "capacity": 100.0}
    raw = tomllib.loads((pond.folder / "baselines/accepted.toml").read_text(encoding="utf-8"))
    assert len(raw["accepted"]) == 2


def test_a_second_model_in_the_folder_does_not_replace_the_baselines_of_the_first(pond) -> None:
    first, second = pond.folder / "pond.xmile", pond.folder / "lake.xmile"
    second.write_text(first.read_text(encoding="utf-8"), encoding="utf-8")
    accept(first, because="first baseline")
    kept = {path: path.read_bytes() for path in (pond.folder / "baselines").iterdir()}
    with pytest.raises(ModelError, match=r'lake.xmile: .* are those of "pond.xmile"; move one'):
        accept(second, because="another model")
    assert {path: path.read_bytes() for path in (pond.folder / "baselines").iterdir()} == kept
    first.unlink()  # renamed: the baselines stay those of the model
    assert accept(second, because="a new name")
    assert read_acceptances(pond.folder)[-1].file == "lake.xmile"


def test_a_baseline_needs_a_reason_and_a_known_scenario(pond) -> None:
    with pytest.raises(ModelError, match="needs a reason"):
        accept(pond.folder, because="  ")
    with pytest.raises(ModelError, match='no scenario "smal pond"; did you mean'):
        accept(pond.folder, ["smal pond"], "x")
    assert not (pond.folder / "baselines").exists()


def test_accepting_warns_of_an_assertion_that_does_not_hold(pond) -> None:
    pond.set_constant("capacity", 90)
    said = r'the baselines of pond were accepted, but the assertion "The pond fills" does not hold: fish at 40 is 90'
    with pytest.warns(ModelWarning, match=said):
        assert len(accept(pond.folder, because="a smaller pond")) == 3
    result = CliRunner().invoke(app, ["accept", str(pond.folder), "--because", "still smaller"])
    assert result.exit_code == 0
    assert (
        'warning: the baselines of pond were accepted, but the assertion "The pond fills"'
        in result.stderr
    )


def test_a_failing_run_writes_no_baseline(pond) -> None:
    pond.edit("pond.xmile", "1 - fish / capacity", "sqrt(-fish)")
    with pytest.raises((sdcluster.SimulationError, ModelError)):
        accept(pond.folder, because="first baseline")
    assert not (pond.folder / "baselines").exists()


def test_an_interrupted_acceptance_leaves_whole_files(pond, monkeypatch) -> None:
    accept(pond.folder, because="first baseline")
    before = {p.name: p.read_bytes() for p in (pond.folder / "baselines").iterdir()}
    pond.set_constant("growth rate", 0.4)
    real, count = Path.replace, iter(range(10))

    def interrupted(self: Path, target: Path) -> Path:
        if "baselines" in str(target) and next(count) == 1:
            raise KeyboardInterrupt
        return real(self, target)

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        accept(pond.folder, because="quicker")
    after = {p.name: p.read_bytes() for p in (pond.folder / "baselines").iterdir()}
    assert after.keys() == before.keys()
    assert after["small_pond.csv"] == before["small_pond.csv"]
    assert after["accepted.toml"] == before["accepted.toml"]
    assert after["default.csv"] != before["default.csv"]
    assert len(after["default.csv"].splitlines()) == len(before["default.csv"].splitlines())


def test_a_renamed_variable_is_reported(pond) -> None:
    accept(pond.folder, because="first baseline")
    pond.edit("pond.xmile", 'name="room"', 'name="free space"')
    pond.edit("pond.xmile", "fish * room", "fish * free_space")
    report = check(pond.folder)
    assert "default" in [row.name for row in report.failed]
    assert '"room" seems to be "free space" now' in report.failed[0].sentence


def test_a_broken_baseline_is_one_row(pond) -> None:
    accept(pond.folder, because="first baseline")
    pond.write("baselines/default.csv", "<<<<<<< HEAD\n")
    report = check(pond.folder)
    assert [row.verdict for row in report.rows].count("error") == 1
    assert "cannot be read" in report.failed[0].sentence or "time" in report.failed[0].sentence


def test_a_run_that_fails_is_one_row(pond) -> None:
    pond.edit("pond.xmile", "1 - fish / capacity", "sqrt(50 - fish)")
    report = check(pond.folder)
    assert not report.ok
    assert {row.verdict for row in report.rows} == {"error"}
    assert all("\n" not in row.sentence for row in report.rows)


def test_a_baseline_without_scenario_is_reported(pond) -> None:
    accept(pond.folder, because="first baseline")
    pond.edit("scenarios.toml", "[scenario.small-pond]", "[scenario.tiny-pond]")
    pond.edit("behaviour.toml", "small pond", "tiny pond")
    report = check(pond.folder)
    assert "no scenario of that name" in report.failed[0].sentence + report.failed[1].sentence


def test_one_unreadable_model_does_not_hide_the_others(pond) -> None:
    accept(pond.folder, because="first baseline")
    other = pond.folder.parent / "broken"
    other.mkdir()
    (other / "broken.xmile").write_text("<xmile")
    report = check(pond.folder.parent)
    assert [row.verdict for row in report.failed] == ["error"]
    assert report.failed[0].model == "broken"
    assert sum(row.ok for row in report.rows) == 4


def test_a_behaviour_file_with_a_mistake_is_one_row(pond) -> None:
    pond.edit("behaviour.toml", 'kind = "final"', 'kind = "finale"')
    (row,) = check(pond.folder).rows
    assert row.verdict == "error"
    assert 'unknown kind "finale"; did you mean "final"' in row.sentence


def test_nothing_to_check_is_said(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="holds a model file"):
        check(tmp_path)
    with pytest.raises(ModelError, match="no such model"):
        check(tmp_path / "nowhere")


@pytest.mark.parametrize("ending", LANGUAGES)
def test_a_folder_with_a_model_of_any_language_is_checked(pond, ending):
    pond.folder.joinpath("pond.xmile").rename(pond.folder / f"pond{ending}")
    assert model_paths(pond.folder.parent) == (pond.folder,)


def test_progress_is_told(pond) -> None:
    told: list[tuple[str, int, int]] = []
    check(pond.folder, progress=lambda *step: told.append(step))
    assert told[0] == ("pond: default", 0, 4)
    assert told[-1] == ("done", 4, 4)


def test_only_named_scenarios_are_checked(pond) -> None:
    accept(pond.folder, because="first baseline")
    (row,) = check(pond.folder, ["small pond"]).rows
    assert row.name == "small-pond"
    with pytest.raises(ModelError, match="no scenario"):
        check(pond.folder, ["large pond"])


ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("constant", ["innovation rate", "gap tolerance", "lock in relief rate"])
def test_five_percent_in_the_cluster_model_is_red_and_named(tmp_path: Path, constant: str) -> None:
    folder = tmp_path / "cluster"
    shutil.copytree(ROOT / "models" / "cluster", folder)
    model = sdcluster.load(folder)
    text = (folder / "cluster.xmile").read_text(encoding="utf-8")
    start = text.index(f'name="{constant}"')
    old = f"<eqn>{model[constant].value:g}</eqn>"
    assert old in text[start : start + 400]
    new = f"<eqn>{model[constant].value * 1.05:.6g}</eqn>"
    (folder / "cluster.xmile").write_text(
        text[:start] + text[start:].replace(old, new, 1), encoding="utf-8"
    )
    report = check(folder, ["default"])
    assert not report.ok
    words = " ".join(read_page(write_html(report, tmp_path / "check.html")).said)
    assert f"{constant} {model[constant].value:g} → " in words
    assert "+5 %" in words
    assert "knowledge stock" in words


def test_a_changed_equation_is_named_with_old_and_new_text(pond, tmp_path) -> None:
    accept(pond.folder, because="first baseline")
    pond.edit("pond.xmile", "growth_rate * fish * room", "growth_rate * fish * room * 0.9")
    report = check(pond.folder)
    said = "growth rate * fish * room → growth rate * fish * room * 0.9"
    assert said in " ".join(shown(report).split())
    assert said in " ".join(read_page(write_html(report, tmp_path / "check.html")).said)
    assert "的方程有改动：" + said in report.failed[0].changes[0].text("zh")


def test_a_changed_equation_is_named_when_no_curve_moves(pond) -> None:
    accept(pond.folder, because="first baseline")
    pond.edit("pond.xmile", "growth_rate * fish * room", "1 * growth_rate * fish * room")
    report = check(pond.folder)
    assert report.ok
    assert "equations changed, but the curves did not" in report.rows[0].sentence
    words = " ".join(shown(report).split())
    assert "growth rate * fish * room → 1 * growth rate * fish * room" in words


def test_an_old_record_without_equations_says_what_it_said(pond) -> None:
    accept(pond.folder, because="first baseline")
    record = pond.folder / "baselines/accepted.toml"
    text = record.read_text(encoding="utf-8")
    pond.write("baselines/accepted.toml", text[: text.index("[accepted.equations]")])
    pond.edit("pond.xmile", "growth_rate * fish * room", "growth_rate * fish * room * 0.9")
    (change,) = check(pond.folder).failed[0].changes
    assert change.startswith(
        "the model file was edited, but no recorded constant or equation changed; "
    )


def test_equations_are_recorded_but_those_of_the_clock(tmp_path: Path) -> None:
    clock = "INITIAL TIME = 0 ~~|\nFINAL TIME = 4 ~~|\nTIME STEP = 1 ~~|\nSAVEPER = 1 ~~|\n"
    (tmp_path / "m.mdl").write_text("{UTF-8}\nx = INTEG(a, 1) ~~|\na = x / 2 ~~|\n" + clock)
    assert equations_of(sdcluster.load(tmp_path / "m.mdl")) == {"x": "INTEG(a, 1)", "a": "x / 2"}


def test_many_changed_equations_are_counted() -> None:
    old = {"births": "1", "deaths": "2"}
    said = changed_equations(old, {"births": "2", **{f"x{i}": "1" for i in range(9)}})
    assert said[0] == 'the equation of "births" changed: 1 → 2'
    assert said[1] == 'the variable "deaths" was removed'
    assert said[2] == 'the variable "x0" was added: 1'
    assert said[-1] == "6 more equations changed"
    assert changed_equations({}, old) == ()


def test_long_equations_are_cut_around_their_first_difference() -> None:
    long = " + ".join(f"part {i}" for i in range(100))
    (said,) = changed_equations({"sum": long}, {"sum": long.replace("part 90", "share 90")})
    assert len(said) < 400
    assert "part 90" in said
    assert "share 90" in said


BALANCED = """
stock = INTEG(inflow - outflow, 10) ~~|
inflow = 1 * 3 ~~|
outflow = 1 * 3 ~~|
INITIAL TIME = 0 ~~|
FINAL TIME = 4 ~~|
TIME STEP = 1 ~~|
SAVEPER = 1 ~~|
"""


def test_balanced_flows_that_grow_tenfold_are_red(tmp_path) -> None:
    model = tmp_path / "balanced.mdl"
    model.write_text(BALANCED, encoding="utf-8")
    accept(model, because="first baseline")
    lines = (tmp_path / "baselines/default.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "time,stock,inflow,outflow"
    model.write_text(BALANCED.replace("1 * 3", "1 * 30"), encoding="utf-8")
    report = check(model)
    assert {move.name for move in report.failed[0].moved} == {"inflow", "outflow"}


def test_an_old_baseline_without_flows_and_with_settings_of_time_still_passes(tmp_path) -> None:
    model = tmp_path / "balanced.mdl"
    model.write_text(BALANCED, encoding="utf-8")
    accept(model, because="first baseline")
    old = "time,stock,TIME STEP\n" + "".join(f"{t},10,1\n" for t in range(5))
    (tmp_path / "baselines/default.csv").write_text(old, encoding="utf-8")
    (row,) = check(model).rows
    assert row.ok
    assert "inflow" not in row.sentence
