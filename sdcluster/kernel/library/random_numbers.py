"""Quantiles and probabilities of the normal distribution, for random numbers."""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

from math import erf, erfc, sqrt

from sdcluster.kernel.library.base import INF, NAN, jit

# ---- copied from here


@jit
def normal_below(x):
    """Return the standard normal distribution function at `x`."""
    return 0.5 + 0.5 * erf(x / sqrt(2.0))


@jit
def truncated_normal(u, low, high, mean, deviation):
    """Return the `u`-quantile of a normal distribution truncated to [`low`, `high`], by bisection."""
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
def normal_between(low, high, mean, deviation):
    """Return the probability that a normal variate is between `low` and `high`."""
    if deviation <= 0.0:
        return NAN
    scale = 1.4142135623730951 * deviation
    return 0.5 * (erfc((low - mean) / scale) - erfc((high - mean) / scale))


@jit
def normal_quantile(probability, mean, deviation):
    """Return the quantile of a normal distribution for a probability, by bisection."""
    if not 0.0 < probability < 1.0:
        return -INF if probability == 0.0 else INF if probability == 1.0 else NAN
    below = min(probability, 1.0 - probability)  # the left tail, where erfc is exact
    low, high = -40.0, 0.0
    while True:
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        if 0.5 * erfc(-middle / 1.4142135623730951) < below:
            low = middle
        else:
            high = middle
    return mean + deviation * (middle if probability < 0.5 else -middle)
