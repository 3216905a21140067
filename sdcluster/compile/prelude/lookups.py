"""Graphical functions: between points, beyond them, staircases."""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

from sdcluster.compile.prelude.base import NAN, jit

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
