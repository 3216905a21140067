"""A model's page in one language: names, words, anchors and links.

The methods of an `Edition` return escaped HTML. All text from a model's file passes through this module before it
appears on a page.
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
    """The names and words of a model's page in one language.

    Parameters
    ----------
    model : Model
    language : str
        One of `sdcluster.words.LANGUAGES`; names without a translation are shown unchanged.
    prefix : str
        Prefix of all anchors, so that a page can contain two languages.
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
        """Return a text of the page in this language, with placeholders replaced by `values`, which must be HTML."""
        return say(f"page.{key}", self.language, **values)

    @property
    def comma(self) -> str:
        """The comma that separates the items of an enumeration in this language."""
        return say("signs.comma", self.language)

    def knows(self, key: str) -> bool:
        """Return whether the page has a text for `key`."""
        return known(f"page.{key}") is not None

    def pick(self, wording: dict[str, str] | object, default: str = "") -> str:
        """Return the escaped text in this language from texts by language code, or else the English or default text."""
        texts = dict(wording) if hasattr(wording, "keys") else {}  # type: ignore[call-overload]
        return escape(texts.get(self.language) or texts.get(ENGLISH) or default)

    def name(self, name: str) -> str:
        """Return the escaped name of a variable or element in this language."""
        try:
            return escape(self.model.label(name, self.language))
        except ModelError:
            return escape(name)

    def link(self, name: str) -> str:
        """Return the name of a variable or element as a link to the variable's definition."""
        key = canonical(name.partition("[")[0])
        if key not in self.anchors:
            return escape(name)
        return f'<a class="name" href="#{self.anchors[key]}">{self.name(name)}</a>'

    def links(self, names: Iterable[str]) -> str:
        """Return an enumeration of names, each a link to the variable's definition."""
        return self.comma.join(self.link(name) for name in names)

    def settings(self, settings: Iterable[tuple[str, float]]) -> str:
        """Return settings as HTML, such as ``price = 0.3, tax = 0`` with linked names."""
        return self.comma.join(f"{self.link(k)} = {digits(v)}" for k, v in settings)

    def also(self, variable: Variable) -> str:
        """Return HTML with the names of a variable in the other languages of the file."""
        shown = self.name(variable.name)
        known = {"en": variable.name, **variable.labels}
        others = [(c, escape(t)) for c, t in known.items() if escape(t) != shown]
        return " ".join(f'<span class="also" lang="{escape(c)}">{t}</span>' for c, t in others)


def digits(value: float, precision: int = 6) -> str:
    """Return a number as text with `precision` significant digits and a true minus sign."""
    return f"{value:.{precision}g}".replace("-", "−")


def message_html(text: str, language: str) -> str:
    """Return a message as HTML in a page's language; an untranslated message is in English, marked ``lang="en"``."""
    known = in_all_languages(text)
    if language in known:
        return escape(known[language])
    return f'<span lang="en">{escape(known["en"])}</span>'


def table(heads: Iterable[str], rows: Iterable[Iterable[str]], css: str = "") -> str:
    """Return an HTML table with the given headings and cells, which are HTML; a wide table scrolls inside its box."""
    head = "".join(f"<th>{text}</th>" for text in heads)
    body = "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in rows)
    top = f"<thead><tr>{head}</tr></thead>" if head else ""
    return (
        f'<div class="scroll"><table class="facts {css}">{top}<tbody>{body}</tbody></table></div>'
    )
