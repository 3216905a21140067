"""The front page of laboratories and lessons: a running laboratory at the top, then a card for each model.

`front_page(…)` returns HTML with relative links, for the server of `sdcluster lab` and for `publish_site`. The page
contains its texts in all languages; a button switches between the languages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from sdcluster.publish.front_end import digest
from sdcluster.words import LANGUAGES, in_all, say, tag, texts

_HERE = Path(__file__).parent
Texts = Mapping[str, str]  # texts by language code


@dataclass(frozen=True)
class Card:
    """The card of a model on the front page.

    Parameters
    ----------
    name : str
    title, question : mapping of str to str
        Texts by language code.
    number : int
        Number of the model's lesson.
    lesson, laboratory, picture : str
        Relative addresses of the model's pages and thumbnail; empty if the page does not exist.
    """

    name: str
    title: Texts
    question: Texts = field(default_factory=dict)
    number: int = 0
    lesson: str = ""
    laboratory: str = ""
    picture: str = ""


@dataclass(frozen=True)
class Own:
    """The entries of the front page that only the server on this machine can show.

    Parameters
    ----------
    folder : str
        Folder that was searched for models.
    models : sequence of (str, str)
        For each model, its path within the folder and the address of its laboratory.
    book, jupyter, copies : str
        Addresses of the book and of JupyterLab, and the folder of its notebooks.
    """

    folder: str
    models: Sequence[tuple[str, str]] = field(default_factory=tuple)
    book: str = ""
    jupyter: str = ""
    copies: str = ""


def front_page(cards: Sequence[Card], language: str, own: Own | None = None) -> str:
    """Return the HTML of the front page.

    Parameters
    ----------
    cards : sequence of Card
        Cards of the models; the laboratory of the first model runs at the top of the page.
    language : str
        The language that the page shows first.
    own : Own, optional
        Additional entries that a server shows.
    """
    script, style = (
        (_HERE / name).read_text(encoding="utf-8") for name in ("front_page.js", "front_page.css")
    )
    style += "".join(
        f'[data-language="{code}"] [data-in="{code}"]{{display:inline}}' for code in LANGUAGES
    )
    policy = (
        f"default-src 'none'; script-src '{digest(script)}'; style-src '{digest(style)}'; "
        "img-src 'self' file: data:; frame-src 'self' file:; base-uri 'none'; form-action 'none'"
    )
    parts = [
        _at_work(cards[0], language) if cards else "",
        _section("cards", f'<div class="cards">{"".join(_card(c) for c in cards)}</div>'),
        _own(own) if own else "",
    ]
    return (
        f'<!doctype html>\n<html lang="{tag(language)}" data-language="{language}" data-languages="{_tags()}">'
        '<head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        '<link rel="icon" href="data:,">'
        f"<title>sdcluster</title><style>{style}</style></head><body>"
        f"<header><div><h1>sdcluster</h1><p>{_said('head')}</p></div>"
        f'<button type="button" id="language">{_others()}</button></header>'
        f"<main>{''.join(parts)}</main><script>{script}</script></body></html>\n"
    )


def _at_work(card: Card, language: str) -> str:
    name = escape(say("front.at_work", language))
    begin = f'<a class="begin" href="{_address(card.lesson)}">{_said("begin")}</a>'
    return (
        f'<section class="work"><h2>{_shown(card.title)}</h2><p class="question">{_shown(card.question)}</p>'
        f'<iframe id="work" src="{_address(card.laboratory)}?embed" title="{name}"></iframe>'
        f'<p class="links">{begin if card.lesson else ""}'
        f'<a href="{_address(card.laboratory)}" data-laboratory>{_said("whole")}</a></p></section>'
    )


def _card(card: Card) -> str:
    links = [
        f'<a href="{_address(address)}" data-{word}>{_said(word)}</a>'
        for word, address in (("lesson", card.lesson), ("laboratory", card.laboratory))
        if address
    ]
    picture = f'<img src="{_address(card.picture)}" alt="" loading="lazy">' if card.picture else ""
    number = f'<span class="number">{card.number}</span> ' if card.number else ""
    return (
        f'<article><a class="picture" href="{_address(card.lesson or card.laboratory)}" tabindex="-1" '
        f'aria-hidden="true">{picture}</a><h3>{number}{_shown(card.title)}</h3>'
        f"<p>{_shown(card.question)}</p>"
        f'<p class="links">{"".join(links)}</p></article>'
    )


def _own(own: Own) -> str:
    rows = "".join(
        f'<li><a href="{_address(address)}">{escape(path)}</a></li>' for path, address in own.models
    )
    listed = (
        f'<p class="soft">{_said("own_about")}</p><ul class="files">{rows}</ul>'
        if rows
        else f'<p class="soft">{_said("own_none")}</p>'
    )
    more = [
        f'<li><a href="{_address(address)}">{_said(word)}</a>{about}</li>'
        for word, address, about in (
            ("book", own.book, ""),
            ("jupyter", own.jupyter, f'<br><span class="soft">{_copies(own.copies)}</span>'),
        )
        if address
    ]
    head = f'<p class="soft folder"><code>{escape(own.folder)}</code></p>'
    return _section("own", head + listed) + (
        _section("more", f'<ul class="more">{"".join(more)}</ul>') if more else ""
    )


def _copies(folder: str) -> str:
    return _shown(texts("front.jupyter_about", folder=folder))


def _section(word: str, content: str) -> str:
    return f"<section><h2>{_said(word)}</h2>{content}</section>"


def _said(word: str) -> str:
    return _shown(texts(f"front.{word}"))


def _shown(wording: Texts) -> str:
    """Return HTML with a text in all languages, of which the page shows one."""
    words = in_all(wording)
    if len(set(words.values())) == 1:
        return escape(next(iter(words.values())))
    return "".join(
        f'<span data-in="{code}" lang="{tag(code)}">{escape(text)}</span>'
        for code, text in words.items()
    )


def _tags() -> str:
    return " ".join(f"{code}={tag(code)}" for code in LANGUAGES)


def _others() -> str:
    """Return HTML for the language button, which shows in each language the name of the next language."""
    return "".join(
        f'<span data-in="{code}" lang="{tag(other)}">{escape(say("name", other))}</span>'
        for code, other in zip(LANGUAGES, [*LANGUAGES[1:], *LANGUAGES[:1]], strict=True)
    )


def _address(address: str) -> str:
    return escape(address, quote=True)
