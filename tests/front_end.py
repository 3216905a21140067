"""The front end, built before the tests that need it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def front_end() -> None:
    """Build the front end if its sources have changed since; tests may run side by side."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "frontend" / "build.py")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
