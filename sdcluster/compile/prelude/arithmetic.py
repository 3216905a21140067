"""Arithmetic and test inputs."""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

from math import fmod, log

from sdcluster.compile.prelude.base import jit

# ---- copied from here


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
