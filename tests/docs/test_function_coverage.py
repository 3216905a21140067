"""The page of functions tells what is so today."""

from __future__ import annotations

import pytest

from benchmarks.function_coverage import PAGE, listed, measure, page


@pytest.fixture(scope="module")
def found() -> dict:
    return measure()


def test_the_page_is_up_to_date(found: dict) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(found), (
        "run python benchmarks/function_coverage.py"
    )


def test_every_function_of_the_lists_has_a_page_and_a_sample() -> None:
    rows = [
        row for sections in listed().values() for rows in sections.values() for row in rows.values()
    ]
    assert all(row["page"] and row["try"] for row in rows)


def test_no_function_of_the_manuals_is_unknown(found: dict) -> None:
    rows = [row for sections in found.values() for rows in sections.values() for row in rows]
    assert all(bool(why) == (verdict == "refused") for _, _, verdict, why in rows)
    assert {verdict for _, _, verdict, _ in rows} == {"supported", "refused"}
