"""Derivatives of elementary and graphical functions, as rules for `sdcluster.kernel.differentiate`.

``NAME_tangent(arguments…, differentials…)`` returns the differential (also called tangent) of the function ``NAME`` for
given arguments and their differentials. `module()` returns all rules for a kernel. If the differential of an argument
is 0, it contributes 0 even where the derivative is infinite.

Source: Abramowitz & Stegun (1964), chapters 4, 6 and 7.
"""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

import inspect
import sys
from functools import cache
from math import cos, cosh, erf, erfc, exp, gamma, log, sin, sinh, sqrt, tan, tanh  # noqa: F401
from math import pow as power

from sdcluster.kernel import ir
from sdcluster.kernel.library.base import INF, NAN, jit
from sdcluster.kernel.library.lookups import below
from sdcluster.kernel.library.random_numbers import normal_quantile

_MARK = "# ---- copied from here\n"


@cache
def module() -> ir.Module:
    """Return the derivative rules, for `ir.Module.with_library`."""
    from sdcluster.kernel.parse import parse

    return parse(inspect.getsource(sys.modules[__name__]).rpartition(_MARK)[2])


# ---- copied from here


@jit
def exp_tangent(x, dx):
    """Return the differential of exp(x), which is exp(x) dx."""
    return 0.0 if dx == 0.0 else exp(x) * dx


@jit
def expm1_tangent(x, dx):
    """Return the differential of e^x - 1, which is exp(x) dx."""
    return 0.0 if dx == 0.0 else exp(x) * dx


@jit
def log_tangent(x, dx):
    """Return the differential of log(x), which is dx / x."""
    return 0.0 if dx == 0.0 else dx / x


@jit
def log1p_tangent(x, dx):
    """Return the differential of log(1 + x), which is dx / (1 + x)."""
    return 0.0 if dx == 0.0 else dx / (1.0 + x)


@jit
def log10_tangent(x, dx):
    """Return the differential of log10(x), which is dx / (x ln 10)."""
    return 0.0 if dx == 0.0 else dx / (x * 2.302585092994046)


@jit
def sqrt_tangent(x, dx):
    """Return the differential of sqrt(x), which is dx / (2 sqrt(x)) and infinite at 0."""
    if dx == 0.0:
        return 0.0
    y = sqrt(x)
    if y == 0.0:
        return INF if dx > 0.0 else -INF
    return 0.5 * dx / y


@jit
def power_tangent(x, y, dx, dy):
    """Return the differential of x^y, which is y x^(y - 1) dx + x^y log(x) dy."""
    total = 0.0
    if dx != 0.0 and y != 0.0:
        if x == 0.0 and y < 1.0:
            # A root has infinite slope at 0, and a negative power is infinite there.
            total += INF if dx > 0.0 else -INF
        else:
            total += y * power(x, y - 1.0) * dx
    if dy != 0.0:
        if x > 0.0:
            total += power(x, y) * log(x) * dy
        elif x < 0.0 or y <= 0.0:
            total = NAN  # x^y is not a real number for exponents near y
    return total


@jit
def sin_tangent(x, dx):
    """Return the differential of sin(x), which is cos(x) dx."""
    return 0.0 if dx == 0.0 else cos(x) * dx


@jit
def cos_tangent(x, dx):
    """Return the differential of cos(x), which is -sin(x) dx."""
    return 0.0 if dx == 0.0 else -sin(x) * dx


@jit
def tan_tangent(x, dx):
    """Return the differential of tan(x), which is (1 + tan(x)^2) dx."""
    y = tan(x)
    return 0.0 if dx == 0.0 else (1.0 + y * y) * dx


@jit
def asin_tangent(x, dx):
    """Return the differential of asin(x), which is dx / sqrt(1 - x^2)."""
    return 0.0 if dx == 0.0 else dx / sqrt((1.0 - x) * (1.0 + x))


@jit
def acos_tangent(x, dx):
    """Return the differential of acos(x), which is -dx / sqrt(1 - x^2)."""
    return 0.0 if dx == 0.0 else -dx / sqrt((1.0 - x) * (1.0 + x))


@jit
def atan_tangent(x, dx):
    """Return the differential of atan(x), which is dx / (1 + x^2)."""
    return 0.0 if dx == 0.0 else dx / (1.0 + x * x)


@jit
def atan2_tangent(y, x, dy, dx):
    """Return the differential of atan2(y, x), which is (x dy - y dx) / (x^2 + y^2)."""
    return 0.0 if dx == 0.0 and dy == 0.0 else (x * dy - y * dx) / (x * x + y * y)


@jit
def sinh_tangent(x, dx):
    """Return the differential of sinh(x), which is cosh(x) dx."""
    return 0.0 if dx == 0.0 else cosh(x) * dx


@jit
def cosh_tangent(x, dx):
    """Return the differential of cosh(x), which is sinh(x) dx."""
    return 0.0 if dx == 0.0 else sinh(x) * dx


@jit
def tanh_tangent(x, dx):
    """Return the differential of tanh(x), which is (1 - tanh(x)^2) dx.

    It is computed as dx / cosh(x)^2, because the difference would lose digits by cancellation.
    """
    if dx == 0.0 or abs(x) > 350.0:
        return 0.0
    y = cosh(x)
    return dx / y / y


@jit
def erf_tangent(x, dx):
    """Return the differential of erf(x), which is 2 / sqrt(pi) exp(-x^2) dx."""
    return 0.0 if dx == 0.0 else 1.1283791670955126 * exp(-x * x) * dx


@jit
def erfc_tangent(x, dx):
    """Return the differential of erfc(x), which is -2 / sqrt(pi) exp(-x^2) dx."""
    return 0.0 if dx == 0.0 else -1.1283791670955126 * exp(-x * x) * dx


@jit
def digamma(x):
    """Return the derivative of the logarithm of the gamma function; NaN at zero and at negative integers.

    Source: Abramowitz & Stegun (1964), 6.3.5, 6.3.7, 6.3.18.
    """
    total = 0.0
    if x <= 0.0:
        part = x % 1.0
        if part == 0.0:
            return NAN
        total = -3.141592653589793 / tan(3.141592653589793 * part)
        x = 1.0 - x
    while x < 10.0:
        total -= 1.0 / x
        x += 1.0
    s = 1.0 / (x * x)
    rest = s * (
        0.08333333333333333
        - s
        * (
            0.008333333333333333
            - s
            * (
                0.003968253968253968
                - s * (0.004166666666666667 - s * (0.007575757575757576 - s * 0.021092796092796094))
            )
        )
    )
    return total + log(x) - 0.5 / x - rest


@jit
def lgamma_tangent(x, dx):
    """Return the differential of lgamma(x), which is digamma(x) dx."""
    return 0.0 if dx == 0.0 else digamma(x) * dx


@jit
def gamma_tangent(x, dx):
    """Return the differential of gamma(x), which is gamma(x) digamma(x) dx."""
    return 0.0 if dx == 0.0 else gamma(x) * digamma(x) * dx


@jit
def abs_tangent(x, dx):
    """Return the differential of abs(x), which is dx for x >= 0 and -dx otherwise."""
    return dx if x >= 0.0 else -dx


@jit
def normal_quantile_tangent(probability, mean, deviation, dp, dm, ds):
    """Return the differential of a quantile of the normal distribution.

    The tangent is dm + z ds + dp / (density at the quantile). Here, dp, dm and ds are the tangents of the probability,
    the mean and the standard deviation, and z = (quantile - mean) / deviation.
    """
    z = (normal_quantile(probability, mean, deviation) - mean) / deviation
    return dm + z * ds + dp * deviation * 2.5066282746310002 * exp(0.5 * z * z)


@jit
def lookup_tangent(x, xs, ys, first, last, dx, dxs, dys, dfirst, dlast):
    """Return the differential of a graphical function, which is dx times the slope of the segment that contains x.

    At a point, the segment to its right counts, except at the last point. Beyond the end points, the differential is 0.
    """
    end = last - 1
    if x < xs[first] or x > xs[end] or end == first:
        return 0.0
    i = min(below(x, xs, first, last), end - 1)
    width = xs[i + 1] - xs[i]
    return (ys[i + 1] - ys[i]) / width * dx if width > 0.0 else 0.0
