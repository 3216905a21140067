"""Functions with fewer branches do the same."""

from __future__ import annotations

import math
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from sdcluster.kernel import ir
from sdcluster.kernel.library.powers import cube, fourth_power, square
from sdcluster.kernel.parse import parse
from sdcluster.kernel.simplify import simplified


def _simplified(text: str) -> ir.Function:
    module = parse("@jit\n" + text)
    name = next(iter(module.functions))
    return simplified(module.functions[name](), lambda name: name in ("square", "cube"))


def test_a_function_that_returns_one_of_two_values_chooses_between_them() -> None:
    text = "def f(a, b):\n    if b == 0.0:\n        return 1.0\n    if a < b:\n        return 2.0\n    return a / b\n"
    (only,) = _simplified(text).body
    assert isinstance(only, ir.Return)
    assert isinstance(only.value, ir.Choice)
    assert isinstance(only.value.no, ir.Choice)


def test_a_costly_value_keeps_its_branch() -> None:
    text = "def f(a, b):\n    if b == 0.0:\n        return 1.0\n    return exp(a)\n"
    assert len(_simplified(text).body) == 2


def test_a_small_whole_power_is_a_product_where_the_module_has_one() -> None:
    body = _simplified(
        "def f(p, o):\n    o[0] = power(p[1], 2.0)\n    o[1] = power(p[1], 4.0)\n"
    ).body
    called = [
        s.value.function for s in body if isinstance(s, ir.Store) and isinstance(s.value, ir.Call)
    ]
    assert called == ["square", "power"]  # `defined` knows no product for 4


@given(st.floats(min_value=1e-70, max_value=1e70), st.sampled_from([-1.0, 1.0]))
def test_products_are_powers(size: float, sign: float) -> None:
    x = sign * size
    for function, exponent, ulps in ((square, 2, 0.5), (cube, 3, 1.5), (fourth_power, 4, 1.92)):
        true = Fraction(x) ** exponent
        assert abs(Fraction(function(x)) - true) <= Fraction(ulps) * Fraction(math.ulp(float(true)))
