"""Functions that printed kernels call; their source is put in front of each kernel, for plain Python and for numba.

Everything between the marks is copied; `jit` is the identity in plain Python. Sources: XMILE 1.0, sections 3.5 and 4.2;
Vensim reference manual, functions.
"""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

from math import erf, exp, fmod, log, sqrt
from math import pow as power

INF = float("inf")
NAN = float("nan")


def jit(function):
    """Stand in for the compiler's decorator."""
    return function


# ---- copied from here


@jit
def below(x, xs, first, last):
    """Return the place of the last point at or before `x`, which must not lie before the first one."""
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
    """Interpolate linearly between the points from `first` up to `last`; the end values hold outside."""
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
    """Interpolate linearly; the end slopes go on outside."""
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
    """Return the value of the last point at or before `x`: a staircase."""
    if x <= xs[first]:
        return ys[first]
    return ys[below(x, xs, first, last)]


@jit
def lookup_forward(x, xs, ys, first, last):
    """Return the value of the first point at or after `x`: a staircase that looks ahead."""
    if x <= xs[first]:
        return ys[first]
    i = below(x, xs, first, last)
    if xs[i] == x or i == last - 1:
        return ys[i]
    return ys[i + 1]


@jit
def lookup_raw(x, xs, ys, first, last):
    """Return the value of the point at `x`, and NaN elsewhere."""
    for i in range(first, last):
        if abs(xs[i] - x) <= 1e-9 * max(1.0, abs(x)):
            return ys[i]
    return NAN


@jit
def safe_divide(a, b, otherwise):
    """Return a / b, and `otherwise` where b is as good as zero (Vensim's ZIDZ and XIDZ)."""
    if abs(b) < 1e-6:
        return otherwise
    return a / b


@jit
def ramp(t, slope, start, finish):
    """Return 0 before `start`, then rise until `finish`."""
    if t <= start:
        return 0.0
    return slope * (min(t, finish) - start)


@jit
def pulsing(t, start, interval, width, end):
    """Tell whether a train of pulses is on."""
    if t < start:
        return False
    if interval <= 0.0:
        return t - start < width
    if t >= end:
        return False
    return (t - start) % interval < width


@jit
def integer(x):
    """Cut off the fraction."""
    return x - fmod(x, 1.0)


@jit
def round_half_up(x):
    """Round to the nearest whole number, halves upwards."""
    up = x + 0.5
    part = fmod(up, 1.0)
    return up - part if part >= 0.0 else up - part - 1.0


@jit
def modulo(a, b):
    """Return the remainder, with the sign of `a`."""
    return fmod(a, b)


@jit
def quantum(x, q):
    """Return the largest multiple of `q` towards zero."""
    if q <= 0.0:
        return x
    return q * (x / q - fmod(x / q, 1.0))


@jit
def logarithm(x, base):
    """Return the logarithm of `x` to `base`."""
    return log(x) / log(base)


@jit
def select_start(action):
    """Return the neutral start of VECTOR SELECT's actions 0 to 10."""
    kind = int(action + 0.5)
    if kind in (1, 5, 7):
        return 1.0
    if kind in (2, 8):
        return INF
    if kind in (3, 9):
        return -INF
    return 0.0


@jit
def select_step(action, total, weight, value):
    """Take one selected element in: 0 to 5 weigh it, 6 to 10 do not."""
    kind = int(action + 0.5)
    if kind == 5:
        return total * power(value, weight)
    if kind < 5:
        value = value * weight
    if kind in (1, 7):
        return total * value
    if kind in (2, 8):
        return min(total, value)
    if kind in (3, 9):
        return max(total, value)
    return total + value


@jit
def select_end(action, total, count):
    """Return the result: a mean for the actions 4 and 10."""
    kind = int(action + 0.5)
    if kind in (4, 10):
        return total / count
    return total


@jit
def pick(vector, base, size, place):
    """Return an element of an array by its place; NaN outside."""
    i = int(place + 0.5)
    if i < 0 or i >= size:
        return NAN
    return vector[base + i]


@jit
def normal_below(x):
    """Return the probability that a standard normal number lies below `x`."""
    return 0.5 + 0.5 * erf(x / sqrt(2.0))


@jit
def truncated_normal(u, low, high, mean, deviation):
    """Return the `u`-quantile of a normal distribution cut off at `low` and `high`, by bisection."""
    if deviation <= 0.0:
        return min(max(mean, low), high)
    a = max((low - mean) / deviation, -9.0)
    b = min((high - mean) / deviation, 9.0)
    wanted = normal_below(a) + u * (normal_below(b) - normal_below(a))
    for _ in range(60):
        middle = 0.5 * (a + b)
        if normal_below(middle) < wanted:
            a = middle
        else:
            b = middle
    return mean + deviation * 0.5 * (a + b)


@jit
def delay_start(p, value, length, pointer, count, end, cell):
    """Fill the buffers of delays of fixed length; `p[length]` holds the delay time at first."""
    most = int(p[6])
    for i in range(count):
        steps = int(p[length + i] / p[0] + 0.5)
        steps = min(max(steps, 1), most)
        p[length + i] = steps
        p[pointer + i] = 0.0
        for j in range(steps):
            p[end + (cell + i) * most + j] = p[value + i]


@jit
def delay_step(p, value, length, pointer, end, cell, entering):
    """Push a value into a delay of fixed length, and take out the one that is due next."""
    most = int(p[6])
    start = end + cell * most
    i = int(p[pointer])
    p[start + i] = entering
    i += 1
    if i >= int(p[length]):
        i = 0
    p[pointer] = i
    p[value] = p[start + i]


@jit
def place_in_row(p, length, first, i, ascending):
    """Return how many values of a row come before its `i`-th one; equal values keep their order."""
    place = 0
    for j in range(length):
        a, b = p[first + j], p[first + i]
        before = a < b if ascending else a > b
        if before or (a == b and j < i):
            place += 1
    return place


@jit
def vector_sort_order(p, rows, length, out, values, direction):
    """Fill `out` with the places, from 0, of the values in ascending (direction above 0) or descending order."""
    for row in range(rows):
        base = row * length
        for i in range(length):
            place = place_in_row(p, length, values + base, i, p[direction + base] > 0.0)
            p[out + base + place] = i


@jit
def vector_rank(p, rows, length, out, values, direction):
    """Fill `out` with the rank, from 1, of each value in ascending (direction above 0) or descending order."""
    for row in range(rows):
        base = row * length
        for i in range(length):
            place = place_in_row(p, length, values + base, i, p[direction + base] > 0.0)
            p[out + base + i] = place + 1


@jit
def vector_reorder(p, rows, length, out, values, order):
    """Fill `out` with the values in the order of the given places (from 0)."""
    for row in range(rows):
        base = row * length
        for i in range(length):
            # A place outside the row has no value; compiled code would read foreign memory there.
            wanted = p[order + base + i] + 0.5
            inside = 0.0 <= wanted < length
            p[out + base + i] = p[values + base + int(wanted)] if inside else NAN


@jit
def share_below(x):
    """Return the normal distribution by Abramowitz & Stegun 26.2.16, as Vensim's allocation does (error below 2e-5)."""
    z = abs(x)
    t = 1.0 / (1.0 + 0.33267 * z)
    density = 0.3989422804014327 * exp(-0.5 * z * z)
    tail = density * t * (0.4361836 + t * (-0.1201676 + t * 0.9372980))
    return 1.0 - tail if x >= 0.0 else tail


@jit
def allotment(kind, priority, width, extra, request, x):
    """Return what one request gets when the cut is at priority `x` (Vensim, ALLOC P)."""
    if request <= 0.0:
        return 0.0
    if kind < 0.5 or width <= 0.0:
        return request if x <= priority else 0.0
    z = (priority - x) / width
    if kind < 1.5:
        return request * min(max(z + 0.5, 0.0), 1.0)
    if kind < 2.5:
        if z <= -0.5:
            return 0.0
        if z >= 0.5:
            return request
        return request * (2.0 * (z + 0.5) ** 2 if z < 0.0 else 1.0 - 2.0 * (0.5 - z) ** 2)
    if kind < 3.5:
        return request * share_below(z)
    if kind < 4.5:
        return request * (0.5 * exp(z) if z < 0.0 else 1.0 - 0.5 * exp(-z))
    return request * min(max(z + 0.5, 0.0), 1.0)


@jit
def allocate_available(p, rows, length, out, request, kind, priority, width, extra, available):
    """Share what is available by priority curves: find the cut at which the shares sum up to it."""
    for row in range(rows):
        base = row * length
        total = 0.0
        low, high = INF, -INF
        for i in range(base, base + length):
            total += max(p[request + i], 0.0)
            spread = 40.0 * abs(p[width + i]) + 1.0
            low = min(low, p[priority + i] - spread)
            high = max(high, p[priority + i] + spread)
        supply = p[available + base]
        if supply >= total:
            for i in range(base, base + length):
                p[out + i] = max(p[request + i], 0.0)
            continue
        if supply <= 0.0:
            for i in range(base, base + length):
                p[out + i] = 0.0
            continue
        for _ in range(200):
            middle = 0.5 * (low + high)
            given = 0.0
            for i in range(base, base + length):
                given += allotment(
                    p[kind + i], p[priority + i], p[width + i], p[extra + i], p[request + i], middle
                )
            if given > supply:
                low = middle
            else:
                high = middle
        for i in range(base, base + length):
            p[out + i] = allotment(
                p[kind + i],
                p[priority + i],
                p[width + i],
                p[extra + i],
                p[request + i],
                0.5 * (low + high),
            )


@jit
def allocate_by_priority(p, rows, length, out, request, priority, size, width, supply):
    """Share a supply by priority with a common width (Vensim, ALLOCATE BY PRIORITY)."""
    for row in range(rows):
        base = row * length
        total = 0.0
        low, high = INF, -INF
        for i in range(base, base + length):
            total += max(p[request + i], 0.0)
            low = min(low, p[priority + i])
            high = max(high, p[priority + i])
        wide = p[width + base]
        available = p[supply + base]
        if available >= total:
            for i in range(base, base + length):
                p[out + i] = max(p[request + i], 0.0)
            continue
        low, high = low - wide, high + wide
        for _ in range(200):
            middle = 0.5 * (low + high)
            given = 0.0
            for i in range(base, base + length):
                given += allotment(1.0, p[priority + i], wide, 0.0, p[request + i], middle)
            if given > available:
                low = middle
            else:
                high = middle
        for i in range(base, base + length):
            p[out + i] = allotment(
                1.0, p[priority + i], wide, 0.0, p[request + i], 0.5 * (low + high)
            )


@jit
def invert_matrix(p, rows, length, out, values):
    """Invert square matrices by Gauss-Jordan elimination with row pivots; works on a copy in place."""
    for row in range(rows):
        m = values + row * length * length
        o = out + row * length * length
        for i in range(length):
            for j in range(length):
                p[o + i * length + j] = 1.0 if i == j else 0.0
        for k in range(length):
            best = k
            for i in range(k + 1, length):
                if abs(p[m + i * length + k]) > abs(p[m + best * length + k]):
                    best = i
            pivot = p[m + best * length + k]
            if pivot == 0.0:
                pivot = NAN
            for j in range(length):
                a, b = m + k * length + j, m + best * length + j
                p[a], p[b] = p[b] / pivot, p[a] if best != k else p[b] / pivot
                a, b = o + k * length + j, o + best * length + j
                p[a], p[b] = p[b] / pivot, p[a] if best != k else p[b] / pivot
            for i in range(length):
                factor = p[m + i * length + k]
                if i != k and factor != 0.0:
                    for j in range(length):
                        p[m + i * length + j] -= factor * p[m + k * length + j]
                        p[o + i * length + j] -= factor * p[o + k * length + j]
