"""The page of functions tells what is so today."""

from __future__ import annotations

import pytest

from benchmarks.function_coverage import PAGE, VENSIM, WHY, XMILE, measure, page


@pytest.fixture(scope="module")
def found() -> dict:
    return measure()


def test_the_page_is_up_to_date(found: dict) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(found), (
        "run python benchmarks/function_coverage.py"
    )


def test_every_reason_belongs_to_a_function_of_the_lists() -> None:
    known = {name for groups in (VENSIM, XMILE) for group in groups.values() for name in group}
    assert set(WHY) <= known


def test_nothing_that_is_supported_is_called_refused(found: dict) -> None:
    rows = [row for groups in found.values() for group in groups.values() for row in group]
    assert all(bool(why) == (verdict == "refused") for _, verdict, why in rows)
    assert {verdict for _, verdict, _ in rows} <= {"supported", "refused", "unknown"}
