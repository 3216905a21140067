"""What holds for all tests: the fixtures that they share, and hypothesis that judges code and not speed.

A fixture that several files use belongs to one of the modules below; no folder has a `conftest.py` of its own.
"""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = [
    "tests.book",
    "tests.browser",
    "tests.cache",
    "tests.command",
    "tests.front_end",
    "tests.jupyter",
    "tests.pond",
    "tests.served",
    "tests.tank",
    "tests.triggered",
    "tests.vensim",
    "tests.watch",
    "tests.workshop",
]

# The tests know messages by their English words, whatever the language of the machine.
os.environ["SDCLUSTER_LANGUAGE"] = "en"


@pytest.fixture(autouse=True)
def english() -> None:
    """Begin each test in English: what a command inside this process chose ends with its test."""
    os.environ["SDCLUSTER_LANGUAGE"] = "en"


# A shell without job control starts background jobs deaf to Ctrl-C, and so would be all that the tests start.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")
