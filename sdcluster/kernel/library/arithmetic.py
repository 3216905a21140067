"""Arithmetic: division, rounding, remainders, roots, combinations."""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

from math import exp, lgamma, log
from math import pow as power

from sdcluster.kernel.library.base import INF, NAN, jit

# ---- copied from here


@jit
def safe_divide(a, b, otherwise):
    """Return a / b, or `otherwise` if abs(b) < 1e-6 (Vensim's ZIDZ and XIDZ)."""
    if abs(b) < 1e-6:
        return otherwise
    return a / b


@jit
def integer(x):
    """Return `x` truncated towards zero."""
    return x - modulo(x, 1.0)


@jit
def round_half_up(x):
    """Return `x` rounded to the nearest integer. Halves are rounded up."""
    up = x + 0.5
    part = modulo(up, 1.0)
    return up - part if part >= 0.0 else up - part - 1.0


@jit
def restricted(x, low, high, multiple, value, distance):
    """Return `x` rounded, snapped to a value and clipped to bounds (Vensim's SINTEG).

    First, `x` is rounded to the nearest multiple of `multiple`. If the result is closer than `distance` to `value`, it
    is replaced by `value`. Finally, it is limited to the range from `low` to `high`.
    """
    if multiple > 0.0:
        x = round_half_up(x / multiple) * multiple
    if abs(x - value) < distance:
        x = value
    return min(max(x, low), high)


@jit
def modulo(a, b):
    """Return the remainder of a / b, with the sign of `a`. The remainder is NaN if b is 0."""
    if b == 0.0:
        return NAN
    rest = abs(a) % abs(b)
    return -rest if a < 0.0 else rest


@jit
def remainder(a, b):
    """Return the remainder of a / b, with the sign of `b` (XMILE 1.0, section 3.3.1)."""
    rest = modulo(a, b)
    return rest + b if rest * b < 0.0 else rest


@jit
def floor_of(x):
    """Return the greatest integer less than or equal to `x` (XMILE 1.0, section 3.5.1)."""
    return x - remainder(x, 1.0)


@jit
def quantum(x, q):
    """Return `x` rounded towards zero to a multiple of `q`, or `x` itself if `q` is not positive."""
    if q <= 0.0:
        return x
    return q * (x / q - modulo(x / q, 1.0))


@jit
def logarithm(x, base):
    """Return the logarithm of `x` to `base`."""
    return log(x) / log(base)


@jit
def sign(x):
    """Return -1, 0 or 1 if `x` is negative, zero or positive."""
    if x > 0.0:
        return 1.0
    return -1.0 if x < 0.0 else x * 0.0


@jit
def root(x, n):
    """Return the `n`-th root of `x`. An odd root of a negative number is negative, an even root NaN."""
    if n == 0.0:
        return NAN
    if x >= 0.0:
        return power(x, 1.0 / n)
    return -power(-x, 1.0 / n) if n % 2.0 == 1.0 else NAN


@jit
def gamma_ln(x):
    """Return the logarithm of the gamma function for x > 0, and NaN otherwise."""
    if x > 1e305:
        return INF
    return lgamma(x) if x > 0.0 else NAN


@jit
def permutations(n, r):
    """Return n! / (n - r)! for integers 0 <= r <= n, and 0 otherwise. Fractions of `n` and `r` are dropped."""
    n, r = n - n % 1.0, r - r % 1.0
    if not 0.0 <= r <= n:
        return 0.0
    result = 1.0
    while r > 0.0 and result < INF:
        result *= n
        n -= 1.0
        r -= 1.0
    return result


@jit
def combinations(n, r):
    """Return n! / (r! (n - r)!) for integers 0 <= r <= n, and 0 otherwise. Fractions of `n` and `r` are dropped."""
    n, r = n - n % 1.0, r - r % 1.0
    if not 0.0 <= r <= n:
        return 0.0
    r = min(r, n - r)
    result, i = 1.0, 1.0
    while i <= r and result < INF:
        result = result * (n - r + i) / i
        i += 1.0
    return result


@jit
def factorial(n):
    """Return n!, which is infinite as a double for n >= 171. The result is NaN for negative `n`."""
    if n < 0.0:
        return NAN
    return permutations(n, n)


@jit
def s_shape(x, bottom, top):
    """Return the value at `x` of a logistic curve (Vensim's SSHAPE).

    The curve rises from near `bottom` at x = 0 to near `top` at x = 1.
    """
    return bottom + (top - bottom) / (1.0 + exp(-4.0 * (2.0 * x - 1.0)))
