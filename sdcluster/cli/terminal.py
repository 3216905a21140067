"""What the commands print on: a console wide enough for tables, complaints, progress."""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from rich.progress import Progress

PATIENCE = 2.0  # seconds without a progress bar
WIDTH = 110  # columns where there is no terminal, as in the log of a CI run


def console(*, stderr: bool = False) -> Console:
    """Return a console; without a terminal it is `WIDTH` columns wide, or ``$COLUMNS``."""
    found = Console(stderr=stderr)
    if not found.is_terminal and "COLUMNS" not in os.environ:
        return Console(stderr=stderr, width=WIDTH)
    return Console(stderr=stderr, width=shutil.get_terminal_size((WIDTH, 24)).columns)


def complain(sentence: str) -> None:
    """Print one red sentence on the error stream."""
    console(stderr=True).print(Text(sentence, style="red"), soft_wrap=True)


def warn(sentence: str) -> None:
    """Print one yellow sentence on the error stream."""
    console(stderr=True).print(Text(f"warning: {sentence}", style="yellow"), soft_wrap=True)


def say(sentence: str) -> None:
    """Print one plain sentence."""
    console().print(Text(sentence), soft_wrap=True)


class Notes(logging.Handler):
    """Prints what the library has to say about its progress, dimly, on the error stream."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print one note."""
        console(stderr=True).print(Text(record.getMessage(), style="dim"), soft_wrap=True)


def listen() -> None:
    """Show the library's notes from now on."""
    logger = logging.getLogger("sdcluster")
    logger.setLevel(logging.INFO)
    if not any(isinstance(handler, Notes) for handler in logger.handlers):
        logger.addHandler(Notes())


class Patience:
    """A progress bar on the error stream that appears once `PATIENCE` is over.

    A context manager; `report` is called as ``report(words, done, total)``.
    """

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._bar: Progress | None = None
        self._task: Any = None

    def report(self, words: str, done: int, total: int) -> None:
        """Say how far the work is."""
        if self._bar is None:
            if time.monotonic() - self._begun < PATIENCE:
                return
            from rich.progress import Progress

            self._bar = Progress(console=console(stderr=True), transient=True)
            self._task = self._bar.add_task(words, total=total)
            self._bar.start()
        self._bar.update(self._task, description=words, completed=done, total=total)

    def __enter__(self) -> Patience:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()


def track(items: Iterable[Any], total: int, *, words: str = "running") -> Iterator[Any]:
    """Yield `items` with a bar; see `Patience`."""
    with Patience() as patience:
        for done, item in enumerate(items, start=1):
            yield item
            patience.report(words, done, total)
