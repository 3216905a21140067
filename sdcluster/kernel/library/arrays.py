"""Arrays: selecting, sorting, ranking, shifting and interpolating elements, inverting matrices."""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

from math import pow as power

from sdcluster.kernel.library.base import INF, NA, NAN, jit

# ---- copied from here


@jit
def select_start(action):
    """Return the value with which VECTOR SELECT begins to accumulate elements, for its numerical action (0 to 10)."""
    kind = int(action + 0.5) if 0.0 <= action < 10.5 else -1
    if kind in (1, 5, 7):
        return 1.0
    if kind in (2, 8):
        return INF
    if kind in (3, 9):
        return -INF
    return 0.0


@jit
def select_step(action, total, weight, value):
    """Return the accumulator `total` of VECTOR SELECT after one more selected element.

    `value` is the element and `weight` its entry in the selection array. Actions 0 to 5 use the weight, actions 6 to 10
    do not. Action 5 is the product of value ^ weight. The manual says "selection_array ^ expression_array", but
    Vensim's output for the test suite's tests/vector_select uses the opposite order (0.5^1 1.2^0.3 0.3^-1 = 1.76037).
    """
    kind = int(action + 0.5) if 0.0 <= action < 10.5 else -1
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
def select_end(action, error, total, count, missing):
    """Return the result of VECTOR SELECT from the accumulator `total` over `count` selected elements.

    Actions 4 and 10 divide `total` by `count`. The result is `missing` if no element is selected. It is NaN if the
    action is unknown, or if the error action forbids this number of elements.
    """
    kind = int(action + 0.5) if 0.0 <= action < 10.5 else -1
    strict = int(error + 0.5) if 0.0 <= error < 3.5 else -1
    if kind < 0 or strict < 0:
        return NAN
    if (count == 0.0 and strict in (1, 3)) or (count > 1.0 and strict >= 2):
        return NAN
    if count == 0.0:
        return missing
    if kind in (4, 10):
        return total / count
    return total


@jit
def pick(vector, base, size, place):
    """Return the element of an array at index `place` (Vensim's VECTOR ELM MAP).

    The result is `NA` if the index is outside the array, and NaN if the index is NaN.
    """
    # Compare before converting to an integer: for infinity, compiled code would give an arbitrary integer.
    if place != place:
        return NAN
    if not -0.5 < place < size - 0.5:
        return NA
    return vector[base + int(place + 0.5)]


@jit
def place_in_row(p, length, first, i, ascending):
    """Return how many values of a row sort before the row's `i`-th value. Equal values keep their order."""
    place = 0
    for j in range(length):
        a, b = p[first + j], p[first + i]
        before = a < b if ascending else a > b
        if before or (a == b and j < i):
            place += 1
    return place


@jit
def vector_sort_order(p, rows, length, out, values, direction):
    """Fill each row of `out` with the indices, from 0, that sort the values of the row (Vensim's VECTOR SORT ORDER).

    The order is ascending if direction > 0, and descending otherwise.
    """
    for row in range(rows):
        base = row * length
        for i in range(length):
            place = place_in_row(p, length, values + base, i, p[direction + base] > 0.0)
            p[out + base + place] = i


@jit
def vector_rank(p, rows, length, out, values, direction):
    """Fill each row of `out` with the ranks, from 1, of the values of the row (Vensim's VECTOR RANK).

    The order is ascending if direction > 0, and descending otherwise.
    """
    for row in range(rows):
        base = row * length
        for i in range(length):
            place = place_in_row(p, length, values + base, i, p[direction + base] > 0.0)
            p[out + base + i] = place + 1


@jit
def vector_reorder(p, rows, length, out, values, order):
    """Fill each row of `out` with the row's values, reordered (Vensim's VECTOR REORDER).

    `order` holds the index (from 0) of each value. An index outside the row gives NaN.
    """
    for row in range(rows):
        base = row * length
        for i in range(length):
            # An index outside the row gives NaN, because compiled code would read other memory.
            wanted = p[order + base + i] + 0.5
            inside = 0.0 <= wanted < length
            p[out + base + i] = p[values + base + int(wanted)] if inside else NAN


@jit
def shift_row(v, first, step, length, condition, size, gathers, entering):
    """Shift the elements of a row by one index, and return the element shifted out (Vensim's SHIFT IF TRUE).

    Nothing is shifted if `condition` is 0. The first element becomes `entering`. If `gathers` is true, the last element
    accumulates what enters it, and nothing is shifted out.
    """
    if condition == 0.0:
        return 0.0
    if not 0.5 < size < length + 0.5:
        return NAN
    count = int(size + 0.5)
    last = first + (count - 1) * step
    leaving = v[last]
    if gathers != 0.0 and count > 1:
        v[last] += v[last - step]
        leaving = 0.0
        last -= step
        count -= 1
    for i in range(count - 1):
        v[last - i * step] = v[last - (i + 1) * step]
    v[first] = entering
    return leaving


@jit
def invert_matrix(p, rows, length, out, values):
    """Invert square matrices by Gauss-Jordan elimination with row pivoting. The input matrices are overwritten."""
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


@jit
def comes_before(v, i, j, w, k, m):
    """Whether element `i` of `v` sorts before element `j`, in ascending order.

    If the two are equal, the smaller of elements `k` and `m` of `w` decides; if these are equal too, the smaller index.
    """
    if v[i] != v[j]:
        return v[i] < v[j]
    if w[k] != w[m]:
        return w[k] < w[m]
    return i < j


@jit
def rank_place(v, first, step, length, rank, w, second, stride):
    """Return the index (from 1) of the element that has the given rank in ascending order; 0 if no element has it."""
    for i in range(length):
        before = 0
        for j in range(length):
            if j != i and comes_before(
                v, first + j * step, first + i * step, w, second + j * stride, second + i * stride
            ):
                before += 1
        if abs(before + 1.0 - rank) < 0.5:
            return i + 1.0
    return 0.0


@jit
def lookup_rows(x, v, first, step, w, second, stride, length):
    """Interpolate linearly at `x` between points whose x values are a row of `v` and whose y values are a row of `w`.

    The result is constant beyond the end points.
    """
    if x <= v[first]:
        return w[second]
    for i in range(1, length):
        right = v[first + i * step]
        if x <= right:
            left = v[first + (i - 1) * step]
            a, b = w[second + (i - 1) * stride], w[second + i * stride]
            return b if right == left else a + (b - a) * (x - left) / (right - left)
    return w[second + (length - 1) * stride]


@jit
def unit_place(x, length):
    """Return the fractional index (from 0) of the position `x`, where 0 is the start of a row and 1 its end."""
    return min(max(x, 0.0), 1.0) * (length - 1.0)


@jit
def lower_place(place, length):
    """Return the index (from 0) of the element at or before a fractional index, but not the last element."""
    return float(int(min(place, max(length - 2.0, 0.0)))) if place == place else 0.0


@jit
def between(low, high, share):
    """Interpolate linearly between two values. `share` is the weight of `high`.

    A value with weight 0 is ignored, even if it is NaN.
    """
    if share == 0.0:
        return low
    if share == 1.0:
        return high
    return low + (high - low) * share


@jit
def vector_area(v, first, step, length, z, width):
    """Return the area under the elements of a vector from the first element up to fractional index `z`.

    The elements are joined by straight lines, `width` apart. The first and the last line continue beyond the vector.
    """
    last = int(min(max(z, 0.0), length - 2.0))
    area = 0.0
    for i in range(last):
        area += 0.5 * (v[first + i * step] + v[first + (i + 1) * step])
    a, b = v[first + last * step], v[first + (last + 1) * step]
    return width * (area + (z - last) * (a + 0.5 * (b - a) * (z - last)))


@jit
def vector_lookup(v, first, step, length, x, low, high, mode):
    """Evaluate a vector as a graphical function whose points are equally spaced from `low` to `high` (VECTOR LOOKUP).

    `mode` says what is returned:

    - 0: the value at `x` by linear interpolation; 3: also by extrapolation beyond the end points.
    - 2: the value of the point at or before `x`; 4: the value of the point at or after `x`.
    - 1: the area up to `x`, where the function is constant beyond the end points; 7: the same, with extrapolation.
    - 6 and 9: the slope at `x`; beyond the end points, 0 for mode 6 and the outermost slope for mode 9.
    - 5 and 8: the argument at which the function has the value `x`; mode 8 extrapolates.
    """
    last = length - 1
    if last < 1 or high == low:
        return v[first]
    width = (high - low) / last
    z = (x - low) / width
    if z != z or mode != mode:
        return NAN
    kind = int(min(max(mode, 0.0), 9.0) + 0.5)
    if kind in (5, 8):
        for i in range(last):
            a, b = v[first + i * step], v[first + (i + 1) * step]
            inside = min(a, b) <= x <= max(a, b)
            if kind == 8 and not inside and a != b:
                rising = b > a
                inside = (i == 0 and (x < a) == rising) or (i == last - 1 and (x > b) == rising)
            if inside:
                return low + width * (i + (0.0 if a == b else (x - a) / (b - a)))
        if kind == 5:
            return NA
        ends = abs(x - v[first]) <= abs(x - v[first + last * step])
        return low if ends else high
    if kind == 1:
        inner = min(max(z, 0.0), 1.0 * last)
        held = (z - inner) * width * v[first + (0 if z < 0.0 else last) * step]
        return vector_area(v, first, step, length, inner, width) + held
    if kind == 7:
        return vector_area(v, first, step, length, z, width)
    i = int(min(max(z, 0.0), last - 1.0))
    a, b = v[first + i * step], v[first + (i + 1) * step]
    slope = b - a
    if kind in (6, 9):
        if kind == 6 and (z < 0.0 or z > last):
            return 0.0
        if z == i and i > 0:
            slope = 0.5 * (slope + a - v[first + (i - 1) * step])
        elif kind == 6 and (z == 0.0 or z == last):
            slope *= 0.5
        return slope / width
    if kind == 2:
        return v[first + last * step] if z >= last else a
    if kind == 4:
        return a if z <= i else b
    if kind == 3:
        return a + slope * (z - i)
    return a + slope * (min(max(z, 0.0), 1.0 * last) - i)
