"""The diagram in a browser: keyboard, pointer, time, feedback loops, screen readers, a phone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import sdcluster
from tests.publish.pages import AXE, SESSION

pytestmark = pytest.mark.browser
FIRMS = Path(__file__).resolve().parents[2] / "models" / "wenzhou_firms"
FOCUSED = "document.activeElement.getAttribute('aria-label')"
CHOICE = f"{SESSION}.diagram.value"


@pytest.fixture(scope="module")
def firms(front_end: None, tmp_path_factory: pytest.TempPathFactory) -> str:
    return sdcluster.publish(FIRMS, tmp_path_factory.mktemp("page") / "firms.html").as_uri()


def shown(page: Any, what: str = "Diagram") -> None:
    page.get_by_role("button", name=what, exact=True).click()
    page.locator(".stage .symbol").first.wait_for(state="attached")


def at(page: Any, time: float) -> None:
    page.evaluate(f"(time) => {{ {SESSION}.cursor.value = time; }}", time)


def test_symbols_are_walked_by_arrow_keys_and_told_with_value_and_time(open_page, firms):
    page = open_page(firms)
    shown(page)
    at(page, 2000)
    page.locator('.symbol[tabindex="0"]').focus()
    seen = set()
    for key in ["End", "Home", "ArrowDown", "ArrowRight", "PageDown", "PageDown", "ArrowUp"]:
        page.keyboard.press(key)
        seen.add(page.evaluate(FOCUSED))
    assert len(seen) >= 5
    assert page.locator('.symbol[tabindex="0"]').count() == 1
    labels = page.evaluate("""() => {
        const named = () => document.activeElement.getAttribute('aria-label');
        return [...document.querySelectorAll('.symbol')].map(() => {
            document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'PageDown', bubbles: true }));
            return named();
        });
    }""")
    assert any(
        label.startswith("stock firms, ") and label.endswith("at year 2000") for label in labels
    )
    places = {v["name"] for v in page.evaluate(f"{SESSION}.description.variables")}
    assert len(set(labels)) == len(places)


def test_enter_tells_all_of_a_symbol_and_a_loop_lights_up_and_stands_in_the_link(open_page, firms):
    page = open_page(firms)
    shown(page)
    stock = page.locator(".symbol.stock[aria-label^='stock firms,']")
    stock.focus()
    page.keyboard.press("Enter")
    card = page.get_by_role("complementary", name="About firms")
    assert "d firms / dt = entry − exit" in card.inner_text().replace("-", "−")
    assert "exit (−)" in card.inner_text()
    assert card.locator(".spark path").count() > 0
    assert page.locator(".stage .arrow.lit").count() > 0
    loop = card.locator(".loops button").first
    loop.press("Enter")
    assert loop.get_attribute("aria-pressed") == "true"
    names = page.evaluate(f"{CHOICE}.loop.map((i) => {SESSION}.description.variables[i].name)")
    assert names[0] == "firms"
    lit = page.locator(".symbol.lit").evaluate_all("(all) => all.map((e) => e.ariaLabel)")
    assert all(any(f" {name}, " in label for label in lit) for name in names)
    page.wait_for_function(f"() => location.hash.slice(1) === {SESSION}.hash")
    choice = page.evaluate(CHOICE)
    page.reload()
    page.wait_for_selector("#laboratory[data-ready]")
    assert page.evaluate(CHOICE) == choice
    assert page.locator(".stage .symbol.selected").count() > 0
    assert page.wrong == []


def test_levels_and_streams_follow_the_time(open_page, firms):
    page = open_page(firms)
    shown(page)
    heights = []
    for time in (1988, 1993):
        at(page, time)
        fill = page.locator(".symbol.stock[aria-label^='stock firms,'] .fill").first
        heights.append(float(fill.get_attribute("height")))
    assert heights[1] > heights[0] > 0
    slider = page.get_by_role("slider", name="Time of the diagram")
    slider.press("Home")
    assert slider.get_attribute("aria-valuetext") == "year 1988"
    before = page.locator(".marks").first.get_attribute("stroke-dashoffset")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function(f"() => {SESSION}.cursor.value > 1989")
    page.get_by_role("button", name="Pause").click()
    assert page.locator(".marks").first.get_attribute("stroke-dashoffset") != before


def test_zoom_keeps_what_is_under_the_pointer_and_show_all_brings_everything_back(open_page, firms):
    page = open_page(firms)
    shown(page)
    symbol = page.locator(".symbol.stock .edge").first
    box = symbol.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -300)
    page.keyboard.up("Control")
    page.wait_for_function(
        "(w) => document.querySelector('.symbol.stock .edge').getBoundingClientRect().width > 1.5 * w",
        arg=box["width"],
    )
    larger = symbol.bounding_box()
    assert abs(larger["x"] + larger["width"] / 2 - x) < 2
    assert abs(larger["y"] + larger["height"] / 2 - y) < 2
    page.get_by_role("button", name="Show all").click()
    assert symbol.bounding_box()["width"] == pytest.approx(box["width"], abs=0.5)


def test_axe_finds_nothing_in_the_diagram_its_card_and_its_table(open_page, firms):
    page = open_page(firms, bypass_csp=True)
    page.add_script_tag(path=str(AXE))
    shown(page, "Both")
    page.locator(".symbol.stock").first.focus()
    page.keyboard.press("Enter")
    page.locator(".loops button").first.wait_for()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert_sound(page)
    page.locator(".diagram").get_by_role("button", name="Table").click()
    assert_sound(page)


def assert_sound(page: Any) -> None:
    found = page.evaluate("async () => (await axe.run('.diagram')).violations")
    assert [(v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in found] == []


def test_on_a_phone_two_fingers_zoom_and_the_page_stays_as_wide_as_the_screen(open_page, firms):
    page = open_page(firms, 390, 844, has_touch=True, is_mobile=True)
    shown(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    before = page.locator(".symbol.stock .edge").first.bounding_box()["width"]
    page.evaluate("""() => {
        const svg = document.querySelector('.stage svg');
        const { left, top } = svg.getBoundingClientRect();
        const fire = (type, pointerId, x) => svg.dispatchEvent(new PointerEvent(type, { pointerId, bubbles: true,
            pointerType: 'touch', isPrimary: pointerId === 1, clientX: left + x, clientY: top + 80 }));
        svg.setPointerCapture = () => {};
        fire('pointerdown', 1, 150); fire('pointerdown', 2, 170);
        for (let i = 1; i < 9; i++) { fire('pointermove', 1, 150 - 10 * i); fire('pointermove', 2, 170 + 10 * i); }
        fire('pointerup', 1, 70); fire('pointerup', 2, 250);
    }""")
    assert page.locator(".symbol.stock .edge").first.bounding_box()["width"] > 2 * before
    page.get_by_role("button", name="Show all").click()
    page.locator(".symbol.stock .edge").first.tap()
    card = page.locator(".card")
    card.wait_for()
    box = card.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
