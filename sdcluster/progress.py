"""Progress of long computations: the library reports it, and a listener displays it.

`report(...)` is called during the work, and `listening(...)` is a context manager for the code that displays progress.
Without a listener a report costs almost nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

Listener = Callable[[str, float, float, str], None]
Item = TypeVar("Item")

_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


def report(stage: str, done: float = 0.0, total: float = 0.0, unit: str = "") -> None:
    """Report the progress of the current work.

    Parameters
    ----------
    stage : str
        The kind of work, such as ``running``.
    done, total : float
        Amount done and total amount; 0 if the total is unknown.
    unit : str
        The unit of `done`, in the plural, such as ``steps``.
    """
    listener = _listener.get()
    if listener is not None:
        listener(stage, done, total, unit)


def counted(items: Iterable[Item], stage: str, unit: str, every: int = 50) -> Iterator[Item]:
    """Yield items, and report progress after every `every` items; the total is reported if `items` has a length."""
    total = len(items) if isinstance(items, Sized) else 0
    if _listener.get() is None:
        yield from items
        return
    for done, item in enumerate(items):
        if done % every == 0:
            report(stage, done, total, unit)
        yield item


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Send the progress reports of this thread to ``listener(stage, done, total, unit)`` inside the block."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
