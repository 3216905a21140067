"""Whatever expression is printed as XMILE reads as the same expression."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sdcluster import ModelError
from sdcluster.functions.table import FUNCTIONS
from sdcluster.model.expression import (
    Binary,
    Call,
    Expression,
    Lookup,
    Number,
    Reference,
    Table,
    Unary,
)
from sdcluster.model.names import canonical
from sdcluster.read.xmile.parse import parse_equation
from sdcluster.read.xmile.translate import translate
from sdcluster.write.equations import identifier, number, print_equation

NAMES = (
    "a", "leader knowledge", "nothing", "iffy", "order", "modern", "andy", "if", "then", "mod", "not", "1st", "a-b",
    "café", "知识", "net (flow)", 'the "real" one', "a + b", "max", "smth1", "x.y", "$ price", "a's", "⟨macro 3⟩ inner",
)  # fmt: skip
TABLES = ("curve", "effect of x")
LOOKUPS = dict.fromkeys(TABLES)
VARIABLES = frozenset(map(canonical, NAMES)) | frozenset(TABLES)

# Calls whose shape a reader fixes: a whole number as order, arguments that stand in another order.
ORDERS = st.sampled_from([1.0, 2.0, 3.0, 7.0]).map(Number)


# Vensim's RAMP is written as XMILE's, which every program knows; the two differ within a step alone.
PORTABLE = {"held ramp": "ramp"}


def read(text: str) -> Expression:
    return translate(parse_equation(text), LOOKUPS, VARIABLES)


def negated(node: Expression) -> Expression:
    return Number(-node.value) if isinstance(node, Number) else Unary("-", node)


def calls(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    rows = [
        row
        for row in FUNCTIONS.values()
        if row.name not in ("smooth", "delay", *PORTABLE) and row.arity[1] < 9
    ]
    made = [
        st.tuples(*[inner] * row.arity[1]).map(lambda a, n=row.name: Call(n, a)) for row in rows
    ]
    made += [
        st.builds(lambda x, t, i, n, f=f: Call(f, (x, t, i, n)), inner, inner, inner, ORDERS)
        for f in ("smooth", "delay")
    ]
    return st.one_of(made)


numbers = st.floats(allow_nan=False, allow_infinity=False).map(Number)
leaves = numbers | st.sampled_from([Reference(canonical(n)) for n in NAMES])
operators = st.sampled_from(["+", "-", "*", "/", "^", "=", "<>", "<", "<=", ">", ">=", "and", "or"])
expressions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(Binary, operators, inner, inner),
        inner.map(negated),
        inner.map(lambda x: Unary("not", x)),
        st.builds(lambda t, x: Lookup(Reference(t), x), st.sampled_from(TABLES), inner),
        calls(inner),
    ),
    max_leaves=12,
)


@settings(max_examples=400, deadline=None)
@given(expressions)
def test_printed_expressions_read_as_themselves(expression: Expression) -> None:
    text = print_equation(expression, VARIABLES)
    assert read(text) == expression, text


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_every_function_of_the_table_can_be_written(function: str) -> None:
    row = FUNCTIONS[function]
    for count in {row.arity[0], min(row.arity[1], 9)}:
        arguments: list[Expression] = [Reference("a"), Number(2.0), Reference("nothing")] * 3
        if function in ("smooth", "delay"):
            arguments[3] = Number(3.0)
        call = Call(function, tuple(arguments[:count]))
        again = read(print_equation(call, VARIABLES))
        assert isinstance(again, Call)
        assert again.function == PORTABLE.get(function, function)
        assert again.arguments[:count] == call.arguments


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (Binary("-", Reference("a"), Binary("-", Reference("b"), Number(1.0))), "a - (b - 1)"),
        (Binary("-", Binary("-", Reference("a"), Reference("b")), Number(1.0)), "a - b - 1"),
        (Binary("*", Number(-3.0), Reference("a")), "-3 * a"),
        (Binary("^", Number(-3.0), Number(2.0)), "(-3)^2"),
        (Unary("-", Binary("^", Number(3.0), Number(2.0))), "-(3^2)"),
        (Binary("or", Reference("a"), Binary("and", Reference("b"), Reference("c"))), "a OR (b AND c)"),
        (Call("if", (Binary(">", Reference("a"), Number(0.0)), Number(1.0), Number(0.5))), "IF a > 0 THEN 1 ELSE 0.5"),
        (Call("smooth", (Reference("a"), Number(2.0), Reference("a"), Number(3.0))), "SMTH3(a, 2, a)"),
        (Call("impulse", (Number(5.0), Number(100.0))), "PULSE(100, 5)"),
        (Reference("leader knowledge", ("north", "age!")), "leader_knowledge[north, age!]"),
    ],
)  # fmt: skip
def test_as_few_parentheses_as_keep_the_meaning(expression: Expression, text: str) -> None:
    assert print_equation(expression) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_keep_every_digit(value: float) -> None:
    assert float(number(value)) == value


NAME_TEXTS = st.text(
    st.characters(exclude_categories=["C", "Z"]) | st.just(" "), min_size=1, max_size=20
)


@given(NAME_TEXTS.map(canonical).filter(lambda n: n.strip('"') == n != "" and "\\" not in n))
def test_any_name_can_stand_in_an_equation(name: str) -> None:
    text = f"{identifier(name)} + 1"
    assert translate(parse_equation(text), {}, {name}) == Binary("+", Reference(name), Number(1.0))


def test_a_hidden_builtin_is_spelled_otherwise_or_refused() -> None:
    assert print_equation(Call("dt", ()), {"dt"}) == "TIME_STEP"
    with pytest.raises(ModelError, match="a variable has the same name"):
        print_equation(Call("time", ()), {"time"})


def test_what_no_equation_can_say_is_refused() -> None:
    table = Table((0.0, 1.0), (0.0, 1.0))
    with pytest.raises(ModelError, match="graphical function"):
        print_equation(Binary("+", Lookup(table, Number(1.0)), Number(1.0)))


def test_missing_values_are_written_so_that_every_tool_reads_them() -> None:
    assert print_equation(Number(-(2.0**109))) == "-649037107316853453566312041152512.0"
    assert print_equation(Number(math.nan)) == "NAN"
