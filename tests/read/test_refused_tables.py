"""What the readers refuse in tables and other files beside a model, by the key of the sentence and the line."""

from __future__ import annotations

import sys
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook.defined_name import DefinedName

import sdcluster
from sdcluster.errors import ModelError
from sdcluster.read import edit
from sdcluster.read.tables import cells, external, points
from sdcluster.read.xmile import discrete, linked
from tests.triggered import made
from tests.vensim import write
from tests.workshop import NAMESPACE, Workshop, aux, flow, stock, xmile

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
CELL = "x = GET DIRECT CONSTANTS('{}', ',', 'B2')"
USED = "~~|c2 :THE CONDITION: c :IMPLIES: x = 1"
EMPTY = "r: GET DIRECT SUBSCRIPT('a.csv', ',', 'B2', 'B', '')"
TABLE = "t,x\n1,2\n1,3\n"


def refused(path: Path, line: int) -> set[str]:
    """Return the keys of the sentences with which a model is refused at a line."""
    with made() as found, pytest.raises(ModelError) as caught:
        sdcluster.load(path)
    assert (caught.value.line, Path(str(caught.value.file))) == (line, path)
    return found


@pytest.mark.parametrize(
    ("key", "line", "equations", "name", "data"),
    [
        ("cannot_read_delimited_text", 2, [CELL.format("a.csv")], "a.csv", 'a,"' + "x" * 200_000 + '"\n'),
        ("cannot_read_excel_file", 2, [CELL.format("a.xls")], "a.xls", OLE),
        ("cells_empty_subscript_no", 2, [EMPTY, "y[r] = 1"], "a.csv", "a,b\n"),
        ("damaged_cannot_read_excel", 2, [CELL.format("a.xlsx")], "a.xlsx", b"PK\3\4"),
        ("holds_same_value_twice", 2, ["x := GET DIRECT DATA('a.csv', ',', 'A', 'B2')"], "a.csv", TABLE),
        (
            "sheet_gives_most_two",
            11,
            ["r: a, b", "s: c, d", "q: e, f", "x[r, s, q] = GET DIRECT CONSTANTS('a.csv', ',', 'B2')"],
            "a.csv",
            TABLE,
        ),
    ],
)  # fmt: skip
def test_a_table(
    tmp_path: Path, key: str, line: int, equations: list[str], name: str, data: str | bytes
) -> None:
    (tmp_path / name).write_bytes(data.encode() if isinstance(data, str) else data)
    assert f"read.tables.{key}" in refused(write(tmp_path, *equations), line)


@pytest.mark.parametrize(
    ("key", "module", "limit"),
    [
        ("bytes_more_not_read", external, "MAX_TABLE_BYTES"),
        ("bytes_text_read", cells, "MAX_TEXT"),
        ("too_many_cells_read", cells, "MAX_CELLS"),
    ],
)
def test_a_table_that_is_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str, module: object, limit: str
) -> None:
    (tmp_path / "a.csv").write_text(TABLE)
    monkeypatch.setattr(module, limit, 1)
    found = refused(write(tmp_path, CELL.format("a.csv")), 2)
    assert found - {"read.the_variable"} == {f"read.tables.{key}"}


def test_a_series_that_is_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.csv").write_text(TABLE)
    monkeypatch.setattr(external, "MAX_CELLS", 1)
    file = write(tmp_path, "x := GET DIRECT DATA('a.csv', ',', 'A', 'B2')")
    assert "read.tables.cells_asked_read_most" in refused(file, 2)


def test_a_named_range_that_is_shorter_than_its_times(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in range(1, 5):
        book.active.append([row, row * row])
    for name, cells_named in (("times", "$A$1:$A$4"), ("values", "$B$1:$B$3")):
        book.defined_names[name] = DefinedName(name, attr_text=f"Sheet!{cells_named}")
    book.save(tmp_path / "a.xlsx")
    file = write(tmp_path, "x := GET DIRECT DATA('a.xlsx', 'Sheet', 'times', 'values')")
    assert "read.tables.range_holds_series_values" in refused(file, 2)


def test_a_sheet_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = openpyxl.Workbook()
    book.active["B2"] = 3
    book.save(tmp_path / "a.xlsx")
    monkeypatch.setattr(cells, "MAX_CELLS", 0)
    file = write(tmp_path, CELL.format("a.xlsx").replace("','", "'Sheet'"))
    assert "read.tables.sheet_too_many_rows" in refused(file, 2)


def test_a_table_on_a_broken_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.csv").write_text(TABLE)
    file, whole = write(tmp_path, CELL.format("a.csv")), Path.read_bytes

    def broken(path: Path) -> bytes:
        if path.suffix == ".csv":
            raise OSError(5, "Input/output error")
        return whole(path)

    monkeypatch.setattr(Path, "read_bytes", broken)
    assert "read.tables.cannot_read" in refused(file, 2)


def test_an_old_format_without_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlrd", None)
    (tmp_path / "a.xls").write_bytes(OLE)
    file = write(tmp_path, CELL.format("a.xls"))
    assert "read.tables.old_xls_format_package" in refused(file, 2)


def test_a_tag_that_the_settings_do_not_have(tmp_path: Path) -> None:
    file = write(tmp_path, CELL.format("?foo"))
    with file.open("a", encoding="utf-8") as out:
        out.write("\n\\\\\\---/// Sketch information\n///---\\\\\\\n:L<%^E!@\n30:?bar=a.csv\n")
    with made() as found, pytest.warns(sdcluster.ModelWarning, match=r"its tags are \?bar"):
        sdcluster.load(file)
    assert "read.tables.tags" in found


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("first_column_table_holds", "a,b\nc,1\nd,2\n"),
        ("table_needs_first_column", "0\n1\n"),
    ],
)
def test_a_table_of_points(tmp_path: Path, key: str, text: str) -> None:
    (tmp_path / "a.csv").write_text(text)
    with made() as found, pytest.raises(ModelError):
        points.read_points(points.PointsFile(tmp_path / "a.csv"), "x", ())
    assert found == {f"read.tables.{key}"}


@pytest.mark.parametrize(
    ("key", "check"),
    [
        ("test_input_must_give", f"c :TEST INPUT: 1 {USED}"),
        ("test_input_subscripts_used", f"c[r] :TEST INPUT: y[r] = 0 {USED}"),
        ("number_write_comparison_such", "c :THE CONDITION: 1 :IMPLIES: x = 1"),
        ("stands_where_value_expected", "c :THE CONDITION: r! = 1 :IMPLIES: x = 1"),
        ("vensim.causes_behind_ignore_change", "c :THE CONDITION: x = 1 :IMPLIES: x = 1 :IGNORE: x = 2"),
    ],
)  # fmt: skip
def test_a_reality_check(tmp_path: Path, key: str, check: str) -> None:
    with made() as found:
        sdcluster.load(write(tmp_path, "x = 1", "r: a, b", "y[r] = 1", *check.split("~~|")))
    assert f"read.{key}" in found


@pytest.mark.parametrize(
    ("key", "call"),
    [
        ("takes_argument_data_variable", "CUMULATE(1, 2)"),
        ("takes_data_variable_perhaps", "GET DATA TOTAL POINTS(1, 2)"),
        ("time_base_takes_numbers", "TIME BASE(1)"),
    ],
)
def test_a_call_of_data(tmp_path: Path, key: str, call: str) -> None:
    assert f"read.vensim.{key}" in refused(write(tmp_path, f"x = {call}"), 2)


ARRAY = (
    '<aux name="q"><dimensions><dim name="d"/><dim name="e"/></dimensions><eqn>1</eqn></aux>'
    '<aux name="row"><dimensions><dim name="d"/></dimensions><eqn>1</eqn></aux>'
)
DIMENSIONS = '<dimensions><dim name="d" size="3"/><dim name="e" size="2"/></dimensions>'


@pytest.mark.parametrize(
    ("key", "equation"),
    [
        ("array_parentheses_stands_number", "row(2, 1)"),
        ("over_range_needs_numbers", "STDDEV(row[1:y])"),
        ("range_index_needs_elements", "row[1:y]"),
    ],
)
def test_an_index(workshop: Workshop, key: str, equation: str) -> None:
    body = ARRAY + aux("x", equation) + aux("y", "1")
    assert f"read.xmile.{key}" in refused(workshop.raw(xmile(body, extra=DIMENSIONS)), 6)


def test_a_data_file_that_is_not_there(tmp_path: Path) -> None:
    file = write(tmp_path, "x = 1", "y")
    with made() as found, pytest.raises(ModelError):
        sdcluster.load(file, [tmp_path / "gone.csv"])
    assert "read.vensim.data_file_not" in found


def test_a_second_dimension_whose_name_is_taken(workshop: Workshop) -> None:
    twice = (
        '<aux name="q"><dimensions><dim name="d"/><dim name="d"/></dimensions><eqn>1</eqn></aux>'
    )
    other = DIMENSIONS.replace('"e"', '"d 2"')
    with made() as found, pytest.raises(ModelError):
        sdcluster.load(workshop.raw(xmile(twice, extra=other)))
    assert "read.xmile.array_dimension_twice_second" in found


def test_more_contents_than_a_conveyor_takes(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discrete, "MAX_CONTENTS", 1)
    belt = stock("s", "1, 2", "", "o", "<conveyor><len>2</len></conveyor>") + flow("o", "0")
    assert "read.xmile.contents_listed_more_not" in refused(workshop.write(belt), 6)


@pytest.mark.parametrize(
    ("key", "limit"),
    [("more_linked_files_not", "MAX_FILES"), ("linked_files_more_bytes", "MAX_BYTES")],
)
def test_linked_files(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, key: str, limit: str
) -> None:
    monkeypatch.setattr(linked, limit, 0)
    (workshop.folder / "part.xmile").write_text(xmile(aux("x", "1")))
    module = '<module name="part" resource="part.xmile"/>'
    assert f"read.xmile.{key}" in refused(workshop.write(module), 6)


def test_an_edited_equation_that_is_too_long(tmp_path: Path) -> None:
    file = write(tmp_path, "x = 1")
    with made() as found, pytest.raises(ModelError) as caught:
        edit.edited(file, file.read_bytes(), {"x": "1 + " * 9000 + "1"})
    assert caught.value.variable == "x"
    assert found == {"read.right_side_more_characters"}


def test_a_module_that_is_connected_to_nothing(workshop: Workshop) -> None:
    file = workshop.raw(
        f'<xmile xmlns="{NAMESPACE}"><sim_specs><start>0</start><stop>1</stop></sim_specs>\n'
        '<model><variables><module name="m"><connect to="x" from="foo"/></module></variables></model>\n'
        '<model name="m"><variables><aux name="x" access="input"><eqn>1</eqn></aux></variables></model></xmile>'
    )
    with made() as found, pytest.raises(ModelError, match=r'"m.x".*"foo", which is not defined'):
        sdcluster.load(file)
    assert "read.xmile.connected_not_defined" in found
