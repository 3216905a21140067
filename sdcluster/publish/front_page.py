"""The front page of laboratories and lessons: one at work at the top, below it a card for each.

Crosses the border: `front_page(…)` gives HTML whose links are relative; the server of `sdcluster lab` and
`publish_site` both show it. Texts are in both languages; a button changes between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from sdcluster.publish.front_end import digest

_HERE = Path(__file__).parent
Texts = tuple[str, str]  # English, Chinese

WORDS: dict[str, Texts] = {
    "head": (
        "How do systems grow, get stuck and recover? Move a slider and see.",
        "系统怎样成长、受困、复苏？移动滑块，看看会发生什么。",
    ),
    "lesson": ("Lesson", "课程"),
    "laboratory": ("Laboratory", "实验室"),
    "whole": ("Open the whole laboratory", "打开完整的实验室"),
    "begin": ("Begin with lesson 1", "从第 1 课开始"),
    "cards": ("Lessons and laboratories", "课程与实验室"),
    "own": ("Your own models", "您自己的模型"),
    "own_none": (
        "No model file (.mdl, .xmile, .stmx) lies in this folder or below it. Start sdcluster lab where yours are, or "
        "name one: sdcluster lab my_model.mdl",
        "此文件夹及其下级文件夹中没有模型文件（.mdl、.xmile、.stmx）。请在模型所在的文件夹中运行 sdcluster lab，"
        "或直接指定模型：sdcluster lab my_model.mdl",
    ),
    "own_about": (
        "Save a file in any editor, and its open laboratory follows.",
        "用任何编辑器保存文件，打开的实验室随即更新。",
    ),
    "more": ("More", "更多"),
    "book": ("The book: guide, models, seeds of the theory", "手册：使用指南、各模型与理论来源"),
    "jupyter": ("The lessons as notebooks, in JupyterLab", "在 JupyterLab 中打开课程笔记本"),
    "jupyter_about": (
        "Copies go to {folder}; what you change there is never overwritten.",
        "副本存放在 {folder}；您修改过的文件不会被覆盖。",
    ),
    "at_work": ("A laboratory at work", "运行中的实验室"),
}


@dataclass(frozen=True)
class Card:
    """A model on the front page; addresses are relative, and empty for what there is not.

    Parameters
    ----------
    name : str
    title, question : (str, str)
        In English and Chinese.
    number : int
        Of its lesson.
    lesson, laboratory, picture : str
        Addresses.
    """

    name: str
    title: Texts
    question: Texts = ("", "")
    number: int = 0
    lesson: str = ""
    laboratory: str = ""
    picture: str = ""


@dataclass(frozen=True)
class Own:
    """What only the server on this machine can show.

    Parameters
    ----------
    folder : str
        Where models were looked for.
    models : sequence of (str, str)
        Path within the folder, and address.
    book, jupyter, copies : str
        Addresses of the book and of JupyterLab, and the folder of its notebooks.
    """

    folder: str
    models: Sequence[tuple[str, str]] = field(default_factory=tuple)
    book: str = ""
    jupyter: str = ""
    copies: str = ""


def front_page(cards: Sequence[Card], language: str, own: Own | None = None) -> str:
    """Return the page.

    Parameters
    ----------
    cards : sequence of Card
        The first is shown at work.
    language : {"en", "zh"}
        The language that the page shows first.
    own : Own, optional
        What a server adds.
    """
    script, style = (
        (_HERE / name).read_text(encoding="utf-8") for name in ("front_page.js", "front_page.css")
    )
    policy = (
        f"default-src 'none'; script-src '{digest(script)}'; style-src '{digest(style)}'; "
        "img-src 'self' file: data:; frame-src 'self' file:; base-uri 'none'; form-action 'none'"
    )
    parts = [
        _at_work(cards[0]) if cards else "",
        _section("cards", f'<div class="cards">{"".join(_card(c) for c in cards)}</div>'),
        _own(own) if own else "",
    ]
    return (
        f'<!doctype html>\n<html lang="{"zh-CN" if language == "zh" else "en"}" data-language="{language}">'
        '<head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        '<link rel="icon" href="data:,">'
        f"<title>sdcluster</title><style>{style}</style></head><body>"
        f"<header><div><h1>sdcluster</h1><p>{_said('head')}</p></div>"
        '<button type="button" id="language"><span class="en" lang="zh-CN">中文</span>'
        '<span class="zh" lang="en">English</span></button></header>'
        f"<main>{''.join(parts)}</main><script>{script}</script></body></html>\n"
    )


def _at_work(card: Card) -> str:
    begin = f'<a class="begin" href="{_address(card.lesson)}">{_said("begin")}</a>'
    return (
        f'<section class="work"><h2>{_both(card.title)}</h2><p class="question">{_both(card.question)}</p>'
        f'<iframe id="work" src="{_address(card.laboratory)}?embed" title="{escape(WORDS["at_work"][0])}"></iframe>'
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
        f'aria-hidden="true">{picture}</a><h3>{number}{_both(card.title)}</h3>'
        f"<p>{_both(card.question)}</p>"
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
    english, chinese = (text.format(folder=folder) for text in WORDS["jupyter_about"])
    return _both((english, chinese))


def _section(word: str, content: str) -> str:
    return f"<section><h2>{_said(word)}</h2>{content}</section>"


def _said(word: str) -> str:
    return _both(WORDS[word])


def _both(texts: Texts) -> str:
    english, chinese = texts
    if english == chinese:
        return escape(english)
    return (
        f'<span class="en" lang="en">{escape(english)}</span>'
        f'<span class="zh" lang="zh-CN">{escape(chinese or english)}</span>'
    )


def _address(address: str) -> str:
    return escape(address, quote=True)
