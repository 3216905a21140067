"""Make screenshots of the laboratory of `cluster` in JupyterLab, in both languages: explore*.png, for `make picture`.

The notebook was run and saved before, so JupyterLab shows it without a Python process.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbformat.sign import NotebookNotary
from playwright.sync_api import sync_playwright

from sdcluster.lab.voila_page import command, environment, free_port

HERE = Path(__file__).resolve().parent
MODELS = HERE.parents[1] / "models"
SIZE = {"width": 1280, "height": 1140}
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
LABORATORY = """import sdcluster

lab = sdcluster.explore("models/cluster", language="{}", charts=["knowledge stock", "gap", "lock in"])
lab.scenario = "closed"
lab.save("{}")
lab.scenario = None
lab.settings["openness"] = 0.7
lab"""
TABLE = "lab.dataset().sel(time=80).to_dataframe().round(2)"
LANGUAGES = (("en", "explore.png", "closed"), ("zh", "explore.zh.png", "封闭"))


def main() -> None:
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        env = {**environment(), "JUPYTER_DATA_DIR": str(folder / "data"), "HOME": name}
        for variable in (
            "JUPYTER_CONFIG_DIR",
            "JUPYTERLAB_SETTINGS_DIR",
            "JUPYTERLAB_WORKSPACES_DIR",
        ):
            env[variable] = str(folder / variable.lower())
        for part in ("notebooks", "data"):
            (folder / part).mkdir()
        shutil.copytree(MODELS / "cluster", folder / "notebooks" / "models" / "cluster")
        for language, _, kept in LANGUAGES:
            write(folder, language, LABORATORY.format(language, kept), env)
        port = free_port()
        first = folder / "notebooks" / name_of("en")
        line = command(first, editor=True, port=port, browser=False)
        line += [
            "--ServerApp.token=",
            "--ServerApp.password=",
            "--LabApp.expose_app_in_browser=True",
        ]
        line += ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        server = subprocess.Popen(
            line, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            path = shutil.which("chromium") or shutil.which("google-chrome")
            browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
            for language, picture, _ in LANGUAGES:
                photograph(
                    browser,
                    f"http://127.0.0.1:{port}/doc/tree/notebooks/{name_of(language)}",
                    HERE / picture,
                )
            browser.close()
        finally:
            server.terminate()
            server.wait()


def name_of(language: str) -> str:
    return "explore.ipynb" if language == "en" else f"explore.{language}.ipynb"


def write(folder: Path, language: str, code: str, env: dict[str, str]) -> None:
    """Run a notebook and save it with the state of its widgets, signed so that JupyterLab trusts it."""
    cells = [nbformat.v4.new_code_cell(source) for source in (code, TABLE)]
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": spec})
    place = {"metadata": {"path": str(folder / "notebooks")}}
    NotebookClient(notebook, timeout=300, resources=place).execute(env=env)
    path = folder / "notebooks" / name_of(language)
    nbformat.write(notebook, path)
    notary = NotebookNotary(data_dir=env["JUPYTER_DATA_DIR"])
    notary.sign(nbformat.read(path, as_version=4))
    notary.store.close()


def photograph(browser: Any, address: str, path: Path) -> None:
    page = browser.new_page(viewport=SIZE)
    for part in ("kernels", "sessions"):
        page.route(f"**/api/{part}", lambda route: route.abort())
    for _ in range(60):
        try:
            page.goto(address)
            break
        except Exception:  # the server has not begun yet
            page.wait_for_timeout(500)
    page.wait_for_selector(".sdcluster-laboratory[data-ready]")
    page.wait_for_timeout(1500)  # until JupyterLab has arranged its panels
    page.screenshot(path=path)
    page.close()


if __name__ == "__main__":
    main()
