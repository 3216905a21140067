"""Functions of Vensim and Stella in the search: each row of the table of coverage becomes a place with an entry.

Interface: the text of docs/evidence/coverage.md in; the text with an anchor in each row out.
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
    """Return a page of functions whose rows are found by the name of the function, such as ``DELAY FIXED``."""
    names: dict[str, str] = {}

    def anchored(row: re.Match[str]) -> str:
        name = row["name"].strip()
        anchor = "fn-" + re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")
        if anchor in names:
            return row.group()  # the other language's function of this name: the first row is found
        names[anchor] = name
        return f'| <a id="{anchor}"></a>{name} |'

    text = _ROW.sub(anchored, text)
    head, _, rest = text.partition("\n")
    return f"{head}\n\n{named(names)}\n{rest}"
