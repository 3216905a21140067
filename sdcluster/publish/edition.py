"""One language of a model's page: names, words, anchors and links.

Interface: `Edition`. It returns escaped HTML; no other code puts text of a file onto a page.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from html import escape

from sdcluster.errors import ModelError
from sdcluster.messages import in_all_languages
from sdcluster.model import Model, Variable
from sdcluster.model.names import canonical
from sdcluster.words import ENGLISH, known, say


@dataclass(frozen=True)
class Edition:
    """A model in one language.

    Parameters
    ----------
    model : Model
    language : str
        One of `sdcluster.words.LANGUAGES`; names without a translation are shown unchanged.
    prefix : str
        Prefix of all anchors, so that one page can hold two languages.
    """

    model: Model
    language: str = "en"
    prefix: str = ""

    @cached_property
    def anchors(self) -> dict[str, str]:
        """The unique anchor of each variable, by canonical name."""
        found: dict[str, str] = {}
        taken: set[str] = set()
        for key in self.model.variables:
            stem = self.prefix + "var-" + "".join(c if c.isalnum() else "-" for c in key)
            anchor, count = stem, 1
            while anchor in taken:
                count += 1
                anchor = f"{stem}-{count}"
            taken.add(anchor)
            found[key] = anchor
        return found

    def say(self, key: str, **values: object) -> str:
        """Return words of the page in this language with placeholders filled in; `values` must be HTML."""
        return say(f"page.{key}", self.language, **values)

    @property
    def comma(self) -> str:
        """The separator of an enumeration."""
        return say("signs.comma", self.language)

    def knows(self, key: str) -> bool:
        """Return whether there are words for `key`."""
        return known(f"page.{key}") is not None

    def pick(self, wording: dict[str, str] | object, default: str = "") -> str:
        """Return the text for this language from a mapping by language, escaped."""
        texts = dict(wording) if hasattr(wording, "keys") else {}  # type: ignore[call-overload]
        return escape(texts.get(self.language) or texts.get(ENGLISH) or default)

    def name(self, name: str) -> str:
        """Return the name of a variable or element in this language."""
        try:
            return escape(self.model.label(name, self.language))
        except ModelError:
            return escape(name)

    def link(self, name: str) -> str:
        """Return a variable's name as a link to its definition."""
        key = canonical(name.partition("[")[0])
        if key not in self.anchors:
            return escape(name)
        return f'<a class="name" href="#{self.anchors[key]}">{self.name(name)}</a>'

    def links(self, names: Iterable[str]) -> str:
        """Return names as an enumeration of links."""
        return self.comma.join(self.link(name) for name in names)

    def settings(self, settings: Iterable[tuple[str, float]]) -> str:
        """Return settings in words: ``price = 0.3, tax = 0``."""
        return self.comma.join(f"{self.link(k)} = {digits(v)}" for k, v in settings)

    def also(self, variable: Variable) -> str:
        """Return the names of a variable in the other languages of the file."""
        shown = self.name(variable.name)
        known = {"en": variable.name, **variable.labels}
        others = [(c, escape(t)) for c, t in known.items() if escape(t) != shown]
        return " ".join(f'<span class="also" lang="{escape(c)}">{t}</span>' for c, t in others)


def digits(value: float, precision: int = 6) -> str:
    """Return a number as text, with a real minus sign."""
    return f"{value:.{precision}g}".replace("-", "−")


def message_html(text: str, language: str) -> str:
    """Return a message in a page's language; if it is not translated, in English and marked as such."""
    known = in_all_languages(text)
    if language in known:
        return escape(known[language])
    return f'<span lang="en">{escape(known["en"])}</span>'


def table(heads: Iterable[str], rows: Iterable[Iterable[str]], css: str = "") -> str:
    """Return a table from cells in HTML, in a box that scrolls if the table is too wide."""
    head = "".join(f"<th>{text}</th>" for text in heads)
    body = "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in rows)
    top = f"<thead><tr>{head}</tr></thead>" if head else ""
    return (
        f'<div class="scroll"><table class="facts {css}">{top}<tbody>{body}</tbody></table></div>'
    )
