"""Progress of long work on the error stream: a bar on a terminal, occasional lines in a log.

`shown()` is a context manager around a command; it also displays the reports of `sdcluster.progress`. The command's own
loops call `report(words, done, total)`, and `note(sentence)` to add a sentence if the work takes long. `clear()` must
be called before anything else is printed.
"""

from __future__ import annotations

import math
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from sdcluster import progress
from sdcluster.messages import joined, labelled, message, spoken
from sdcluster.messages import shown as shown_text
from sdcluster.words import known

if TYPE_CHECKING:
    from rich.progress import Progress, Task

PATIENCE = 2.0  # seconds before the bar appears
BRIEF = 1.0  # work inside a loop that takes less than these seconds gets no line
SELDOM = 10.0  # seconds between lines in a log

now = time.monotonic


@dataclass
class _Work:
    """One line of the progress bar: description, amount done, total and start time."""

    words: str
    done: float = 0.0
    total: float = 0.0
    unit: str = ""
    begun: float = field(default_factory=lambda: now())

    def sentence(self) -> str:
        """Return the progress as a line of a log."""
        past = now() - self.begun
        so_far = message("cli.progress.so_far", past=past)
        parts: list[str] = [so_far]
        if self.total > 0 and self.done > 0:
            share = self.done / self.total
            total = f"{self.total:,.0f}" if self.total == int(self.total) else f"{self.total:,.4g}"
            amount = f"{total} {_in_words(self.unit)}".rstrip()
            parts = [message("cli.progress.share_of", share=share, total=amount)]
            # Too early, the estimate would be years for a solver that begins with tiny steps.
            left = message("cli.progress.left", left=past / share - past)
            parts.append(left if share >= 0.01 else so_far)
        said = joined(message("cli.progress.comma"), parts)
        return shown_text(labelled(_in_words(self.words), said))


def _in_words(text: str) -> str:
    """Return the description of the work, or its unit, in the language of messages."""
    return known(f"work.{text}", spoken()) or shown_text(text)


class Display:
    """Displays the progress of one command in two lines.

    The first line, ``"outer"``, shows the command's own loop over scenarios or runs. The second line, ``"inner"``,
    shows the library's work on the current scenario or run.

    Parameters
    ----------
    console : Console
        A console that prints to the error stream.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lock = threading.RLock()
        self._works: dict[str, _Work] = {}
        self._tasks: dict[str, Any] = {}
        self._bar: Progress | None = None
        self._timer: threading.Timer | None = None
        self._begun = self._last = now()
        self.note = ""  # a sentence to print once, if the work takes long

    def report(self, line: str, words: str, done: float, total: float, unit: str = "") -> None:
        """Update the progress of a line, ``"outer"`` or ``"inner"``; a new description restarts the line."""
        with self._lock:
            work = self._works.get(line)
            if work is None or work.words != words or done < work.done:
                if line == "outer":
                    self._drop("inner")
                self._drop(line)
                work = self._works[line] = _Work(words)
            work.done, work.total, work.unit = done, total, unit
            patience = PATIENCE if self._console.is_terminal else SELDOM
            if self.note and now() - self._begun >= patience:
                note, self.note = self.note, ""
                self._console.print(Text(shown_text(note), style="dim"), soft_wrap=True)
            if self._console.is_terminal:
                self._draw()
            else:
                self._log(work)

    def _draw(self) -> None:
        if self._bar is not None:
            for line in self._works:
                self._update(line)
        elif self._timer is None:
            # Another thread shows the bar, because machine code and long steps do not report progress.
            rest = max(0.0, PATIENCE - (now() - self._begun))
            self._timer = threading.Timer(rest, self._appear)
            self._timer.daemon = True
            self._timer.start()

    def _appear(self) -> None:
        with self._lock:
            if self._timer is None or self._bar is not None:
                return
            self._bar = _bar(self._console)
            for line in self._works:
                self._update(line)
            self._bar.start()

    def _update(self, line: str) -> None:
        assert self._bar is not None
        work = self._works[line]
        if line == "inner" and "outer" in self._works and now() - work.begun < BRIEF:
            return  # one of many short runs
        total = work.total or None
        if line not in self._tasks:
            words, unit = _in_words(work.words), _in_words(work.unit)
            self._tasks[line] = self._bar.add_task(words, total=total, unit=unit)
        self._bar.update(self._tasks[line], completed=work.done, total=total)

    def _drop(self, line: str) -> None:
        self._works.pop(line, None)
        task = self._tasks.pop(line, None)
        if task is not None and self._bar is not None:
            self._bar.remove_task(task)

    def _log(self, work: _Work) -> None:
        moment = now()
        if moment - self._last >= SELDOM:
            self._last = moment
            outer = self._works.get("outer")
            if outer is not None and moment - work.begun < BRIEF:
                work = outer  # report the number of short runs that are done
            print(work.sentence(), file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Hide the bar until the work has continued for another `PATIENCE` seconds."""
        with self._lock:
            timer, self._timer = self._timer, None
            bar, self._bar = self._bar, None
            self._works, self._tasks = {}, {}
            self._begun = now()
        if timer is not None:
            timer.cancel()
        if bar is not None:
            bar.stop()


def _bar(console: Console) -> Progress:
    from rich.progress import (
        BarColumn,
        Progress,
        ProgressColumn,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    class Rate(ProgressColumn):
        """A column of the bar with the amount of work done per second."""

        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            if not speed or not math.isfinite(speed) or not task.fields.get("unit"):
                return Text("")
            return Text(f"{speed:,.4g} {task.fields['unit']}/s", style="dim")

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        Rate(),
        TimeElapsedColumn(),
        TextColumn(_in_words("left")),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        redirect_stdout=sys.stdout.isatty(),
    )


_display: Display | None = None


@contextmanager
def shown(console: Console) -> Iterator[None]:
    """Display the progress that is reported inside the context, on a console of the error stream."""
    global _display
    before, _display = _display, Display(console)
    display = _display
    try:
        with progress.listening(lambda *work: display.report("inner", *work)):
            yield
    finally:
        display.clear()
        _display = before


def report(words: str, done: float, total: float, unit: str = "") -> None:
    """Report the progress of the command's own loop; with a unit (in the plural), the display includes the rate."""
    if _display is not None:
        _display.report("outer", words, done, total, unit)


def note(sentence: str) -> None:
    """Print a sentence once if the work takes long; an empty sentence withdraws it."""
    if _display is not None:
        _display.note = sentence


def clear() -> None:
    """Hide the bar before something is printed."""
    if _display is not None:
        _display.clear()
