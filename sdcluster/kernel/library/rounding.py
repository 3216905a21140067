"""Rounding to integers, splitting of doubles, powers of two, exact remainders.

Functions: `floor`, `ceil`, `trunc`, `fmod`; for the other modules of the library also `nearest`, `is_whole`, `head`,
`two_to` and `scaled`.

To round a double to an integer, 1.5 * 2^52 is added. The low bits of the sum are then the integer, without any
conversion between doubles and integers. (Vector units before 2017 have no instruction for this conversion.)
"""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

from sdcluster.kernel.library.base import INF, NAN, bits, from_bits, jit

# ---- copied from here


@jit
def nearest(x):
    """Return the integer nearest to x, with ties to even, for abs(x) < 2^51."""
    return (x + 6755399441055744.0) - 6755399441055744.0


@jit
def two_to(k):
    """Return 2^k for an integer k from -1022 to 1023."""
    return from_bits((bits(k + 6755399441056767.0) & 2047) << 52)


@jit
def scaled(x, k):
    """Return x * 2^k with a single rounding, for x near 1 and an integer k from -2044 to 2046."""
    first = nearest(0.5 * k)
    return x * two_to(first) * two_to(k - first)


@jit
def head(x):
    """Return the leading 26 bits of x. The remainder x - head(x) fits in 26 bits too (T. Dekker, 1971)."""
    return from_bits((bits(x) + 0x4000000) & -0x8000000)


@jit
def product_error(x, y, product):
    """Return the exact value of x * y - product, where `product` is x * y rounded (T. Dekker, 1971)."""
    a, b = head(x), head(y)
    c, d = x - a, y - b
    return ((a * b - product) + a * d + c * b) + c * d


@jit
def sum_error(x, y, total):
    """Return the exact value of x + y - total, where `total` is x + y rounded (D. Knuth, 1969)."""
    part = total - x
    return (x - (total - part)) + (y - part)


@jit
def signed_as(x, y):
    """Return `x` with the sign of `y`, for x >= 0."""
    return x if bits(y) >= 0 else -x


@jit
def trunc(x):
    """Return x truncated towards zero."""
    a = abs(x)
    near = (a + 4503599627370496.0) - 4503599627370496.0
    cut = near - 1.0 if near > a else near
    return signed_as(cut, x) if a < 4503599627370496.0 else x


@jit
def floor(x):
    """Return the greatest integer less than or equal to x."""
    cut = trunc(x)
    return cut - 1.0 if cut > x else cut


@jit
def ceil(x):
    """Return the least integer greater than or equal to x. It is -0.0 for -1 < x < 0, as in C."""
    return -floor(-x)


@jit
def is_whole(x):
    """Whether x is an integer, for x >= 0. Infinity counts as an integer."""
    return x >= 4503599627370496.0 or (x + 4503599627370496.0) - 4503599627370496.0 == x


@jit
def fmod(x, y):
    """Return the exact remainder of x / y, with the sign of x, as in C.

    The method is long division. Each step divides by the divisor times a power of 2^50. The quotient of a step is an
    integer below 2^52, so that the remainder of the step has no rounding error.
    """
    a, b = abs(x), abs(y)
    if not (a < INF and b > 0.0):
        return NAN
    divisor = b
    if b < INF:
        while divisor <= a * 8.881784197001252e-16:
            divisor *= 1125899906842624.0
    rest = a
    while True:
        if rest >= divisor:
            shrink = 5.421010862427522e-20 if rest > 1e290 else 1.0
            r, d = rest * shrink, divisor * shrink
            times = trunc(r / d)
            taken = times * d
            r = (r - taken) - product_error(times, d, taken)
            r = r + d if r < 0.0 else r
            rest = r / shrink
        if divisor <= b:
            return signed_as(rest, x)
        divisor *= 8.881784197001252e-16
