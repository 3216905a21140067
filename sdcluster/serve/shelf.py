"""The models that the server shows: the bundled models and the user's own models.

`Shelf` finds the file of a model by its name. A request can open only the files of these models, whatever path the
request contains.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from sdcluster import files

ENDINGS = set(files.LANGUAGES) - {".xml"}  # most .xml files are not models
DEPTH = 4  # levels of subfolders that are searched
MOST_FOLDERS = 2_000
MOST_FILES = 200
SKIPPED = {"node_modules", "__pycache__", "site-packages", "venv", "env"}


class Shelf:
    """The models that the server shows, by the name in the address of the model's page.

    Parameters
    ----------
    folder : path
        The folder to search for the user's own models.
    named : path, optional
        The file of another model to show, in any folder.
    """

    def __init__(self, folder: Path, named: Path | None = None) -> None:
        self.folder = folder
        self._named = {named.name: named.resolve()} if named else {}
        self._ours = {path.parent.name: path.resolve() for path in shipped()}
        self._own: dict[str, Path] = {}

    def shipped(self) -> dict[str, Path]:
        """Return the files of the bundled models by name."""
        return dict(self._ours)

    def own(self) -> dict[str, Path]:
        """Search the folder again, and return the files of the user's models by relative path."""
        ours = set(self._ours.values())
        found = (p for p in models_below(self.folder) if p.resolve() not in ours)
        self._own = {path.relative_to(self.folder).as_posix(): path.resolve() for path in found}
        return dict(self._own)

    def file(self, name: str) -> Path | None:
        """Return the file of the model called `name`; None if the server shows no such model."""
        if name in self._named:
            return self._named[name]
        if name in self._ours:
            return self._ours[name]
        return self._own.get(name) or self.own().get(name)

    def name_of(self, file: Path) -> str:
        """Return the name under which the server shows the model in a file."""
        file = file.resolve()
        everything = self._named | self._ours | self._own
        return next(name for name, path in everything.items() if path == file)


def shipped() -> list[Path]:
    """Return the files of the bundled models."""
    folder = files.models_folder()
    return sorted(folder.glob("*/*.xmile")) if folder else []


def models_below(folder: Path) -> Iterator[Path]:
    """Yield the model files in a folder and its subfolders, nearest first.

    The search ends after `DEPTH` levels, `MOST_FOLDERS` folders or `MOST_FILES` files.
    """
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
    """Return the files and folders in a folder, sorted by name, without hidden ones and links to folders.

    For a folder that cannot be read, the list is empty.
    """
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
