"""Derivatives by forward mode: rules against mpmath, functions and whole models against differences."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from pathlib import Path

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array

import sdcluster
from sdcluster.functions.table import FUNCTIONS
from sdcluster.kernel import compile_model, kernel
from sdcluster.kernel.differentiate import ENTRIES, NotSmooth, tangent_module
from sdcluster.kernel.library import tangents
from sdcluster.kernel.lower.templates import filled, step_times, times_in
from sdcluster.kernel.parse import expressions, parse
from sdcluster.kernel.targets.python import expression, python_text
from sdcluster.run.plan import prepare
from tests.workshop import Workshop

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "models"
HEAD = 13  # places of `p` before the numbers of a test

# ---- rules of the elementary functions

# Domain of each, away from poles, as bounds of a uniform draw.
UNARY = {
    "exp": (-30, 30), "expm1": (-5, 5), "log": (1e-6, 50), "log1p": (-0.9, 50), "log10": (1e-6, 50),
    "sqrt": (1e-6, 50), "sin": (-9, 9), "cos": (-9, 9), "tan": (-1.5, 1.5), "asin": (-0.99, 0.99),
    "acos": (-0.99, 0.99), "atan": (-9, 9), "sinh": (-9, 9), "cosh": (-9, 9), "tanh": (-9, 9), "erf": (-3, 3),
    "erfc": (-3, 3), "gamma": (0.1, 20), "lgamma": (0.1, 50),
}  # fmt: skip
IN_MPMATH = {"lgamma": mpmath.loggamma}


@pytest.mark.parametrize("name", UNARY)
@given(share=st.floats(0, 1))
def test_the_rule_of_a_function_is_its_derivative(name: str, share: float) -> None:
    low, high = UNARY[name]
    x = low + share * (high - low)
    with mpmath.workdps(30):
        wanted = float(mpmath.diff(IN_MPMATH.get(name) or getattr(mpmath, name), mpmath.mpf(x)))
    assert getattr(tangents, f"{name}_tangent")(x, 1.0) == pytest.approx(
        wanted, rel=1e-11, abs=1e-13
    )


@given(x=st.floats(0.01, 20), y=st.floats(-5, 5))
def test_the_rules_of_powers_and_angles(x: float, y: float) -> None:
    for rule, function in ((tangents.power_tangent, mpmath.power), (tangents.atan2_tangent, mpmath.atan2)):  # fmt: skip
        with mpmath.workdps(30):
            first = float(mpmath.diff(function, (x, y), (1, 0)))
            second = float(mpmath.diff(function, (x, y), (0, 1)))
        assert rule(x, y, 1.0, 0.0) == pytest.approx(first, rel=1e-11, abs=1e-13)
        assert rule(x, y, 0.0, 1.0) == pytest.approx(second, rel=1e-11, abs=1e-13)


@pytest.mark.parametrize(
    ("x", "y", "wanted"),
    [(-2.0, 3.0, 12.0), (0.0, 1.0, 1.0), (0.0, 2.0, 0.0), (0.0, 0.5, math.inf), (5.0, 0.0, 0.0)],
)
def test_powers_of_negative_numbers_and_of_zero(x: float, y: float, wanted: float) -> None:
    assert tangents.power_tangent(x, y, 1.0, 0.0) == wanted
    assert tangents.power_tangent(x, y, 0.0, 0.0) == 0.0


@given(x=st.floats(-8.9, 50))
def test_the_logarithmic_derivative_of_gamma(x: float) -> None:
    with mpmath.workdps(30):
        if abs(x - round(x)) < 1e-3 and x < 0.5:
            assert math.isnan(tangents.digamma(float(min(round(x), 0))))
            return
        wanted = float(mpmath.digamma(mpmath.mpf(x)))
    assert tangents.digamma(x) == pytest.approx(wanted, rel=1e-10, abs=1e-11)


def test_what_does_not_move_has_no_slope_even_at_a_pole() -> None:
    for name in UNARY:
        assert getattr(tangents, f"{name}_tangent")(UNARY[name][0], 0.0) == 0.0
    assert tangents.sqrt_tangent(0.0, 1.0) == math.inf
    assert tangents.sqrt_tangent(0.0, 0.0) == 0.0


# ---- functions and statements

Rhs = Callable[[list[float]], np.ndarray]


def compiled(body: str, count: int, p: list[float], more: str = "") -> tuple[Rhs, Rhs]:
    """Return the slopes and the dense Jacobian of a kernel whose ``rhs`` has these lines."""
    rhs = f"@jit\ndef rhs(t, y, p, dy):\n    {body}\n"
    rest = "".join(f"\n@jit\ndef {f}(t, y, p, dy, o):\n    pass\n" for f in ("observe",))
    text = kernel._module("\n".join([more, rhs, rest]))
    functions = kernel._execute(text)
    derived = kernel._execute(
        "\n".join([kernel._IMPORTS, python_text(tangent_module(parse(text)), list(ENTRIES))])
    )

    def slopes(y: list[float]) -> np.ndarray:
        dy = [0.0] * count
        functions.rhs(0.7, list(y), list(p), dy)
        return np.array(dy)

    def jacobian(y: list[float]) -> np.ndarray:
        rows = [[0.0] * count for _ in range(count)]
        dy = [0.0] * count
        work = [0.0] * len(p)
        derived.jacobian(count, 0.7, list(y), list(p), dy, np.eye(count).tolist(), work, rows)
        assert dy == slopes(y).tolist()
        return np.array(rows).T

    return slopes, jacobian


def central(slopes: Rhs, y: list[float], step: float = 1e-6) -> np.ndarray:
    found = []
    for j in range(len(y)):
        up, down = list(y), list(y)
        up[j] += step
        down[j] -= step
        found.append((slopes(up) - slopes(down)) / (2 * step))
    return np.array(found).T


STATEMENTS = {
    "a name that is changed": "a = y[0]\n    a = a * a + y[1]\n    dy[0] = a * y[1]",
    "a branch": "a = y[0]\n    if y[1] > 1.0:\n        a = y[1] * y[1]\n    dy[0] = a",
    "a loop that carries a product": "a = 1.0\n    for i in range(3):\n        a *= y[i] + 0.5 * i\n    dy[0] = a",
    "a loop that carries what moves later": (
        "a = 1.0\n    b = 2.0\n    for i in range(4):\n        a = a + b\n        b = y[1] * a\n    dy[0] = a"
    ),
    "a loop that is left": (
        "a = y[0]\n    for i in range(9):\n        if i > 5:\n            break\n"
        "        if i == 2:\n            continue\n        a = a * y[2] + i\n    dy[0] = a"
    ),
    "while": "a = y[0]\n    while a < 40.0:\n        a = a * (1.0 + y[1]) + 1.0\n    dy[0] = a",
    "a counter that becomes a number": "a = 1\n    a = a + y[0]\n    a = a * a\n    dy[0] = a",
    "a vector of tangents": (
        "for i in range(3):\n        p[13 + i] = y[i] * y[2 - i]\n    dy[0] = p[13] * p[14] + p[15]"
    ),
    "a place that was overwritten": (
        "p[13] = y[0]\n    p[13] = 2.0\n    p[14] = y[2]\n    p[14] += y[1] * p[13]\n    dy[0] = p[14]"
    ),
    "values that change places": "a = y[0]\n    b = y[1]\n    a, b = b * b, a\n    dy[0] = a * b + a",
    "a choice of calls": "dy[0] = exp(y[0]) if y[1] > 1.0 else sin(y[2]) * y[0]",
    "a choice in a choice": "dy[0] = (y[0] * y[1] if y[2] > 0.0 else 1.0) if y[0] > 0.0 else log(y[0])",
    "a side that must not be worked out": "dy[0] = y[0] if y[1] > 0.0 else 1.0 / (y[1] - y[1])",
    "quotients": "dy[0] = y[0] / y[1] + 2.0 / y[2] + y[1] / 3.0",
    "remainders": "dy[0] = (y[0] * 5.0) % 1.3 + 7.0 % y[1] + (y[0] * 9.0) % y[1]",
    "steps": "dy[0] = y[0] * int(y[1] * 3.0) + (y[2] > 0.0) * y[1] + y[0] * (y[2] // 0.3)",
    "several extremes": "dy[0] = min(y[0], y[1], y[2], 9.0) * max(y[0], y[1], 0.1) + abs(-y[2])",
    "powers": "dy[0] = y[0] ** 2 + power(y[1], 1.7) + power(y[1], y[0]) + power(2.0, y[2])",
}


@pytest.mark.parametrize("name", STATEMENTS)
@pytest.mark.parametrize("y", [[0.83, 1.71, 0.47], [1.13, 0.59, 2.05]])
def test_statements(name: str, y: list[float]) -> None:
    slopes, jacobian = compiled(STATEMENTS[name], 3, [0.3] * 20)
    np.testing.assert_allclose(jacobian(y), central(slopes, y), rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize(
    "order", ["max({}, 0.0)", "max(0.0, {})", "-min({}, 0.0)", "-min(0.0, {})"]
)
def test_at_a_bound_what_moves_counts(order: str) -> None:
    sign = -1.0 if "min" in order else 1.0
    _, jacobian = compiled(f"dy[0] = {order.format('3.0 * y[0]')}", 1, [0.0] * HEAD)
    assert jacobian([0.0])[0, 0] == sign * 3.0


TEMPLATES = {
    name: row
    for name, row in FUNCTIONS.items()
    if row.template and row.template != "if" and (row.xmile or row.vensim)
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_function_of_numbers(name: str) -> None:
    """Each function of the table, by its body or its rule, at random places where it is smooth."""
    row = TEMPLATES[name]
    count = max(row.arity[1] - row.courses, 1)
    arguments = [expressions(f"y[{i}]") for i in range(row.arity[1] - row.courses)]
    (value,) = filled(row.template, [*arguments, *[expressions("p, 20, 30")] * row.courses])
    p = [0.125, 0.0, 10.0, 1e-9, 1e-9, 7.0, 1.0, 0.0, 0.0, 1.0, 8.0, 0.0, 0.0, *[0.5] * 60]
    p[20] = 3.0
    times = step_times(times_in(row.template))
    lines = [*(f"{n} = {expression(v)}" for n, v in times), f"dy[0] = {expression(value)}"]
    slopes, jacobian = compiled("\n    ".join(lines), count, p)
    random = np.random.default_rng(3)
    for _ in range(20):
        y = random.uniform(0.05, 2.5, count).tolist()
        try:
            if not np.isfinite(slopes(y)[0]):
                continue
            near, far = central(slopes, y), central(slopes, y, 3e-6)
        except (ArithmeticError, ValueError):
            continue
        if not np.allclose(near, far, rtol=1e-4, atol=1e-6):
            continue  # a jump lies between
        np.testing.assert_allclose(jacobian(y), near, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("x", "slope"), [(-1.0, 0.0), (0.0, 2.0), (0.5, 2.0), (1.0, 3.0), (3.0, 3.0), (3.5, 0.0)]
)
def test_a_graphical_function_has_the_slope_of_its_inner_segments(x: float, slope: float) -> None:
    """Between its points; at a point that of the next segment, at the last one that of the segment before."""
    tables = "\nXS = TABLE((0.0, 1.0, 3.0))\nYS = TABLE((0.0, 2.0, 8.0))\n"
    _, jacobian = compiled("dy[0] = lookup(y[0], XS, YS, 0, 3)", 1, [0.0] * HEAD, tables)
    assert jacobian([x])[0, 0] == slope


# ---- whole models


def suite() -> list[Path]:
    named = os.environ.get("SDX_TEST_MODELS")
    folder = Path(named) if named else ROOT.parent / "shared" / "test-models"
    found = [p for kind in ("mdl", "xmile", "stmx") for p in folder.rglob(f"*.{kind}")]
    return sorted(p for p in found if not p.name.startswith("."))


OURS = sorted(p.parent for p in MODELS.glob("*/*.xmile"))
EACH = 40  # stocks; models of more are compared in a few random directions


def compare(path: Path) -> list[str]:
    """Return the places at kinks; everywhere else the derivative must agree with central differences.

    At the start of a run, after one step and after half of it, along each stock or, with many, in random directions.
    The error of differences is estimated from two steps, 1e-4 and 1.25e-5 of each state. Where the slope differs to
    both sides, the derivative must be one of the two.
    """
    run = sdcluster.Simulator(sdcluster.load(path), method="euler").begin()
    made = run._engine.kernel
    n = made.source.width
    jacobian, careful = made.jacobian, made.functions("careful")
    kinks = []
    for step in (0, 1, run.grid.steps // 2):
        if step > run.at:
            run.step(step - run.at)
        y, p, t = np.array(run._engine.y), list(run._engine.p), float(run.grid.at(run.at))

        def rhs(state: np.ndarray, t: float = t, p: list[float] = p) -> np.ndarray:
            dy = [0.0] * n
            careful.rhs(t, state.tolist(), list(p), dy)
            return np.array(dy, dtype=float)

        slopes, values = jacobian.matrix(t, y.tolist(), list(p), native=False)
        base = rhs(y)
        np.testing.assert_allclose(slopes, base, rtol=1e-9, atol=1e-300)
        found = coo_array((values, (jacobian.rows, jacobian.columns)), (n, n)).tocsr()
        scale = np.maximum(np.abs(y), 1e-3)
        signs = np.random.default_rng(step).choice([-1.0, 1.0], (6, n))
        for number, unit in enumerate(np.eye(n) if n <= EACH else signs):
            along, direction = found @ (unit * scale), unit * scale
            wide = (rhs(y + 1e-4 * direction) - rhs(y - 1e-4 * direction)) / 2e-4
            h = 1.25e-5
            up, down = (rhs(y + h * direction) - base) / h, (base - rhs(y - h * direction)) / h
            near = (up + down) / 2
            size = np.abs(base) + np.abs(near) + abs(found) @ np.abs(y)
            noise = np.abs(wide - near) + 1e-11 * size / h
            off = np.abs(along - near) > 1e-5 * np.abs(near) + 1e-12 + noise
            for i in np.flatnonzero(off):
                side = 1e-3 * abs(along[i]) + 1e-8
                assert abs(up[i] - down[i]) > side, f"slope {i}, direction {number} at {t:g}"
                assert min(abs(along[i] - up[i]), abs(along[i] - down[i])) <= side
                kinks.append(f"slope {i}, direction {number} at {t:g}")
    return kinks


@pytest.mark.parametrize("path", OURS, ids=lambda p: p.name)
def test_our_models_agree_with_differences(path: Path) -> None:
    compare(path)


# Models at a kink on the way: a flow bounded by MAX or a stock that begins at 0. Their derivative is that of one side.
AT_A_KINK = {"workforce.mdl", "model.stmx", "model_legacy.stmx", "model.xmile"}


def label(path: Path | None) -> str:
    return f"{path.parent.name}/{path.name}" if path else "none"


@pytest.mark.filterwarnings("ignore::sdcluster.ModelWarning")
@pytest.mark.parametrize("path", suite() or [None], ids=label)
def test_the_public_suite_agrees_with_differences(path: Path | None) -> None:
    if path is None:
        pytest.skip("set SDX_TEST_MODELS to a copy of github.com/SDXorg/test-models")
    try:
        model = sdcluster.load(path)
        width = sdcluster.Simulator(model, method="euler").begin()._engine.kernel.source.width
    except sdcluster.ModelError as reason:
        pytest.skip(f"does not run: {reason.sentence}")
    if not width:
        assert sdcluster.jacobian(model).shape == (0, 0)
        return
    try:
        kinks = compare(path)
    except NotSmooth as reason:
        pytest.skip(f"has no derivative: {reason}")
    assert not kinks or path.name in AT_A_KINK, kinks


@pytest.mark.parametrize("path", OURS, ids=lambda p: p.name)
def test_machine_code_gives_the_same_jacobian(path: Path) -> None:
    pytest.importorskip("llvmlite")
    made = compile_model(sdcluster.load(path))
    model = made.model
    grid = sdcluster.Simulator(model).grid
    p = prepare(model, {}, (), grid, "rk4").p.tolist()
    y = [0.0] * made.source.width
    plain = made.functions("python")
    plain.derive(p)
    plain.initial(p, y)
    wanted = made.jacobian.matrix(grid.start, y, list(p), native=False)
    found = made.jacobian.matrix(grid.start, np.array(y), np.array(p), native=True)
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(one, other)


def test_columns_that_share_no_row_take_one_sweep(workshop: Workshop) -> None:
    stocks = [workshop.stock(f"s{i}", "1", f"f{i}") for i in range(12)]
    flows = [workshop.flow(f"f{i}", f"-0.1 * s{i} * s{i}") for i in range(12)]
    jacobian = compile_model(sdcluster.load(workshop.write(*stocks, *flows))).jacobian
    assert jacobian.sweeps == 1
    _, values = jacobian.matrix(0.0, [float(i) for i in range(12)], [0.0] * 99, native=False)
    assert values.tolist() == pytest.approx([-0.2 * i for i in range(12)])


def test_conveyors_have_no_derivative(workshop: Workshop) -> None:
    path = workshop.write(
        workshop.stock("belt", "0", "coming", "going", "<conveyor><len>3</len></conveyor>"),
        workshop.flow("coming", "2"),
        workshop.flow("going", "0"),
    )
    with pytest.raises(NotSmooth, match="conveyors and queues"):
        _ = compile_model(sdcluster.load(path)).jacobian
