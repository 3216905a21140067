"""Names in the index and in the search: directives that lead from a name to its place inside HTML.

Interface: lines ``anchor name`` in the body of a directive in, an index node out. Without it a search for a
variable would find the page of the model and not the place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx import addnodes


class Named(Directive):
    """``named``: each line is an anchor, a blank, and a name that leads there."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the entries."""
        lines = [line.partition(" ") for line in self.content if line.strip()]
        entries = [
            ("single", name.replace(";", ","), anchor, "", None) for anchor, _, name in lines
        ]
        return [self.node(entries)]

    def node(self, entries: list[tuple[str, str, str, str, None]]) -> nodes.Element:
        """Return what holds the entries."""
        return addnodes.index(entries=entries)


class Searched(Named):
    """``searched``: the same for the search alone; the printed index does not list the names."""

    def node(self, entries: list[tuple[str, str, str, str, None]]) -> nodes.Element:
        """Return what `reveal` makes an index of after Sphinx has gathered its own."""
        return hidden(entries=entries)


class hidden(nodes.Invisible, nodes.Element):
    """Entries that only the search sees."""


def reveal(_app: Any, tree: nodes.document, _page: str) -> None:
    """Turn entries for the search into an index, which Sphinx's search reads from the finished page."""
    for node in list(tree.findall(hidden)):
        node.replace_self(addnodes.index(entries=node["entries"]))


def named(names: Mapping[str, str]) -> str:
    """Return the directive in Markdown for names by anchor."""
    return _written("named", [(anchor, name) for anchor, name in names.items()])


def searched(names: Mapping[str, list[str]]) -> str:
    """Return the directive in Markdown for what the search alone finds, by anchor."""
    return _written("searched", [(anchor, name) for anchor, own in names.items() for name in own])


def _written(directive: str, names: list[tuple[str, str]]) -> str:
    lines = "\n".join(f"{anchor} {' '.join(name.split())}" for anchor, name in names)
    return f"```{{{directive}}}\n{lines}\n```"
