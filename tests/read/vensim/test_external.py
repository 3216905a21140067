"""Tables in Excel and text files: orientations, names, interpolation, the cache, and what is refused."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook.defined_name import DefinedName

import sdcluster
from sdcluster.model.expression import Array, Lookup, Number, Table
from sdcluster.model.missing import NA

D = "d: a, b, c"
E = "e: x, y"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A sheet with a table at B2 (3 down, 2 across), series down in E to G, series across in rows 8 to 10."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "One"
    for row, values in enumerate([[1, 2], [3, 4], [5, 6]], start=2):
        for column, value in enumerate(values, start=2):
            sheet.cell(row, column, value)
    for row, (time, first, second) in enumerate([(0, 10, 1), (2, 30, None), (4, 50, 5)], start=2):
        for column, value in zip((5, 6, 7), (time, first, second), strict=True):
            sheet.cell(row, column, value)
    for column, (time, value) in enumerate([(0, 7), (4, 11)], start=2):
        sheet.cell(8, column, time)
        sheet.cell(9, column, value)
        sheet.cell(10, column, -value)
    for row, name in enumerate(("north", "south", "east"), start=2):
        sheet.cell(row, 9, name)
    workbook.defined_names["matrix"] = DefinedName("matrix", attr_text="One!$B$2:$C$4")
    workbook.defined_names["times"] = DefinedName("times", attr_text="One!$E$2:$E$4")
    workbook.defined_names["values"] = DefinedName("values", attr_text="One!$F$2:$F$4")
    sheet.defined_names["lone"] = DefinedName("lone", attr_text="One!$B$2")
    file = tmp_path / "book.xlsx"
    workbook.save(file)
    return file


@pytest.mark.parametrize(
    ("left", "cell", "values"),
    [
        ("v", "B2", (1,)),
        ("v", "lone", (1,)),
        ("v[e]", "B2", (1, 2)),
        ("v[d]", "B2*", (1, 3, 5)),
        ("v[d,e]", "B2", (1, 2, 3, 4, 5, 6)),
        ("v[d,e]", "MATRIX", (1, 2, 3, 4, 5, 6)),
        ("v[e,d]", "B2*", (1, 3, 5, 2, 4, 6)),
        ("v[a,e]", "B3", (3, 4)),
    ],
)
def test_constants(make, book, left: str, cell: str, values: tuple[float, ...]) -> None:
    model = make(D, E, f"{left} = GET DIRECT CONSTANTS('book.xlsx', 'One', '{cell}')")
    expression = model["v"].equations[0].expression
    assert model["v"].kind == "constant"
    assert (expression.values if isinstance(expression, Array) else (expression.value,)) == values


def points(model, number: int = 0) -> tuple[tuple[float, ...], tuple[float, ...]]:
    expression = model["v"].equations[number].expression
    table = expression.table if isinstance(expression, Lookup) else expression
    assert isinstance(table, Table)
    return table.x, table.y


@pytest.mark.parametrize(
    ("x", "cell", "expected"),
    [
        ("E", "F2", ((0, 2, 4), (10, 30, 50))),
        ("E", "G2", ((0, 4), (1, 5))),
        ("8", "B9", ((0, 4), (7, 11))),
        ("times", "values", ((0, 2, 4), (10, 30, 50))),
    ],
)
def test_data_and_lookups_by_every_way(make, book, x: str, cell: str, expected) -> None:
    arguments = f"('book.xlsx', 'one', '{x}', '{cell}')"
    assert points(make(f"v := GET XLS DATA{arguments}")) == expected
    assert points(make(f"v(GET DIRECT LOOKUPS{arguments})")) == expected
    assert points(make(f"v = GET_DIRECT_LOOKUPS{arguments}")) == expected


def test_data_over_a_dimension(make, book) -> None:
    model = make(E, "v[e]:RAW: := GET DIRECT DATA('book.xlsx', 'One', '8', 'B9')")
    assert model["v"].kind == "data"
    assert [e.subscripts for e in model["v"].equations] == [("x",), ("y",)]
    assert points(model, 1) == ((0, 4), (-7, -11))
    assert model["v"].equations[0].expression.table.interpolation == "raw"


@pytest.mark.parametrize(
    ("keyword", "expected"),
    [
        ("INTERPOLATE", [10, 20, 30, 40, 50]),
        ("HOLD BACKWARD", [10, 10, 30, 30, 50]),
        ("LOOK FORWARD", [10, 30, 30, 50, 50]),
    ],
)
def test_interpolation(run, book, keyword: str, expected) -> None:
    assert run(f"v:{keyword}: := GET DIRECT DATA('book.xlsx', 'One', 'E', 'F2')")[
        "v"
    ] == pytest.approx(expected)


def test_subscripts_from_a_sheet(make, book) -> None:
    model = make("r: GET DIRECT SUBSCRIPT('book.xlsx', 'One', 'I2', 'I4', 'r ')", "v[r] = 1")
    assert model.dimensions[0].elements == ("r north", "r south", "r east")


def test_mixed_definitions(run, book) -> None:
    found = run(
        "d: a, b, c",
        "v[a] := GET DIRECT DATA('book.xlsx', 'One', 'E', 'F2') ~~|\n"
        "v[b] = GET DIRECT CONSTANTS('book.xlsx', 'One', 'C2') ~~|\n"
        "v[c] = Time",
    )
    assert found["v"][1] == pytest.approx([20, 2, 1])


def test_delimited_text(make, tmp_path) -> None:
    (tmp_path / "t.csv").write_text("name;x\nrow;3\n", encoding="utf-8")
    assert make("v = GET DIRECT CONSTANTS('t.csv', ';', 'B2')")["v"].value == 3
    (tmp_path / "t.tab").write_text("time\t0\t4\nv\t1\t2\n", encoding="utf-8")
    assert points(make("v := GET DIRECT DATA('t.tab', '', '1', 'B2')")) == ((0, 4), (1, 2))


def test_old_name_of_a_converted_book(make, book) -> None:
    assert make("v = GET XLS CONSTANTS('book.xls', 'One', 'B2')")["v"].value == 1


def test_model_is_read_again_when_its_table_changes(write_model, tmp_path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("1\n")
    file = write_model("v = GET DIRECT CONSTANTS('t.csv', ',', 'A1')")
    first = sdcluster.load(file)
    table.write_text("2\n")
    second = sdcluster.load(file)
    assert (first["v"].value, second["v"].value) == (1, 2)
    assert first.hash != second.hash


@pytest.mark.parametrize(
    ("equation", "message"),
    [
        (
            "v = GET DIRECT CONSTANTS('book.xlsx', 'Two', 'B2')",
            'has no sheet "Two"; its sheets are one',
        ),
        ("v = GET DIRECT CONSTANTS('book.xlsx', 'One', 'nothing')", "no range named"),
        ("v = GET DIRECT CONSTANTS('book.xlsx', 'One', 'Z99')", "on are empty"),
        ("v[d] = GET DIRECT CONSTANTS('book.xlsx', 'One', 'matrix')", "3 rows and 2 columns"),
        ("v := GET DIRECT DATA('book.xlsx', 'One', 'A', 'B2')", "holds no numbers"),
        (
            "v := GET DIRECT DATA('book.xlsx', 'One', 'matrix', 'values')",
            "has several rows and columns",
        ),
        ("v = 2 * GET DIRECT CONSTANTS('book.xlsx', 'One', 'B2')", "must be the whole equation"),
        ("v = GET DIRECT CONSTANTS(book, 'One', 'B2')", "are texts in single quotes"),
        ("v = GET DIRECT CONSTANTS('book.xlsx', 'One')", "takes 3 arguments, but was given 2"),
        ("v = GET DIRECT CONSTANTS('model.mdl.xlsx', 'One', 'B2')", "is not an Excel file"),
    ],
)
def test_mistakes_have_their_sentence(make, book, tmp_path, equation: str, message: str) -> None:
    (tmp_path / "model.mdl.xlsx").write_text("no Excel")
    with pytest.raises(sdcluster.ModelError, match=message) as caught:
        make(D, equation)
    assert caught.value.variable == "v"
    assert caught.value.line == 5


@pytest.mark.parametrize(
    "name", ["../secret.csv", "/etc/hostname", "..\\secret.csv", "link.csv", "sub/../../secret.csv"]
)
def test_files_outside_the_folder_are_refused(tmp_path, name: str, monkeypatch) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (tmp_path / "secret.csv").write_text("1\n")
    (folder / "link.csv").symlink_to(tmp_path / "secret.csv")
    file = folder / "m.mdl"
    file.write_text(
        f"v = GET DIRECT CONSTANTS('{name}', ',', 'A1')~~|\nFINAL TIME=1~~|\nINITIAL TIME=0~~|\nTIME STEP=1~~|\n"
    )
    with pytest.raises(sdcluster.ModelError, match="outside the model's folder"):
        sdcluster.load(file)
    if "secret" in name or "link" in name:
        monkeypatch.setenv("SDCLUSTER_ALLOW_PATHS", str(tmp_path))
        assert sdcluster.load(file)["v"].equations[0].expression == Number(1)


def test_archive_bombs_and_entities_are_refused(make, book, tmp_path) -> None:
    bomb = tmp_path / "bomb.xlsx"
    with (
        zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/workbook.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(600):
            part.write(bytes(1024 * 1024))
    with pytest.raises(sdcluster.ModelError, match="unpacks to more than"):
        make("v = GET DIRECT CONSTANTS('bomb.xlsx', 'One', 'B2')")
    rows = tmp_path / "rows.xlsx"
    with zipfile.ZipFile(rows, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("xl/worksheets/sheet1.xml", b"<row><c/></row>" * 2_000_000)
    with pytest.raises(sdcluster.ModelError, match="30,000,000 bytes compressed to"):
        make("v = GET DIRECT CONSTANTS('rows.xlsx', 'One', 'B2')")
    entities = tmp_path / "entities.xlsx"
    with zipfile.ZipFile(book) as source, zipfile.ZipFile(entities, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "xl/workbook.xml":
                data = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + data
            target.writestr(name, data)
    with pytest.raises(sdcluster.ModelError, match="declares a document type"):
        make("v = GET DIRECT CONSTANTS('entities.xlsx', 'One', 'B2')")


def test_series_of_nothing_is_missing(make, tmp_path) -> None:
    (tmp_path / "t.csv").write_text("0,1\n,\n5,6\n")
    model = make("e: x, y", "v[e] := GET DIRECT DATA('t.csv', ',', '1', 'A2')")
    assert model["v"].equations[0].expression.value == NA
    assert points(model, 1) == ((0, 1), (5, 6))


# ---- sheets as people write them


def write_text(folder, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")


def test_another_table_beside_a_gap_is_left_alone(write_model) -> None:
    file = write_model(
        "x := GET DIRECT DATA('t.csv', ',', '1', 'B2')",
        "y(GET DIRECT LOOKUPS('t.csv', ',', '1', 'B2'))",
        "z = y(1)",
    )
    write_text(file.parent, "t.csv", "time,0,1,,2,3,note,0,1\nx,10,11,,12,13,,70,80\n")
    found = sdcluster.simulate(file, method="euler", backend="python")
    assert found["x"].to_numpy().tolist() == [10, 11, 12, 13, 13]
    assert found["z"][0] == 11


@pytest.mark.parametrize(
    ("delimiter", "text", "value"),
    [
        (";", "a;b\n1,5;2,25\n", 2.25),
        ("\\t", "a\tb\n1,5\t2,25\n", 2.25),
        ("tab", "a\tb\n1\t2\n", 2),
        (",", 'a,b\n1,"1,234.5"\n', 1234.5),
        ("|", "a|b\n1|7\n", 7),
    ],
)
def test_delimiters_and_decimal_commas(
    write_model, delimiter: str, text: str, value: float
) -> None:
    file = write_model(f"x = GET DIRECT CONSTANTS('t.txt', '{delimiter}', 'B2')")
    write_text(file.parent, "t.txt", text)
    assert sdcluster.load(file)["x"].value == value


def test_a_wrong_delimiter_is_told(write_model) -> None:
    file = write_model("x := GET DIRECT DATA('t.csv', ',', '1', 'B2')")
    write_text(file.parent, "t.csv", "time;0;1\nx;1;2\n")
    with pytest.raises(sdcluster.ModelError, match="separated by ';', not by ','"):
        sdcluster.load(file)


def test_capitals_in_file_names_do_not_count(write_model) -> None:
    file = write_model("x = GET DIRECT CONSTANTS('Data\\Numbers.CSV', ',', 'B2')")
    (file.parent / "data").mkdir()
    write_text(file.parent / "data", "numbers.csv", "a,b\n1,7\n")
    assert sdcluster.load(file)["x"].value == 7


def test_a_text_among_constants_counts_as_0_and_is_told_aloud(write_model) -> None:
    file = write_model("A: a1, a2", "x[A] = GET DIRECT CONSTANTS('t.csv', ',', 'AB2')")
    write_text(file.parent, "t.csv", "\n" + "," * 27 + "5,none\n")
    with pytest.warns(
        sdcluster.errors.ModelWarning, match='cell AC2 of "t.csv" holds the text "none"'
    ):
        model = sdcluster.load(file)
    assert sdcluster.simulate(model)["x"][0].to_numpy().tolist() == [5, 0]


@pytest.mark.parametrize(
    ("call", "remedy"),
    [
        ("GET 123 DATA('a.wk1', 'A', 'B')", "Lotus 1-2-3 .* read them with GET XLS DATA"),
        ("GET ODBC CONSTANTS('db', 'q')", "a database, .* read them with GET XLS CONSTANTS"),
    ],
)
def test_formats_of_other_programs_have_their_remedy(write_model, call: str, remedy: str) -> None:
    with pytest.raises(sdcluster.ModelError, match=remedy):
        sdcluster.load(write_model(f"x := {call}"))
