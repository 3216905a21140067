"""Change the links in the repository's Markdown files to links within the book.

Images are copied into the book. If the target of a link is not a page of the book, the link becomes plain text, because
no address would work in a classroom without internet.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

from sdcluster.publish.folder import unbroken

_FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(([^()\s]+)\)")
_ELSEWHERE = ("http://", "https://", "mailto:", "#")


@dataclass(frozen=True)
class Shelf:
    """The pages of one language of the book, and where they come from.

    Parameters
    ----------
    root : Path
        The repository.
    source : Path
        The folder with the collected pages.
    pages : mapping of str to str
        For a path in the repository, its page without suffix (``docs/evidence/coverage.md`` → ``evidence/coverage``).
    others : mapping of str to str
        For a path, its address in the other language, relative to this language's front page.
    """

    root: Path
    source: Path
    pages: Mapping[str, str]
    others: Mapping[str, str]

    def rewritten(self, text: str, origin: str, page: str) -> str:
        """Return a file's text with the links that it needs as a page of the book.

        Parameters
        ----------
        text : str
        origin : str
            The file's path in the repository.
        page : str
            Its page in the book.
        """
        kept: list[str] = []
        at = 0
        for fence in _FENCE.finditer(text):
            kept += [self._links(text[at : fence.start()], origin, page), fence.group()]
            at = fence.end()
        return "".join([*kept, self._links(text[at:], origin, page)])

    def _links(self, text: str, origin: str, page: str) -> str:
        text = unbroken(text)
        return _LINK.sub(lambda found: self._link(found, origin, page), text)

    def _link(self, found: re.Match[str], origin: str, page: str) -> str:
        mark, words, target = found.groups()
        if target.startswith(_ELSEWHERE):
            return found.group()
        path, _, part = target.partition("#")
        place = os.path.normpath(os.path.join(os.path.dirname(origin), path))
        here = os.path.dirname(page) or "."
        if mark:
            return f"![{words}]({os.path.relpath(self._picture(place, origin), here)})"
        if place in self.pages:
            anchor = f"#{part}" if part else ""
            return f"[{words}]({os.path.relpath(self.pages[place], here)}.md{anchor})"
        if place in self.others:
            return f'<a href="{escape(os.path.relpath(self.others[place], here))}">{words}</a>'
        return words

    def _picture(self, place: str, origin: str) -> str:
        """Copy an image into the book, and return its path there."""
        if not (self.root / place).is_file():
            raise RuntimeError(f'{origin}: shows the picture "{place}", which is not there')
        there = self.source / "pictures" / place
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self.root / place, there)
        return f"pictures/{place}"
