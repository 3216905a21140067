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
    with pytest.raises(
        ModelError, match=r'"x".*PySD does not support the subscript "A/B" inside an equation'
    ):
        written(tmp_path, 'D: "A/B", C', "y[D] = 1, 2", 'x = y["A/B"]')


@pytest.mark.parametrize(
    "equation",
    [
        "x = IF THEN ELSE(Time < 1, 0, IF THEN ELSE(Time < 2, 1, 2))",
        "x = IF THEN ELSE(:NOT: Time > 1 :AND: Time > 0, 3, 4) + 1",
        "x = PULSE(1, 1) + 2 * PULSE(2, 0) + PULSE TRAIN(0, 1, 2, 9)",
        "x = SAMPLE IF TRUE(Time < 2, Time * 3, 7)",
        "x = SMOOTH N(Time * 2, 4, 1, 2) + DELAY N(Time, 1, 3, 2)",
        "x = DELAY N(Time, 3 + Time, 3, 2) + DELAY3(Time * 2, 4 + Time)",
        "x = MODULO(-Time, 3) + LOG(Time + 1, 10) + INTEGER(-1.5)",
        "x = VMAX(one[D!]) + VMIN(one[D!]) + SUM(one[D!])",
        "x = WITH LOOKUP(Time, ((0, 1), (1, 3), (2, 9)))",
        "x = notional * 2 + not at all",
        "x = max * 2 + sum",
        "x = SAVEPER + TIME STEP",
        'x = "say \\"hi\\"" + 1',
        "x = bent[C](Time) + bent[B](1)",
        "x = level[C] + level[B] * 10",
        "x = seen[C]",
        "x = tabbed[B] + tabbed[C]",
    ],
)
def test_forms_that_pysd_reads_its_own_way(tmp_path: Path, equation: str) -> None:
    file = written(
        tmp_path, "D: B, C", "one[D] = 4, 2", "notional = 3", "not at all = 5", "max = 6", "sum = 1",
        '"say \\"hi\\"" = 3', "bent[B]((0, 1), (2, 2))", "bent[C]((0, 4), (2, 8))",
        "level[B] = INTEG(1, 2)", "level[C] = INTEG(one[C], one[B])",
        "seen[D] = SAMPLE IF TRUE(Time < 2, one[D] * Time, 3)",
        "tabbed[B] = WITH LOOKUP(Time, ((0, 1), (9, 4)))", "tabbed[C] = bent[C](Time) + Time",
        equation,
    )  # fmt: skip
    ours, theirs = by_both(file, "x")
    assert theirs == pytest.approx(ours, rel=1e-7)


@pytest.mark.parametrize(
    ("equation", "reason"),
    [
        ("x = RANDOM POISSON(0, 9, 3, 0, 1, 2)", "does not support the function RANDOM POISSON"),
        ("x = GAMMA LN(Time + 1)", "does not support the function GAMMA LN"),
        ("x = SUM(bent[D!](Time))", 'a call of a whole array of graphical functions, "bent"'),
    ],
)
def test_what_pysd_cannot_read_is_named(tmp_path: Path, equation: str, reason: str) -> None:
    bent = "bent[B]((0, 1), (2, 2))", "bent[C]((0, 4), (2, 8))"
    with pytest.raises(ModelError, match=f'"x" cannot be written.*{reason}') as caught:
        written(tmp_path, "D: B, C", *bent, equation)
    assert caught.value.line
    assert not (tmp_path / "m.xmile").exists()


def test_a_mapping_within_a_function_of_rows_is_named(tmp_path: Path) -> None:
    ranges = "D: A, B -> E", "E: C, F -> D", "y[D] = 2, 1"
    with pytest.raises(
        ModelError, match=r'"x".*does not support mappings between subscript ranges.*"D"'
    ):
        written(tmp_path, *ranges, "x[E] = VECTOR SORT ORDER(y[D], 1)")


def test_half_a_range_comes_back_from_a_file_for_pysd(tmp_path: Path) -> None:
    source = tmp_path / "m.mdl"
    source.write_text("{UTF-8}\nx = 3 ~ kg [0, ?] ~ |\n" + CLOCK, encoding="utf-8")
    model = sdcluster.load(source)
    file = Path(model.to_xmile(tmp_path / "m.xmile", reader="pysd"))
    assert by_both(file, "x") == [3, 3]
    assert sdcluster.load(file)["x"].range == model["x"].range
