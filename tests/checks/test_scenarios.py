"""Scenario files: what is read, and the sentence for each mistake."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sdcluster
from sdcluster.errors import ModelError
from sdcluster.project import Change, load_scenarios

GOOD = """
[scenario.default]
title = { en = "Default policy", zh = "基准政策" }

[scenario."Over-governed"]
settings = { capacity = 50, fish = 3 }

[scenario.rescue_in_year_20]
settings = { capacity = 50 }
changes = [
  { time = 30, settings = { capacity = 90 } },
  { time = 20, settings = { capacity = 80, fish = 1 } },
]
stop = 35

[set.classroom]
title = "For the classroom"
scenarios = ["default", "over governed"]
"""


def test_a_scenario_file_gives_scenarios_in_order_and_sets(pond) -> None:
    found = load_scenarios(pond.write("scenarios.toml", GOOD), sdcluster.load(pond.folder))
    assert list(found.scenarios) == ["default", "Over-governed", "rescue_in_year_20"]
    assert found.find("default").title["zh"] == "基准政策"
    rescue = found.find("rescue in year 20")
    assert rescue.stop == 35
    assert rescue.changes == (
        Change(20.0, {"capacity": 80.0, "fish": 1.0}),
        Change(30.0, {"capacity": 90.0}),
    )
    assert found.sets["classroom"] == ("default", "Over-governed")
    assert found.set_titles["classroom"] == {"en": "For the classroom"}


@pytest.mark.parametrize("spelling", ["over-governed", "OVER GOVERNED", "over_governed"])
def test_case_blanks_hyphens_and_underscores_do_not_count(pond, spelling: str) -> None:
    assert load_scenarios(pond.write("scenarios.toml", GOOD)).find(spelling).name == "Over-governed"


def test_default_is_there_without_a_file(pond) -> None:
    (pond.folder / "scenarios.toml").unlink()
    assert list(sdcluster.scenarios(pond.folder)) == ["default"]


def test_scenarios_are_found_beside_the_model(pond) -> None:
    assert list(sdcluster.scenarios(pond.folder)) == ["default", "small-pond"]
    assert list(sdcluster.scenarios(sdcluster.load(pond.folder))) == ["default", "small-pond"]


MISTAKES = [
    ("[scenario.x]\nsettigns = { capacity = 1 }", "2", "did you mean \"settings\""),
    ("[scenario.x]\nsettings = { capactiy = 1 }", "2", 'does not have; did you mean "capacity"'),
    ("[scenario.x]\nsettings = { capacity = 'much' }", "2", "must be a number, not 'much'"),
    ("[scenario.x]\nsettings = { capacity = true }", "2", "must be a number, not True"),
    ("[scenario.x]\nsettings = { capacity = nan }", "2", "must be a finite number"),
    ("[scenario.x]\nsettings = 3", "2", "must be a table"),
    ("[scenario.x]\ntitle = 3", "2", "must be a table"),
    ("[scenario.x]\ntitle = { en = '' }", "2", "must be text in quotation marks"),
    ("[scenario.x]\nchanges = 3", "2", "must be a list"),
    ("[scenario.x]\nchanges = [{ tiem = 3 }]", "2", 'did you mean "time"'),
    ("[scenario.x]\nchanges = [{ time = 3 }]", "2", 'lacks "settings"'),
    ("[scenario.x]\nchanges = [{ time = 50, settings = {} }]", "2", "its run stops at 40"),
    ("[scenario.x]\nchanges = [{ time = 3, settings = { room = 1 } }]", "2", "is an auxiliary"),
    ("[scenario.x]\nstart = 5\nstop = 5", "3", "stops at 5, which must be after its start, 5"),
    ("[scenario.a-b]\n[scenario.a_b]", "2", "count as the same name"),
    ("[scenario.x]\n[set.s]\nscenarios = ['xx']", "3", 'no scenario "xx"; did you mean "x"'),
    ("[scenario.x]\n[set.s]", "2", 'lacks "scenarios"'),
    ("[scenarios.x]", "1", 'did you mean "scenario"'),
    ("[scenario.x\n", "1", "not valid TOML"),
    ("a = " + "[" * 3000, "", "too deeply"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "words"), MISTAKES)
def test_each_mistake_has_its_sentence(pond, text: str, line: str, words: str) -> None:
    path = pond.write("scenarios.toml", text)
    with pytest.raises(ModelError) as caught:
        load_scenarios(path, sdcluster.load(pond.folder))
    said = str(caught.value)
    assert words in said
    assert said.startswith(f"{path}:{line}: " if line else f"{path}: ")
    assert "\n" not in said


def test_missing_binary_and_huge_files_are_said(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        load_scenarios(tmp_path / "none.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ModelError, match="UTF-8"):
        load_scenarios(tmp_path / "binary.toml")
    (tmp_path / "huge.toml").write_text("#" * 2_000_001)
    with pytest.raises(ModelError, match="over the limit of 2,000,000"):
        load_scenarios(tmp_path / "huge.toml")


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_in_a_sentence(tmp_path_factory, text: str) -> None:
    path = tmp_path_factory.mktemp("any") / "scenarios.toml"
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    with contextlib.suppress(ModelError):
        load_scenarios(path)
