"""Data files that are missing or that a model looks for on another computer: it is read, and says what it lacks."""

from __future__ import annotations

from pathlib import Path

import pytest

import sdcluster
from sdcluster.cli import app
from sdcluster.lint import lint
from sdcluster.publish import write_page
from tests.command import CliRunner

SHOPS = "store,sales\n0,6.5\n1,5.5\n2,10\n"


def shops(path: str) -> tuple[str, ...]:
    return (
        f"store: GET DIRECT SUBSCRIPT('{path}', ',', 'a2', 'a', 's')",
        f"sales[store] = GET DIRECT CONSTANTS('{path}', ',', 'b2*')",
        "total = SUM(sales[store!])",
    )


# ---- paths of other computers


@pytest.mark.parametrize(
    "path",
    [
        r"C:\Users\anna\model\shops.csv",
        r"c:/Users/anna/SHOPS.CSV",
        r"C:shops.csv",
        r"..\data\shops.csv",
        "../../shops.csv",
        "/home/anna/shops.csv",
        r"\\server\share\shops.csv",
        "~/shops.csv",
    ],
)
def test_a_file_beside_the_model_stands_in_for_one_of_another_computer(
    tmp_path: Path, write_model, path: str
) -> None:
    (tmp_path / "shops.csv").write_text(SHOPS, encoding="utf-8")
    with pytest.warns(sdcluster.ModelWarning, match="outside the model's folder") as caught:
        model = sdcluster.load(write_model(*shops(path)))
    assert len([w for w in caught if w.category is sdcluster.ModelWarning]) == 1
    run = sdcluster.simulate(model, method="euler")
    assert run["total"].values.tolist() == [22] * 5
    (finding,) = lint(model, rules=["fixed"])
    assert finding.remedy == 'write only "shops.csv" in the equation'
    assert finding.line == 2


def test_the_longest_end_of_a_foreign_path_is_taken(tmp_path: Path, write_model) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "k.csv").write_text("7\n")
    (tmp_path / "k.csv").write_text("1\n")
    equation = r"a = GET DIRECT CONSTANTS('D:\work\data\k.csv', ',', 'a1')"
    with pytest.warns(sdcluster.ModelWarning, match='"data/k.csv" in that folder was read'):
        assert sdcluster.load(write_model(equation))["a"].value == 7


def test_a_link_out_of_the_folder_does_not_stand_in(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (tmp_path / "secret.csv").write_text("1\n")
    (folder / "shops.csv").symlink_to(tmp_path / "secret.csv")
    file = folder / "m.mdl"
    clock = "FINAL TIME=1~~|\nINITIAL TIME=0~~|\nTIME STEP=1~~|\n"
    file.write_text(f"v = GET DIRECT CONSTANTS('/nowhere/shops.csv', ',', 'A1')~~|\n{clock}")
    with pytest.warns(sdcluster.ModelWarning, match="outside the model's folder"):
        assert sdcluster.load(file)["v"].missing


def test_the_remedy_for_a_missing_subfolder_names_the_file_that_is_there(
    tmp_path: Path, write_model
) -> None:
    (tmp_path / "k.csv").write_text("1\n")
    with pytest.warns(
        sdcluster.ModelWarning, match='"k.csv" is in the model\'s folder, so write only'
    ):
        sdcluster.load(write_model("a = GET DIRECT CONSTANTS('data/k.csv', ',', 'a1')"))


def test_a_file_that_appears_later_is_read(tmp_path: Path, write_model) -> None:
    file = write_model("a = GET DIRECT CONSTANTS('k.csv', ',', 'a1')", "b", "c = b")
    with pytest.warns(sdcluster.ModelWarning):
        assert sdcluster.load(file)["a"].missing
    (tmp_path / "k.csv").write_text("3\n")
    with pytest.warns(sdcluster.ModelWarning, match="no data file"):
        assert sdcluster.load(file)["a"].value == 3
    (tmp_path / "later.tab").write_text("Time\tb\n0\t5\n")
    model = sdcluster.load(file)
    assert not model["b"].missing
    assert sdcluster.simulate(model, method="euler")["c"].values[0] == 5


# ---- missing data


MISSING = [
    ("a = GET DIRECT CONSTANTS('gone.csv', ',', 'A1')", "a", "gone.csv"),
    ("a = GET XLS CONSTANTS('?books', 'One', 'B2')", "a", "do not say which file the tag"),
    ("a = GET XLS CONSTANTS('" + "n" * 400 + "', 'One', 'B2')", "a", "cannot be reached"),
    (r"a = GET XLS CONSTANTS('C:\x\gone.xlsx', 'One', 'B2')", "a", 'put "gone.xlsx" in'),
    ("a := GET XLS DATA('gone.xlsx', 'One', 'A', 'B2')", "a", "gone.xlsx"),
    ("a", "a", 'no data file holds "a"'),
    ("a(GET DIRECT LOOKUPS('gone.xlsx', 'One', 'A', 'B2'))", "a", "gone.xlsx"),
    ("d: x, y ~~|\na[d] := GET DIRECT DATA('gone.xlsx', 'One', 'A', 'B2')", "a", "gone.xlsx"),
    ("d: GET DIRECT SUBSCRIPT('gone.xlsx', 'One', 'A2', 'A', '') ~~|\na[d] = 1", "a", "gone.xlsx"),
]
USES = {
    "a(": "b = a(2) + LOOKUP EXTRAPOLATE(a, 3)",
    "d: x": "b = GET DATA AT TIME(a[x], 1) + SUM(a[d!])",
    "d: G": "b = SUM(a[d!])",
    "a :": "b = a + GET DATA AT TIME(a, 1) + GET DATA LAST TIME(a)",
    "a": "b = 2 * a",
}


@pytest.mark.filterwarnings("ignore::sdcluster.ModelWarning")
@pytest.mark.parametrize(("equation", "name", "sentence"), MISSING)
def test_a_model_without_its_data_is_read_checked_and_documented_but_not_run(
    write_model, tmp_path: Path, equation: str, name: str, sentence: str
) -> None:
    use = next(u for start, u in USES.items() if equation.startswith(start))
    file = write_model(equation, use, "s = INTEG(b, 1)")
    model = sdcluster.load(file)
    assert sentence in model[name].missing
    assert [r.line for r in model.remarks if sentence in r.sentence] == [model[name].line]
    rules = {f.rule: f.sentence for f in lint(model)}
    assert sentence in rules["fixed"]
    assert sentence in rules["does-not-run"]
    write_page(model, tmp_path / "page.html")
    assert "without data" in (tmp_path / "page.html").read_text(encoding="utf-8")
    with pytest.raises(sdcluster.ModelError) as caught:
        sdcluster.simulate(model)
    assert sentence in caught.value.sentence
    assert caught.value.line == model[name].line
    with pytest.raises(sdcluster.ModelError):
        model.to_xmile(tmp_path / "m.xmile")


def test_a_missing_constant_may_be_given_by_hand(write_model) -> None:
    with pytest.warns(sdcluster.ModelWarning):
        model = sdcluster.load(
            write_model("a = GET DIRECT CONSTANTS('gone.csv', ',', 'A1')", "b = 2 * a")
        )
    run = sdcluster.simulate(model.with_values({"a": 4}), method="euler")
    assert run["b"].values[0] == 8
    run = sdcluster.simulate(model, settings={"a": 5}, method="euler")
    assert run["b"].values[0] == 10


@pytest.mark.filterwarnings("ignore::sdcluster.ModelWarning")
def test_points_may_stand_in_for_missing_series_and_lookups(write_model) -> None:
    """The hidden copies that functions of points read follow, too."""
    file = write_model(
        "a := GET XLS DATA('gone.xlsx', 'S', 'A', 'B2')",
        "f(GET DIRECT LOOKUPS('gone.xlsx', 'S', 'A', 'B2'))",
        "b = a + GET DATA AT TIME(a, 2)",
        "c = f(1) + LOOKUP EXTRAPOLATE(f, 3)",
    )
    settings = {"a": sdcluster.Points([0, 4], [0, 8]), "f": sdcluster.Points([0, 2], [0, 2])}
    run = sdcluster.simulate(file, settings=settings, method="euler")
    assert run["b"].values.tolist() == [4, 6, 8, 10, 12]
    assert run["c"].values[0] == 4
    with pytest.raises(sdcluster.ModelError, match=r"gone\.xlsx"):
        sdcluster.simulate(file, settings={"a": settings["a"]})


def test_one_warning_a_file_names_its_variables(write_model) -> None:
    file = write_model(
        *(f"v{i} = GET XLS CONSTANTS('gone.xlsx', 'S', 'B{i}')" for i in range(1, 8))
    )
    with pytest.warns(sdcluster.ModelWarning, match='"v5" and 2 more have no values') as caught:
        sdcluster.load(file)
    assert len([w for w in caught if w.category is sdcluster.ModelWarning]) == 1


def test_a_range_whose_file_is_missing_has_no_number_of_elements(write_model) -> None:
    file = write_model(
        "d: GET DIRECT SUBSCRIPT('gone.xlsx', 'One', 'A2', 'A', '')", "n = ELMCOUNT(d)"
    )
    with pytest.warns(sdcluster.ModelWarning):
        model = sdcluster.load(file)
    with pytest.raises(sdcluster.ModelError, match='subscript range "d"'):
        sdcluster.simulate(model)


def test_an_unknown_element_may_come_from_a_missing_file(make) -> None:
    with pytest.raises(sdcluster.ModelError, match='the cause may be that the external file "gone'):
        make("d: GET DIRECT SUBSCRIPT('gone.xlsx', 'One', 'A2', 'A', '')", "a[d] = 1", "b = a[s1]")


def test_data_that_nothing_uses_stop_no_run(write_model) -> None:
    with pytest.warns(sdcluster.ModelWarning, match='holds "a", and no equation uses it'):
        model = sdcluster.load(write_model("a", "b = 2"))
    assert sdcluster.simulate(model, method="euler")["b"].values[0] == 2


def test_series_functions_take_arrays_of_which_only_some_elements_have_data(
    tmp_path: Path, run
) -> None:
    (tmp_path / "t.csv").write_text("Time,a[x]\n0,1\n2,5\n")
    found = run("d: x, y", "a[d]", "b = GET DATA AT TIME(a[x], 1)")
    assert found["b"][0] == 3


@pytest.mark.parametrize(
    ("second", "sentence"),
    [
        ("b = GET DATA AT TIME(a, 1)", '"a" is computed by an equation, so it has no data points'),
        ("b = GET DATA LAST TIME(a)", '"a" is computed by an equation, so it has no data points'),
        ("b = LOOKUP EXTRAPOLATE(gone, 1)", 'no equation defines "gone"'),
        ("b = LOOKUP FORWARD(2 * a, 1)", "is an expression, which has no points"),
    ],
)
def test_functions_of_points_say_why_they_get_none(make, second: str, sentence: str) -> None:
    with pytest.raises(sdcluster.ModelError, match=sentence):
        make("a := 3 * Time", second)


@pytest.mark.filterwarnings("ignore::sdcluster.ModelWarning")
def test_info_names_what_is_without_data(write_model) -> None:
    file = write_model("a = GET DIRECT CONSTANTS('gone.csv', ',', 'A1')", "b = 2 * a")
    result = CliRunner().invoke(app, ["info", str(file)])
    assert result.exit_code == 0
    assert "no data" in result.output
