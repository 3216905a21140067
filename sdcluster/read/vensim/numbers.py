"""Parse numbers, lists of numbers and points as Vensim writes them.

`literal(text)` returns a number or a list of numbers, and `points(text)` returns the x and y values of points. The text
is never executed as code.
"""

from __future__ import annotations

import re

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.model.missing import NA
from sdcluster.read.limits import short
from sdcluster.read.syntax import Numbers

_NUMBER = r"[+-]?\s*(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_WHOLE_NUMBER = re.compile(_NUMBER)
_MISSING = ":NA:"
_VALUE = rf"{_NUMBER}|{_MISSING}"
_POINT = re.compile(rf"\(\s*({_VALUE})\s*,\s*({_VALUE})\s*\)", re.IGNORECASE)
_NUMBERS = re.compile(rf"(?:[\d\s.,;eE+-]|{_MISSING})+", re.IGNORECASE)
_TABBED = re.compile(r"TABBED[ _]ARRAY\s*\(([^()]*)\)", re.IGNORECASE)
# Some tools write each tab and line end of a table as two characters, such as a backslash and a t.
_WRITTEN_BLANKS = re.compile(r"\\[tnr]?")


def literal(text: str) -> float | Numbers | None:
    """Return the value of a right-hand side that is a number or a list of numbers, or None for others.

    ``TABBED ARRAY(…)`` is another form of a list.
    """
    tabbed = _TABBED.fullmatch(text)
    if tabbed:
        return parse_numbers(_WRITTEN_BLANKS.sub(" ", tabbed.group(1)), " \t\n,;")
    return parse_numbers(text) if _NUMBERS.fullmatch(text) else None


def parse_numbers(text: str, separators: str = ",;") -> float | Numbers | None:
    """Return a number, or a list of numbers that `separators` separate. For other texts, return None."""
    parts = re.split(f"[{re.escape(separators)}]+", text.strip(separators + " "))
    if not all(_WHOLE_NUMBER.fullmatch(p.strip()) or p.strip().upper() == _MISSING for p in parts):
        return None
    values = tuple(_float(p) for p in parts)
    return values[0] if len(values) == 1 else Numbers(values)


def points(text: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the x and y values of points.

    The text is ``(x1,y1),(x2,y2),…``, or a list of all x values followed by all y values.
    """
    found = _POINT.findall(text)
    if found:
        if re.sub(r"[\s,\\]+", "", _POINT.sub("", text)):
            raise ModelError(message("read.vensim.points_hold_something_else", short=short(text)))
        pairs = [(_float(x), _float(y)) for x, y in found]
        return tuple(p[0] for p in pairs), tuple(p[1] for p in pairs)
    numbers = parse_numbers(text)
    if not isinstance(numbers, Numbers) or len(numbers.values) % 2:
        raise ModelError(message("read.vensim.gives_no_points_write", short=short(text)))
    half = len(numbers.values) // 2
    return numbers.values[:half], numbers.values[half:]


def _float(text: str) -> float:
    digits = re.sub(r"\s", "", text)
    return NA if digits.upper() == _MISSING else float(digits)
