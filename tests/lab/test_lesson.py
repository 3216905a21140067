"""`sdcluster.lesson` in a notebook, without a browser: predictions and answers as Python sees them, live copies."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.sign import NotebookNotary

import sdcluster
from sdcluster.lab.lesson import Lesson
from sdcluster.serve import copies

CLUSTER = Path(__file__).resolve().parents[2] / "models" / "cluster"
DRAWN = [1.5, 1.8, 2, 1.9, 1.6, 1.2, 1]
STATE = "application/vnd.jupyter.widget-state+json"


@pytest.fixture(scope="module")
def opened(front_end: None) -> Lesson:
    return sdcluster.lesson(CLUSTER, language="zh")


@pytest.fixture
def lesson(opened: Lesson) -> Lesson:
    opened.clear()
    opened.settings.clear()
    return opened


def test_a_prediction_is_committed_once(lesson):
    assert lesson.prediction is None
    with pytest.raises(sdcluster.ModelError, match="7 numbers, one for each of the times 10, 20, "):
        lesson.predict([1, 2])
    lesson.predict(DRAWN)
    assert lesson.prediction == DRAWN
    with pytest.raises(sdcluster.ModelError, match=r"already committed; call lesson.clear\(\)"):
        lesson.predict(DRAWN)
    assert list(lesson.answers().answer) == DRAWN
    assert lesson.answers().question[0] == "knowledge stock, 10"
    lesson.clear()
    assert lesson.prediction is None
    assert lesson.answers().empty


def test_answers_are_a_table(lesson):
    """What the page writes (`frontend/src/lesson/answers.ts`), as the CSV file of the menu has it."""
    at = "2026-05-04T10:00:00.000Z"
    attempts = [[{"answer": "1", "verdict": "other", "at": at}], [], []]
    attempts[1] = [
        {"answer": a, "verdict": v, "at": at} for a, v in (("5", "low"), ("62", "right"))
    ]
    answers = {"format": 1, "lesson": "cluster", "committed": None, "done": [True, False, False]}
    lesson.widget._answers = json.dumps({**answers, "exercises": attempts})
    table = lesson.answers("zh")
    assert list(table.part) == ["exercise 1", "exercise 2", "exercise 2"]
    assert list(table.verdict) == ["other", "low", "right"]
    options = json.loads(lesson.widget._lesson)["exercises"][0]["options"]
    assert table.answer[0] == options[1]["zh"]
    assert table.answer[2] == "62"


def test_a_choice_is_the_place_of_an_option(front_end):
    lesson = sdcluster.lesson("value_chain")
    for value in (-1, 9, 1.5, "one", [1]):
        with pytest.raises(sdcluster.ModelError, match="by its number, from 0 to"):
            lesson.predict(value)
    right = json.loads(lesson.widget._lesson)["prediction"]["right"]
    lesson.predict(right)
    (row,) = lesson.answers().itertuples()
    assert (row.part, row.verdict) == ("prediction", "right")


def test_the_laboratory_of_a_lesson_is_that_of_explore(lesson):
    lesson.scenario = "closed"
    assert lesson.settings == {"openness": 0.05, "policy": 0.05}
    run = sdcluster.simulate(CLUSTER, "closed")["knowledge stock"]
    assert lesson.dataset()["knowledge stock"].sel(run="now").equals(run.assign_coords(run="now"))
    assert "中" not in repr(lesson)
    again = sdcluster.lesson("cluster", state=lesson.state)
    assert again.settings == lesson.settings
    with pytest.raises(sdcluster.ModelError, match="there is no language"):
        sdcluster.lesson("cluster", language="de")


def test_the_course_links_to_the_notebooks_beside_it(front_end):
    course = json.loads(sdcluster.course()._course)
    assert [card["file"] for card in course["lessons"]] == [p.name for p in copies.originals()[1:]]


def test_cells_of_0_1_0_show_the_lesson_with_one_warning(front_end):
    from sdcluster.lab import course

    with pytest.warns(DeprecationWarning, match=r'now sdcluster.lesson\("cluster"\)') as warned:
        made = course("cluster")
    assert len(warned) == 1
    assert isinstance(made.predict(), Lesson)
    assert made.observe() is made.explain() is made.practise() is made.teach() is None
    assert warned[0].filename == __file__
    with pytest.raises(AttributeError, match="predict\\(value\\), answers\\(\\)"):
        made.exercises  # noqa: B018
    with pytest.warns(DeprecationWarning, match=r"now sdcluster.course\(\)"):
        course("start_here").welcome()


def test_modules_that_are_gone_say_what_to_do():
    code = (
        "from sdcluster.lab.lesson_course import course\n"
        "try: import sdcluster.lab.exercise\n"
        "except ModuleNotFoundError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "lesson = sdcluster.lesson(name)" in done.stdout


@pytest.fixture
def folder(tmp_path, monkeypatch, front_end):
    """Return the user's copies of two notebooks, in a home of its own."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    originals = [p for p in copies.originals() if p.name[:2] in ("00", "01")]
    monkeypatch.setattr(copies, "originals", lambda: originals)
    copies.own_copies(tmp_path / "mine")
    return tmp_path / "mine"


def test_copies_are_live_and_trusted_before_they_are_run(folder):
    first, lesson = sorted(folder.glob("*.ipynb"))
    assert copies.enliven(folder, [first.name]) == [first]
    assert copies.enliven(folder) == [lesson]
    notary = NotebookNotary()
    for path in (first, lesson):
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        assert notary.check_signature(notebook)
        (cell,) = notebook.cells
        view = cell.outputs[0].data["application/vnd.jupyter.widget-view+json"]
        state = notebook.metadata.widgets[STATE]["state"][view.model_id]
        assert state["state"]["_id"] == view.model_id
    notary.store.close()
    assert [b["path"] for b in state["buffers"]] == [["_kernel"]]
    assert copies.enliven(folder) == [], "they are as new as the program"


def test_what_somebody_has_changed_is_never_written_over(folder):
    first, lesson = sorted(folder.glob("*.ipynb"))
    lesson.write_text("mine", encoding="utf-8")
    assert copies.enliven(folder) == [first]
    known = json.loads((folder / copies.KNOWN).read_text(encoding="utf-8"))
    known[first.name]["source"] = "of another version"
    (folder / copies.KNOWN).write_text(json.dumps(known), encoding="utf-8")
    assert copies.enliven(folder) == [first]
    assert lesson.read_text(encoding="utf-8") == "mine"
