"""Graphical functions: interpolation, extrapolation, step functions, areas, slopes and inverses.

The points of a graphical function are ``(xs[i], ys[i])`` for `i` from `first` to `last - 1`, in ascending order of x.
Several functions have an argument `kind`, which says how values between and beyond the points are computed:

- 0: linear interpolation.
- 1: linear interpolation, with extrapolation beyond the end points.
- 2: step function with the value of the previous point.
- 3: step function with the value of the next point.
- 4: values only at the points.
"""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

from math import sqrt

from sdcluster.kernel.library.base import INF, NA, NAN, jit

# ---- copied from here


@jit
def below(x, xs, first, last):
    """Return the index of the last point whose x is at most `x`.

    If `x` is less than the x of the first point, the index of the first point is returned.
    """
    low, high = first, last
    while high - low > 1:
        middle = (low + high) // 2
        if xs[middle] <= x:
            low = middle
        else:
            high = middle
    return low


@jit
def lookup(x, xs, ys, first, last):
    """Return the value at `x` by linear interpolation. The value is constant beyond the end points."""
    if x <= xs[first]:
        return ys[first]
    if x >= xs[last - 1]:
        return ys[last - 1]
    i = below(x, xs, first, last)
    if xs[i + 1] == xs[i]:
        return ys[i + 1]
    return ys[i] + (ys[i + 1] - ys[i]) * (x - xs[i]) / (xs[i + 1] - xs[i])


@jit
def lookup_extrapolate(x, xs, ys, first, last):
    """Return the value at `x` by linear interpolation. Beyond the end points, the outermost segments are extended."""
    end = last - 1
    if end > first and x < xs[first]:
        return ys[first] + (ys[first + 1] - ys[first]) * (x - xs[first]) / (
            xs[first + 1] - xs[first]
        )
    if end > first and x > xs[end]:
        return ys[end] + (ys[end] - ys[end - 1]) * (x - xs[end]) / (xs[end] - xs[end - 1])
    return lookup(x, xs, ys, first, last)


@jit
def lookup_hold(x, xs, ys, first, last):
    """Return the value of the last point at or before `x` (step function).

    Before all points, return the first value.
    """
    if x <= xs[first]:
        return ys[first]
    return ys[below(x, xs, first, last)]


@jit
def lookup_forward(x, xs, ys, first, last):
    """Return the value of the first point at or after `x` (step function). After all points, return the last value."""
    if x <= xs[first]:
        return ys[first]
    i = below(x, xs, first, last)
    if xs[i] == x or i == last - 1:
        return ys[i]
    return ys[i + 1]


@jit
def lookup_raw(x, xs, ys, first, last):
    """Return the value of the point whose x is `x`, or `NA` if there is no such point."""
    for i in range(first, last):
        if abs(xs[i] - x) <= 1e-9 * max(1.0, abs(x)):
            return ys[i]
    return NA


@jit
def data_at(x, kind, xs, ys, first, last):
    """Return the value of a data series at time `x`, or `NA` before its first and after its last point."""
    slack = 1e-9 * max(1.0, abs(x))
    if x < xs[first] - slack or x > xs[last - 1] + slack:
        return NA
    if kind == 2:
        return lookup_hold(x, xs, ys, first, last)
    if kind == 3:
        return lookup_forward(x, xs, ys, first, last)
    if kind == 4:
        return lookup_raw(x, xs, ys, first, last)
    return lookup(x, xs, ys, first, last)


@jit
def piece(x, i, kind, xs, ys):
    """Return the value at `x` on the segment from point `i` to point `i + 1`.

    For kind 2, it is the value of the left point; for kind 3, that of the right point.
    """
    if kind == 2:
        return ys[i]
    if kind == 3 or xs[i + 1] == xs[i]:
        return ys[i + 1]
    return ys[i] + (ys[i + 1] - ys[i]) * (x - xs[i]) / (xs[i + 1] - xs[i])


@jit
def moment(a, b, power_of_x, kind, xs, ys, first, last):
    """Return the integral of y (`power_of_x` 0) or of x y (`power_of_x` 1) from `a` to `b`, for a <= b.

    Beyond the end points, y is 0, or extrapolated for kind 1.
    """
    end = last - 1
    total = 0.0
    for i in range(first, end):
        left, right = max(a, xs[i]), min(b, xs[i + 1])
        if kind == 1 and i == first:
            left = a
        if kind == 1 and i == end - 1:
            right = b
        if right <= left:
            continue
        # Simpson's rule is exact here, because y and x y are at most quadratic on a segment.
        middle = 0.5 * (left + right)
        ya, ym, yb = (
            piece(left, i, kind, xs, ys),
            piece(middle, i, kind, xs, ys),
            piece(right, i, kind, xs, ys),
        )
        if power_of_x == 1:
            ya, ym, yb = ya * left, ym * middle, yb * right
        total += (right - left) / 6.0 * (ya + 4.0 * ym + yb)
    return total


@jit
def lookup_area(a, b, kind, xs, ys, first, last):
    """Return the integral of a graphical function from `a` to `b`.

    If `b` is less than `a`, this is minus the integral from `b` to `a`. The function is 0 beyond the end points, or
    extrapolated for kind 1. Infinite bounds are replaced by the end points.
    """
    low, high = min(a, b), max(a, b)
    if low == -INF:
        low = xs[first]
    if high == INF:
        high = xs[last - 1]
    area = moment(low, high, 0, kind, xs, ys, first, last)
    return area if b >= a else -area


@jit
def lookup_mean(a, b, kind, xs, ys, first, last):
    """Return the mean of x between `a` and `b`, weighted by a graphical function; NaN if the weights sum to zero."""
    low, high = max(min(a, b), xs[first]), min(max(a, b), xs[last - 1])
    area = moment(low, high, 0, kind, xs, ys, first, last)
    return NAN if area == 0.0 else moment(low, high, 1, kind, xs, ys, first, last) / area


@jit
def lookup_area_held(a, b, kind, xs, ys, first, last):
    """Return the integral of a graphical function from `a` to `b` (Vensim's LOOKUP AREA).

    Beyond the end points, the function is constant, or extrapolated for kind 1.
    """
    low, high = min(a, b), max(a, b)
    area = lookup_area(low, high, kind, xs, ys, first, last)
    if kind != 1 or last - 1 == first:
        before, after = xs[first], xs[last - 1]
        area += ys[first] * max(min(high, before) - low, 0.0)
        area += ys[last - 1] * max(high - max(low, after), 0.0)
    return area if b >= a else -area


@jit
def lookup_slope(x, mode, kind, xs, ys, first, last):
    """Return the slope at `x`; at a point, the mean of the slopes on both sides (Vensim's LOOKUP SLOPE).

    Beyond the end points, the slope is 0 (mode 0), the slope of the outermost segment (mode 1) or `NA` (mode -1). At
    the first and the last point, modes 1 and -1 return the slope of the adjacent segment. Where two points have the
    same x, the result is `NA`.
    """
    end = last - 1
    if mode < 0.0 and (x < xs[first] or x > xs[end]):
        return NA
    if end == first or kind in (2, 3):
        return 0.0
    total = count = 0.0
    for i in range(first, end):
        a, b = xs[i], xs[i + 1]
        if b == a:
            if x == a:
                return NA
            continue
        beyond = mode > 0.0 and ((i == first and x < a) or (i == end - 1 and x > b))
        if a <= x <= b or beyond:
            total += (ys[i + 1] - ys[i]) / (b - a)
            count += 1.0
    if mode == 0.0 and (x == xs[first] or x == xs[end]):
        return 0.5 * total
    return total / count if count > 0.0 else 0.0


@jit
def lookup_inverse(y, kind, xs, ys, first, last):
    """Return the first x at which the function has the value `y`.

    If `y` is outside the range of values, the result is the x of the end point whose value is closer to `y`. For kind
    1, the outermost segment is extrapolated instead.
    """
    end = last - 1
    for i in range(first, end):
        a, b = ys[i], ys[i + 1]
        if a == y:
            return xs[i]
        if (a < y < b or b < y < a) and kind not in (2, 3):
            return xs[i] + (y - a) * (xs[i + 1] - xs[i]) / (b - a)
        if (a < y < b or b < y < a) or b == y:
            return xs[i + 1]
    nearer_first = abs(y - ys[first]) <= abs(y - ys[end])
    if kind == 1 and end > first:
        i = first if nearer_first else end - 1
        if ys[i + 1] != ys[i]:
            return xs[i] + (y - ys[i]) * (xs[i + 1] - xs[i]) / (ys[i + 1] - ys[i])
    return xs[first] if nearer_first else xs[end]


@jit
def lookup_invert(y, kind, xs, ys, first, last):
    """Return the first x at which the function has the value `y` (Vensim's LOOKUP INVERT).

    The result is `NA` if `y` is outside the range of values.
    """
    least, most = ys[first], ys[first]
    for i in range(first, last):
        least, most = min(least, ys[i]), max(most, ys[i])
    if y < least or y > most:
        return NA
    return lookup_inverse(y, kind, xs, ys, first, last)


@jit
def random_lookup(u, low, high, shift, stretch, kind, xs, ys, first, last):
    """Return the `u`-quantile of a distribution whose density is a graphical function (Vensim's RANDOM LOOKUP).

    The distribution is multiplied by `stretch`, shifted by `shift` and truncated to the range from `low` to `high`.
    """
    a, b = xs[first], xs[last - 1]
    if stretch > 0.0:
        a, b = max(a, (low - shift) / stretch), min(b, (high - shift) / stretch)
    elif stretch < 0.0:
        a, b = max(a, (high - shift) / stretch), min(b, (low - shift) / stretch)
    wanted = u * moment(a, b, 0, kind, xs, ys, first, last)
    found = a
    for i in range(first, last - 1):
        left, right = max(a, xs[i]), min(b, xs[i + 1])
        if right <= left:
            continue
        here = piece(left, i, kind, xs, ys)
        there = piece(right, i, kind, xs, ys)
        area = 0.5 * (here + there) * (right - left)
        if wanted > area:
            wanted -= area
            found = right
            continue
        slope = (there - here) / (right - left)
        root = here + sqrt(max(here * here + 2.0 * slope * wanted, 0.0))
        found = left + (2.0 * wanted / root if root > 0.0 else 0.0)
        break
    return min(max(shift + stretch * found, low), high)


@jit
def data_statistic(a, b, what, kind, xs, ys, first, last):
    """Return a statistic of the values of those points whose x is from `a` to `b`.

    `what` selects the mean (0), minimum (1), maximum (2), standard deviation (3) or number of values (4). Missing
    values (`NA`) are skipped. If there is no value, the result is `NA`.
    """
    count = total = squares = 0.0
    least, most = INF, -INF
    for i in range(first, last):
        if a <= xs[i] <= b and ys[i] != NA:
            count += 1.0
            total += ys[i]
            least, most = min(least, ys[i]), max(most, ys[i])
    if what == 4.0:
        return count
    if count == 0.0:
        return NA
    if what == 1.0:
        return least
    if what == 2.0:
        return most
    mean = total / count
    if what == 0.0:
        return mean
    for i in range(first, last):
        if a <= xs[i] <= b and ys[i] != NA:
            squares += (ys[i] - mean) ** 2
    return sqrt(squares / (count - 1.0)) if count > 1.0 else 0.0
