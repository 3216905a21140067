"""A position in the text of a Vensim equation, which a parser moves forward and which errors show.

A `Cursor` is such a position. Its methods raise `Unreadable` if they cannot parse the text.
"""

from __future__ import annotations

import re

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.read.limits import short
from sdcluster.read.vensim.typos import remedy

_BLANKS = " \t\r\n\\"  # a backslash may remain where a line is continued


class Unreadable(ModelError):
    """Raised if a text cannot be parsed as an equation."""


class Cursor:
    """A position in a text, initially at the beginning.

    Parameters
    ----------
    text : str
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.furthest = 0

    def take(self, pattern: re.Pattern[str]) -> str | None:
        """Consume a match of a pattern at the cursor, and return it without trailing blanks.

        If the pattern does not match, return None.
        """
        found = pattern.match(self.text, self.at)
        if found is None:
            self.furthest = max(self.furthest, self.at)
            return None
        self.at = found.end()
        return found.group().rstrip(_BLANKS)

    def need(self, pattern: re.Pattern[str]) -> str:
        """Consume a match of a pattern at the cursor, and return it without trailing blanks.

        Raises
        ------
        Unreadable
            If the pattern does not match.
        """
        found = self.take(pattern)
        if found is None:
            raise self.error()
        return found

    def error(self, place: int | None = None) -> Unreadable:
        """Return an error at `place`, or by default at the furthest position that the parser has reached."""
        rest = self.text[self.furthest if place is None else place :]
        found = (
            message("read.vensim.at_text", text=rest[:20])
            if rest.strip()
            else message("read.vensim.end")
        )
        return Unreadable(
            message(
                "read.vensim.equation_cannot_understood",
                short=short(self.text),
                found=found,
                remedy=remedy(self.text, rest),
            )
        )
