"""Inverse sine, cosine and tangent.

Functions: `asin`, `acos`, `atan`, `atan2`.

For x > 1/2, asin(x) is computed as pi/2 - 2 asin(sqrt((1 - x) / 2)). The angle of a point is the angle of the nearest
of five fixed directions (those of K. Ng's atan in fdlibm, 1993) plus a small angle. The tangent of the small angle is a
quotient of sums, and a polynomial approximates its arctangent.
"""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

from sdcluster.kernel.library.base import INF, NAN, bits, jit, sqrt
from sdcluster.kernel.library.polynomials import asin_rest, atan_rest
from sdcluster.kernel.library.rounding import product_error, signed_as

# ---- copied from here


@jit
def half_chord(a):
    """Return `a` for a <= 1/2, and sqrt((1 - a) / 2) otherwise."""
    return sqrt(0.5 * (1.0 - a)) if a > 0.5 else a


@jit
def half_chord_rest(a, s):
    """Return asin(h) - s, where h is the half chord without rounding error and s = `half_chord(a)`."""
    z = 0.5 * (1.0 - a) if a > 0.5 else a * a
    square = s * s
    rooted = a > 0.5 and s > 0.0
    root_rest = ((z - square) - product_error(s, s, square)) / (2.0 * s if rooted else 1.0)
    return s * z * asin_rest(z) + (root_rest if rooted else 0.0)


@jit
def asin(x):
    """Return the inverse sine of `x`, from -pi/2 to pi/2; it is NaN for abs(x) > 1."""
    a = abs(x)
    s = half_chord(a)
    rest = half_chord_rest(a, s)
    h = 1.5707963267948966 - 2.0 * s
    far_side = h + (((1.5707963267948966 - h) - 2.0 * s) + (6.123233995736766e-17 - 2.0 * rest))
    return signed_as(far_side if a > 0.5 else s + rest, x)


@jit
def acos(x):
    """Return the inverse cosine of `x`, from 0 to pi; it is NaN for abs(x) > 1."""
    a = abs(x)
    s = half_chord(a)
    rest = half_chord_rest(a, s)
    beyond = a > 0.5
    right = x >= 0.0
    base = (0.0 if right else 3.141592653589793) if beyond else 1.5707963267948966
    base_low = (0.0 if right else 1.2246467991473532e-16) if beyond else 6.123233995736766e-17
    sign = 1.0 if beyond == right else -1.0
    move = sign * (2.0 * s if beyond else s)
    move_rest = sign * (2.0 * rest if beyond else rest)
    h = base + move
    return h + (((base - h) + move) + (base_low + move_rest))


@jit
def angle(y, x, left):
    """Return the angle of the point (x, y), or of (-x, y) if `left`, in radians.

    `x` and `y` are finite, not negative and not both zero.
    """
    flat, middle = y < 0.4375 * x, y < 1.1875 * x
    low = y < 0.6875 * x
    high = y < 2.4375 * x
    three = 3.0 * x
    above = (
        y if flat else 2.0 * y - x if low else y - x if middle else 2.0 * y - three if high else -x
    )
    above_low = (three - 2.0 * x) - x if high and not middle else 0.0
    below = (
        x if flat else 2.0 * x + y if low else x + y if middle else 2.0 * x + 3.0 * y if high else y
    )
    direction = (
        0.0 if flat else 0.4636476090008061 if low else 0.7853981633974483 if middle
        else 0.982793723247329 if high else 1.5707963267948966
    )  # fmt: skip
    direction_low = (
        0.0 if flat else 2.2698777452961687e-17 if low else 3.061616997868383e-17 if middle
        else 1.3903311031230998e-17 if high else 6.123233995736766e-17
    )  # fmt: skip
    base = 3.141592653589793 - direction if left else direction
    base_low = (
        ((3.141592653589793 - base) - direction) + (1.2246467991473532e-16 - direction_low)
        if left
        else direction_low
    )
    t = above / below
    product = t * below
    t_rest = (((above - product) - product_error(t, below, product)) + above_low) / below
    t_rest = t_rest if abs(t) > 1e-290 else 0.0
    z = t * t
    more = t * z * atan_rest(z) + t_rest * (1.0 - z)
    move = -t if left else t
    h = base + move
    return h + (((base - h) + move) + (base_low + (-more if left else more)))


@jit
def atan(x):
    """Return the inverse tangent of `x`, from -pi/2 to pi/2."""
    a = abs(x)
    value = angle(a, 1.0, False) if a < 1e300 else 1.5707963267948966
    return signed_as(value, x) if x == x else x


@jit
def atan2(y, x):
    """Return the angle of the point (x, y), from -pi to pi. The results for zeros and infinities are those of C."""
    a, b = abs(y), abs(x)
    largest = max(a, b)
    unit = (
        4.909093465297727e-91
        if largest > 1e150
        else 4.149515568880993e180
        if largest < 1.0
        else 1.0
    )
    a, b = a * unit, b * unit
    if not 0.0 < largest < INF:
        a = 1.0 if a == INF else 0.0
        b = 1.0 if b == INF or not largest > 0.0 else 0.0
    value = signed_as(angle(a, b, bits(x) < 0), y)
    return value if x == x and y == y else NAN
