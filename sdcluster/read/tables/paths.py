"""Paths as models write them: from Windows and elsewhere, absolute or relative, in whatever case.

Crosses the border: functions of paths; only `any_case` and `listing` look at the disk.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

_DRIVE = re.compile(r"[A-Za-z]:")
_TABLES = (".tab", ".csv", ".dat", ".tsv", ".txt", ".xls", ".xlsx", ".xlsm", ".vdf", ".vdfx")
_EXCEL = {".xls": ".xlsx", ".xlsx": ".xls"}


def leaves_folder(text: str) -> bool:
    """Whether a path with slashes is absolute on some system, or leads out of the folder that it starts in."""
    depth = 0
    for part in text.split("/"):
        depth += {"..": -1, ".": 0, "": 0}.get(part, 1)
        if depth < 0:
            return True
    return text.startswith(("/", "~")) or _DRIVE.match(text) is not None


def tails(text: str) -> list[str]:
    """Return the ends of a path with slashes, the longest first and the name alone last.

    >>> tails("C:/models/data/../shops.csv")
    ['models/shops.csv', 'shops.csv']
    """
    parts: list[str] = []
    for part in _DRIVE.sub("", text, count=1).split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return ["/".join(parts[at:]) for at in range(len(parts))] or [text]


def other_excel(path: Path) -> Path:
    """Return the path with the other ending of Excel: models converted from .xls often keep the old name."""
    return path.with_suffix(_EXCEL.get(path.suffix.lower(), path.suffix))


def listing(folder: Path) -> str:
    """Return a hash of the names of the tables in a folder: whether one was added or taken away."""
    names = sorted(p.name for p in folder.iterdir() if p.suffix.lower() in _TABLES)
    return hashlib.sha256("\0".join(names).encode("utf-8", "surrogateescape")).hexdigest()


def any_case(home: Path, wanted: Path) -> Path:
    """Return the file that is meant where the case of the name differs: on Windows names ignore case."""
    if wanted.exists() or home not in wanted.parents:
        return wanted
    found = home
    for part in wanted.relative_to(home).parts:
        if not (found / part).exists() and found.is_dir() and part != "..":
            same = (p.name for p in found.iterdir() if p.name.casefold() == part.casefold())
            part = next(same, part)
        found /= part
    return found
