"""Limits, for all languages, on the size of a model file and on the length and nesting depth of an equation.

`check_size(text)` raises an error for an equation that is too long or too deeply nested, and `short(text)` shortens a
text for an error message. `MAX_BYTES` and `MAX_TABLE_BYTES` limit the size of files.
"""

from __future__ import annotations

import re

from sdcluster.errors import ModelError
from sdcluster.messages import message

MAX_BYTES = 32 * 1024 * 1024  # size limit of a model file
MAX_TABLE_BYTES = 64 * 1024 * 1024  # size limit of a table that a model reads
MAX_LENGTH = 100_000
MAX_NESTING = 100

_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[()\[\]]', re.DOTALL)


def check_size(text: str) -> None:
    """Raise an error if an equation is too long or too deeply nested to be parsed.

    Raises
    ------
    ModelError
        The error has no file and line. The caller adds them.
    """
    if len(text) > MAX_LENGTH:
        raise ModelError(
            message("read.equation_characters_more_not", count=len(text), max_length=MAX_LENGTH)
        )
    if text.count("(") + text.count("[") <= MAX_NESTING:
        return
    depth = deepest = 0
    for sign in _BRACKETS.findall(text):
        depth += (sign in "([") - (sign in ")]")
        deepest = max(deepest, depth)
    if deepest > MAX_NESTING:
        raise ModelError(
            message(
                "read.equation_nests_parentheses_more", deepest=deepest, max_nesting=MAX_NESTING
            )
        )


def short(text: str) -> str:
    """Return a text on one line, shortened to at most 60 characters for use in a message."""
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "…"
