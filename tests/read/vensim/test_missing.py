"""Vensim's ``:NA:`` is the finite number -2^109 in equations, and a missing value in whatever leaves the program."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

import sdcluster
from sdcluster.cli import app
from sdcluster.measure.measures import parse_measure
from sdcluster.model.missing import NA
from tests.command import CliRunner

GAPS = "Time\tmeasured\n0\t10\n1\t12\n3\t15\n"
NAN = math.nan


def values(file: Path, name: str, **settings) -> list[float]:
    run = sdcluster.simulate(file, method="euler", backend="python", **settings)
    return run[name].to_numpy().tolist()


def same(found: list[float], expected: list[float]) -> bool:
    return bool(np.array_equal(found, expected, equal_nan=True))


@pytest.fixture
def gaps(write_model):
    """A model with data at the times 0, 1 and 3 of 0 to 4."""

    def written(*equations: str) -> Path:
        file = write_model(*equations)
        (file.parent / "data.tab").write_text(GAPS)
        return file

    return written


def test_zero_times_a_missing_value_is_zero(gaps) -> None:
    file = gaps(
        "measured :RAW:",
        "there = IF THEN ELSE(measured = :NA:, 0, 1)",
        "counted = there*measured",
        "total = INTEG(counted/TIME STEP, 0)",
    )
    assert same(values(file, "measured"), [10, 12, NAN, 15, NAN])
    assert values(file, "counted") == [10, 12, 0, 15, 0]
    assert values(file, "total") == [0, 10, 22, 22, 37]


def test_the_initial_value_may_be_missing(write_model) -> None:
    file = write_model(
        "reading = IF THEN ELSE(Time > 9, 42, :NA:)",
        "first = INITIAL(reading)",
        "used = IF THEN ELSE(first = :NA:, 7, first)",
    )
    assert values(file, "used") == [7] * 5
    assert same(values(file, "first"), [NAN] * 5)


@pytest.mark.parametrize(
    ("equation", "expected"),
    [
        ("IF THEN ELSE(gap = :NA:, 1, 2)", 1),
        ("IF THEN ELSE(:NA: <> gap, 1, 2)", 2),
        ("IF THEN ELSE(gap = :NA: :AND: Time < 9, 1, 2)", 1),
        ("IF THEN ELSE(gap < 0, 1, 2)", 1),
        ("MAX(gap, 3)", 3),
        ("MIN(gap, 3)", NAN),
        ("gap - gap", 0),
        ("-gap", 2.0**109),
        ("gap * 2", -(2.0**110)),
        ("ABS(gap / 2)", 2.0**108),
        ("WITH LOOKUP(gap, ((0, 4), (1, 5)))", 4),
        ("VMIN(list[D!])", NAN),
        ("VMAX(list[D!])", 8),
        ("IF THEN ELSE(list[b] = :NA:, list[c], list[b])", 8),
    ],
)
@pytest.mark.parametrize("backend", ["python", "native"])
def test_arithmetic_with_a_missing_value(write_model, equation, expected, backend) -> None:
    file = write_model("D: a, b, c", "list[D] = 2, :NA:, 8", "gap = :NA:", f"x = {equation}")
    found = sdcluster.simulate(file, method="euler", backend=backend)["x"].to_numpy()
    assert same(found.tolist(), [expected] * 5)


def test_stocks_delays_and_lookups_start_from_a_missing_value(write_model) -> None:
    file = write_model(
        "stock = INTEG(IF THEN ELSE(Time < 1, 5 - :NA:, 1), :NA:)",
        "smooth = SMOOTHI(0, 2, :NA:)",
        "delayed = DELAY FIXED(5, 2, :NA:)",
        "sample = SAMPLE IF TRUE(Time > 2, 9, :NA:)",
        "points = WITH LOOKUP(Time, ((0, :NA:), (1, 2)))",
    )
    assert same(values(file, "stock"), [NAN, 0, 1, 2, 3])
    assert same(values(file, "smooth"), [NAN, NA / 2, NA / 4, NA / 8, NA / 16])
    assert same(values(file, "delayed"), [NAN, NAN, 5, 5, 5])
    assert same(values(file, "sample"), [NAN, NAN, NAN, 9, 9])
    assert same(values(file, "points"), [NAN, 2, 2, 2, 2])


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        ("INTERPOLATE", [10, 12, 13.5, 15, 15]),
        ("HOLD BACKWARD", [10, 12, 12, 15, 15]),
        ("LOOK FORWARD", [10, 12, 15, 15, 15]),
        ("RAW", [10, 12, NAN, 15, NAN]),
    ],
)
def test_data_variables_hold_their_end_values_unless_they_are_raw(gaps, way, expected) -> None:
    # The public suite's get_with_missing_values_xlsx holds what Vensim gives before and behind the points.
    assert same(values(gaps(f"measured :{way}:", "x = measured"), "x"), expected)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("GET DATA AT TIME(measured, Time - 1)", [NAN, 10, 12, 13.5, 15]),
        ("GET DATA AT TIME(measured, Time)", [10, 12, 13.5, 15, NAN]),
        ("GET DATA BETWEEN TIMES(measured, Time, -1)", [10, 12, 12, 15, NAN]),
        ("GET DATA BETWEEN TIMES(measured, Time - 1, 1)", [NAN, 10, 12, 15, 15]),
        ("GET DATA BETWEEN TIMES(measured, Time * 2, 1 - Time)", [10, 13.5, NAN, NAN, NAN]),
        ("GET DATA MEAN(measured, 4, 9)", [NAN] * 5),
        ("GET DATA MAX(measured, 0, 9)", [15] * 5),
    ],
)
@pytest.mark.parametrize("backend", ["python", "native"])
def test_data_asked_for_outside_their_points_are_missing(gaps, asked, expected, backend) -> None:
    file = gaps("measured", f"x = {asked}")
    found = sdcluster.simulate(file, method="euler", backend=backend)["x"].to_numpy()
    assert same(found.tolist(), expected)


def test_the_last_point_is_inside_whatever_the_steps_add_up_to(write_model) -> None:
    file = write_model("measured", "x = GET DATA AT TIME(measured, Time)")
    (file.parent / "data.tab").write_text("Time\tmeasured\n0\t1\n0.3\t2\n")
    assert values(file, "x", dt=0.1, saveper=0.1, stop=0.3)[3] == 2


@pytest.mark.parametrize("cell", [":NA:", "", "-6.49037e+32", str(NA)])
def test_a_missing_value_in_a_data_file_is_no_point(write_model, cell) -> None:
    file = write_model("measured :RAW:", "held :HOLD BACKWARD:", "x = measured", "y = held")
    (file.parent / "data.tab").write_text(
        f"Time\tmeasured\theld\n0\t1\t1\n1\t{cell}\t{cell}\n2\t3\t3\n"
    )
    assert same(values(file, "x"), [1, NAN, 3, NAN, NAN])
    assert values(file, "y") == [1, 1, 3, 3, 3]


def test_blank_cells_of_constants_are_missing(write_model) -> None:
    file = write_model(
        "D: a, b, c", "k[D] = GET DIRECT CONSTANTS('t.csv', ',', 'A1')", "x[D] = MAX(k[D], 0)"
    )
    (file.parent / "t.csv").write_text("1,,3\n")
    assert sdcluster.load(file)["k"].equations[0].expression.values == (1, NA, 3)
    assert values(file, "x")[0] == [1, 0, 3]


@pytest.mark.parametrize(
    "equation",
    ["LN(measured)", "measured / (Time - 2)", "INTEG(measured / (Time - 1), 0)", "SQRT(measured)"],
)
@pytest.mark.parametrize("backend", ["python", "native"])
def test_what_is_no_number_stays_an_error_beside_missing_data(gaps, equation, backend) -> None:
    file = gaps("measured :RAW:", f"x = {equation}")
    with pytest.raises(sdcluster.SimulationError, match=r'"x" became (NaN|infinite)'):
        sdcluster.simulate(file, method="euler", backend=backend)


def test_the_message_names_a_missing_input(gaps) -> None:
    with pytest.raises(sdcluster.SimulationError, match="measured = :NA:"):
        sdcluster.simulate(gaps("measured :RAW:", "x = LN(measured)"))


def test_tables_and_files_show_missing_values(gaps, tmp_path) -> None:
    file = str(gaps("measured :RAW:", "x = measured * 1"))
    shown = CliRunner().invoke(app, ["run", file, "-v", "x"])
    assert shown.exit_code == 0
    assert ":NA:" in shown.output
    assert "10" in shown.output
    assert "15" in shown.output
    CliRunner().invoke(app, ["run", file, "-v", "x", "--out", str(tmp_path / "o.csv")])
    column = [line.split(",")[1] for line in (tmp_path / "o.csv").read_text().splitlines()]
    assert column == ["x", "10.0", "12.0", "", "15.0", ""]


@pytest.mark.parametrize(
    ("measure", "expected"),
    [("peak x", 15), ("minimum x", 10), ("time of peak x", 3), ("initial x", 10), ("final x", NAN)],
)
def test_measures_pass_over_missing_values(gaps, measure, expected) -> None:
    model = sdcluster.load(gaps("measured :RAW:", "x = measured * 1"))
    run = sdcluster.simulate(model, method="euler")
    found = parse_measure(measure, model).of(run["time"].to_numpy(), run["x"].to_numpy())
    assert found == pytest.approx(expected, nan_ok=True)


def test_missing_values_are_written_as_xmile_and_read_again(write_model) -> None:
    file = write_model(
        "D: a, b, c",
        "list[D] = 1, :NA:, 3",
        "gap = :NA:",
        "used = IF THEN ELSE(gap = :NA:, 3, gap)",
        "each[D] = IF THEN ELSE(list[D] = :NA:, 5, list[D])",
        "bound = MAX(-:NA:, 1)",
        "points = WITH LOOKUP(Time, ((0, :NA:), (1, 2)))",
        "stock = INTEG(0, :NA:)",
    )
    again = sdcluster.load(file).to_xmile(file.parent / "again.xmile")
    assert values(again, "used") == [3] * 5
    for name in ("list", "gap", "each", "bound", "points", "stock"):
        assert same(values(again, name), values(file, name))


def test_data_with_gaps_are_written_as_xmile_and_read_again(gaps) -> None:
    file = gaps("measured :RAW:", "late = GET DATA AT TIME(measured, Time - 1)", "x = MAX(late, 0)")
    again = sdcluster.load(file).to_xmile(file.parent / "again.xmile")
    for name in ("measured", "late", "x"):
        assert same(values(again, name), values(file, name))
