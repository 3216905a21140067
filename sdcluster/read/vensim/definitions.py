"""Parse the definitions in a Vensim file. The left-hand side becomes an object, the right-hand side remains a text.

`parse_definition(text)` returns an `Assignment`, a `Statement` or a `RangeDefinition`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.read.limits import short
from sdcluster.read.vensim.cursor import Cursor

MAX_ELEMENTS = 100_000

_BLANKS = re.compile(r"[\s\\]*")
_WORD = r"[\w\u0080-\U0010ffff][\w\u0080-\U0010ffff'$\s]*"
_QUOTED = r'"(?:\\"|[^"])*"'
_NAME = re.compile(rf"{_WORD}|{_QUOTED}")
_PLAIN = re.compile(_WORD)
_TEXT = re.compile("'([^']*)'")
_EXCEPT = re.compile(":EXCEPT:", re.IGNORECASE)
_STATEMENT = re.compile(r":(THE CONDITION|TEST INPUT):[\s\\]*", re.IGNORECASE)
_SIGNS = {
    s: re.compile(re.escape(s))
    for s in ["==", "=", ":=", ":", "<->", "->", "(", ")", "[", "]", ",", "-"]
}


@dataclass(frozen=True, slots=True)
class Assignment:
    """The equation of a variable, or of a part of an array.

    Parameters
    ----------
    name : str
    kind : {"equation", "data", "lookup"}
        Determined by the sign after the name: ``=`` for an equation, ``:=`` or no sign for data, ``(`` for a lookup.
    subscripts : tuple of str
    exceptions : tuple of tuple of str
        The subscripts after ``:EXCEPT:``.
    expression : str
        The right-hand side, which may be empty.
    keyword : str
        How data are interpolated, such as ``raw``.
    """

    name: str
    kind: Literal["equation", "data", "lookup"]
    subscripts: tuple[str, ...] = ()
    exceptions: tuple[tuple[str, ...], ...] = ()
    expression: str = ""
    keyword: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """A reality check, or a test input for reality checks."""

    name: str
    is_check: bool
    subscripts: tuple[str, ...]
    expression: str


@dataclass(frozen=True, slots=True)
class RangeDefinition:
    """The definition of a subscript range.

    Parameters
    ----------
    name : str
    items : tuple of str
        Elements and other ranges.
    mappings : tuple of (str, tuple of str)
        The ranges to which this range is mapped, each with its elements if the file lists them.
    copy_of : str
        The range of which this range is a copy, or an empty text.
    source : tuple of str
        Arguments of the ``GET DIRECT SUBSCRIPT`` that reads the elements.
    """

    name: str
    items: tuple[str, ...] = ()
    mappings: tuple[tuple[str, tuple[str, ...]], ...] = ()
    copy_of: str = ""
    source: tuple[str, ...] = ()


Definition = Assignment | Statement | RangeDefinition


def parse_definition(text: str) -> Definition:
    """Parse the text of a definition.

    Raises
    ------
    ModelError
        If the text is not a definition. The error has no file and line. The caller adds them.
    """
    return _LeftSide(text).whole()


class _LeftSide:
    """Parses one definition up to its right-hand side."""

    def __init__(self, text: str) -> None:
        self.cursor = Cursor(text)

    def sign(self, sign: str) -> bool:
        """Consume a sign and the blanks around it, if the sign comes next. Return whether it did."""
        self.cursor.take(_BLANKS)
        found = self.cursor.take(_SIGNS[sign]) is not None
        self.cursor.take(_BLANKS)
        return found

    def need(self, sign: str) -> None:
        if not self.sign(sign):
            raise self.cursor.error()

    def name(self, pattern: re.Pattern[str] = _NAME) -> str:
        name = self.cursor.need(pattern).strip()
        self.cursor.take(_BLANKS)
        return name

    def several(self, one: Callable[[], str]) -> list[str]:
        found = [one()]
        while self.sign(","):
            found.append(one())
        return found

    def rest(self) -> str:
        return self.cursor.text[self.cursor.at :].strip()

    def whole(self) -> Definition:
        name = self.name()
        if self.sign("<->"):
            return self.ended(RangeDefinition(name, copy_of=self.name()))
        subscripts: list[str] = []
        exceptions: list[tuple[str, ...]] = []
        if self.sign("["):
            subscripts = self.several(self.name)
            self.need("]")
            if self.cursor.take(_EXCEPT):
                exceptions = [self.group()]
                while self.sign(","):
                    exceptions.append(self.group())
        left = (tuple(subscripts), tuple(exceptions))
        if (statement := self.cursor.take(_STATEMENT)) is not None:
            check = "CONDITION" in statement.upper()
            return Statement(name, check, left[0], self.rest())
        if self.sign("==") or self.sign("="):
            return Assignment(name, "equation", *left, self.rest())
        if self.sign(":="):
            return Assignment(name, "data", *left, self.rest())
        if self.rest().startswith("("):
            return Assignment(name, "lookup", *left, self.rest())
        if not self.rest():
            return Assignment(name, "data", *left)
        return self.after_colon(name, left)

    def after_colon(
        self, name: str, left: tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]
    ) -> Definition:
        """Parse the text after a colon: a keyword and data, or the elements of a subscript range."""
        begin = self.cursor.at
        self.need(":")
        word = self.cursor.take(_PLAIN)
        if word is not None and self.sign(":"):
            keyword = word.strip().lower().replace(" ", "_")
            if self.sign(":="):
                return Assignment(name, "data", *left, self.rest(), keyword)
            if not self.rest():
                return Assignment(name, "data", *left, keyword=keyword)
        if left[0]:
            raise self.cursor.error()
        self.cursor.at = begin
        self.need(":")
        return self.range(name)

    def group(self) -> tuple[str, ...]:
        self.need("[")
        found = tuple(self.several(self.name))
        self.need("]")
        return found

    def range(self, name: str) -> RangeDefinition:
        begin = self.cursor.at
        if self.cursor.take(_PLAIN) and self.sign("("):
            source = self.texts()
            return self.ended(RangeDefinition(name, source=source, mappings=self.mappings()))
        self.cursor.at = begin
        items = self.run()
        while self.sign(","):
            items += self.run()
        return self.ended(RangeDefinition(name, items, self.mappings()))

    def texts(self) -> tuple[str, ...]:
        """Return the five arguments of ``GET DIRECT SUBSCRIPT``."""
        found: list[str] = []
        while not self.sign(")"):
            found.append(self.cursor.need(_TEXT)[1:-1])
            self.sign(",")
        if len(found) not in (4, 5):
            raise ModelError(message("read.vensim.get_direct_subscript_takes"))
        return (*found, *[""] * (5 - len(found)))

    def run(self) -> tuple[str, ...]:
        """Return the next element, or all elements of a numbered range such as ``(a1-a9)``."""
        begin = self.cursor.at
        if not self.sign("("):
            return (self.name(),)
        first = self.name(_PLAIN)
        self.need("-")
        last = self.name(_PLAIN)
        self.need(")")
        return _numbered(first, last, self.cursor.text[begin : self.cursor.at])

    def mappings(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        found: list[tuple[str, tuple[str, ...]]] = []
        if self.sign("->"):
            found.append(self.mapping())
            while self.sign(","):
                found.append(self.mapping())
        return tuple(found)

    def mapping(self) -> tuple[str, tuple[str, ...]]:
        if not self.sign("("):
            return self.name(), ()
        target = self.name()
        self.need(":")
        elements = tuple(self.several(self.name))
        self.need(")")
        return target, elements

    def ended(self, found: RangeDefinition) -> RangeDefinition:
        if self.rest():
            raise self.cursor.error(self.cursor.at)
        return found


def _numbered(first: str, last: str, shown: str) -> tuple[str, ...]:
    """Return all elements of a numbered range such as ``(a1-a9)``."""
    ends = [re.fullmatch(r"(.*?)(\d+)", name, re.DOTALL) for name in (first, last)]
    if None in ends or not ends[0][1] or ends[0][1].lower() != ends[1][1].lower():  # type: ignore[index]
        raise ModelError(message("read.vensim.range_must_run_between", short=short(shown.strip())))
    low, high = (int(end[2][:9]) for end in ends if end)
    if low >= high or high - low >= MAX_ELEMENTS:
        raise ModelError(
            message(
                "read.vensim.range_must_rise_hold",
                short=short(shown.strip()),
                max_elements=MAX_ELEMENTS,
            )
        )
    return tuple(ends[0][1] + str(i) for i in range(low, high + 1))  # type: ignore[index]
