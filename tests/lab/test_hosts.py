"""Widgets in Notebook 7, in marimo and in a frame that forbids what VS Code's frames forbid: the same, live."""

from __future__ import annotations

import json
import sys
from base64 import b64encode
from pathlib import Path
from typing import Any

import anywidget
import pytest

import sdcluster
from sdcluster.lab.page_state import decoded
from sdcluster.lab.voila_page import free_port
from tests.browser import foreign
from tests.jupyter import run_notebook, serving

pytestmark = pytest.mark.browser

LAB = ".sdcluster-laboratory[data-ready]"
VALUES = f"document.querySelector('{LAB}').session.state.value.values"
POND = """{UTF-8}
fish = INTEG(growth rate * fish, 10) ~ fish ~|
growth rate = 0.1 ~ 1/year [0, 1, 0.1] ~|
INITIAL TIME = 0 ~~|
FINAL TIME = 20 ~~|
TIME STEP = 0.25 ~~|
SAVEPER = TIME STEP ~~|
"""
CELL = "import sdcluster\nlab = sdcluster.explore('pond.mdl')\nlab"
MARIMO = """import marimo

app = marimo.App()


@app.cell
def _():
    import marimo as mo
    import sdcluster

    lab = sdcluster.explore(mo.notebook_dir() / "pond.mdl")
    shown = mo.ui.anywidget(lab.widget)
    shown
    return lab, mo, shown


@app.cell
def _(lab, mo, shown):
    shown.value
    mo.md(f"Python knows {dict(lab.settings)}")
    return
"""


@pytest.fixture
def folder(tmp_path: Path, front_end: None) -> Path:
    tmp_path.joinpath("pond.mdl").write_text(POND, encoding="utf-8")
    return tmp_path


def test_a_saved_notebook_is_live_in_notebook_7_without_a_python_process(page, folder, env):
    pytest.importorskip("notebook", reason="Notebook 7 is not installed")
    env = env | {"JUPYTER_DATA_DIR": str(folder / "data")}
    run_notebook(folder / "pond.ipynb", [CELL], env)
    port = free_port()
    line = [sys.executable, "-m", "jupyter", "notebook", "--no-browser", "--allow-root"]
    line += [f"--port={port}", "--ServerApp.token=", "--ServerApp.password="]
    line += [f"--ServerApp.root_dir={folder}"]
    with serving(line, env, f"http://127.0.0.1:{port}/", folder / "log") as url:
        page.route("**/api/kernels", lambda route: route.abort())
        page.route("**/api/sessions", lambda route: route.abort())
        page.goto(f"{url}notebooks/pond.ipynb")
        page.wait_for_selector(LAB)
        page.locator('input[data-name="growth rate"]').press("ArrowRight")
        assert page.evaluate(VALUES) == {"growth rate": 0.2}
        page.get_by_label("How sure?").check()
        page.get_by_role("button", name="Which runs?").wait_for()
        assert foreign(page) == []


def test_a_slider_in_marimo_runs_the_cells_that_use_it(page, folder, env):
    pytest.importorskip("marimo", reason="marimo is not installed")
    folder.joinpath("app.py").write_text(MARIMO, encoding="utf-8")
    port = free_port()
    line = [sys.executable, "-m", "marimo", "run", str(folder / "app.py"), "--headless"]
    line += ["--no-token", f"--port={port}"]
    with serving(line, env, f"http://127.0.0.1:{port}/", folder / "log"):
        page.goto(f"http://127.0.0.1:{port}/")
        slider: Any = page.locator('input[data-name="growth rate"]')
        slider.wait_for()
        slider.press("ArrowRight")
        page.get_by_text("Python knows {'growth rate': 0.2}").wait_for()


HERE = Path(__file__).parent
LOADER = Path(anywidget.__file__).parent / "nbextension" / "index.js"
FORBIDDEN = """() => {
    try {
        localStorage.length;
        return "";
    } catch (error) {
        return error.name;
    }
}"""


def framed(folder: Path, widget: Any) -> str:
    """Return the address of a page with a widget in a sandboxed frame: no origin, modals, storage or downloads.

    VS Code shows widgets in such a frame, through anywidget's own loader; what surrounds it is ours.
    """
    state = {
        name: b64encode(value).decode() if isinstance(value, bytes | memoryview) else value
        for name, value in widget.get_state().items()
        if isinstance(value, str | bytes | memoryview)
    }
    inside = (HERE / "widget_frame.html").read_text(encoding="utf-8")
    loader = LOADER.read_text(encoding="utf-8")
    for mark, text in (("@LOADER@", loader), ("@STATE@", json.dumps(state))):
        inside = inside.replace(mark, text.replace("</script", "<\\/script"))
    folder.joinpath("inside.html").write_text(inside, encoding="utf-8")
    outside = (
        '<iframe sandbox="allow-scripts" src="inside.html" width="1200" height="780"></iframe>'
    )
    folder.joinpath("outside.html").write_text(outside, encoding="utf-8")
    return folder.joinpath("outside.html").as_uri()


def test_a_laboratory_is_live_in_a_frame_like_that_of_vs_code(page, folder):
    page.goto(framed(folder, sdcluster.explore(folder / "pond.mdl").widget))
    inside = page.frames[1]
    inside.wait_for_selector(LAB)
    assert inside.evaluate(FORBIDDEN) == "SecurityError"
    inside.locator('input[data-name="growth rate"]').press("ArrowRight")
    assert inside.evaluate(VALUES) == {"growth rate": 0.2}
    state = inside.wait_for_function("() => model.saved?._state").json_value()
    assert dict(decoded(state).now.values) == {"growth rate": 0.2}, "Python hears of it"
    inside.get_by_label("How sure?").check()
    inside.get_by_role("button", name="Which runs?").wait_for()
    inside.wait_for_function(f"() => document.querySelector('{LAB}').session.state.value.unsure")
    assert page.wrong == []


def test_a_lesson_asks_before_it_begins_again_in_a_frame_that_forbids_modals(page, folder):
    page.goto(framed(folder, sdcluster.lesson("cluster").widget))
    inside = page.frames[1]
    inside.locator(".handle[role=slider]").first.press("ArrowUp")
    inside.get_by_role("button", name="Commit my prediction").click()
    inside.locator(".laboratory").wait_for()
    inside.locator(".lesson-bar .menu summary").click()
    inside.get_by_role("button", name="Start again").click()
    inside.get_by_role("dialog").get_by_role("button", name="Start again").click()
    inside.locator(".laboratory").wait_for(state="detached")
    assert page.wrong == []
