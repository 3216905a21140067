"""Markets: shares of a supply by priority."""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

from math import exp

from sdcluster.compile.prelude.base import INF, jit

# ---- copied from here


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
