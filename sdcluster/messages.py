"""Texts of errors, warnings and findings, each identified by a key, so that they can be shown in any language.

`message(key, **parts)` returns a `Message`; `joined` and `+` concatenate messages. `speak(language)` sets the display
language, and `shown(text)` returns a text in that language.

A key consists of a subpackage, optionally a part of it, and a name: ``read.xmile.no_such_model``. The texts are in
``words/messages/<language>/<subpackage>.toml``. ``python -m sdcluster.words zh`` lists missing translations.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

_COUNTED = re.compile(
    r"(\{(\w+)(?::,)?\}) ((?:further|model|more|other|reality|x|y) )?"
    r"(argument|bracket|byte|cell|character|check|constant|content|curve|dimension|element|equation|file|input|"
    r"lookup|measure|model|name|number|option|outflow|output|page|parameter|part|peak|point|prediction|row|run|"
    r"sample|setting|stock|subscript|time|value|variable)s\b(?! (?:are|were|have|do)\b)"
)
_CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uff65“”]")
_ENDS = re.compile(f"{_CHINESE.pattern} $")
_MESSAGES = Path(__file__).parent / "words" / "messages"
ENGLISH = "en"
VARIABLE = "SDCLUSTER_LANGUAGE"
"""The environment variable that chooses the language of errors, warnings and findings."""


class Message(str):
    """An English text (a `str`) that remembers its key and values, so that it can be translated.

    Attributes
    ----------
    key : str
        The key in the catalogues; ``""`` for concatenated messages.
    parts : dict of str to str, int or float
        Values of the placeholders in braces; messages among the values are translated too.
    """

    key: str
    parts: dict[str, Any]

    def __new__(cls, english: str, key: str, parts: dict[str, Any]) -> Message:
        """Create a message from its finished English text; call the function `message` instead."""
        self = super().__new__(cls, english)
        self.key = key
        self.parts = parts
        return self

    def text(self, language: str) -> str:
        """Return the text in a language, or in English if there is no translation."""
        if language == ENGLISH:
            return str.__str__(self)
        if not self.key:
            return "".join(in_language(part, language) for part in self.parts.values())
        template = templates(self.key.partition(".")[0], language).get(self.key)
        if template is None:
            template = templates(self.key.partition(".")[0], ENGLISH)[self.key]
        parts = {name: in_language(part, language) for name, part in self.parts.items()}
        return _without_blanks_in_chinese(template, parts)

    def __str__(self) -> str:
        return str.__str__(self)

    def __add__(self, more: str) -> str:
        return joined("", (self, more))

    def __radd__(self, before: str) -> str:
        return joined("", (before, self))

    def __reduce__(self) -> tuple[Any, ...]:
        return (Message, (str.__str__(self), self.key, self.parts))


def message(key: str, /, **parts: Any) -> Message:
    """Return the message for a key, with placeholders filled in.

    Parameters
    ----------
    key : str
        The message key, such as ``"read.xmile.no_such_model"``.
    **parts
        Values of the placeholders in braces; messages among the values are translated too.
    """
    kept = {name: _kept(part) for name, part in parts.items()}
    template = _in_singular(templates(key.partition(".")[0], ENGLISH)[key], kept)
    return Message(template.format(**kept), key, kept)


def _in_singular(template: str, parts: dict[str, Any]) -> str:
    """Return an English template in which each noun with the number 1 is in the singular: ``1 subscript``."""
    if 1 not in parts.values():
        return template
    return _COUNTED.sub(
        lambda m: f"{m[1]} {m[3] or ''}{m[4]}" if parts.get(m[2]) == 1 else m[0],
        template,
    )


def _without_blanks_in_chinese(template: str, parts: dict[str, Any]) -> str:
    """Fill in a Chinese template, without the blank beside a placeholder if it would be between Chinese characters."""
    filled = ""
    for literal, name, spec, _ in Formatter().parse(template):
        value = "" if name is None else format(parts[name], spec or "")
        for text in (literal, value):
            if _ENDS.search(filled) and _CHINESE.match(text):
                filled = filled[:-1]
            elif text.startswith(" ") and _CHINESE.match(text[1:]) and _CHINESE.match(filled[-1:]):
                text = text[1:]
            filled += text
    return filled


def joined(between: str, sentences: Iterable[str]) -> Message:
    """Join texts with a separator into one message; messages among the texts can still be translated."""
    pieces = list(sentences)
    if len(pieces) == 1 and isinstance(pieces[0], Message):
        return pieces[0]
    parts: list[str] = []
    for piece in pieces:
        parts += [*([between] if parts and between else []), piece]
    return Message("".join(parts), "", {str(place): part for place, part in enumerate(parts)})


def comma_separated(texts: Iterable[str]) -> Message:
    """Join texts with the comma that separates the items of a list: ``", "`` in English, ``"、"`` in Chinese."""
    return joined(message("general.comma"), texts)


def labelled(label: str, text: str) -> Message:
    """Return a text after a label and the colon of the language, such as ``cluster: 2 warnings``."""
    return message("general.labelled", label=label, text=text)


def quoted(name: str) -> Message:
    """Return a name in the quotation marks of the language in which the message is shown."""
    return message("general.quoted", name=name)


def clauses(texts: Iterable[str]) -> Message:
    """Join clauses with semicolons into one sentence, skipping empty ones."""
    return joined(message("general.between_clauses"), [text for text in texts if text])


def in_language(text: Any, language: str) -> Any:
    """Return the text of a message in a language; a value that is not a `Message` is returned unchanged."""
    return text.text(language) if isinstance(text, Message) else text


def in_all_languages(text: str) -> dict[str, str]:
    """Return a text by language code: the English text, and every translation that differs from it."""
    english = str(in_language(text, ENGLISH))
    codes = sorted(folder.name for folder in _MESSAGES.iterdir() if folder.is_dir())
    others = {code: str(in_language(text, code)) for code in codes if code != ENGLISH}
    return {ENGLISH: english} | {code: said for code, said in others.items() if said != english}


def shown(text: str) -> str:
    """Return a text in the current language of messages (see `speak`)."""
    return str(in_language(text, spoken()))


def speak(language: str) -> None:
    """Set the language of errors, warnings and findings, for this process and the processes that it starts."""
    os.environ[VARIABLE] = language


def spoken() -> str:
    """Return the code of the language of errors, warnings and findings; English by default."""
    return os.environ.get(VARIABLE) or ENGLISH


@contextmanager
def in_language_of_system() -> Iterator[None]:
    """Use the system's language for messages unless the user chose one; restore the language after the block."""
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
    """Return the message templates of a subpackage in a language, by key; an empty dict if there is no such file."""
    import tomllib

    file = _MESSAGES / language / f"{room}.toml"
    return _flat(tomllib.loads(file.read_text(encoding="utf-8")), room) if file.is_file() else {}


def rooms() -> list[str]:
    """Return the names of the subpackages that have messages."""
    return sorted(file.stem for file in (_MESSAGES / ENGLISH).glob("*.toml"))


def catalogue(language: str) -> dict[str, str]:
    """Return all message templates of a language by key."""
    return {key: text for room in rooms() for key, text in templates(room, language).items()}


def lacking(language: str) -> list[str]:
    """Return the keys of the messages without a translation to the given language."""
    return [key for key in catalogue(ENGLISH) if key not in catalogue(language)]


def _flat(table: dict[str, Any], above: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in table.items():
        key = f"{above}.{name}"
        found |= _flat(value, key) if isinstance(value, dict) else {key: value}
    return found


def _kept(part: Any) -> Any:
    """Return a value for a placeholder as a message, text or plain number, which can be formatted and pickled."""
    if isinstance(part, (str, int, float)):
        return part
    if isinstance(part, Exception):
        said = part.args[0] if len(part.args) == 1 else None
        return getattr(part, "whole", said if isinstance(said, Message) else str(part))
    number = getattr(part, "item", None)
    return part.item() if number is not None and getattr(part, "ndim", 1) == 0 else str(part)
