"""Detect changes of a model's file and of the other files of its project, however an editor saves them.

Some editors write a file in place and in pieces, others replace it by a temporary file, and network folders send no
events. Therefore, the program calls `stat` on the few files every tenth of a second. It reports a change only after the
files have stopped changing. The class `Watched` does all this.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

BESIDE = ("lab.toml", "scenarios.toml")
TABLES = (".csv", ".tab", ".dat", ".xlsx", ".xls", ".vdf", ".vdfx")
MOST_TABLES = 100
EVERY = 0.1  # seconds between two looks at the files
QUIET = 0.04  # a file counts as saved if it has not changed for these seconds
GONE = 1.0  # a missing file counts as deleted after these seconds; before, it may be replaced

Signature = tuple[tuple[str, tuple[int, int, int] | None], ...]


class Watched:
    """Watches the files of a laboratory.

    Parameters
    ----------
    file : path
        The model's file.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._files = [file, *(file.parent / name for name in BESIDE)]
        self.renew()

    def renew(self) -> None:
        """Update the list of project files next to the model, and store the current state of the files."""
        try:
            beside = [p for p in sorted(self.file.parent.iterdir()) if p.suffix.lower() in TABLES]
        except OSError:
            beside = []
        self._known = [*self._files, *beside[:MOST_TABLES]]
        self.signature = self.look()

    def look(self) -> Signature:
        """Return the current state of the files: path, and time of change, size and inode of each."""
        return tuple((str(path), _stamp(path)) for path in self._known)

    def _there(self) -> bool:
        return _stamp(self.file) is not None

    async def changed(self) -> None:
        """Wait until the files differ from their state at the last call of `renew` and have stopped changing."""
        while self.look() == self.signature:
            await asyncio.sleep(EVERY)
        await self.at_rest()

    async def at_rest(self, seconds: float = QUIET) -> None:
        """Wait until the files have not changed for some seconds; wait longer while the model's file is missing."""
        waited, before = 0.0, self.look()
        while waited < (seconds if self._there() else GONE):
            await asyncio.sleep(QUIET)
            waited += QUIET
            now = self.look()
            if now != before:
                waited, before = 0.0, now


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
