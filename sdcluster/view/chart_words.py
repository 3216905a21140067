"""Words of tables and charts in a language; in English they are where they are used."""

from __future__ import annotations

from collections.abc import Callable

from sdcluster.measure.words import WORDS
from sdcluster.words import ENGLISH, known
from sdcluster.words import say as filled


def clock(units: str, language: str) -> str:
    """Return a model's unit of time in a language, as the file has it where it is not known."""
    unit = units.lower().removesuffix("s")
    return known(f"units_of_time.{unit}", language) or units if language != ENGLISH else units


def measure(text: str, label: Callable[[str], str], language: str) -> str:
    """Return ``final population`` in a language, with the label of its variable; as it is where it has more parts."""
    words = [word for word in WORDS.values() if text.startswith(f"{word.name} ") and not word.needs]
    if not words or not known("signs.measure", language):
        return text
    word = max(words, key=lambda w: len(w.name))
    name = label(text.removeprefix(word.name).strip())
    return filled("signs.measure", language, variable=name, word=word.says(language))
