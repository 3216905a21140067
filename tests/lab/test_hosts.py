"""`sdcluster.explore` in Notebook 7 and in marimo: the same widget, live."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

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
