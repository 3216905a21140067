"""One parser ranks the operators of both languages; where the languages differ, each keeps its own order."""

from __future__ import annotations

from typing import Any

import pytest

from sdcluster import ModelError
from sdcluster.read.syntax import Call, Operation, Reference, Running, WithLookup
from sdcluster.read.vensim.grammar import parse_right
from sdcluster.read.xmile.parse import parse_equation


def shown(node: Any) -> Any:
    """Return a tree as nested lists."""
    match node:
        case Operation(operators, operands):
            return [*operators, *map(shown, operands)]
        case Reference(name):
            return name
    return node


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a + b * c", ["+", "a", ["*", "b", "c"]]),
        ("a - b - c", ["-", "-", "a", "b", "c"]),
        ("-a ^ 2", ["negative", ["^", "a", 2.0]]),
        ("a ^ -b ^ c", ["^", "a", ["negative", ["^", "b", "c"]]]),
        ("a * -b", ["*", "a", ["negative", "b"]]),
        ("(a + b) * c", ["*", ["+", "a", "b"], "c"]),
        ("-3", -3.0),
    ],
)
@pytest.mark.parametrize("parse", [parse_right, parse_equation])
def test_both_languages_rank_arithmetic_alike(parse, text, expected):
    assert shown(parse(text)) == expected


def test_not_binds_less_than_a_comparison_in_vensim_and_more_in_xmile():
    assert shown(parse_right(":NOT: a = b")) == ["not", ["=", "a", "b"]]
    assert shown(parse_equation("NOT a = b")) == ["=", ["not", "a"], "b"]


def test_and_binds_tighter_than_or():
    assert shown(parse_right("a :OR: b :AND: c")) == ["or", "a", ["and", "b", "c"]]
    assert shown(parse_equation("a OR b AND c")) == ["or", "a", ["and", "b", "c"]]


def test_vensim_takes_one_comparison_and_xmile_a_chain():
    with pytest.raises(
        ModelError, match="two comparisons stand next to each other; join them with :AND:"
    ):
        parse_right("a < b < c")
    assert shown(parse_equation("a < b < c")) == ["<", "<", "a", "b", "c"]


def test_the_parts_of_a_vensim_call():
    call = parse_right("f[d!](a, 'text' : out[d], more)")
    assert call == Call(
        "f", (Reference("a"), "text"), ("d!",), (Reference("out", ("d",)), Reference("more"))
    )
    assert parse_right("f(:NA:, :NOT: a, b,)").arguments[1:] == (
        Operation(("not",), (Reference("a"),)),
        Reference("b"),
    )
    assert parse_right("SUM(x[d!] * d!)").arguments[0].operands[1] == Running("d")


def test_points_that_follow_an_input_are_read_with_their_own_parentheses():
    looked_up = parse_right("2 * WITH LOOKUP(a + 1, ([(0,0)-(1,1)], (0,0), (1,5)))").operands[1]
    assert isinstance(looked_up, WithLookup)
    assert looked_up.points.y == (0.0, 5.0)
    assert isinstance(parse_right("WITH LOOKUP(a, curve)"), Call)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a + (b", 'at "+ (b"'),
        ("(a + b", "at its end"),
        ("1 2", 'at "2"'),
        ("f(a", 'at "(a"'),
        ("1\\\n2", 'at "2"'),
        ("a + * b", 'at "+ * b"'),
    ],
)
def test_an_error_names_the_place_where_an_equation_ends(text, place):
    with pytest.raises(ModelError) as caught:
        parse_right(text)
    assert f"cannot be understood {place}" in caught.value.sentence


def test_many_calls_of_with_lookup_inside_each_other_end_soon():
    """Each is read once, also where points are missing; trying twice at each would take 2^90 steps."""
    text = "WITH LOOKUP(" * 90 + "a" + ", b)" * 90
    assert isinstance(parse_right(text), Call)
