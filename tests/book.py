"""The book, built once for all tests that look at it."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the built book; a warning of Sphinx fails every test that asks for it."""
    from docs.book.build import build

    return build(tmp_path_factory.mktemp("book") / "book").parent
