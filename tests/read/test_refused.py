"""What the readers refuse, by the key of the sentence and the line that it names, where no other test reaches it."""

from __future__ import annotations

from pathlib import Path

import pytest

import sdcluster
import sdcluster.read as reading
from sdcluster.errors import ModelError
from sdcluster.read import limits, reality, run_bytes, translate
from sdcluster.read.vensim import grammar, where
from sdcluster.read.vensim import text as vensim_text
from sdcluster.read.xmile import parse, xml
from tests.triggered import made
from tests.vensim import write
from tests.workshop import NAMESPACE, Workshop, aux, xmile

MAPPED = 2
MACRO = ":MACRO: M(a)\nM = a ~~|\n:END OF MACRO:\n"


def refused(path: Path, line: int | None) -> set[str]:
    """Return the keys of the sentences with which a model is refused at a line."""
    with made() as found, pytest.raises(ModelError) as caught:
        sdcluster.load(path)
    assert caught.value.line == line, str(caught.value)
    assert Path(str(caught.value.file)).name == path.name
    return found


CALLS = {
    "delayp_takes_input_delay": "DELAYP(1 : y)",
    "called_outputs_after_colon": "FOO(1 : y)",
    "elmcount_takes_argument_subscript": "ELMCOUNT(1, 2)",
    "elmcount_takes_subscript_range": "ELMCOUNT(y)",
    "get_data_between_times": "GET DATA BETWEEN TIMES(1, 2)",
    "get_data_time_takes": "GET DATA AT TIME(1)",
    "get_time_value_takes": "GET TIME VALUE(1)",
    "invert_matrix_takes_arguments": "INVERT MATRIX(1)",
    "not_comes_before_part": "1 + :NOT: y * 2",
    "queue_age_range_takes": "QUEUE AGE IN RANGE(1, 2)",
    "ramp_takes_arguments_slope": "RAMP(1, 2)",
    "random_lookup_takes_lookup": "RANDOM LOOKUP(1)",
    "random_takes_no_arguments": "RANDOM 0 1(3)",
    "sample_until_takes_arguments": "SAMPLE UNTIL(1, 2)",
    "simultaneous_takes_arguments_expression": "SIMULTANEOUS(1)",
    "takes_arguments_lookup_variable": "LOOKUP FORWARD(y)",
    "time_shift_takes_data": "TIME SHIFT(1)",
}


@pytest.mark.parametrize(("key", "call"), CALLS.items(), ids=list(CALLS))
def test_a_call_of_vensim(tmp_path: Path, key: str, call: str) -> None:
    assert f"read.vensim.{key}" in refused(write(tmp_path, f"x = {call}", "y = 1"), 2)


@pytest.mark.parametrize(
    ("key", "line", "equations"),
    [
        ("graphical_function_value_not", 2, ["t((0,0),(1e999,1))", "x = t(1)"]),
        ("vensim.equation_nested_too_deeply_split", None, ["x = " + "1^" * 5000 + "1"]),
        ("vensim.get_direct_subscript_takes", 2, ["r: GET DIRECT SUBSCRIPT('a', 'b')", "x[r] = 1"]),
        ("vensim.lookup_one_equation_not", 5, ["r: a, b", "t[a]((0,0),(1,1))", "t[b] = 3"]),
        ("vensim.macro_begins_inside_macro", 3, [":MACRO: N(b)\n" + MACRO + "x = M(1)"]),
        ("vensim.macro_defined_twice", 5, [MACRO + MACRO + "x = M(1)"]),
        ("vensim.macro_defines_own_input", 6, [MACRO.replace(":END", "a = 3 ~~|\n:END") + "x = M(1)"]),
        ("vensim.mapped_no_subscript_range", MAPPED, ["r: a, b -> s", "x[r] = 1"]),
        ("vensim.mapping_names_no_element", MAPPED, ["r: a, b -> (s: c, e)", "s: c, d", "x[r] = 1"]),
        ("vensim.name_more_characters", 2, ["a" * 1001 + " = 1"]),
        ("vensim.no_way_read_data", 2, ["x :FOO:", "y = x"]),
        ("vensim.range_must_run_between", 2, ["r: (a1-b9)", "x[r] = 1"]),
        ("vensim.subscript_range_defined_twice", 5, ["r: a, b", "r: c, d", "x[r] = 1"]),
    ],
)  # fmt: skip
def test_vensim(tmp_path: Path, key: str, line: int | None, equations: list[str]) -> None:
    assert f"read.{key}" in refused(write(tmp_path, *equations), line)


DIMENSIONS = '<dimensions><dim name="d" size="3"/><dim name="e" size="2"/></dimensions>'
TABLE = '<gf name="t"><xscale min="0" max="1"/><ypts>0,1</ypts></gf>'
ARRAY = '<aux name="q"><dimensions><dim name="{}"/></dimensions>{}</aux>'
OVER = ARRAY.format("d", "<eqn>1</eqn>")
GRID = '<aux name="q"><dimensions><dim name="d"/><dim name="e"/></dimensions><eqn>1</eqn></aux>'
TWICE = '<dimensions><dim name="d"><elem name="a"/><elem name="a"/></dim></dimensions>'
PART = '<element subscript="1,2"><eqn>1</eqn></element>'
SPREAD = (
    '<flow name="f" xmlns:i="http://iseesystems.com/XMILE" i:spreadflow="foo"><eqn>1</eqn></flow>'
)
BELT = '<stock name="s"><eqn>0</eqn><inflow>f</inflow><conveyor><len>2</len></conveyor></stock>'


@pytest.mark.parametrize(
    ("key", "line", "variables", "dimensions"),
    [
        ("graphical_function_unknown_type", 6, TABLE.replace("gf ", 'gf type="foo" '), ""),
        ("xmile.behind_no_dimension", 6, OVER + aux("x", "SUM(q[*:foo])"), DIMENSIONS),
        ("xmile.define_dimensions", 6, ARRAY.format("zz", "<eqn>1</eqn>"), DIMENSIONS),
        ("xmile.dimension_elements_read", 5, OVER, DIMENSIONS.replace("3", "0")),
        ("xmile.dimension_names_element_twice", 5, OVER, TWICE),
        ("xmile.element_subscript_needs_subscripts", 6, ARRAY.format("d", PART), DIMENSIONS),
        ("xmile.equation_too_many_terms", 6, aux("x", "1" + "+1" * 9000), ""),
        ("xmile.graphical_function_takes_argument", 6, TABLE + aux("x", "t(1, 2)"), ""),
        ("xmile.module_no_model", 6, '<module name="m"/>', ""),
        ("xmile.no_list_numbers", 6, ARRAY.format("d", "<eqn>1,2;3</eqn>"), DIMENSIONS),
        ("xmile.range_ends_elements", 6, OVER + aux("x", "SUM(q[1:7])"), DIMENSIONS),
        ("xmile.spreads_over_conveyor_sdcluster", 6, BELT + SPREAD, ""),
        ("xmile.takes_graphical_function_numbers", 6, TABLE + aux("x", "LOOKUPAREA(t, 1, 2, 3)"), ""),
        ("xmile.variable_elements_more_not", 6, GRID, DIMENSIONS.replace('"3"', '"999999"')),
        ("xmile.graph_without_points", 6, '<aux name="x"><eqn>TIME</eqn><gf/></aux>', ""),
        ("xmile.xscale_graphical_function_needs", 6, TABLE.replace('min="0"', 'min="a"'), ""),
    ],
)  # fmt: skip
def test_xmile(workshop: Workshop, key: str, line: int, variables: str, dimensions: str) -> None:
    assert f"read.{key}" in refused(workshop.raw(xmile(variables, extra=dimensions)), line)


@pytest.mark.parametrize(
    ("key", "line", "text"),
    [
        ("file_no_model", 1, f'<xmile xmlns="{NAMESPACE}"><sim_specs/></xmile>'),
        (
            "file_no_sim_specs",
            1,
            f'<xmile xmlns="{NAMESPACE}"><model><variables>{aux("x", "1")}</variables></model></xmile>',
        ),
        ("namespace_no_address", 1, '<xmile xmlns="a{b"><model><variables/></model></xmile>'),
    ],
)
def test_an_xmile_file(workshop: Workshop, key: str, line: int, text: str) -> None:
    assert f"read.xmile.{key}" in refused(workshop.raw(text), line)


CHECK = "c :THE CONDITION: x = 1 :IMPLIES: x = 1"


@pytest.mark.parametrize(
    ("key", "module", "limit", "equations"),
    [
        ("equation_characters_more_not", limits, "MAX_LENGTH", ["x = 1 + 1"]),
        ("file_bytes_more_not", reading, "MAX_BYTES", ["x = 1"]),
        ("file_more_reality_checks", reality, "MAX_CHECKS", ["x = 1", CHECK, CHECK.replace("c ", "d ")]),
        ("graphical_function_points_more", translate, "MAX_POINTS", ["t((0,0),(1,1))", "x = t(1)"]),
        ("vensim.file_holds_more_definitions", vensim_text, "MAX_DEFINITIONS", ["x = 1", "y = 1"]),
        ("vensim.reading_takes_more_seconds", where, "MAX_SECONDS", ["x = 1"]),
    ],
)  # fmt: skip
def test_a_limit(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    key: str,
    module: object,
    limit: str,
    equations: list[str],
) -> None:
    file = write(tmp_path, *equations)
    monkeypatch.setattr(module, limit, -1 if limit == "MAX_SECONDS" else 1)
    with made() as found, pytest.raises(ModelError) as caught:
        sdcluster.load(file)
    assert f"read.{key}" in found
    assert Path(str(caught.value.file)) == file


def test_more_elements_than_a_file_may_hold(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xml, "MAX_ELEMENTS", 1)
    with made() as found, pytest.raises(ModelError):
        sdcluster.load(workshop.variables(x="1", y="1"))
    assert "read.xmile.holds_more_elements" in found


@pytest.mark.parametrize(
    ("key", "most", "text"),
    [
        ("file_holds_several_runs", 100, "scenario,time,x\na,0,1\n"),
        ("file_would_give_more", 0, "time,x\n0,1\n"),
    ],
)
def test_a_stored_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str, most: int, text: str
) -> None:
    monkeypatch.setattr(run_bytes, "MAX_VALUES", most)
    (tmp_path / "a.csv").write_text(text)
    with made() as found, pytest.raises(ModelError):
        sdcluster.load_run(tmp_path / "a.csv")
    assert f"read.{key}" in found


def too_deep(*_: object, **__: object) -> None:
    raise RecursionError


@pytest.mark.parametrize(
    ("key", "module", "name", "ending"),
    [
        ("vensim.equation_nested_too_deeply", grammar, "_RightSide", ".mdl"),
        ("xmile.equation_nested_too_deeply", parse.Parser, "parse", ".xmile"),
    ],
)
def test_an_equation_that_is_too_deep_for_python(
    tmp_path: Path,
    workshop: Workshop,
    monkeypatch: pytest.MonkeyPatch,
    key: str,
    module: object,
    name: str,
    ending: str,
) -> None:
    file = (
        write(tmp_path, "x = 1 + 2") if ending == ".mdl" else workshop.variables(x="y + 2", y="1")
    )
    monkeypatch.setattr(module, name, too_deep)
    with made() as found, pytest.raises(ModelError) as caught:
        sdcluster.load(file)
    assert f"read.{key}" in found
    assert Path(str(caught.value.file)) == file


def test_a_reality_check_that_is_too_deep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reality._Reader, "condition", too_deep)
    with made() as found:
        sdcluster.load(write(tmp_path, "x = 1", CHECK))
    assert "read.nested_too_deeply_make" in found


def test_a_text_that_is_too_long_for_xml(workshop: Workshop) -> None:
    file = workshop.write(aux("x", "1", f"<doc>{'a' * 10_100_000}</doc>"))
    with made() as found, pytest.raises(ModelError):
        sdcluster.load(file)
    assert "read.xmile.text_too_long" in found
