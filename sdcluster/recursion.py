"""Context managers for work on large trees: they allow deeper recursion, or pause garbage collection."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

_DEPTH = 12_000
_lock = threading.Lock()
_paused = 0


class _Deep:
    """The context manager that `deep_recursion` returns.

    A class is faster than a generator function, which matters because the context is entered for every equation.
    """

    __slots__ = ("before",)

    def __enter__(self) -> None:
        self.before = sys.getrecursionlimit()
        if self.before < _DEPTH:
            sys.setrecursionlimit(_DEPTH)

    def __exit__(self, *error: object) -> None:
        if self.before < _DEPTH:
            sys.setrecursionlimit(self.before)


def deep_recursion() -> AbstractContextManager[None]:
    """Raise Python's recursion limit inside the block, and restore it afterwards."""
    return _Deep()


@contextmanager
def without_collecting() -> Iterator[None]:
    """Pause the garbage collector inside the block, in all threads.

    Equations and code are long-lived trees without reference cycles, so the collector finds nothing to free. Without
    the pause, its scans take a quarter of the time for reading and compiling a large model.
    """
    global _paused
    with _lock:
        ours = _paused > 0 or gc.isenabled()  # if the program disabled it, it stays disabled
        _paused += ours
        if ours:
            gc.disable()
    try:
        yield
    finally:
        with _lock:
            _paused -= ours
            if ours and not _paused:
                gc.enable()
