"""A cache of parsed models by content, because PySD takes over a second to import and parse.

Crosses the border: `cached(file, data, parse)`. A damaged or unreadable entry is simply made anew.
"""

from __future__ import annotations

import hashlib
import os
import pickle
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path

from sdcluster.files import cache_folder, write_atomically
from sdcluster.model import Model
from sdcluster.recursion import deep_recursion


def cached(file: Path, data: bytes, parse: Callable[[Path, bytes], Model]) -> Model:
    """Return the parsed model of `data`, from the cache where the same content was parsed before.

    Parameters
    ----------
    file : path
        Where `data` came from; only its suffix takes part in the key.
    data : bytes
        Content of the file.
    parse : callable
        Called on a miss.
    """
    key = hashlib.sha256(
        _reader_version() + file.suffix.lower().encode() + b"\0" + data
    ).hexdigest()
    entry = cache_folder("models") / f"{key}.pickle"
    with suppress(
        OSError, pickle.UnpicklingError, EOFError, AttributeError, ImportError, TypeError
    ):
        with deep_recursion():
            model = pickle.loads(entry.read_bytes())
        if isinstance(model, Model):
            return replace(model, path=file)
    model = parse(file, data)
    with suppress(OSError, RecursionError), deep_recursion():
        write_atomically(entry, pickle.dumps(model))
    return model


@cache
def _reader_version() -> bytes:
    """Hash of the code that makes a model: a changed reader must not be answered by old entries."""
    digest = hashlib.sha256()
    package = Path(__file__).parent.parent
    for folder in ("model", "read"):
        for source in sorted((package / folder).glob("*.py")):
            digest.update(os.fsencode(source.name) + source.read_bytes())
    return digest.digest()
