"""A cache of their own for all tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the models of tests out of the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SDCLUSTER_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield
