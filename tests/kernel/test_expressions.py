"""What an equation means: precedence, functions, and agreement of all backends."""

from __future__ import annotations

import math
import operator

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sdcluster


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 + 3 * 4", 14),
        ("2 * 3 + 4", 10),
        ("10 - 4 - 3", 3),
        ("24 / 4 / 3", 2),
        ("2 ^ 3 ^ 2", 512),
        ("-2 ^ 2", -4),
        ("2 ^ -2", 0.25),
        ("-x * -x", 9),
        ("3 * -x", -9),
        ("(1 + x) * (x - 1)", 8),
        ("7 mod 3", 1),
        ("-7 MOD 3", 2),
        ("7 MOD -3", -2),
        ("1.5e3 + .5", 1500.5),
        ("x > 2", 1),
        ("NOT (x > 2)", 0),
        ("(x > 2) AND (x < 3)", 0),
        ("(x > 2) or (x < 3)", 1),
        ("x = 3", 1),
        ("x <> 3", 0),
        ("x >= 3", 1),
        ("IF x > 2 THEN 5 ELSE 6", 5),
        ("if x > 5 then 1 else if x > 2 then 2 else 3", 2),
        ("IF x = 0 THEN 0 ELSE 1 / x", 1 / 3),
        ("{a comment} 4 {another}", 4),
        ("4\n+\n5", 9),
        ("MAX(1, x, 2)", 3),
        ("min(x, 2)", 2),
        ("ABS(-x)", 3),
        ("EXP(1)", math.e),
        ("LN(x)", math.log(3)),
        ("LOG10(1000)", 3),
        ("SQRT(x + 1)", 2),
        ("SIN(x)", math.sin(3)),
        ("COS(x)", math.cos(3)),
        ("TAN(x)", math.tan(3)),
        ("ARCTAN(x)", math.atan(3)),
        ("ARCSIN(0.5)", math.asin(0.5)),
        ("ARCCOS(0.5)", math.acos(0.5)),
        ("INT(-2.7)", -3),
        ("ROUND(2.5)", 3),
        ("SAFEDIV(1, 0)", 0),
        ("SAFEDIV(1, 0, 7)", 7),
        ("PI", math.pi),
        ("DT", 0.125),
        ("STARTTIME", 5),
        ("STOPTIME", 6),
        ("TIME", 5),
        ("STEP(3, 5) + STEP(4, 5.5)", 3),
        ("RAMP(2, 3)", 4),
        ("RAMP(2, 3, 4)", 2),
        ("PULSE(6, 5)", 48),
        ("PULSE(6, 4, 1)", 48),
        ("INIT(x) + PREVIOUS(x, 8)", 11),
    ],
)
def test_value(evaluate, text: str, expected: float) -> None:
    assert evaluate(text, time=5.0, x="3") == pytest.approx(expected, rel=1e-14, abs=1e-14)


@pytest.mark.parametrize("name", ["sinh", "cosh", "tanh"])
def test_hyperbolic(evaluate, name: str) -> None:
    assert evaluate(f"{name}(0.7)") == pytest.approx(getattr(math, name)(0.7))


def test_vensim_spellings_that_pysd_hands_on(evaluate) -> None:
    assert evaluate("QUANTUM(7.3, 2)") == 6
    assert evaluate("POWER(2, 5)") == 32
    assert evaluate("LOG(8, 2)") == pytest.approx(3)
    assert evaluate("MIN(INF, 4)") == 4


@pytest.mark.parametrize(
    ("kind", "at", "expected"),
    [
        ("continuous", -1, 2),
        ("continuous", 0.5, 3),
        ("continuous", 2, 7),
        ("continuous", 9, 10),
        ("extrapolate", -1, 0),
        ("extrapolate", 4, 13),
        ("discrete", 0.99, 2),
        ("discrete", 1, 4),
        ("discrete", 3, 10),
        ("discrete", 9, 10),
    ],
)
def test_graphical_functions(workshop, kind: str, at: float, expected: float) -> None:
    points = f'<gf type="{kind}"><xpts>0,1,3</xpts><ypts>2,4,10</ypts></gf>'
    path = workshop.write(
        workshop.aux("x", str(at)),
        workshop.aux("inline", "x", points),
        f'<gf name="curve" type="{kind}"><xpts>0,1,3</xpts><ypts>2,4,10</ypts></gf>',
        workshop.aux("by name", "curve(x)"),
        workshop.aux("by lookup", "LOOKUP(curve, x)"),
    )
    run = sdcluster.simulate(path, backend="python")
    for name in ("inline", "by name", "by lookup"):
        assert float(run[name][0]) == pytest.approx(expected), name


# ---- random expressions against Python's own arithmetic

_OPERATORS = {"+": operator.add, "-": operator.sub, "*": operator.mul}


@st.composite
def _expressions(draw: st.DrawFn, depth: int = 4) -> tuple[str, float]:
    """Return text and value; values stay moderate, so that rounding is the only difference."""
    if depth == 0 or draw(st.booleans()):
        value = draw(st.sampled_from([0.5, 1.0, 2.0, 3.25, 7.0]))
        return draw(
            st.sampled_from(
                [(repr(value), value), (f"({value!r})", value), (f"(-{value!r})", -value)]
            )
        )
    kind = draw(st.sampled_from(["binary", "if", "max", "negative", "divide"]))
    a, x = draw(_expressions(depth - 1))
    b, y = draw(_expressions(depth - 1))
    if kind == "binary":
        sign = draw(st.sampled_from(sorted(_OPERATORS)))
        return f"({a} {sign} {b})", _OPERATORS[sign](x, y)
    if kind == "if":
        return f"(IF {a} > {b} THEN {a} ELSE {b} + 1)", x if x > y else y + 1
    if kind == "max":
        return f"MAX({a}, {b})", max(x, y)
    if kind == "negative":
        return f"(-{a})", -x
    return f"({a} / (1 + ABS({b})))", x / (1 + abs(y))


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(_expressions())
def test_random_expressions(evaluate, case: tuple[str, float]) -> None:
    text, expected = case
    assert evaluate(text) == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_backends_agree(workshop) -> None:
    path = workshop.write(
        workshop.stock("s", "1", "in", "out"),
        workshop.flow("in", "0.3 * SMTH3(s, 2) + STEP(0.2, 3) + PULSE(0.1, 2, 3) + curve(TIME)"),
        workshop.flow(
            "out",
            "DELAY3(s, 3) * 0.2 + 0.1 * PREVIOUS(s, 0) + (IF s > 2 THEN 0.1 * (s - 2) ^ 1.5 ELSE 0)",
        ),
        workshop.aux("trend", "TREND(s, 4) + FORCST(s, 3, 2) + INIT(s)"),
        '<gf name="curve"><xpts>0,5,10</xpts><ypts>0,0.1,-0.1</ypts></gf>',
    )
    model = sdcluster.load(path)
    for method in ("euler", "rk4", "LSODA"):
        plain = sdcluster.Simulator(model, method=method, backend="python").run()
        fast = sdcluster.Simulator(model, method=method, backend="native").run()
        np.testing.assert_allclose(fast, plain, rtol=1e-11 if method != "LSODA" else 1e-6)


def test_deep_and_long_equations_are_printed(evaluate) -> None:
    assert evaluate(" + ".join(["1"] * 3000)) == 3000
    assert evaluate("(" * 90 + "1" + " + 1)" * 90) == 91
    chain = "".join(f"IF x = {i} THEN {i} ELSE " for i in range(60)) + "99"
    assert evaluate(chain, x="59") == 59


def test_a_flow_of_many_terms_runs(workshop) -> None:
    terms = " + ".join(["s"] * 2500)
    path = workshop.write(
        workshop.stock("s", "1", "f"), workshop.flow("f", f"({terms}) / 2500"), stop=1, dt=0.5
    )
    assert float(sdcluster.simulate(path, method="euler")["s"][-1]) == pytest.approx(2.25)
