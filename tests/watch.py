"""The watch over the interpreter: an audit hook cannot be taken away again, so there is one for all tests.

Fixtures: `watch`, and the `folder` in which it allows files.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.mutations import VENSIM, XMILE, Watch, attempt


@pytest.fixture(scope="session")
def only_watch(tmp_path_factory: pytest.TempPathFactory) -> Watch:
    """Return the one watch of this process, which allows one folder."""
    return Watch((tmp_path_factory.mktemp("fuzz"),))


@pytest.fixture(scope="module")
def watch(only_watch: Watch) -> Iterator[Watch]:
    """Yield the watch; it has seen one model of each kind, which imports what reading needs."""
    (folder,) = only_watch.free
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SDCLUSTER_CACHE", str(folder / "cache"))
        for suffix, frame in ((".xmile", XMILE), (".mdl", VENSIM)):
            content = frame.format("b").encode()
            attempt(folder / f"first{suffix}", content, only_watch)
            assert attempt(folder / f"first{suffix}", content, only_watch) == ("ran", "")
        yield only_watch


@pytest.fixture
def folder(watch: Watch) -> Path:
    """Return the one folder in which files may be written."""
    return watch.free[0]
