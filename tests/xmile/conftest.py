"""The workshop of the core tests: XMILE files written from a few words."""

from tests.core.conftest import evaluate, own_cache, workshop

__all__ = ["evaluate", "own_cache", "workshop"]
