"""Full-text search in English and Chinese without a dictionary.

English words are indexed by their stems, Chinese texts by pairs of neighbouring characters. Sphinx writes the index
with the class of this module and adds the class's JavaScript to the search page.
"""

from __future__ import annotations

import re

from sphinx.search.en import SearchEnglish

_HAN = "\\u3400-\\u9fff"
_RUN = re.compile(f"([{_HAN}]+)")
_WORD = re.compile(r"\w+")


class Bilingual(SearchEnglish):
    """A search language that indexes each run of Chinese characters by all pairs of neighbours (a bigram index)."""

    lang = "bilingual"
    language_name = "English"  # Sphinx forms the name of the stemmer's JavaScript class from it
    js_splitter_code = f"""
var splitQuery = (query) =>
  query
    .split(/[^\\p{{Letter}}\\p{{Number}}_]+/gu)
    .flatMap((word) => word.split(/([{_HAN}]+)/))
    .filter((part) => part)
    .flatMap((part) =>
      /^[{_HAN}]/.test(part) && part.length > 2
        ? [...part].slice(0, -1).map((_, at) => part.slice(at, at + 2))
        : [part]
    );
"""

    def split(self, input: str) -> list[str]:
        """Return the terms of a text."""
        return [term for word in _WORD.findall(input) for term in terms(word)]

    def word_filter(self, word: str) -> bool:
        """Return whether a word belongs in the index."""
        return len(word) < 60 and super().word_filter(word)


def terms(word: str) -> list[str]:
    """Return the search terms of a word: the word itself, or the pairs of its Chinese characters."""
    found: list[str] = []
    for part in filter(None, _RUN.split(word)):
        if _RUN.fullmatch(part) and len(part) > 2:
            found += [part[at : at + 2] for at in range(len(part) - 1)]
        else:
            found.append(part)
    return found
