"""The course: lessons say the same in both languages, predictions lock, answers come from runs, a browser can do it."""

from __future__ import annotations

import re
import shutil
from functools import cache

import nbformat
import pytest
from conftest import ROOT, serving

from sdcluster.errors import ModelError
from sdcluster.lab import exercise_course as courses
from sdcluster.lab.exercise import course, distance, number, static
from sdcluster.lab.exercise_wording import COURSE
from sdcluster.lab.page import command, environment, free_port

NAMES = [name for name in courses.lesson_names() if courses.wording(name)["number"] > 0]


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
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from texts(inner, f"{path}[{place}]")


@pytest.mark.parametrize("name", courses.lesson_names())
def test_every_text_is_there_in_both_languages(name):
    for path, text in texts(courses.wording(name)):
        assert text.keys() == {"en", "zh"}, path
        assert not re.search("[一-鿿]", text["en"].replace("中文", "")), path


def test_words_of_all_lessons_are_there_in_both_languages():
    assert COURSE["en"].keys() == COURSE["zh"].keys()
    used = set(re.findall(r"\bwords\.(\w+)", static("course.js")))
    assert used <= COURSE["en"].keys()


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_fits_into_a_period(name):
    assert 20 <= courses.minutes(name) <= 45


@pytest.mark.parametrize("name", NAMES)
def test_the_notebook_only_calls_the_parts_of_the_lesson(name):
    (path,) = (ROOT / "notebooks").glob(f"*_{name}.ipynb")
    assert path.stem == f"{courses.wording(name)['number']:02}_{name}"
    cells = nbformat.read(path, as_version=4).cells
    assert all(cell.cell_type == "code" for cell in cells), "words stand in the table, once"
    code = "\n".join(cell.source for cell in cells)
    assert f'course("{name}")' in code
    for part in ("predict", "observe", "explain", "practise", "teach"):
        assert f"lesson.{part}()" in code


@pytest.mark.parametrize("name", NAMES)
def test_the_loops_of_the_explanation_are_loops_of_the_model(name):
    made = lesson(name)
    for entry in made.table["loop"]:
        polarity = made.loop(entry["names"]).polarity
        assert polarity in ("?", "+" if entry["kind"] == "reinforcing" else "-"), entry["name"]


@pytest.mark.parametrize("name", NAMES)
def test_one_answer_is_right_and_it_is_the_run_that_says_which(name):
    made = course(name)
    told = made.table["prediction"]
    shut = made.observe()
    assert not any(part.shown for part in shut)
    if told["form"] == "choice":
        measured = made.measure(told["measure"])
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
        right = made.measure(entry["measure"])
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
        lesson("upgrading_cycle").loop(["gap", "technology"])


def test_cards_fetch_nothing_and_put_no_markup():
    script = static("course.js").replace("http://www.w3.org/2000/svg", "")
    assert "http" not in script + static("course.css")
    assert "innerHTML" not in script


@pytest.mark.browser
def test_a_lesson_is_done_in_a_browser(page, tmp_path):
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    (tmp_path / "models").mkdir()
    shutil.copytree(ROOT / "models" / "upgrading_cycle", tmp_path / "models" / "upgrading_cycle")
    port = free_port()
    notebook = tmp_path / "notebooks" / "02_upgrading_cycle.ipynb"
    env = {**environment(), "PYTHONPATH": str(ROOT), "IPYTHONDIR": str(tmp_path / "ipython")}
    line = command(notebook, port=port, browser=False)
    with serving(line, env, f"http://127.0.0.1:{port}/", tmp_path / "voila.log") as url:
        page.goto(url)
        do_lesson(page)
    assert page.wrong == []
    assert all(u.startswith(("http://127.0.0.1", "data:", "blob:", "ws://127")) for u in page.asked)


def do_lesson(page):
    """Draw with keyboard and mouse, commit, see the run, answer, change the language."""
    page.wait_for_selector(".sdc-handle")
    assert page.locator(".sdc-lab").count() == 0
    commit = page.locator(".sdc-commit")
    assert commit.is_disabled()
    handle = page.locator(".sdc-handle").first
    handle.focus()
    before = float(handle.get_attribute("aria-valuenow"))
    page.keyboard.press("ArrowUp")
    assert float(handle.get_attribute("aria-valuenow")) > before
    last = page.locator(".sdc-handle").last
    last.scroll_into_view_if_needed()
    box = last.bounding_box()
    page.mouse.move(box["x"] + 7, box["y"] + 7)
    page.mouse.down()
    page.mouse.move(box["x"] + 7, box["y"] - 60, steps=4)
    page.mouse.up()
    assert float(last.get_attribute("aria-valuenow")) > before
    commit.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".sdc-lab[data-drawn]")
    assert commit.count() == 0
    assert "Your curve" in page.locator('[data-kind="prediction"] .sdc-said').inner_text()
    assert page.locator('.sdc-handle[role="slider"]').count() == 0

    answer = page.locator(".sdc-answer input").first
    verdict = page.locator('[data-kind="exercise"] .sdc-said').first
    for text, kind in (("9", "high"), (f"{course('upgrading_cycle').measure(FIRST):.2f}", "right")):
        answer.fill(text)
        page.keyboard.press("Enter")
        page.wait_for_selector(f'[data-kind="exercise"] .sdc-said[data-verdict="{kind}"]')
    assert verdict.inner_text().startswith("Right")

    page.locator(".sdc-card .sdc-language").first.click()
    page.wait_for_function(
        "() => document.querySelector('.sdc-card h1').textContent === '两条路径'"
    )
    page.wait_for_function("() => document.querySelector('.sdc-reset').textContent === '全部重置'")
    for card in page.locator(".sdc-card h2").all_inner_texts():
        assert re.search("[一-鿿]", card)


FIRST = courses.wording("upgrading_cycle")["exercise"][0]["measure"]
