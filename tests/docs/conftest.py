"""The book, built once for all tests that look at it, and a browser that opens files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.chromium import running


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built book; a warning of Sphinx fails every test that asks for it."""
    from docs.book.build import build

    return build(tmp_path_factory.mktemp("book") / "book").parent


@pytest.fixture(scope="session")
def chromium(request: pytest.FixtureRequest) -> Any:
    """A headless browser."""
    return running(request.config)


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    """A page that remembers what it asked for (`asked`) and what went wrong (`wrong`)."""
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, reduced_motion="reduce")
    context.set_default_timeout(60_000)
    opened = context.new_page()
    opened.asked, opened.wrong = [], []
    opened.on("request", lambda request: opened.asked.append(request.url))
    opened.on("pageerror", lambda error: opened.wrong.append(str(error)))
    opened.on(
        "console", lambda said: opened.wrong.append(said.text) if said.type == "error" else None
    )
    yield opened
    context.close()
