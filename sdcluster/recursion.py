"""Contexts for work on large trees: deeper recursion for pure-Python parsers and printers, no search for cycles."""

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
    """The context manager of `deep_recursion`; a class, since every equation that is read enters some."""

    __slots__ = ("before",)

    def __enter__(self) -> None:
        self.before = sys.getrecursionlimit()
        if self.before < _DEPTH:
            sys.setrecursionlimit(_DEPTH)

    def __exit__(self, *error: object) -> None:
        if self.before < _DEPTH:
            sys.setrecursionlimit(self.before)


def deep_recursion() -> AbstractContextManager[None]:
    """Raise Python's recursion limit inside the block, and put it back afterwards."""
    return _Deep()


@contextmanager
def without_collecting() -> Iterator[None]:
    """Pause the garbage collector inside the block, in all threads.

    Equations and code are trees, which hold no cycles, and they stay: looking through them again and again, as they
    grow, takes a quarter of the time that reading and compiling a large model takes.
    """
    global _paused
    with _lock:
        ours = _paused > 0 or gc.isenabled()  # a program that has switched it off keeps it off
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
