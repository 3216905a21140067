"""The course: lessons say the same in both languages, their loops are the model's, their answers come from runs."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import nbformat
import numpy as np
import pytest
from lxml import etree

from sdcluster.errors import ModelError
from sdcluster.lab.lesson import notebook_name
from sdcluster.project import library as tables
from sdcluster.publish.lesson_data import find_lesson, lesson_data
from sdcluster.publish.lesson_loops import called, links, loop_of
from sdcluster.publish.lesson_runs import LessonRuns
from sdcluster.view.loop_picture import loop_svg

ROOT = Path(__file__).resolve().parents[2]
FRONT = ROOT / "notebooks" / "00_start_here.ipynb"
NAMES = [name for name in tables.lesson_names() if tables.lesson(name)["number"] > 0]


@cache
def runs(name):
    return LessonRuns(tables.models_folder() / tables.lesson(name)["model"])


@cache
def page(name):
    return lesson_data(find_lesson(name))


def texts(value, path=""):
    """Every table by language in a lesson, with its place."""
    if isinstance(value, dict) and ("en" in value or "zh" in value):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from texts(inner, f"{path}.{key}")
    elif isinstance(value, (list, tuple)):
        for place, inner in enumerate(value):
            yield from texts(inner, f"{path}[{place}]")


@pytest.mark.parametrize("name", tables.lesson_names())
def test_every_text_is_there_in_both_languages(name):
    for path, text in texts(tables.lesson(name)):
        assert text.keys() == {"en", "zh"}, path
        assert not re.search("[一-鿿]", text["en"].replace("中文", "")), path


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_fits_into_a_period(name):
    assert 20 <= sum(step["minutes"] for step in tables.lesson(name)["teacher"]["step"]) <= 45


@pytest.mark.parametrize("name", NAMES)
def test_the_notebook_only_shows_the_lesson(name):
    (path,) = (ROOT / "notebooks").glob(f"*_{name}.ipynb")
    assert path.name == notebook_name(tables.lesson(name))
    cells = nbformat.read(path, as_version=4).cells
    kinds = [cell.cell_type for cell in cells]
    assert kinds == ["markdown", "code"], "words stand in the table, once"
    assert cells[0].source == nbformat.read(FRONT, as_version=4).cells[0].source, "how to run it"
    assert cells[1].metadata.jupyter.source_hidden, "students need no code"
    assert f'lesson("{name}")' in cells[1].source


@pytest.mark.parametrize("name", NAMES)
def test_the_loops_of_the_explanation_are_loops_of_the_model(name):
    for entry in tables.lesson(name)["loop"]:
        polarity = loop_of(runs(name).model, entry["names"]).polarity
        assert polarity in ("?", "+" if entry["kind"] == "reinforcing" else "-"), entry["name"]


@pytest.mark.parametrize("name", NAMES)
def test_the_pictures_of_the_loops_show_each_variable_and_each_sign(name):
    model = runs(name).model
    for entry, item in zip(tables.lesson(name)["loop"], page(name).data["loops"], strict=True):
        found, signs = links(model, entry["names"])
        for language, svg in item["svg"].items():
            said = "".join(etree.fromstring(svg.encode()).itertext())
            for variable in found:
                label = called(model, variable, language)
                assert label.replace(" ", "") in said.replace(" ", "")
            assert svg.count("<polygon") == len(found), "an arrow for each link"
            assert said.count("+") == signs.count("+")
            assert said.count("−") == signs.count("-")


FINDINGS = [
    pytest.param(name, entry, id=f"{name}-{place}")
    for name in NAMES
    for place, entry in enumerate(tables.lesson(name)["teacher"]["find"], 1)
]


@pytest.mark.parametrize(("name", "entry"), FINDINGS)
def test_what_the_teacher_is_told_that_students_find_is_what_the_runs_show(name, entry):
    for fact in entry["facts"]:
        assert runs(name).measure(fact["measure"]) == pytest.approx(
            fact["is"], abs=fact["within"]
        ), fact["measure"]
        for text in entry["text"].values():
            assert f"{fact['is']:g}" in text


@pytest.mark.parametrize("name", NAMES)
def test_each_task_has_its_finding(name):
    assert len(tables.lesson(name)["teacher"]["find"]) == len(tables.lesson(name)["observe"])


def test_elements_of_a_loop_are_called_as_people_do():
    model = runs("value_chain").model
    assert called(model, "pressure[functional]", "en") == "functional pressure"
    assert called(model, "pressure[functional]", "zh") == "功能锁定压力"


def test_a_name_of_a_loop_stays_text():
    svg = loop_svg(["<b>a</b>", 'b"&'], "+-", "x", "en", '"<&')
    assert [e.tag for e in etree.fromstring(svg.encode()).iter()].count("b") == 0
    assert svg.count("&lt;b&gt;") == 1


@pytest.mark.parametrize("name", NAMES)
def test_of_the_answers_one_is_right_and_it_is_the_runs_that_say_which(name):
    table, data = tables.lesson(name), page(name).data
    asked = data["prediction"]
    if asked["form"] == "choice":
        measured = runs(name).measure(table["prediction"]["measure"])
        fits = [
            option.get("min", -np.inf) <= measured < option.get("max", np.inf)
            for option in table["prediction"]["option"]
        ]
        assert [i for i, fit in enumerate(fits) if fit] == [asked["right"]]
    for entry, exercise in zip(table["exercise"], data["exercises"], strict=True):
        if "option" in entry:
            measured = [runs(name).measure(option["measure"]) for option in entry["option"]]
            assert exercise["right"] == int(np.argmax(measured))
            assert measured.count(max(measured)) == 1
        else:
            assert exercise["right"] == runs(name).measure(entry["measure"])


def test_a_year_outside_the_run_is_refused():
    with pytest.raises(ModelError, match="time 500 is outside the run"):
        runs("cluster").measure({"variable": "knowledge stock", "at": 500})


def test_loops_that_the_model_lacks_are_refused():
    with pytest.raises(ModelError, match="does not affect"):
        loop_of(runs("upgrading_cycle").model, ["gap", "technology"])
