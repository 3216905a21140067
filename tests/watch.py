"""The watch over the interpreter: an audit hook cannot be taken away again, so there is one for all tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.mutations import VENSIM, XMILE, Watch, attempt


@pytest.fixture(scope="session")
def watch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watch]:
    """Yield the watch; it has seen one model of each kind, which imports what reading needs."""
    folder = tmp_path_factory.mktemp("fuzz")
    patch = pytest.MonkeyPatch()
    patch.setenv("SDCLUSTER_CACHE", str(folder / "cache"))
    watch = Watch((folder,))
    for suffix, frame in ((".xmile", XMILE), (".mdl", VENSIM)):
        attempt(folder / f"first{suffix}", frame.format("b").encode(), watch)
        assert attempt(folder / f"first{suffix}", frame.format("b").encode(), watch) == ("ran", "")
    yield watch
    patch.undo()


@pytest.fixture
def folder(watch: Watch) -> Path:
    """Return the one folder in which files may be written."""
    return watch.free[0]
