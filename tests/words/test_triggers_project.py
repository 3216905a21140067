"""What the room `project` refuses, by the key of its sentence: a table for what no other test reaches."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import sdcluster
from sdcluster import files
from sdcluster.errors import ModelError
from sdcluster.model import Model
from sdcluster.project import changes_file, library, read_changes
from sdcluster.project.calibration_file import load_tasks
from sdcluster.project.lab_file import lab_beside
from sdcluster.project.lesson_file import read_lesson
from sdcluster.study.experiments import load_experiments
from tests.triggered import made
from tests.vensim import write
from tests.workshop import aux, flow, stock, xmile

LESSON = library.models_folder() / "upgrading_cycle" / "lesson.toml"
GROWTH = xmile(
    stock("size", "1", "growth")
    + flow("growth", "size * rate")
    + aux("rate", "0.1", '<range min="0" max="1"/>')
    + aux("policy", "0")
)
EXPERIMENT = """
[[experiment]]
name = "e"
title = { en = "e" }
source = "arithmetic"
question = { en = "?" }
cases = [{ name = "without" }, { name = "with", settings = { policy = 1 } }]
measure = { variable = "size", what = "final" }
verdict = { kind = "ratio", of = "without", to = "with", max = 1.0 }
"""


@pytest.fixture(scope="module")
def growth(tmp_path_factory: pytest.TempPathFactory) -> Model:
    file = tmp_path_factory.mktemp("growth") / "growth.xmile"
    file.write_text(GROWTH, encoding="utf-8")
    return sdcluster.load(file)


@pytest.fixture(scope="module")
def graphs(tmp_path_factory: pytest.TempPathFactory) -> Model:
    folder = tmp_path_factory.mktemp("graphs")
    return sdcluster.load(write(folder, "t((0,0),(1,1))", "x = t(Time)", "c = 1"))


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("lookup_needs_many_x", "t(1, 2, 3)"),
        ("points_lookup_written_x", "t(a)"),
        ("x_lookup_must_not", "t((1,0),(0,1))"),
        ("lookup_write_points_without", "t = 3"),
        ("not_lookup_write_number", "c((0,0),(1,1))"),
        ("strings_cannot_changed_run", "c :IS: 'a'"),
        ("neither_name_number_nor", "c"),
        ("value_must_number_numbers", "c = a"),
        ("value_must_finite_number", "c = 1e999"),
        ("dimensions_given", "c[a] = 1"),
        ("changes_file_sets_constants", "x = 3"),
        ("model_no_variable", "d = 3"),
    ],
)
def test_a_changes_file(graphs: Model, tmp_path: Path, key: str, text: str) -> None:
    (tmp_path / "a.cin").write_text(text, encoding="utf-8")
    with made() as found, pytest.raises(ModelError):
        read_changes(tmp_path / "a.cin", graphs)
    assert f"project.{key}" in found


@pytest.mark.parametrize(
    ("key", "old", "new"),
    [
        ("needs_settings_cut", "", 'cause = { title = { en = "c" } }'),
        ("rival_lacks_title_says", "", "rival = [{ settings = { policy = 1 } }]"),
        ("names_case_not", "", "cause = { cases = { other = { policy = 1 } } }"),
        ("threshold_cannot_take", "", 'threshold = ["size"]'),
        ("threshold_goes_must_larger", "", 'threshold = [{ constant = "rate", from = 2, to = 1 }]'),
        ("vary_cannot_take", "", 'vary = ["policy"]'),
        ("vary_write_list_constants", "", 'vary = "rate"'),
        ("lacks_name_case", 'of = "without", ', ""),
        ("verdict_names_case_not", 'of = "without"', 'of = "whithout"'),
        ("not_measure", '"final"', '"finnal"'),
        ("sets_model_does_not", "policy = 1", "polcy = 1"),
    ],
)
def test_an_experiments_file(growth: Model, key: str, old: str, new: str) -> None:
    text = EXPERIMENT.replace(old, new) if old else EXPERIMENT + new
    file = Path(growth.path).parent / "experiments.toml"
    file.write_text(text, encoding="utf-8")
    with made() as found, pytest.raises(ModelError):
        load_experiments(growth)
    assert f"project.{key}" in found


@pytest.mark.parametrize(
    ("key", "old", "new"),
    [
        (
            "needs_either_measure_option",
            'measure = { variable = "knowledge stock", scenario = "default", at',
            "# (",
        ),
        ("prediction_form_needs", 'form = "curve"', 'form = "choice"'),
        ("not_valid_toml", "minutes = 8", "minutes = = 8"),
    ],
)
def test_a_lesson(tmp_path: Path, key: str, old: str, new: str) -> None:
    text = LESSON.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "lesson.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with made() as found, pytest.raises(ModelError):
        read_lesson(tmp_path / "lesson.toml")
    assert f"project.{key}" in found


def test_a_changes_file_that_is_too_large(
    graphs: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes_file, "LARGEST_FILE", 3)
    (tmp_path / "a.cin").write_text("c = 1")
    with (
        made() as found,
        pytest.raises(ModelError, match=r"a.cin: .* larger than the limit of 3 bytes"),
    ):
        read_changes(tmp_path / "a.cin", graphs)
    assert found == {"project.changes_file_larger_bytes"}


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("none", 'buttons = "zzz"', "those in the file are: none"),
        (
            "latest_must_come_after",
            '[switch]\nscenario = "default"\nlatest = -1',
            'lab.toml:3: "latest" must be later than the start',
        ),
        (
            "measure_needs_both_value",
            '[measure.a]\nvariable = "size"\nwhat = "value"',
            'lab.toml:1: the measure "a" needs both what = "value" and "at"',
        ),
    ],
)
def test_a_lab_file(growth: Model, key: str, text: str, words: str) -> None:
    (growth.folder / "lab.toml").write_text(text, encoding="utf-8")
    with made() as found, pytest.raises(ModelError, match=re.escape(words)):
        lab_beside(growth)
    assert f"project.{key}" in found


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("must_name_least", "[case]", "calibration.toml:1: [case] is empty"),
        (
            "file_cannot_read",
            '[case.a]\ntargets = "gone.csv"\nparameters = ["rate"]',
            "gone.csv: the file cannot be read",
        ),
        (
            "no_case_fit",
            '[case.a]\ntargets = "t.csv"\nparameters = ["rate"]',
            'there is no case "zzz" to fit; choose one of: a',
        ),
    ],
)
def test_a_calibration_file(growth: Model, key: str, text: str, words: str) -> None:
    (growth.folder / "t.csv").write_text("variable,time,value,uncertainty,source\nsize,1,2,1,x\n")
    (growth.folder / "calibration.toml").write_text(text, encoding="utf-8")
    with made() as found, pytest.raises(ModelError, match=re.escape(words)):
        load_tasks(growth).choose(["zzz"])
    assert f"project.{key}" in found


def test_the_scenarios_of_a_model_that_is_not_there(tmp_path: Path) -> None:
    with made() as found, pytest.raises(ModelError, match=r"gone.xmile: there is no such model"):
        sdcluster.scenarios(tmp_path / "gone.xmile")
    assert found == {"project.no_such_model_file"}


def test_models_that_are_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "models_folder", lambda: None)
    with made() as found, pytest.raises(ModelError):
        library.models_folder()
    assert found == {"project.no_folder_models_beside"}
