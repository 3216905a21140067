"""Store the definitions of a large model as data inside its page, which builds them when the reader scrolls there.

`packed` takes HTML from `sdcluster.publish.variables`, and returns HTML with the same content as compressed data. The
script ``document.js`` unpacks the data.

Each piece of HTML becomes a tree of lists, ``[tag, {attribute: value}, child, …]``, in which all text from the model is
a string. The script creates elements and text nodes from these lists, and never parses text as HTML. The trees are
stored as JSON compressed with gzip, which every browser since 2023 can decompress.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Any

LARGE = 1_500  # in models with more variables, definitions are packed
PIECE = 200  # definitions in one piece
_CAPITALS = {"viewbox": "viewBox", "preserveaspectratio": "preserveAspectRatio"}
_VOID = {"br", "img", "input", "hr", "col", "wbr"}

Tree = list[Any]


class _Trees(HTMLParser):
    """Builds trees from well-formed HTML, and restores the capitals of SVG names, which Python's parser drops."""

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
    """Return HTML as a list of trees: an element is ``[tag, attributes, child, …]``, and a text is a string."""
    parser = _Trees()
    parser.feed(html)
    parser.close()
    return parser.roots


def packed(definitions: Sequence[str], anchors: Sequence[str], headings: Sequence[str]) -> str:
    """Return HTML that contains definitions as compressed data, in several pieces.

    Parameters
    ----------
    definitions : sequence of str
        The definition of each variable as HTML.
    anchors : sequence of str
        The ``id`` of each definition.
    headings : sequence of str
        For each variable, the lines of text that the search field searches; the first line is the variable's name.
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
