"""`sdcluster.explore` in JupyterLab: live without a Python process, and one state in all outputs and in Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sdcluster
from sdcluster.lab.fans import Request
from sdcluster.lab.page_state import PageState
from sdcluster.lab.voila_page import command, free_port
from tests.browser import foreign
from tests.jupyter import run_notebook, serving
from tests.publish.pages import AXE, violations

pytestmark = pytest.mark.browser

LAB = ".sdcluster-laboratory[data-ready]"
SESSION = f"document.querySelector('{LAB}').session"
FISH = """{{UTF-8}}
fish = INTEG(births - catch, 100) ~ fish ~|
boats = INTEG(boats / 10, 3) ~ boat ~|
births = birth rate * fish ~ fish/year ~|
birth rate = 0.2 ~ 1/year [0, 1, 0.01] ~|
catch = boats * effort ~ fish/year ~|
effort = 0.5 ~ fish/boat/year [0, 1, 0.01] ~|
{}
INITIAL TIME = 0 ~~|
FINAL TIME = 20 ~~|
TIME STEP = 0.125 ~~|
SAVEPER = TIME STEP ~~|
""".format("\n".join(f"other {i} = {i} ~~|" for i in range(9)))
CELLS = (
    "import sdcluster\nlab = sdcluster.explore('fish.mdl', settings={'effort': 0.3})\nlab.save('less')\nlab",
    "heard = []\nobservation = lab.observe(heard.append)\nprint('heard:', heard)",
)
FRAME = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
CURVES = f"""(names) => names.map((name) => Array.from({SESSION}.results.value.now.values[name]))"""


@pytest.fixture(scope="module")
def notebook(work: Path, env: dict[str, str], front_end: None, tmp_path_factory: Any) -> Path:
    """Run a notebook and save it with the state of its widgets, trusted as one's own notebooks are."""
    env["JUPYTER_DATA_DIR"] = str(tmp_path_factory.mktemp("data"))
    path = work / "notebooks" / "explore.ipynb"
    path.with_name("fish.mdl").write_text(FISH, encoding="utf-8")
    run_notebook(path, CELLS, env)
    return path


@pytest.fixture(scope="module")
def address(notebook: Path, work: Path, env: dict[str, str]) -> Any:
    port = free_port()
    line = command(notebook, editor=True, port=port, browser=False)
    line += ["--ServerApp.token=", "--ServerApp.password=", "--allow-root"]
    line += ["--LabApp.expose_app_in_browser=True"]
    with serving(line, env, f"http://127.0.0.1:{port}/", work / "lab.log") as url:
        yield f"{url}lab/tree/notebooks/{notebook.name}?reset"


def open_notebook(page: Any, address: str) -> None:
    page.goto(address)
    page.wait_for_selector(LAB)


def run(page: Any, code: str, wait: bool = True) -> None:
    """Put code into a new cell below all others, and run it."""
    page.evaluate(
        """async ([code, wait]) => {
            const { commands, shell } = jupyterapp;
            const { content } = shell.currentWidget;
            content.activeCellIndex = content.widgets.length - 1;
            await commands.execute("notebook:insert-cell-below");
            content.activeCell.model.sharedModel.setSource(code);
            const ran = commands.execute("notebook:run-cell");
            if (wait) await ran;
        }""",
        [code, wait],
    )


def native(model: Path, settings: Any, scenario: Any = None) -> Any:
    return sdcluster.Simulator(model, scenario, backend="native").run(settings)


def test_a_saved_laboratory_is_live_without_a_python_process(page, address, notebook):
    page.route("**/api/kernels", lambda route: route.abort())
    page.route("**/api/sessions", lambda route: route.abort())
    open_notebook(page, address)
    assert page.locator(".chip input").input_value() == "less"
    slider = page.locator('input[data-name="effort"]')
    slider.press("ArrowRight")
    page.wait_for_function(f"() => {SESSION}.state.value.values.effort === 0.31")
    model = notebook.with_name("fish.mdl")
    names = list(sdcluster.Simulator(model).names)
    page.evaluate(FRAME)
    assert np.array_equal(page.evaluate(CURVES, names), native(model, {"effort": 0.31}))
    way = {"form": "line", "points": [[5, 0.9], [12.3, 0.1]]}
    drawn = PageState({"t": {"effort": way}}).text
    page.evaluate(f"(state) => {SESSION}.restore(state)", drawn)
    page.evaluate(FRAME)
    scenario = sdcluster.explore(model, state=drawn).scenario
    assert len(scenario.changes) > 40
    assert np.array_equal(page.evaluate(CURVES, names), native(model, None, scenario))
    slider.press("Control+z")
    slider.press("Control+z")
    page.wait_for_function(f"() => {SESSION}.state.value.values.effort === 0.3")

    # Keys of commands of the notebook, pressed on a slider, in a field and on a chart, are the laboratory's.
    for part in (slider, page.get_by_placeholder("Search settings"), page.locator(".plot").first):
        part.focus()
        for key in ("b", "x", "ArrowDown", "z"):
            page.keyboard.press(key)
    assert page.evaluate("() => jupyterapp.shell.currentWidget.content.widgets.length") == len(
        CELLS
    )

    # No style of the laboratory holds outside of it, and those of the notebook do not hold inside.
    assert not page.evaluate(
        "() => [...document.querySelectorAll('style')].some((s) => s.textContent.includes('.laboratory'))"
    )
    page.add_script_tag(path=str(AXE))
    assert violations(page, f"'{LAB}'") == []
    page.evaluate(
        "() => jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})"
    )
    page.wait_for_selector(".laboratory.dark")
    assert violations(page, f"'{LAB}'") == []
    assert foreign(page) == []


def test_python_and_all_outputs_show_one_state(page, address):
    sockets = []
    page.on(
        "websocket", lambda socket: sockets.append(socket) if "channels" in socket.url else None
    )
    open_notebook(page, address)
    page.wait_for_function("() => jupyterapp.shell.currentWidget.sessionContext?.session?.kernel")
    page.evaluate("() => void jupyterapp.commands.execute('notebook:run-all-cells')")
    page.get_by_text("heard: []").wait_for()
    run(page, "lab")
    page.wait_for_function(f"() => document.querySelectorAll('{LAB}').length === 2")
    first, second = (page.locator(LAB).nth(i) for i in (0, 1))
    with sockets[-1].expect_event("framesent", lambda data: b"_state" in data):
        first.locator('input[data-name="birth rate"]').press("End")
    number = 'input.number[aria-label^="birth rate"]'
    page.wait_for_function(
        f"([number]) => document.querySelectorAll('{LAB}')[1].shadowRoot.querySelector(number).value === '1'",
        arg=[number],
    )
    run(
        page,
        "lab.settings['effort'] = 0.9\nprint(heard)",
    )
    page.get_by_text("[{'effort': 0.3, 'birth rate': 1}").wait_for()
    page.wait_for_function(f"() => {SESSION}.state.value.values.effort === 0.9")
    second.get_by_role("button", name="Undo").click()
    page.wait_for_function(f"() => {SESSION}.state.value.values.effort === 0.3")
    second.locator('input[data-name="birth rate"]').scroll_into_view_if_needed()
    page.evaluate("() => jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    page.wait_for_function(f"() => document.querySelectorAll('{LAB}').length === 0")
    assert page.thrown == []


def test_python_makes_the_fan_unless_it_is_busy(page, address, notebook):
    open_notebook(page, address)
    page.wait_for_function("() => jupyterapp.shell.currentWidget.sessionContext?.session?.kernel")
    futures = f"document.querySelector('{LAB}').futures"
    # No process yet: the browser makes the runs.
    page.get_by_label("How sure?").check()
    page.get_by_text("100 runs,").wait_for()
    page.evaluate("() => void jupyterapp.commands.execute('notebook:run-all-cells')")
    page.get_by_text("heard: []").wait_for()
    page.get_by_label("How sure?").check()
    page.get_by_text("1,000 runs,").wait_for()
    slider = page.locator('input[data-name="effort"]')
    slider.press("ArrowRight")
    moved = f"() => {futures}.request()?.varied.some((one) => one[2] === 0.31)"
    page.wait_for_function(moved)
    page.wait_for_function(
        f"() => {futures}.fans.value.runs === 1000 && !{futures}.busy && !{futures}.ready"
    )
    content, name, times, curves = page.evaluate(
        f"""() => {{
            const [name, fan] = [...{futures}.fans.value.of][0];
            return [{futures}.request(), name, [...fan.time], fan.quantiles.map((one) => [...one])];
        }}"""
    )
    assert len(times) == 161  # all of them, at rest; half of them while the slider moves
    request = Request.read(content)
    runs = sdcluster.ensemble(notebook.with_name("fish.mdl"), request.samples(), bands=[name])
    at = np.searchsorted(runs["time"], times)
    assert np.array_equal(runs[f"quantiles of {name}"][:, at], curves)

    go = notebook.with_name("go")
    run(page, f"from pathlib import Path\nwhile not Path({str(go)!r}).exists(): pass", wait=False)
    slider.press("ArrowRight")
    page.get_by_text("100 runs,").wait_for()
    go.touch()
    page.get_by_text("1,000 runs,").wait_for()

    # Single runs are the browser's; with them closed, Python's fan is back.
    page.get_by_role("button", name="Which runs?").press("Enter")
    page.wait_for_function(f"() => {futures}.axes.value.length > 0")
    assert page.evaluate(f"() => {futures}.fans.value.runs") == 100
    page.get_by_role("button", name="Which runs?").press("Enter")
    page.wait_for_function(f"() => {futures}.fans.value.runs === 1000")
    single = page.evaluate(f"async () => (await {futures}.single()).block.failed.length")
    assert single == 100
    assert page.thrown == []
