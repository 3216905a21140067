"""Numbers in sentences, tables and charts are written out, and nothing of them is lost where a cell wraps."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from sdcluster.checks.report import Report, Row, report_table
from sdcluster.messages import message
from sdcluster.words.numbers import fixed, plain


def test_numbers_of_usual_size_have_no_exponent():
    assert plain(1e4, 4) == plain(1e4, 3) == "10000"
    assert plain(-12345.6, 4) == "-12346"
    assert plain(1521.4, 3, signed=True) == "+1521"
    assert plain(2.5e9, 4) == "2.5e+09"
    assert plain(0.00025, 3) == "0.00025"


def test_zero_has_no_sign():
    assert plain(-0.0) == "0"
    assert fixed(-0.0004, 3) == "0.000"
    assert fixed(-0.0006, 3) == "-0.001"


@given(st.floats(1e-4, 999_999), st.integers(3, 9))
def test_a_written_number_keeps_its_significant_digits(value, digits):
    text = plain(value, digits)
    assert "e" not in text
    assert float(text) == pytest.approx(value, rel=0.5000001 * 10.0 ** (1 - digits))


def test_a_table_of_checks_loses_no_digit_at_any_width():
    sentence = message(
        "checks.moved",
        name="new customers",
        old="142.6",
        new="71.66",
        units=" (customers/month)",
        when="month 18",
    )
    report = Report(
        path=Path("model"),
        rows=(Row("model", "default", "baseline", "failed", sentence),),
        seconds=0.0,
    )
    for width in range(60, 131):
        console = Console(width=width)
        with console.capture() as shown:
            console.print(report_table(report, language="zh"))
        lines = [line.split("│")[-2] for line in shown.get().splitlines() if line.count("│") > 4]
        written = "".join(line.strip() for line in lines).replace(" ", "")
        assert sentence.text("zh").replace(" ", "") in written, width
