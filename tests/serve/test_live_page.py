"""An open laboratory follows its model's file, whatever way the file is saved."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import sdcluster
from tests.browser import pages
from tests.publish.pages import SESSION
from tests.served import POPULATION, Server

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(server: Server, browser: Any) -> Iterator[Any]:
    """Yield the page of the served model."""
    with pages(browser) as opened:
        page = opened(server.address)
        yield page
    assert page.wrong == []


def renewed(page: Any, act: Callable[[], Any]) -> None:
    """Do something, and wait until the page shows another version of the model."""
    before = page.evaluate("document.querySelector('#laboratory').dataset.version")
    act()
    page.wait_for_function(
        "(before) => document.querySelector('#laboratory').dataset.version !== before", arg=before
    )


def last(page: Any, name: str = "Population") -> float:
    """Return the last value of a curve; a change of settings is run before the next frame."""
    page.evaluate(
        "() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))"
    )
    return page.evaluate(f"(name) => {SESSION}.results.value.now.values[name].at(-1)", name)


def write(server: Server, text: str, name: str = "population.mdl") -> None:
    (server.folder / name).write_text(text, encoding="utf-8")


def test_a_saved_file_changes_the_curves_and_keeps_settings_and_undo(page: Any, server: Server):
    page.evaluate(f"{SESSION}.update((s) => ({{ ...s, values: {{ 'birth rate': 0.05 }} }}))")
    page.evaluate(
        f"{SESSION}.update((s) => ({{ ...s, kept: [{{ name: 'a', values: {{ lifetime: 50 }}, plan: '' }}] }}))"
    )
    page.evaluate(f"{SESSION}.update((s) => ({{ ...s, values: {{ ...s.values, lifetime: 60 }} }}))")
    before = last(page)
    renewed(page, lambda: write(server, POPULATION.replace("1000)", "2000)")))
    assert page.evaluate(f"{SESSION}.state.value.values") == {"birth rate": 0.05, "lifetime": 60}
    assert last(page) == pytest.approx(2 * before)
    assert page.evaluate(f"{SESSION}.state.value.kept[0].values") == {"lifetime": 50}
    page.keyboard.press("Control+z")
    assert page.evaluate(f"{SESSION}.state.value.values") == {"birth rate": 0.05}


def test_an_error_is_shown_in_place_and_the_last_version_stays_usable(page: Any, server: Server):
    before = last(page)
    write(server, POPULATION.replace("Population / lifetime", "Population / lifetme"))
    shown = page.locator(".live.problem")
    shown.wait_for()
    text = shown.inner_text()
    assert "population.mdl, line 4" in text
    assert "deaths" in text
    assert 'did you mean "lifetime"' in text
    assert last(page) == before
    page.get_by_role("slider", name="lifetime, slider").press("End")
    page.wait_for_function(
        f"(before) => {SESSION}.results.value.now.values.Population.at(-1) !== before", arg=before
    )
    page.keyboard.press("Control+z")
    renewed(page, lambda: write(server, POPULATION))
    shown.wait_for(state="detached")


BROKEN = {
    "no right side": ("Population / lifetime", "Population / ", 'understood at "/"', 4),
    "a cycle": ("birth rate * Population", "deaths / 2", "each other in a cycle", 2),
    "a second equation": ("lifetime = 70", "birth rate = 70", "second equation", 5),
    "no time step": ("TIME STEP = 0.25", "TIME STEP = 0", "must be above 0", 9),
    "a missing argument": ("Population / lifetime", "MAX(Population)", "MAX takes 2 arguments", 4),
    "no equation at all": (POPULATION, "", "the file is empty", None),
}


def test_each_kind_of_error_is_shown_in_place_and_settings_are_kept(page: Any, server: Server):
    page.evaluate(f"{SESSION}.update((s) => ({{ ...s, values: {{ 'birth rate': 0.05 }} }}))")
    before = last(page)
    for kind, (old, new, said, line) in BROKEN.items():
        text = POPULATION.replace(old, new)
        if kind == "a cycle":
            text = text.replace("Population / lifetime", "births + lifetime")
        write(server, text)
        shown = page.locator(".live.problem", has_text=said)
        shown.wait_for()
        place = f"population.mdl, line {line}" if line else "population.mdl"
        assert place in shown.inner_text(), kind
        assert str(server.folder) not in shown.inner_text()
        assert last(page) == before
    # This one can be read; that it does not run is said where the curves are.
    renewed(
        page, lambda: write(server, POPULATION.replace("/ lifetime", "/ (lifetime - lifetime)"))
    )
    page.get_by_text("The run stops").wait_for()
    assert last(page) == before
    renewed(page, lambda: write(server, POPULATION))
    page.locator(".live.problem").wait_for(state="detached")
    assert page.evaluate(f"{SESSION}.state.value.values") == {"birth rate": 0.05}
    assert last(page) == before
    page.keyboard.press("Control+z")


def test_what_a_renamed_variable_loses_is_said(page: Any, server: Server):
    page.evaluate(
        f"{SESSION}.update((s) => ({{ ...s, values: {{ lifetime: 60, 'birth rate': 0.05 }} }}))"
    )
    page.wait_for_function(f"() => location.hash.slice(1) === {SESSION}.hash")
    link = page.url
    renewed(page, lambda: write(server, POPULATION.replace("lifetime", "span of life")))
    said = page.get_by_role("status").get_by_text("does not have it: “lifetime”.")
    said.wait_for()
    assert page.evaluate(f"{SESSION}.state.value.values") == {"birth rate": 0.05}
    page.get_by_role("status").get_by_role("button", name="Close").click()
    said.wait_for(state="detached")
    page.goto("about:blank")
    page.goto(link)
    said.wait_for()
    assert page.evaluate(f"{SESSION}.state.value.values") == {"birth rate": 0.05}
    page.get_by_role("status").get_by_role("button", name="Close").click()
    renewed(page, lambda: write(server, POPULATION))
    page.evaluate(f"{SESSION}.update((s) => ({{ ...s, values: {{}} }}))")


def test_a_file_that_takes_the_place_of_the_old_one_is_noticed(page: Any, server: Server):
    before = last(page)
    temporary = server.folder / ".population.mdl.swp"
    temporary.write_text(POPULATION.replace("1000)", "3000)"), encoding="utf-8")
    renewed(page, lambda: os.replace(temporary, server.folder / "population.mdl"))
    assert last(page) == pytest.approx(3 * before)


def test_charts_of_lab_toml_appear_when_it_is_saved_and_a_setting_that_is_gone_is_left_out(
    page: Any, server: Server
):
    page.evaluate(f"{SESSION}.update((s) => ({{ ...s, values: {{ lifetime: 60 }} }}))")
    arranged = '[[chart]]\ntitle = "Flows"\nlines = ["births", "deaths"]\n'
    renewed(page, lambda: write(server, arranged, "lab.toml"))
    page.get_by_text("Flows").first.wait_for()
    other = POPULATION.replace("lifetime", "span of life")
    renewed(page, lambda: write(server, other))
    assert page.evaluate(f"{SESSION}.state.value.values") == {}
    renewed(page, lambda: write(server, POPULATION))


def test_another_equation_is_tried_undone_and_saved_and_the_file_stays(page: Any, server: Server):
    before, content = last(page), (server.folder / "population.mdl").read_bytes()
    page.evaluate(
        f"{SESSION}.update((s) => ({{ ...s, kept: [{{ name: 'file', values: {{}}, plan: '' }}] }}))"
    )
    page.get_by_title("About birth rate").first.click()
    page.get_by_role("dialog").get_by_role("button", name="births").click()
    field = page.get_by_role("textbox", name="Right side of births")
    assert field.input_value() == "birth rate * Population"
    field.fill("birth rte * 2")
    page.locator(".verdict.bad").get_by_text("did you mean").wait_for()
    field.fill("birth rate * Population / 2")
    page.get_by_text("This can be computed.").wait_for()
    renewed(page, lambda: field.press("Enter"))
    changed = last(page)
    assert changed < before
    assert (
        page.evaluate(f"{SESSION}.results.value.kept[0].curves.values.Population.at(-1)") == before
    )
    field = page.get_by_role("textbox", name="Right side of births")
    assert field.input_value() == "birth rate * Population / 2"
    page.wait_for_function("() => document.activeElement.tagName === 'TEXTAREA'")
    page.keyboard.press("Escape")
    with page.expect_download() as started:
        page.get_by_role("button", name="Save as a new file").click()
    saved = server.folder / "saved.mdl"
    started.value.save_as(saved)
    assert started.value.suggested_filename == "population (edited).mdl"
    assert saved.read_text() == POPULATION.replace(
        "birth rate * Population ~", "birth rate * Population / 2 ~"
    )
    ds = sdcluster.simulate(sdcluster.load(saved))
    assert float(ds["Population"][-1]) == pytest.approx(changed, rel=1e-12)
    page.wait_for_function(f"() => location.hash.slice(1) === {SESSION}.hash")
    page.reload()
    page.wait_for_function(f"() => Object.keys({SESSION}?.equations ?? {{}}).length === 1")
    assert last(page) == changed
    renewed(page, lambda: page.get_by_role("button", name="All as in the file").click())
    assert last(page) == before
    renewed(page, lambda: page.keyboard.press("Control+z"))
    assert last(page) == changed
    renewed(page, lambda: page.keyboard.press("Control+y"))
    assert last(page) == before
    assert (server.folder / "population.mdl").read_bytes() == content


RICH = POPULATION.replace(
    "Population = INTEG(births - deaths, 1000)",
    """crowding((0,1),(1000,0.5),(10000,0.1)) ~ ~ |
effect = crowding(Population) ~ ~ |
Region: north, south ~ ~ |
share[Region] = 0.5 * Population ~ Person ~ |
Population = INTEG(births - deaths, 1000)""",
)


def opened(page: Any, *path: str) -> None:
    """Show what is known of a variable, by way of its causes and uses."""
    page.keyboard.press("Escape")
    page.get_by_title("About birth rate").first.click()
    for name in ("births", "Population", *path):
        page.get_by_role("dialog").locator(".links").get_by_role(
            "button", name=name, exact=True
        ).first.click()


def changed(page: Any, label: str, text: str) -> None:
    field = page.get_by_role("textbox", name=f"Right side of {label}", exact=True)
    field.fill(text)
    apply(page, field)


def apply(page: Any, field: Any) -> None:
    """Press Enter in a field, and wait until its dialog stands again in the new version."""
    renewed(page, lambda: field.press("Enter"))
    page.wait_for_function("() => document.activeElement.tagName === 'TEXTAREA'")


def test_stocks_lookups_and_elements_are_tried_and_saved_in_the_format_of_the_file(
    page: Any, server: Server
):
    renewed(page, lambda: write(server, RICH))
    own = last(page)
    opened(page)
    changed(page, "Population (0)", "2000")
    assert last(page) == pytest.approx(2 * own)
    changed(page, "d Population / dt", "births - 2 * deaths")
    opened(page, "effect", "crowding")
    field = page.get_by_role("textbox", name="Right side of crowding(·)", exact=True)
    assert field.input_value() == "(0,1),(1000,0.5),(10000,0.1)"
    circle = page.locator(".points circle").nth(2)
    circle.scroll_into_view_if_needed()
    box = circle.bounding_box()
    page.mouse.move(box["x"] + 4, box["y"] + 4)
    page.mouse.down()
    page.mouse.move(box["x"] + 4, box["y"] - 30)
    page.mouse.up()
    text = field.input_value()
    assert text.startswith("(0,1),(1000,0.5),(10000, 0.")
    assert text != "(0,1),(1000,0.5),(10000, 0.1)"
    apply(page, field)
    opened(page, "share")
    page.get_by_role("combobox", name="An equation of its own").select_option(label="share[north]")
    changed(page, "share[north]", "7")
    assert last(page, "share[north]") == 7
    assert last(page, "share[south]") == pytest.approx(0.5 * last(page))
    page.keyboard.press("Escape")
    with page.expect_download() as started:
        page.get_by_role("button", name="Save as a new file").click()
    saved = server.folder / "rich.mdl"
    started.value.save_as(saved)
    ds = sdcluster.simulate(sdcluster.load(saved))
    assert float(ds["Population"][-1]) == last(page)
    assert float(ds["share"].sel(Region="north")[-1]) == 7
    for _ in range(4):
        renewed(page, lambda: page.keyboard.press("Control+z"))
    assert last(page) == own
    saved.unlink()
    renewed(page, lambda: write(server, POPULATION))
