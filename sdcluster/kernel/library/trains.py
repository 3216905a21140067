"""Vensim's delays and queues that track separate amounts: conveyors, batches, profiles, first-in-first-out queues.

Each has a record at index `r`, rings of `cells` cells from index `base` on, and three functions. ``start`` initializes
it, ``output`` returns its value at the beginning of a step, and ``move`` adds a step's input at the end of the step.

A train (DELAY CONVEYOR) stores for each batch the amount, and the distance that the train had moved at entry. A line
(QUEUE FIFO) is a queue with a third ring, for attributes. A response (DELAY PROFILE) stores scheduled outputs.

Source: Vensim reference manual, DELAY BATCH, DELAY CONVEYOR, DELAY PROFILE, QUEUE FIFO, QUEUE FIFO ATTRIB, QUEUE AGE
AVERAGE, QUEUE AGE IN RANGE, QUEUE AGE OLDEST, QUEUE ATTRIB QUANTITY.
"""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

from math import exp, sqrt

from sdcluster.kernel.library.base import jit
from sdcluster.kernel.library.delays import slots_for
from sdcluster.kernel.library.lookups import lookup
from sdcluster.kernel.library.queues import (
    queue_append,
    queue_cell,
    queue_drop,
    queue_enter,
    queue_shift,
    queue_start,
)
from sdcluster.kernel.library.records import Clock, Queue, Response, Train, Work

# ---- copied from here


@jit
def profile_area(x, xs, ys, first, last):
    """Return the area under a piecewise linear curve up to `x`; the curve is 0 outside its points."""
    area = 0.0
    for i in range(first, last - 1):
        width = xs[i + 1] - xs[i]
        if x >= xs[i + 1]:
            area += 0.5 * (ys[i] + ys[i + 1]) * width
        elif x > xs[i]:
            part = x - xs[i]
            area += part * (ys[i] + 0.5 * (ys[i + 1] - ys[i]) * part / width)
    return area


@jit
def profile_share(k, n, xs, ys, first, last):
    """Return the share of a curve's area in the k-th of n equal intervals; 1 / n if the area is not positive."""
    whole = profile_area(xs[last - 1], xs, ys, first, last)
    if not whole > 0.0:
        return 1.0 / n
    width = (xs[last - 1] - xs[first]) / n
    low = profile_area(xs[first] + k * width, xs, ys, first, last)
    high = whole if k == n - 1 else profile_area(xs[first] + (k + 1) * width, xs, ys, first, last)
    return (high - low) / whole


@jit
def train_start(p, r, base, cells, t, total, length, xs, ys, first, last):
    """Distribute the initial content over the exit times of one transit, by a profile."""
    queue_start(p, r, base, cells, 0.0, t)
    slots = slots_for(p, length)
    p[r + Train.gone], p[r + Train.pace] = 0.0, 1.0 / slots
    for k in range(slots):
        amount = total * profile_share(k, slots, xs, ys, first, last)
        train_enter(p, r, base, cells, amount, k / slots - 1.0)


@jit
def train_enter(p, r, base, cells, amount, stamp):
    """Append a batch of any sign."""
    if amount != 0.0:
        queue_append(p, r, base, cells, amount, stamp)


@jit
def train_due(p, r, base, cells, i):
    """Whether batch `i` has reached the exit."""
    stamp = p[queue_cell(p, r, base, cells, i) + cells]
    return p[r + Train.gone] - stamp >= 1.0 - 1e-5 * p[r + Train.pace]


@jit
def train_output(p, r, base, cells, t):
    """Return the amount that reaches the exit in this step, per time unit."""
    amount, i = 0.0, 0
    while i < int(p[r + Train.batches]) and train_due(p, r, base, cells, i):
        amount += p[queue_cell(p, r, base, cells, i)]
        i += 1
    return amount / p[Clock.dt]


@jit
def train_move(p, r, base, cells, t, entering, length, leak):
    """Remove the batches at the exit, append the inflow, apply the leak, and move the train by a step."""
    while p[r + Train.batches] > 0.0 and train_due(p, r, base, cells, 0):
        p[r + Train.content] -= p[base + int(p[r + Train.front])]
        queue_drop(p, r, cells)
    train_enter(p, r, base, cells, entering * p[Clock.dt], p[r + Train.gone])
    if leak != 0.0:
        kept = max(1.0 - leak * p[Clock.dt], 0.0)
        for i in range(int(p[r + Train.batches])):
            p[queue_cell(p, r, base, cells, i)] *= kept
        p[r + Train.content] *= kept
    p[r + Train.pace] = p[Clock.dt] / max(length, p[Clock.dt])
    p[r + Train.gone] += p[r + Train.pace]


@jit
def batch_start(p, r, base, cells, t, batch, due, backlog):
    """Initialize with a batch in process and a backlog."""
    p[r + Work.batch], p[r + Work.due], p[r + Work.waiting] = batch, due, backlog


@jit
def batch_done(p, r, t):
    """Whether the batch in process is finished."""
    return p[r + Work.batch] > 0.0 and t >= p[r + Work.due] - 1e-6 * p[Clock.dt]


@jit
def batch_output(p, r, base, cells, t):
    """Return the batch, per time unit, in the step in which it is finished; 0 in other steps."""
    return p[r + Work.batch] / p[Clock.dt] if batch_done(p, r, t) else 0.0


@jit
def batch_move(p, r, base, cells, t, entering, size, length):
    """Remove a finished batch, start the next one if the backlog suffices, and add the inflow to the backlog."""
    if batch_done(p, r, t):
        p[r + Work.batch] = 0.0
    if p[r + Work.batch] <= 0.0 and size > 0.0 and p[r + Work.waiting] >= size * (1.0 - 1e-12):
        p[r + Work.batch] = size
        p[r + Work.due] = t + length
        p[r + Work.waiting] -= size
    p[r + Work.waiting] += entering * p[Clock.dt]


@jit
def profile_moment(xs, ys, first, last):
    """Return the first moment of the area under a piecewise linear curve."""
    moment = 0.0
    for i in range(first, last - 1):
        a, b, u, v = xs[i], xs[i + 1], ys[i], ys[i + 1]
        moment += (b - a) * (u * (2.0 * a + b) + v * (a + 2.0 * b)) / 6.0
    return moment


@jit
def response_lags(p, length, xs, ys, first, last):
    """Return the number of steps of a response with mean `length`; 0 if the profile has no positive mean."""
    area = profile_area(xs[last - 1], xs, ys, first, last)
    moment = profile_moment(xs, ys, first, last)
    if not area > 0.0 or not moment > 0.0 or not length > 0.0:
        return 0
    return int(min(xs[last - 1] * length * area / moment / p[Clock.dt] + 1.5, 1e6))


@jit
def response_last(p, lags, length):
    """Return the largest lag with output, in steps."""
    return lags if lags > 0 else int(max(length / p[Clock.dt] + 0.5, 1.0))


@jit
def response_share(p, k, lags, length, xs, ys, first, last):
    """Return the share of an input that leaves after `k` >= 1 steps. Output without delay is counted at `k` = 1."""
    if lags < 1:
        return 1.0 if k == response_last(p, lags, length) else 0.0
    whole = profile_area(xs[last - 1], xs, ys, first, last)
    pace = p[Clock.dt] * profile_moment(xs, ys, first, last) / whole / length
    low = profile_area((k - 0.5) * pace, xs, ys, first, last) if k > 1 else 0.0
    return (profile_area((k + 0.5) * pace, xs, ys, first, last) - low) / whole


@jit
def response_start(p, r, base, cells, t, length, value, growth, xs, ys, first, last):
    """Schedule the output of past inputs that grew at a constant rate."""
    for i in range(cells):
        p[base + i] = 0.0
    p[r + Response.present] = 0.0
    lags = response_lags(p, length, xs, ys, first, last)
    end = response_last(p, lags, length)
    p[Clock.wish] = max(p[Clock.wish], end + 1.0)
    later = 0.0
    for j in range(end):
        k = end - j
        later += response_share(p, k, lags, length, xs, ys, first, last) * exp(
            -growth * k * p[Clock.dt]
        )
        if k - 1 < cells:
            p[base + k - 1] = later * exp(growth * (k - 1) * p[Clock.dt])
    scale = value / later if later > 0.0 else 0.0
    for i in range(min(end, cells)):
        p[base + i] *= scale


@jit
def response_output(p, r, base, cells, t):
    """Return the output scheduled for this step."""
    return p[base + int(p[r + Response.present])]


@jit
def response_move(p, r, base, cells, t, entering, length, xs, ys, first, last):
    """Advance by a step, and distribute the step's input over the following steps."""
    p[base + int(p[r + Response.present])] = 0.0
    p[r + Response.present] = (int(p[r + Response.present]) + 1) % cells
    lags = response_lags(p, length, xs, ys, first, last)
    end = response_last(p, lags, length)
    p[Clock.wish] = max(p[Clock.wish], end + 1.0)
    for k in range(1, min(end, cells) + 1):
        share = response_share(p, k, lags, length, xs, ys, first, last)
        p[base + (int(p[r + Response.present]) + k - 1) % cells] += entering * share


@jit
def line_start(p, r, base, cells, t, total, reach, xs, ys, first, last):
    """Distribute the initial content over ages, by a profile."""
    queue_start(p, r, base, cells, 0.0, t)
    slots = slots_for(p, reach)
    for j in range(slots):
        k = slots - 1 - j
        amount = total * profile_share(k, slots, xs, ys, first, last)
        queue_enter(p, r, base, cells, amount, t - (k + 1) * p[Clock.dt])
    p[r + Queue.most] = abs(p[r + Queue.content])


@jit
def line_marks(p, r, base, cells, t, mark, xs, ys, first, last):
    """Set the attributes of the initial content, by a profile over age."""
    oldest = line_age_oldest(p, r, base, cells, t)
    for i in range(int(p[r + Queue.batches])):
        cell = queue_cell(p, r, base, cells, i)
        x = (t - p[cell + cells] - 0.5 * p[Clock.dt]) / max(oldest, p[Clock.dt])
        x = xs[first] + (xs[last - 1] - xs[first]) * x
        p[cell + 2 * cells] = mark * lookup(x, xs, ys, first, last)


@jit
def line_mark(p, r, base, cells, mark):
    """Set the attribute of the last batch."""
    if p[r + Queue.batches] > 0.0:
        last = queue_cell(p, r, base, cells, int(p[r + Queue.batches]) - 1)
        p[last + 2 * cells] = mark


@jit
def line_output(p, r, base, cells, t):
    """Return the content of the queue."""
    return p[r + Queue.content]


@jit
def line_move(p, r, base, cells, t, entering, leaving, mark, change):
    """Remove the oldest material, append the inflow, and update the attributes. Negative flows are reversed."""
    coming = max(entering, 0.0) + max(-leaving, 0.0)
    going = (max(leaving, 0.0) + max(-entering, 0.0)) * p[Clock.dt]
    coming *= p[Clock.dt]
    p[r + Queue.most] = max(p[r + Queue.most], abs(p[r + Queue.content]), coming)
    total = p[r + Queue.content] + coming - going
    there = max(p[r + Queue.content], 0.0)
    if total <= 1e-12 * p[r + Queue.most]:
        p[r + Queue.batches] = 0.0
        p[r + Queue.content] = total if total < -1e-12 * p[r + Queue.most] else 0.0
    else:
        owed = min(p[r + Queue.content], 0.0)
        queue_shift(p, r, base, cells, min(going, there))
        p[r + Queue.content] = max(p[r + Queue.content], 0.0)
        before = p[r + Queue.batches]
        queue_enter(p, r, base, cells, coming - max(going - there, 0.0) + owed, t)
        if p[r + Queue.batches] > before:
            line_mark(p, r, base, cells, mark)
    if change != 0.0:
        for i in range(int(p[r + Queue.batches])):
            p[queue_cell(p, r, base, cells, i) + 2 * cells] += change * p[Clock.dt]


@jit
def line_age_in_range(p, r, base, cells, t, low, high):
    """Return the amount with an age from `low` to `high`; NaN means unbounded."""
    amount, slack = 0.0, 1e-6 * p[Clock.dt]
    for i in range(int(p[r + Queue.batches])):
        cell = queue_cell(p, r, base, cells, i)
        age = t - p[cell + cells]
        if not (age < low - slack or age > high + slack):
            amount += p[cell]
    return amount


@jit
def line_mean(p, r, base, cells, t, quantity, ring):
    """Return the mean age (ring 1) or attribute (ring 2) of the oldest `quantity`, or of all if `quantity` <= 0."""
    left = quantity if 0.0 < quantity < p[r + Queue.content] else p[r + Queue.content]
    if left <= 0.0:
        return p[Clock.dt] if p[r + Queue.content] < 0.0 and ring == 1 else 0.0
    whole, total = left, 0.0
    for i in range(int(p[r + Queue.batches])):
        cell = queue_cell(p, r, base, cells, i)
        part = min(p[cell], left)
        total += part * (t - p[cell + cells] if ring == 1 else p[cell + 2 * cells])
        left -= part
        if left <= 0.0:
            break
    return total / (whole - max(left, 0.0))


@jit
def line_age_oldest(p, r, base, cells, t):
    """Return the age of the oldest batch; one time step if the content is negative."""
    if p[r + Queue.batches] <= 0.0:
        return p[Clock.dt] if p[r + Queue.content] < 0.0 else 0.0
    return t - p[base + cells + int(p[r + Queue.front])]


@jit
def line_quantity(p, r, base, cells, t, wanted):
    """Return the amount from the front whose attributes (times amount) sum to `wanted`."""
    amount = 0.0
    for i in range(int(p[r + Queue.batches])):
        cell = queue_cell(p, r, base, cells, i)
        own = p[cell] * p[cell + 2 * cells]
        if own > wanted:
            return amount + p[cell] * max(wanted, 0.0) / own
        wanted -= own
        amount += p[cell]
    return amount


@jit
def line_summary(p, r, base, cells, t, kind):
    """Return the mean (0), minimum (1), maximum (2) or standard deviation (3) of the amounts in batches or slats."""
    count = int(p[r + Queue.batches])
    if count == 0:
        return 0.0
    total, squares = 0.0, 0.0
    least = p[base + int(p[r + Queue.front])]
    most = least
    for i in range(count):
        value = p[queue_cell(p, r, base, cells, i)]
        total += value
        least = min(least, value)
        most = max(most, value)
    if kind == 1:
        return least
    if kind == 2:
        return most
    mean = total / count
    if kind == 0:
        return mean
    for i in range(count):
        squares += (p[queue_cell(p, r, base, cells, i)] - mean) ** 2
    return sqrt(squares / count)


@jit
def line_length(p, r, base, cells, t):
    """Return the number of batches."""
    return p[r + Queue.batches]


@jit
def line_element(p, r, base, cells, t, place):
    """Return the amount of a batch by its position (1 at the front); 0 if there is no such batch."""
    if not 0.5 <= place < p[r + Queue.batches] + 0.5:
        return 0.0
    return p[queue_cell(p, r, base, cells, int(place + 0.5) - 1)]
