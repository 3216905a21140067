"""A published lesson in a browser: predict, see the run, answer, by pointer or keyboard; nothing leaves the page."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sdcluster
from sdcluster.publish.lesson import publish_lesson
from sdcluster.publish.lesson_course import publish_course
from tests.browser import LESSON
from tests.publish.pages import AXE, violations

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[2]
PLACE = "document.querySelector('#lesson').place"


@pytest.fixture(scope="module")
def lessons(front_end: None, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("lessons")
    models = folder / "models"
    models.mkdir()
    (models / "course.toml").write_bytes((ROOT / "models" / "course.toml").read_bytes())
    (models / "cluster").symlink_to(ROOT / "models" / "cluster")
    index, cluster = publish_course(models / "course.toml", folder)
    chain = publish_lesson("value_chain", folder / "value_chain.html")
    return {
        "index": index.as_uri(),
        "cluster": cluster.as_uri(),
        "value_chain": chain.as_uri(),
    }


@pytest.fixture
def opened(open_page: Any) -> Any:
    """Return a function that opens an address and waits for the lesson."""
    return partial(open_page, ready=LESSON)


def draw(page: Any) -> None:
    """Draw a curve across the chart with the pointer."""
    box = page.locator(".drawing-sheet svg").bounding_box()
    page.mouse.move(box["x"] + 80, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 60, steps=4)
    page.mouse.move(box["x"] + box["width"] - 22, box["y"] + 150, steps=4)
    page.mouse.up()


def test_a_lesson_from_prediction_to_exercises(opened, lessons):
    page = opened(lessons["cluster"])
    commit = page.get_by_role("button", name="Commit my prediction")
    assert commit.is_disabled()
    assert page.locator(".laboratory").count() == 0, "a run that is seen is no longer predicted"
    draw(page)
    drawn = page.evaluate(f"{PLACE}.draft.value")
    assert len(set(drawn)) > 4, "a drag draws all points that it passes"
    commit.click()
    assert page.locator(".act .finding").inner_text().startswith("Your curve")
    assert page.evaluate("document.activeElement.classList.contains('finding')")
    (line,) = page.evaluate(f"{PLACE}.runs().map((line) => Array.from(line.values))")
    run = sdcluster.simulate(ROOT / "models" / "cluster", "closed")["knowledge stock"]
    assert np.array_equal(line, run)

    explain = page.locator(".lesson-bar nav a[href='#explain']")
    assert "finished" not in (explain.get_attribute("class") or ""), "nobody has read it yet"
    page.locator("#explain").evaluate("(part) => part.scrollIntoView({ block: 'end' })")
    page.locator(".lesson-bar nav a.finished[href='#explain']").wait_for()
    page.get_by_role("button", name="Closed cluster").click()
    state = page.evaluate(f"{PLACE}.session.state.value.values")
    assert state == {"openness": 0.05, "policy": 0.05}
    page.get_by_role("button", name="Reset all", exact=True).first.click()
    assert page.evaluate(f"{PLACE}.session.state.value.values") == {}

    number = page.get_by_role("form", name="Exercise 2")
    right = page.evaluate(f"{PLACE}.lesson.exercises[1].right")
    for answer, verdict in (("x", "Type a number"), ("1", "Not yet: the run gives more")):
        number.get_by_role("textbox").fill(answer)
        number.get_by_role("button").click()
        assert number.get_by_role("status").inner_text().startswith(verdict)
    number.get_by_role("textbox").fill(f"{right:.0f} %")
    number.get_by_role("textbox").press("Enter")
    assert number.get_by_role("status").inner_text().startswith("Right")

    page.reload()
    page.wait_for_selector(LESSON)
    assert page.evaluate(f"{PLACE}.notebook.answers.value.committed.value") == drawn
    assert page.locator(".handle[role=slider]").count() == 0, "it cannot be changed"
    assert number.get_by_role("status").inner_text().startswith("Right")
    page.get_by_role("group", name="More").or_(page.locator(".lesson-bar .menu summary")).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save my answers (JSON)").click()
    saved = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert saved["committed"]["value"] == drawn
    assert [a["verdict"] for a in saved["exercises"][1]] == ["low", "right"]
    question = page.get_by_role("dialog", name="Start again")
    for keys in (["Escape"], ["Tab", "Tab", "Enter"]):
        page.locator(".lesson-bar .menu summary").click()
        page.get_by_role("button", name="Start again").click()
        question.wait_for()
        assert page.evaluate(f"{PLACE}.notebook.answers.value.committed") is not None
        assert page.locator("dialog :focus").count() == 1
        for key in keys:
            page.keyboard.press(key)
        question.wait_for(state="detached")
    assert page.evaluate(f"{PLACE}.notebook.answers.value.committed") is None
    assert page.locator(".laboratory").count() == 0
    assert page.asked == [lessons["cluster"]] * 2
    assert page.wrong == []


def test_a_curve_is_drawn_and_committed_by_keyboard_alone(opened, lessons):
    page = opened(lessons["cluster"])
    handles = page.locator(".handle[role=slider]")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('role')") == "slider":
            break
    before = page.evaluate(f"{PLACE}.draft.value")
    for key in ("PageUp", "ArrowUp", "Tab", "End", "Tab", "Home"):
        page.keyboard.press(key)
    values = page.evaluate(f"{PLACE}.draft.value")
    assert values[:3] == [pytest.approx(before[0] + 6 * 2.5 / 40), 2.5, 0]
    assert handles.first.get_attribute("aria-valuetext").endswith("in year 10")
    for _ in range(5):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator(".act .finding").inner_text() != ""
    assert page.wrong == []


def test_a_choice_in_chinese_on_a_phone(opened, lessons):
    page = opened(lessons["value_chain"] + "?lang=zh", 390, 844, has_touch=True, is_mobile=True)
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="提交我的预测").click()
    assert page.get_by_text("模型的结果与你不同").count() == 1
    assert page.locator(".options .model").inner_text().endswith("模型结果")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.wrong == []


def test_the_course_leads_to_a_lesson_and_knows_how_far_it_is(opened, lessons):
    page = opened(lessons["cluster"])
    draw(page)
    page.get_by_role("button", name="Commit my prediction").click()
    index = lessons["index"]
    page.goto(index)
    assert page.get_by_text("prediction made").count() == 1
    page.get_by_role("button", name="中文").click()
    page.get_by_role("link", name="关上大门之后").click()
    page.wait_for_selector(LESSON)
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    assert page.wrong == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(opened, lessons, scheme):
    page = opened(lessons["cluster"], color_scheme=scheme, bypass_csp=True, reduced_motion="reduce")
    page.add_script_tag(path=str(AXE))
    assert violations(page) == []
    draw(page)
    page.get_by_role("button", name="Commit my prediction").click()
    page.locator(".note-for-teachers summary").click()
    assert violations(page) == []
    if scheme == "dark":
        return
    page.get_by_role("button", name="Present").click()
    for key in ("question", "predict", "observe 0", "explain 0", "loop 0", "exercise 0"):
        page.evaluate(f"(key) => {{ {PLACE}.card.value = key; }}", key)
        assert (key, violations(page)) == (key, [])
