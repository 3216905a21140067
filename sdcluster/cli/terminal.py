"""What the commands print on: a console wide enough for tables, complaints, progress."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterable, Iterator
from typing import Any

from rich.console import Console
from rich.text import Text

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


def say(sentence: str) -> None:
    """Print one plain sentence."""
    console().print(Text(sentence), soft_wrap=True)


def track(items: Iterable[Any], total: int, *, words: str = "running") -> Iterator[Any]:
    """Yield `items`; once `PATIENCE` is over, show a bar on the error stream."""
    from rich.progress import Progress

    begun = time.monotonic()
    bar: Progress | None = None
    try:
        for done, item in enumerate(items, start=1):
            yield item
            if bar is None and time.monotonic() - begun > PATIENCE:
                bar = Progress(console=console(stderr=True), transient=True)
                task = bar.add_task(words, total=total)
                bar.start()
            if bar is not None:
                bar.update(task, completed=done)
    finally:
        if bar is not None:
            bar.stop()
