"""Draws paragraphs, messages and docstrings at random, to be read aloud beside the guides of other libraries.

`sample` draws texts of this repository: each kind has the same share, however many texts of it there are. `comparison`
draws docstrings of other packages, to be read with the same ear. A seed gives the same texts as long as nobody changes
them.
"""

from __future__ import annotations

import ast
import importlib.util
import random
import re
import tomllib
from collections.abc import Iterator, Sequence
from itertools import chain, zip_longest
from pathlib import Path

from tests.prose.texts import COMMENT, FENCE, ROOT, files

LONGEST = 800  # characters of a docstring of another package; ours are hardly ever longer
WORDS = 12  # the least of a paragraph: headings, cells of tables and captions are no paragraphs
CHINESE = re.compile(r"[\u4e00-\u9fff]")
MESSAGES = ROOT / "sdcluster" / "words" / "messages" / "en"


def sample(number: int, seed: int) -> list[tuple[str, str]]:
    """Return so many English texts and where each is: paragraphs, messages and docstrings in turn."""
    chance = random.Random(seed)
    kinds = [list(paragraphs()), list(messages()), list(docstrings())]
    drawn = [chance.sample(kind, min(number, len(kind))) for kind in kinds]
    return [text for text in chain(*zip_longest(*drawn)) if text is not None][:number]


def comparison(number: int, seed: int, packages: Sequence[str]) -> list[tuple[str, str]]:
    """Return so many docstrings of installed packages, public and private, and where each is; tests are left out."""
    found = []
    for package in packages:
        spec = importlib.util.find_spec(package)
        if spec is None or spec.origin is None:
            raise SystemExit(f"{package} is not installed")
        folder = Path(spec.origin).parent
        for path in sorted(folder.rglob("*.py")):
            if "tests" not in path.parts:
                found += [
                    text for text in _docstrings(path, folder.parent) if len(text[1]) <= LONGEST
                ]
    return random.Random(seed).sample(found, min(number, len(found)))


def paragraphs() -> Iterator[tuple[str, str]]:
    """Yield the paragraphs and list items of all pages."""
    for path in files():
        if path.suffix == ".md" and "zh" not in path.parts and not path.name.endswith(".zh.md"):
            text = COMMENT.sub("", FENCE.sub("", path.read_text(encoding="utf-8")))
            for block in re.split(r"\n\s*\n|\n(?=\s*[-*] )|\n(?=\s*\d+\. )", text):
                other = block.lstrip().startswith(("|", "#", "!", "<")) or CHINESE.search(block)
                if not other and len(block.split()) >= WORDS:
                    yield str(path.relative_to(ROOT)), block.strip()


def messages() -> Iterator[tuple[str, str]]:
    """Yield the English messages."""
    for path in sorted(MESSAGES.glob("*.toml")):
        yield from _leaves(tomllib.loads(path.read_text(encoding="utf-8")), path.stem)


def docstrings() -> Iterator[tuple[str, str]]:
    """Yield the docstrings of the package."""
    for path in files():
        if path.suffix == ".py":
            yield from _docstrings(path, ROOT)


def _docstrings(path: Path, root: Path) -> Iterator[tuple[str, str]]:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, kinds) and (text := ast.get_docstring(node)):
            yield f"{path.relative_to(root)}:{_line(node)}", text


def _line(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return 1 if isinstance(node, ast.Module) else node.lineno


def _leaves(table: dict[str, object], name: str) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{name}.{key}")
        else:
            yield f"{name}.{key}", str(value)
