"""One Chromium for all tests that look at pages: Playwright's loop allows no second one beside it.

Crosses the border: `running(config)`, for the fixtures of the folders that need it.
"""

from __future__ import annotations

import shutil
from typing import Any

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
_BROWSER = pytest.StashKey[Any]()


def path() -> str:
    """Return where the browser lies; without one the test fails with what to do."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    pytest.fail(
        "The browser tests need Chromium and found none: `apt-get install chromium` "
        "(Debian, Ubuntu) installs it, on other systems put Chrome or Chromium on PATH.",
        pytrace=False,
    )


def running(config: pytest.Config) -> Any:
    """Return the headless browser of this test run; the first call starts it, and it ends with the run."""
    if _BROWSER not in config.stash:
        from playwright.sync_api import sync_playwright

        playwright = sync_playwright().start()
        config.add_cleanup(playwright.stop)
        browser = playwright.chromium.launch(executable_path=path(), args=list(FLAGS))
        config.add_cleanup(browser.close)
        config.stash[_BROWSER] = browser
    return config.stash[_BROWSER]
