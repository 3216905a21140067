"""Quantiles of distributions, for random numbers."""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

from math import erf, sqrt

from sdcluster.compile.prelude.base import jit

# ---- copied from here


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
