"""Vensim's changes files (.cin): what a run takes from them."""

from __future__ import annotations

from pathlib import Path

import pytest

import sdcluster
from sdcluster.cli import app
from sdcluster.errors import ModelError
from sdcluster.project import read_changes
from sdcluster.project.changes_file import points
from tests.command import CliRunner
from tests.vensim import write

MODEL = (
    "region: north, south",
    "coast: north",
    "kind: car, bus",
    "x = INTEG(birth rate, 0)",
    "birth rate = 1",
    "other = 2",
    "price[region] = 1, 2",
    "cost[region, kind] = 1, 2; 3, 4;",
    "doubled = 2 * x",
    '"odd (a=b) // name!" = 5',
    "effect((0,0),(1,1))",
    "used = effect(Time)",
    "tab[north]((0,2),(1,2))",
    "tab[south]((0,3),(1,3))",
    "read[region] = tab[region](Time)",
    "inside = WITH LOOKUP(Time, ((0,1),(4,1)))",
)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write(tmp_path, *MODEL)


def settings(model: Path, text: str) -> dict[str, float]:
    path = model.parent / "case.cin"
    path.write_text(text, encoding="utf-8")
    return dict(read_changes(path, sdcluster.load(model)).settings)


def test_a_changes_file_is_a_scenario_everywhere(model: Path) -> None:
    path = model.parent / "case.CIN"
    path.write_text("Birth_Rate = 3", encoding="utf-8")
    for named in (path, str(path)):
        assert float(sdcluster.simulate(model, named)["x"][-1]) == 12.0
    out = model.parent / "out.csv"
    run = CliRunner().invoke(app, ["run", str(model), "-s", str(path), "-o", str(out)])
    assert run.exit_code == 0, run.output
    assert float(sdcluster.load_run(out)["x"][-1]) == 12.0
    compared = CliRunner().invoke(app, ["compare", str(model), "default", str(path), "-v", "x"])
    assert compared.exit_code == 0, compared.output
    assert "12" in compared.output


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("birth rate = 3", {"birth rate": 3}),
        ("BIRTH  RATE=.5e1\n\nother = -2.\n", {"birth rate": 5, "other": -2}),
        ("birth rate = 3\nbirth rate = 4", {"birth rate": 4}),
        ("birth rate =\n\t3 {people\nper year}\nother = 4", {"birth rate": 3, "other": 4}),
        ("birth rate = \\\n 3", {"birth rate": 3}),
        ("birth rate = 3 ! high\n! other = 9\n// other = 8", {"birth rate": 3}),
        ("birth rate = 3 ~ people/year ~ as in 1990 |\nother = 4|", {"birth rate": 3, "other": 4}),
        (":COM best payoff is -12.5\n0 <= birth rate = 0.7 <= 1", {"birth rate": 0.7}),
        ("birth rate = .015 <= .1", {"birth rate": 0.015}),
        ('"odd (a=b) // name!" = 6', {"odd (a=b) // name!": 6}),
        ("price[south] = 7", {"price[south]": 7}),
        ("price[region] = 7, 8", {"price[north]": 7, "price[south]": 8}),
        ("price[region] = 7,\n 8", {"price[north]": 7, "price[south]": 8}),
        ("price[region] = 9", {"price[north]": 9, "price[south]": 9}),
        ("price[coast] = 9", {"price[north]": 9}),
        ("cost[north, bus] = 9", {"cost[north,bus]": 9}),
        ("cost[region, bus] = 8, 9", {"cost[north,bus]": 8, "cost[south,bus]": 9}),
        (
            "cost[region,kind] = 5, 6;\n7, 8;\nother = 1",
            {"cost[north,car]": 5, "cost[north,bus]": 6, "cost[south,car]": 7, "cost[south,bus]": 8}
            | {"other": 1},
        ),
    ],
)
def test_entries_are_read_as_vensim_reads_them(
    model: Path, text: str, expected: dict[str, float]
) -> None:
    assert settings(model, text) == expected


def test_the_clock_is_set_like_constants(model: Path) -> None:
    path = model.parent / "case.cin"
    path.write_text(
        "FINAL TIME = 10\nINITIAL TIME = 2\nTIME STEP = 0.5\nSAVEPER = 2\n", encoding="utf-8"
    )
    run = sdcluster.simulate(model, path)
    assert run["time"].values.tolist() == [2, 4, 6, 8, 10]
    assert (float(run["x"][-1]), float(run["TIME STEP"][0])) == (8, 0.5)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "other = 1\nbrith rate = 3",
            r'case.cin:2: .*no variable "brith rate"; did you mean "birth',
        ),
        ("x = 3", r'"x" is a stock, but a changes file can set only constants and lookups'),
        ("doubled = 3", r'"doubled" is an auxiliary'),
        ("birth rate = other", "must be a number"),
        ("birth rate = 1/2", "must be a number"),
        ("birth rate = 1e999", "finite number"),
        ("birth rate", "neither"),
        ("price[west] = 1", 'no element or subscript range "west"'),
        ("price[region] = 1, 2, 3", "needs 2 numbers here, not 3"),
        ("price[north, car] = 1", "has 1 dimension, but 2 subscripts are given"),
        ("birth rate[north] = 1", "has 0 dimensions"),
        ("file :IS: 'a.xls'", "strings"),
        ("birth rate((0,0),(1,1))", '"birth rate" is not a lookup; write "birth rate = number"'),
        ("effect = 3", '"effect" is a lookup; write'),
        (
            "effect = (0,0),(10,20)",
            r'write its points without "=", as in effect\(\(0,0\),\(1,1\)\)',
        ),
        ("tab[west]((0,0),(1,1))", 'no element or subscript range "west"'),
    ],
)
def test_what_cannot_be_changed_says_why(model: Path, text: str, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        settings(model, text)


@pytest.mark.parametrize(
    "written",
    [
        "(0,1),(2,3))",
        "\n (0,1), (2,3) )",
        "[(0,0)-(10,10)],(0,1),(2,3))",
        "[(0,0)-(10,10),(0,1),(2,2)],(0,1),(2,3))",
        "0,2,1,3)",
    ],
)
def test_points_of_lookups_are_read_in_all_their_forms(written: str) -> None:
    found = points(written)
    assert (found.x, found.y) == ((0.0, 2.0), (1.0, 3.0))


@pytest.mark.parametrize("written", ["0,1,2)", "(0,1),(2)", "(2,0),(1,0))", "a,b)"])
def test_points_that_make_no_curve_are_refused(written: str) -> None:
    with pytest.raises(ModelError):
        points(written)


def test_points_of_lookups_are_those_of_the_run(model: Path) -> None:
    path = model.parent / "case.cin"
    path.write_text(
        "birth rate = 2\neffect (\n [(0,0)-(10,10)], (0,2),\n (4,6))\n"
        "tab[north]( 0,4, 1,5 )\ninside((0,7),(4,7))\nother = 3",
        encoding="utf-8",
    )
    run = sdcluster.simulate(model, path)
    assert run["used"].values.tolist() == [2, 3, 4, 5, 6]
    assert run["read"].values.T.tolist() == [[1, 2, 3, 4, 5], [3, 3, 3, 3, 3]]
    assert run["inside"].values.tolist() == [7] * 5
    assert (float(run["x"][-1]), float(run["other"][0])) == (8, 3)
    scenario = read_changes(path, sdcluster.load(model))
    assert scenario.inputs["effect"].y == (2, 6)
    path.write_text("tab[region]((0,9),(1,9))", encoding="utf-8")
    assert (sdcluster.simulate(model, path)["read"] == 9).all()


def test_a_file_that_is_not_there_is_named(model: Path) -> None:
    with pytest.raises(ModelError, match=r"none.cin: the file cannot be read"):
        sdcluster.simulate(model, "none.cin")
