"""Definitions of a large model, stored as data inside its page and built when the reader scrolls to them.

Interface: HTML from `sdcluster.publish.variables` in, HTML with the same content as data out; ``document.js``
unpacks it.

Each piece of HTML becomes a tree of lists, ``[tag, {attribute: value}, child, …]``, in which all text of the model is a
string. The script turns the lists into elements and text nodes, never into HTML. The trees are JSON compressed with
gzip, which every browser since 2023 can decompress.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Any

LARGE = 1_500  # variables of a model whose definitions are packed
PIECE = 200  # definitions in one piece
_CAPITALS = {"viewbox": "viewBox", "preserveaspectratio": "preserveAspectRatio"}
_VOID = {"br", "img", "input", "hr", "col", "wbr"}

Tree = list[Any]


class _Trees(HTMLParser):
    """Builds trees from well-formed HTML and restores the capitals of SVG names that the parser drops."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.roots: list[Tree | str] = []
        self._open: list[Tree] = []

    def _add(self, node: Tree | str) -> None:
        if self._open:
            self._open[-1].append(node)
        else:
            self.roots.append(node)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node: Tree = [tag, {_CAPITALS.get(name, name): value or "" for name, value in attrs}]
        self._add(node)
        if tag not in _VOID:
            self._open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._add([tag, {_CAPITALS.get(name, name): value or "" for name, value in attrs}])

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self._add(data)


def trees(html: str) -> list[Tree | str]:
    """Return HTML as trees: ``[tag, attributes, child, …]``, texts as strings."""
    parser = _Trees()
    parser.feed(html)
    parser.close()
    return parser.roots


def packed(definitions: Sequence[str], anchors: Sequence[str], headings: Sequence[str]) -> str:
    """Return definitions as data, in pieces.

    Parameters
    ----------
    definitions : sequence of str
        HTML of each variable.
    anchors : sequence of str
        Ids of the definitions.
    headings : sequence of str
        Texts that the search field shows and searches; the first line is the name.
    """
    pieces = []
    for first in range(0, len(definitions), PIECE):
        part = slice(first, first + PIECE)
        data = _script("definitions", [trees(one) for one in definitions[part]])
        index = _script("index", list(zip(anchors[part], headings[part], strict=True)))
        height = 6 * len(definitions[part])
        pieces.append(f'<div class="packed" style="min-height:{height}em">{index}{data}</div>')
    return f'<div class="definitions">{"".join(pieces)}</div>'


def _script(kind: str, data: object) -> str:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    content = base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()
    return f'<script type="application/gzip" class="{kind}">{content}</script>'
