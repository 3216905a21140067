"""The workshop of the core tests: XMILE files written from a few words."""

from tests.core.conftest import _own_cache, evaluate, workshop

__all__ = ["_own_cache", "evaluate", "workshop"]
