"""One Chromium for all tests that look at pages: Playwright's loop allows no second one beside it.

Fixtures: `browser`, `open_page` (pages that this test alone looks at) and `page`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

# The tests run as root and without a network.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LABORATORY = "#laboratory[data-ready]"
LESSON = "#lesson[data-ready]"
PATIENCE = 60_000  # milliseconds for one step of a page


def path() -> str:
    """Return where Chromium lies; without it the test fails and says what to install."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    pytest.fail(
        "The browser tests need Chromium and found none: `apt-get install chromium` "
        "(Debian, Ubuntu) installs it, on other systems put Chrome or Chromium on PATH.",
        pytrace=False,
    )


def new_page(browser: Any, width: int = 1280, height: int = 800, **options: Any) -> Any:
    """Return a page in a context of its own.

    Parameters
    ----------
    browser : playwright.sync_api.Browser
    width, height : int
        Of the window, in pixels.
    **options
        Of `Browser.new_context`: `color_scheme`, `has_touch`, `bypass_csp` …

    Returns
    -------
    playwright.sync_api.Page
        It remembers the addresses that it asked for (`asked`), the exceptions of its scripts (`thrown`), and
        these together with the errors on its console (`wrong`).
    """
    context = browser.new_context(viewport={"width": width, "height": height}, **options)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.asked, page.thrown, page.wrong = [], [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("pageerror", lambda error: page.thrown.append(str(error)))
    page.on("pageerror", lambda error: page.wrong.append(str(error)))
    page.on("console", lambda m: None if _harmless(m) else page.wrong.append(m.text))
    return page


def _harmless(message: Any) -> bool:
    """Whether a message on the console is no error, or JupyterLab's about a page left while its debugger starts."""
    left = message.text.startswith("Could not restore the debugger state: Canceled future")
    return message.type != "error" or left


@contextmanager
def pages(browser: Any) -> Iterator[Callable[..., Any]]:
    """Give a function that opens an address, and close all of its pages with the block.

    The function takes the address, the selector of what must be there before it returns (`ready`; empty: nothing), and
    what `new_page` takes.
    """
    contexts = []

    def opened(address: str, *size: int, ready: str = LABORATORY, **options: Any) -> Any:
        page = new_page(browser, *size, **options)
        contexts.append(page.context)
        page.goto(address)
        if ready:
            page.wait_for_selector(ready)
        return page

    yield opened
    for context in contexts:
        context.close()


def foreign(page: Any) -> list[str]:
    """Return the hosts outside of this machine that the page asked."""
    hosts = ((urlsplit(url).scheme, urlsplit(url).hostname) for url in page.asked)
    return [f"{s}://{h}" for s, h in hosts if s not in ("data", "blob") and h != "127.0.0.1"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Yield the headless browser of this test run."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path(), args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Any, front_end: None) -> Iterator[Callable[..., Any]]:
    """Yield a function that opens an address and waits for the laboratory, or for another selector (`pages`)."""
    with pages(browser) as opened:
        yield opened


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """Yield an empty page of the size of a small notebook, without animations."""
    made = new_page(browser, 1366, 768, reduced_motion="reduce")
    yield made
    made.context.close()
