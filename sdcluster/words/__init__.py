"""The words of the program in each language: one file for each, and nothing else knows which languages there are.

Crosses the border: `LANGUAGES`, `say(key, language)`, `texts(key)` and `tag(language)`. Errors and ``--help`` are in
English. The words of pages that run in a browser are in ``frontend/src/words``.

Adding a language
-----------------
Copy ``en.toml`` to a file named after the language's code (``de.toml``) and translate the right sides; what is left out
is shown in English. ``python -m sdcluster.words de`` lists what is missing, and `tests/words` holds the languages of
this folder complete.
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
    """Return the words of a language by key: the section, a full stop, and the name in it (``page.story``)."""
    read = tomllib.loads((_HERE / f"{language}.toml").read_text(encoding="utf-8"))
    found: dict[str, str] = {}
    for name, value in read.items():
        if isinstance(value, dict):
            found |= {f"{name}.{key}": text for key, text in value.items()}
        else:
            found[name] = value
    return found


def known(key: str, language: str = ENGLISH) -> str | None:
    """Return the words of a key in a language as its file has them; None where it has none."""
    return catalogue(language).get(key) if language in LANGUAGES else None


def say(key: str, language: str, **parts: Any) -> str:
    """Return words in a language, filled in; in English where the language lacks them.

    Parameters
    ----------
    key : str
        ``"page.story"``: a section of the files and a name in it.
    language : str
        One of `LANGUAGES`.
    **parts
        What stands for the names in braces.
    """
    words = known(key, language)
    return (catalogue(ENGLISH)[key] if words is None else words).format(**parts)


def texts(key: str, **parts: Any) -> dict[str, str]:
    """Return words by language, filled in; a part may itself be a table by language."""
    return {
        language: say(
            key,
            language,
            **{k: in_all(v)[language] if isinstance(v, dict) else v for k, v in parts.items()},
        )
        for language in LANGUAGES
    }


def in_all(wording: Mapping[str, str]) -> dict[str, str]:
    """Return a text by language for all languages: in English, or else in any, where it has none."""
    otherwise = wording.get(ENGLISH) or next(iter(wording.values()), "")
    return {language: wording.get(language) or otherwise for language in LANGUAGES}


def phrase(words: str, language: str) -> str:
    """Return words of a table or chart, which are given in English; those without translation as they are."""
    return known(f"phrases.{words}", language) or words


def tag(language: str) -> str:
    """Return a language as HTML names it: ``zh-CN``."""
    return known("tag", language) or language


def join(parts: Sequence[str], language: str) -> str:
    """Return an enumeration: ``3, 50 and 68``."""
    comma, last = (say(f"signs.{sign}", language) for sign in ("comma", "and"))
    return last.join([*([comma.join(parts[:-1])] if parts[1:] else []), *parts[-1:]])


def lacking(language: str) -> list[str]:
    """Return the keys of English that a language has no words for."""
    return [key for key in catalogue(ENGLISH) if key not in catalogue(language)]
