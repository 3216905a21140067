"""Conveyors: rings of slats in the parameter vector, one slat for each time step of the way.

A conveyor has a record at `r` and rings of ``int(p[6])`` cells from `base` on. Slat `i` (0 falls off next) stands in
cell ``(head + i) % cells`` of each ring: content, and for each leak what it takes from the slat in a step by its
schedule, what of the schedule is left, and what it takes in the present step.

The record: 0 head, 1 slats in use, 2 slats to the exit for what enters now, 3 transit time, 4 sample, 5 arrest,
6 capacity, 7 inflow limit, 8 content, 9 leaving in this step, 10 exit held, 11 of the limit spent in this time unit,
12 room and 13 limit left in this step, 14 discrete, 15 content at most so far, 16 time unit, 17 head and 18 slats in
use when last released, 19 exponential leaks. From 20 on eight places for each leak: leaves in this step, carried
over (whole units), fraction, start and end of its zone, whole units only, held, leak by the
fraction before it was made whole; then four for each
inflow: enters in this step, way of spreading, record and number of the leak that it comes from.

Sources: XMILE 1.0, sections 3.7.2 and 4.2.1; isee systems, Stella help, "Traditional Conveyor Computation" and
"Initializing Discrete Stocks".
"""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

from sdcluster.kernel.library.base import INF, jit
from sdcluster.kernel.library.trains import profile_area

# ---- copied from here


@jit
def conveyor_slats(p, r):
    """Return the number of slats of the transit time; a longer way than there are cells is noted in `p[7]`."""
    wanted = p[r + 3] / p[0] + 0.5
    slats = 1
    if wanted >= 1e9:
        slats = 1000000000
    elif wanted >= 1.0:
        slats = int(wanted)
    p[7] = max(p[7], slats)
    return min(slats, int(p[6]))


@jit
def conveyor_in_zone(p, leak, i, depth):
    """Tell whether a slat lies in the zone of a leak; what is further back than the entry counts as at the entry."""
    way = max(1.0 - (i + 0.5) / depth, 0.0)
    return p[leak + 3] <= way <= p[leak + 4]


@jit
def conveyor_zone(p, leak, slats, depth):
    """Return how many of the first slats lie in the zone of a leak."""
    if p[leak + 3] <= 0.0 and p[leak + 4] >= 1.0:
        return slats
    count = 0
    for i in range(slats):
        if conveyor_in_zone(p, leak, i, depth):
            count += 1
    return count


@jit
def conveyor_fraction(p, r, leak):
    """Return the leak fraction of a time unit (exponential) or of the whole way (linear); NaN leaks nothing."""
    fraction = p[leak + 2]
    if not fraction > 0.0:
        return 0.0
    if p[r + 19] == 0.0 and fraction > 1.0:
        return 1.0
    return fraction


@jit
def conveyor_list(p, r, base, ys, first, last):
    """Put listed contents on the slats: one for each slat, or one for each time unit, shared by its slats."""
    slats = conveyor_slats(p, r)
    total = 0.0
    begin = 0
    while begin < slats:
        unit = int(begin * p[0] + 1e-9)
        end = begin + 1
        while end < slats and int(end * p[0] + 1e-9) == unit:
            end += 1
        for i in range(begin, end):
            if last - first == slats:
                p[base + i] = ys[first + i]
            elif p[r + 14] == 0.0:
                p[base + i] = ys[min(first + unit, last - 1)] / (end - begin)
            else:
                p[base + i] = ys[min(first + unit, last - 1)] if i == end - 1 else 0.0
            total += p[base + i]
        begin = end
    p[r + 8] = total


@jit
def conveyor_even(p, r, base, content):
    """Put the same on every slat; on a discrete conveyor the same at the start of every time unit."""
    slats = conveyor_slats(p, r)
    count = 0
    for i in range(slats):
        deepest = i == slats - 1 or int((i + 1) * p[0] + 1e-9) > int(i * p[0] + 1e-9)
        p[base + i] = 1.0 if p[r + 14] == 0.0 or deepest else 0.0
        count += int(p[base + i])
    for i in range(slats):
        p[base + i] *= content / count


@jit
def conveyor_start(p, r, base, leaks, content, listed):
    """Fill the slats: `content` in a steady state of the leaks, or as listed before."""
    cells = int(p[6])
    slats = conveyor_slats(p, r)
    for i in range(slats, cells):
        p[base + i] = 0.0
    p[r], p[r + 1], p[r + 2] = 0.0, slats, slats
    for k in range(leaks):
        leak, ring = r + 20 + 8 * k, base + (1 + 3 * k) * cells
        p[leak], p[leak + 1] = 0.0, 0.0
        zone = conveyor_zone(p, leak, slats, slats)
        steady = 0.0
        if p[r + 19] == 0.0 and zone > 0:
            steady = conveyor_fraction(p, r, leak) / zone
        for i in range(cells):
            p[ring + i] = steady if i < slats else 0.0
            p[ring + cells + i] = 0.0
            p[ring + 2 * cells + i] = 0.0
    # What is left of one unit that entered, slat by slat from the entry.
    left, total = 1.0, 0.0
    for j in range(slats):
        i = slats - 1 - j
        given = p[base + i]
        p[base + i] = given * left if not listed else given
        # The schedule of a slat is that of the material that it began as.
        began = given if not listed or left <= 0.0 else given / left
        shed = 0.0
        for k in range(leaks):
            leak, ring = r + 20 + 8 * k, base + (1 + 3 * k) * cells
            steady = p[ring + i]
            if conveyor_in_zone(p, leak, i, slats):
                shed += steady if p[r + 19] == 0.0 else left * conveyor_fraction(p, r, leak) * p[0]
            p[ring + i] = began * steady
        total += p[base + i]
        left = max(left - shed, 0.0)
    scale = content / total if total > 0.0 else 0.0
    for i in range(slats):
        p[base + i] *= scale
        for k in range(leaks):
            p[base + (1 + 3 * k) * cells + i] *= scale
    for k in range(leaks):
        leak, ring = r + 20 + 8 * k, base + (1 + 3 * k) * cells
        ahead = 0
        for i in range(slats):
            if conveyor_in_zone(p, leak, i, slats):
                ahead += 1
            p[ring + cells + i] = p[ring + i] * ahead
    p[r + 8] = content
    p[r + 15] = abs(content)
    p[r + 11], p[r + 16] = 0.0, -INF


@jit
def conveyor_follow(p, r, base, leaks, content):
    """Scale the slats if the stock was set to something else from outside."""
    p[r + 15] = max(p[r + 15], abs(content))
    if abs(content - p[r + 8]) <= 1e-9 * p[r + 15]:
        return
    cells, slats = int(p[6]), int(p[r + 1])
    if p[r + 8] > 1e-9 * p[r + 15] and content > 0.0:
        scale = content / p[r + 8]
        for i in range(cells):
            p[base + i] *= scale
            for k in range(leaks):
                p[base + (1 + 3 * k) * cells + i] *= scale
                p[base + (2 + 3 * k) * cells + i] *= scale
    else:
        for i in range(cells * (1 + 3 * leaks)):
            p[base + i] = 0.0
        head, depth = int(p[r]), int(p[r + 2])
        for i in range(depth):
            p[base + (head + i) % cells] = max(content, 0.0) / depth
        p[r + 1] = max(slats, depth)
    p[r + 8] = max(content, 0.0)


@jit
def conveyor_release(p, r, base, leaks):
    """Decide what leaks and what falls off in this step; nothing moves yet."""
    p[r + 9] = 0.0
    p[r + 17], p[r + 18] = p[r], p[r + 1]
    for k in range(leaks):
        p[r + 20 + 8 * k] = 0.0
    if p[r + 5] != 0.0:
        p[r + 18] = 0.0
        return
    if p[r + 4] != 0.0:
        p[r + 2] = conveyor_slats(p, r)
    cells, head = int(p[6]), int(p[r])
    slats, depth = int(p[r + 1]), int(p[r + 2])
    if leaks > 0:
        for i in range(slats):
            cell = base + (head + i) % cells
            rest = p[cell]
            for k in range(leaks):
                leak = r + 20 + 8 * k
                ring = cell + (1 + 3 * k) * cells
                taken = 0.0
                if p[leak + 6] == 0.0 and rest > 0.0 and conveyor_in_zone(p, leak, i, depth):
                    if p[r + 19] == 0.0:
                        taken = min(p[ring], p[ring + cells])
                    else:
                        taken = p[cell] * conveyor_fraction(p, r, leak) * p[0]
                    taken = min(taken, rest)
                p[ring + 2 * cells] = taken
                p[leak] += taken
                rest -= taken
        for k in range(leaks):
            if p[r + 25 + 8 * k] != 0.0:
                conveyor_whole(p, r, base, leaks, k)
    if p[r + 10] == 0.0:
        cell = base + head
        p[r + 9] = p[cell]
        for k in range(leaks):
            p[r + 9] -= p[cell + (3 + 3 * k) * cells]
        p[r + 9] = max(p[r + 9], 0.0)


@jit
def conveyor_rest(p, leaks, k, cell):
    """Return what the other leaks leave on a slat in this step for leak `k`."""
    cells = int(p[6])
    rest = p[cell]
    for m in range(leaks):
        if m != k:
            rest -= p[cell + (3 + 3 * m) * cells]
    return max(rest, 0.0)


@jit
def conveyor_whole(p, r, base, leaks, k):
    """Let a leak take whole units only, from the slats nearest to the exit; the rest is carried over."""
    cells, head, slats = int(p[6]), int(p[r]), int(p[r + 1])
    leak = r + 20 + 8 * k
    p[leak + 7] = p[leak]
    there = 0.0
    for i in range(slats):
        there += conveyor_rest(p, leaks, k, base + (head + i) % cells)
    units = min(p[leak] + p[leak + 1], there) + 1e-9
    units -= units % 1.0
    p[leak] = 0.0
    for i in range(slats):
        cell = base + (head + i) % cells
        taken = min(units, conveyor_rest(p, leaks, k, cell))
        p[cell + (3 + 3 * k) * cells] = taken
        p[leak] += taken
        units -= taken


@jit
def conveyor_open(p, r, leaks, t, entering):
    """Work out what may be let in besides `entering`, the amount that other conveyors put on."""
    if p[r + 5] != 0.0:
        p[r + 12], p[r + 13] = 0.0, 0.0
        return
    after = p[r + 8] - p[r + 9] + entering
    for k in range(leaks):
        after -= p[r + 20 + 8 * k]
    capacity, limit = p[r + 6], p[r + 7]
    p[r + 12] = max(capacity - after, 0.0) if capacity < INF else INF
    if not limit < INF:
        p[r + 13] = INF
    elif p[r + 14] == 0.0:
        p[r + 13] = max(limit, 0.0) * p[0]
    else:
        unit = (t + 1e-6 * p[0]) - (t + 1e-6 * p[0]) % 1.0
        if unit != p[r + 16]:
            p[r + 16], p[r + 11] = unit, 0.0
        p[r + 13] = max(limit - p[r + 11], 0.0)


@jit
def conveyor_admit(p, r, wanted):
    """Return what is let in of a wanted amount, and reduce room and limit by it."""
    amount = min(wanted if wanted > 0.0 else 0.0, p[r + 12], p[r + 13])
    p[r + 12] -= amount
    p[r + 13] -= amount
    return amount


@jit
def conveyor_put(p, r, base, leaks, i, amount):
    """Lay an amount on a slat, with its share of each linear leak on the rest of its way."""
    cells, depth = int(p[6]), int(p[r + 2])
    cell = base + (int(p[r]) + i) % cells
    p[cell] += amount
    if p[r + 19] != 0.0 or amount == 0.0:
        return
    for k in range(leaks):
        leak, ring = r + 20 + 8 * k, cell + (1 + 3 * k) * cells
        zone = conveyor_zone(p, leak, depth, depth)
        if zone > 0:
            steady = conveyor_fraction(p, r, leak) * amount / zone
            p[ring] += steady
            p[ring + cells] += steady * min(conveyor_zone(p, leak, i + 1, depth), zone)


@jit
def conveyor_spread(p, r, base, leaks, inflow, origin):
    """Lay an inflow on the slats in its own way: 0 at the entry, 1 evenly, 2 like the content, 3 as it leaked."""
    amount = p[inflow]
    depth, slats, cells = int(p[r + 2]), int(p[r + 1]), int(p[6])
    way = int(p[inflow + 1])
    if way == 1:
        for i in range(depth):
            conveyor_put(p, r, base, leaks, i, amount / depth)
    elif way == 2:
        total = 0.0
        for i in range(slats):
            total += p[base + (int(p[r]) + i) % cells]
        for i in range(slats):
            if total > 0.0:
                share = p[base + (int(p[r]) + i) % cells] / total
                conveyor_put(p, r, base, leaks, i, amount * share)
        if total <= 0.0:
            conveyor_put(p, r, base, leaks, depth - 1, amount)
    elif way == 3:
        source, k = int(p[inflow + 2]), int(p[inflow + 3])
        head, long = int(p[source + 17]), int(p[source + 18])
        reach = int(p[source + 2])
        for j in range(long):
            taken = p[origin + (3 + 3 * k) * cells + (head + j) % cells]
            if taken > 0.0:
                i = int(max(depth * (j + 0.5) / reach - 1e-9, 0.0))
                conveyor_put(p, r, base, leaks, min(i, depth - 1), taken)
    else:
        conveyor_put(p, r, base, leaks, depth - 1, amount)


@jit
def conveyor_enter_by(p, r, base, leaks, amount, limited, xs, ys, first, last):
    """Take an inflow of this step in by a profile of the way that is left, from 0 at the exit to the whole way."""
    if p[r + 5] != 0.0:
        return
    if limited:
        p[r + 11] += amount
    depth = int(p[r + 2])
    whole = profile_area(xs[last - 1], xs, ys, first, last)
    below = 0.0
    for i in range(depth):
        # What lies on slat i has i + 1 steps to go.
        way = (i + 1.5) / depth
        above = whole
        if i < depth - 1:
            above = profile_area(xs[first] + way * (xs[last - 1] - xs[first]), xs, ys, first, last)
        if whole > 0.0:
            conveyor_put(p, r, base, leaks, i, amount * (above - below) / whole)
        below = above
    if not whole > 0.0:
        conveyor_put(p, r, base, leaks, depth - 1, amount)
    p[r + 8] += amount


@jit
def conveyor_shift(p, r, base, leaks):
    """Take away what leaks and falls off, and move every slat one place on."""
    if p[r + 5] != 0.0:
        return
    cells, head, slats = int(p[6]), int(p[r]), int(p[r + 1])
    gone = p[r + 9]
    for k in range(leaks):
        leak = r + 20 + 8 * k
        gone += p[leak]
        for i in range(slats):
            cell = base + (head + i) % cells
            ring = cell + (1 + 3 * k) * cells
            p[cell] = max(p[cell] - p[ring + 2 * cells], 0.0)
            if p[leak + 6] == 0.0 and conveyor_in_zone(p, leak, i, int(p[r + 2])):
                p[ring + cells] -= min(p[ring], p[ring + cells])
        if p[leak + 5] != 0.0:
            p[leak + 1] += p[leak + 7] - p[leak]
    following = (head + 1) % cells
    for a in range(1 + 3 * leaks):
        if a == 0 or a % 3 != 0:
            if p[r + 10] != 0.0:
                p[base + a * cells + following] += p[base + a * cells + head]
            p[base + a * cells + head] = 0.0
    p[r] = following
    p[r + 1] = max(slats - 1, int(p[r + 2]))
    p[r + 8] -= gone


@jit
def conveyor_enter(p, r, base, leaks, inflow, origin, amount, limited):
    """Take an inflow of this step in; `limited` if the inflow limit holds for it."""
    if p[r + 5] != 0.0:
        return
    if limited:
        p[r + 11] += amount
    p[inflow] = amount
    conveyor_spread(p, r, base, leaks, inflow, origin)
    p[r + 8] += amount
