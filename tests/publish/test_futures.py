"""Many runs in the browser: fans, maps and chosen runs, each run with the bits of Python, by keyboard, in the link."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sdcluster

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[2]
CLUSTER = ROOT / "models" / "cluster"
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
LAB = "document.querySelector('#laboratory')"
DELAYED = """{UTF-8}
Region: north, south ~~|
rate[Region] = 0.1, 0.2 ~ 1/year [0, 1] ~|
wait = 4 ~ year [0, 9] ~|
limit = 13 ~ unit [6, 14] ~|
stock[Region] = INTEG(late[Region] * rate[Region] - stock[Region], 10) ~ unit ~|
late[Region] = DELAY FIXED(stock[Region] + PULSE(2, 3), wait, 1) ~ unit ~|
root = SQRT(limit - late[north]) * constructor ~ unit ~|
constructor = 1 ~ 1 [0, 2] ~|
INITIAL TIME = 0.3 ~ year ~|
FINAL TIME = 20 ~ year ~|
TIME STEP = 0.1 ~ year ~|
SAVEPER = 0.7 ~ year ~|
"""
RUNS = f"""() => {{
    const fans = {LAB}.futures.fans.value;
    return {{ ...fans, of: null, varied: fans.varied.map(({{ name }}) => name), time: [...fans.time],
        values: [...fans.values], curves: [...fans.block.curves], bad: [...fans.block.failed] }};
}}"""


@pytest.fixture(scope="module")
def cluster(front_end: None, tmp_path_factory: pytest.TempPathFactory) -> str:
    return sdcluster.publish(CLUSTER, tmp_path_factory.mktemp("page") / "cluster.html").as_uri()


def made(page: Any, act: Any) -> dict[str, Any]:
    """Do something, and return the fans that follow."""
    before = page.evaluate(f"() => {LAB}.futures.made")
    act()
    page.wait_for_function(f"(before) => {LAB}.futures.made > before", arg=before)
    fans: dict[str, Any] = page.evaluate(RUNS)
    shape = (len(fans["wanted"]), len(fans["time"]), len(fans["bad"]))
    fans["curves"] = np.array(fans["curves"], dtype=float).reshape(shape)
    fans["values"] = np.array(fans["values"], dtype=float).reshape(shape[2], len(fans["varied"]))
    return fans


def holds(fans: dict[str, Any], simulator: Any, runs: list[int], base: dict[str, float]) -> None:
    """Each run of a fan has the bits that Python computes with its settings."""
    rows = [simulator.names.index(name) for name in fans["wanted"]]
    at = np.searchsorted(simulator.time, np.array(fans["time"]) - 1e-9)
    assert np.array_equal(simulator.time[at], fans["time"])
    for run in runs:
        settings = base | dict(zip(fans["varied"], fans["values"][run].tolist(), strict=True))
        assert np.array_equal(simulator.run(settings)[rows][:, at], fans["curves"][:, :, run])


def test_a_fan_follows_the_slider_and_its_runs_have_the_bits_of_python(open_page, cluster):
    page = open_page(cluster)
    fans = made(page, lambda: page.get_by_label("How sure?").check())
    assert len(fans["varied"]) > 50
    assert fans["failed"] == 0
    simulator = sdcluster.Simulator(CLUSTER, backend="native")
    holds(fans, simulator, [0, 57, 99], {})
    moved = made(page, lambda: page.locator('input[data-name="openness"]').press("ArrowRight"))
    holds(moved, simulator, [1, 98], {"openness": 0.51})
    wide = made(page, lambda: page.get_by_label("How far the guesses vary").select_option("1"))
    assert np.ptp(wide["values"], axis=0).min() > 2 * np.ptp(moved["values"], axis=0).min()

    with page.expect_download() as download:
        page.get_by_text("Save ▾").click()
        page.get_by_role("button", name="The runs of How sure?").click()
    table = pd.read_csv(download.value.path())
    assert np.array_equal(table[wide["varied"]].to_numpy(), wide["values"])
    ends = table[[f"at the end: {name}" for name in wide["wanted"]]].to_numpy()
    assert np.array_equal(ends, wide["curves"][:, -1].T)

    # With what a scenario changes on the way, and again from the link.
    name = "rescue_in_year_20"
    rescued = made(page, lambda: page.select_option(".scenario select", name))
    holds(rescued, sdcluster.Simulator(CLUSTER, name, backend="native"), [3], {})
    page.get_by_role("button", name="Map", exact=True).press("Enter")
    link = f"{cluster}#{page.evaluate(f'() => {LAB}.session.hash')}"
    again = open_page(link)
    assert again.get_by_label("How sure?").is_checked()
    assert again.locator(".chart.map").count() == 1
    assert page.wrong == again.wrong == []
    assert all(url.startswith(("file:", "blob:", "data:")) for url in page.asked)


def test_while_a_slider_moves_only_charts_in_sight_are_drawn(open_page, cluster):
    page = open_page(cluster)
    page.set_viewport_size({"width": 1366, "height": 500})
    made(page, lambda: page.get_by_label("How sure?").check())
    box = page.locator('input[data-name="openness"]').bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.evaluate(
        f"""() => {{
            const canvases = [...document.querySelectorAll("canvas.curves")];
            window.drawn = [];
            const clip = CanvasRenderingContext2D.prototype.clip; // once in each drawing of a chart
            CanvasRenderingContext2D.prototype.clip = function (...given) {{
                drawn.push([canvases.indexOf(this.canvas), {LAB}.session.moving.value]);
                return clip.apply(this, given);
            }};
        }}"""
    )
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 12):
        page.mouse.move(x + 3 * step, y)
    page.wait_for_function("() => drawn.some(([chart, moving]) => chart === 0 && moving)")
    before = page.evaluate(f"() => {LAB}.futures.made")
    page.mouse.up()
    page.wait_for_function(f"(before) => {LAB}.futures.made > before", arg=before)
    last = page.evaluate("() => document.querySelectorAll('canvas.curves').length") - 1
    page.wait_for_function(
        f"() => {LAB}.futures.busy === 0 && drawn.at(-1)[0] === {last} && !drawn.at(-1)[1]"
    )
    assert not page.evaluate(f"() => drawn.some(([chart, moving]) => chart === {last} && moving)")
    page.wait_for_function(f"() => {LAB}.futures.fans.value.time.length > 100")
    assert page.wrong == []


def test_runs_are_chosen_on_axes_by_keyboard(open_page, cluster):
    page = open_page(cluster, bypass_csp=True)
    made(page, lambda: page.get_by_label("How sure?").check())
    page.get_by_role("button", name="Which runs?").press("Enter")
    axis = page.locator(".parallel .axis").first
    axis.press("ArrowUp")
    low, high = page.evaluate(
        f"() => {{ const {{ chosen, axes }} = {LAB}.futures; const [first] = axes.value;"
        "const runs = (on) => first.values.filter((_, run) => chosen.value[run] === on);"
        "return [Math.max(...runs(0)), Math.min(...runs(1))]; }"
    )
    assert low < high
    axis.press("Escape")
    assert page.evaluate(f"() => {LAB}.futures.chosen.value.every((one) => one === 1)")
    page.add_script_tag(path=str(AXE))
    found = page.evaluate("async () => (await axe.run()).violations")
    assert [(v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in found] == []
    assert page.wrong == []


def test_a_map_shows_where_a_run_ends_and_is_worked_by_keyboard_and_pointer(open_page, cluster):
    page = open_page(cluster, bypass_csp=True)
    page.get_by_role("button", name="Map", exact=True).press("Enter")
    page.wait_for_selector(".mapped[data-finest]")
    name, (low, high), nodes = page.evaluate(
        "() => { const { map, grid } = document.querySelector('.mapped'); "
        "return [map.of, [grid.low, grid.high], [...grid.nodes]]; }"
    )
    nodes = np.array(nodes, dtype=float).reshape(65, 65)
    simulator = sdcluster.Simulator(CLUSTER, backend="native")
    row = simulator.names.index(name)
    for across, up in ((0, 0), (32, 16), (64, 64), (8, 48)):
        settings = {"openness": across / 64, "policy": up / 64}
        assert nodes[up, across] == simulator.run(settings)[row, -1]
    assert nodes.min() >= low
    assert nodes.max() <= high

    field = page.locator(".mapped .field")
    field.press("ArrowRight")
    field.press("ArrowUp")
    values = f"() => {LAB}.session.state.value.values"
    assert page.evaluate(values) == {"openness": 0.51, "policy": 0.31}
    box = field.bounding_box()
    page.mouse.move(box["x"] + 0.25 * box["width"], box["y"] + 0.75 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 0.1 * box["height"])
    page.mouse.up()
    assert page.evaluate(values) == {"openness": 0.8, "policy": 0.9}
    page.keyboard.press("Control+z")
    assert page.evaluate(values) == {"openness": 0.51, "policy": 0.31}
    page.add_script_tag(path=str(AXE))
    found = page.evaluate("async () => (await axe.run()).violations")
    assert [(v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in found] == []
    assert page.wrong == []


def test_runs_that_fail_spoil_no_other_and_buffers_grow(open_page, tmp_path):
    model = tmp_path / "delayed.mdl"
    model.write_text(DELAYED, encoding="utf-8")
    page = open_page(sdcluster.publish(model, tmp_path / "delayed.html").as_uri())
    page.evaluate(
        f"() => {LAB}.session.update((state) => ({{ ...state, unsure: 1, charts: "
        "[{ lines: ['root', 'late[north]', 'stock[south]'], kind: 'time', log: false, from: null }] }))"
    )
    fans = made(page, lambda: page.locator('input[data-name="rate[north]"]').press("ArrowRight"))
    bad = np.array(fans["bad"], dtype=bool)
    assert 0 < bad.sum() < 100
    assert "constructor" in fans["varied"]  # a name that JavaScript's objects have
    page.get_by_text(f"{bad.sum()} runs failed").wait_for()
    base = {"rate[north]": page.evaluate(f"() => {LAB}.session.state.value.values['rate[north]']")}
    simulator = sdcluster.Simulator(model, backend="native")
    good = np.flatnonzero(~bad)
    longest = good[np.argmax(fans["values"][good, fans["varied"].index("wait")])]
    holds(fans, simulator, [int(good[0]), int(longest)], base)
    settings = dict(zip(fans["varied"], fans["values"][np.argmax(bad)].tolist(), strict=True))
    with pytest.raises(sdcluster.SimulationError):
        simulator.run(base | settings)
    assert page.wrong == []
