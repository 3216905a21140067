"""Output of the commands: a console wide enough for tables, error messages, and progress."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any

from rich.console import Console
from rich.text import Text

from sdcluster.cli import progress_bar
from sdcluster.messages import message, shown

WIDTH = 110  # columns if the output is not a terminal, as in the log of a CI run


def console(*, stderr: bool = False) -> Console:
    """Return a console; if the output is not a terminal, its width is ``$COLUMNS``, or `WIDTH` if that is not set."""
    progress_bar.clear()
    return _console(stderr=stderr)


def _console(*, stderr: bool) -> Console:
    found = Console(stderr=stderr)
    if not found.is_terminal and "COLUMNS" not in os.environ:
        return Console(stderr=stderr, width=WIDTH)
    return Console(stderr=stderr, width=shutil.get_terminal_size((WIDTH, 24)).columns)


def complain(sentence: str) -> None:
    """Print an error in red on the error stream."""
    console(stderr=True).print(Text(shown(sentence), style="red"), soft_wrap=True)


def warn(sentence: str) -> None:
    """Print a warning in yellow on the error stream."""
    console(stderr=True).print(
        Text(shown(message("cli.warning", sentence=sentence)), style="yellow"), soft_wrap=True
    )


def say(sentence: str) -> None:
    """Print a sentence without colour."""
    console().print(Text(shown(sentence)), soft_wrap=True)


def showing_progress() -> AbstractContextManager[None]:
    """Show progress on the error stream while the context is active."""
    return progress_bar.shown(_console(stderr=True))


class Notes(logging.Handler):
    """Prints the library's notes about its progress, dimmed, on the error stream."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print one note."""
        console(stderr=True).print(Text(record.getMessage(), style="dim"), soft_wrap=True)


def listen() -> None:
    """Print the library's notes from now on."""
    logger = logging.getLogger("sdcluster")
    logger.setLevel(logging.INFO)
    if not any(isinstance(handler, Notes) for handler in logger.handlers):
        logger.addHandler(Notes())


class Patience:
    """Context manager for the progress of a command's own loop; see `sdcluster.cli.progress_bar`.

    Call ``report(words, done, total, unit)`` inside the block; the last argument is optional.

    Parameters
    ----------
    note : str, optional
        A sentence that is printed once if the block takes long.
    """

    report = staticmethod(progress_bar.report)

    def __init__(self, note: str = "") -> None:
        self._note = note

    def __enter__(self) -> Patience:
        progress_bar.note(self._note)
        return self

    def __exit__(self, *_: object) -> None:
        progress_bar.note("")
        progress_bar.clear()


def track(items: Iterable[Any], total: int, *, words: str = "runs") -> Iterator[Any]:
    """Yield `items`, with a progress bar over the `total` items."""
    with Patience() as patience:
        for done, item in enumerate(items):
            patience.report(words, done, total)
            yield item
