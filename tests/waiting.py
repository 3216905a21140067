"""Processes under test: one that stands in for a slow compiler, and the wait for the end of any process."""

from __future__ import annotations

import os
import select
from pathlib import Path

# Reports its number through a named pipe, then works in C without end, as LLVM does.
SLOW_COMPILER = """
import ctypes, os, sys
from sdcluster.kernel import child
child.given()
with open(os.environ["REPORT_TO"], "w") as report:
    report.write(str(os.getpid()))
ctypes.CDLL(None).sleep(100_000)
"""


class SlowCompiler:
    """A module `slow_compiler` in a folder, and the pipe through which it reports.

    Parameters
    ----------
    folder : path
    """

    def __init__(self, folder: Path) -> None:
        (folder / "slow_compiler.py").write_text(SLOW_COMPILER, encoding="utf-8")
        self.pipe = folder / "report"
        os.mkfifo(self.pipe)
        path = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
        # A cache of its own: what another test has compiled would be taken from there, and no compiler would start.
        cache = str(folder / "cache")
        own = {"PYTHONPATH": path, "REPORT_TO": str(self.pipe), "SDCLUSTER_CACHE": cache}
        self.environment = {**os.environ, **own}

    def started(self, seconds: float = 120.0) -> int:
        """Wait until it runs, and return a descriptor of its process.

        Raises
        ------
        TimeoutError
            If nobody starts it.
        """
        pipe = os.open(self.pipe, os.O_RDONLY | os.O_NONBLOCK)
        poll = select.poll()
        poll.register(pipe, select.POLLIN)
        if not poll.poll(1000 * seconds):
            raise TimeoutError("no compiler was started")
        os.set_blocking(pipe, True)
        with open(pipe, encoding="utf-8") as report:
            return os.pidfd_open(int(report.read()))


def ended(process: int, seconds: float = 30.0) -> bool:
    """Wait for the end of the process behind a descriptor; False if it goes on."""
    poll = select.poll()
    poll.register(process, select.POLLIN)
    found = bool(poll.poll(1000 * seconds))
    os.close(process)
    return found
