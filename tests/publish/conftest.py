"""Pages that remember what they asked for and what went wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.chromium import running


@pytest.fixture
def open_page(request: pytest.FixtureRequest, front_end: None) -> Iterator[Callable[..., Any]]:
    """Yield a function that opens an address and waits for the laboratory."""
    browser = running(request.config)
    contexts = []

    def opened(address: str, width: int = 1280, height: int = 800, **options: Any) -> Any:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.asked, page.wrong = [], []
        page.on("request", lambda r: page.asked.append(r.url))
        page.on("pageerror", lambda error: page.wrong.append(str(error)))
        page.on("console", lambda m: page.wrong.append(m.text) if m.type == "error" else None)
        page.goto(address)
        page.wait_for_selector("#laboratory[data-ready]")
        return page

    yield opened
    for context in contexts:
        context.close()
