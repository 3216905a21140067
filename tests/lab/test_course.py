"""The course: lessons say the same in both languages, predictions lock, answers come from runs, a browser can do it."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import nbformat
import pytest
from lxml import etree

from sdcluster.errors import ModelError
from sdcluster.lab import lesson_course
from sdcluster.lab import lesson_table as tables
from sdcluster.lab.assets import joined, static
from sdcluster.lab.exercise import CARD_SCRIPTS, Exercise, distance, number
from sdcluster.lab.exercise_wording import COURSE
from sdcluster.lab.lesson_course import course
from sdcluster.lab.page_state import decoded
from sdcluster.publish.lesson_loops import called, links, loop_of
from sdcluster.view.loop_picture import loop_svg

ROOT = Path(__file__).resolve().parents[2]
FRONT = ROOT / "notebooks" / "00_start_here.ipynb"
NAMES = [name for name in tables.lesson_names() if tables.wording(name)["number"] > 0]


@cache
def lesson(name):
    return course(name)


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
    for path, text in texts(tables.wording(name)):
        assert text.keys() == {"en", "zh"}, path
        assert not re.search("[一-鿿]", text["en"].replace("中文", "")), path


def test_words_of_all_lessons_are_there_in_both_languages():
    assert COURSE["en"].keys() == COURSE["zh"].keys()
    used = set(re.findall(r"\bwords\.(\w+)", joined(CARD_SCRIPTS)))
    assert used
    assert used <= COURSE["en"].keys()


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_fits_into_a_period(name):
    assert 20 <= tables.minutes(name) <= 45


@pytest.mark.parametrize("name", NAMES)
def test_the_notebook_only_calls_the_parts_of_the_lesson(name):
    (path,) = (ROOT / "notebooks").glob(f"*_{name}.ipynb")
    assert path.stem == f"{tables.wording(name)['number']:02}_{name}"
    cells = nbformat.read(path, as_version=4).cells
    kinds = [cell.cell_type for cell in cells]
    assert kinds == ["markdown", *["code"] * (len(cells) - 1)], "words stand in the table, once"
    assert cells[0].source == nbformat.read(FRONT, as_version=4).cells[0].source, "how to run it"
    assert all(cell.metadata.jupyter.source_hidden for cell in cells[1:]), "students need no code"
    code = "\n".join(cell.source for cell in cells)
    assert f'course("{name}")' in code
    for part in ("predict", "observe", "explain", "practise", "teach"):
        assert f"lesson.{part}()" in code


@pytest.mark.parametrize("name", NAMES)
def test_the_loops_of_the_explanation_are_loops_of_the_model(name):
    made = lesson(name)
    for entry in made.table["loop"]:
        polarity = loop_of(made.model, entry["names"]).polarity
        assert polarity in ("?", "+" if entry["kind"] == "reinforcing" else "-"), entry["name"]


@pytest.mark.parametrize("name", NAMES)
def test_the_pictures_of_the_loops_show_each_variable_and_each_sign(name):
    made = lesson(name)
    (card,) = made.explain()
    (row,) = (block for block in card._spec["blocks"] if block["kind"] == "loops")
    for entry, item in zip(made.table["loop"], row["items"], strict=True):
        found, signs = links(made.model, entry["names"])
        for language, svg in item["svg"].items():
            said = "".join(etree.fromstring(svg.encode()).itertext())
            for variable in found:
                label = called(made.model, variable, language)
                assert label.replace(" ", "") in said.replace(" ", "")
            assert svg.count("<polygon") == len(found), "an arrow for each link"
            assert said.count("+") == signs.count("+")
            assert said.count("−") == signs.count("-")


FINDINGS = [
    pytest.param(name, entry, id=f"{name}-{place}")
    for name in NAMES
    for place, entry in enumerate(tables.wording(name)["teacher"]["find"], 1)
]


@pytest.mark.parametrize(("name", "entry"), FINDINGS)
def test_what_the_teacher_is_told_that_students_find_is_what_the_runs_show(name, entry):
    for fact in entry["facts"]:
        assert lesson(name).runs.measure(fact["measure"]) == pytest.approx(
            fact["is"], abs=fact["within"]
        ), fact["measure"]
        for text in entry["text"].values():
            assert f"{fact['is']:g}" in text


@pytest.mark.parametrize("name", NAMES)
def test_each_task_has_its_finding(name):
    assert len(tables.wording(name)["teacher"]["find"]) == len(tables.wording(name)["observe"])


def test_elements_of_a_loop_are_called_as_people_do():
    model = lesson("value_chain").model
    assert called(model, "pressure[functional]", "en") == "functional pressure"
    assert called(model, "pressure[functional]", "zh") == "功能锁定压力"


def test_a_name_of_a_loop_stays_text():
    svg = loop_svg(["<b>a</b>", 'b"&'], "+-", "x", "en", '"<&')
    assert [e.tag for e in etree.fromstring(svg.encode()).iter()].count("b") == 0
    assert svg.count("&lt;b&gt;") == 1


@pytest.mark.parametrize("name", NAMES)
def test_one_answer_is_right_and_it_is_the_run_that_says_which(name):
    made = course(name)
    told = made.table["prediction"]
    shut = [*made.observe(), *made.explain(), *made.practise()]
    assert not any(part.shown for part in shut)
    if told["form"] == "choice":
        measured = made.runs.measure(told["measure"])
        fits = [o.get("min", -1e9) <= measured < o.get("max", 1e9) for o in told["option"]]
        assert fits.count(True) == 1, measured
        made.prediction.commit(fits.index(True))
        assert made.prediction._result["text"]["en"] == COURSE["en"]["agree"]
        assert made.prediction._result["right"] == fits.index(True)
    else:
        drawn = made.prediction._spec["points"]
        made.prediction.commit(drawn)
        assert made.prediction._result["text"]["en"].startswith("Your curve")
    assert made.prediction._result["curves"]
    assert all(part.shown for part in shut)


@pytest.mark.parametrize("name", NAMES)
def test_exercises_know_right_from_wrong(name):
    made = lesson(name)
    for entry, exercise in zip(made.table["exercise"], made.exercises, strict=True):
        right = made.solve(entry)
        if "option" in entry:
            verdicts = [exercise.check(str(i)) for i in range(len(entry["option"]))]
            assert verdicts.count("right") == 1
            assert verdicts[int(right)] == "right"
            assert exercise.check("") == "none"
            continue
        assert exercise.check(f"{right:.3g}") == "right"
        assert exercise.check(f"{right + abs(right) + 1:.3g}") == "high"
        assert exercise.check(f"{right - abs(right) - 1:.3g}") == "low"
        assert exercise.check("many") == "none"


def test_a_committed_prediction_does_not_change():
    prediction = course("upgrading_cycle").prediction
    drawn = [{**point, "value": 2.0} for point in prediction._spec["points"]]
    prediction.commit(drawn)
    first = prediction._result
    prediction.commit([{**point, "value": 4.0} for point in drawn])
    assert prediction.committed == {"value": drawn}
    assert prediction._result == first


def test_an_error_is_an_answer():
    """A student who has committed or answered is told what is wrong with the model, not left waiting."""
    made = course("upgrading_cycle")
    drawn = made.prediction._spec["points"]
    made.table = {**made.table, "prediction": {**made.table["prediction"], "variable": "nothing"}}
    made.prediction.commit(drawn)
    assert made.prediction._result["kind"] == "error"
    assert "nothing" in made.prediction._result["text"]["en"]

    def solve():
        raise ModelError("the model is broken")

    exercise = Exercise({"unit": {"en": "", "zh": ""}}, solve)
    assert exercise.check("1") == "error"
    assert "broken" in exercise._feedback["text"]["zh"]


def test_a_lesson_without_its_model_says_what_to_do_once(tmp_path, monkeypatch):
    monkeypatch.setitem(tables.wording("upgrading_cycle"), "model", "no such model")
    made = course("upgrading_cycle")
    (card,) = made.predict()
    assert card._spec["kind"] == "trouble"
    told = " ".join(block["text"]["en"] for block in card._spec["blocks"])
    assert "no such model" in told
    assert COURSE["en"]["trouble_remedy"] in told
    assert made.observe() == made.explain() == ()


def test_a_laboratory_that_does_not_open_says_why(monkeypatch):
    def broken(_model):
        raise ModelError("nothing can be shown")

    made = course("upgrading_cycle")
    monkeypatch.setattr(lesson_course, "laboratory_data", broken)
    look, laboratory = made.observe()
    made.prediction.commit(made.prediction._spec["points"])
    assert look.shown
    assert "nothing" in look._spec["blocks"][-1]["text"]["en"]
    assert not laboratory.shown


def test_the_laboratory_runs_only_when_it_is_unlocked(front_end):
    made = course("cluster", language="zh")
    _, laboratory = made.observe()
    assert laboratory._description == ""
    laboratory.unlock()
    first = laboratory._description
    assert json.loads(first)["name"] == "cluster"
    assert decoded(laboratory.state).language == "zh"
    laboratory.state = ""
    assert laboratory.language == "en"
    laboratory.unlock()
    assert laboratory._description is first


def test_a_year_outside_the_run_is_refused():
    with pytest.raises(ModelError, match="time 500 lies outside the run"):
        lesson("cluster").runs.measure({"variable": "knowledge stock", "at": 500})


def test_a_language_button_changes_all_parts():
    made = course("upgrading_cycle", language="zh")
    parts = [*made.predict(), *made.observe(), made.teach(), *made.exercises]
    assert {part.language for part in parts} == {"zh"}
    parts[0].language = "en"
    assert {part.language for part in parts} == {"en"}


def test_numbers_are_read_as_people_type_them():
    assert [number(t) for t in ("12", " 0,5 ", "30 %", "−3", "１２")] == [12, 0.5, 30, -3, 12]
    assert [number(t) for t in ("", "many", "nan", "inf")] == [None] * 4


def test_distance_is_a_share_of_the_picture():
    drawn = [{"time": 0, "value": 1.0}, {"time": 1, "value": 3.0}]
    assert distance(drawn, [2.0, 3.0], 5.0) == pytest.approx(0.1)


def test_unknown_lessons_and_loops_are_refused():
    with pytest.raises(ModelError, match="upgrading_cycle"):
        course("upgrading")
    with pytest.raises(ModelError, match="does not act on"):
        loop_of(lesson("upgrading_cycle").model, ["gap", "technology"])


def test_cards_fetch_nothing_and_put_no_markup():
    script = joined(CARD_SCRIPTS).replace("http://www.w3.org/2000/svg", "")
    assert "http" not in script + static("course.css")
    assert "innerHTML" not in script
