"""Functions that printed kernels call; their source is put in front of each kernel, for plain Python and for numba.

Everything between the marks is copied; `jit` is the identity in plain Python. Sources: XMILE 1.0, sections 3.5 and 4.2;
Vensim reference manual, functions.
"""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

from math import fmod, log
from math import pow as power  # noqa: F401  (a kernel's name for it)


def jit(function):
    """Stand in for the compiler's decorator."""
    return function


# ---- copied from here


@jit
def lookup(x, xs, ys):
    """Interpolate linearly; the end values hold outside."""
    n = len(xs)
    if x <= xs[0]:
        return ys[0]
    if x >= xs[n - 1]:
        return ys[n - 1]
    low, high = 0, n - 1
    while high - low > 1:
        middle = (low + high) // 2
        if xs[middle] <= x:
            low = middle
        else:
            high = middle
    if xs[high] == xs[low]:
        return ys[high]
    return ys[low] + (ys[high] - ys[low]) * (x - xs[low]) / (xs[high] - xs[low])


@jit
def lookup_extrapolate(x, xs, ys):
    """Interpolate linearly; the end slopes go on outside."""
    n = len(xs)
    if n > 1 and x < xs[0]:
        return ys[0] + (ys[1] - ys[0]) * (x - xs[0]) / (xs[1] - xs[0])
    if n > 1 and x > xs[n - 1]:
        return ys[n - 1] + (ys[n - 1] - ys[n - 2]) * (x - xs[n - 1]) / (xs[n - 1] - xs[n - 2])
    return lookup(x, xs, ys)


@jit
def lookup_hold(x, xs, ys):
    """Return the value of the last point at or before `x`: a staircase."""
    n = len(xs)
    if x <= xs[0]:
        return ys[0]
    low, high = 0, n
    while high - low > 1:
        middle = (low + high) // 2
        if xs[middle] <= x:
            low = middle
        else:
            high = middle
    return ys[low]


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
    if t < start or t >= end:
        return False
    if interval <= 0.0:
        return t - start < width
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
