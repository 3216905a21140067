"""The search of the book finds the functions of Vensim and Stella by name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from docs.book.functions import PAGE, findable

pytest.importorskip("sphinx", reason="Sphinx is not installed")
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def entries(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[list[str]]]:
    """Return the entries of the search index of a book that has the page of functions alone."""
    from docs.book.build import _sphinx

    folder = tmp_path_factory.mktemp("functions")
    source = folder / "source"
    source.mkdir()
    page = findable("# Functions\n" + (ROOT / PAGE).read_text("utf-8").partition("\n## ")[2])
    (source / "index.md").write_text(page, encoding="utf-8")
    for name in ("model.js", "model.css", "book.css"):
        (source / name).write_text("", encoding="utf-8")
    _sphinx("en", source, folder / "book", folder / "doctrees")
    text = (folder / "book" / "searchindex.js").read_text("utf-8")
    index = json.loads(text.removeprefix("Search.setIndex(").rstrip().removesuffix(")"))
    return dict(index["indexentries"])


@pytest.mark.parametrize(
    "name", ["DELAY FIXED", "VECTOR ELM MAP", "INTEG", "IF THEN ELSE", "SMTH1"]
)
def test_a_function_has_an_entry_that_leads_to_its_row(
    name: str, entries: dict[str, list[list[str]]]
) -> None:
    ((_, anchor, _),) = entries[name.casefold()]
    assert anchor == "fn-" + name.casefold().replace(" ", "-")
