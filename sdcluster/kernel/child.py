"""Run a compiler in a child process, which ends when the process that started it ends.

Exports `run(module, arguments, data)` for the parent and `given()` for the child.

The child reads its data from standard input, through a pipe that the parent keeps open until the child has ended. When
the child has read the data, one of its threads waits for the end of the input and then ends the child. The operating
system closes the pipe when the parent ends, even if it ends by SIGKILL. A parent that exits normally kills its
children itself (`atexit`).
"""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

_LENGTH = 8  # bytes of the length that precedes the data


@dataclass(frozen=True)
class Answer:
    """The result of a child process.

    Parameters
    ----------
    code : int
        Exit status; negative for a signal.
    data : bytes
        Standard output of the child.
    said : str
        Last line of the child's standard error.
    """

    code: int
    data: bytes
    said: str


class _Children:
    """The running child processes. After a call of `end`, `start` raises RuntimeError."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._over = False

    def start(self, command: list[str], errors: int) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._over:
                raise RuntimeError("the program ends; no compiler is started any more")
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
            )
            self._running.add(process)
        return process

    def ended(self, process: subprocess.Popen[bytes]) -> None:
        with self._lock:
            self._running.discard(process)

    def end(self) -> None:
        with self._lock:
            self._over = True
            running = list(self._running)
        for process in running:
            process.kill()
        for process in running:
            process.wait()

    def forget(self) -> None:
        """Forget all children after a fork, because they are the parent's, and close the copies of their pipes."""
        for process in self._running:
            if process.stdin is not None:
                with suppress(OSError):
                    os.close(process.stdin.fileno())
        self._lock, self._running = threading.Lock(), set()


_children = _Children()
atexit.register(_children.end)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_children.forget)


def run(module: str, arguments: Sequence[str], data: bytes) -> Answer:
    """Run a Python module as a child process and wait for the result.

    Parameters
    ----------
    module : str
        Name of the module. The module must call `given` first.
    arguments : sequence of str
    data : bytes

    Returns
    -------
    Answer

    Raises
    ------
    RuntimeError
        If this process is exiting.
    """
    with tempfile.TemporaryFile() as errors:
        process = _children.start([sys.executable, "-m", module, *arguments], errors.fileno())
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            with suppress(OSError):  # the exit status reports a child that died
                process.stdin.write(len(data).to_bytes(_LENGTH, "big") + data)
                process.stdin.flush()
            answer = process.stdout.read()
            code = process.wait()
        finally:
            process.kill()
            process.wait()
            _children.ended(process)
            process.stdout.close()
            with suppress(OSError):
                process.stdin.close()
        errors.seek(0)
        said = errors.read().decode(errors="replace").strip().splitlines()
    return Answer(code, answer, said[-1] if said else "it ended")


def given() -> bytes:
    """Return the data sent by the parent. From this call on, the process ends when its parent ends.

    Keyboard interrupts are ignored, because they reach every process of the terminal and the parent decides what to do.
    """
    with suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    length = int.from_bytes(_exactly(_LENGTH), "big")
    data = _exactly(length)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    return data


def _exactly(length: int) -> bytes:
    parts = []
    while length:
        part = os.read(0, min(length, 1 << 20))
        if not part:
            os._exit(1)
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def _end_with_parent() -> None:
    with suppress(OSError):
        while os.read(0, 1):
            pass
    os._exit(1)
