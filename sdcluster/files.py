"""Locations of the program's own files, and safe writing of files."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sdcluster.errors import ModelError
from sdcluster.messages import Message, message

written: list[Path] = []  # files this process wrote for the user, in order
unfinished: list[Path] = []  # interrupted work that can be resumed
_caches: set[Path] = set()  # folders of the program's own files


LANGUAGES = {
    ".xmile": "xmile",
    ".stmx": "xmile",
    ".itmx": "xmile",
    ".xml": "xmile",
    ".mdl": "vensim",
}
"""The folder of `sdcluster.read` for each ending of a model file; in a folder with both kinds, XMILE is read."""
PACKAGE = Path(__file__).resolve().parent


def is_model_file(path: Path) -> bool:
    """Return whether a file name has a model's extension."""
    return path.suffix.lower() in LANGUAGES


def models_folder() -> Path | None:
    """Return the folder ``models`` with the bundled models.

    In a checkout, the folder is next to, in or above the package folder; otherwise it is the installed one.
    """
    here = Path.cwd()
    for folder in (here.parent, here, *here.parents, PACKAGE.parent, PACKAGE):
        if any((folder / "models").glob("*/*.xmile")):
            return folder / "models"
    return None


def model_path(path: str | Path) -> Path:
    """Return the path of a model; a bare name that is not a file in this folder is a model in `models_folder`.

    Raises
    ------
    ModelError
        If the argument cannot be a path, such as None or a number.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise ModelError(message("general.model_path_file_folder", path=repr(path)))
    path = Path(path)
    if path.exists() or path.is_symlink() or len(path.parts) != 1 or path.suffix:
        return path
    folder = models_folder()
    return folder / path if folder and (folder / path).is_dir() else path


def cache_folder(kind: str) -> Path:
    """Return the folder for one kind of cached file, creating it if necessary.

    The folder is in the user's cache folder, or in ``$SDCLUSTER_CACHE`` if that variable is set.
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


def resuming(paths: Iterable[Path]) -> None:
    """Add each output file that already has unfinished runs next to it to `unfinished`.

    The message after Ctrl-C then mentions these runs, even if Ctrl-C comes before the first new run.
    """
    kept = [path for path in paths if path.name]
    states = [path.with_name(f"{path.name}.part") / "state.npz" for path in kept]
    unfinished.extend(path for path, state in zip(kept, states, strict=True) if state.is_file())


@contextmanager
def named(path: Path, *others: Path) -> Iterator[None]:
    """Make file errors inside the block name `path`, which the user knows, instead of the temporary files `others`."""
    try:
        yield
    except OSError as error:
        if error.filename and Path(os.fsdecode(error.filename)) in others:
            error.filename = str(path)
        raise


@contextmanager
def only_writer(path: Path) -> Iterator[bool]:
    """Lock `path` for writing, and yield whether this process obtained the lock.

    The operating system locks the file ``PATH.lock`` and releases it when the process ends, even if the process is
    killed. If the file system does not support locks, every process obtains the lock.
    """
    beside = path.with_name(f"{path.name}.lock")
    with named(path, beside):
        path.parent.mkdir(parents=True, exist_ok=True)
        while True:
            handle = os.open(beside, os.O_RDWR | os.O_CREAT, 0o644)
            held = _locked(handle)
            if not held or _is(handle, beside):
                break
            os.close(handle)  # its last owner removed it before we locked it
    try:
        yield held
    finally:
        if held:
            with suppress(OSError):  # Windows cannot remove an open file
                beside.unlink()
        _unlock(handle)
        os.close(handle)
        if held and sys.platform == "win32":
            with suppress(OSError):
                beside.unlink()


def _is(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


if sys.platform == "win32":
    import msvcrt

    def _locked(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(handle: int) -> None:
        with suppress(OSError):
            msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _locked(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            return error.errno not in (errno.EWOULDBLOCK, errno.EACCES)
        return True

    def _unlock(handle: int) -> None:
        # A forked child shares the lock, so closing the file would not release it.
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_UN)


@contextmanager
def replacing(path: Path, suffix: str = "") -> Iterator[Path]:
    """Yield an empty temporary file, which replaces `path` at the end of the block.

    If the block raises an exception, the temporary file is deleted and `path` is unchanged.

    Parameters
    ----------
    path : path
        The file; its folder is created if missing.
    suffix : str
        Suffix of the temporary file, for functions that choose the file format by the suffix.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=suffix)
    except OSError as error:
        error.filename = str(path)
        raise
    os.close(handle)
    temporary = Path(name)
    try:
        with named(path, temporary):
            yield temporary
            temporary.chmod(0o644)
            temporary.replace(path)
        if path.parent not in _caches:
            written.append(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_atomically(path: Path, content: bytes | str) -> None:
    r"""Write a file atomically: other programs read either the old or the complete new content.

    Parameters
    ----------
    path : path
        The file; its folder is created if missing.
    content : bytes or str
        Text is written as UTF-8 with ``\n`` line ends.
    """
    with replacing(path) as temporary:
        temporary.write_bytes(content.encode() if isinstance(content, str) else content)


def reason(error: OSError) -> Message | str:
    """Return why a file cannot be read or written.

    Common reasons are messages that can be translated; other reasons are in the operating system's words.
    """
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
