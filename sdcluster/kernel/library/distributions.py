"""Cumulative distribution functions and quantiles of the distributions in Vensim and Stella.

Sources: Abramowitz & Stegun (1964), 6.5 and 26.5, for the formulas; Press et al. (2007), Numerical Recipes, 6.2 and
6.4, for the range in which each expansion converges.
"""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

from math import erfc, exp, lgamma, log
from math import pow as power

from sdcluster.kernel.library.base import INF, NAN, jit
from sdcluster.kernel.library.random_numbers import normal_quantile

# ---- copied from here


@jit
def gamma_below(a, x):
    """Return the regularized lower incomplete gamma function P(a, x)."""
    if x <= 0.0:
        return 0.0
    if x == INF:
        return 1.0
    front = exp(a * log(x) - x - lgamma(a))
    if x < a + 1.0:
        term = total = 1.0 / a
        n = a
        for _ in range(20000):
            n += 1.0
            term *= x / n
            total += term
            if term < total * 1e-16:
                break
        return min(front * total, 1.0)
    # A continued fraction for the upper tail, evaluated forwards (Lentz).
    b = x + 1.0 - a
    c = 1e300
    d = 1.0 / b
    value = d
    for i in range(1, 20000):
        an = i * (a - i)
        b += 2.0
        d = an * d + b
        d = 1.0 / (d if abs(d) > 1e-300 else 1e-300)
        c = b + an / c
        c = c if abs(c) > 1e-300 else 1e-300
        step = c * d
        value *= step
        if abs(step - 1.0) < 1e-15:
            break
    return max(1.0 - front * value, 0.0)


@jit
def beta_fraction(a, b, x):
    """Return the continued fraction of the incomplete beta function, evaluated by Lentz's method.

    Source: Abramowitz & Stegun (1964), 26.5.8.
    """
    c = 1.0
    d = 1.0 - (a + b) * x / (a + 1.0)
    d = 1.0 / (d if abs(d) > 1e-300 else 1e-300)
    value = d
    for m in range(1, 20000):
        step = 1.0
        for odd in range(2):
            if odd == 0:
                factor = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
            else:
                factor = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
            d = 1.0 + factor * d
            d = 1.0 / (d if abs(d) > 1e-300 else 1e-300)
            c = 1.0 + factor / c
            c = c if abs(c) > 1e-300 else 1e-300
            step = c * d
            value *= step
        if abs(step - 1.0) < 1e-15:
            break
    return value


@jit
def beta_below(a, b, x):
    """Return the regularized incomplete beta function I_x(a, b)."""
    if x <= 0.0:
        return 0.0
    if x >= 1.0:
        return 1.0
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(1.0 - x))
    if x < (a + 1.0) / (a + b + 2.0):
        return front * beta_fraction(a, b, x) / a
    return 1.0 - front * beta_fraction(b, a, 1.0 - x) / b


@jit
def chance_below(kind, x, a, b):
    """Return the cumulative distribution function at `x`. The number `kind` selects the distribution.

    `a` and `b` are its parameters. `sdcluster.kernel.lower.rules_random` defines the numbers.
    """
    if x != x:
        return NAN
    if kind == 1:  # uniform between 0 and 1
        return min(max(x, 0.0), 1.0)
    if kind == 2:  # normal, mean 0 and standard deviation 1
        return 0.5 * erfc(-x / 1.4142135623730951)
    if kind == 3:  # exponential, mean 1
        return 0.0 if x <= 0.0 else 1.0 - exp(-x)
    if kind == 4:  # gamma with shape a and scale 1
        return gamma_below(a, x)
    if kind == 5:  # beta with shapes a and b
        return beta_below(a, b, x)
    if kind == 6:  # Weibull with shape a and scale 1
        return 0.0 if x <= 0.0 else 1.0 if x == INF else 1.0 - exp(-power(x, a))
    if kind == 7:  # logistic
        return 1.0 / (1.0 + exp(-x)) if x > -700.0 else 0.0
    if kind == 8:  # Pareto with shape a and minimum 1
        return 0.0 if x <= 1.0 else 1.0 if x == INF else 1.0 - power(x, -a)
    if kind == 9:  # triangular from 0 to 1 with its peak at a
        if x <= 0.0 or x >= 1.0:
            return 0.0 if x <= 0.0 else 1.0
        return x * x / a if x < a else 1.0 - (1.0 - x) * (1.0 - x) / (1.0 - a)
    # The other distributions are over the integers from 0 on.
    if x < 0.0:
        return 0.0
    if x == INF:
        return 1.0
    k = x - x % 1.0
    if kind == 10:  # Poisson with mean a
        return 1.0 - gamma_below(k + 1.0, a)
    if kind == 11:  # binomial: a draws with probability b
        return 1.0 if k >= a else 1.0 - beta_below(k + 1.0, a - k, b)
    # negative binomial: number of failures before a successes, each with probability b (geometric if a is 1)
    return beta_below(a, k + 1.0, b)


@jit
def unknown_quantile(kind, u, a, b):
    """Return the `u`-quantile of a distribution whose quantiles have no closed form, by bisection."""
    whole = kind >= 10
    low, high = -1.0 if whole else 0.0, 1.0
    while chance_below(kind, high, a, b) < u and high < 1e300:
        low = high
        high *= 2.0
    while high - low > (1.0 if whole else 1e-14 * high):
        middle = 0.5 * (low + high)
        if whole:
            middle -= middle % 1.0
        if middle in (low, high):
            break
        if chance_below(kind, middle, a, b) < u:
            low = middle
        else:
            high = middle
    return high


@jit
def quantile(kind, u, a, b):
    """Return the `u`-quantile of a distribution with parameters `a` and `b`.

    The number `kind` selects the distribution.
    """
    if kind == 1:
        return u
    if kind == 2:
        return normal_quantile(u, 0.0, 1.0)
    if kind == 3:
        return -log(1.0 - u) if u < 1.0 else INF
    if kind == 6:
        return power(-log(1.0 - u), 1.0 / a) if u < 1.0 else INF
    if kind == 7:
        return log(u / (1.0 - u)) if 0.0 < u < 1.0 else -INF if u <= 0.0 else INF
    if kind == 8:
        return power(1.0 - u, -1.0 / a) if u < 1.0 else INF
    if kind == 9:
        return power(u * a, 0.5) if u < a else 1.0 - power((1.0 - u) * (1.0 - a), 0.5)
    return unknown_quantile(kind, u, a, b)


@jit
def drawn(kind, u, low, high, shift, stretch, a, b):
    """Return the `u`-quantile of a scaled, shifted and truncated distribution (Vensim's RANDOM functions).

    The distribution is multiplied by `stretch`, shifted by `shift` and then truncated to the range from `low` to
    `high`. If it has no mass in this range, the result is the nearest bound.
    """
    if kind in (4, 5, 6, 8) and not a > 0.0:
        return NAN
    if kind == 5 and not b > 0.0:
        return NAN
    if kind == 10 and not a > 0.0:
        return NAN if a < 0.0 else min(max(shift, low), high)
    if kind in (11, 12):
        b = min(max(b, 0.0), 1.0)
        a -= a % 1.0 if kind == 11 else 0.0
        if kind == 12 and not (a > 0.0 and b > 0.0):
            return NAN
    if not (a < INF and b < INF):
        return NAN
    if kind in (4, 5, 10, 11, 12) and (a > 1e6 or (kind == 5 and b > 1e6)):
        # For such large parameters, the normal approximation is accurate, and the expansions would take too long.
        mean, spread = a, a
        if kind == 5:
            mean, spread = a / (a + b), a * b / ((a + b) * (a + b) * (a + b + 1.0))
        elif kind == 11:
            mean, spread = a * b, a * b * (1.0 - b)
        elif kind == 12:
            mean, spread = a * (1.0 - b) / b, a * (1.0 - b) / (b * b)
        shift, stretch, kind = shift + stretch * mean, stretch * power(spread, 0.5), 2
    if stretch == 0.0:
        return min(max(shift, low), high)
    left, right = (low - shift) / stretch, (high - shift) / stretch
    if stretch < 0.0:
        left, right = right, left
    if kind >= 10:
        # One less, so that the lower bound itself can be drawn.
        left = -INF if left == -INF else left + (-left) % 1.0 - 1.0
    below, up_to = chance_below(kind, left, a, b), chance_below(kind, right, a, b)
    if not up_to > below:
        middle = shift + stretch * quantile(kind, 0.5, a, b)
        return min(max(middle, low), high)
    value = shift + stretch * quantile(kind, below + u * (up_to - below), a, b)
    return min(max(value, low), high)
