"""What is written is read back with the same numbers: the measure of benchmarks/written.py, on a part of the suite."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.suite import ABSENT, ROOT, SUITE
from benchmarks.written import Verdict, judge, models, page, reasons

# What PySD reads only as we write it for PySD: names, functions, curves, stocks of arrays.
SAMPLE = (
    "lookups_funcnames", "get_with_missing_values_xlsx", "get_lookups_subset", "nested_functions", "sample_if_true",
    "smooth", "subscript_aggregation", "subscript_logicals", "subscript_mapping_simple",
    "subscript_individually_defined_stocks", "variable_ranges", "delays", "na", "control_vars",
)  # fmt: skip
NEEDS_SUITE = pytest.mark.skipif(not SUITE.exists(), reason=ABSENT)


@NEEDS_SUITE
@pytest.mark.parametrize("name", SAMPLE)
def test_both_readers_have_the_numbers_of_the_model(name: str, tmp_path: Path) -> None:
    file = SUITE / "tests" / name / f"test_{name}.mdl"
    assert judge(file, tmp_path) == Verdict("", "")


@NEEDS_SUITE
def test_reasons_name_models_that_run() -> None:
    known = {p.relative_to(SUITE).as_posix() for p in models() if p.is_relative_to(SUITE)}
    assert reasons().keys() <= known


def test_every_failure_on_the_page_has_a_reason() -> None:
    rows = [
        [cell.strip() for cell in line.split("|")[1:3]]
        for line in (ROOT / "docs" / "evidence" / "written.md")
        .read_text(encoding="utf-8")
        .splitlines()
        if line.startswith(("| tests/", "| samples/", "| models/"))
    ]
    assert rows
    unexplained = {name for name, result in rows if result in ("fails", "differs")}
    assert unexplained <= reasons().keys()


def test_the_page_gives_the_reason_of_a_refusal() -> None:
    refused = Verdict("", '"x" cannot be written: PySD has no function F', refused=True)
    text = page({"tests/a/a.mdl": refused, "tests/b/b.xmile": Verdict("", "")})
    assert '| tests/a/a.mdl | not written | "x" cannot be written: PySD has no function F |' in text
    assert "| same | 0 | 1 | 0 |" in text
