"""The lessons as notebooks in JupyterLab: live without a Python process, and answers that Python and a reload find."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sdcluster
from sdcluster.lab.voila_page import command, free_port
from sdcluster.serve import copies
from tests.browser import foreign
from tests.jupyter import serving
from tests.publish.pages import AXE, violations

pytestmark = pytest.mark.browser

CLUSTER = Path(__file__).resolve().parents[2] / "models" / "cluster"
LESSON = ".sdcluster-lesson[data-ready]"
PLACE = f"document.querySelector('{LESSON}').place"


@pytest.fixture(scope="module")
def address(
    work: Path, env: dict[str, str], front_end: None, tmp_path_factory: Any, monkeypatch_module: Any
) -> Any:
    """Serve the user's copies of the front page and of the first lesson."""
    data = str(tmp_path_factory.mktemp("data"))
    monkeypatch_module.setenv("JUPYTER_DATA_DIR", data)
    env["JUPYTER_DATA_DIR"] = data
    originals = [path for path in copies.originals() if path.name[:2] in ("00", "01")]
    monkeypatch_module.setattr(copies, "originals", lambda: originals)
    first = copies.own_copies(work / "notebooks" / "mine")
    copies.enliven(first.parent)
    port = free_port()
    line = command(first, editor=True, port=port, browser=False)
    line += ["--ServerApp.token=", "--ServerApp.password=", "--allow-root"]
    line += ["--LabApp.expose_app_in_browser=True"]
    with serving(line, env, f"http://127.0.0.1:{port}/", work / "lab.log") as url:
        yield f"{url}lab/tree/mine/"


@pytest.fixture(scope="module")
def monkeypatch_module() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


def test_a_saved_lesson_is_live_without_a_python_process(page: Any, address: str) -> None:
    page.set_default_timeout(120_000)  # two notebooks, each with a kernel to start
    page.goto(address + "00_start_here.ipynb?reset")
    page.wait_for_selector(".sdcluster-course[data-ready]")
    page.add_script_tag(path=str(AXE))
    assert violations(page, "'.sdcluster-course'") == []
    page.get_by_role("button", name="中文").click()
    page.get_by_role("link", name="关上大门之后").click()
    page.wait_for_selector(LESSON)
    page.evaluate("() => jupyterapp.serviceManager.sessions.shutdownAll()")
    page.locator(".lesson-bar .language", has_text="English").click()  # that of the front page
    assert page.locator(".jupyter-widgets-disconnected").count() == 0
    assert page.locator(".laboratory").count() == 0, "a run that is seen is no longer predicted"
    assert violations(page, f"'{LESSON}'") == []

    page.locator(".handle[role=slider]").last.press("ArrowUp")
    page.get_by_role("button", name="Commit my prediction").click()
    assert page.locator(".act .finding").inner_text().startswith("Your curve")
    (line,) = page.evaluate(f"{PLACE}.runs().map((line) => Array.from(line.values))")
    run = sdcluster.simulate(CLUSTER, "closed")["knowledge stock"]
    assert np.array_equal(line, run)
    drawn = page.evaluate(f"{PLACE}.notebook.answers.value.committed.value")
    before = page.url
    page.locator(".lesson-bar nav a", has_text="Exercises").click()
    assert page.url == before, "the address is the notebook's"
    right = page.evaluate(f"{PLACE}.lesson.exercises[1].right")
    number = page.get_by_role("form", name="Exercise 2")
    number.get_by_role("textbox").fill(f"{right:.0f} %")
    number.get_by_role("textbox").press("Enter")
    assert number.get_by_role("status").inner_text().startswith("Right")
    page.evaluate(
        "() => jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})"
    )
    page.wait_for_selector(f"{LESSON} .lesson-frame.dark")
    assert violations(page, f"'{LESSON}'") == []

    page.get_by_role("button", name="Present").click()
    page.wait_for_function("() => document.fullscreenElement?.className === 'sdcluster-lesson'")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(f"{PLACE}.card.value") == "predict"
    page.keyboard.press("Escape")
    page.wait_for_function("() => !document.fullscreenElement")
    page.locator(".lesson-bar").wait_for()
    page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")

    # Another browser finds in the notebook what was predicted and answered.
    page.wait_for_function("() => !jupyterapp.shell.currentWidget.context.model.dirty")
    page.evaluate("() => localStorage.clear()")
    page.goto(address + "01_cluster.ipynb?reset")
    page.wait_for_selector(LESSON)
    assert page.evaluate(f"{PLACE}.notebook.answers.value.committed.value") == drawn
    assert page.get_by_role("form", name="Exercise 2").get_by_role("status").inner_text() != ""
    assert foreign(page) == []
    assert page.wrong == []


def test_python_sees_the_answers_and_a_cell_that_is_run_again_keeps_them(
    page: Any, address: str
) -> None:
    page.goto(address + "01_cluster.ipynb?reset")
    page.wait_for_selector(LESSON)
    page.wait_for_function("() => jupyterapp.shell.currentWidget.sessionContext?.session?.kernel")
    if page.evaluate(f"{PLACE}.notebook.answers.value.committed") is None:
        page.locator(".handle[role=slider]").last.press("ArrowUp")
        page.get_by_role("button", name="Commit my prediction").click()
    else:
        page.evaluate(f"{PLACE}.notebook.tick(0, true)")
    drawn = page.evaluate(f"{PLACE}.notebook.answers.value.committed.value")
    page.evaluate(
        f"""async () => {{
            const old = document.querySelector('{LESSON}');
            const {{ content }} = jupyterapp.shell.currentWidget;
            const {{ commands }} = jupyterapp;
            await commands.execute("notebook:insert-cell-below");
            content.activeCell.model.sharedModel.setSource("print('last:', lesson.prediction[-1])");
            void commands.execute("notebook:run-all-cells");
        }}"""
    )
    page.wait_for_function(
        f"() => document.querySelector('{LESSON}')?.place.notebook.answers.value.committed"
    )
    assert page.evaluate(f"{PLACE}.notebook.answers.value.committed.value") == drawn
    page.wait_for_selector(".jp-OutputArea-output >> text=last:", state="attached")
