"""Exponential and hyperbolic functions.

Functions: `exp`, `expm1`, `sinh`, `cosh`, `tanh`, and `exp_sum` for the module `powers`.

Each function writes its argument as k ln 2 + r, where k is an integer, abs(r) <= ln(2) / 2, and r is a sum of two
doubles (W. Cody & W. Waite, 1980). The function then combines 2^k and a polynomial in r without cancellation. Its code
has no branches and can be vectorized.
"""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

from sdcluster.kernel.library.base import jit
from sdcluster.kernel.library.polynomials import cosh_rest, exp_rest, sinh_rest
from sdcluster.kernel.library.rounding import nearest, scaled, signed_as, sum_error, two_to

# ---- copied from here


@jit
def halvings(x):
    """Return the integer k for which x - k ln 2 is nearest to zero."""
    return nearest(x * 1.4426950408889634)


@jit
def reduced(x, k):
    """Return h such that x - k ln 2 is h - `reduced_low(k)`. The double h has no rounding error."""
    return x - k * 0.693147180559663


@jit
def reduced_low(k):
    """Return the small number by which `reduced(x, k)` exceeds x - k ln 2."""
    return k * 2.8235290563031577e-13


@jit
def exp_tail(h, low):
    """Return e^(h - low) - (1.0 + h), for `low` much smaller than `h`."""
    r = h - low
    return (h - ((1.0 + h) - 1.0)) - low + r * r * exp_rest(r)


@jit
def exp_sum(x, tail):
    """Return e^(x + tail), for `tail` much smaller than x."""
    a = min(max(x, -800.0), 800.0)
    k = halvings(a)
    h = reduced(a, k)
    return scaled((1.0 + h) + exp_tail(h, reduced_low(k) - tail), k)


@jit
def exp(x):
    """Return e^x."""
    return exp_sum(x, 0.0)


@jit
def expm1(x):
    """Return e^x - 1, accurately even near zero."""
    a = min(max(x, -60.0), 800.0)
    k = halvings(a)
    h = reduced(a, k)
    one = two_to(-min(k, 1000.0))  # becomes 1 when multiplied by 2^k
    s = 1.0 + h
    d = s - one
    value = scaled(d + (sum_error(s, -one, d) + exp_tail(h, reduced_low(k))), k)
    return value if x != 0.0 else x


@jit
def odd_part(h, low):
    """Return sinh(h - low)."""
    r = h - low
    z = r * r
    return h + (r * z * sinh_rest(z) - low)


@jit
def sinh_of(k, h):
    """Return sinh(k ln 2 + r) / 2 for r = h - `reduced_low(k)` and k from 0 to 1025.

    The formula is sinh(k ln 2 + r) = (2^k + 2^-k) / 2 sinh(r) + (2^k - 2^-k) / 2 cosh(r).
    """
    up, down = two_to(k - 2.0), two_to(-2.0 - min(k, 900.0))
    r = h - reduced_low(k)
    z = r * r
    return (up - down) + (
        (up - down) * (z * cosh_rest(z)) + (up + down) * odd_part(h, reduced_low(k))
    )


@jit
def cosh_of(k, h):
    """Return cosh(k ln 2 + r) / 2, for r and k as in `sinh_of`."""
    up, down = two_to(k - 2.0), two_to(-2.0 - min(k, 900.0))
    r = h - reduced_low(k)
    z = r * r
    return (up + down) + (
        (up + down) * (z * cosh_rest(z)) + (up - down) * odd_part(h, reduced_low(k))
    )


@jit
def sinh(x):
    """Return the hyperbolic sine of `x`."""
    a = min(abs(x), 710.6)
    k = halvings(a)
    return signed_as(2.0 * sinh_of(k, reduced(a, k)), x)


@jit
def cosh(x):
    """Return the hyperbolic cosine of `x`."""
    a = min(abs(x), 710.6)
    k = halvings(a)
    return 2.0 * cosh_of(k, reduced(a, k))


@jit
def tanh(x):
    """Return the hyperbolic tangent of `x`."""
    a = min(abs(x), 22.0)
    k = halvings(a)
    h = reduced(a, k)
    return signed_as(sinh_of(k, h) / cosh_of(k, h), x)
