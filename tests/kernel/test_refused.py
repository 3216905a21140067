"""What the compiler refuses, by the key of its reason: a target that gets such a text says so, and nothing crashes."""

from __future__ import annotations

import pytest

from sdcluster.kernel.differentiate import NotSmooth, tangent_module
from sdcluster.kernel.parse import Unsupported, parse
from sdcluster.kernel.targets.llvm import long_functions
from sdcluster.kernel.targets.llvm.module import translate
from sdcluster.kernel.targets.native import build
from sdcluster.messages import in_language


def function(body: str, head: str = "f(t, y, p, v)") -> str:
    """Return a function of the language that kernels are written in; `;` ends a line."""
    return f"@jit\ndef {head}:\n" + "".join(f"    {line}\n" for line in body.split("; "))


@pytest.mark.parametrize(
    ("key", "text", "word"),
    [
        ("not_table_function", "x = 1\n", None),
        ("table_not_numbers", "T = TABLE((a, b))\n", None),
        ("not_function", "@jit\nclass A(b):\n    x = 1\n", None),
        ("statement", function("with a:;     pass"), "With"),
        ("statement", function("y.b += 1"), "AugAssign"),
        ("assignment_several_values", function("a, b = t, t, t"), None),
        ("assignment_not_name_element", function("a.b = 1"), None),
        ("loop_whose_step_not", function("for i in range(0, 3, t):;     pass"), None),
        ("loop_whose_step_not", function("for i in range(0, 3, 0):;     pass"), None),
        ("expression", function("a = 'b'"), "Constant"),
        ("operator", function("a = t @ t"), "MatMult"),
        ("operator", function("a = t is t"), "Is"),
        ("in_without_tuple", function("a = t in y"), None),
        ("call_not_function_name", function("a = y.b()"), None),
        ("whole_number_more_bits", function(f"a = {2**63}"), None),
    ],
)
def test_a_text_of_another_language(key: str, text: str, word: str | None) -> None:
    with pytest.raises(Unsupported, match=word) as caught:
        _all_parsed(text)
    assert caught.value.args[0].key == f"kernel.{key}"


def _all_parsed(text: str) -> None:
    for made in parse(text).functions.values():
        made()


@pytest.mark.parametrize(
    ("key", "text", "kinds", "lanes", "words"),
    [
        ("arithmetic_vectors", function("a = y + 1"), "fvpv", 1, None),
        ("element_not_vector", function("a = t[0]"), "fvpv", 1, None),
        ("element_not_vector", function("v[0] = t[0]"), "fvpv", 1, None),
        ("variable_both", function("a = y; a = 1"), "fvpv", 1, "type v .* type i"),
        ("vector", function("a = abs(y)"), "fvpv", 1, "abs"),
        ("function", function("a = foo(t)"), "fvpv", 1, "foo"),
        ("function", function("abs(t, t)"), "fvpv", 1, "abs"),
        ("types_variables_not_settle", function("a = b; b = a"), "fvpv", 1, None),
        ("called_arguments", function("a = g(t)") + function("return a", "g(a, b)"), "fvpv", 1, "g "),
        ("targets.llvm.choice_between_vectors", function("a = y if t > 0 else y"), "fvpv", 1, None),
        ("targets.llvm.name", function("v[0] = q"), "fvpv", 1, "q"),
        ("targets.llvm.calls_itself", function("a = f(t)", "f(t)"), "f", 1, "f"),
        ("targets.llvm.store_vector_all_lanes", function("k[0] = 1", "f(k)"), "k", 1, None),
        ("targets.llvm.store_vector_all_lanes", function("u[0] = 1", "f(u)"), "u", 2, None),
        ("targets.llvm.store_not_vector", function("t[0] = 1"), "fvpv", 1, None),
        ("targets.llvm.logic_not_conditions", function("a = t and t"), "fvpv", 1, None),
        ("targets.llvm.vector_named_inside_loop", function("a = y; a = v"), "fvpv", 1, None),
        (
            "targets.llvm.function_returns_value_only",
            function("a = g(t)") + function("if a > 0:;     return a; return", "g(a)"),
            "fvpv",
            1,
            None,
        ),
        ("targets.llvm.jump_outside_loop", function("break"), "fvpv", 1, None),
        ("targets.llvm.value_other_type", function("a = y[t]"), "fvpv", 1, "type f where i"),
        ("targets.llvm.value_other_type", function("a = sqrt(y)"), "fvpv", 1, "type v where f"),
        ("targets.llvm.operator_doubles", function("a = t & t"), "fvpv", 1, "&"),
        ("targets.llvm.operator_doubles", function("a = t // t"), "fvpv", 1, "//"),
        ("targets.llvm.variable_type", function("a = m", "f(m)"), "m", 1, "m"),
    ],
)  # fmt: skip
def test_a_text_that_machine_code_cannot_do(
    key: str, text: str, kinds: str, lanes: int, words: str | None
) -> None:
    with pytest.raises(Unsupported, match=words) as caught:
        translate(parse(text), lanes, {"f": kinds})
    assert caught.value.args[0].key == f"kernel.{key}"


@pytest.mark.parametrize(
    ("key", "body", "lanes"),
    [
        ("long_function_some_lanes", "if y[0] > 0:;     return; y[0] = 1; y[1] = 1", 2),
        ("long_function_vectors_own", "a = y; a[0] = 1; a[1] = 1", 1),
    ],
)
def test_a_long_function(monkeypatch: pytest.MonkeyPatch, key: str, body: str, lanes: int) -> None:
    monkeypatch.setattr(long_functions, "LONG", 1)
    monkeypatch.setattr(long_functions, "PART", 1)
    with pytest.raises(Unsupported) as caught:
        translate(parse(function(body, "f(y)")), lanes, {"f": "v"})
    assert caught.value.args[0].key == f"kernel.targets.llvm.{key}"


def test_a_kernel_of_too_many_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "MOST", 1)
    with pytest.raises(Unsupported, match="more than 1 lines") as caught:
        build.functions("\n\n")
    assert caught.value.args[0].key == "kernel.targets.native.kernel_more_lines"


@pytest.mark.parametrize(
    ("key", "body", "words"),
    [
        ("value_moves_kept_vector", "v[0] = y[0]", None),
        ("rows_table_vectors", "a = m[0][1]", None),
        ("bits_number_no_derivative", "dy[0] = bits(y[0])", None),
        ("operator_no_derivative", "dy[0] = y[0] & 1", "&"),
        ("function_no_derivative", "dy[0] = foo(y[0])", "foo"),
        ("called_arguments", "dy[0] = g(y[0])", "g with 1 argument"),
        ("no_derivative_because_changes", "dy[0] = h(p, y[0])", "h "),
        ("no_derivative_because_found", "dy[0] = market_price(y[0])", "market price"),
    ],
)
def test_a_text_without_a_derivative(key: str, body: str, words: str | None) -> None:
    others = function("return a", "g(a, b)") + function("p[0] = a; return a", "h(p, a)")
    with pytest.raises(NotSmooth, match=words) as caught:
        tangent_module(parse(function(body, "rhs(t, y, p, dy)") + others))
    assert caught.value.args[0].key == f"kernel.{key}"
    assert in_language(caught.value.args[0], "zh") != str(caught.value)
