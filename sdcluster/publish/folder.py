"""The sections of a model's page about the files next to the model: its story (README.md), cases and data.

The functions take an `Edition` and return HTML. The story is Markdown; raw HTML in it is shown as text. Images must be
in the model's folder and are embedded in the page; a link to another file becomes plain text.
"""

from __future__ import annotations

import base64
import csv
import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from sdcluster.errors import ModelError
from sdcluster.project.toml_file import read_toml
from sdcluster.publish.edition import Edition, digits, table

# Two lines of a file are joined without a blank if the first ends and the second begins with a Chinese character. After
# a full-width sign, the next line is also joined without a blank, unless it begins a list, a table or a heading.
_HAN = "\u4e00-\u9fff"
_WIDE = "\u3000-\u303f\uff00-\uffef"
_BROKEN = re.compile(
    rf"^(?![#|])(.*(?:[{_WIDE}](?=\n *(?!\d+\. )(?:[\w({_WIDE}“`\[]|\*\S))|[{_HAN}](?=\n *[({_HAN}{_WIDE}“])))\n *",
    re.MULTILINE,
)

LARGEST_STORY = 500_000
LARGEST_PICTURE = 3_000_000
MOST_ROWS = 300
HIDDEN_COLUMNS = ("source_file",)
PICTURES = {".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg"}


def story_text(folder: Path, language: str) -> str:
    """Return the Markdown text of ``README.md`` in a language, without the first heading.

    The text below a second-level heading is Chinese if the heading contains Chinese characters, and otherwise English.
    """
    path = folder / "README.md"
    if not path.is_file() or path.stat().st_size > LARGEST_STORY:
        return ""
    text = path.read_text(encoding="utf-8", errors="replace")
    first, *parts = ("\n" + text).split("\n## ")
    lines = first.strip().splitlines()
    intro = "\n".join(lines[1:] if lines and lines[0].startswith("# ") else lines)
    chinese = [p.partition("\n")[2] for p in parts if _is_chinese(p.partition("\n")[0])]
    if language == "zh" and chinese:
        return unbroken("\n\n".join(chinese).strip())
    others = [f"## {p}" for p in parts if not _is_chinese(p.partition("\n")[0])]
    return "\n\n".join([intro, *others]).strip()


def unbroken(text: str) -> str:
    """Return Chinese text without line breaks inside sentences, because a page would show them as blanks."""
    return _BROKEN.sub(r"\1", text)


def _is_chinese(text: str) -> bool:
    return any("\u4e00" <= c <= "\u9fff" for c in text)


def story(edition: Edition) -> str:
    """Return the story of a model, from its ``README.md``, as self-contained HTML."""
    from markdown_it import MarkdownIt

    folder = edition.model.folder
    text = story_text(folder, edition.language)
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"
        if token.type in ("table_open",):
            token.attrSet("class", "facts")
        token.children = [t for t in (_kept(t, folder) for t in token.children or []) if t]
    return reader.renderer.render(tokens, reader.options, {}) if text else ""


def _kept(token: Any, folder: Path) -> Any:
    """Return an inline token of the Markdown, changed so that it needs no other file; None to omit the token."""
    if token.type == "image":
        source = picture(folder, str(token.attrGet("src") or ""))
        if not source:
            return None
        token.attrSet("src", source)
    if token.type == "link_open" and not str(token.attrGet("href")).startswith(
        ("http://", "https://")
    ):
        token.tag = "span"
        token.attrs = {}
        return token
    if token.type == "link_close":
        token.tag = "a"
    return token


def picture(folder: Path, source: str) -> str:
    """Return an image in the model's folder as a ``data:`` URL.

    The text is empty if the file is not in the folder, is not an image, or is too large.
    """
    path = (folder / source).resolve()
    kind = PICTURES.get(path.suffix.lower())
    inside = path.is_relative_to(folder.resolve())
    if kind is None or not inside or not path.is_file() or path.stat().st_size > LARGEST_PICTURE:
        return ""
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"


def data(edition: Edition) -> str:
    """Return HTML with a table of each file ``data/*.csv``: series with their years, units and sources."""
    parts = []
    for path in sorted((edition.model.folder / "data").glob("*.csv")):
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            rows = [row for row, _ in zip(csv.reader(file), range(MOST_ROWS + 1), strict=False)]
        if not rows:
            continue
        kept = [i for i, head in enumerate(rows[0]) if head not in HIDDEN_COLUMNS]
        body = [[escape(row[i]) if i < len(row) else "" for i in kept] for row in rows[1:]]
        heads = [escape(rows[0][i]) for i in kept]
        count = edition.say("rows", count=len(body))
        parts.append(
            f"<details><summary><code>data/{escape(path.name)}</code> ({count})</summary>"
            f'<div lang="en">{table(heads, body)}</div></details>'
        )
    return "".join(parts)


def cases(edition: Edition) -> str:
    """Return HTML with a table of each file ``cases/*.toml``: settings with reasons, and facts to compare with."""
    parts = []
    for path in sorted((edition.model.folder / "cases").glob("*.toml")):
        try:
            case = read_toml(path).data
        except ModelError:
            continue
        rows = [_setting(edition, one) for one in _tables(case, "setting")]
        rows += [_comparison(edition, one) for one in _tables(case, "comparison")]
        heads = [edition.say(key) for key in ("variable", "value", "reason")]
        title = edition.pick(case.get("title", {}), path.stem)
        source = escape(str(case.get("source", "")))
        parts.append(
            f"<details><summary><b>{title}</b> <span class='soft'>{source}</span></summary>"
            f"{table(heads, rows)}</details>"
        )
    return "".join(parts)


def _tables(case: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = case.get(key, [])
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _setting(edition: Edition, one: Mapping[str, Any]) -> list[str]:
    value = one.get("value")
    shown = digits(value) if isinstance(value, int | float) else escape(str(value))
    return [edition.link(str(one.get("variable", ""))), shown, edition.pick(one.get("reason", {}))]


def _comparison(edition: Edition, one: Mapping[str, Any]) -> list[str]:
    year = f" ({edition.say('year')} {escape(str(one.get('year', '')))})"
    about, within = one.get("about"), one.get("within")
    value = digits(about) if isinstance(about, int | float) else escape(str(about))
    value += f" ± {digits(within)}" if isinstance(within, int | float) else ""
    return [
        edition.link(str(one.get("variable", ""))) + year,
        value,
        f"<i>{edition.say('fact')}:</i> {edition.pick(one.get('fact', {}))}",
    ]
