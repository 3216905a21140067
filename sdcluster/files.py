"""Where the program keeps its own files, and how files are written so that nothing is lost."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def cache_folder(kind: str) -> Path:
    """Return (and make) the folder for cached `kind`.

    It lies in the user's cache folder, or in ``$SDCLUSTER_CACHE`` where that is set.
    """
    chosen = os.environ.get("SDCLUSTER_CACHE")
    if chosen:
        base = Path(chosen)
    else:
        from platformdirs import user_cache_path

        base = user_cache_path("sdcluster", appauthor=False)
    folder = base / kind
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        folder = Path(tempfile.gettempdir()) / f"sdcluster-{os.getpid()}" / kind
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def write_atomically(path: Path, content: bytes | str) -> None:
    r"""Write a file so that a reader sees the old or the new content, never a part.

    Parameters
    ----------
    path : path
        The file; its folder is made where it is missing.
    content : bytes or str
        Text is written as UTF-8 with ``\n`` line ends.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode() if isinstance(content, str) else content
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
