"""What tests read from a page: the blocks of variables, and an equation back from what is shown."""

from __future__ import annotations

import re
from urllib.parse import unquote

from lxml import html

from sdcluster.model import Model
from sdcluster.model.expression import Expression
from sdcluster.read.xmile.parse import parse_equation
from sdcluster.read.xmile.translate import translate
from sdcluster.write.equations import identifier

SIGNS = {"×": "*", "−": "-", "≤": "<=", "≥": ">=", "≠": "<>", "∞": "INF"}


def tree(text: str) -> html.HtmlElement:
    return html.fromstring(text)


def anchors(page: html.HtmlElement) -> dict[str, html.HtmlElement]:
    return {one.get("id"): one for one in page.iter() if one.get("id")}


def shown(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def equation(element: html.HtmlElement, model: Model, names: dict[str, str]) -> Expression:
    """Return the expression that an element shows; `names` gives the canonical name behind each anchor."""
    tables = {v.key: None for v in model.variables.values() if v.kind == "lookup"}
    return translate(parse_equation(_plain(element, names)), tables, frozenset(model.variables))


def _plain(element: html.HtmlElement, names: dict[str, str]) -> str:
    parts = [_signs(element.text)]
    for child in element:
        href = unquote(child.get("href") or "")
        if href.startswith("#"):
            parts.append(identifier(names[href[1:]]))
        else:
            parts.append(_plain(child, names))
        parts.append(_signs(child.tail))
    return "".join(parts)


def _signs(text: str | None) -> str:
    return re.sub("[×−≤≥≠∞]", lambda found: SIGNS[found.group()], text or "")
