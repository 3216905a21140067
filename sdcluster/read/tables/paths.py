"""Resolve paths as models write them: Windows or POSIX, absolute or relative, in any case.

The functions take and return paths. Only `any_case` and `listing` access the disk.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

_DRIVE = re.compile(r"[A-Za-z]:")
_TABLES = (".tab", ".csv", ".dat", ".tsv", ".txt", ".xls", ".xlsx", ".xlsm", ".vdf", ".vdfx")
_EXCEL = {".xls": ".xlsx", ".xlsx": ".xls"}


def leaves_folder(text: str) -> bool:
    """Return whether a path leads out of the folder from which it starts, or is absolute on any system.

    The path is written with slashes.
    """
    depth = 0
    for part in text.split("/"):
        depth += {"..": -1, ".": 0, "": 0}.get(part, 1)
        if depth < 0:
            return True
    return text.startswith(("/", "~")) or _DRIVE.match(text) is not None


def tails(text: str) -> list[str]:
    """Return the endings of a path that is written with slashes, from the longest one to the file name alone.

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
    """Return the path with ``.xlsx`` instead of ``.xls``, or with ``.xls`` instead of ``.xlsx``.

    After a workbook is converted to .xlsx, the model often still contains the old name.
    """
    return path.with_suffix(_EXCEL.get(path.suffix.lower(), path.suffix))


def listing(folder: Path) -> str:
    """Return a hash of the names of the tables in a folder. The hash changes when a table is added or removed."""
    names = sorted(p.name for p in folder.iterdir() if p.suffix.lower() in _TABLES)
    return hashlib.sha256("\0".join(names).encode("utf-8", "surrogateescape")).hexdigest()


def any_case(home: Path, wanted: Path) -> Path:
    """Return the existing file whose path equals `wanted` if case is ignored, because Windows ignores case in names."""
    if wanted.exists() or home not in wanted.parents:
        return wanted
    found = home
    for part in wanted.relative_to(home).parts:
        if not (found / part).exists() and found.is_dir() and part != "..":
            same = (p.name for p in found.iterdir() if p.name.casefold() == part.casefold())
            part = next(same, part)
        found /= part
    return found
