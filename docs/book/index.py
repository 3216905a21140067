"""Directives that add names, with their places inside HTML, to the index and to the search.

The body of a directive has lines ``anchor name``; its result is an index node. Without these entries, a search for a
variable would find the page of its model but not the place on the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx import addnodes


class Named(Directive):
    """The directive ``named``: each line has an anchor, a blank, and the name that leads to this anchor."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return an index node with an entry for each line."""
        lines = [line.partition(" ") for line in self.content if line.strip()]
        entries = [
            ("single", name.replace(";", ","), anchor, "", None) for anchor, _, name in lines
        ]
        return [self.node(entries)]

    def node(self, entries: list[tuple[str, str, str, str, None]]) -> nodes.Element:
        """Return the index node that holds the entries."""
        return addnodes.index(entries=entries)


class Searched(Named):
    """The directive ``searched``: as ``named``, but the names appear only in the search, not in the printed index."""

    def node(self, entries: list[tuple[str, str, str, str, None]]) -> nodes.Element:
        """Return a hidden node, which `reveal` replaces by an index node after Sphinx has collected its own index."""
        return hidden(entries=entries)


class hidden(nodes.Invisible, nodes.Element):
    """Index entries that only the search uses."""


def reveal(_app: Any, tree: nodes.document, _page: str) -> None:
    """Replace hidden nodes by index nodes, so that Sphinx's search finds their entries in the finished page."""
    for node in list(tree.findall(hidden)):
        node.replace_self(addnodes.index(entries=node["entries"]))


def named(names: Mapping[str, str]) -> str:
    """Return the Markdown text of a directive ``named`` for these names, given by anchor."""
    return _written("named", [(anchor, name) for anchor, name in names.items()])


def searched(names: Mapping[str, list[str]]) -> str:
    """Return the Markdown text of a directive ``searched`` for these names, given by anchor."""
    return _written("searched", [(anchor, name) for anchor, own in names.items() for name in own])


def _written(directive: str, names: list[tuple[str, str]]) -> str:
    lines = "\n".join(f"{anchor} {' '.join(name.split())}" for anchor, name in names)
    return f"```{{{directive}}}\n{lines}\n```"
