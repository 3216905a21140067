"""The parts of equations in a Vensim file that can be replaced, and their positions in the text.

`editable(file, data)` returns an `EditableText`. Equations inside macros cannot be replaced.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sdcluster.errors import ModelError
from sdcluster.model.names import canonical
from sdcluster.read.side import Edit, EditableText, Kind, Side
from sdcluster.read.vensim.definitions import Assignment, parse_definition
from sdcluster.read.vensim.text import clean, comment_ends, decoded, split

_SIGNS = re.compile(r'"(?:\\"|[^"])*"|\{|==|=')
_STOPS = re.compile(r'"(?:\\"|[^"])*"|[{()\[\],]')
_INTEG = re.compile(r"INTEG\s*\(", re.IGNORECASE)


def editable(file: Path, data: bytes) -> EditableText:
    """Return the text of a file with its replaceable parts. Equations inside macros are not among them."""
    raw, encoding, mark = decoded(file, data)
    text = raw.replace("\r\n", "\n").replace("\r", "\n")
    places = _Places(raw)
    sides: list[Side] = []
    for definition in split(file, text).main.definitions:
        start, end = definition.place
        try:
            found = parse_definition(definition.equation)
        except ModelError:
            continue
        if isinstance(found, Assignment):
            stop = text.find("|", end)
            sides += _sides(found, text, (start, end, stop + 1), places)
    return EditableText(raw, encoding, tuple(sides), mark)


@dataclass
class _Places:
    """Converts positions in the text with normalised line ends to positions in the original text."""

    raw: str

    def __post_init__(self) -> None:
        pairs = [m.start() for m in re.finditer("\r\n", self.raw)]
        self._ends = [at - i for i, at in enumerate(pairs)]
        self.line_end = "\r\n" if pairs else "\n"

    def of(self, at: int) -> int:
        return at + bisect.bisect_left(self._ends, at)


def _sides(
    found: Assignment, text: str, place: tuple[int, int, int], places: _Places
) -> Iterator[Side]:
    start, end, after = place
    name = canonical(found.name)

    def side(
        left: str, kind: Kind, begin: int, stop: int, **more: Callable[..., list[Edit]]
    ) -> Side:
        whole = text[begin:stop]
        begin += len(whole) - len(whole.lstrip("\\\n\t "))
        stop -= len(whole) - len(whole.rstrip("\\\n\t "))
        here = (places.of(begin), places.of(max(begin, stop)))
        return Side((name,), left, clean(whole), kind, lambda new: [(*here, new.strip())], **more)

    if found.kind == "lookup":
        opening = _opening(text[start:end])
        closing = text.rfind(")", start, end)
        if opening is not None and closing > start + opening:
            left = clean(text[start : start + opening])
            yield side(f"{left}(·)", "points", start + opening + 1, closing)
        return
    sign = _equals(text[start:end])
    if found.kind != "equation" or sign is None:
        return
    left = clean(text[start : start + sign.start()])
    begin = start + sign.end()
    parts = _stock_parts(text[begin:end])
    if parts:
        opening, comma, closing = (begin + at for at in parts)
        yield side(f"d {left} / dt", "net", opening, comma)
        yield side(f"{left} (0)", "initial", comma + 1, closing)
    elif found.subscripts:
        where = places.of(start + sign.start()), places.of(after)

        def element(texts: Mapping[str, str]) -> list[Edit]:
            return _with_elements(left, bool(found.exceptions), where, texts, places.line_end)

        yield side(left, "equation", begin, end, element=element)
    else:
        yield side(left, "equation", begin, end)


def _with_elements(
    left: str, excepts: bool, where: tuple[int, int], texts: Mapping[str, str], line_end: str
) -> list[Edit]:
    """Return the edits that give some elements of an array equations of their own.

    The edits also add these elements to the ``:EXCEPT:`` list of the array's equation.
    """
    sign, after = where
    groups = ", ".join(f"[{subscripts}]" for subscripts in texts)
    name = left.partition("[")[0].strip()
    own = [f"{name}[{subscripts}] = {text.strip()}" for subscripts, text in texts.items()]
    return [
        (sign, sign, f", {groups} " if excepts else f" :EXCEPT: {groups} "),
        (
            after,
            after,
            "".join(f"{line_end}{line_end}{one}{line_end}\t~\t{line_end}\t~\t|" for one in own),
        ),
    ]


def _equals(equation: str) -> re.Match[str] | None:
    """Return a match object for the equals sign of an equation.

    Equals signs in quoted names and comments do not count.
    """
    comments, where = comment_ends(equation), 0
    while sign := _SIGNS.search(equation, where):
        if sign.group().startswith("="):
            return sign
        where = comments.get(sign.start(), sign.end())
    return None


def _stops(text: str) -> Iterator[tuple[int, str]]:
    """Yield the position and the character of each parenthesis, bracket and comma outside quoted names and comments."""
    comments, where = comment_ends(text), 0
    while stop := _STOPS.search(text, where):
        where = comments.get(stop.start(), stop.end())
        if stop.group() in "()[],":
            yield stop.start(), stop.group()


def _opening(definition: str) -> int | None:
    """Return the position of the first parenthesis outside brackets, where the points of a lookup begin, or None."""
    depth = 0
    for at, sign in _stops(definition):
        if sign == "(" and not depth:
            return at
        depth += (sign == "[") - (sign == "]")
    return None


def _stock_parts(right: str) -> tuple[int, int, int] | None:
    """Return three positions in ``INTEG(net flow, initial value)``, or None for other equations.

    The positions are the start of the net flow, the end of the net flow, and the end of the initial value.
    """
    begin = len(right) - len(right.lstrip("\\\n\t "))
    found = _INTEG.match(right, begin)
    if found is None:
        return None
    depth, commas = 1, []
    for at, sign in _stops(right):
        if at < found.end():
            continue
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and depth == 1:
            commas.append(at)
        if not depth:
            whole = not clean(right[at + 1 :]) and len(commas) == 1
            return (found.end(), commas[0], at) if whole else None
    return None
