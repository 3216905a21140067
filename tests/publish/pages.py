"""What the tests of published laboratories share."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def build_front_end() -> None:
    """Make the front end, if its sources have changed since; tests may run side by side."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "frontend" / "build.py")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
