"""Rounding to whole numbers, splitting a double, powers of two, the exact remainder.

Crosses the border: `floor`, `ceil`, `trunc`, `fmod`, and `nearest`, `is_whole`, `head`, `two_to`, `scaled` for the
other modules of the library. A sum with 1.5 * 2^52 rounds to a whole number and leaves that number in the low bits, so
nothing here converts between doubles and whole numbers, which vector units of before 2017 cannot do.
"""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

from sdcluster.kernel.library.base import INF, NAN, bits, from_bits, jit

# ---- copied from here


@jit
def nearest(x):
    """Return the nearest whole number, ties to even, for abs(x) < 2^51."""
    return (x + 6755399441055744.0) - 6755399441055744.0


@jit
def two_to(k):
    """Return 2^k for a whole k from -1022 to 1023."""
    return from_bits((bits(k + 6755399441056767.0) & 2047) << 52)


@jit
def scaled(x, k):
    """Return x * 2^k, rounded once, for x about 1 and a whole k from -2044 to 2046."""
    first = nearest(0.5 * k)
    return x * two_to(first) * two_to(k - first)


@jit
def head(x):
    """Return the leading 26 bits of a double, rounded; the rest, x - head(x), has 26 bits as well (T. Dekker, 1971)."""
    return from_bits((bits(x) + 0x4000000) & -0x8000000)


@jit
def product_error(x, y, product):
    """Return x * y - product, exactly, where `product` is x * y as rounded (T. Dekker, 1971)."""
    a, b = head(x), head(y)
    c, d = x - a, y - b
    return ((a * b - product) + a * d + c * b) + c * d


@jit
def sum_error(x, y, total):
    """Return x + y - total, exactly, where `total` is x + y as rounded (D. Knuth, 1969)."""
    part = total - x
    return (x - (total - part)) + (y - part)


@jit
def signed_as(x, y):
    """Return x, not negative, with the sign of y."""
    return x if bits(y) >= 0 else -x


@jit
def trunc(x):
    """Return x without its fraction."""
    a = abs(x)
    near = (a + 4503599627370496.0) - 4503599627370496.0
    cut = near - 1.0 if near > a else near
    return signed_as(cut, x) if a < 4503599627370496.0 else x


@jit
def floor(x):
    """Return the greatest whole number that is not above x."""
    cut = trunc(x)
    return cut - 1.0 if cut > x else cut


@jit
def ceil(x):
    """Return the least whole number that is not below x; -0.0 for -1 < x < 0, as in C."""
    return -floor(-x)


@jit
def is_whole(x):
    """Whether a number that is not negative is whole; infinity is."""
    return x >= 4503599627370496.0 or (x + 4503599627370496.0) - 4503599627370496.0 == x


@jit
def fmod(x, y):
    """Return the remainder of x / y with the sign of x, exactly, as C does.

    Long division: the divisor times a power of 2^50 goes into what is left fewer than 2^52 times, and that many
    times it is taken away without rounding.
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
