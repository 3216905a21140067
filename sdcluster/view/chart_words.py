"""Translated words for tables and charts; the English words are in the code that uses them."""

from __future__ import annotations

from collections.abc import Callable

from sdcluster.measure.words import WORDS
from sdcluster.words import ENGLISH, known
from sdcluster.words import say as filled


def clock(units: str, language: str) -> str:
    """Return a model's unit of time in a language; a unit without a translation stays as in the file."""
    unit = units.lower().removesuffix("s")
    return known(f"units_of_time.{unit}", language) or units if language != ENGLISH else units


def measure(text: str, label: Callable[[str], str], language: str) -> str:
    """Return a measure such as ``final population`` in a language; a measure with more parts is returned unchanged."""
    words = [word for word in WORDS.values() if text.startswith(f"{word.name} ") and not word.needs]
    if not words or not known("signs.measure", language):
        return text
    word = max(words, key=lambda w: len(w.name))
    name = label(text.removeprefix(word.name).strip())
    return filled("signs.measure", language, variable=name, word=word.says(language))
