"""Check that the built front end matches its sources in a clone of the repository.

`is_current()` makes the check. `frontend/build.py` uses `sources(folder)` and `digest(files)`, and loads this file by
its path. Wheels contain no sources, so their front end is always current.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

PUBLISH = Path(__file__).resolve().parent
FOLDER = PUBLISH.parents[1] / "frontend"
STAMP = PUBLISH / "static" / "sources.txt"


def sources(folder: Path = FOLDER) -> list[Path]:
    """Return the source files from which the front end is built.

    Parameters
    ----------
    folder : Path
        The folder ``frontend/`` of the clone.
    """
    found = [folder / "package-lock.json", folder / "build.mjs", PUBLISH / "run_model.js"]
    return found + sorted(p for p in (folder / "src").rglob("*") if p.is_file())


def digest(files: list[Path]) -> str:
    """Return a digest of the names and contents of files, which is the same for all line endings."""
    whole = hashlib.sha256()
    for path in files:
        whole.update(path.name.encode() + b"\0")
        whole.update(path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return whole.hexdigest()


def is_current(folder: Path = FOLDER, stamp: Path = STAMP) -> bool:
    """Return whether the front end was built from the current sources; True for an installed package without sources.

    Parameters
    ----------
    folder : Path
        The folder ``frontend/`` of the clone.
    stamp : Path
        The file in which `frontend/build.py` stores the digest of the sources.
    """
    # An installed package may have a neighbouring folder of the same name.
    if not ((folder / "build.mjs").is_file() and (folder / "src" / "futures").is_dir()):
        return True
    return stamp.is_file() and stamp.read_text().strip() == digest(sources(folder))
