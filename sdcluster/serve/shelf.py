"""The models that the server shows: those that come with the program and the user's own.

Interface: `Shelf`. A request can reach only files on the shelf, whatever its path.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from sdcluster import files

ENDINGS = set(files.LANGUAGES) - {".xml"}  # most .xml files are something else
DEPTH = 4  # folders below the one where the search begins
MOST_FOLDERS = 2_000
MOST_FILES = 200
SKIPPED = {"node_modules", "__pycache__", "site-packages", "venv", "env"}


class Shelf:
    """Models by name, as used in the addresses of their pages.

    Parameters
    ----------
    folder : path
        Folder to search for the user's own models.
    named : path, optional
        The file of a model in any folder.
    """

    def __init__(self, folder: Path, named: Path | None = None) -> None:
        self.folder = folder
        self._named = {named.name: named.resolve()} if named else {}
        self._ours = {path.parent.name: path.resolve() for path in shipped()}
        self._own: dict[str, Path] = {}

    def shipped(self) -> dict[str, Path]:
        """Return the models that come with the program."""
        return dict(self._ours)

    def own(self) -> dict[str, Path]:
        """Search the folder again and return the user's models by relative path."""
        ours = set(self._ours.values())
        found = (p for p in models_below(self.folder) if p.resolve() not in ours)
        self._own = {path.relative_to(self.folder).as_posix(): path.resolve() for path in found}
        return dict(self._own)

    def file(self, name: str) -> Path | None:
        """Return the file of a model; None if the model is not on the shelf."""
        if name in self._named:
            return self._named[name]
        if name in self._ours:
            return self._ours[name]
        return self._own.get(name) or self.own().get(name)

    def name_of(self, file: Path) -> str:
        """Return the name of a file on the shelf."""
        file = file.resolve()
        everything = self._named | self._ours | self._own
        return next(name for name, path in everything.items() if path == file)


def shipped() -> list[Path]:
    """Return the files of the models that come with the program."""
    folder = files.models_folder()
    return sorted(folder.glob("*/*.xmile")) if folder else []


def models_below(folder: Path) -> Iterator[Path]:
    """Yield model files in a folder and its subfolders, nearest first, up to the limits."""
    level, looked, found = [folder], 0, 0
    for _ in range(DEPTH + 1):
        deeper: list[Path] = []
        for place in level:
            looked += 1
            if looked > MOST_FOLDERS:
                return
            for path in _entries(place):
                if path.is_dir():
                    deeper.append(path)
                elif files.is_model_file(path) and path.suffix.lower() != ".xml":
                    found += 1
                    yield path
                    if found >= MOST_FILES:
                        return
        level = deeper


def _entries(folder: Path) -> list[Path]:
    """Return a folder's entries by name, without hidden or unreadable ones and links to folders."""
    try:
        with os.scandir(folder) as entries:
            kept = [
                Path(e.path)
                for e in entries
                if not e.name.startswith(".")
                and e.name not in SKIPPED
                and (e.is_file() or e.is_dir(follow_symlinks=False))
            ]
    except OSError:
        return []
    return sorted(kept)
