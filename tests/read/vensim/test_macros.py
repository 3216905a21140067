"""Macros: headers over several lines, further outputs, arguments named like functions."""

from __future__ import annotations

import numpy as np
import pytest

import sdcluster

T = np.arange(5.0)
BODY = "TWO = x ~~|\ntotal = x + 1 ~~|\nhalf = x / 2 ~~|\n:END OF MACRO:\n"
TWO = ":MACRO: TWO(x : total, half)\n" + BODY


@pytest.mark.parametrize(
    "header",
    [
        ":MACRO: TWO(x:total,half\\\n\t\t)",
        ":MACRO: TWO(x:total\\\n\t\t,half)",
        ":MACRO: TWO\\\n\t(x:\\\n\ttotal, half)",
        ":MACRO:\n\tTWO (x\n  :\n\ttotal,\n\thalf\n)",
        ":macro: TWO {a comment (with a sign} (x : {outputs:} total, half)",
        ":MACRO: TWO(\tx :\ttotal ,\thalf\t)",
        ':MACRO: TWO("x" : "total", half)',
    ],
)
def test_the_header_of_a_macro_may_break_anywhere(run, header: str) -> None:
    found = run(
        f"{header}\n{BODY}y = TWO(Time\\\n\t\t:whole,\n\tpart of it\\\n\t\t)",
        "z = whole + part of it",
    )
    assert found["y"] == pytest.approx(T)
    assert found["z"] == pytest.approx(1.5 * T + 1)


def test_names_in_a_header_may_hold_signs_between_quotes(run) -> None:
    found = run(
        ':MACRO: M("a, b" : "c: (d)")\nM = "a, b" ~~|\n"c: (d)" = 2 * "a, b" ~~|\n:END OF MACRO:\n'
        "y = M(Time : doubled)"
    )
    assert found["doubled"] == pytest.approx(2 * T)


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        (":MACRO: (x)", "the macro has no name"),
        (":MACRO: TWO(x", "is not complete"),
        (":MACRO: TWO", "is not complete"),
        (":MACRO: TWO(x : total : half)", "more than one colon"),
        (":MACRO: TWO(x, X : total, half)", 'names "x" twice'),
    ],
)
def test_broken_headers_are_named_with_their_line(write_model, header: str, sentence: str) -> None:
    file = write_model(f"{header}\n{BODY}y = TWO(1)")
    with pytest.raises(sdcluster.ModelError, match=sentence) as caught:
        sdcluster.load(file)
    assert caught.value.line == 2


@pytest.mark.parametrize(
    "name",
    [
        "time",
        "min",
        "max",
        "delay",
        "step",
        "initial",
        "input",
        "pi",
        "sum",
        "integ",
        "TIME STEP",
        "With Lookup",
    ],
)
def test_an_input_may_be_named_like_a_function(run, name: str) -> None:
    found = run(f":MACRO: M({name}, k)\nM = {name} * k ~~|\n:END OF MACRO:\ny = M(3, 2)")
    assert found["y"] == pytest.approx(np.full(5, 6.0))


@pytest.mark.parametrize("name", ["SSHAPE", "MAX", "SMOOTH", "DELAY1", "INITIAL"])
def test_a_macro_hides_a_function_of_its_name(run, name: str) -> None:
    found = run(f":MACRO: {name}(v, k)\n{name} = v * k ~~|\n:END OF MACRO:\ny = {name}(3, 2)")
    assert found["y"] == pytest.approx(np.full(5, 6.0))


def test_outputs_inside_a_macro_belong_to_each_of_its_uses(run) -> None:
    found = run(
        f"{TWO}:MACRO: OUTER(x)\nOUTER = TWO(x : o, p) + 100 * o + 10000 * p ~~|\n:END OF MACRO:\n"
        "a = OUTER(Time)",
        "b = OUTER(2 * Time)",
    )
    assert found["a"] == pytest.approx(T + 100 * (T + 1) + 5000 * T)
    assert found["b"] == pytest.approx(2 * T + 100 * (2 * T + 1) + 10000 * T)
    assert "o" not in found


def test_the_pipeline_of_a_delay_inside_a_macro_belongs_to_each_of_its_uses(run) -> None:
    found = run(
        ":MACRO: ON THE WAY(x)\nON THE WAY = DELAYP(x, 2 : pipe) * 0 + pipe ~~|\n:END OF MACRO:\n"
        "a = ON THE WAY(1)",
        "b = ON THE WAY(4)",
    )
    assert found["a"] == pytest.approx(np.full(5, 2.0))
    assert found["b"] == pytest.approx(np.full(5, 8.0))


def test_calls_for_parts_of_an_array_define_an_output_part_by_part(run) -> None:
    found = run(
        f"{TWO}d: a, b",
        "y[a] = TWO(10 : whole, part)",
        "y[b] = TWO(20 : whole, part)",
        "z[d] = whole[d] + part[d]",
    )
    assert found["z"][0] == pytest.approx([16, 31])


@pytest.mark.parametrize(
    ("second", "sentence"),
    [
        ("w = TWO(20 : whole, other)", "from two calls of macros"),
        ("whole = 5", "also has an equation in line"),
    ],
)
def test_an_output_that_is_defined_twice_is_an_error(make, second: str, sentence: str) -> None:
    with pytest.raises(sdcluster.ModelError, match=sentence):
        make(f"{TWO}y = TWO(10 : whole, half of it)", second)


ARRAY = TWO + "R: A, B ~~|\nin[R] = 10, 20 ~~|\n"


@pytest.mark.parametrize("outputs", ["whole, part", "whole[R], part[r]", "whole[R]\\\n\t, part"])
def test_outputs_of_an_array_may_name_its_subscripts(run, outputs: str) -> None:
    found = run(f"{ARRAY}y[R] = TWO(in[R] : {outputs})", "z[R] = whole[R] + part[R]")
    assert found["z"][0].tolist() == [16, 31]


@pytest.mark.parametrize("output", ["whole[A]", "whole[R, R]"])
def test_an_output_has_no_subscripts_of_its_own(run, output: str) -> None:
    with pytest.raises(
        sdcluster.ModelError, match=r'"y".*whole.* does not have the subscripts of the left'
    ):
        run(f"{ARRAY}y[R] = TWO(in[R] : {output})")
