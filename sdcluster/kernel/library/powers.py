"""Powers with any real exponent.

Function: `power`.

x^y is computed as e^(y log x). The logarithm and its product with y are stored as sums of two doubles, so that the
error of the result is little more than half a unit in the last place. The method is that of K. Ng's pow in fdlibm
(1993), but with natural logarithms and polynomials of our own.
"""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

from sdcluster.kernel.library.base import INF, NAN, bits, jit
from sdcluster.kernel.library.exponentials import exp_sum
from sdcluster.kernel.library.logarithms import exponent, mantissa
from sdcluster.kernel.library.polynomials import atanh_rest
from sdcluster.kernel.library.rounding import head, is_whole, product_error

# ---- copied from here


@jit
def square(x):
    """Return x^2."""
    return x * x


@jit
def cube(x):
    """Return x^3."""
    return x * x * x


@jit
def fourth_power(x):
    """Return x^4."""
    y = x * x
    return y * y


@jit
def power(x, y):
    """Return x^y, with the special cases of C; NaN if x is negative and y is not an integer."""
    plain = 0.0 < x < INF
    a = abs(x) if 0.0 < abs(x) < INF else 1.0
    size = a * a if y == 2.0 else power_of_positive(a, y)  # the same bits as x * x in an equation
    if plain and y == y:
        return size
    return power_at_edge(x, y, size)


@jit
def power_of_positive(x, y):
    """Return x^y for a positive finite x."""
    small = x < 2.2250738585072014e-308
    a = x * 18014398509481984.0 if small else x
    k = exponent(a) - (54.0 if small else 0.0)
    f = mantissa(a) - 1.0
    # s = f / (2 + f), as s_head + s_rest.
    t = 2.0 + f
    t_head = head(t)
    inverse = 1.0 / t
    s = f * inverse
    s_head = head(s)
    s_rest = inverse * ((f - s_head * t_head) - s_head * (f - (t_head - 2.0)))
    # log(1 + f) = 2/3 s (3 + s^2 + rest).
    z = s * s
    square = s_head * s_head
    rest = z * z * atanh_rest(z) + s_rest * (s_head + s)
    factor = head(3.0 + square + rest)
    factor_rest = rest - ((factor - 3.0) - square)
    u = s_head * factor
    u_rest = s_rest * factor + factor_rest * s
    w = head(u + u_rest)
    w_rest = u_rest - (w - u)
    high = w * 0.6666666716337204
    low = w * -4.967053731282552e-09 + w_rest * 0.6666666666666666
    # Adding k ln 2 gives the logarithm of x, as the sum l + l_rest.
    whole = k * 0.693147180559663
    total = whole + high
    total_rest = (high - (total - whole)) + (low + k * 2.8235290563031577e-13)
    l = total + total_rest  # noqa: E741
    l_rest = total_rest - (l - total)
    e = min(max(y, -1e21), 1e21)  # beyond this bound, every x except 1 gives zero or infinity
    p = e * l
    tail = product_error(e, l, p) + e * l_rest
    return exp_sum(p, tail if abs(p) < 800.0 else 0.0)


@jit
def power_at_edge(x, y, size):
    """Return x^y in the special cases: x is zero, negative, infinite or NaN, or y is NaN.

    `size` is abs(x)^y if that is a finite number.
    """
    if y == 0.0 or x == 1.0:
        return 1.0
    if x != x or y != y:
        return NAN
    a = abs(x)
    if a == 0.0:
        size = INF if y < 0.0 else 0.0
    if a == INF:
        size = 0.0 if y < 0.0 else INF
    if bits(x) >= 0:
        return size
    b = abs(y)
    if not is_whole(b):
        return NAN if 0.0 < a < INF else size
    return size if is_whole(0.5 * b) else -size
