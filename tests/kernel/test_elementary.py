"""The library's elementary functions against 40 digits of mpmath, against C's special cases, and against each other."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf

from benchmarks.elementary import Compiled, counts
from sdcluster.kernel.library.elementary import FUNCTIONS

POINTS = 400  # of each range
COMMON, POWER, RARE = 1.0, 2.0, 4.0  # allowed errors, in units of the last place
INF, NAN = math.inf, math.nan


@pytest.fixture(autouse=True)
def _digits() -> Iterator[None]:
    with mp.workdps(40):
        yield


def ulp_of(true: mpf) -> mpf:
    """Return the last place of the doubles about a number."""
    return mp.ldexp(1, max(mp.frexp(true)[1] - 53, -1074))


def error(got: float, true: mpf) -> float:
    """Return the error of a finite result in units of the last place."""
    return float(abs(mpf(got) - true) / ulp_of(true))


def uniform(low: float, high: float) -> Callable[[random.Random], float]:
    return lambda r: r.uniform(low, high)


def any_size(low: float, high: float, *, signs: bool = True) -> Callable[[random.Random], float]:
    """Return numbers whose exponents are uniform."""
    return lambda r: 10.0 ** r.uniform(low, high) * (r.choice((-1.0, 1.0)) if signs else 1.0)


def about(number: float, step: float = 1.0) -> Callable[[random.Random], float]:
    """Return numbers near the first few thousand multiples of a step, beside a number."""
    return lambda r: (
        (number + step * r.randrange(0, 10000))
        * (1.0 + 10.0 ** r.uniform(-16, -4) * r.choice((-1, 1)))
    )


HALF_PI = math.pi / 2
ONE_ARGUMENT = [
    ("exp", COMMON, (uniform(-745, 709.7), uniform(-1, 1), any_size(-320, 0), uniform(-745, -708))),
    ("expm1", RARE, (uniform(-40, 709.7), uniform(-1, 1), any_size(-320, 0))),
    ("log", COMMON, (any_size(-323, 308, signs=False), uniform(0.5, 2), about(1.0, 0.0))),
    ("log1p", RARE, (any_size(-320, 308, signs=False), uniform(-0.9, 2), any_size(-320, -2))),
    ("log10", COMMON, (any_size(-323, 308, signs=False), uniform(0.5, 2), about(1.0, 0.0))),
    ("sin", COMMON, (uniform(-10, 10), any_size(-320, 308), about(0.0, HALF_PI), uniform(2e4, 3e4))),
    ("cos", COMMON, (uniform(-10, 10), any_size(-320, 308), about(0.0, HALF_PI), uniform(2e4, 3e4))),
    ("tan", COMMON, (uniform(-10, 10), any_size(-320, 308), about(0.0, HALF_PI), uniform(2e4, 3e4))),
    ("asin", COMMON, (uniform(-1, 1), any_size(-320, 0), lambda r: 1 - 10.0 ** r.uniform(-16, -1))),
    ("acos", COMMON, (uniform(-1, 1), any_size(-320, 0), lambda r: 1 - 10.0 ** r.uniform(-16, -1))),
    ("atan", COMMON, (uniform(-4, 4), any_size(-320, 308))),
    ("sinh", RARE, (uniform(-710, 710), uniform(-3, 3), any_size(-320, 0))),
    ("cosh", RARE, (uniform(-710, 710), uniform(-3, 3), any_size(-320, 0))),
    ("tanh", RARE, (uniform(-20, 20), uniform(-1, 1), any_size(-320, 0))),
    ("erf", RARE, (uniform(-6, 6), uniform(-1, 1), any_size(-320, 0))),
    ("erfc", RARE, (uniform(-6, 6), uniform(6, 27.2), any_size(-320, 0))),
    ("gamma", RARE, (uniform(-12, 12), uniform(12, 171.6), uniform(-184, -12), any_size(-307, 0))),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "allowed", "ranges"), ONE_ARGUMENT, ids=[r[0] for r in ONE_ARGUMENT]
)
def test_error_stays_below_the_promise(name, allowed, ranges):
    r = random.Random(name)
    function, true = FUNCTIONS[name], getattr(mp, name)
    for draw in ranges:
        for _ in range(POINTS):
            x = draw(r)
            # 400 digits carry mpmath past the largest double; fewer would do for small arguments.
            with mp.workdps(400 if name in ("sin", "cos", "tan") and abs(x) > 1e10 else 60):
                assert error(function(x), true(mpf(x))) <= allowed, x


def test_error_of_powers():
    r = random.Random(5)
    for _ in range(4 * POINTS):
        x = r.choice((any_size(-323, 308, signs=False), uniform(0.5, 2), about(1.0, 0.0)))(r)
        y = r.uniform(-745, 709) / math.log(x) if x != 1.0 else 3.0
        if abs(y) < 1e300:
            assert error(FUNCTIONS["power"](x, y), mp.power(mpf(x), mpf(y))) <= POWER, (x, y)


def test_error_of_angles_of_points():
    r = random.Random(6)
    for draw in (uniform(-1, 1), any_size(-5, 5), any_size(-320, 308)):
        for _ in range(POINTS):
            y, x = draw(r), draw(r)
            assert error(FUNCTIONS["atan2"](y, x), mp.atan2(mpf(y), mpf(x))) <= COMMON, (y, x)


def test_error_of_the_logarithm_of_gamma():
    """Below -2 zeros lie between the poles; near them the error is absolute."""
    r = random.Random(8)
    for draw in (
        uniform(0, 3),
        uniform(3, 30),
        any_size(-320, 300, signs=False),
        about(1.0, 0.0),
        about(2.0, 0.0),
    ):
        for _ in range(POINTS):
            x = draw(r)
            assert error(FUNCTIONS["lgamma"](x), mp.loggamma(mpf(x))) <= RARE, x
    for _ in range(POINTS):
        x = r.uniform(-100, 0)
        true = mp.log(abs(mp.gamma(mpf(x))))
        assert abs(FUNCTIONS["lgamma"](x) - true) <= RARE * max(ulp_of(true), mpf(2) ** -52), x


EDGES = (
    0.0, -0.0, INF, -INF, NAN, 5e-324, -5e-324, 2.2250738585072014e-308, 0.5, -0.5, 1.0, -1.0, 1.5, 2.0, -2.0, 3.0,
    -3.0, 2.5, 1e300, -1e300, 9007199254740991.0, -9007199254740993.0, 4503599627370497.5, 1.7976931348623157e308,
    -1.7976931348623157e308, 709.78, 710.0, -745.2,
)  # fmt: skip


def by_c(function: Callable[..., float], *arguments: float) -> float:
    """Return what the C function gives, where Python raises instead."""
    try:
        return float(function(*arguments))
    except OverflowError:
        if function is math.pow:
            odd = arguments[0] < 0 and math.fmod(arguments[1], 2) != 0
            return -INF if odd else INF
        if function in (math.floor, math.ceil, math.trunc):
            return arguments[0]
        return -INF if function in (math.sinh, math.gamma) and arguments[0] < 0 else INF
    except ValueError:
        if function in (math.log, math.log10, math.log1p) and arguments[0] in (0.0, -1.0):
            return -INF if (function is math.log1p) == (arguments[0] == -1.0) else NAN
        if function is math.pow and arguments[0] == 0.0:
            return (
                math.copysign(INF, arguments[0]) if math.fmod(arguments[1], 2) in (1, -1) else INF
            )
        if function in (math.floor, math.ceil, math.trunc):
            return arguments[0]
        if function is math.gamma and arguments[0] == 0.0:
            return math.copysign(INF, arguments[0])
        return INF if function is math.lgamma else NAN


def agree(ours: float, theirs: float) -> bool:
    """Whether two results are the same special value, or as near as two good functions are."""
    if math.isnan(ours) or math.isnan(theirs):
        return math.isnan(ours) and math.isnan(theirs)
    if math.copysign(1, ours) != math.copysign(1, theirs):
        return False
    return ours == theirs or abs(ours - theirs) <= 8 * math.ulp(theirs)


C_NAMES = {"power": "pow"}
TWO_ARGUMENTS = ("power", "atan2", "fmod")


@pytest.mark.parametrize("name", [n for n in FUNCTIONS if n not in TWO_ARGUMENTS])
def test_special_values_are_those_of_c(name):
    theirs = getattr(math, name)
    for x in EDGES:
        ours = FUNCTIONS[name](x)
        if name in ("floor", "ceil", "trunc") and ours == 0.0:
            assert math.copysign(1, ours) == math.copysign(1, x) or name == "floor", x
            ours = 0.0  # Python's whole numbers have no sign at zero
        if name == "lgamma" and abs(ours) < 1.0:  # Python's own errs in the last place of 1
            assert ours == pytest.approx(theirs(x), abs=1e-15)
            continue
        assert agree(ours, by_c(theirs, x)), x


@pytest.mark.parametrize("name", TWO_ARGUMENTS)
def test_special_values_of_two_arguments_are_those_of_c(name):
    theirs = getattr(math, C_NAMES.get(name, name))
    for x, y in itertools.product(EDGES, EDGES):
        assert agree(FUNCTIONS[name](x, y), by_c(theirs, x, y)), (x, y)


@pytest.mark.parametrize("draws", [any_size(-323, 308), any_size(-20, 20), any_size(-323, -300)])
def test_remainders_are_exact(draws):
    r = random.Random(7)
    for _ in range(3 * POINTS):
        x, y = draws(r), draws(r)
        if y:
            assert FUNCTIONS["fmod"](x, y) == math.fmod(x, y), (x, y)


def test_the_worst_argument_of_a_double_for_multiples_of_pi():
    """6381956970095103 * 2^797 is the double nearest to a multiple of pi/2 (J.-M. Muller, 2006, section 11.3)."""
    x = 6381956970095103.0 * 2.0**797
    with mp.workdps(400):
        assert error(FUNCTIONS["cos"](x), mp.cos(mpf(x))) <= 1.0
        assert error(FUNCTIONS["tan"](x), mp.tan(mpf(x))) <= 2.0


@pytest.fixture(scope="module")
def compiled() -> list[Compiled]:
    return [Compiled(1), Compiled(8)]


@pytest.mark.parametrize("name", list(FUNCTIONS))
def test_plain_python_one_run_and_eight_runs_give_the_same_bits(name, compiled):
    r = random.Random(name)
    draws = (uniform(-3, 3), uniform(-200, 200), any_size(-320, 308), lambda r: r.choice(EDGES))
    count = counts()[name]
    rows = [[r.choice(draws)(r) for _ in range(count)] for _ in range(800)]
    plain = np.array([FUNCTIONS[name](*row) for row in rows])
    columns = [np.array(c) for c in zip(*rows, strict=True)]
    for machine in compiled:
        # In lanes the vectors hold eight runs of each place side by side, which a function of each number cannot see.
        got = machine(name, *columns)
        assert np.array_equal(np.isnan(got), np.isnan(plain))
        known = ~np.isnan(plain)
        assert got[known].tobytes() == plain[known].tobytes()


# ---- identities

numbers = st.floats(allow_nan=False)
finite = st.floats(allow_nan=False, allow_infinity=False)


@given(numbers)
@pytest.mark.parametrize("name", ["sin", "tan", "asin", "atan", "sinh", "tanh", "trunc"])
def test_odd_functions_are_odd_to_the_last_bit(name, x):
    ours, mirrored = FUNCTIONS[name](x), FUNCTIONS[name](-x)
    assert math.isnan(ours) or (
        -ours == mirrored and math.copysign(1, ours) == -math.copysign(1, mirrored)
    )


@given(numbers)
@pytest.mark.parametrize("name", ["cos", "cosh"])
def test_even_functions_are_even_to_the_last_bit(name, x):
    assert agree(FUNCTIONS[name](x), FUNCTIONS[name](-x))


@given(st.floats(-700, 700))
def test_a_logarithm_undoes_an_exponential(x):
    assert FUNCTIONS["log"](FUNCTIONS["exp"](x)) == pytest.approx(x, rel=1e-15, abs=3e-16)


@given(finite)
def test_sine_and_cosine_are_of_one_circle(x):
    assert FUNCTIONS["sin"](x) ** 2 + FUNCTIONS["cos"](x) ** 2 == pytest.approx(1.0, abs=5e-16)


@given(st.floats(-1e150, 1e150))
def test_a_square_by_power_is_the_product(x):
    assert FUNCTIONS["power"](x, 2.0) == x * x or abs(x) < 1e-150


@given(st.integers(-307, 308))
def test_powers_and_logarithms_of_ten_are_exact_where_a_double_can_be(n):
    assert FUNCTIONS["log10"](float(f"1e{n}")) == n
    assert FUNCTIONS["power"](10.0, float(n)) == pytest.approx(float(f"1e{n}"), rel=2e-16)


@given(finite)
def test_floor_and_ceiling_enclose_their_argument(x):
    assert FUNCTIONS["floor"](x) == (math.floor(x) if abs(x) < 2**60 else x)
    assert FUNCTIONS["ceil"](x) == (math.ceil(x) if abs(x) < 2**60 else x)
