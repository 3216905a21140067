"""Left sides of Vensim definitions, as finished objects."""

from __future__ import annotations

import pytest

from sdcluster import ModelError
from sdcluster.read.vensim.definitions import (
    Assignment,
    RangeDefinition,
    Statement,
    parse_definition,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1", Assignment("x", "equation", expression="1")),
        ("x == 1", Assignment("x", "equation", expression="1")),
        ('"a = b"[c] = 1', Assignment('"a = b"', "equation", ("c",), expression="1")),
        ("x := y", Assignment("x", "data", expression="y")),
        ("x", Assignment("x", "data")),
        ("x[d]:RAW:", Assignment("x", "data", ("d",), keyword="raw")),
        ("x :HOLD BACKWARD: := y", Assignment("x", "data", (), (), "y", "hold_backward")),
        ("f((0,0),(1,1))", Assignment("f", "lookup", expression="((0,0),(1,1))")),
        ("f[d]([(0,0)-(1,1)],(0,0))", Assignment("f", "lookup", ("d",), (), "([(0,0)-(1,1)],(0,0))")),
        (
            "x[d, e] :EXCEPT: [a, e], [d, b] = 1",
            Assignment("x", "equation", ("d", "e"), (("a", "e"), ("d", "b")), "1"),
        ),
        ("c :THE CONDITION: a > 1 :IMPLIES: b > 1", Statement("c", True, (), "a > 1 :IMPLIES: b > 1")),
        ("t[d] :TEST INPUT: a = 2", Statement("t", False, ("d",), "a = 2")),
        ("d: a, b", RangeDefinition("d", ("a", "b"))),
        ("d: (a2-a4), b", RangeDefinition("d", ("a2", "a3", "a4", "b"))),
        ("d: a, b -> e, f", RangeDefinition("d", ("a", "b"), (("e", ()), ("f", ())))),
        ("d: a, b -> (e: x, y)", RangeDefinition("d", ("a", "b"), (("e", ("x", "y")),))),
        ("d <-> e", RangeDefinition("d", copy_of="e")),
        (
            "d: GET DIRECT SUBSCRIPT('f.xlsx', 'S', 'A1', 'A9')",
            RangeDefinition("d", source=("f.xlsx", "S", "A1", "A9", "")),
        ),
    ],
)  # fmt: skip
def test_what_a_definition_defines(text, expected):
    assert parse_definition(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "= 1", "x[d = 1", "x[d] :EXCEPT: d = 1", "d: a,", "d: a -> (e: x", "x :RAW: y", "x[d]: a, b", "d <-> e f!"],
)  # fmt: skip
def test_anything_else_is_an_error(text):
    with pytest.raises(ModelError, match="cannot be understood"):
        parse_definition(text)
