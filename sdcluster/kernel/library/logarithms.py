"""Natural and decimal logarithms.

Functions: `log`, `log1p`, `log10`, and `exponent` and `mantissa` for the module `powers`.

A positive number is written as 2^k (1 + f), where 1 + f is from sqrt(1/2) to sqrt(2). For s = f / (2 + f), log(1 + f)
is 2 atanh(s). This is evaluated as f - f^2 / 2 + s (f^2 / 2 + R), whose largest term is exact (K. Ng, 1983).
"""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

from sdcluster.kernel.library.base import INF, NAN, bits, from_bits, jit
from sdcluster.kernel.library.polynomials import log_rest

# ---- copied from here


@jit
def exponent(x):
    """Return the integer k for which x = 2^k m, with m from sqrt(1/2) to sqrt(2), for a positive normal double x."""
    return (
        from_bits(((bits(x) - 0x3FE6A09E667F3BCD) >> 52) + 0x4338000000000000) - 6755399441055744.0
    )


@jit
def mantissa(x):
    """Return m from x = 2^k m, where k is `exponent(x)`."""
    return from_bits(bits(x) - ((bits(x) - 0x3FE6A09E667F3BCD) & -0x10000000000000))


@jit
def atanh_excess(f):
    """Return log(1 + f) - f + f^2 / 2."""
    s = f / (2.0 + f)
    z = s * s
    return s * (0.5 * f * f + z * log_rest(z))


@jit
def log_sum(k, f, low):
    """Return k ln 2 + log(1 + f) + low."""
    half = 0.5 * f * f
    return k * 0.693147180559663 - (
        (half - (atanh_excess(f) + (k * 2.8235290563031577e-13 + low))) - f
    )


@jit
def log(x):
    """Return the natural logarithm of `x`; it is -inf at zero and NaN for negative numbers."""
    small = x < 2.2250738585072014e-308
    a = abs(x * 18014398509481984.0 if small else x)
    k = exponent(a) - (54.0 if small else 0.0)
    value = log_sum(k, mantissa(a) - 1.0, 0.0)
    edge = -INF if x == 0.0 else INF if x == INF else NAN
    return value if 0.0 < x < INF else edge


@jit
def log1p(x):
    """Return log(1 + x), accurately even near zero; it is -inf at -1 and NaN below -1."""
    inside = -1.0 < x < INF
    a = x if inside else 0.0
    u = 1.0 + a
    lost = a - (u - 1.0) if a < 1.0 else 1.0 - (u - a)
    k = exponent(u)
    near = k == 0.0
    f = a if near else mantissa(u) - 1.0
    value = log_sum(k, f, 0.0 if near else lost / u)
    edge = -INF if x == -1.0 else x if x == INF or x == 0.0 else NAN
    return value if inside and x != 0.0 else edge


@jit
def log10(x):
    """Return the base-10 logarithm of `x`; it is -inf at zero and NaN for negative numbers."""
    small = x < 2.2250738585072014e-308
    a = abs(x * 18014398509481984.0 if small else x)
    k = exponent(a) - (54.0 if small else 0.0)
    f = mantissa(a) - 1.0
    half = 0.5 * f * f
    # log(1 + f) as high + low. `high` has few bits, so that its product with a short constant is exact.
    high = from_bits(bits(f - half) & -0x100000000)
    low = ((f - high) - half) + atanh_excess(f)
    first = k * 0.30102999566383914
    second = high * 0.4342944771051407
    rest = k * 1.42050232272661e-13 + (
        (low + high) * 4.798111141615973e-09 + low * 0.4342944771051407
    )
    total = first + second
    value = total + (((first - total) + second) + rest)
    edge = -INF if x == 0.0 else INF if x == INF else NAN
    return value if 0.0 < x < INF else edge
