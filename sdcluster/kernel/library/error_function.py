"""The error function and its complement.

Functions: `erf`, `erfc`.

For x >= 1/2, erfc(x) is computed as e^(-x^2) / (x + 4) times a polynomial in 1 / (x + 4), as in J. Schonfelder (1978)
but with other constants. The square in e^(-x^2) is stored as a sum of two doubles.
"""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

from sdcluster.kernel.library.base import jit
from sdcluster.kernel.library.exponentials import exp_sum
from sdcluster.kernel.library.polynomials import erf_rest, erfc_rest
from sdcluster.kernel.library.rounding import product_error, signed_as

# ---- copied from here


@jit
def erfc_above(x):
    """Return erfc(x) for x >= 1/2."""
    a = min(x, 28.0)
    square = a * a
    total = a + 4.0
    t = 1.0 / total
    # The rounding error of t. In the result, it is larger by a factor of about 1 + 4 t + 38 t^2.
    product = t * total
    missing = (1.0 - product) - product_error(t, total, product) - t * (a - (total - 4.0))
    value = t * erfc_rest(t - 0.125)
    value = value + value * (missing * (1.0 + t * (4.0 + 38.0 * t)))
    return exp_sum(-square, -product_error(a, a, square)) * value


@jit
def erf(x):
    """Return the error function at `x`."""
    a = abs(x)
    if a < 1.0:
        return x + x * erf_rest(x * x)
    return signed_as(1.0 - erfc_above(a), x)


@jit
def erfc(x):
    """Return 1 - erf(x), accurately even where the result is small."""
    if x < 0.5 and x > -1.0:
        return 1.0 - (x + x * erf_rest(x * x))
    above = erfc_above(abs(x))
    return 2.0 - above if x < 0.0 else above
