"""Jupyter and Voilà under test: a copy of the notebooks, an environment, servers that end with their test."""

from __future__ import annotations

import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.sign import NotebookNotary

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of what the lessons need, so that nothing writes outputs into the repository."""
    folder = tmp_path_factory.mktemp("work")
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    shutil.copytree(ROOT / "models", folder / "models")
    return folder


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return an environment in which Jupyter keeps its files to itself and finds this repository."""
    from sdcluster.lab.voila_page import environment

    home = tmp_path_factory.mktemp("home")
    names = (
        "JUPYTER_CONFIG_DIR",
        "JUPYTERLAB_SETTINGS_DIR",
        "JUPYTERLAB_WORKSPACES_DIR",
        "IPYTHONDIR",
    )
    own = {name: str(home / name.lower()) for name in names}
    return {**environment(), **own, "PYTHONPATH": str(ROOT)}


def run_notebook(path: Path, cells: Iterable[str], env: dict[str, str]) -> None:
    """Write a notebook, run it, and save it with the state of its widgets, trusted as one's own notebooks are."""
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    made = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(code) for code in cells], metadata={"kernelspec": spec}
    )
    client = NotebookClient(made, timeout=120, resources={"metadata": {"path": str(path.parent)}})
    client.execute(env=env)
    nbformat.write(made, path)
    data = Path(env["JUPYTER_DATA_DIR"])
    data.mkdir(exist_ok=True)
    notary = NotebookNotary(data_dir=str(data))
    notary.sign(nbformat.read(path, as_version=4))
    notary.store.close()


@contextmanager
def serving(command: list[str], env: dict[str, str], url: str, log: Path) -> Iterator[str]:
    """Run a server until `url` answers, and end it with the block."""
    with log.open("w") as out:
        server = subprocess.Popen(command, env=env, stdout=out, stderr=subprocess.STDOUT)
    try:
        _wait(lambda: _answers(url, server), 60, lambda: f"no server:\n{log.read_text()[-2000:]}")
        yield url
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()


def _answers(url: str, server: subprocess.Popen[bytes]) -> bool:
    if server.poll() is not None:
        raise RuntimeError("the server ended")
    try:
        urllib.request.urlopen(url + "api", timeout=2)
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def _wait(done: Callable[[], bool], seconds: float, why: Callable[[], str]) -> None:
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise TimeoutError(why())
        time.sleep(0.05)
