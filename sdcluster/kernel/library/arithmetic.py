"""Arithmetic: division, rounding, roots, combinations."""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

from math import exp, lgamma, log
from math import pow as power

from sdcluster.kernel.library.base import INF, NAN, jit

# ---- copied from here


@jit
def safe_divide(a, b, otherwise):
    """Return a / b, or `otherwise` if b is nearly zero (Vensim's ZIDZ and XIDZ)."""
    if abs(b) < 1e-6:
        return otherwise
    return a / b


@jit
def integer(x):
    """Return `x` truncated towards zero."""
    return x - modulo(x, 1.0)


@jit
def round_half_up(x):
    """Return `x` rounded to the nearest integer, halves upwards."""
    up = x + 0.5
    part = modulo(up, 1.0)
    return up - part if part >= 0.0 else up - part - 1.0


@jit
def restricted(x, low, high, multiple, value, distance):
    """Round to the nearest multiple, snap to `value` if near it, and clip to the bounds (Vensim, SINTEG)."""
    if multiple > 0.0:
        x = round_half_up(x / multiple) * multiple
    if abs(x - value) < distance:
        x = value
    return min(max(x, low), high)


@jit
def modulo(a, b):
    """Return the remainder, with the sign of `a`."""
    if b == 0.0:
        return NAN
    rest = abs(a) % abs(b)
    return -rest if a < 0.0 else rest


@jit
def remainder(a, b):
    """Return the remainder, with the sign of `b` (XMILE 1.0, section 3.3.1)."""
    rest = modulo(a, b)
    return rest + b if rest * b < 0.0 else rest


@jit
def floor_of(x):
    """Return the greatest integer less than or equal to `x` (XMILE 1.0, section 3.5.1)."""
    return x - remainder(x, 1.0)


@jit
def quantum(x, q):
    """Return `x` rounded towards zero to a multiple of `q`."""
    if q <= 0.0:
        return x
    return q * (x / q - modulo(x / q, 1.0))


@jit
def logarithm(x, base):
    """Return the logarithm of `x` to `base`."""
    return log(x) / log(base)


@jit
def sign(x):
    """Return -1, 0 or 1."""
    if x > 0.0:
        return 1.0
    return -1.0 if x < 0.0 else x * 0.0


@jit
def root(x, n):
    """Return the `n`-th root; odd roots of negative numbers are negative."""
    if n == 0.0:
        return NAN
    if x >= 0.0:
        return power(x, 1.0 / n)
    return -power(-x, 1.0 / n) if n % 2.0 == 1.0 else NAN


@jit
def gamma_ln(x):
    """Return the logarithm of the gamma function; NaN where undefined."""
    if x > 1e305:
        return INF
    return lgamma(x) if x > 0.0 else NAN


@jit
def permutations(n, r):
    """Return n! / (n - r)!, for integers 0 <= r <= n."""
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
    """Return n! / (r! (n - r)!), for integers 0 <= r <= n."""
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
    """Return n!; infinity for n >= 171."""
    if n < 0.0:
        return NAN
    return permutations(n, n)


@jit
def s_shape(x, bottom, top):
    """Return a logistic curve between two values as `x` goes from 0 to 1 (Vensim's SSHAPE)."""
    return bottom + (top - bottom) / (1.0 + exp(-4.0 * (2.0 * x - 1.0)))
