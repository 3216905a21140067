"""What is written for PySD is read by PySD, with the numbers that we compute."""

from __future__ import annotations

from pathlib import Path

import pysd
import pytest

import sdcluster
from sdcluster.errors import ModelError

CLOCK = "initial time = 0 ~~|\nFinal Time = 2 ~~|\nTime Step = 1 ~~|\nSaveper = TIME STEP ~~|\n"


def written(folder: Path, *equations: str) -> Path:
    """Return the XMILE file for PySD that is made of a Vensim model."""
    source = folder / "m.mdl"
    text = "".join(f"{e} ~~|\n" for e in equations)
    source.write_text(f"{{UTF-8}}\n{text}{CLOCK}", encoding="utf-8")
    return Path(sdcluster.load(source).to_xmile(folder / "m.xmile", reader="pysd"))


def by_both(file: Path, name: str) -> list[float]:
    """Return the last value of a variable, by us and by PySD."""
    return [
        float(sdcluster.to_frame(sdcluster.simulate(file))[name].iloc[-1]),
        float(pysd.read_xmile(str(file)).run()[name].iloc[-1]),
    ]


def test_elements_of_two_dimensions(tmp_path: Path) -> None:
    file = written(
        tmp_path, "A: A One, A Two", "B: B One, b TWO",
        "z[A, B] :EXCEPT: [A One, b TWO] = 7", "z[A One, b TWO] = 8", "whole = SUM(z[A!, B!])",
    )  # fmt: skip
    assert by_both(file, "whole") == [29, 29]


def test_elements_with_underscores_or_digits_in_front(tmp_path: Path) -> None:
    file = written(
        tmp_path, 'age_group: under_15, "15 to 44"', "pop[age_group] = 1, 2",
        'all = pop[under_15] * 10 + pop["15 to 44"] + 100 * SUM(pop[age_group!])',
    )  # fmt: skip
    assert by_both(file, "all") == [312, 312]


def test_missing_values(tmp_path: Path) -> None:
    file = written(
        tmp_path, "D: A1, A2", "gap[A1] = :NA:", "gap[A2] = 2",
        "used[D] = IF THEN ELSE(gap[D] = :NA:, 3, gap[D])", "whole = SUM(used[D!])",
    )  # fmt: skip
    assert by_both(file, "whole") == [5, 5]


def test_settings_of_the_clock_in_any_capitals(tmp_path: Path) -> None:
    file = written(tmp_path, "x = FINAL TIME + initial time + time step + Time")
    assert by_both(file, "x") == [5, 5]


def test_a_subscript_that_pysd_cannot_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r'"x".*PySD reads no subscript "A/B" inside an equation'):
        written(tmp_path, 'D: "A/B", C', "y[D] = 1, 2", 'x = y["A/B"]')
