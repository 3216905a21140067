"""Make the functions of Vensim and Stella searchable: each row of the coverage page gets an anchor and a search entry.

It changes the text of docs/evidence/coverage.md when the book is built.
"""

from __future__ import annotations

import re

from docs.book.index import named

PAGE = "docs/evidence/coverage.md"
_ROW = re.compile(
    r"^\| (?P<name>[^|\n]*[A-Z][^|\n]*?) \|(?=[^|\n]*\| (?:supported|refused|unknown))",
    re.MULTILINE,
)


def findable(text: str) -> str:
    """Return the coverage page with an anchor in each row, so that a search finds functions such as ``DELAY FIXED``."""
    names: dict[str, str] = {}

    def anchored(row: re.Match[str]) -> str:
        name = row["name"].strip()
        anchor = "fn-" + re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")
        if anchor in names:
            return row.group()  # both languages have it; the search leads to the first row
        names[anchor] = name
        return f'| <a id="{anchor}"></a>{name} |'

    text = _ROW.sub(anchored, text)
    head, _, rest = text.partition("\n")
    return f"{head}\n\n{named(names)}\n{rest}"
