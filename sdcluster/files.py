"""Where the program keeps its own files, and how files are written so that nothing is lost."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sdcluster.errors import ModelError
from sdcluster.messages import Message, message

written: list[Path] = []  # what this process wrote for its user, in order
unfinished: list[Path] = []  # what was interrupted and can be resumed
_caches: set[Path] = set()  # folders of the program's own files


LANGUAGES = {
    ".xmile": "xmile",
    ".stmx": "xmile",
    ".itmx": "xmile",
    ".xml": "xmile",
    ".mdl": "vensim",
}
"""The folder of `sdcluster.read` that reads a model file, by its ending; in a folder of both the first is preferred."""
PACKAGE = Path(__file__).resolve().parent


def is_model_file(path: Path) -> bool:
    """Return whether a file has the ending of a model."""
    return path.suffix.lower() in LANGUAGES


def models_folder() -> Path | None:
    """Return the folder ``models``: beside this folder, in it or above it, in the checkout, or the installed one."""
    here = Path.cwd()
    for folder in (here.parent, here, *here.parents, PACKAGE.parent, PACKAGE):
        if any((folder / "models").glob("*/*.xmile")):
            return folder / "models"
    return None


def model_path(path: str | Path) -> Path:
    """Return the path of a model; a bare name without a file here may name a model of `models_folder`.

    Raises
    ------
    ModelError
        For what names no file, such as None or a number.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise ModelError(message("general.model_path_file_folder", path=repr(path)))
    path = Path(path)
    if path.exists() or path.is_symlink() or len(path.parts) != 1 or path.suffix:
        return path
    folder = models_folder()
    return folder / path if folder and (folder / path).is_dir() else path


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
    _caches.add(folder)
    return folder


@contextmanager
def replacing(path: Path, suffix: str = "") -> Iterator[Path]:
    """Give an empty file to fill, which takes the place of `path` at the end; after an exception it is gone.

    Parameters
    ----------
    path : path
        The file; its folder is made where it is missing.
    suffix : str
        How the name of the file to fill ends, for writers that look at it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(path)
        if path.parent not in _caches:
            written.append(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_atomically(path: Path, content: bytes | str) -> None:
    r"""Write a file so that a reader sees the old or the new content, never a part.

    Parameters
    ----------
    path : path
        The file; its folder is made where it is missing.
    content : bytes or str
        Text is written as UTF-8 with ``\n`` line ends.
    """
    with replacing(path) as temporary:
        temporary.write_bytes(content.encode() if isinstance(content, str) else content)


def reason(error: OSError) -> Message | str:
    """Return why a file cannot be read or written, in any language; in the system's words where it is a rare reason."""
    match error.errno:
        case errno.ENOENT:
            return message("general.no_such_file")
        case errno.EACCES | errno.EPERM:
            return message("general.permission_denied")
        case errno.EISDIR:
            return message("general.is_a_directory")
        case errno.ENOTDIR:
            return message("general.not_a_directory")
        case errno.ENOSPC:
            return message("general.no_space_left")
        case errno.EROFS:
            return message("general.read_only")
        case errno.ENAMETOOLONG:
            return message("general.name_too_long")
    return error.strerror or str(error)
