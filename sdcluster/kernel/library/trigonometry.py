"""Sine, cosine and tangent.

Functions: `sin`, `cos`, `tan`.

To reduce an argument, its nearest multiple of pi/2 is subtracted. The difference is stored as a sum of two doubles.
For arguments up to 25000, pi/2 is split into three parts whose products with an integer below 2^14 are exact (W. Cody &
W. Waite, 1980). Larger arguments are multiplied by the relevant bits of 2/pi in integer arithmetic (M. Payne &
R. Hanek, 1983).
"""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

from sdcluster.kernel.library.base import INDEX, INF, NAN, bits, jit
from sdcluster.kernel.library.polynomials import cos_rest, sin_rest
from sdcluster.kernel.library.rounding import nearest, product_error, signed_as, sum_error

# ---- copied from here

# The digits of 2/pi in base 2^28, after three zeros.
TWO_OVER_PI = INDEX((
    0, 0, 0,
    170891318, 240010261, 44024437, 131200308, 232525238, 43358524, 70845471, 240214955, 233552982, 28779630,
    61088989, 48236105, 49193117, 26352894, 31371723, 19507006, 243802975, 86948676, 139368903, 2536543,
    132387737, 30816643, 87269193, 210001803, 199201411, 186644631, 268296281, 135261999, 18396576, 174923629,
    57142514, 130746807, 83125238, 111042538, 47665787, 180874213, 253211600, 121239434, 86584998, 201023409,
    33084880, 139854640, 74434486, 195817679,
))  # fmt: skip


@jit
def quarters(x):
    """Return the integer k for which k quarter turns (pi/2 each) are nearest to x radians, for k below 2^14."""
    return nearest(x * 0.6366197723675814)


@jit
def less_quarters(x, k):
    """Return x - k pi/2 as a rounded double, for k = `quarters(x)`."""
    u = x - k * 1.5707963267923333
    w = k * 2.5633441515905732e-12
    d = u - w
    return d + (sum_error(u, -w, d) - k * 3.9455541665632055e-24)


@jit
def less_quarters_low(x, k, r):
    """Return the rounding error x - k pi/2 - r of r = `less_quarters(x, k)`."""
    u = x - k * 1.5707963267923333
    w = k * 2.5633441515905732e-12
    d = u - w
    return (sum_error(u, -w, d) - k * 3.9455541665632055e-24) - (r - d)


@jit
def far(x, part):
    """Return one part of the reduction of a positive x of any size by multiples of pi/2.

    Part 0 is the number of quarter turns modulo 4, part 1 the remainder in radians, and part 2 the rounding error of
    the remainder. x is written as m 2^e with an integer m. Leading digits of 2/pi are skipped if their product with x
    is a multiple of 4, which means whole turns.
    """
    pattern = bits(x)
    e = min(max((pattern >> 52) - 1075, -40), 972) + 56
    m = (pattern & 0xFFFFFFFFFFFFF) | 0x10000000000000
    first = (e * 2341) >> 16  # e / 28, without its fraction
    shift = e - 28 * first
    mask = 0xFFFFFFF
    bottom = (m & mask) << shift
    upper = ((m >> 28) << shift) + (bottom >> 28)
    m0, m1, m2 = bottom & mask, upper & mask, upper >> 28
    carry = 0
    total = 0.0
    lost = 0.0
    unit = 2.6727647100921956e-51  # 2^-168
    for i in range(6):
        at = first + 6 - i
        digits = m0 * TWO_OVER_PI[at] + m1 * TWO_OVER_PI[at + 1] + m2 * TWO_OVER_PI[at + 2] + carry
        digit = digits & mask
        carry = digits >> 28
        if i == 5 and digit >= 0x8000000:
            digit -= 0x10000000
            carry += 1
        term = float(digit) * unit
        more = term + total
        lost += total - (more - term)
        total = more
        unit *= 268435456.0
    if part == 0:
        digits = (
            m0 * TWO_OVER_PI[first]
            + m1 * TWO_OVER_PI[first + 1]
            + m2 * TWO_OVER_PI[first + 2]
            + carry
        )
        return float(digits & 3)
    r = total + lost
    low = lost - (r - total)
    product = r * 1.5707963267948966
    rest = product_error(r, 1.5707963267948966, product) + (
        r * 6.123233995736766e-17 + low * 1.5707963267948966
    )
    angle = product + rest
    return angle if part == 1 else rest - (angle - product)


@jit
def sine_of(r, low, z):
    """Return sin(r + low), where abs(r) <= pi/4, z = r^2 and `low` is much smaller than r."""
    return r + (r * z * sin_rest(z) + low * (1.0 - 0.5 * z))


@jit
def cosine_of(r, low, z):
    """Return cos(r + low), where abs(r) <= pi/4, z = r^2 and `low` is much smaller than r."""
    half = 0.5 * z
    w = 1.0 - half
    return w + (((1.0 - w) - half) + (z * z * cos_rest(z) - r * low))


@jit
def sine(x, turn):
    """Return sin(x + turn pi/2) for x >= 0."""
    k = quarters(x)
    r = less_quarters(x, k)
    low = less_quarters_low(x, k, r)
    if x > 25000.0:
        k = far(x, 0)
        r = far(x, 1)
        low = far(x, 2)
    q = bits(k + (6755399441055744.0 + turn))
    z = r * r
    value = sine_of(r, low, z) if q & 1 == 0 else cosine_of(r, low, z)
    value = value if q & 2 == 0 else -value
    return value if x < INF else NAN


@jit
def sin(x):
    """Return the sine of an angle in radians."""
    return signed_as(1.0, x) * sine(abs(x), 0.0)


@jit
def cos(x):
    """Return the cosine of an angle in radians."""
    return sine(abs(x), 1.0)


@jit
def sin_tail(z):
    """Return the polynomial `sin_rest(z)` without its constant term -0.16666666666666632."""
    z2 = z * z
    return (
        0.00833333333332237 * z + (-0.00019841269829771075 + 2.7557313678606834e-06 * z) * z2
    ) + (-2.5050755950550434e-08 + 1.5896665846769455e-10 * z) * (z2 * z2)


@jit
def tan(x):
    """Return the tangent of an angle in radians."""
    a = abs(x)
    k = quarters(a)
    r = less_quarters(a, k)
    low = less_quarters_low(a, k, r)
    if a > 25000.0:
        k = far(a, 0)
        r = far(a, 1)
        low = far(a, 2)
    odd = bits(k + 6755399441055744.0) & 1 == 1
    # Sine and cosine in two doubles each, and their quotient with its rounding error.
    z = r * r
    z_low = product_error(r, r, z)
    half = 0.5 * z
    cube = r * z
    cube_low = product_error(r, z, cube) + r * z_low
    third = cube * -0.16666666666666632
    third_low = product_error(cube, -0.16666666666666632, third) + cube_low * -0.16666666666666632
    begun = r + third
    s_more = (third - (begun - r)) + (third_low + (cube * sin_tail(z) + low * (1.0 - half)))
    s = begun + s_more
    s_low = s_more - (s - begun)
    w = 1.0 - half
    c_more = ((1.0 - w) - half) + (z * z * cos_rest(z) - (0.5 * z_low + r * low))
    c = w + c_more
    c_low = c_more - (c - w)
    above = -c if odd else s
    above_low = -c_low if odd else s_low
    below = s if odd else c
    below_low = s_low if odd else c_low
    quotient = above / below
    product = quotient * below
    rest = (
        (above - product)
        - product_error(quotient, below, product)
        + (above_low - quotient * below_low)
    )
    value = signed_as(1.0, x) * (quotient + rest / below)
    return value if a < INF else NAN
