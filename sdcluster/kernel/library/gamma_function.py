"""The gamma function and its logarithm.

Functions: `gamma`, `lgamma`.

Polynomials approximate the gamma function on [2, 3] and its logarithm on [1, 3]. Other arguments up to 12 are reduced
to these intervals by recurrence (Abramowitz & Stegun, 1964, 6.1.15). Larger arguments use Stirling's series (6.1.40).
Negative arguments use the reflection formula (6.1.17).
"""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

from sdcluster.kernel.library.base import INF, NAN, bits, jit
from sdcluster.kernel.library.exponentials import exp_sum
from sdcluster.kernel.library.logarithms import log
from sdcluster.kernel.library.polynomials import gamma_about, lgamma_high, lgamma_low, stirling_rest
from sdcluster.kernel.library.powers import power_of_positive
from sdcluster.kernel.library.rounding import floor, is_whole, nearest, product_error
from sdcluster.kernel.library.trigonometry import cosine_of, sine_of

# ---- copied from here


@jit
def half_turn_sine(x):
    """Return abs(sin(pi x)) for x >= 0. The sign of sin(pi x) is `alternating(x)`."""
    part = x - floor(x)
    near = nearest(2.0 * part)
    part = part - 0.5 * near
    r = part * 3.141592653589793
    low = product_error(part, 3.141592653589793, r) + part * 1.2246467991473532e-16
    z = r * r
    return abs(cosine_of(r, low, z) if near == 1.0 else sine_of(r, low, z))


@jit
def alternating(x):
    """Return 1 if the integer part of x is even and -1 if it is odd, for x >= 0."""
    whole = floor(x)
    return 1.0 if is_whole(0.5 * whole) else -1.0


@jit
def descent(x):
    """Return the product (x - 1) (x - 2) ..., whose last factor is in [2, 3), for x from 2 to 13.

    The product is rounded only once. It is 1 for x < 3.
    """
    product = 1.0
    lost = 0.0
    factor = x - 1.0
    for _ in range(10):
        if factor >= 2.0:
            more = product * factor
            lost = lost * factor + product_error(product, factor, more)
            product = more
            factor -= 1.0
    return product + lost


@jit
def gamma_up_to_twelve(x):
    """Return gamma(x) for 0 < x < 12."""
    value = gamma_about((x - floor(x)) - 0.5)
    if x >= 2.0:
        return value * descent(x)
    if x >= 1.0:
        return value / x
    more = x + 1.0
    below = x * more
    rest = product_error(x, more, below) + x * (x - (more - 1.0))
    quotient = value / below
    return quotient - quotient * (rest / below)


@jit
def gamma_from_twelve(x, y):
    """Return gamma(x) / 2^200 if y is zero, and pi / (gamma(x) y) otherwise, for x >= 12.

    Stirling's series is a power of x times an exponential. To avoid overflow, the square root of the power is computed,
    and the exponential is multiplied by it twice.
    """
    root = power_of_positive(x, 0.5 * x - 0.25)
    # The last number corrects the rounded sqrt(2 pi) in the next line.
    tail = stirling_rest(1.0 / (x * x)) / x - 7.57e-17
    fall = exp_sum(-x, tail) * 2.5066282746310007 * 6.223015277861142e-61
    part = root * fall
    value = part * root
    rest = product_error(root, fall, part) * root + product_error(part, root, value)
    if y == 0.0:
        return value + rest
    below = value * y
    below_rest = product_error(value, y, below) + rest * y
    quotient = 3.141592653589793 / below
    product = quotient * below
    left = (3.141592653589793 - product) - product_error(quotient, below, product)
    left = left + (1.2246467991473532e-16 - quotient * below_rest)
    return (quotient + left / below) * 6.223015277861142e-61


@jit
def gamma(x):
    """Return the gamma function at `x`.

    The result is infinite at zero, with the sign of the zero, and NaN at negative integers and minus infinity.
    """
    a = abs(x)
    if not (x > 0.0 or (x < 0.0 and not is_whole(a))):
        zero = -INF if bits(x) < 0 else INF
        return zero if a == 0.0 else NAN
    if a < 1e-20:
        return 1.0 / x
    if x >= 12.0:
        return gamma_from_twelve(min(a, 190.0), 0.0) * 1.6069380442589903e60
    if x > 0.0:
        return gamma_up_to_twelve(x)
    around = a * half_turn_sine(a)
    if a >= 12.0:
        return -alternating(a) * gamma_from_twelve(min(a, 190.0), around)
    return -alternating(a) * (3.141592653589793 / (around * gamma_up_to_twelve(a)))


@jit
def lgamma_of_positive(x):
    """Return the logarithm of gamma(x) for x > 0."""
    if x < 2.0:
        above = x >= 1.0
        u = x - 1.5 if above else x - 0.5
        value = (u + 0.5) * (u - 0.5) * lgamma_low(u)
        return value + 0.0 if above else value - log(x)  # 0.0 at 1, not -0.0
    if x < 12.0:
        u = (x - floor(x)) - 0.5
        return (u + 0.5) * lgamma_high(u) + log(descent(x))
    return (x - 0.5) * (log(x) - 1.0) + (0.4189385332046727 + stirling_rest(1.0 / (x * x)) / x)


@jit
def lgamma(x):
    """Return the logarithm of abs(gamma(x)).

    The result is infinity at zero, at negative integers and at both infinities.
    """
    a = abs(x)
    if x > 0.0:
        return lgamma_of_positive(x)
    if x != x:
        return x
    if is_whole(a):
        return INF
    if a < 1e-17:
        return -log(a)
    return log(3.141592653589793 / (a * half_turn_sine(a))) - lgamma_of_positive(a)
