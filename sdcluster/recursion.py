"""Deep equations need deep recursion: a context in which pure-Python parsers and printers may recurse further."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_DEPTH = 12_000


@contextmanager
def deep_recursion() -> Iterator[None]:
    """Raise Python's recursion limit inside the block, and put it back afterwards."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _DEPTH))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
