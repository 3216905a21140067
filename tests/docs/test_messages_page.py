"""The book lists every message of the program in English and Chinese, and its search leads to each."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from lxml import html

from docs.book.gather import IN_BOTH
from docs.book.messages import ROOMS, anchor, shown, tables
from docs.book.reference import filled
from sdcluster.messages import catalogue, rooms

pytest.importorskip("sphinx", reason="Sphinx is not installed")
PAGE = "docs/reference/messages.md"
TEXT = (Path(__file__).resolve().parents[2] / PAGE).read_text("utf-8")
ENGLISH, CHINESE = catalogue("en"), catalogue("zh")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a book that has the page of messages alone."""
    from docs.book.build import _sphinx

    folder = tmp_path_factory.mktemp("messages")
    source = folder / "source"
    source.mkdir()
    (source / "index.md").write_text(f"# Messages\n\n{tables()}\n", encoding="utf-8")
    for name in ("model.js", "model.css", "book.css"):
        (source / name).write_text("", encoding="utf-8")
    _sphinx("en", source, folder / "book", folder / "doctrees")
    return folder / "book"


@pytest.fixture(scope="module")
def rows(built: Path) -> dict[str, list[html.HtmlElement]]:
    page = html.fromstring((built / "index.html").read_text("utf-8"))
    return {row.get("id"): list(row) for row in page.xpath("//table//tr[@id]")}


@pytest.fixture(scope="module")
def found(built: Path) -> dict[str, list[list[object]]]:
    """Return the entries of the search index."""
    text = (built / "searchindex.js").read_text("utf-8")
    index = json.loads(text.removeprefix("Search.setIndex(").rstrip().removesuffix(")"))
    return dict(index["indexentries"])


def test_both_books_have_the_page() -> None:
    assert PAGE in IN_BOTH
    assert tables() in filled(TEXT, "en")
    assert tables() in filled(TEXT, "zh")


def test_every_room_that_says_something_has_a_heading() -> None:
    assert set(rooms()) <= set(ROOMS)
    for room in rooms():
        assert f"\n## {ROOMS[room][0]} · {ROOMS[room][1]}\n" in tables()


def test_every_message_stands_on_the_page_in_both_languages(
    rows: dict[str, list[html.HtmlElement]],
) -> None:
    assert set(rows) == {anchor(key) for key in ENGLISH}
    for key, english in ENGLISH.items():
        for cell, sentence in zip(
            rows[anchor(key)], (english, CHINESE.get(key, english)), strict=True
        ):
            assert cell.text_content() == " ".join(shown(sentence).split())


def test_a_message_without_chinese_is_marked_as_english(
    rows: dict[str, list[html.HtmlElement]],
) -> None:
    marked = {key for key in ENGLISH if rows[anchor(key)][1].get("lang") == "zh"}
    assert marked == set(CHINESE)


def test_parts_are_names_in_marks() -> None:
    assert shown('give "{name}" {count:,} times, as {{"price": 2}}') == (
        'give "‹name›" ‹count› times, as {"price": 2}'
    )


def test_the_search_leads_to_the_row_of_a_message(found: dict[str, list[list[object]]]) -> None:
    places = {place for entries in found.values() for _, place, _ in entries}
    long = {key for key, words in ENGLISH.items() if re.search(r"[a-z ]{25}", words)}
    assert (
        len(long) > 600
    )  # the others are short, such as the parts of sentences and the heads of tables
    assert {anchor(key) for key in long} <= places <= {anchor(key) for key in ENGLISH}
    ((_, place, _),) = found["the folder is not empty"]
    assert place == anchor("cli.folder_not_empty_force")


def test_messages_do_not_fill_the_index_of_variables(built: Path) -> None:
    assert "message-" not in (built / "genindex.html").read_text("utf-8")
