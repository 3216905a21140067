"""What the reader takes although it is not written by the rules, and says so; and what it refuses with a sentence."""

from __future__ import annotations

import warnings
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sdcluster
from sdcluster.cli import app
from sdcluster.errors import ModelError, ModelWarning
from sdcluster.lint import lint
from sdcluster.read.xmile.parse import parse_equation
from sdcluster.read.xmile.xml import parse_xml

MACRO = (
    '<macro name="double it"><parm>x</parm><eqn>2 * x</eqn></macro>'
    '<macro name="double"><parm>x</parm><eqn>20 * x</eqn></macro>\n'
)


def with_macros(text: str) -> str:
    return text.replace("<model>", MACRO + "<model>")


@pytest.mark.parametrize(
    ("equation", "expected"),
    [
        ("DOUBLE IT(3)", 6),
        ("double_it(3)", 6),
        ("double(3)", 60),
        ("birth rate * 2", 0.2),
        ("Birth  Rate + birth_rate", 0.2),
        ("IF birth rate > 0 THEN birth rate ELSE 1", 0.1),
        ("birth", 7),
        ("supply and demand", 5),
        ("birth and supply and demand", 1),
        ("RANDOM UNIFORM(3, 3, 1)", 3),
        (r"birth\nrate", 0.1),
        ("birth\u00a0rate", 0.1),
    ],
)
def test_names_with_blanks(workshop, equation: str, expected: float) -> None:
    parts = [
        workshop.aux(n, v)
        for n, v in {"birth rate": "0.1", "birth": "7", "supply and demand": "5"}.items()
    ]
    path = workshop.raw(
        with_macros(workshop.xmile("\n".join([*parts, workshop.aux("result", equation)])))
    )
    assert float(sdcluster.simulate(path)["result"][0]) == pytest.approx(expected)


def test_a_name_with_blanks_is_told_by_lint_and_kept_in_the_model(workshop) -> None:
    path = workshop.write(
        workshop.aux("birth rate", "0.1"), workshop.aux("twice", "2 * birth rate")
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # unambiguous, so loading is silent
        model = sdcluster.load(path)
    (remark,) = model.remarks
    assert (remark.variable, remark.line, remark.fixed) == ("twice", 7, False)
    (finding,) = lint(model, rules=["fixed"])
    assert finding.severity == "warning"
    assert "written with blanks in an equation; it was read as birth_rate" in finding.sentence
    assert "other programs" in finding.remedy
    clean = workshop.write(
        workshop.aux("birth rate", "0.1"), workshop.aux("twice", '2 * "birth rate"')
    )
    assert not sdcluster.load(clean).remarks


def test_two_readings_of_words_with_and_between_them(workshop) -> None:
    """Where supply and demand are variables themselves, AND is the operator."""
    names = {"supply and demand": "5", "supply": "1", "demand": "0"}
    path = workshop.write(
        *(workshop.aux(n, v) for n, v in names.items()), workshop.aux("r", "supply and demand")
    )
    assert float(sdcluster.simulate(path)["r"][0]) == 0


def test_an_unknown_name_with_blanks_is_an_error(workshop) -> None:
    with pytest.raises(ModelError, match='cannot be understood at "rate'):
        sdcluster.load(workshop.variables(twice="2 * death rate"))
    with pytest.raises(ModelError, match='it calls "MY MACRO", which is neither a function'):
        sdcluster.load(workshop.variables(twice="MY MACRO(2)"))


UNCLOSED = (
    '<flow name="in"><eqn>1</eqn><units>a</units>\n<stock name="s"><eqn>0</eqn><inflow>in</inflow></stock>\n'
    '<aux name="last"><eqn>2</eqn>\n'
)


def test_a_missing_end_tag_of_a_variable_is_put_in_and_told(workshop) -> None:
    path = workshop.write(UNCLOSED, stop=1)
    with pytest.warns(ModelWarning) as told:
        model = sdcluster.load(path)
    assert [str(w.message).partition(": ")[0] for w in told] == [f"{path}:6", f"{path}:8"]
    assert "the <flow> that begins here is not closed" in str(told[0].message)
    assert [r.fixed for r in model.remarks] == [True, True]
    assert list(model.variables) == ["in", "s", "last"]
    assert float(sdcluster.simulate(model)["s"][-1]) == 1
    with pytest.warns(ModelWarning):
        sdcluster.load(path)  # from the cache too
    assert {f.line for f in lint(model, rules=["fixed"])} == {6, 8}


def test_the_command_line_warns_in_one_sentence(workshop) -> None:
    from tests.command import CliRunner

    result = CliRunner().invoke(app, ["info", str(workshop.write(UNCLOSED))])
    assert result.exit_code == 0
    assert "is not closed" in result.stderr
    assert "ModelWarning" not in result.stderr


@pytest.mark.parametrize(
    "broken",
    [
        '<aux name="a"><eqn>x < 3</eqn></aux>',
        '<aux name="a"><eqn>x & 3</eqn></aux>',
        '<aux name="a"><eqn>3</aux>',
        '<aux name="a"><eqn>3</eqn></auxiliary>',
        '<aux name="a" name="b"><eqn>3</eqn></aux>',
        "</variables>",
    ],
)
def test_anything_else_that_is_not_well_formed_is_refused(workshop, broken: str) -> None:
    with pytest.raises(ModelError, match="not well-formed XML"):
        sdcluster.load(workshop.write(broken))


def test_a_file_that_breaks_off_is_refused(workshop) -> None:
    whole = workshop.xmile(workshop.aux("a", "3") + workshop.aux("b", "4"))
    for length in range(len(whole) - 12, 150, -37):
        with pytest.raises(ModelError):
            sdcluster.load(workshop.raw(whole[:length]))


def test_mending_ends(workshop) -> None:
    with pytest.raises(ModelError, match="nested too deeply"):
        sdcluster.load(workshop.write('<aux name="a"><eqn>3</eqn>\n' * 500))


NAMES = {
    "utf-8": "知识",
    "utf-16": "知识",
    "gb18030": "知识",
    "iso-8859-1": "Müll",
    "windows-1252": "Müll €",
}


@pytest.mark.parametrize("encoding", sorted(NAMES))
def test_encodings(workshop, encoding: str) -> None:
    name = NAMES[encoding]
    text = workshop.xmile(workshop.aux(name, "3")).replace(
        'encoding="utf-8"', f'encoding="{encoding}"'
    )
    model = sdcluster.load(workshop.raw(text.encode(encoding)))
    assert model[name].value == 3
    assert not model.remarks


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16-le", "utf-16-be"])
def test_byte_order_marks_and_none(workshop, encoding: str) -> None:
    text = workshop.xmile(workshop.aux("知识", "3"))
    assert sdcluster.load(workshop.raw(text.encode(encoding)))["知识"].value == 3


def test_an_undeclared_encoding_is_told(workshop) -> None:
    text = workshop.xmile(workshop.aux("Müll", "3"))
    with pytest.warns(ModelWarning, match="read as Windows-1252"):
        assert sdcluster.load(workshop.raw(text.encode("cp1252")))["Müll"].value == 3


@pytest.mark.parametrize(
    "encoding", ["zlib", "rot13", "unicode_escape", "idna", "hex", "utf-7", "nonsense"]
)
def test_a_declared_encoding_that_is_none_is_ignored(workshop, encoding: str) -> None:
    text = workshop.xmile(workshop.aux("a", "3")).replace('"utf-8"', f'"{encoding}"')
    assert sdcluster.load(workshop.raw(text))["a"].value == 3


def test_an_equation_lost_by_a_converter(workshop) -> None:
    path = workshop.variables(stock_value=" ??? ")
    sentence = (
        r"the equation was lost when the file was converted \(it reads \?\?\?\); write it again"
    )
    with pytest.raises(ModelError, match=sentence + "$") as caught:
        sdcluster.load(path)
    assert caught.value.variable == "stock value"
    path.with_suffix(".mdl").write_text("", encoding="utf-8")
    with pytest.raises(ModelError, match=f"{sentence}; open {path.stem}.mdl beside it"):
        sdcluster.load(path)


PIECES = [*"ab1.5\"[]()+-*/^<>=,;:!@'{}?\\n \t知°", "IF ", " THEN ", " ELSE ", "NOT ", " MOD "]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_any_text_is_read_or_refused_with_a_sentence(text: str) -> None:
    with suppress(ModelError):
        parse_equation(text, {"a b"})


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused_with_a_sentence(data: bytes) -> None:
    with suppress(ModelError):
        parse_xml(Path("x.xmile"), b"<xmile>" + data + b"</xmile>")


def test_a_fixed_delay_that_vensim_exports_as_a_stock(workshop) -> None:
    path = workshop.write(
        "<stock name='late'><eqn>\n\tlate=\n\tDELAY_FIXED(sent, 2, 1)\n</eqn></stock>",
        workshop.aux("sent", "TIME"),
        stop=4,
        dt=1,
    )
    result = sdcluster.simulate(path, method="euler")
    np.testing.assert_array_equal(result["late"], [1, 1, 0, 1, 2])
    assert "was read as an auxiliary" in sdcluster.load(path).remarks[0].sentence
