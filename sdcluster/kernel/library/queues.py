"""Queues, stored as ring buffers of batches in the parameter vector `p`. The oldest batch of a queue is at its front.

A queue has a record at index `r` (`sdcluster.kernel.library.records.Queue`). Two rings of `cells` cells each begin at
index `base`: the amounts of the batches, and their entry times.

Sources: XMILE 1.0, section 3.7.3; isee systems, Stella help, "Queue Computation" and "Flow prioritization"; Vensim
reference manual, "QUEUE functions".
"""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

from sdcluster.kernel.library.base import jit
from sdcluster.kernel.library.records import Clock, Queue

# ---- copied from here


@jit
def queue_cell(p, r, base, cells, i):
    """Return the index in `p` of the amount of batch `i`, where batch 0 is at the front."""
    return base + (int(p[r + Queue.front]) + i) % cells


@jit
def queue_start(p, r, base, cells, content, t):
    """Initialize a queue with one batch of amount `content`, or as empty if `content` is not positive."""
    for i in range(Queue.size):
        p[r + i] = 0.0
    p[r + Queue.content] = content
    p[r + Queue.most] = abs(content)
    if content > 0.0:
        p[r + Queue.batches] = 1.0
        p[base] = content
        p[base + cells] = t


@jit
def queue_list(p, r, base, cells, ys, first, last, t):
    """Initialize a queue with the batches in a list, from the front to the back."""
    queue_start(p, r, base, cells, 0.0, t)
    p[Clock.need] = max(p[Clock.need], last - first)
    for i in range(first, last):
        if int(p[r + Queue.batches]) < cells:
            queue_enter(p, r, base, cells, ys[i], t)
    p[r + Queue.most] = p[r + Queue.content]


@jit
def queue_follow(p, r, base, cells, content, t):
    """Rescale the batches to `content` if something other than the queue's own flows has changed the stock."""
    p[r + Queue.most] = max(p[r + Queue.most], abs(content))
    if abs(content - p[r + Queue.content]) <= 1e-9 * p[r + Queue.most]:
        return
    if p[r + Queue.content] > 1e-9 * p[r + Queue.most] and content > 0.0:
        for i in range(int(p[r + Queue.batches])):
            p[queue_cell(p, r, base, cells, i)] *= content / p[r + Queue.content]
        p[r + Queue.content] = content
    else:
        most = p[r + Queue.most]
        queue_start(p, r, base, cells, content, t)
        p[r + Queue.most] = most


@jit
def queue_open(p, r):
    """Begin a time step, in which no outflow has taken anything yet."""
    p[r + Queue.taken], p[r + Queue.held] = 0.0, 0.0


@jit
def queue_rest(p, r):
    """Take the content that no outflow has taken in this step, and return its amount."""
    rest = max(p[r + Queue.content] - p[r + Queue.taken], 0.0)
    p[r + Queue.taken] += rest
    return rest


@jit
def queue_take(p, r, base, cells, room, single, whole):
    """Take batches from the front, at most `room` in total, and return their amount.

    If `single`, at most one batch is taken. If `whole`, a batch is not split: a batch that does not fit stays in the
    queue. `queue_shift` later removes the batches that were taken.
    """
    skip, amount = p[r + Queue.taken], 0.0
    for i in range(int(p[r + Queue.batches])):
        batch = p[queue_cell(p, r, base, cells, i)]
        if skip >= batch * (1.0 - 1e-12):
            skip = max(skip - batch, 0.0)
            continue
        batch -= skip
        skip = 0.0
        if batch > (room - amount) * (1.0 + 1e-12):
            p[r + Queue.held] = 1.0
            if not whole:
                amount = max(room, amount)
            break
        amount += batch
        if single:
            break
    p[r + Queue.taken] += amount
    return amount


@jit
def queue_enter(p, r, base, cells, amount, t):
    """Append a batch at the back of a queue if the amount is positive."""
    if amount > 0.0:
        queue_append(p, r, base, cells, amount, t)


@jit
def queue_append(p, r, base, cells, amount, stamp):
    """Append a batch at the back of a queue, even if the amount is negative.

    `stamp` is the batch's entry time or position.
    """
    cell = queue_cell(p, r, base, cells, int(p[r + Queue.batches]))
    p[cell] = amount
    p[cell + cells] = stamp
    p[r + Queue.batches] += 1.0
    p[r + Queue.content] += amount


@jit
def queue_drop(p, r, cells):
    """Remove the batch at the front of a queue, without changing the content in the record."""
    p[r + Queue.front] = (int(p[r + Queue.front]) + 1) % cells
    p[r + Queue.batches] -= 1.0


@jit
def queue_shift(p, r, base, cells, taken):
    """Remove the amount `taken` from the front of the queue."""
    p[r + Queue.content] -= taken
    while p[r + Queue.batches] > 0.0 and taken > 0.0:
        cell = base + int(p[r + Queue.front])
        if p[cell] > taken + 1e-12 * p[r + Queue.most]:
            p[cell] -= taken
            return
        taken -= p[cell]
        queue_drop(p, r, cells)
    if p[r + Queue.batches] == 0.0:
        p[r + Queue.content] = 0.0
