"""Variables in the index and in the search: a directive that leads from a name to its definition inside HTML.

Crosses the border: lines ``anchor name`` in the body of the directive in, an index node out. Without it a search for a
variable would find the page of the model and not the place.
"""

from __future__ import annotations

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
        return [addnodes.index(entries=entries)]


def named(names: dict[str, str]) -> str:
    """Return the directive in Markdown for names by anchor."""
    lines = "\n".join(f"{anchor} {' '.join(name.split())}" for anchor, name in names.items())
    return f"```{{named}}\n{lines}\n```"
