"""How far long work is: the library reports, and a listener shows it; without a listener a report costs nothing.

Crosses the border: `report(...)` from the places that work, `listening(...)` around them by the code that shows it.
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
    """Say how far the present work is.

    Parameters
    ----------
    stage : str
        The kind of work, as ``running``.
    done, total : float
        How much of how much; a total of 0 says that nobody knows.
    unit : str
        The unit of `done`, in the plural, as ``steps``.
    """
    listener = _listener.get()
    if listener is not None:
        listener(stage, done, total, unit)


def counted(items: Iterable[Item], stage: str, unit: str, every: int = 50) -> Iterator[Item]:
    """Yield items, and report after each `every` of them; the total is known where `items` has a length."""
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
    """Send the reports of this thread to `listener`, called as ``listener(stage, done, total, unit)``."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
