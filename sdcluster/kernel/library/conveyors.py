"""Conveyors, stored as ring buffers in the parameter vector `p`. A conveyor has one slat for each time step of transit.

A conveyor has a record at index `r` (`sdcluster.kernel.library.records.Belt`), followed by a `Leak` for each leak and
an `Inflow` for each inflow. The ring buffers begin at index `base` and have ``int(p[Clock.length])`` cells each. In
each of them, slat `i` is in cell ``(head + i) % cells``, and slat 0 is the next to reach the exit. The first ring holds
the content of the slats. Each leak has three more rings: its scheduled leakage per step, its scheduled leakage until
the exit, and its leakage in the current step.

Sources: XMILE 1.0, sections 3.7.2 and 4.2.1; isee systems, Stella help, "Traditional Conveyor Computation" and
"Initializing Discrete Stocks".
"""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

from sdcluster.kernel.library.base import INF, jit
from sdcluster.kernel.library.delays import slots_for
from sdcluster.kernel.library.records import Belt, Clock, Inflow, Leak, Slat
from sdcluster.kernel.library.trains import profile_area

# ---- copied from here


@jit
def conveyor_in_zone(p, leak, i, depth):
    """Whether slat `i` is in the leak zone.

    A slat that is farther from the exit than the entry counts as being at the entry.
    """
    way = max(1.0 - (i + 0.5) / depth, 0.0)
    return p[leak + Leak.zone_start] <= way <= p[leak + Leak.zone_end]


@jit
def conveyor_zone(p, leak, slats, depth):
    """Return how many of the first `slats` slats, counted from the exit, are in the leak zone."""
    if p[leak + Leak.zone_start] <= 0.0 and p[leak + Leak.zone_end] >= 1.0:
        return slats
    count = 0
    for i in range(slats):
        if conveyor_in_zone(p, leak, i, depth):
            count += 1
    return count


@jit
def conveyor_fraction(p, r, leak):
    """Return the fraction that leaks: per time unit if leakage is exponential, for the whole transit if it is linear.

    The result is 0 for NaN and for negative fractions. A linear fraction is at most 1.
    """
    fraction = p[leak + Leak.fraction]
    if not fraction > 0.0:
        return 0.0
    if p[r + Belt.exponential] == 0.0 and fraction > 1.0:
        return 1.0
    return fraction


@jit
def conveyor_list(p, r, base, ys, first, last):
    """Fill the slats from a list of initial values.

    The list has one value for each slat, or one value for each time unit. A time unit's value is divided equally among
    the slats of that time unit. On a discrete conveyor, the last of these slats gets all of it.
    """
    slats = slots_for(p, p[r + Belt.transit])
    total = 0.0
    begin = 0
    while begin < slats:
        unit = int(begin * p[Clock.dt] + 1e-9)
        end = begin + 1
        while end < slats and int(end * p[Clock.dt] + 1e-9) == unit:
            end += 1
        for i in range(begin, end):
            if last - first == slats:
                p[base + i] = ys[first + i]
            elif p[r + Belt.discrete] == 0.0:
                p[base + i] = ys[min(first + unit, last - 1)] / (end - begin)
            else:
                p[base + i] = ys[min(first + unit, last - 1)] if i == end - 1 else 0.0
            total += p[base + i]
        begin = end
    p[r + Belt.content] = total


@jit
def conveyor_even(p, r, base, content):
    """Distribute `content` evenly over the slats. On a discrete conveyor, only one slat per time unit gets a share."""
    slats = slots_for(p, p[r + Belt.transit])
    count = 0
    for i in range(slats):
        deepest = i == slats - 1 or int((i + 1) * p[Clock.dt] + 1e-9) > int(i * p[Clock.dt] + 1e-9)
        p[base + i] = 1.0 if p[r + Belt.discrete] == 0.0 or deepest else 0.0
        count += int(p[base + i])
    for i in range(slats):
        p[base + i] *= content / count


@jit
def conveyor_start(p, r, base, leaks, content, listed):
    """Initialize the conveyor with `content` in total.

    If `listed`, the slats keep the proportions in which `conveyor_list` filled them. Otherwise, the content is
    distributed as in the steady state of a conveyor with these leaks.
    """
    cells = int(p[Clock.length])
    slats = slots_for(p, p[r + Belt.transit])
    for i in range(slats, cells):
        p[base + i] = 0.0
    p[r + Belt.head], p[r + Belt.slats], p[r + Belt.depth] = 0.0, slats, slats
    for k in range(leaks):
        leak, ring = r + Belt.leaks + Leak.size * k, base + (Slat.leaks + Slat.size * k) * cells
        p[leak + Leak.leaving], p[leak + Leak.carried] = 0.0, 0.0
        zone = conveyor_zone(p, leak, slats, slats)
        steady = 0.0
        if p[r + Belt.exponential] == 0.0 and zone > 0:
            steady = conveyor_fraction(p, r, leak) / zone
        for i in range(cells):
            p[ring + i] = steady if i < slats else 0.0
            p[ring + Slat.left * cells + i] = 0.0
            p[ring + Slat.taken * cells + i] = 0.0
    # The loop goes from the entry to the exit. `left` is the fraction of the entered material that still remains.
    left, total = 1.0, 0.0
    for j in range(slats):
        i = slats - 1 - j
        given = p[base + i]
        p[base + i] = given * left if not listed else given
        # Linear leakage is a fraction of the amount that entered, not of the amount that remains.
        began = given if not listed or left <= 0.0 else given / left
        shed = 0.0
        for k in range(leaks):
            leak, ring = r + Belt.leaks + Leak.size * k, base + (Slat.leaks + Slat.size * k) * cells
            steady = p[ring + i]
            if conveyor_in_zone(p, leak, i, slats):
                shed += (
                    steady
                    if p[r + Belt.exponential] == 0.0
                    else left * conveyor_fraction(p, r, leak) * p[Clock.dt]
                )
            p[ring + i] = began * steady
        total += p[base + i]
        left = max(left - shed, 0.0)
    scale = content / total if total > 0.0 else 0.0
    for i in range(slats):
        p[base + i] *= scale
        for k in range(leaks):
            p[base + (Slat.leaks + Slat.size * k) * cells + i] *= scale
    for k in range(leaks):
        leak, ring = r + Belt.leaks + Leak.size * k, base + (Slat.leaks + Slat.size * k) * cells
        ahead = 0
        for i in range(slats):
            if conveyor_in_zone(p, leak, i, slats):
                ahead += 1
            p[ring + Slat.left * cells + i] = p[ring + i] * ahead
    p[r + Belt.content] = content
    p[r + Belt.most] = abs(content)
    p[r + Belt.spent], p[r + Belt.unit] = 0.0, -INF


@jit
def conveyor_follow(p, r, base, leaks, content):
    """Rescale the slats to `content` if something other than the conveyor's own flows has changed the stock."""
    p[r + Belt.most] = max(p[r + Belt.most], abs(content))
    if abs(content - p[r + Belt.content]) <= 1e-9 * p[r + Belt.most]:
        return
    cells, slats = int(p[Clock.length]), int(p[r + Belt.slats])
    if p[r + Belt.content] > 1e-9 * p[r + Belt.most] and content > 0.0:
        scale = content / p[r + Belt.content]
        for i in range(cells):
            p[base + i] *= scale
            for k in range(leaks):
                p[base + (Slat.leaks + Slat.size * k) * cells + i] *= scale
                p[base + (Slat.leaks + Slat.size * k + Slat.left) * cells + i] *= scale
    else:
        for i in range(cells * (Slat.leaks + Slat.size * leaks)):
            p[base + i] = 0.0
        head, depth = int(p[r + Belt.head]), int(p[r + Belt.depth])
        for i in range(depth):
            p[base + (head + i) % cells] = max(content, 0.0) / depth
        p[r + Belt.slats] = max(slats, depth)
    p[r + Belt.content] = max(content, 0.0)


@jit
def conveyor_release(p, r, base, leaks):
    """Compute the leakage and the outflow of this step. `conveyor_shift` later removes the material."""
    p[r + Belt.leaving] = 0.0
    p[r + Belt.released_head], p[r + Belt.released_slats] = p[r + Belt.head], p[r + Belt.slats]
    for k in range(leaks):
        p[r + Belt.leaks + Leak.size * k + Leak.leaving] = 0.0
    if p[r + Belt.arrested] != 0.0:
        p[r + Belt.released_slats] = 0.0
        return
    if p[r + Belt.sample] != 0.0:
        p[r + Belt.depth] = slots_for(p, p[r + Belt.transit])
    cells, head = int(p[Clock.length]), int(p[r + Belt.head])
    slats, depth = int(p[r + Belt.slats]), int(p[r + Belt.depth])
    if leaks > 0:
        for i in range(slats):
            cell = base + (head + i) % cells
            rest = p[cell]
            for k in range(leaks):
                leak = r + Belt.leaks + Leak.size * k
                ring = cell + (Slat.leaks + Slat.size * k) * cells
                taken = 0.0
                if (
                    p[leak + Leak.held] == 0.0
                    and rest > 0.0
                    and conveyor_in_zone(p, leak, i, depth)
                ):
                    if p[r + Belt.exponential] == 0.0:
                        taken = min(p[ring], p[ring + Slat.left * cells])
                    else:
                        taken = p[cell] * conveyor_fraction(p, r, leak) * p[Clock.dt]
                    taken = min(taken, rest)
                p[ring + Slat.taken * cells] = taken
                p[leak + Leak.leaving] += taken
                rest -= taken
        for k in range(leaks):
            if p[r + Belt.leaks + Leak.size * k + Leak.whole] != 0.0:
                conveyor_whole(p, r, base, leaks, k)
    if p[r + Belt.held] == 0.0:
        cell = base + head
        p[r + Belt.leaving] = p[cell]
        for k in range(leaks):
            p[r + Belt.leaving] -= p[cell + (Slat.leaks + Slat.size * k + Slat.taken) * cells]
        p[r + Belt.leaving] = max(p[r + Belt.leaving], 0.0)


@jit
def conveyor_rest(p, leaks, k, cell):
    """Return how much of the content in `cell` is available to leak `k` after the other leaks of this step."""
    cells = int(p[Clock.length])
    rest = p[cell]
    for m in range(leaks):
        if m != k:
            rest -= p[cell + (Slat.leaks + Slat.size * m + Slat.taken) * cells]
    return max(rest, 0.0)


@jit
def conveyor_whole(p, r, base, leaks, k):
    """Reduce the leakage of leak `k` to whole units, taken first from the slats nearest to the exit.

    `conveyor_shift` carries the fraction that did not leak over to the next step.
    """
    cells, head, slats = int(p[Clock.length]), int(p[r + Belt.head]), int(p[r + Belt.slats])
    leak = r + Belt.leaks + Leak.size * k
    p[leak + Leak.wanted] = p[leak + Leak.leaving]
    there = 0.0
    for i in range(slats):
        there += conveyor_rest(p, leaks, k, base + (head + i) % cells)
    units = min(p[leak + Leak.leaving] + p[leak + Leak.carried], there) + 1e-9
    units -= units % 1.0
    p[leak + Leak.leaving] = 0.0
    for i in range(slats):
        cell = base + (head + i) % cells
        taken = min(units, conveyor_rest(p, leaks, k, cell))
        p[cell + (Slat.leaks + Slat.size * k + Slat.taken) * cells] = taken
        p[leak + Leak.leaving] += taken
        units -= taken


@jit
def conveyor_open(p, r, leaks, t, entering):
    """Compute the conveyor's remaining capacity and inflow limit in this step.

    `entering` is the amount that other conveyors release into this conveyor.
    """
    if p[r + Belt.arrested] != 0.0:
        p[r + Belt.room], p[r + Belt.limit_left] = 0.0, 0.0
        return
    after = p[r + Belt.content] - p[r + Belt.leaving] + entering
    for k in range(leaks):
        after -= p[r + Belt.leaks + Leak.size * k + Leak.leaving]
    capacity, limit = p[r + Belt.capacity], p[r + Belt.limit]
    p[r + Belt.room] = max(capacity - after, 0.0) if capacity < INF else INF
    if not limit < INF:
        p[r + Belt.limit_left] = INF
    elif p[r + Belt.discrete] == 0.0:
        p[r + Belt.limit_left] = max(limit, 0.0) * p[Clock.dt]
    else:
        unit = (t + 1e-6 * p[Clock.dt]) - (t + 1e-6 * p[Clock.dt]) % 1.0
        if unit != p[r + Belt.unit]:
            p[r + Belt.unit], p[r + Belt.spent] = unit, 0.0
        p[r + Belt.limit_left] = max(limit - p[r + Belt.spent], 0.0)


@jit
def conveyor_admit(p, r, wanted):
    """Return the part of the amount `wanted` that may enter the conveyor.

    That part is subtracted from the remaining capacity and inflow limit.
    """
    amount = min(wanted if wanted > 0.0 else 0.0, p[r + Belt.room], p[r + Belt.limit_left])
    p[r + Belt.room] -= amount
    p[r + Belt.limit_left] -= amount
    return amount


@jit
def conveyor_put(p, r, base, leaks, i, amount):
    """Add an amount to slat `i`, and schedule its linear leakage until the exit."""
    cells, depth = int(p[Clock.length]), int(p[r + Belt.depth])
    cell = base + (int(p[r + Belt.head]) + i) % cells
    p[cell] += amount
    if p[r + Belt.exponential] != 0.0 or amount == 0.0:
        return
    for k in range(leaks):
        leak, ring = r + Belt.leaks + Leak.size * k, cell + (Slat.leaks + Slat.size * k) * cells
        zone = conveyor_zone(p, leak, depth, depth)
        if zone > 0:
            steady = conveyor_fraction(p, r, leak) * amount / zone
            p[ring] += steady
            p[ring + Slat.left * cells] += steady * min(conveyor_zone(p, leak, i + 1, depth), zone)


@jit
def conveyor_count(p, r, amount, limited):
    """Add an inflow to the content. If `limited`, the inflow also counts towards the inflow limit."""
    if limited:
        p[r + Belt.spent] += amount
    p[r + Belt.content] += amount


@jit
def conveyor_enter_by(p, r, base, leaks, amount, limited, xs, ys, first, last):
    """Distribute an inflow over the slats by a profile, a graphical function of the distance to the exit.

    The first x of the profile is at the exit. If the area of the profile is not positive, the inflow enters at the
    entry.
    """
    if p[r + Belt.arrested] != 0.0:
        return
    conveyor_count(p, r, amount, limited)
    depth = int(p[r + Belt.depth])
    whole = profile_area(xs[last - 1], xs, ys, first, last)
    below = 0.0
    for i in range(depth):
        # Material on slat i leaves after i + 1 steps. Its share of the profile ends half a slat later.
        way = (i + 1.5) / depth
        above = whole
        if i < depth - 1:
            above = profile_area(xs[first] + way * (xs[last - 1] - xs[first]), xs, ys, first, last)
        if whole > 0.0:
            conveyor_put(p, r, base, leaks, i, amount * (above - below) / whole)
        below = above
    if not whole > 0.0:
        conveyor_put(p, r, base, leaks, depth - 1, amount)


@jit
def conveyor_shift(p, r, base, leaks):
    """Remove this step's leakage and outflow, and move every slat by one cell towards the exit."""
    if p[r + Belt.arrested] != 0.0:
        return
    cells, head, slats = int(p[Clock.length]), int(p[r + Belt.head]), int(p[r + Belt.slats])
    gone = p[r + Belt.leaving]
    for k in range(leaks):
        leak = r + Belt.leaks + Leak.size * k
        gone += p[leak + Leak.leaving]
        for i in range(slats):
            cell = base + (head + i) % cells
            ring = cell + (Slat.leaks + Slat.size * k) * cells
            p[cell] = max(p[cell] - p[ring + Slat.taken * cells], 0.0)
            if p[leak + Leak.held] == 0.0 and conveyor_in_zone(p, leak, i, int(p[r + Belt.depth])):
                p[ring + Slat.left * cells] -= min(p[ring], p[ring + Slat.left * cells])
        if p[leak + Leak.whole] != 0.0:
            p[leak + Leak.carried] += p[leak + Leak.wanted] - p[leak + Leak.leaving]
    following = (head + 1) % cells
    for a in range(Slat.leaks + Slat.size * leaks):
        if a == 0 or (a - Slat.leaks) % Slat.size != Slat.taken:
            if p[r + Belt.held] != 0.0:
                p[base + a * cells + following] += p[base + a * cells + head]
            p[base + a * cells + head] = 0.0
    p[r + Belt.head] = following
    p[r + Belt.slats] = max(slats - 1, int(p[r + Belt.depth]))
    p[r + Belt.content] -= gone


@jit
def conveyor_enter(p, r, base, leaks, inflow, origin, amount, limited):
    """Add an inflow to the slats, distributed as the field `way` of the inflow's record says.

    - 0: the inflow enters at the entry.
    - 1: it is distributed evenly over the slats.
    - 2: it is distributed in proportion to the content of the slats.
    - 3: it enters at the positions at which the material leaked from another conveyor.
    """
    if p[r + Belt.arrested] != 0.0:
        return
    conveyor_count(p, r, amount, limited)
    depth, slats, cells = int(p[r + Belt.depth]), int(p[r + Belt.slats]), int(p[Clock.length])
    way = int(p[inflow + Inflow.way])
    if way == 1:
        for i in range(depth):
            conveyor_put(p, r, base, leaks, i, amount / depth)
    elif way == 2:
        total = 0.0
        for i in range(slats):
            total += p[base + (int(p[r + Belt.head]) + i) % cells]
        for i in range(slats):
            if total > 0.0:
                share = p[base + (int(p[r + Belt.head]) + i) % cells] / total
                conveyor_put(p, r, base, leaks, i, amount * share)
        if total <= 0.0:
            conveyor_put(p, r, base, leaks, depth - 1, amount)
    elif way == 3:
        source, k = int(p[inflow + Inflow.source]), int(p[inflow + Inflow.leak])
        head, long = int(p[source + Belt.released_head]), int(p[source + Belt.released_slats])
        reach = int(p[source + Belt.depth])
        for j in range(long):
            taken = p[
                origin + (Slat.leaks + Slat.size * k + Slat.taken) * cells + (head + j) % cells
            ]
            if taken > 0.0:
                i = int(max(depth * (j + 0.5) / reach - 1e-9, 0.0))
                conveyor_put(p, r, base, leaks, min(i, depth - 1), taken)
    else:
        conveyor_put(p, r, base, leaks, depth - 1, amount)
