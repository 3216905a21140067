"""Every lesson in a real browser, by the same steps: predict, see the run, turn a slider, answer, change language."""

from __future__ import annotations

import re

import pytest

from sdcluster.lab.lesson_course import course
from sdcluster.lab.lesson_table import lesson_names, wording
from sdcluster.lab.page import command, free_port
from tests.browser import foreign
from tests.jupyter import serving

pytestmark = pytest.mark.browser

LESSONS = [name for name in lesson_names() if wording(name)["number"] > 0]
LAB = ".sdcluster-laboratory"
SETTINGS = f"document.querySelector('{LAB}').session.state.value.values"
STATE = f"""
() => ({{
  points: [...document.querySelectorAll(".sdc-handle")].map((e) => e.getAttribute("y")),
  chosen: [...document.querySelectorAll("input[type=radio]")].map((e) => e.checked),
  settings: {SETTINGS},
  answers: [...document.querySelectorAll(".sdc-answer input")].map((e) => e.value),
  verdicts: [...document.querySelectorAll(".sdc-said")].map((e) => e.dataset.verdict),
  folds: [...document.querySelectorAll("details")].map((e) => e.open),
}})"""
# What can be operated, by a name that a screen reader says; of radio buttons of one name the group is one stop.
STOPS = """
() => {
  const shown = (e) => e.checkVisibility() && e.getClientRects().length > 0 && !e.disabled;
  const what = "button, input, select, summary, [tabindex='0']";
  const laboratory = document.querySelector(".sdcluster-laboratory").shadowRoot.querySelector(".laboratory");
  const parts = [...document.querySelectorAll("[class*=sdc-card-root]"), laboratory];
  const all = parts.flatMap((p) => [...p.querySelectorAll(what)]).filter(shown);
  window.stops = all;
  return all.map((e) => e.getAttribute("aria-label") || e.labels?.[0]?.textContent || e.textContent);
}"""
REACHED = """
() => {
  const inner = (e) => e?.shadowRoot?.activeElement ?? e;
  const e = inner(document.activeElement);
  const i = window.stops.indexOf(e);
  return e.type === "radio" ? window.stops.map((s, k) => (s.name === e.name ? k : -1)).filter((k) => k >= 0) : [i];
}"""
# The picture's text (16 units high) is drawn nearly so.
READABLE = """
(width) => {
  if (innerWidth !== width) return false;
  const plot = document.querySelector(".sdc-plot");
  const scale = plot ? plot.getBoundingClientRect().width / plot.viewBox.baseVal.width : 1;
  return 16 * scale >= 14;
}"""


@pytest.fixture(scope="module")
def pages(work, env):
    """Serve all notebooks as pages; gives the address before a notebook's name."""
    port = free_port()
    first = work / "notebooks" / "01_cluster.ipynb"
    line = [
        str(first.parent) if part == str(first) else part
        for part in command(first, port=port, browser=False)
    ]
    with serving(line, env, f"http://127.0.0.1:{port}/", work / "voila.log") as url:
        yield url + "voila/render/"


def file_of(name: str) -> str:
    return f"{wording(name)['number']:02}_{name}.ipynb"


def test_the_front_page_lists_the_lessons_in_both_languages(page, pages):
    page.goto(pages + file_of("start_here"))
    page.wait_for_selector(".sdc-card h1")
    for language in ("en", "zh"):
        for name in LESSONS:
            page.get_by_text(wording(name)["question"][language]).wait_for()
        page.click(".sdc-language")
    unharmed(page)


def test_the_front_page_leads_to_a_lesson(page, pages):
    page.goto(pages + file_of("start_here"))
    page.get_by_role("link", name=wording("upgrading_cycle")["title"]["en"]).click()
    page.wait_for_selector(".sdc-handle")
    assert page.url == pages + file_of("upgrading_cycle")


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_as_a_page(page, pages, name):
    page.goto(pages + file_of(name))
    do_lesson(page, name)
    every_control_is_named_and_reached_by_tab(page)
    it_can_be_read(page)
    unharmed(page)


def test_the_first_lesson_in_jupyterlab(page, work, env):
    port = free_port()
    line = command(work / "notebooks" / "01_cluster.ipynb", editor=True, port=port, browser=False)
    line += ["--ServerApp.token=", "--ServerApp.password=", "--allow-root"]
    line += ["--LabApp.expose_app_in_browser=True"]
    with serving(line, env, f"http://127.0.0.1:{port}/", work / "lab.log") as url:
        page.goto(url + "lab/tree/notebooks/01_cluster.ipynb?reset")
        page.wait_for_function("() => window.jupyterapp?.shell.currentWidget?.content?.activeCell")
        page.wait_for_function(
            "() => jupyterapp.shell.currentWidget.sessionContext?.session?.kernel"
        )
        assert page.get_by_text("Run All Cells", exact=False).count() > 0, "how to run it is told"
        page.evaluate("() => void jupyterapp.commands.execute('notebook:run-all-cells')")
        do_lesson(page, "cluster")
        assert page.get_by_text("Jupyter news").count() == 0
    assert foreign(page) == []
    assert page.thrown == []


def unharmed(page) -> None:
    assert foreign(page) == []
    assert page.wrong == []


def do_lesson(page, name: str) -> None:
    """Do a lesson; those of odd number commit and answer with the mouse, the others with the keyboard."""
    by_mouse = wording(name)["number"] % 2 == 1
    page.wait_for_selector(".sdc-card h1")
    assert page.locator(f"{LAB}[data-ready]").count() == 0, (
        "a run that is seen is no longer predicted"
    )
    predict(page, by_mouse)
    turn_a_slider(page, name)
    answer_all(page, name, by_mouse)
    change_language(page)


def predict(page, by_mouse: bool) -> None:
    commit = page.locator(".sdc-commit")
    assert commit.is_disabled()
    if page.locator(".sdc-handle").count():
        draw(page)
    elif by_mouse:
        page.locator(".sdc-options label").nth(1).click()
    else:
        page.locator(".sdc-options input").first.focus()
        page.keyboard.press("Space")
        page.keyboard.press("ArrowDown")
    if by_mouse:
        commit.click()
    else:
        commit.focus()
        page.keyboard.press("Enter")
        focused = page.evaluate("() => document.activeElement.className")
        assert focused == "sdc-said", "the keyboard goes on from the verdict"
    page.wait_for_selector(f"{LAB}[data-ready]")
    said = page.locator('[data-kind="prediction"] .sdc-said')
    assert re.match("Your curve|The model (agrees|says)", said.inner_text())
    assert page.locator(".sdc-plot").get_attribute("aria-label").count(" in year ") >= 2
    assert commit.count() == 0
    locked = page.locator('.sdc-handle[role="slider"], [data-kind="prediction"] input:enabled')
    assert locked.count() == 0


def draw(page) -> None:
    """Move the first point with the keyboard and the last one with the mouse."""
    first, last = page.locator(".sdc-handle").first, page.locator(".sdc-handle").last
    value = lambda handle: float(handle.get_attribute("aria-valuenow"))  # noqa: E731
    before = value(first), value(last)
    first.focus()
    page.keyboard.press("ArrowUp")
    last.scroll_into_view_if_needed()
    box = last.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] - 50, steps=4)
    page.mouse.up()
    assert value(first) > before[0]
    assert value(last) > before[1]


def turn_a_slider(page, name: str) -> None:
    """Move the first slider; the others stay as in the model, and the curves are those of a run with it."""
    slider = page.locator(f"{LAB} .slider input[data-name]").first
    slider.scroll_into_view_if_needed()
    share = slider.evaluate("(e) => (e.value - e.min) / (e.max - e.min)")
    slider.press("PageUp" if share < 0.5 else "PageDown")
    constant = slider.get_attribute("data-name")
    page.wait_for_function(f"(name) => Object.keys({SETTINGS}).join() === name", arg=constant)
    value = page.evaluate(f"(name) => {SETTINGS}[name]", constant)
    assert value == pytest.approx(float(slider.evaluate("(e) => e.value")))
    assert value != course(name).model[constant].value


def answer_all(page, name: str, by_mouse: bool) -> None:
    """Answer every exercise, first wrong, then right."""
    made = course(name)
    for place, entry in enumerate(made.table["exercise"]):
        card = page.locator('[data-kind="exercise"]').nth(place)
        right = made.solve(entry)
        wrong = (right + 1) % len(entry["option"]) if "option" in entry else 3 * right + 1
        for answer, verdict in ((wrong, "other|high"), (right, "right")):
            if "option" in entry:
                card.locator("input").nth(int(answer)).check()
            else:
                card.locator("input").fill(f"{answer:.4g}")
            if by_mouse:
                card.locator(".sdc-check").click()
            else:
                card.locator("input").first.press("Enter")
            expected = ", ".join(f'.sdc-said[data-verdict="{v}"]' for v in verdict.split("|"))
            card.locator(expected).wait_for()
            where = page.evaluate("() => document.activeElement.dataset.key")
            assert where == ("check" if by_mouse else "answer")
        assert card.locator(".sdc-said").inner_text().startswith("Right")


def change_language(page) -> None:
    """Change to Chinese and back: all of it changes, and nothing that was done is lost."""
    before = page.evaluate(STATE)
    for language, tag in (("zh", "zh-CN"), ("en", "en")):
        page.locator(".sdc-card .sdc-language").first.click()
        page.wait_for_function(
            f"""([language, tag]) => document.querySelector("{LAB}").shadowRoot.querySelector("section").lang === tag
               && [...document.querySelectorAll(".sdc-card")].every((e) => e.lang === language)""",
            arg=[language, tag],
        )
        assert page.evaluate(STATE) == before
        for text in page.locator(".sdc-card h1, .sdc-card h2").all_text_contents():
            assert bool(re.search("[一-鿿]", text)) == (language == "zh"), text


def it_can_be_read(page) -> None:
    """In a classroom and on a telephone: no text of the prediction's chart is small."""
    for width in (1366, 1000, 420):
        page.set_viewport_size({"width": width, "height": 768})
        page.wait_for_function(READABLE, arg=width)


def every_control_is_named_and_reached_by_tab(page) -> None:
    names = page.evaluate(STOPS)
    assert len(names) > 10
    assert all(name.strip() for name in names), names
    page.evaluate("() => { document.activeElement.blur(); window.scrollTo(0, 0); }")
    page.locator(".sdc-language").first.focus()
    reached = set(page.evaluate(REACHED))
    for _ in range(len(names) + 10):  # parts that scroll are stops, too
        page.keyboard.press("Tab")
        reached |= set(page.evaluate(REACHED))
    assert reached >= set(range(len(names))), [n for i, n in enumerate(names) if i not in reached]
