"""The laboratory in a real browser, alone on a page: with a mouse, a keyboard and no internet."""

from __future__ import annotations

import re
from contextlib import contextmanager

import nbformat
import pytest
from conftest import foreign, serving

from sdcluster.lab.page import command, free_port

pytestmark = pytest.mark.browser

CHART = ".sdc-chart .sdc-canvas canvas:first-child"
PIXELS = (
    """(selector) => [...document.querySelectorAll(selector)].map((c) => c.toDataURL()).join()"""
)
SETTLED = """() => document.querySelector(".sdc-lab")?.dataset.settled === "true" """


@pytest.fixture(scope="module")
def voila(work, env):
    with page_of(
        'from sdcluster.lab import Lesson\n\nLesson("../models/cluster")', work, env
    ) as url:
        yield url


@contextmanager
def page_of(code, work, env):
    """Serve a notebook of one cell as a page."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code, id="a")])
    path = work / "notebooks" / f"alone-{abs(hash(code))}.ipynb"
    nbformat.write(notebook, path)
    port = free_port()
    line = command(path, port=port, browser=False)
    with serving(line, env, f"http://127.0.0.1:{port}/", path.with_suffix(".log")) as url:
        yield url


def open_page(page, url):
    page.goto(url)
    page.wait_for_selector(".sdc-lab[data-drawn]")
    return pixels(page)


def pixels(page) -> str:
    return page.evaluate(PIXELS, CHART)


def changed(page, before: str) -> str:
    """Wait until the curves look different and no answer is under way; return the new pixels."""
    page.wait_for_function(
        f"([selector, old]) => ({PIXELS})(selector) !== old", arg=[CHART, before]
    )
    page.wait_for_function(SETTLED)
    return pixels(page)


def drag(page, name: str, share: float) -> None:
    """Take the slider's thumb with the mouse and move it to `share` of its track, in steps."""
    slider = page.locator(f'.sdc-slider input[data-name="{name}"]')
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    now = slider.evaluate("(e) => (e.value - e.min) / (e.max - e.min)")
    middle = box["y"] + box["height"] / 2
    at = lambda s: box["x"] + 8 + s * (box["width"] - 16)  # noqa: E731
    page.mouse.move(at(now), middle)
    page.mouse.down()
    page.mouse.move(at(share), middle, steps=12)
    page.mouse.up()


def explore(page, first: str) -> None:
    """Drag, switch language, press a scenario, reset: what every lesson page must do."""
    drag(page, "openness", 0.1)
    dragged = changed(page, first)
    assert abs(float(page.locator(".sdc-slider output").first.inner_text()) - 0.1) < 0.03

    page.click(".sdc-language")
    page.wait_for_function("() => document.querySelector('.sdc-reset').textContent === '全部重置'")
    assert page.locator(".sdc-slider label").first.inner_text() == "开放度"
    assert re.search("[一-鿿]", page.locator(".sdc-story").inner_text())
    changed(page, dragged)
    page.click(".sdc-language")
    page.wait_for_function("() => document.querySelector('.sdc-reset').textContent === 'Reset all'")

    before = pixels(page)
    page.click('[data-scenario="closed"]')
    changed(page, before)
    page.wait_for_function(
        "() => document.querySelector('.sdc-story').textContent.startsWith('Decline')"
    )
    assert page.get_attribute('[data-scenario="closed"]', "aria-pressed") == "true"

    page.click(".sdc-reset")
    page.wait_for_function(f"([s, first]) => ({PIXELS})(s) === first", arg=[CHART, first])
    assert page.locator(".sdc-story").inner_text().startswith("Cycle")
    assert page.locator(".sdc-slider output").first.inner_text() == "0.50"


def test_lesson_as_a_page_without_the_internet(page, voila):
    first = open_page(page, voila)
    explore(page, first)
    assert foreign(page) == []
    assert page.wrong == page.complaints == []


def test_keyboard_moves_sliders_and_cross_hair(page, voila):
    first = open_page(page, voila)
    page.focus('.sdc-slider input[data-name="policy"]')
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    changed(page, first)
    assert page.get_attribute('.sdc-slider input[data-name="policy"]', "aria-valuetext") == "0.35"
    layers = ".sdc-canvas canvas:last-child"
    empty = page.evaluate(PIXELS, layers)
    page.focus(CHART)
    page.keyboard.press("PageUp")
    page.wait_for_function(f"([s, old]) => ({PIXELS})(s) !== old", arg=[layers, empty])
    assert page.locator(CHART).first.get_attribute("aria-label").startswith("year 10; ")
    page.focus(".sdc-reset")
    assert page.locator(CHART).first.get_attribute("aria-label").startswith("Leaders")
    told = page.locator(CHART).nth(1).get_attribute("aria-label")
    assert page.locator(".sdc-story p").first.inner_text().split(". ", 1)[1] in told


def test_pinned_run_stays_as_the_grey_line(page, voila):
    first = open_page(page, voila)
    page.click(".sdc-pin")
    page.wait_for_function(
        "() => document.querySelector('.sdc-pin').getAttribute('aria-pressed') === 'true'"
    )
    assert page.locator(".sdc-key").inner_text() == "grey: the pinned run"
    page.click('[data-scenario="closed"]')
    with_pin = changed(page, first)
    page.click(".sdc-pin")
    assert page.locator(".sdc-key").inner_text() == "grey: default policy"
    assert with_pin


FITS = """(width) => innerWidth === width
    && [...document.querySelectorAll(".sdc-canvas")].every((box) => {
        const { width, height } = box.getBoundingClientRect();
        const canvas = box.querySelector("canvas");
        const fits = Math.abs(canvas.width - width * devicePixelRatio) <= 1;
        return fits && width > 150 && height > 100;
    })
    && [...document.querySelectorAll(".sdc-lab *")].every((e) =>
        e.getBoundingClientRect().right <= innerWidth + 1)"""


def test_charts_fit_narrow_and_wide_windows(page, voila):
    open_page(page, voila)
    for width in (420, 800, 1366, 1920):
        page.set_viewport_size({"width": width, "height": 900})
        # A window takes its new size in steps of its own: the state is awaited whole, not read in parts.
        page.wait_for_function(FITS, arg=width)


def test_python_error_is_a_sentence_and_the_last_picture_stays(page, work, env):
    with page_of("import standin\nstandin.lesson()", work, env) as url:
        first = open_page(page, url)
        drag(page, "openness", 1.0)
        page.wait_for_selector(".sdc-error:not([hidden])")
        assert "refuses openness" in page.locator(".sdc-error").inner_text()
        last = pixels(page)
        assert last.count("data:") == first.count("data:")
        page.click(".sdc-reset")
        page.wait_for_selector(".sdc-error", state="hidden")


def test_a_missing_model_is_told_on_the_page(page, work, env):
    """A laboratory whose model is not there shows a sentence, not an empty page."""
    with page_of('from sdcluster.lab import Lesson\n\nLesson("../models/gone")', work, env) as url:
        page.goto(url)
        page.get_by_text("gone").first.wait_for()
