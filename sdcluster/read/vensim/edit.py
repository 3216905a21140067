"""Right sides of a Vensim file's equations: as they are written, and with others in their places.

Crosses the border: `sides(file, data)` and `with_sides(file, data, changes)`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sdcluster.errors import ModelError
from sdcluster.model.names import canonical
from sdcluster.read.vensim.definitions import Assignment, parse_definition
from sdcluster.read.vensim.text import clean, comment_ends, decode, split

_SIGNS = re.compile(r'"(?:\\"|[^"])*"|\{|==|=')


@dataclass(frozen=True)
class _Place:
    """An equation of the main model: its variable, its left side, and where its right side is in the text."""

    variable: str
    left: str
    start: int
    end: int


def sides(file: Path, data: bytes) -> dict[str, dict[str, str]]:
    """Return the right sides of each variable's equations by their left sides."""
    text = decode(file, data)
    found: dict[str, dict[str, str]] = {}
    for place in _places(file, text):
        found.setdefault(place.variable, {})[place.left] = clean(text[place.start : place.end])
    return found


def with_sides(file: Path, data: bytes, changes: Mapping[str, str]) -> bytes:
    """Return the content of the file with other right sides.

    Parameters
    ----------
    file : path
        For messages.
    data : bytes
        Content of the file.
    changes : mapping of str to str
        Right sides by their left sides, which the file holds.
    """
    text = decode(file, data)
    kept, done = [], 0
    for place in _places(file, text):
        if place.left in changes:
            kept += [text[done : place.start], f" {changes[place.left]} "]
            done = place.end
    changed = "".join([*kept, text[done:]])
    before, after = (
        [d.equation for d in split(file, version).main.definitions] for version in (text, changed)
    )
    for place in _places(file, changed):
        if place.left in changes and clean(changed[place.start : place.end]) != clean(
            changes[place.left]
        ):
            raise _breaks_out(place.variable)
    if len(before) != len(after):
        raise _breaks_out(next(iter(changes)))
    return changed.encode("utf-8-sig")


def _breaks_out(variable: str) -> ModelError:
    return ModelError(
        "a right side ends before the signs ~ and |, and its braces come in pairs; leave them out",
        variable=variable,
    )


def _places(file: Path, text: str) -> Iterator[_Place]:
    for definition in split(file, text).main.definitions:
        start, end = definition.place
        try:
            found = parse_definition(definition.equation)
        except ModelError:
            continue
        sign = _equals(text[start:end])
        if isinstance(found, Assignment) and found.kind == "equation" and sign is not None:
            left = clean(text[start : start + sign.start()])
            yield _Place(canonical(found.name), left, start + sign.end(), end)


def _equals(equation: str) -> re.Match[str] | None:
    """Return the sign between the sides of an equation; a text in braces is a comment."""
    comments, where = comment_ends(equation), 0
    while sign := _SIGNS.search(equation, where):
        if sign.group().startswith("="):
            return sign
        where = comments.get(sign.start(), sign.end())
    return None
