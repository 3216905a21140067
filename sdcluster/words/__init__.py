"""Texts of the user interface, in one file for each language.

`LANGUAGES` contains the codes of the languages. `say(key, language)` returns a text in one language, `texts(key)` in
all languages, and `tag(language)` the HTML language tag. The texts of errors and warnings are in the folder
``messages`` (see `sdcluster.messages`), and ``--help`` is in English. The texts of pages that run in a browser are in
``frontend/src/words``.

Adding a language
-----------------
Copy ``en.toml`` to a file named after the code of the language (``de.toml``) and translate the values. Entries that are
missing appear in English. ``python -m sdcluster.words de`` lists the missing entries. The tests in `tests/words` fail
if a language in this folder is incomplete.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
ENGLISH = "en"
LANGUAGES: tuple[str, ...] = (
    ENGLISH,
    *sorted(file.stem for file in _HERE.glob("*.toml") if file.stem != ENGLISH),
)
"""The codes of the languages, English first."""


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return all texts of a language, keyed by section and name joined by a full stop (``page.story``)."""
    read = tomllib.loads((_HERE / f"{language}.toml").read_text(encoding="utf-8"))
    found: dict[str, str] = {}
    for name, value in read.items():
        if isinstance(value, dict):
            found |= {f"{name}.{key}": text for key, text in value.items()}
        else:
            found[name] = value
    return found


def known(key: str, language: str = ENGLISH) -> str | None:
    """Return the text of a key in a language, with its placeholders unfilled, or None if the text is missing."""
    return catalogue(language).get(key) if language in LANGUAGES else None


def say(key: str, language: str, **parts: Any) -> str:
    """Return a text in a language, with its placeholders filled in.

    If the text is not translated, the English text is returned.

    Parameters
    ----------
    key : str
        Section and name in the language files, such as ``"page.story"``.
    language : str
        One of `LANGUAGES`.
    **parts
        Values of the placeholders, by name.
    """
    words = known(key, language)
    return (catalogue(ENGLISH)[key] if words is None else words).format(**parts)


def texts(key: str, **parts: Any) -> dict[str, str]:
    """Return a text in every language, keyed by language, with its placeholders filled in.

    The value of a placeholder may be a mapping by language.
    """
    return {
        language: say(
            key,
            language,
            **{k: in_all(v)[language] if isinstance(v, dict) else v for k, v in parts.items()},
        )
        for language in LANGUAGES
    }


def in_all(wording: Mapping[str, str]) -> dict[str, str]:
    """Complete a text that is given in some languages, so that it has an entry for every language.

    Missing languages get the English text, or any given text if there is no English one.
    """
    otherwise = wording.get(ENGLISH) or next(iter(wording.values()), "")
    return {language: wording.get(language) or otherwise for language in LANGUAGES}


def phrase(words: str, language: str) -> str:
    """Return the translation of an English phrase in a table or chart, or the phrase itself if it is not translated."""
    return known(f"phrases.{words}", language) or words


def tag(language: str) -> str:
    """Return the HTML language tag of a language, such as ``zh-CN``."""
    return known("tag", language) or language


def join(parts: Sequence[str], language: str) -> str:
    """Join items into a list as written in a sentence: ``3, 50 and 68``."""
    comma, last = (say(f"signs.{sign}", language) for sign in ("comma", "and"))
    return last.join([*([comma.join(parts[:-1])] if parts[1:] else []), *parts[-1:]])


def lacking(language: str) -> list[str]:
    """Return the keys of the English texts that the given language lacks."""
    return [key for key in catalogue(ENGLISH) if key not in catalogue(language)]
