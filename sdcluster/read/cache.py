"""Cache parsed models by the content of their files, because parsing is slow.

`cached(file, data, parse)` returns the model, either from the cache or newly parsed. An entry of the cache records the
path and the SHA-256 of every other file that the model reads, such as Excel sheets and data. The entry is valid only as
long as those files do not change. A damaged or unreadable entry is replaced.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from sdcluster.files import cache_folder, write_atomically
from sdcluster.model import Model
from sdcluster.read.tables.paths import listing
from sdcluster.recursion import deep_recursion

# Libraries that parse equations, sheets and XML, by file extension. Another version of a library may parse differently.
_LIBRARIES = {".mdl": ("openpyxl", "xlrd")}
_OTHERWISE = ("lxml",)
# Folders that use models but do not create them.
_USERS = {"cli", "kernel", "publish", "lab", "lint", "checks", "view"}
_USERS |= {"run", "measure", "project", "serve", "study", "words", "write"}


def cached(
    file: Path,
    data: bytes,
    parse: Callable[[Path, bytes], tuple[Model, dict[Path, str]]],
    extra: Sequence[str | Path] = (),
) -> Model:
    """Return the model parsed from `data`, or its cached copy if the same content was parsed before.

    Parameters
    ----------
    file : path
        Path of the model file. Its name is part of the cache key, because a model without a name takes the name of its
        file. The paths of other files are stored relative to its folder.
    data : bytes
        Content of the model file.
    parse : callable
        Parses the file if the cache has no valid entry. Returns the model, and for each other file that was read its
        SHA-256. A missing file has ``""`` instead, and a folder has a hash of its listing.
    extra : sequence of paths
        Other files that the caller gives to the model. These files, in the given order, are part of the cache key.
    """
    named = "\0".join(str(Path(p).resolve()) for p in extra)
    key = hashlib.sha256(
        _reader_version(file.suffix.lower())
        + os.fsencode(file.name)
        + b"\0"
        + named.encode("utf-8", "replace")
        + b"\0"
        + data
    ).hexdigest()
    entry = cache_folder("models") / f"{key}.pickle"
    with suppress(
        OSError,
        pickle.UnpicklingError,
        EOFError,
        AttributeError,
        ImportError,
        TypeError,
        ValueError,
    ):
        with deep_recursion():
            model, used = pickle.loads(entry.read_bytes())
        if isinstance(model, Model) and all(_digest(file.parent / p) == d for p, d in used.items()):
            return replace(model, path=file)
    model, digests = parse(file, data)
    with suppress(OSError, RecursionError, ValueError), deep_recursion():
        home = file.parent.resolve()
        used = {os.path.relpath(p, home): digest for p, digest in digests.items()}
        write_atomically(entry, pickle.dumps((model, used)))
    return model


def _digest(file: Path) -> str:
    """Return the SHA-256 of a file, or the listing of a folder. For a missing file, return ``""``."""
    try:
        if file.is_dir():
            return listing(file)
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return ""


@cache
def _reader_version(suffix: str) -> bytes:
    """Return a hash of everything that affects parsing: our code, and the versions of the libraries that it calls."""
    digest = hashlib.sha256(f"{sys.version_info[:2]} {pickle.HIGHEST_PROTOCOL}".encode())
    for library in _LIBRARIES.get(suffix, _OTHERWISE):
        digest.update(f"{library} {_edition(library)}\0".encode())
    return digest.digest() + code_digest(Path(__file__).parent.parent)


def code_digest(package: Path) -> bytes:
    """Return a hash of those Python files in a package that can affect how a model is read.

    Folders whose code only uses models are left out.

    New files and folders are included automatically.
    """
    digest = hashlib.sha256()
    for folder, inside, names in os.walk(package):
        if folder == str(package):
            inside[:] = [name for name in inside if name not in _USERS]
        inside.sort()
        for name in sorted(n for n in names if n.endswith(".py")):
            source = Path(folder, name)
            place = source.relative_to(package).as_posix()
            digest.update(os.fsencode(place) + b"\0" + source.read_bytes() + b"\0")
    return digest.digest()


def _edition(library: str) -> str:
    """Return a string that changes when another version of a library is installed.

    The string contains path, size and date of a file, because reading the version in the library's metadata is slow.
    """
    found = find_spec(library)
    if found is None or found.origin is None:
        return ""
    status = os.stat(found.origin)
    return f"{found.origin} {status.st_size} {status.st_mtime_ns}"
