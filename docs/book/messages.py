"""The program's messages as tables with English and Chinese side by side, one section for each package.

It reads the catalogues of `sdcluster.messages` and returns Markdown with HTML tables. The tables are HTML because a
message must appear exactly as the program prints it; Markdown would change quotation marks and dashes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from itertools import groupby
from string import Formatter

from docs.book.index import searched
from sdcluster.messages import catalogue

# The task of each package, in both languages.
ROOMS = {
    "checks": ("Checks of a model's behaviour", "模型行为检验"),
    "cli": ("The command line", "命令行"),
    "functions": ("Functions", "函数"),
    "general": ("A model and its path", "模型及其路径"),
    "kernel": ("The compiler", "编译器"),
    "lab": ("The laboratory in a notebook", "笔记本中的实验室"),
    "lint": ("What is doubtful in a model", "模型中的存疑之处"),
    "measure": ("Numbers of a run", "运行的数值"),
    "model": ("Variables, subscripts and units", "变量、下标与单位"),
    "project": ("The files beside a model", "模型旁的文件"),
    "publish": ("Pages about a model", "模型页面"),
    "read": ("Reading models and data", "读取模型与数据"),
    "run": ("Runs", "运行"),
    "serve": ("The laboratory and the class in a browser", "浏览器中的实验室与课堂"),
    "study": ("Sweeps, ensembles and other studies", "参数扫描、集合运行等研究"),
    "view": ("Charts and tables", "图与表"),
    "write": ("Writing models", "写出模型"),
}
_ENDS = " \"'“”「」《》,.;:!?()（），。；：！？、-"


def tables() -> str:
    """Return all messages with headings for packages and their parts, and with entries for the search."""
    english, chinese = catalogue("en"), catalogue("zh")
    parts = [searched(dict(_entries(english, chinese)))]
    room = ""
    for part, keys in groupby(english, key=lambda key: key.rpartition(".")[0]):
        if room != (room := part.partition(".")[0]):
            parts.append("## " + " · ".join(ROOMS[room]))
        if part != room:
            parts.append(f"### {part}")
        parts.append(_table({key: (english[key], chinese.get(key)) for key in keys}))
    return "\n\n".join(parts)


def anchor(key: str) -> str:
    """Return the HTML anchor of a message."""
    return "message-" + key.replace(".", "-").replace("_", "-")


def shown(template: str) -> str:
    """Return a message with its placeholders written as ``‹name›``."""
    return "".join(f"{text}‹{name}›" if name else text for text, name in _split(template))


def _split(template: str) -> list[tuple[str, str | None]]:
    """Return the fixed texts of a message, each with the name of the placeholder that follows, or None at the end."""
    found: list[tuple[str, str | None]] = []
    before = ""
    for text, name, _, _ in Formatter().parse(template):
        before += text
        if name is not None:  # doubled braces end a text, but no placeholder follows
            found.append((before, name))
            before = ""
    return [*found, (before, None)]


def _entries(english: dict[str, str], chinese: dict[str, str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each message's anchor and the texts by which a search finds it: its fixed clauses in both languages."""
    for key, sentence in english.items():
        found = [*_clauses(sentence, 12), *_clauses(chinese.get(key, ""), 6)]
        yield anchor(key), list(dict.fromkeys(found))


def _clauses(sentence: str, least: int) -> list[str]:
    """Return the clauses of a message that have at least `least` characters, or else its longest clause.

    Clauses end at placeholders and semicolons.
    """
    fixed = [
        clause.strip(_ENDS) for text, _ in _split(sentence) for clause in re.split("[;；]", text)
    ]
    return [clause for clause in fixed if len(clause) >= least] or [
        *filter(None, [max(fixed, key=len)])
    ]


def _table(rows: dict[str, tuple[str, str | None]]) -> str:
    lines = [
        f'<tr id="{anchor(key)}" title="{key}"><td lang="en">{_cell(english)}</td>'
        f'<td lang="{"en" if chinese is None else "zh"}">{_cell(chinese or english)}</td></tr>'
        for key, (english, chinese) in rows.items()
    ]
    head = '<tr><th class="head">English</th><th class="head" lang="zh">中文</th></tr>'
    return "\n".join(
        [
            f'<div class="table-wrapper"><table class="docutils messages"><thead>{head}</thead><tbody>',
            *lines,
            "</tbody></table></div>",
        ]
    )


def _cell(template: str) -> str:
    return escape(" ".join(shown(template).split()))
