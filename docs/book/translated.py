"""Check that the Chinese guide is up to date; run ``python -m docs.book.translated PAGE`` after translating a change.

A Chinese page is a valid translation if it has the same blocks in the same order as its English page (headings,
paragraphs, lists, tables, code). Each pair of blocks must have the same names in code type, the same images and the
same links. In addition, the last line of the Chinese page holds a digest of the English text from which it was
translated, so that every changed English sentence is noticed. Code must be equal except for comments and a ``--language
zh`` in a command. A fence marked ``output`` shows output of the program, so it may be in Chinese.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

from docs.book.reference import PLACE, filled

ROOT = Path(__file__).resolve().parents[2]
# Pages that explain. Pages that only list results (coverage, conformance, logs) and decisions are not translated.
EXPLAINING = (
    "index.md",
    "tutorials/*.md",
    "how-to/*.md",
    "reference/ensembles.md",
    "reference/lab-toml.md",
    "reference/laboratory.md",
    "reference/vensim.md",
    "reference/xmile.md",
    "explanation/*.md",
)
MARK = re.compile(r"\n<!-- translates (\S+) at (\w+) -->\n\Z")
_COMMENT = re.compile(r"(^|[ \t]+)# .*$", re.MULTILINE)
_IN_CHINESE = re.compile(r" --language zh\b")
_OPENED = {"heading_open", "paragraph_open", "bullet_list_open", "ordered_list_open"}
_OPENED |= {"list_item_open", "th_open", "td_open"}
_NAMES = {"h": "a heading", "p": "a paragraph", "ul": "a list", "ol": "a numbered list"}
_NAMES |= {"li": "an item of a list", "th": "a table's heading", "td": "a table's cell"}


@dataclass(frozen=True)
class Block:
    """A block of a page, described by the properties that a translation must keep.

    Parameters
    ----------
    kind : str
        The HTML element of the block, or the code of a fence.
    names : tuple of str
        The texts in code type, without repetitions, in alphabetical order.
    targets : tuple of str
        The targets of its images and links, relative to docs/, without the language.
    line : int
        The line in the file where the block begins.
    """

    kind: str
    names: tuple[str, ...]
    targets: tuple[str, ...]
    line: int

    @property
    def told(self) -> str:
        """A description of the block for an error message."""
        if self.kind.startswith("```"):
            return "the code " + self.kind.replace("\n", " ⏎ ")
        parts = [_NAMES.get(self.kind, f"a heading of level {self.kind[1:]}")]
        parts += [f"`{name}`" for name in self.names]
        return " with ".join([parts[0], ", ".join([*parts[1:], *self.targets]) or "words alone"])


def pairs(root: Path = ROOT) -> list[tuple[Path, Path]]:
    """Return the English pages that have a translation, each with the path of the Chinese page."""
    docs = root / "docs"
    english = [path for pattern in EXPLAINING for path in sorted(docs.glob(pattern))]
    return [(path, docs / "zh" / path.relative_to(docs)) for path in english]


def digest(english: str) -> str:
    """Return a digest of an English page's words, which does not depend on line breaks."""
    words = " ".join(filled(english).split())
    return hashlib.sha256(words.encode()).hexdigest()[:12]


def blocks(text: str, place: Path, docs: Path) -> list[Block]:
    """Return the blocks of a page.

    Parameters
    ----------
    text : str
    place : Path
        The path of the page, to which its links are relative.
    docs : Path
        The folder of the documentation.
    """
    found, line = [], 0
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        line = token.map[0] + 1 if token.map else line
        if token.type == "fence":
            language = token.info.strip()
            code = _IN_CHINESE.sub("", _COMMENT.sub("", token.content)).strip()
            code = "" if language == "output" else code
            found.append(Block(f"```{language}\n{code}", (), (), line))
        elif token.type in _OPENED:
            found.append(Block(token.tag, (), (), line))
        elif token.type == "html_block" and not token.content.startswith("<!-- translates"):
            found.append(Block(token.content.strip(), (), (), line))
        elif token.type == "inline":
            inside = list(_inside(token.children or [], place, docs))
            names = tuple(sorted({name for kind, name in inside if kind == "code"}))
            targets = tuple(sorted(name for kind, name in inside if kind != "code"))
            found[-1] = Block(found[-1].kind, names, targets, found[-1].line)
    return found


def _inside(children: list[Any], place: Path, docs: Path) -> list[tuple[str, str]]:
    found = []
    for token in children:
        target = token.attrGet("src") or token.attrGet("href")
        made = token.type == "html_inline" and PLACE.fullmatch(token.content)
        if token.type == "code_inline" or made:
            found.append(("code", token.content))
        elif target:
            found.append((token.type, _neutral(target, place, docs)))
    return found


def _neutral(target: str, place: Path, docs: Path) -> str:
    """Return a link's target relative to docs/, which is the same for a page and its translation."""
    if target.startswith(("http://", "https://")):
        return target
    path, _, part = target.partition("#")
    there = Path(os.path.normpath(place.parent / path)) if path else place
    zh = docs / "zh"
    in_chinese = place.is_relative_to(zh)
    if in_chinese and there.is_relative_to(zh):
        there = docs / there.relative_to(zh)
    elif in_chinese and there.is_relative_to(docs) and (zh / there.relative_to(docs)).is_file():
        return f"{target}, which is in Chinese too"
    name = os.path.relpath(there, docs).replace(".zh.", ".")
    return f"{name}#" if part else name


def parted(english: Path, chinese: Path, docs: Path) -> str:
    """Return a sentence about the first difference between a page and its translation; empty if there is none."""
    here, there = english.relative_to(docs.parent), chinese.relative_to(docs.parent)
    remedy = f'translate it, then run "python -m docs.book.translated {here}"'
    if not chinese.is_file():
        return f"{here} has no translation {there}; {remedy}"
    original = english.read_text(encoding="utf-8")
    text = chinese.read_text(encoding="utf-8")
    first, second = blocks(original, english, docs), blocks(text, chinese, docs)
    for one, other in zip(first, second, strict=False):
        if (one.kind, one.names, one.targets) != (other.kind, other.names, other.targets):
            return (
                f"{there}:{other.line}: where {here}:{one.line} has {one.told}, the translation has "
                f"{other.told}; {remedy}"
            )
    if len(first) != len(second):
        longer, at = (here, first) if len(first) > len(second) else (there, second)
        more = at[min(len(first), len(second))]
        return f"{longer}:{more.line}: {more.told} is on one of the two pages only; {remedy}"
    mark = MARK.search(text)
    if not mark or mark.groups() != (here.as_posix(), digest(original)):
        return f"{here} was changed after {there} was translated from it; {remedy}"
    return ""


def renew(english: Path, chinese: Path, docs: Path) -> None:
    """Write the digest of the current English text into its translation."""
    text = MARK.sub("\n", chinese.read_text(encoding="utf-8")).rstrip()
    here = english.relative_to(docs.parent).as_posix()
    mark = f"<!-- translates {here} at {digest(english.read_text(encoding='utf-8'))} -->"
    chinese.write_text(f"{text}\n\n{mark}\n", encoding="utf-8")


def _main() -> None:
    docs = ROOT / "docs"
    named = [(ROOT / word).resolve() for word in sys.argv[1:]]
    chosen = [(one, other) for one, other in pairs() if not named or one in named]
    for english, chinese in chosen:
        if named and chinese.is_file():
            renew(english, chinese, docs)
    said = [sentence for pair in chosen if (sentence := parted(*pair, docs))]
    sys.exit("\n".join(said) or None)


if __name__ == "__main__":
    _main()
