"""What `model`, `functions`, `measure`, `lint` and `kernel.lower` refuse, by key, where no other test reaches it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sdcluster
from sdcluster.errors import ModelError, ModelWarning, SimulationError
from sdcluster.kernel import compile_model
from sdcluster.lint import finding, lint
from sdcluster.measure.measures import measure_of_target, parse_measure
from sdcluster.model import Model, subscripts
from sdcluster.model.elements import limits
from sdcluster.model.expression import Array, Call, Expression, Number, Reference, Table
from sdcluster.model.model import Equation
from sdcluster.model.points import Points
from sdcluster.model.units import check_units
from tests.triggered import made
from tests.vensim import write
from tests.workshop import Workshop, aux, flow, xmile

RANGES = ("d: a, b", "e: u, w", "f: p, q, r", "g: a, b, c, h", "k: a, b, h", "n[d] = 1, 2")
BELT = "<conveyor><len>2</len></conveyor>"
OVER = '<dimensions><dim name="d"/></dimensions>'
LAYERED = '<dimensions><dim name="d"><elem name="a"/><elem name="b"/></dim></dimensions>'


def refused(path: Path, **options: Any) -> tuple[set[str], ModelError]:
    """Return the keys of the sentences with which a model is refused, and the error."""
    with made() as found, pytest.raises(ModelError) as caught:
        sdcluster.simulate(path, method="euler", backend="python", **options)
    return found, caught.value


# ---- models of Vensim and of XMILE


@pytest.mark.parametrize(
    ("key", "equations", "variable"),
    [
        ("functions.rows.asks_for_age", ["x = AGECOUNT(n[a])"], "x"),
        ("functions.rows.asks_transit_time", ["x = PROCTIME(n[a])"], "x"),
        ("functions.rows.described_nowhere", ["x = DELAY LOST(1)"], "x"),
        ("functions.rows.discounts_by_fiscal_periods", ["x = NET PRESENT VALUE(1)"], "x"),
        ("functions.rows.solves_by_search", ["x = FIND ZERO(1)"], "x"),
        ("functions.to", ["x = RANDOM UNIFORM(1)"], "x"),
        ("kernel.lower.cycle_initial_values", ["x = INTEG(0, y)", "y = INTEG(0, x)"], "x"),
        ("kernel.lower.cycle_variables", ["x = y", "y = x"], "x"),
        ("kernel.lower.delay_smooth_memory_inside", ["x = SUM(SMOOTH(n[d!], 2))"], "x"),
        ("kernel.lower.invert_matrix_needs_two", ["x[d, f] = INVERT MATRIX(n[d], 2)"], "x"),
        ("kernel.lower.needs_array_left_side", ["x = VECTOR SORT ORDER(n[d!], 1)"], "x"),
        ("kernel.lower.needs_array_name_give", ["x = INTERPOLATE(1, 0.5)"], "x"),
        ("kernel.lower.needs_elements_equal_distances", ["v[g] = 1", "x = INTERPOLATE(v[k!], 0.5)"], "x"),
        ("kernel.lower.priority_profile_needs_subscripts", ["x = DEMAND AT PRICE(1, y, 2)", "y = 1"], "x"),
        ("kernel.lower.variable_uses_no_equation", ["v[a] = 1", "x = SUM(v[d!])"], "x"),
        ("model.cannot_worked_out_before", ["FINAL TIME = RANDOM UNIFORM(0, 1, 1)"], "FINAL TIME"),
        ("model.time_step_must_above", ["TIME STEP = 0"], "TIME STEP"),
    ],
)  # fmt: skip
def test_vensim(tmp_path: Path, key: str, equations: list[str], variable: str) -> None:
    file = write(tmp_path, *equations, *RANGES)
    if variable.isupper():  # another equation takes the place of that of the clock
        head, clock = file.read_text().split("\t.Control")
        text = head + "\t.Control" + re.sub(rf"{variable}  = \S+", equations[0], clock)
        file.write_text(text.replace(f"{{UTF-8}}\n{equations[0]}\n\t~\t\n\t~\t\t|", "{UTF-8}\n"))
    found, error = refused(file)
    assert key in found
    assert error.variable == variable
    assert error.line is not None


@pytest.mark.parametrize(
    ("key", "variables", "variable"),
    [
        (
            "kernel.lower.flow_other_dimensions_give",
            f'<stock name="s"><eqn>0</eqn><outflow>o</outflow>{OVER}{BELT}</stock><flow name="o"/>',
            "s",
        ),
        ("kernel.lower.looked_up_like_graphical", aux("x", "LOOKUP(c, 1)") + aux("c", "1"), "x"),
        ("kernel.lower.order_delay_smooth_cannot", aux("x", "DELAYN(1, 5, TIME)"), "x"),
        (
            "kernel.lower.order_derivative_must_same",
            f'<aux name="x">{OVER}<eqn>DERIVN(TIME, c)</eqn></aux><aux name="c">{OVER}'
            '<element subscript="a"><eqn>1</eqn></element><element subscript="b"><eqn>2</eqn></element></aux>',
            "x",
        ),
        (
            "kernel.lower.question_queue_needs_dimensions",
            f'<stock name="s"><eqn>0</eqn><outflow>o</outflow>{OVER}<queue/></stock>'
            f'<flow name="o">{OVER}</flow>' + aux("x", "QLEN(s)"),
            "x",
        ),
        ("kernel.lower.takes_graphical_function_data", aux("x", "LOOKUPMEAN(c, 1)") + aux("c", "1"), "x"),
    ],
)  # fmt: skip
def test_xmile(workshop: Workshop, key: str, variables: str, variable: str) -> None:
    found, error = refused(workshop.raw(xmile(variables, extra=LAYERED)))
    assert key in found
    assert error.variable == variable
    assert error.line is not None


def test_an_array_of_queues_with_an_equation_for_each_element(tmp_path: Path) -> None:
    equations = (f"q[{e}] = QUEUE FIFO(Time, 1, t, 0, 0)" for e in ("a", "b"))
    found, error = refused(write(tmp_path, *equations, "t((0,1),(1,1))", *RANGES))
    assert "kernel.lower.array_queues_needs_one" in found
    assert error.variable == "q"


def test_a_failure_inside_a_function_names_the_variable_of_the_file(tmp_path: Path) -> None:
    """The inverse of a singular matrix is kept in an array of its own, which the file does not name."""
    file = write(tmp_path, "m[d, e] = 1", "y[d, e] = INVERT MATRIX(m[d, e], 2)", *RANGES)
    with pytest.raises(SimulationError, match=r':5: at time 0 Month "y" became NaN') as caught:
        sdcluster.simulate(file, method="euler", backend="python")
    assert caught.value.variable == "y"


def test_units_of_what_a_function_adds_up(tmp_path: Path) -> None:
    file = write(
        tmp_path, "x = 1 ~ m ~|", "u = 3 ~ kg ~|", "s = SINTEG(x, u, 0, 0, 0, 0, 0) ~ kg ~|"
    )
    with made() as found:
        (clash, *_) = check_units(sdcluster.load(file))
    assert {"model.rate_over_time", "model.initial_value_2"} <= found
    assert "the rate multiplied by the time unit" in clash.sentence
    assert clash.variable == "s"


def test_an_order_that_cannot_be_worked_out(tmp_path: Path) -> None:
    found, error = refused(write(tmp_path, "x = DELAY N(1, 5, 0, y)", "y = z", "z = y"))
    assert "kernel.lower.order_cannot_worked_out" in found
    assert "the order of a delay or smooth cannot be computed before the run: " in str(error)


# ---- models changed in Python, which readers cannot give


@pytest.fixture(scope="module")
def arrays(tmp_path_factory: pytest.TempPathFactory) -> Model:
    equations = ("x[d] = 1", "y[d] = x[d]", "z = SUM(x[d!])", "t((0,0),(1,1))", "w = t(Time)")
    return sdcluster.load(write(tmp_path_factory.mktemp("arrays"), *RANGES, *equations))


def value(name: str, *arguments: Expression) -> Equation:
    return Equation(Call(name, arguments))


NUMBER = Number(1.0)


@pytest.mark.parametrize(
    ("key", "name", "equation"),
    [
        ("model.dimensions_used_subscripts", "z", Equation(Reference("x", ("a", "b")))),
        ("model.equation_subscripts_dimensions", "y", Equation(NUMBER, None, ("a", "b"))),
        ("model.neither_element_nor_part", "y", Equation(NUMBER, None, ("u",))),
        ("model.neither_element_nor_dimension", "z", Equation(Reference("x", ("nowhere",)))),
        ("kernel.lower.axis_index_must_number", "z", value("element", Reference("x", ("a",)), Number(5.0), NUMBER)),
        ("kernel.lower.graphical_function_no_points", "t", Equation(NUMBER)),
        ("kernel.lower.index_needs_array", "z", value("element", NUMBER, NUMBER, NUMBER)),
        ("kernel.lower.list_numbers_needed", "x", Equation(Array((1.0, 2.0, 3.0), (3,)), None, ("d",))),
        ("kernel.lower.only_flow_out_conveyor", "z", value("leaving")),
        ("kernel.lower.stands_where_number_expected", "z", Equation(Table((0.0,), (1.0,)))),
        ("kernel.lower.vector_elm_map_needs", "z", value("vector elm map", NUMBER, NUMBER)),
    ],
)  # fmt: skip
def test_an_equation_from_python(arrays: Model, key: str, name: str, equation: Equation) -> None:
    changed = replace(arrays.variables[name], equations=(equation,))
    with made() as found, pytest.raises(ModelError) as caught:
        compile_model(replace(arrays, variables={**arrays.variables, name: changed}))
    assert key in found
    assert (caught.value.variable, caught.value.line) == (name, changed.line)


def test_a_dimension_from_python(arrays: Model) -> None:
    changed = replace(arrays.variables["x"], dimensions=("nowhere",))
    with made() as found, pytest.raises(ModelError, match='variable "x": "nowhere" is neither'):
        compile_model(replace(arrays, variables={**arrays.variables, "x": changed}))
    assert "model.neither_dimension_nor_element" in found


def test_arrays_that_are_too_large(arrays: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscripts, "MAX_PARTS", 2)
    with made() as found, pytest.raises(ModelError, match="has 4 elements, over the limit of 2"):
        arrays.subscripts.parts(("d", "e"))
    assert found == {"model.array_parts_more_not"}
    with made() as found, pytest.raises(ModelError, match="more than 2 elements, over the limit"):
        arrays.subscripts.inside(["g"], [("a",), ("b",), ("c",)])
    assert found == {"model.except_lists_more_parts"}


# ---- requests about a model


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Model:
    file = tmp_path_factory.mktemp("small") / "small.xmile"
    body = '<stock name="s"><eqn>0</eqn></stock>' + aux("c", "2", '<range min="3" max="3"/>')
    file.write_text(xmile(body + aux("a", "c * TIME") + flow("f", "1")), encoding="utf-8")
    return sdcluster.load(file)


REQUESTS: list[tuple[str, str, Callable[[Model], Any]]] = [
    ("general.model_path_file_folder", "not None", lambda m: sdcluster.load(None)),  # type: ignore[arg-type]
    ("lint.there_are", "the rules are fixed, ", lambda m: lint(m, rules=["zzzz"])),
    ("model.array_no_single_value", "", lambda m: replace(m["c"], equations=(Equation(Array((1.0,), (1,))),)).value),
    ("model.cannot_replaced_number_set", '"s" is a stock', lambda m: m.with_values({"s": 1.0})),
    ("model.kinds.auxiliary", '"a" is an auxiliary, so', lambda m: m["a"].value),
    ("model.kinds.flow", '"f" is a flow, so', lambda m: m["f"].value),
    (
        "measure.values_missing",
        '"a" are missing',
        lambda m: parse_measure("elasticity s on a", m).of(np.arange(2.0), np.ones(2)),
    ),
    ("model.name_must_text_not", "not 3", lambda m: m[3]),  # type: ignore[index]
    ("model.only_constants_can_fitted", '"a" is an auxiliary', lambda m: limits(m, "a")),
    ("model.range_empty", '"c"', lambda m: limits(m, "c")),
    ("model.settings_file_hold_clock", "give --dt instead", lambda m: m["dt"]),
    (
        "model.table_several_columns_choose",
        "(a, b, c)",
        lambda m: Points.of(pd.DataFrame({"a": [1], "b": [2], "c": [3]})),
    ),
    ("measure.begins_time_target_leave", '"from"', lambda m: measure_of_target("peak from 2", "s", 1, m)),
    ("measure.does_not_belong", '"s"', lambda m: measure_of_target("final s", "s", 1, m)),
    ("measure.needs_level", '"time to s 0.5"', lambda m: measure_of_target("time to", "s", 1, m)),
    ("measure.needs_level", '"time to x 0.5"', lambda m: parse_measure("time to", m)),
    ("measure.write_value_one", 'write "value" or one of initial,', lambda m: measure_of_target("zzzz", "s", 1, m)),
    ("measure.write_one_then_variable", '"final s"', lambda m: parse_measure("zzzz", m)),
    ("measure.run_no_variable", '"q"', lambda m: parse_measure("final q", ["p"])),
]  # fmt: skip


@pytest.mark.parametrize(("key", "words", "asked"), REQUESTS, ids=[r[0] for r in REQUESTS])
def test_a_request(small: Model, key: str, words: str, asked: Callable[[Model], Any]) -> None:
    with made() as found, pytest.raises(ModelError) as caught:
        asked(small)
    assert key in found
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("key", "gaps", "words"),
    [
        ("model.point_without_number", 1, r"1 point has no number \(at 1\)"),
        ("model.points_without_number", 2, r"2 points have no number \(the first at 1\)"),
    ],
)
def test_points_without_numbers(key: str, gaps: int, words: str) -> None:
    values = pd.Series([1.0, *[np.nan] * gaps, 3.0])
    with made() as found, pytest.warns(ModelWarning, match=words):
        assert len(Points.of(values).x) == 2
    assert key in found


def test_a_model_that_takes_too_long_to_check(
    small: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "LARGEST_RUN", 1)
    with made() as found:
        (one,) = lint(small, rules=["does-not-run"])
    assert found == {"lint.time_step_not_checked", "lint.compare_runs_two_time"}
    assert one.severity == "note"
