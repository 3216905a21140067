"""Parse the right-hand sides of Vensim equations into syntax trees.

`parse_right(expression)` parses a right-hand side, and `parse_lookup(text)` parses the points after a lookup's name.
The text is never executed as code. Numbers are converted by ``float``, and names remain texts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.model.expression import COMPARISONS
from sdcluster.model.missing import NA
from sdcluster.read.limits import check_size, short
from sdcluster.read.precedence import Rank, ranked
from sdcluster.read.syntax import Call, Operation, Points, Reference, Running, WithLookup
from sdcluster.read.vensim.cursor import Cursor, Unreadable
from sdcluster.read.vensim.numbers import literal, points
from sdcluster.recursion import deep_recursion

_RANKS = (
    Rank(frozenset({"or"})),
    Rank(frozenset({"and"})),
    Rank(frozenset(COMPARISONS), frozenset({"not"})),
    Rank(frozenset("+-")),
    Rank(frozenset("*/")),
)
_POWER = frozenset("^")

_SPREAD = re.compile(r"\s*\[[^\]]*\]\s*,?")


def _word(pattern: str) -> re.Pattern[str]:
    """Return a compiled pattern that also matches blanks after the text, and backslashes that continue a line."""
    return re.compile(rf"(?:{pattern})[\s\\]*", re.IGNORECASE)


_BLANKS = re.compile(r"[\s\\]*")
_OPERATOR = _word(r":AND:|:OR:|:NOT:|<>|<=|>=|[-=<>+*/^]")
_PREFIX = _word(r":NOT:|[+-]")
_NUMBER = _word(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.])")
_NAME = re.compile(
    r"""(?:[^\W\d]|[\u0080-\U0010ffff])[\w\u0080-\U0010ffff'$\s]*|"(?:\\"|[^"])*"[\s\\]*"""
)
_ELEMENT = _word(r"\d\w*")
_RUNNING = _word("!")
_MISSING = _word(":NA:")
_TEXT = _word("'[^']*'")
_WITH_LOOKUP = _word(r"WITH[ _]LOOKUP\s*\(")
_OPEN, _CLOSE, _COMMA, _COLON = _word(r"\("), _word(r"\)"), _word(","), _word(":")
# A colon starts the additional outputs, unless it belongs to a keyword such as :NOT:.
_END_OF_ARGUMENTS = re.compile(r"\)|:(?!NA:|NOT:)", re.IGNORECASE)
_PARENTHESIS = re.compile(r"[()]")
_CLOSING = re.compile(r"[\s\\]*\)")
_BRACKET, _END_BRACKET = _word(r"\["), _word(r"\]")


def parse_right(expression: str) -> Any:
    """Return the syntax tree of a right-hand side.

    Raises
    ------
    ModelError
        If the text is not a right-hand side. The error has no file and line. The caller adds them.
    """
    text = expression.strip()
    if not text:
        raise ModelError(message("read.vensim.equation_empty_write_number"))
    numbers = literal(text)
    if numbers is not None:
        return numbers
    check_size(text)
    with deep_recursion():
        try:
            return _RightSide(text).whole()
        except RecursionError:
            raise ModelError(
                message("read.vensim.equation_nested_too_deeply", short=short(text))
            ) from None


def parse_lookup(text: str) -> Any:
    """Return the points that follow the name of a lookup, or the syntax tree of a call that reads them from a file."""
    inner = text.strip()
    if not (inner.startswith("(") and inner.endswith(")")):
        raise ModelError(message("read.vensim.lookup_not_closed_write", short=short(text)))
    inner = inner[1:-1].strip()
    if re.match(r"GET[ _]", inner, re.IGNORECASE):
        return parse_right(inner)
    inner = _SPREAD.sub("", inner, count=1) if inner.startswith("[") else inner
    return Points(*points(inner))


class _RightSide:
    """Parses one right-hand side into a syntax tree."""

    def __init__(self, text: str) -> None:
        self.cursor = Cursor(text)
        self.depth = 0  # nesting depth of parentheses
        self.sound: int | None = None  # last position at which the equation could have ended
        self.ahead: tuple[int, str | None, int] = (-1, None, -1)
        self.complaints: list[str] = []  # errors that do not prevent the equation from being parsed

    def whole(self) -> Any:
        self.cursor.take(_BLANKS)
        try:
            result = self.expression()
            if self.cursor.at < len(self.cursor.text):
                raise self.cursor.error()
        except Unreadable as error:
            raise error if self.sound is None else self.cursor.error(self.sound) from None
        if self.complaints:
            raise ModelError(self.complaints[0])
        return result

    def expression(self) -> Any:
        return ranked(_RANKS, self.signed, self.operator, self.joined)

    def joined(self, signs: tuple[str, ...], operands: tuple[Any, ...]) -> Operation:
        if len(signs) > 1 and signs[0] in COMPARISONS:
            self.complaints.append(message("read.vensim.two_comparisons_follow_each"))
        return Operation(signs, operands)

    def operator(self, signs: frozenset[str]) -> str | None:
        """Consume and return the next operator if it is in `signs`. Otherwise, return None.

        The next operator is stored, because the parser asks for it once for each rank of operators.
        """
        if self.ahead[0] != self.cursor.at:
            at = self.cursor.at
            found = self.cursor.take(_OPERATOR)
            sign = None if found is None else found.lower().strip(":")
            self.ahead, self.cursor.at = (at, sign, self.cursor.at), at
        _, sign, after = self.ahead
        if sign not in signs:
            return None
        self.cursor.at = after
        return sign

    def signed(self) -> Any:
        """Return a value or a power, with the signs in front.

        In ``-a ^ b``, the sign applies to the power. The exponent can have a sign, too.
        """
        negative = False
        while (prefix := self.cursor.take(_PREFIX)) is not None:
            if prefix.startswith(":"):
                self.complaints.append(message("read.vensim.not_comes_before_part"))
            negative ^= prefix.startswith("-")
        result = self.value()
        if self.operator(_POWER):
            result = Operation(("^",), (result, self.signed()))
        if not negative:
            return result
        return -result if isinstance(result, float) else Operation(("negative",), (result,))

    def value(self) -> Any:
        """Return the syntax tree of a number, a name, a call, or an expression in parentheses."""
        cursor = self.cursor
        if (start := _WITH_LOOKUP.match(cursor.text, cursor.at)) is not None:
            return self.ended(self.with_lookup(start))
        number = cursor.take(_NUMBER)
        if number is not None:
            return self.ended(float(number))
        if (name := cursor.take(_NAME)) is not None:
            return self.named(name)
        if cursor.take(_OPEN):
            return self.ended(self.closed(self.expression))
        if cursor.take(_MISSING):
            return self.ended(NA)
        raise cursor.error()

    def ended(self, value: Any) -> Any:
        """Return `value`, and record that a complete equation could end here."""
        if not self.depth:
            self.sound = self.cursor.at
        return value

    def closed(self, read: Callable[[], Any]) -> Any:
        """Return the result of `read`, and consume the closing parenthesis that follows."""
        self.depth += 1
        found = read()
        self.cursor.need(_CLOSE)
        self.depth -= 1
        return found

    def with_lookup(self, start: re.Match[str]) -> WithLookup | Call:
        """Return the tree of ``WITH LOOKUP(input, points)``.

        If no points follow the input, the result is an ordinary call.
        """
        cursor = self.cursor
        if not self.depth:
            self.sound = start.start() + start.group().index("(")
        cursor.at = start.end()

        def read() -> WithLookup | Call:
            argument = self.argument()
            if not cursor.take(_COMMA):
                return Call("WITH LOOKUP", (argument,))
            after = _past_points(cursor.text, cursor.at)
            if after is not None:
                text, cursor.at = cursor.text[cursor.at : after], after
                cursor.take(_BLANKS)
                return WithLookup(argument, parse_lookup(text))
            rest, outputs = self.arguments()
            return Call("WITH LOOKUP", (argument, *rest), (), outputs)

        return self.closed(read)  # type: ignore[no-any-return]

    def named(self, name: str) -> Any:
        if self.cursor.take(_RUNNING):
            return self.ended(Running(name))
        self.ended(name)
        indices = self.ended(self.indices())
        if not self.cursor.take(_OPEN):
            return Reference(name, indices)
        arguments, outputs = self.closed(self.arguments)
        return self.ended(Call(name, arguments, indices, outputs))

    def indices(self) -> tuple[str, ...]:
        """Return the subscripts in brackets after a name.

        A range over which a function such as SUM iterates keeps its trailing ``!``.
        """
        cursor = self.cursor
        if not cursor.take(_BRACKET):
            return ()
        found = []
        while True:
            name = cursor.take(_NAME) or cursor.need(_ELEMENT)
            found.append(name + (cursor.take(_RUNNING) or ""))
            if not cursor.take(_COMMA):
                break
        cursor.need(_END_BRACKET)
        return tuple(found)

    def arguments(self) -> tuple[tuple[Any, ...], tuple[Reference, ...]]:
        """Return the arguments of a call and, after a colon, the additional outputs of a macro."""
        cursor = self.cursor
        found, outputs = [], []
        while not _END_OF_ARGUMENTS.match(cursor.text, cursor.at):
            found.append(self.argument())
            if not cursor.take(_COMMA):
                break
        if cursor.take(_COLON):
            outputs.append(self.output())
            while cursor.take(_COMMA):
                outputs.append(self.output())
        return tuple(found), tuple(outputs)

    def argument(self) -> Any:
        text = self.cursor.take(_TEXT)
        return self.expression() if text is None else text[1:-1].strip()

    def output(self) -> Reference:
        return Reference(self.cursor.need(_NAME), self.indices())


def _past_points(text: str, at: int) -> int | None:
    """Return the position after the points that begin at `at`, or None if no closing parenthesis follows the points."""
    depth = 0
    for found in _PARENTHESIS.finditer(text, at) if text.startswith("(", at) else ():
        depth += 1 if found.group() == "(" else -1
        if not depth:
            return found.end() if _CLOSING.match(text, found.end()) else None
    return None
