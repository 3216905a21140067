"""A published laboratory in a browser: the same bits, no request, everything by keyboard, nothing of a model runs."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import sdcluster
from sdcluster.project.scenarios_file import load_scenarios
from tests.publish.hostile import HOSTILE, NAME, TAG
from tests.publish.pages import AXE, CURVES, ROOT, SESSION, drawn, last, violations
from tests.publish.test_program import PARTIAL

pytestmark = pytest.mark.browser
CLUSTER = ROOT / "models" / "cluster"


@pytest.fixture(scope="module")
def cluster(front_end: None, tmp_path_factory: pytest.TempPathFactory) -> str:
    return sdcluster.publish(CLUSTER, tmp_path_factory.mktemp("page") / "cluster.html").as_uri()


def test_every_stored_value_has_the_bits_of_python(open_page, cluster):
    page = open_page(cluster)
    simulator = sdcluster.Simulator(CLUSTER, backend="native")
    time, values = page.evaluate(CURVES, list(simulator.names))
    assert np.array_equal(time, simulator.time)
    assert np.array_equal(values, simulator.run())
    slider = page.locator('input[data-name="openness"]')
    drawn(page, lambda: slider.press("ArrowRight"))
    _, values = page.evaluate(CURVES, list(simulator.names))
    assert np.array_equal(values, simulator.run({"openness": 0.51}))


def test_scenarios_with_changes_on_the_way_have_the_bits_of_python(open_page, cluster):
    page = open_page(cluster)
    for name in ("rescue_in_year_20", "more_open_from_a_locked_start", "closed"):
        drawn(page, lambda name=name: page.select_option(".scenario select", name))
        simulator = sdcluster.Simulator(CLUSTER, name, backend="native")
        time, values = page.evaluate(CURVES, list(simulator.names))
        assert np.array_equal(time, simulator.time)
        assert np.array_equal(values, simulator.run())


DRAWN = """(drawn) => {
    const session = document.querySelector("#laboratory").session;
    session.update((state) => ({ ...state, drawn }));
}"""
DERIVED = """{UTF-8}
Region: north, south ~~|
rate[Region] = 0.1, 0.2 ~ 1/year [0, 1] ~|
double[Region] = 2 * rate[Region] ~ 1/year ~|
start = 10 * rate[north] ~ unit ~|
stock[Region] = INTEG(late[Region] * double[Region] - stock[Region], start) ~ unit ~|
late[Region] = DELAY FIXED(stock[Region] + PULSE(2, 3), 4, 1) ~ unit ~|
horizon = 30 ~ year ~|
INITIAL TIME = 0.3 ~ year ~|
FINAL TIME = horizon ~ year ~|
TIME STEP = 0.1 ~ year ~|
SAVEPER = 0.7 ~ year ~|
"""


def test_what_is_drawn_over_time_has_the_bits_of_python(open_page, cluster, tmp_path):
    page = open_page(cluster)
    page.get_by_role("button", name="Change openness over time").click()
    box = page.locator(".over-time svg").bounding_box()
    x, y = box["x"], box["y"]
    page.mouse.move(x + 70, y + 20)
    page.mouse.down()
    for dx, dy in ((72, 40), (100, 60), (140, 50)):
        drawn(page, lambda dx=dx, dy=dy: page.mouse.move(x + dx, y + dy))
    page.mouse.up()
    drawn(page, page.get_by_role("button", name="Add a point").click)
    last_value = page.locator(".over-time .number").last
    last_value.fill("0.9")
    drawn(page, lambda: last_value.press("Enter"))
    policy = {"form": "line", "points": [[10, 0.3], [30.02, 0.7]]}
    drawn(
        page,
        lambda: page.evaluate(
            f"(policy) => ({DRAWN})({{ ...{SESSION}.state.value.drawn, policy }})", policy
        ),
    )
    slider = page.get_by_role("slider", name="Closed until")
    drawn(page, lambda: slider.press("ArrowRight"))
    assert_same_run(page, CLUSTER, tmp_path)
    drawn(page, lambda: page.get_by_role("button", name="Reset", exact=True).click())
    drawn(page, lambda: page.keyboard.press("Control+z"))
    assert_same_run(page, CLUSTER, tmp_path)


def test_changes_of_constants_reach_what_is_derived_of_them(open_page, tmp_path):
    (tmp_path / "m.mdl").write_text(DERIVED)
    page = open_page(sdcluster.publish(tmp_path / "m.mdl", tmp_path / "m.html").as_uri())
    assert page.locator('input[data-name="horizon"]').count() == 0  # the page cannot run longer
    ways = {
        "rate[north]": {"form": "steps", "points": [[0.3, 0.6], [5.04, 0.2], [5.05, 0.4], [30, 1]]},
        "rate[south]": {"form": "line", "points": [[7, 0.9], [31, 0]]},
    }
    drawn(page, lambda: page.evaluate(DRAWN, ways))
    assert_same_run(page, tmp_path / "m.mdl", tmp_path)


def assert_same_run(page: Any, model: Path, folder: Path) -> None:
    """The page's run has the bits of Python's run of the scenario that the page gives."""
    page.locator(".tools summary").click()
    page.get_by_role("button", name="As a scenario").click()
    text = page.locator("dialog textarea").input_value()
    page.keyboard.press("Escape")
    path = folder / "scenarios.toml"
    path.write_text(text)
    (scenario,) = load_scenarios(path, sdcluster.load(model))
    assert scenario.changes
    simulator = sdcluster.Simulator(model, scenario, backend="native")
    time, values = page.evaluate(CURVES, list(simulator.names))
    assert np.array_equal(time, simulator.time)
    assert np.array_equal(values, simulator.run(), equal_nan=True)
    lab = sdcluster.explore(model, state=page.evaluate(f"{SESSION}.hash"))
    assert lab.scenario.settings == scenario.settings
    assert lab.scenario.changes == scenario.changes


def test_no_request_leaves_the_page_and_nothing_is_complained_of(open_page, cluster):
    page = open_page(cluster)
    drawn(page, lambda: page.select_option(".scenario select", "closed"))
    assert page.asked == [cluster]
    assert page.wrong == []


def test_a_slider_is_moved_typed_undone_and_reset_by_keyboard(open_page, cluster):
    page = open_page(cluster)
    before = last(page, "knowledge stock")
    slider = page.get_by_role("slider", name="openness, slider")
    drawn(page, lambda: slider.press("PageDown"))
    moved = last(page, "knowledge stock")
    assert moved != before
    drawn(page, lambda: page.keyboard.press("Control+z"))
    assert last(page, "knowledge stock") == before
    drawn(page, lambda: page.keyboard.press("Control+y"))
    assert last(page, "knowledge stock") == moved
    field = page.get_by_role("textbox", name="openness, value")
    field.fill("0,25")
    drawn(page, lambda: field.press("Enter"))
    assert page.evaluate(f"{SESSION}.state.value.values") == {"openness": 0.25}
    field.fill("much")
    field.press("Enter")
    assert field.get_attribute("aria-invalid") == "true"
    drawn(page, lambda: page.get_by_role("button", name="Reset openness").press("Enter"))
    assert last(page, "knowledge stock") == before


def test_no_slider_moves_away_when_its_setting_changes(open_page, cluster):
    page = open_page(cluster)
    places = """() => [...document.querySelectorAll(".slider input[type=range]")].map((i) => i.offsetTop)"""
    before = page.evaluate(places)
    page.get_by_role("slider", name="openness, slider").press("ArrowRight")
    page.get_by_role("button", name="Reset openness").wait_for()
    assert page.evaluate(places) == before


def test_a_reload_and_a_link_restore_everything(open_page, cluster):
    page = open_page(cluster)
    drawn(page, lambda: page.select_option(".scenario select", "closed"))
    drawn(page, lambda: page.get_by_role("button", name="Keep this run").click())
    drawn(page, lambda: page.locator('input[data-name="policy"]').press("End"))
    page.get_by_role("button", name="中文").click()
    page.wait_for_function("() => location.hash.length > 2")
    page.wait_for_function(f"() => location.hash.slice(1) === {SESSION}.hash")
    state = page.evaluate(f"JSON.stringify({SESSION}.state.value)")
    page.reload()
    page.wait_for_selector("#laboratory[data-ready]")
    assert page.evaluate(f"JSON.stringify({SESSION}.state.value)") == state
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    other = open_page(page.url)
    assert other.evaluate(f"JSON.stringify({SESSION}.state.value)") == state


def test_a_failed_run_names_the_variable_and_keeps_the_curves(open_page, tmp_path):
    (tmp_path / "m.xmile").write_text(HOSTILE)
    page = open_page(sdcluster.publish(tmp_path / "m.xmile", tmp_path / "m.html").as_uri())
    before = last(page, NAME)
    field = page.get_by_role("textbox", name="unity, value")
    field.fill("0")
    drawn(page, lambda: field.press("Enter"))
    assert (
        page.locator(".failure").inner_text().startswith(f"The run stops: {NAME} becomes infinite")
    )
    assert last(page, NAME) == before


DRAWN_IN_ITS_FRAME = """() => new Promise((resolve) => {
    const canvas = document.querySelector(".plot canvas");
    const before = canvas.toDataURL();
    document.querySelector("#laboratory").addEventListener("sdcluster:drawn",
        () => resolve(canvas.toDataURL() !== before), { once: true });
    const slider = document.querySelector('input[data-name="openness"]');
    slider.value = 0.9;
    slider.dispatchEvent(new Event("input"));
})"""
TOP_OF_CHARTS = "document.querySelector('.charts .grid').getBoundingClientRect().top"


def test_a_drag_draws_in_the_frame_of_its_run_and_the_charts_stay_where_they_are(
    open_page, cluster
):
    page = open_page(cluster)
    assert page.evaluate(DRAWN_IN_ITS_FRAME)
    page.wait_for_function(f"() => !{SESSION}.partial")
    tops, told = [], ""
    for value in (0.5, 0.05, 0.95, 0.3):
        page.evaluate(
            "(value) => { const slider = document.querySelector('input[data-name=\"openness\"]');"
            " slider.value = value; slider.dispatchEvent(new Event('input')); }",
            value,
        )
        story = page.wait_for_function(
            "(told) => { const now = document.querySelector('.story p').innerText; return now !== told && now; }",
            arg=told,
        )
        told = story.json_value()
        tops.append(page.evaluate(TOP_OF_CHARTS))
    assert tops == sorted(tops)


def test_an_element_without_an_equation_has_no_value(open_page, tmp_path):
    (tmp_path / "m.mdl").write_text(PARTIAL)
    page = open_page(sdcluster.publish(tmp_path / "m.mdl", tmp_path / "m.html").as_uri())
    _, (north, south) = page.evaluate(CURVES, ["price[north]", "price[south]"])
    assert north == [0, 5, 10]
    assert np.isnan(south).all()
    assert page.locator(".failure").count() == 0


def test_any_variable_gets_onto_a_chart_from_the_list(open_page, cluster):
    page = open_page(cluster)
    page.get_by_role("button", name="Add a chart").click()
    page.get_by_role("button", name="Choose curves…").last.click()
    page.keyboard.type("know ties")
    names = page.locator(".variables .name").all_inner_texts()
    assert names
    page.keyboard.press("Enter")
    heading = page.locator("article.chart h2").last
    assert heading.inner_text().startswith(names[0])
    page.get_by_role("searchbox").fill("gap")
    lines = f"() => {SESSION}.state.value.charts[0].lines"
    drag(page, page.locator(".variables .name").first, page.locator("article.chart").first)
    assert page.evaluate(lines)[-1] == "gap"
    drag(page, page.locator(".legend .name").last, page.locator("article.chart").first)
    assert page.evaluate(lines)[-1] == names[0]
    page.locator(".variables .name").first.click()
    count = page.locator("article.chart").count()
    drag(page, page.locator("dialog .grip"), page.locator(".add"))
    assert page.get_by_role("dialog").count() == 0
    assert page.locator("article.chart").count() == count + 1
    assert heading.inner_text().startswith("gap")


def drag(page: Any, source: Any, target: Any) -> None:
    target.scroll_into_view_if_needed()
    a, b = source.bounding_box(), target.bounding_box()
    page.mouse.move(a["x"] + 8, a["y"] + 8)
    page.mouse.down()
    page.mouse.move(b["x"] + b["width"] / 2, b["y"] + b["height"] / 2, steps=4)
    page.mouse.up()


def test_the_pointer_shows_values_in_all_charts(open_page, cluster):
    page = open_page(cluster)
    page.locator(".plot").first.hover()
    page.wait_for_function(f"() => {SESSION}.cursor.value !== null")
    time = page.evaluate(f"{SESSION}.cursor.value")
    whens = page.locator(".chart .when").all_inner_texts()
    assert len(whens) > 3
    assert len(set(whens)) == 1
    assert str(time).removesuffix(".0") in whens[0]


def test_on_a_phone_a_slider_and_its_curve_are_seen_together(open_page, cluster):
    page = open_page(cluster, 390, 844, has_touch=True, is_mobile=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    menu = page.locator(".tools .menu summary").bounding_box()
    assert menu["x"] + menu["width"] <= 390
    slider = page.locator('input[data-name="breeding share"]')
    slider.scroll_into_view_if_needed()
    handle, curve = slider.bounding_box(), page.locator(".plot").first.bounding_box()
    assert 0 <= curve["y"] < curve["y"] + curve["height"] <= handle["y"]
    assert handle["y"] + handle["height"] <= 844


STRIP = """() => {
    const [strip, ...parts] = [".strip", ".strip > *"].flatMap((found) => [...document.querySelectorAll(found)]);
    const box = strip.getBoundingClientRect();
    return parts.every((part) => {
        const { left, right, top, bottom } = part.getBoundingClientRect();
        return left >= box.left && right <= box.right + 0.5 && bottom - top < 40 && bottom - box.top < 40;
    });
}"""


@pytest.mark.parametrize("width", [1366, 1280, 1024, 390])
def test_the_tools_of_the_charts_are_one_line(open_page, cluster, width):
    page = open_page(cluster, width, 844)
    for language in ("en", "zh"):
        page.evaluate(f"(code) => {{ {SESSION}.language.value = code; }}", language)
        for unsure in (None, 0.3):
            page.evaluate(
                f"(unsure) => {SESSION}.update((state) => ({{ ...state, unsure: unsure ?? undefined }}))",
                unsure,
            )
            page.wait_for_function(f"() => {SESSION}.state.value.unsure == {unsure or 'null'}")
            assert page.evaluate(STRIP), (language, unsure)


def test_on_a_phone_the_menu_of_the_charts_holds_what_has_no_room(open_page, cluster):
    page = open_page(cluster, 390, 844, bypass_csp=True)
    page.add_script_tag(path=str(AXE))
    summary = page.locator(".strip .menu summary")
    for number in range(3):
        summary.press("Enter")
        drawn(page, lambda: page.get_by_role("button", name="Keep this run").press("Enter"))
        assert page.locator(".chips > *").count() == number + 1
    assert "after" in page.locator(".chips").get_attribute("class"), "it fades where there is more"
    summary.press("Enter")
    page.get_by_role("button", name="Zoom in").press("Enter")
    assert page.locator(".strip .menu").get_attribute("open") is not None
    assert violations(page) == []
    page.get_by_label("Show baseline").press("Space")
    assert page.evaluate(f"{SESSION}.state.value.ghost") is False
    page.get_by_role("button", name="Whole time").press("Enter")
    assert page.evaluate(f"{SESSION}.view.value") is None


def test_a_browser_without_what_unpacks_the_page_gets_a_sentence(open_page, cluster):
    page = open_page("about:blank", ready="")
    page.add_init_script("delete globalThis.DecompressionStream")
    page.goto(cluster)
    page.get_by_text("This page needs a browser from 2023 or later.").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(open_page, cluster, scheme):
    page = open_page(cluster, color_scheme=scheme, bypass_csp=True)
    page.add_script_tag(path=str(AXE))
    drawn(page, lambda: page.select_option(".scenario select", "rescue_in_year_20"))
    drawn(page, lambda: page.get_by_role("button", name="Keep this run").click())
    parts = {
        "page": lambda: None,
        "options": lambda: page.locator(".chart .menu summary").first.click(),
        "variables": lambda: page.locator(".chart .menu button").first.click(),
        "small charts": lambda: small_charts(page),
        "settings": lambda: page.get_by_role("button", name="Settings", exact=True).click(),
        "info": lambda: page.locator(".slider .name").first.click(),
        "assumptions": lambda: page.get_by_role("button", name="Assumptions").click(),
        "about": lambda: page.get_by_role("button", name="About", exact=True).click(),
    }
    for part, show in parts.items():
        show()
        assert (part, violations(page)) == (part, [])
        if page.get_by_role("dialog").count():
            page.keyboard.press("Escape")


def small_charts(page: Any) -> None:
    page.locator("select[aria-label='Kinds of variables']").select_option("stock")
    page.get_by_role("button", name="as small charts").click()
    page.locator(".smallplot canvas").first.wait_for()


def test_names_and_comments_of_a_model_run_nothing(open_page, tmp_path):
    (tmp_path / "m.xmile").write_text(HOSTILE)
    page = open_page(sdcluster.publish(tmp_path / "m.xmile", tmp_path / "m.html").as_uri())
    assert page.get_by_role("heading", level=1).inner_text() == TAG
    page.locator(".legend .name").first.click()
    assert page.locator("dialog h2").inner_text() == NAME
    page.keyboard.press("Escape")
    page.locator(".chart .menu summary").first.click()
    page.get_by_role("button", name="Table", exact=True).click()
    assert page.locator("article th").nth(1).inner_text() == NAME
    assert page.evaluate("window.hacked") is None
    assert page.locator("img").count() == 0
    assert page.wrong == []


def test_every_control_is_reached_with_the_tab_key(open_page, cluster):
    page = open_page(cluster)
    reachable = """() => [...document.querySelectorAll('button, input, select, summary, [tabindex="0"]')]
        .filter((e) => !e.disabled && e.checkVisibility({ visibilityProperty: true }))
        .filter((e) => !e.closest('details:not([open]) > :not(summary)'))"""
    count = page.evaluate(f"({reachable})().length")
    assert count > 20
    page.evaluate("() => { window.seen = new Set(); document.body.focus(); }")
    for _ in range(count + 5):
        page.keyboard.press("Tab")
        page.evaluate("() => { window.seen.add(document.activeElement); }")
    missed = page.evaluate(
        f"({reachable})().filter((e) => !window.seen.has(e)).map((e) => e.outerHTML.slice(0, 100))"
    )
    assert missed == []


def test_charts_and_runs_become_files(open_page, cluster, tmp_path):
    page = open_page(cluster)
    drawn(page, lambda: page.get_by_label("Compare with a scenario").select_option("closed"))

    def saved(button: Any) -> bytes:
        with page.expect_download() as download:
            button.click()
        download.value.save_as(tmp_path / "file")
        return (tmp_path / "file").read_bytes()

    def of_chart(name: str) -> bytes:
        page.locator(".chart .menu summary").first.click()
        return saved(page.get_by_role("button", name=name))

    assert of_chart("Save PNG").startswith(b"\x89PNG")
    assert of_chart("Save SVG").count(b"<path") > 6
    rows = of_chart("Save CSV").decode().splitlines()
    assert len(rows) == 1 + len(sdcluster.Simulator(CLUSTER, "closed").time)
    assert len(rows[0].split(",")) == 7

    def of_all(name: str) -> bytes:
        page.locator(".tools .menu summary").click()
        return saved(page.get_by_role("button", name=name))

    own, closed = (sdcluster.Simulator(CLUSTER, s, backend="native") for s in ("default", "closed"))
    at = own.names.index("knowledge stock")
    expected = {"this run": own.run()[at], "Closed cluster": closed.run()[at]}
    table = pd.read_csv(io.BytesIO(of_all("All variables (CSV)")))
    book = pd.read_excel(
        io.BytesIO(of_all("All variables (Excel)")), sheet_name=None, engine="openpyxl"
    )
    dataset = xr.open_dataset(io.BytesIO(of_all("All variables (NetCDF)")), engine="scipy")
    assert list(book) == [*expected, "Settings"]
    assert book["Settings"].set_index("Name")["Closed cluster"]["openness"] == 0.05
    assert dataset["knowledge stock"].dims == ("run", "time")
    for run, values in expected.items():
        assert np.array_equal(table.loc[table["run"] == run, "knowledge stock"], values)
        assert np.array_equal(book[run]["knowledge stock"], values)
        found = dataset["knowledge stock"].sel(run=run)
        assert np.array_equal(found[: len(values)], values)
        assert found[len(values) :].isnull().all()
    state = page.evaluate(f"JSON.stringify({SESSION}.state.value)")
    (tmp_path / "state.json").write_bytes(of_all("This state (file)"))
    other = open_page(cluster)
    drawn(
        other,
        lambda: other.locator(".tools input[type=file]").set_input_files(tmp_path / "state.json"),
    )
    assert other.evaluate(f"JSON.stringify({SESSION}.state.value)") == state


AXES = """{UTF-8}
Region: north, south, west ~~|
Coast: north, west ~~|
Age: young, old ~~|
people[Region, Age] = INTEG(births[Region] - people[Region, Age] / span[Age], 10) ~ person ~|
births[Region] = 1, 2, 3 ~ person/year ~|
span[Age] = 20, 60 ~ year ~|
ships[Coast] = SUM(people[Coast, Age!]) ~~|
total = SUM(people[Region!, Age!]) ~ person ~|
INITIAL TIME = 0 ~ year ~|
FINAL TIME = 10 ~ year ~|
TIME STEP = 0.5 ~ year ~|
SAVEPER = 1 ~ year ~|
"""


def test_arrays_have_the_same_axes_in_netcdf_as_in_python(open_page, tmp_path):
    (tmp_path / "m.mdl").write_text(AXES)
    page = open_page(sdcluster.publish(tmp_path / "m.mdl", tmp_path / "m.html").as_uri())
    page.get_by_role("button", name="Keep this run").click()
    page.locator(".tools .menu summary").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="All variables (NetCDF)").click()
    download.value.save_as(tmp_path / "m.nc")
    expected = sdcluster.simulate(tmp_path / "m.mdl", backend="native")
    with xr.open_dataset(tmp_path / "m.nc", engine="scipy") as found:
        assert found.sizes["run"] == 2
        for name, values in expected.data_vars.items():
            own = found[name].isel(run=0)
            assert own.dims == values.dims, name
            assert np.array_equal(own.values, values.values), name
            assert own.attrs.get("units", "") == values.attrs["units"]
        for axis in ("Region", "Coast", "Age"):
            assert list(found[axis].values) == list(expected[axis].values)
        north = found["people"].sel(Region="north", Age="old")
        assert np.array_equal(north[1], expected["people"].sel(Region="north", Age="old"))


def test_a_chart_zooms_becomes_a_phase_plot_a_table_and_logarithmic(open_page, cluster):
    page = open_page(cluster)
    plot = page.locator(".plot").first
    plot.focus()
    for _ in range(3):
        plot.press("+")
    low, high = page.evaluate(f"{SESSION}.view.value")
    assert high - low == pytest.approx(80 * 0.8**3)
    plot.press("0")
    assert page.evaluate(f"{SESSION}.view.value") is None

    def choose(name: str) -> None:
        page.locator(".chart .menu summary").first.click()
        page.get_by_role("button", name=name).click()

    choose("Phase plot")
    page.locator("svg.phase path[stroke-width]").first.wait_for()
    choose("Phase plot")
    choose("Logarithmic axis")
    assert page.evaluate(f"{SESSION}.state.value.charts[0].log") is True
    choose("Table")
    assert page.locator("article").first.locator("tbody tr").count() == 1281
    assert page.wrong == []
