"""A served laboratory: `sdcluster lab` as a process of its own.

Fixture: `server`, of one small model.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
POPULATION = """{UTF-8}
births = birth rate * Population ~ Person/Year ~ Born in a year. |
birth rate = 0.03 ~ 1/Year [0,0.1,0.001] ~ |
deaths = Population / lifetime ~ Person/Year ~ |
lifetime = 70 ~ Year [20,120] ~ Mean years of a life. |
Population = INTEG(births - deaths, 1000) ~ Person ~ |
FINAL TIME = 100 ~ Year ~ |
INITIAL TIME = 0 ~ Year ~ |
TIME STEP = 0.25 ~ Year ~ |
SAVEPER = 1 ~ Year ~ |
"""


class Server:
    """`sdcluster lab` as a process; the first line of its output is the address."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sdcluster", "lab", *arguments, "--no-browser"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        )
        assert self.process.stdout is not None
        self.said = self.process.stdout.readline()
        self.address = self.said.split()[0]
        self.host = self.address.removeprefix("http://").partition("/")[0]

    def end(self) -> tuple[int, str]:
        """Press Ctrl-C; return the exit status and the output since the first line."""
        self.process.send_signal(signal.SIGINT)
        rest, _ = self.process.communicate(timeout=30)
        return self.process.returncode, rest


@pytest.fixture(scope="module")
def server(front_end: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Yield a server of the model `POPULATION`."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "population.mdl").write_text(POPULATION, encoding="utf-8")
    server = Server(folder, "population.mdl")
    yield server
    assert server.end() == (0, "")
