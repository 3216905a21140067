"""What the tests of the front end share: the stand-in, a browser, and servers that end with their test."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.chromium import running

sys.path.insert(0, str(Path(__file__).parent))

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def browser(request: pytest.FixtureRequest) -> Any:
    """Return a headless browser that shows only pages of this machine."""
    return running(request.config)


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """Yield a page that remembers what it asked for (`asked`), what went wrong (`wrong`) and was complained of."""
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    context.set_default_timeout(60_000)
    opened = context.new_page()
    opened.asked, opened.wrong, opened.complaints = [], [], []
    opened.on("request", lambda request: opened.asked.append(request.url))
    opened.on("pageerror", lambda error: opened.wrong.append(str(error)))
    opened.on("console", lambda m: opened.complaints.append(m.text) if m.type == "error" else None)
    yield opened
    context.close()


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy what the lessons need, so that nobody writes outputs into the repository."""
    folder = tmp_path_factory.mktemp("work")
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    shutil.copytree(ROOT / "models", folder / "models")
    return folder


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return an environment in which Jupyter keeps its files to itself and finds this repository."""
    from sdcluster.lab.page import environment

    home = tmp_path_factory.mktemp("home")
    names = (
        "JUPYTER_CONFIG_DIR",
        "JUPYTERLAB_SETTINGS_DIR",
        "JUPYTERLAB_WORKSPACES_DIR",
        "IPYTHONDIR",
    )
    own = {name: str(home / name.lower()) for name in names}
    tests = os.pathsep.join([str(ROOT), str(Path(__file__).parent)])
    return {**environment(), **own, "PYTHONPATH": tests}


def foreign(page: Any) -> list[str]:
    """Addresses outside of this machine that the page asked for."""
    hosts = ((urlsplit(url).scheme, urlsplit(url).hostname) for url in page.asked)
    return [f"{s}://{h}" for s, h in hosts if s not in ("data", "blob") and h != "127.0.0.1"]


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
