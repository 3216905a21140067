"""What a Vensim file holds besides equations: settings, nested comments, string variables, data under two names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import sdcluster
from sdcluster.lint import lint

T = np.arange(5.0)
SKETCH = (
    "\\\\\\---/// Sketch information - do not modify anything except names\n*View 1\n///---\\\\\\\n"
)


def with_settings(file: Path, *lines: str, mark: str = ":L\x7f<%^E!@") -> Path:
    """Append a sketch without symbols, a graph and a settings section."""
    graph = ":GRAPH level\n:TITLE Level\n:VAR s\n"
    text = file.read_text(encoding="utf-8")
    file.write_text(text + SKETCH + graph + "\n".join([mark, *lines, ""]), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("code", "method"),
    [(0, "euler"), (1, "rk4"), (2, "euler"), (3, "rk2"), (4, "rk2"), (5, "rk4"), (9, "euler")],
)
@pytest.mark.parametrize("mark", [":L\x7f<%^E!@", ":L<%^E!@"])
def test_the_integration_method_of_the_settings_is_the_one_that_runs(
    write_model, code: int, method: str, mark: str
) -> None:
    file = with_settings(
        write_model("s = INTEG(-0.5*s, 1)"), f"15:0,0,0,{code},0,0", "9:run", mark=mark
    )
    model = sdcluster.load(file)
    assert model.time.method == method
    factor = {"euler": 1 - 0.5, "rk2": 1 - 0.5 + 0.5**2 / 2}.get(
        method, 1 - 0.5 + 0.5**2 / 2 - 0.5**3 / 6 + 0.5**4 / 24
    )
    found = sdcluster.simulate(model, backend="python")
    assert found.attrs["method"] == method
    assert found["s"].to_numpy() == pytest.approx(factor**T)


def test_without_settings_it_is_euler(make) -> None:
    assert sdcluster.simulate(make("s = INTEG(-0.5*s, 1)"))["s"].to_numpy() == pytest.approx(0.5**T)


def test_files_named_by_a_tag(write_model) -> None:
    file = with_settings(
        write_model("c = GET DIRECT CONSTANTS('?Numbers', ',', 'B2')"), "30:?numbers=numbers.csv"
    )
    (file.parent / "numbers.csv").write_text("name,value\nc,7\n")
    assert sdcluster.load(file)["c"].value == 7


def test_a_tag_without_a_setting_is_a_sheet_of_its_name(write_model) -> None:
    file = write_model("c = GET DIRECT CONSTANTS('?numbers', ',', 'B2')")
    (file.parent / "Numbers.csv").write_text("name,value\nc,7\n")
    model = sdcluster.load(file)
    assert model["c"].value == 7
    assert '"Numbers.csv" was read' in model.remarks[0].sentence


def test_a_tag_may_not_lead_out_of_the_folder(write_model) -> None:
    file = with_settings(
        write_model("c = GET DIRECT CONSTANTS('?n', ',', 'B2')"), "30:?n=../../secret.csv"
    )
    with pytest.warns(sdcluster.ModelWarning, match="outside the model's folder"):
        assert sdcluster.load(file)["c"].missing


def test_comments_nest_and_may_be_left_open(run) -> None:
    found = run(
        "hours = 8760 {not\n IF THEN ELSE(leap, 8784 {a leap year}, 8760)} + 1",
        '"odd } name { here" = 2',
        'x = "odd } name { here" {one {two {three}}} * 3 ~ ~ an open { brace in a comment|',
    )
    assert found["hours"] == pytest.approx(8761)
    assert found["x"] == pytest.approx(6)


def test_many_open_braces_cost_no_more_than_their_number(write_model) -> None:
    file = write_model("x = 1 ~ ~ " + "{" * 200_000 + "|")
    assert sdcluster.load(file)["x"].value == 1


def test_a_table_with_written_out_tabs(run) -> None:
    found = run("A: a1, a2", "B: b1, b2", "x[A,B] = TABBED ARRAY(\n\\t1\\t2\n\\t5\\t-6)")
    assert found["x"][0].tolist() == [[1, 2], [5, -6]]


def test_missing_values_in_a_list(run) -> None:
    found = run("A: a1, a2, a3", "x[A] = 1, :NA:, 3", "y[A] = IF THEN ELSE(x[A] = :NA:, 0, x[A])")
    assert found["y"][0].tolist() == [1, 0, 3]


def test_elements_that_are_numbers(run) -> None:
    assert run("size: 1, 20, 300", "x[size] = 5, 6, 7", "y = x[20] + x[300]")["y"][0] == 13


def test_exceptions_outside_the_left_side_take_nothing_away(run) -> None:
    found = run(
        "A: a1, a2, a3",
        "part: a2, a3",
        "other: a1, a2",
        "x[part] :EXCEPT: [a1] = 1",
        "y[part] :EXCEPT: [other] = 2",
        "y[a2] = 3",
    )
    assert found["x"][0].tolist() == [1, 1]
    assert found["y"][0].tolist() == [3, 2]


def test_a_string_variable_names_a_file(write_model) -> None:
    file = write_model(
        "book :IS: 'numbers.csv'",
        "cell:IS:'B2'",
        "c = GET DIRECT CONSTANTS(book, ',', cell)",
    )
    (file.parent / "numbers.csv").write_text("name,value\nc,7\n")
    model = sdcluster.load(file)
    assert model["c"].value == 7
    assert "book" not in model


def test_a_second_equation_is_an_error(make) -> None:
    with pytest.raises(sdcluster.ModelError, match="second equation; the first is in line 2"):
        make("x = 1", "y = 3", "x = 2")


def test_a_sampled_value_compares_with_itself(run) -> None:
    found = run(
        ":MACRO: PEAK(x)\nPEAK = SAMPLE IF TRUE(x > PEAK, x, x) ~~|\n:END OF MACRO:\n"
        "wave = SIN(Time) + 2",
        "A: a1, a2",
        "low = SAMPLE IF TRUE(wave < low, wave, wave)",
        "high[A] = PEAK(wave*A)",
    )
    wave = np.sin(T) + 2
    assert found["low"] == pytest.approx(np.minimum.accumulate(wave))
    assert found["high"][:, 1] == pytest.approx(2 * np.maximum.accumulate(wave))


def test_a_running_subscript_as_a_value(run) -> None:
    found = run(
        "A: a1, a2, a3",
        "part: a2, a3",
        "q[A] = 1, 2, 4",
        "so far[A] = SUM(IF THEN ELSE(A! <= A, q[A!], 0))",
        "places = SUM(part!*q[part!])",
    )
    assert found["so far"][0].tolist() == [1, 3, 7]
    assert found["places"][0] == 2 * 2 + 3 * 4
    with pytest.raises(
        sdcluster.ModelError, match="must be a subscript range, because a function runs"
    ):
        run("A: a1, a2", "x = SUM(a1!)")


def test_a_range_and_a_variable_of_one_name(run) -> None:
    found = run("region: north, south", "region = 4", "x[region] = 1, 2")
    assert found["x"][0].tolist() == [1, 2]
    assert found["region"][0] == 4


CHINESE = (
    "人口 = INTEG(出生, 100) ~ 人 ~ 这个区域的人口总数，年末 |\n出生 = 人口*出生率 ~ 人/年 ~ |\n出生率 = 0.02 ~ ~ |\n"
    "FINAL TIME = 2 ~ 年 ~|\nINITIAL TIME = 0 ~ ~|\nTIME STEP = 1 ~ ~|\nSAVEPER = 1 ~ ~|\n"
)


@pytest.mark.parametrize(
    ("first", "encoding", "guessed"),
    [
        ("{UTF-8}", "utf-8", False),
        ("", "utf-8", False),
        ("{GB2312}", "gb2312", False),
        ("{GBK}", "gbk", False),
        ("{UTF-8}", "gbk", True),
        ("", "gb18030", True),
        ("{ANSI}", "gb2312", True),
    ],
)
def test_chinese_files_in_the_codes_they_come_in(
    tmp_path: Path, first: str, encoding: str, guessed: bool
) -> None:
    file = tmp_path / "人口.mdl"
    file.write_bytes(f"{first}\n{CHINESE}".encode(encoding))
    model = sdcluster.load(file)
    assert [v.name for v in model.stocks] == ["人口"]
    assert model["人口"].doc == "这个区域的人口总数，年末"
    assert model.time.units == "年"
    assert [r.line for r in model.remarks] == [1] * guessed
    assert sdcluster.simulate(model)["人口"][-1] == pytest.approx(100 * 1.02**2)


def test_western_letters_are_not_taken_for_chinese(tmp_path: Path) -> None:
    file = tmp_path / "été.mdl"
    text = (
        CHINESE.replace("人口", "Bevölkerung")
        .replace("出生", "Geburten")
        .replace("率", "häufigkeit")
    )
    file.write_bytes(text.encode("cp1252", "ignore"))
    assert "Bevölkerung" in sdcluster.load(file)


def test_methods_that_are_run_otherwise_are_told_by_lint(write_model) -> None:
    model = sdcluster.load(with_settings(write_model("s = INTEG(1, 0)"), "15:0,0,0,3,0,0"))
    (found,) = (f for f in lint(model) if "integration method" in f.sentence)
    assert "RK2 Auto" in found.sentence
    assert "halving TIME STEP" in found.remedy


# ---- what is broken


def test_an_element_without_an_equation(make) -> None:
    with pytest.raises(sdcluster.ModelError, match=r'"y" uses "x\[a2\]", which no equation of "x"'):
        make("A: a1, a2", "x[a1] = 1", "y = x[a2]")
    with pytest.raises(sdcluster.ModelError, match=r"x\[a2, b1\]"):
        make("A: a1, a2", "B: b1, b2", "x[A, B] :EXCEPT: [a2, b1] = 1", "y = x[a2, b1]")
    make("A: a1, a2", "B: b1, b2", "x[a1, B] = 1", "x[a2, b1] = 2", "y = x[a2, b1] + x[a1, b2]")


@pytest.mark.parametrize(
    ("equations", "sentence"),
    [
        (("x = 2", "y = x(3)"), r'"x" is followed by parentheses, but it is neither a lookup'),
        (("A: a1, a2", "x[A] = 1", "y = x"), r'0 subscripts, but "x" has 1; write x\[a\]'),
        (("A: a1, a2", "x = 1", "y[A] = x[A]"), r'1 subscript, but "x" has 0; write x,'),
        (("A: a1, a2", "x[A] = 1", "y = SUM(x[A])"), "or sum over the dimension"),
        (("x = 1 + 'text'",), "cannot be understood"),
        (("x = ABS('text')",), "the text 'text' is given where a value is expected"),
        (("水 = 2", "x = MAX(水， 1 + 2)"), "but was given 1; write , instead of the character ，"),
        (
            ("A: a1, a2", "B: b1", "x[A] :EXCEPT: [a1, b1] = 1"),
            "has 2 subscripts, but the left side has 1",
        ),
    ],
)
def test_mistakes_have_their_remedy(run, equations: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(sdcluster.ModelError, match=sentence):
        run(*equations)


def test_an_equation_inside_a_comment(make) -> None:
    with pytest.raises(
        sdcluster.ModelError, match=r'comment of "x" \(line 2\).*end that comment with |'
    ):
        make("x = 1 ~ m ~ The first.\nlost thing = 2 ~ m ~ The second.|", "z = x + lost_thing")


# ---- data


def data(file: Path, text: str) -> Path:
    (file.parent / "history.dat").write_text(text)
    return file


def simulated(file: Path):
    return sdcluster.simulate(file, method="euler", backend="python")


def test_the_way_between_times_may_be_a_variable(write_model) -> None:
    file = write_model(
        "price",
        "way = 1 - Time",
        "x = GET DATA BETWEEN TIMES(price, 2, way)",
        "back = -1",
        "y = GET DATA BETWEEN TIMES(price, 2, back)",
    )
    found = simulated(data(file, "price\n0\t10\n4\t50\n"))
    assert found["x"].to_numpy().tolist() == [50, 30, 10, 10, 10]
    assert found["y"].to_numpy().tolist() == [10] * 5


def test_a_data_variable_under_another_name_is_read_in_another_way(write_model) -> None:
    file = write_model(
        ":MACRO: COUNTED(h)\nCOUNTED = INTEG(IF THEN ELSE(raw = :NA:, 0, 1), 0) ~~|\n"
        "raw :RAW: := h ~~|\n:END OF MACRO:\nprice",
        "history := price",
        "points :RAW: := history",
        "held :HOLD BACKWARD: := history",
        "n = COUNTED(price)",
    )
    found = simulated(data(file, "price\n1\t10\n3\t30\n"))
    assert np.isnan(found["points"].to_numpy()).tolist() == [True, False, True, False, True]
    assert found["history"].to_numpy().tolist() == [10, 10, 20, 30, 30]
    assert found["held"].to_numpy().tolist() == [10, 10, 10, 30, 30]
    assert found["n"].to_numpy().tolist() == [0, 0, 1, 1, 2]


def test_elements_that_no_table_holds_are_missing(write_model) -> None:
    file = write_model(
        "A: a1, a2, a3",
        "v[A]",
        "n = SUM(IF THEN ELSE(v[A!] = :NA:, 0, 1))",
        "s = SUM(IF THEN ELSE(v[A!] = :NA:, 0, v[A!]))",
    )
    found = simulated(data(file, "v[a1]\n0\t3\nv[a3]\n0\t4\n"))
    assert found["n"][0] == 2
    assert found["s"][0] == 7


def test_stored_results_of_the_model_itself_come_last(write_model) -> None:
    file = write_model("price", "x = price")
    (file.parent / "model.dat").write_text("price\n0\t1\n")
    (file.parent / "prices.dat").write_text("price\n0\t2\n")
    assert simulated(file)["x"][0] == 2


def test_missing_data_that_nothing_uses_do_not_stop_a_model(make) -> None:
    model = make("unused data :RAW:", "x = 1")
    assert np.isnan(sdcluster.simulate(model)["unused data"]).all()


def test_results_in_vensims_own_format_have_their_remedy(write_model) -> None:
    file = write_model("price", "x = 2*price")
    (file.parent / "base.vdfx").write_bytes(b"\x7f\xf7\x17R")
    with pytest.warns(
        sdcluster.ModelWarning, match=r"base.vdfx.*cannot read that file.*Export Dataset as a .tab"
    ):
        sdcluster.load(file)


def test_a_matrix_named_by_its_rows_twice(run) -> None:
    found = run(
        "row: r1, r2",
        "column: r1, r2",
        "m[row, column] = 2, 1; 1, 1;",
        "i[row, column] = INVERT MATRIX(m[row, row], ELMCOUNT(row))",
    )
    assert found["i"][0] == pytest.approx(np.array([[1, -1], [-1, 2]]))


def test_comments_lose_the_backslashes_and_tabs_of_their_lines(tmp_path: Path) -> None:
    file = tmp_path / "m.mdl"
    file.write_text(
        "a = 1\n\t~\tdmnl\n\t~\tA long sentence that goes \\\n\t\ton here.\n\t\tAnother line.\n\t|\n"
        "INITIAL TIME = 0 ~~|\nFINAL TIME = 1 ~~|\nTIME STEP = 1 ~~|\nSAVEPER = 1 ~~|\n"
    )
    assert sdcluster.load(file)["a"].doc == "A long sentence that goes on here.\nAnother line."


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('Model {\n  Name "clutch"\n  Gain "~|"\n}\n', "m.mdl: this is a Simulink model"),
        ('<?xml version="1.0"?>\n<xmile/>', "m.mdl: this is XML"),
        ("Minutes of the meeting", "m.mdl:1: no equation here ends as Vensim's equations do"),
        ("x = 1 ～～｜", "write ~ instead of the character ～"),
        ("x = 1 ~~|\ny = 2", "m.mdl:2: this definition has no end"),
    ],
)
def test_a_file_that_is_no_vensim_model_is_told_as_what_it_is(
    tmp_path: Path, text: str, sentence: str
) -> None:
    file = tmp_path / "m.mdl"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(sdcluster.ModelError, match=sentence):
        sdcluster.load(file)


@pytest.mark.parametrize("ending", ["vmf", "vmfx", "vpm", "vpmx"])
def test_vensims_own_formats_have_their_remedy(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"m.{ending}"
    file.write_bytes(b"\x7f\0\1")
    with pytest.raises(
        sdcluster.ModelError, match=r"open the model in Vensim and save it as \.mdl"
    ):
        sdcluster.load(file)
