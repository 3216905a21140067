"""Vensim's delays and queues that track batches of material: conveyors, batch processes, profiles, FIFO queues.

Each device has a record at index `r` of the parameter vector `p`, ring buffers of `cells` cells each from index `base`
on, and three functions. ``start`` initializes the device. ``output`` returns its value at the beginning of a time step.
``move`` adds the input of a time step at the end of that step.

A train (DELAY CONVEYOR) stores two numbers for each batch: its amount, and how far the train had moved when the batch
entered. A line (QUEUE FIFO) is a queue with a third ring, for attributes. A response (DELAY PROFILE) stores the outputs
that are scheduled for later steps.

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
    """Return the area under a piecewise linear curve up to `x`. The curve is 0 beyond its end points."""
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
    """Return the share of a curve's area over interval `k`, counted from 0, of `n` intervals of equal length.

    If the area is not positive, the share is 1 / n.
    """
    whole = profile_area(xs[last - 1], xs, ys, first, last)
    if not whole > 0.0:
        return 1.0 / n
    width = (xs[last - 1] - xs[first]) / n
    low = profile_area(xs[first] + k * width, xs, ys, first, last)
    high = whole if k == n - 1 else profile_area(xs[first] + (k + 1) * width, xs, ys, first, last)
    return (high - low) / whole


@jit
def train_start(p, r, base, cells, t, total, length, xs, ys, first, last):
    """Initialize a train with `total` of content, whose exit times over one transit time follow a profile."""
    queue_start(p, r, base, cells, 0.0, t)
    slots = slots_for(p, length)
    p[r + Train.gone], p[r + Train.pace] = 0.0, 1.0 / slots
    for k in range(slots):
        amount = total * profile_share(k, slots, xs, ys, first, last)
        train_enter(p, r, base, cells, amount, k / slots - 1.0)


@jit
def train_enter(p, r, base, cells, amount, stamp):
    """Append a batch to a train unless the amount is 0. The amount can be negative."""
    if amount != 0.0:
        queue_append(p, r, base, cells, amount, stamp)


@jit
def train_due(p, r, base, cells, i):
    """Whether batch `i` of a train has reached the exit."""
    stamp = p[queue_cell(p, r, base, cells, i) + cells]
    return p[r + Train.gone] - stamp >= 1.0 - 1e-5 * p[r + Train.pace]


@jit
def train_output(p, r, base, cells, t):
    """Return the outflow of a train: the amount that reaches the exit in this step, per time unit."""
    amount, i = 0.0, 0
    while i < int(p[r + Train.batches]) and train_due(p, r, base, cells, i):
        amount += p[queue_cell(p, r, base, cells, i)]
        i += 1
    return amount / p[Clock.dt]


@jit
def train_move(p, r, base, cells, t, entering, length, leak):
    """End a time step of a train.

    The batches at the exit are removed, the inflow is appended as a batch, every batch leaks, and the train moves by
    the distance of one step.
    """
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
    """Initialize a batch process: a batch that is being processed until time `due`, and a backlog."""
    p[r + Work.batch], p[r + Work.due], p[r + Work.waiting] = batch, due, backlog


@jit
def batch_done(p, r, t):
    """Whether the batch in process is finished at time `t`."""
    return p[r + Work.batch] > 0.0 and t >= p[r + Work.due] - 1e-6 * p[Clock.dt]


@jit
def batch_output(p, r, base, cells, t):
    """Return the finished batch divided by the time step, in the step in which it is finished, and 0 in other steps."""
    return p[r + Work.batch] / p[Clock.dt] if batch_done(p, r, t) else 0.0


@jit
def batch_move(p, r, base, cells, t, entering, size, length):
    """End a time step of a batch process.

    A finished batch is removed, the next batch starts if the backlog suffices, and the inflow is added to the backlog.
    """
    if batch_done(p, r, t):
        p[r + Work.batch] = 0.0
    if p[r + Work.batch] <= 0.0 and size > 0.0 and p[r + Work.waiting] >= size * (1.0 - 1e-12):
        p[r + Work.batch] = size
        p[r + Work.due] = t + length
        p[r + Work.waiting] -= size
    p[r + Work.waiting] += entering * p[Clock.dt]


@jit
def profile_moment(xs, ys, first, last):
    """Return the integral of x y over a piecewise linear curve."""
    moment = 0.0
    for i in range(first, last - 1):
        a, b, u, v = xs[i], xs[i + 1], ys[i], ys[i + 1]
        moment += (b - a) * (u * (2.0 * a + b) + v * (a + 2.0 * b)) / 6.0
    return moment


@jit
def response_lags(p, length, xs, ys, first, last):
    """Return the number of time steps over which a response with mean delay `length` is spread.

    The result is 0 if the profile or the mean delay is not positive. The response then leaves all at once.
    """
    area = profile_area(xs[last - 1], xs, ys, first, last)
    moment = profile_moment(xs, ys, first, last)
    if not area > 0.0 or not moment > 0.0 or not length > 0.0:
        return 0
    return int(min(xs[last - 1] * length * area / moment / p[Clock.dt] + 1.5, 1e6))


@jit
def response_last(p, lags, length):
    """Return the largest delay of a response, in time steps."""
    return lags if lags > 0 else int(max(length / p[Clock.dt] + 0.5, 1.0))


@jit
def response_share(p, k, lags, length, xs, ys, first, last):
    """Return the share of an input that leaves after `k` >= 1 time steps. Output without delay counts as k = 1."""
    if lags < 1:
        return 1.0 if k == response_last(p, lags, length) else 0.0
    whole = profile_area(xs[last - 1], xs, ys, first, last)
    pace = p[Clock.dt] * profile_moment(xs, ys, first, last) / whole / length
    low = profile_area((k - 0.5) * pace, xs, ys, first, last) if k > 1 else 0.0
    return (profile_area((k + 0.5) * pace, xs, ys, first, last) - low) / whole


@jit
def response_start(p, r, base, cells, t, length, value, growth, xs, ys, first, last):
    """Schedule the outputs that result from inputs before the start of the run.

    These inputs grew at the constant rate `growth`. The outputs are scaled so that the first output is `value`.
    """
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
    """Return the output that is scheduled for this time step."""
    return p[base + int(p[r + Response.present])]


@jit
def response_move(p, r, base, cells, t, entering, length, xs, ys, first, last):
    """End a time step of a response. The input of the step is distributed over the outputs of later steps."""
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
    """Initialize a queue with `total` of content, whose ages from 0 to `reach` follow a profile."""
    queue_start(p, r, base, cells, 0.0, t)
    slots = slots_for(p, reach)
    for j in range(slots):
        k = slots - 1 - j
        amount = total * profile_share(k, slots, xs, ys, first, last)
        queue_enter(p, r, base, cells, amount, t - (k + 1) * p[Clock.dt])
    p[r + Queue.most] = abs(p[r + Queue.content])


@jit
def line_marks(p, r, base, cells, t, mark, xs, ys, first, last):
    """Set the attribute of each batch to `mark` times the value of a profile at the batch's age.

    The function is called at the start of the run, for the initial content.
    """
    oldest = line_age_oldest(p, r, base, cells, t)
    for i in range(int(p[r + Queue.batches])):
        cell = queue_cell(p, r, base, cells, i)
        x = (t - p[cell + cells] - 0.5 * p[Clock.dt]) / max(oldest, p[Clock.dt])
        x = xs[first] + (xs[last - 1] - xs[first]) * x
        p[cell + 2 * cells] = mark * lookup(x, xs, ys, first, last)


@jit
def line_mark(p, r, base, cells, mark):
    """Set the attribute of the batch that entered last."""
    if p[r + Queue.batches] > 0.0:
        last = queue_cell(p, r, base, cells, int(p[r + Queue.batches]) - 1)
        p[last + 2 * cells] = mark


@jit
def line_output(p, r, base, cells, t):
    """Return the total content of a queue."""
    return p[r + Queue.content]


@jit
def line_move(p, r, base, cells, t, entering, leaving, mark, change):
    """End a time step of a queue.

    The oldest material leaves, the inflow enters as a batch with attribute `mark`, and all attributes change by
    `change` per time unit. A negative inflow counts as an outflow, and a negative outflow as an inflow.
    """
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
    """Return the amount whose age is from `low` to `high`. A bound that is NaN does not restrict the ages."""
    amount, slack = 0.0, 1e-6 * p[Clock.dt]
    for i in range(int(p[r + Queue.batches])):
        cell = queue_cell(p, r, base, cells, i)
        age = t - p[cell + cells]
        if not (age < low - slack or age > high + slack):
            amount += p[cell]
    return amount


@jit
def line_mean(p, r, base, cells, t, quantity, ring):
    """Return the mean age (`ring` 1) or mean attribute (`ring` 2) of the oldest material in a queue.

    `quantity` is the amount of this material. If it is not positive or exceeds the content, the mean is over all
    material.
    """
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
    """Return the age of the oldest batch, or 0 for an empty queue. For negative content, the age is one time step."""
    if p[r + Queue.batches] <= 0.0:
        return p[Clock.dt] if p[r + Queue.content] < 0.0 else 0.0
    return t - p[base + cells + int(p[r + Queue.front])]


@jit
def line_quantity(p, r, base, cells, t, wanted):
    """Return the amount of the oldest material for which the sum of attribute times amount is `wanted`."""
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
    """Return a statistic of the amounts in the batches of a queue or the slats of a conveyor.

    `kind` selects the mean (0), minimum (1), maximum (2) or standard deviation (3).
    """
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
    """Return the number of batches in a queue."""
    return p[r + Queue.batches]


@jit
def line_element(p, r, base, cells, t, place):
    """Return the amount of the batch at a position, counted from 1 at the front; 0 if there is no such batch."""
    if not 0.5 <= place < p[r + Queue.batches] + 0.5:
        return 0.0
    return p[queue_cell(p, r, base, cells, int(place + 0.5) - 1)]
