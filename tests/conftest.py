"""What holds for all tests: a cache of their own, the workshop, and hypothesis that judges code and not speed."""

from __future__ import annotations

import signal

import pytest
from hypothesis import HealthCheck, settings

from tests.cache import own_cache
from tests.publish.pages import build_front_end
from tests.workshop import evaluate, workshop

__all__ = ["evaluate", "own_cache", "workshop"]

# A shell without job control starts background jobs deaf to Ctrl-C, and so would be all that the tests start.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


@pytest.fixture(scope="session")
def front_end() -> None:
    """Make sure that the front end is built."""
    build_front_end()
