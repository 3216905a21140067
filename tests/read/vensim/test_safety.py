"""A Vensim file is untrusted: nothing in it is executed, and whatever is wrong with it becomes one sentence."""

from __future__ import annotations

import builtins
import sys
import time
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sdcluster
from sdcluster import ModelError
from sdcluster.read.vensim.definitions import parse_definition
from sdcluster.read.vensim.grammar import parse_right

CODE = "__import__('pathlib').Path('executed').write_text('x')"


@pytest.fixture(autouse=True)
def nothing_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("eval", "exec"):
        original = getattr(builtins, name)

        def guarded(source, *arguments, _original=original, **named):
            assert not (isinstance(source, str) and "executed" in source)
            if not arguments:  # the names of the caller, as without this guard
                caller = sys._getframe(1)
                arguments = (caller.f_globals, caller.f_locals)
            return _original(source, *arguments, **named)

        monkeypatch.setattr(builtins, name, guarded)
    yield
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize(
    "equation",
    [
        CODE,
        f"x = {CODE}",
        f"x(({CODE},1))",
        f"x([({CODE},0)-(1,1)],(0,0),(1,1))",
        f"x = WITH LOOKUP(Time, ({CODE}))",
        f"x = WITH LOOKUP(Time, ([{CODE}],(0,0),(1,1)))",
        f"x = GET DIRECT CONSTANTS({CODE}, 'a', 'b')",
        f"x = f({CODE},)",
        f"x = 1,{CODE}",
        f"x = TABBED ARRAY({CODE})",
        f"d: ({CODE}-a2)",
        'x = """ + ' + CODE + ' + """',
    ],
)
def test_code_is_never_run(make, equation: str) -> None:
    try:
        model = make(equation)
    except sdcluster.ModelError:
        return
    sdcluster.simulate(model, backend="python")


def test_code_in_docs_units_and_names_is_text(make) -> None:
    model = make(f'"{CODE}" = 1\n\t~\t{CODE}\n\t~\t"""\n{CODE}\n"""\n\t|')
    sdcluster.simulate(model, backend="python")
    assert CODE in model[CODE].doc


@pytest.mark.parametrize(
    ("equation", "message", "line"),
    [
        ("x = y + 1", 'uses "y", which no equation defines', 2),
        ("ok = 1 ~~|\nx = (1 + 2", "cannot be understood", 3),
        ("x = SMOOTH(1)", "SMOOTH takes 2 arguments, but was given 1", 2),
        ("x = FROB(1)", "FROB is not a function that sdcluster knows", 2),
        ("x =", "the equation is empty", 2),
        ("x = 1 2", "cannot be understood", 2),
        ("x = " + "(" * 101 + "1" + ")" * 101, "nests parentheses 101 deep", 2),
        ("x[d] = 1", 'the subscript "d" is neither a subscript range nor an element', 2),
        ("d: a, b ~~|\nx[d] = 1,2,3", "3 numbers are given, but the left side has 2 elements", 3),
        ("d: a, b ~~|\nx[d] = 1 ~~|\ny = x[a, b]", 'with 2 subscripts, but "x" has 1', 4),
        ("d: a, d2 ~~|\nd2: b, d ~~|\nx[d] = 1", "contains itself", None),
        ("d <-> q ~~|\nx[d] = 1", "is not a subscript range", None),
        ("d: (a1-a999999999) ~~|\nx[d]=1", "at most 100,000 elements", 2),
        ("d: (a5-a2) ~~|\nx[d]=1", "from a lower to a higher number", 2),
        ("d: a, b -> e ~~|\ne: x, y, z ~~|\nv[d] = 1", "name one for each", None),
        ("f((0,0),(1,1)) ~~|\nx = f + 1", "without an argument", 3),
        ("f((0,0),(1,1)) ~~|\nx = f(1, 2)", "takes 1 argument", 3),
        ("f((0,0),(1)) ", "something other than", 2),
        (":MACRO: M(a)\nM = M(a) ~~|\n:END OF MACRO:\nx = M(1)", "uses itself", 3),
        (":MACRO: M(a)\nM = a ~~|\n:END OF MACRO:\nx = M(1, 2)", "takes 1 input ", 5),
        (
            ":MACRO: M(a)\nb = a ~~|\n:END OF MACRO:\nx = M(1)",
            'has no equation for a variable "M"',
            5,
        ),
        (":MACRO: M(a)\nM = a ~~|\n", "write :END OF MACRO: after it", 2),
    ],
)
def test_mistakes_have_file_line_and_remedy(
    make, equation: str, message: str, line: int | None
) -> None:
    with pytest.raises(sdcluster.ModelError, match=message.replace("(", "\\(")) as caught:
        make(equation)
    assert caught.value.file.endswith("model.mdl")
    if line:
        assert caught.value.line == line


def test_macros_that_multiply_are_stopped(make) -> None:
    text = ":MACRO: M0(a)\nM0 = a ~~|\n:END OF MACRO:\n"
    for level in range(1, 30):
        text += f":MACRO: M{level}(a)\nM{level} = M{level - 1}(a) + M{level - 1}(a) ~~|\n:END OF MACRO:\n"
    began = time.monotonic()
    with pytest.raises(sdcluster.ModelError, match="expand to more than"):
        make(text + "x = M29(1)")
    assert time.monotonic() - began < 60


def test_huge_arrays_are_refused(make) -> None:
    with pytest.raises(sdcluster.ModelError, match="more than 5,000,000 elements"):
        make("d: (a1-a9000)", "e: (b1-b9000)", "x[d, e] = Time")


@pytest.mark.parametrize(
    "data",
    [b"", b"   \n", b"\x00\x01\x02\x03" * 100, b"{zip}\nx", b"{punycode}x = 1~~|", b"\xff\xfe\x00"],
)
def test_files_that_are_no_models(tmp_path, data: bytes) -> None:
    file = tmp_path / "m.mdl"
    file.write_bytes(data)
    with pytest.raises(sdcluster.ModelError):
        sdcluster.load(file)


def test_deep_and_long_formulas_end_soon(make) -> None:
    began = time.monotonic()
    model = make("x = " + "+".join(["y"] * 1500), "y = " + "-" * 90_001 + "x1", "x1 = 1")
    assert sdcluster.simulate(model, backend="python")["x"][0] == -1500
    with pytest.raises(sdcluster.ModelError, match="operations deep"):
        make("x = " + "+".join(["y"] * 20_000), "y = 1")
    assert time.monotonic() - began < 60


ALPHABET = "ab1. ,;:=()[]{}<>+-*/^~|!\"'\\\n\t&$é温"
PIECES = st.sampled_from(
    ["INTEG(", "WITH LOOKUP(", "((0,0),(1,1))", ":EXCEPT:", ":MACRO: M(a)", ":END OF MACRO:", "-> (d: a)", "<->",
     "d: a, b", "x[d]", "SUM(", "d!", ":RAW:", ":=", "GET DIRECT DATA('a','b','c','d')", "~~|\n", "TABBED ARRAY(",
     "1,2;3", "Time", "***", "\\\\\\---///", ":NA:", ":AND:", "DELAY N(1,1,1,1)"]
)  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.text(ALPHABET, max_size=8) | PIECES, max_size=12).map("".join))
def test_any_text_is_a_model_or_a_sentence(tmp_path, text: str) -> None:
    file = tmp_path / "m.mdl"
    file.write_text(text + "\nFINAL TIME=1~~|INITIAL TIME=0~~|TIME STEP=1~~|", encoding="utf-8")
    # Anything but a ModelError fails the test.
    with suppress(sdcluster.ModelError):
        sdcluster.load(file)
    for parse in (parse_definition, parse_right):
        with suppress(sdcluster.ModelError):
            parse(text)


@pytest.mark.parametrize(
    ("equation", "remedy"),
    [
        ("x = IF THEN ELSE(Time > 1 AND Time < 3, 1, 2)", ":AND:"),
        ("x = IF THEN ELSE(Time == 3, 1, 2)", '"=" compares'),
        ("x = IF THEN ELSE(Time =! 3, 1, 2)", '"<>"'),
        ("x = Time ** 2", '"^"'),
        ("x = MAX(Time; 2)", 'separated by ","'),
        ("x = (Time + (2)", "1 more ( than )"),
        ("x = Time + 2)", "1 more ) than ("),
        ('x = "Time + 2', "quotation mark is not closed"),
        ("x = MAX（Time，2）", "write ( instead of the character （"),
        ("x = Time − 2", "write - instead of the character −"),
        ("Time = 2", "another name"),
        ("x = 5,5", "write decimals with a point"),
    ],
)
def test_a_slip_of_the_pen_is_told_with_what_is_meant(make, equation: str, remedy: str) -> None:
    with pytest.raises(ModelError) as caught:
        make(equation)
    assert remedy in str(caught.value)
    assert "model.mdl:2" in str(caught.value)


def test_initial_values_that_wait_for_each_other_are_told_so(make) -> None:
    with pytest.raises(
        ModelError, match=r"initial values need each other .* a number to start from"
    ):
        sdcluster.simulate(make("a = INTEG(1, b)", "b = INTEG(1, a)"))


def test_a_long_circle_is_shown_in_part(make) -> None:
    ring = [f"v{i} = v{(i + 1) % 50} + 1" for i in range(50)]
    with pytest.raises(ModelError, match=r'cycle: "v0" → "v1" .* … 39 more … → "v0"; break'):
        sdcluster.simulate(make(*ring))


def test_a_moving_time_step_that_does_not_come_to_the_end_is_told(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("sdcluster.model.clock.MAX_STEPS", 100)
    clock = "FINAL TIME = 10 ~~|\nINITIAL TIME = 0 ~~|\nTIME STEP = 0.001 * (1 + Time) ~~|\n"
    (tmp_path / "m.mdl").write_text("{UTF-8}\nx = INTEG(1, 1) ~~|\n" + clock, encoding="utf-8")
    with pytest.raises(
        ModelError, match=r"after the limit of 100 steps, the run would be only at 0\.1"
    ):
        sdcluster.load(tmp_path / "m.mdl")
