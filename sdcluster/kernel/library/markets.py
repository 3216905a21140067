"""Markets: allocation of a supply by priority, and market-clearing prices.

A priority profile has four numbers: kind, priority, width, extra. The kinds are 0 fixed quantity, 1 rectangular,
2 triangular, 3 normal, 4 exponential, 5 constant elasticity. Adding 10 to a kind requests allocations in whole units.

Source: Vensim reference manual, Allocation.
"""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

from math import exp
from math import pow as power

from sdcluster.kernel.library.base import INF, jit

# ---- copied from here


@jit
def share_below(x):
    """Return the standard normal distribution function at `x`, with an error below 2e-5.

    Vensim's allocation functions use the same approximation (Abramowitz & Stegun 26.2.16).
    """
    z = abs(x)
    t = 1.0 / (1.0 + 0.33267 * z)
    density = 0.3989422804014327 * exp(-0.5 * z * z)
    tail = density * t * (0.4361836 + t * (-0.1201676 + t * 0.9372980))
    return 1.0 - tail if x >= 0.0 else tail


@jit
def profile_reach(kind, priority, width):
    """Return the distance from the priority beyond which a profile's share is practically 0 or 1."""
    if kind < 2.5:
        return 0.5 * max(width, 0.0)
    if kind < 3.5:
        return 5.0 * max(width, 0.05)
    return 10.0 * abs(width) if kind < 4.5 else 1000.0 * abs(priority)


@jit
def elastic_share(priority, limit, elasticity, x):
    """Return the share that is demanded at price `x` with constant elasticity: 1/2 at the priority, 0 above `limit`."""
    if x <= 0.0 or priority <= 0.0:
        return 1.0 if x <= priority else 0.0
    if limit > 0.0 and x > limit:
        return 0.0
    return min(0.5 * power(x / priority, -abs(elasticity)), 1.0)


@jit
def demanded_share(kind, priority, width, extra, x):
    """Return the share of a quantity that is demanded at price (or cut-off priority) `x`.

    `kind`, `priority`, `width` and `extra` are the priority profile.
    """
    kind = kind % 10.0
    if kind < 0.5:
        return 1.0
    if kind > 4.5:
        return elastic_share(priority, width, extra, x)
    if kind > 2.5 and kind < 3.5:
        return share_below((priority - x) / max(width, 0.05))
    if width <= 0.0:
        return 1.0 if x <= priority else 0.0
    z = (priority - x) / width
    if kind < 1.5:
        return min(max(z + 0.5, 0.0), 1.0)
    if kind < 2.5:
        if z <= -0.5 or z >= 0.5:
            return 0.0 if z < 0.0 else 1.0
        return 2.0 * (z + 0.5) ** 2 if z < 0.0 else 1.0 - 2.0 * (0.5 - z) ** 2
    return 0.5 * exp(z) if z < 0.0 else 1.0 - 0.5 * exp(-z)


@jit
def supplied_share(kind, priority, width, extra, x):
    """Return the share of a capacity that is supplied at price `x`.

    The share rises with the price as the share of `demanded_share` falls.
    """
    if kind % 10.0 < 0.5:
        return 1.0
    if kind % 10.0 > 4.5:
        if x <= 0.0 or priority <= 0.0:
            return 0.0 if x <= priority else 1.0
        return 0.0 if x < width else min(0.5 * power(x / priority, abs(extra)), 1.0)
    return 1.0 - demanded_share(kind, priority, width, extra, x)


@jit
def allotment(kind, priority, width, extra, request, x):
    """Return the amount that one request gets at cut-off priority `x` (Vensim's ALLOC P)."""
    return request * demanded_share(kind, priority, width, extra, x) if request > 0.0 else 0.0


@jit
def whole_shares(p, out, first, last, supply):
    """Round amounts to whole units, at most `supply` in total. Amounts with the largest fractions are rounded up."""
    left = supply + 1e-9
    for i in range(first, last):
        p[out + i] += 1e-12
        left -= p[out + i] - p[out + i] % 1.0
    while left >= 1.0:
        best = -1
        for i in range(first, last):
            if p[out + i] % 1.0 > 1e-9 and (best < 0 or p[out + i] % 1.0 > p[out + best] % 1.0):
                best = i
        if best < 0:
            break
        p[out + best] += 1.0 - p[out + best] % 1.0
        left -= 1.0
    for i in range(first, last):
        p[out + i] -= p[out + i] % 1.0


@jit
def allocate_available(p, rows, length, out, request, kind, priority, width, extra, available):
    """Allocate a supply by priority profiles (Vensim's ALLOCATE AVAILABLE).

    Bisection finds the cut-off priority at which the allocations sum to the supply.
    """
    for row in range(rows):
        base = row * length
        end = base + length
        total = 0.0
        low, high = INF, -INF
        whole = False
        for i in range(base, end):
            total += max(p[request + i], 0.0)
            reach = 40.0 * abs(p[width + i]) + 1.0
            low = min(low, p[priority + i] - reach)
            high = max(high, p[priority + i] + reach)
            whole = whole or p[kind + i] > 9.5
        supply = min(p[available + base], total)
        share = supply / total if total > 0.0 else 0.0
        for _ in range(201):
            middle = 0.5 * (low + high)
            given = 0.0
            for i in range(base, end):
                asked = max(p[request + i], 0.0)
                if supply >= total or supply <= 0.0:
                    p[out + i] = asked if supply > 0.0 else 0.0
                elif p[kind + i] % 10.0 < 0.5:
                    p[out + i] = asked * share
                else:
                    p[out + i] = allotment(
                        p[kind + i], p[priority + i], p[width + i], p[extra + i], asked, middle
                    )
                given += p[out + i]
            if given > supply:
                low = middle
            else:
                high = middle
            if supply >= total or supply <= 0.0:
                break
        if whole:
            whole_shares(p, out, base, end, supply)


@jit
def allocate_by_priority(p, rows, length, out, request, priority, size, width, supply):
    """Allocate a supply by rectangular priority profiles of equal width (Vensim's ALLOCATE BY PRIORITY)."""
    for row in range(rows):
        base = row * length
        wide = p[width + base]
        cut = market_priority(
            p, request + base, 1, p, priority + base, 1, length, wide, p[supply + base]
        )
        for i in range(base, base + length):
            p[out + i] = allotment(1.0, p[priority + i], wide, 0.0, p[request + i], cut)


@jit
def market_priority(r, request, step, q, priority, stride, length, width, supply):
    """Return the cut-off priority at which allocations by rectangular profiles sum to the supply (Vensim's MARKETP)."""
    total = 0.0
    low, high = INF, -INF
    for i in range(length):
        total += max(r[request + i * step], 0.0)
        low = min(low, q[priority + i * stride])
        high = max(high, q[priority + i * stride])
    low, high = low - abs(width), high + abs(width)
    if supply >= total:
        return low
    for _ in range(200):
        middle = 0.5 * (low + high)
        given = 0.0
        for i in range(length):
            given += allotment(
                1.0, q[priority + i * stride], width, 0.0, r[request + i * step], middle
            )
        if given > supply:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


@jit
def excess_demand(x, a, dq, da, b, dp, db, demanders, c, sq, sc, d, sp, sd, suppliers):
    """Return demand minus supply at price `x`. `market_price` describes the other arguments."""
    excess = 0.0
    for i in range(demanders):
        k = dp + i * db
        asked = max(a[dq + i * da], 0.0)
        excess += asked * demanded_share(b[k], b[k + 1], b[k + 2], b[k + 3], x)
    for i in range(suppliers):
        k = sp + i * sd
        offered = max(c[sq + i * sc], 0.0)
        excess -= offered * supplied_share(d[k], d[k + 1], d[k + 2], d[k + 3], x)
    return excess


@jit
def market_price(a, dq, da, b, dp, db, demanders, c, sq, sc, d, sp, sd, suppliers):
    """Return the price at which demand equals supply (Vensim's FIND MARKET PRICE).

    If there is no such price, the result is the lowest price of all profiles for excess supply, and the highest price
    for excess demand. It is 0 if all quantities are fixed. The arguments for demand, and likewise for supply, are the
    quantities (vector, index of the first, stride), the profiles (the same three) and the number of agents.
    """
    low, high = INF, -INF
    for i in range(demanders):
        k = dp + i * db
        if b[k] % 10.0 > 0.5:
            reach = profile_reach(b[k] % 10.0, b[k + 1], b[k + 2])
            low, high = min(low, b[k + 1] - reach), max(high, b[k + 1] + reach)
    for i in range(suppliers):
        k = sp + i * sd
        if d[k] % 10.0 > 0.5:
            reach = profile_reach(d[k] % 10.0, d[k + 1], d[k + 2])
            low, high = min(low, d[k + 1] - reach), max(high, d[k + 1] + reach)
    if low > high:
        return 0.0  # all quantities are fixed, so the price has no effect
    if excess_demand(low, a, dq, da, b, dp, db, demanders, c, sq, sc, d, sp, sd, suppliers) <= 0.0:
        return low
    if excess_demand(high, a, dq, da, b, dp, db, demanders, c, sq, sc, d, sp, sd, suppliers) >= 0.0:
        return high
    for _ in range(200):
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        if (
            excess_demand(middle, a, dq, da, b, dp, db, demanders, c, sq, sc, d, sp, sd, suppliers)
            > 0.0
        ):
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)
