"""Errors, warnings and findings by key: sentences that a reader can see in any language.

Crosses the border: `message(key, **parts)` makes a `Message`; `joined` and `+` put several together; `speak(language)`
chooses the language in which they are shown, and `shown(text)` returns a text in it.

A key is a room of the package, a part of the room where it has any, and a name: ``read.xmile.no_such_model``. Its words
are in ``words/messages/<language>/<room>.toml``. ``python -m sdcluster.words zh`` lists what a language lacks.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

_MESSAGES = Path(__file__).parent / "words" / "messages"
ENGLISH = "en"
VARIABLE = "SDCLUSTER_LANGUAGE"
"""The environment variable that chooses the language of errors, warnings and findings."""


class Message(str):
    """A sentence in English that can say itself in other languages.

    Attributes
    ----------
    key : str
        Its name in the catalogues; ``""`` for several put together.
    parts : dict of str to str, int or float
        The values of the names in braces; messages among them are translated too.
    """

    key: str
    parts: dict[str, Any]

    def __new__(cls, english: str, key: str, parts: dict[str, Any]) -> Message:
        """Return a sentence; `message` is the way to make one."""
        self = super().__new__(cls, english)
        self.key = key
        self.parts = parts
        return self

    def text(self, language: str) -> str:
        """Return the sentence in a language; in English where the language lacks it."""
        if language == ENGLISH:
            return str.__str__(self)
        if not self.key:
            return "".join(in_language(part, language) for part in self.parts.values())
        template = templates(self.key.partition(".")[0], language).get(self.key)
        if template is None:
            template = templates(self.key.partition(".")[0], ENGLISH)[self.key]
        return template.format(**{k: in_language(v, language) for k, v in self.parts.items()})

    def __str__(self) -> str:
        return str.__str__(self)

    def __add__(self, more: str) -> str:
        return joined("", (self, more))

    def __radd__(self, before: str) -> str:
        return joined("", (before, self))

    def __reduce__(self) -> tuple[Any, ...]:
        return (Message, (str.__str__(self), self.key, self.parts))


def message(key: str, /, **parts: Any) -> Message:
    """Return a sentence of the catalogues, filled in.

    Parameters
    ----------
    key : str
        ``"read.xmile.no_such_model"``.
    **parts
        What stands for the names in braces; a message among them is shown in the language of the whole.
    """
    kept = {name: _kept(part) for name, part in parts.items()}
    return Message(templates(key.partition(".")[0], ENGLISH)[key].format(**kept), key, kept)


def joined(between: str, sentences: Iterable[str]) -> Message:
    """Return texts put together with something between them, each still in any language."""
    pieces = list(sentences)
    if len(pieces) == 1 and isinstance(pieces[0], Message):
        return pieces[0]
    parts: list[str] = []
    for piece in pieces:
        parts += [*([between] if parts and between else []), piece]
    return Message("".join(parts), "", {str(place): part for place, part in enumerate(parts)})


def quoted(name: str) -> Message:
    """Return a name in quotation marks."""
    return message("general.quoted", name=name)


def clauses(texts: Iterable[str]) -> Message:
    """Return clauses as one sentence, with semicolons between them; empty ones are left out."""
    return joined(message("general.between_clauses"), [text for text in texts if text])


def in_language(text: Any, language: str) -> Any:
    """Return a message in a language, and anything else as it is."""
    return text.text(language) if isinstance(text, Message) else text


def in_all_languages(text: str) -> dict[str, str]:
    """Return a text by language, as pages take it: English, and the other languages that have it."""
    english = str(in_language(text, ENGLISH))
    codes = sorted(folder.name for folder in _MESSAGES.iterdir() if folder.is_dir())
    others = {code: str(in_language(text, code)) for code in codes if code != ENGLISH}
    return {ENGLISH: english} | {code: said for code, said in others.items() if said != english}


def shown(text: str) -> str:
    """Return a text in the language that the user chose."""
    return str(in_language(text, spoken()))


def speak(language: str) -> None:
    """Show errors, warnings and findings in a language from now on, in this process and in those that it starts."""
    os.environ[VARIABLE] = language


def spoken() -> str:
    """Return the language in which errors, warnings and findings are shown: English unless one was chosen."""
    return os.environ.get(VARIABLE) or ENGLISH


@contextmanager
def in_language_of_system() -> Iterator[None]:
    """Show messages in the language of the system, unless the user chose one, and keep what is chosen inside there."""
    before = os.environ.get(VARIABLE)
    names = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    code = next((name for name in names if name), "")[:2]
    speak(before or (code if (_MESSAGES / code).is_dir() and code else ENGLISH))
    try:
        yield
    finally:
        if before is None:
            del os.environ[VARIABLE]
        else:
            speak(before)


@cache
def templates(room: str, language: str) -> dict[str, str]:
    """Return the sentences of a room of the package by key, in a language; none where it has no file for the room."""
    import tomllib

    file = _MESSAGES / language / f"{room}.toml"
    return _flat(tomllib.loads(file.read_text(encoding="utf-8")), room) if file.is_file() else {}


def rooms() -> list[str]:
    """Return the rooms of the package that have messages."""
    return sorted(file.stem for file in (_MESSAGES / ENGLISH).glob("*.toml"))


def catalogue(language: str) -> dict[str, str]:
    """Return all sentences of a language by key."""
    return {key: text for room in rooms() for key, text in templates(room, language).items()}


def lacking(language: str) -> list[str]:
    """Return the keys of English that a language has no sentence for."""
    return [key for key in catalogue(ENGLISH) if key not in catalogue(language)]


def _flat(table: dict[str, Any], above: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in table.items():
        key = f"{above}.{name}"
        found |= _flat(value, key) if isinstance(value, dict) else {key: value}
    return found


def _kept(part: Any) -> Any:
    """Return a part in a form that can be formatted, sent to another process and kept."""
    if isinstance(part, (str, int, float)):
        return part
    if isinstance(part, Exception):
        said = part.args[0] if len(part.args) == 1 else None
        return getattr(part, "whole", said if isinstance(said, Message) else str(part))
    number = getattr(part, "item", None)
    return part.item() if number is not None and getattr(part, "ndim", 1) == 0 else str(part)
