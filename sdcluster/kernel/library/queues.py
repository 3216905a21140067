"""Queues: rings of batches in the parameter vector, the oldest in front.

A queue has a record at `r` and two rings of `cells` cells from `base` on: amounts, and the times at which they came.
The record: 0 place of the front batch, 1 number of batches, 2 content, 3 taken in this step, 4 whether an outflow was
held back by what it leads to, 5 content at most so far.

Sources: XMILE 1.0, section 3.7.3; isee systems, Stella help, "Queue Computation" and "Flow prioritization"; Vensim
reference manual, "QUEUE functions".
"""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

from sdcluster.kernel.library.base import jit

# ---- copied from here


@jit
def queue_start(p, r, base, cells, content, t):
    """Begin with one batch."""
    for i in range(6):
        p[r + i] = 0.0
    p[r + 2] = content
    p[r + 5] = abs(content)
    if content > 0.0:
        p[r + 1] = 1.0
        p[base] = content
        p[base + cells] = t


@jit
def queue_list(p, r, base, cells, ys, first, last, t):
    """Begin with listed batches, the front one first."""
    queue_start(p, r, base, cells, 0.0, t)
    p[7] = max(p[7], last - first)
    for i in range(first, last):
        if int(p[r + 1]) < cells:
            queue_enter(p, r, base, cells, ys[i], t)
    p[r + 5] = p[r + 2]


@jit
def queue_follow(p, r, base, cells, content, t):
    """Scale the batches if the stock was set to something else from outside."""
    p[r + 5] = max(p[r + 5], abs(content))
    if abs(content - p[r + 2]) <= 1e-9 * p[r + 5]:
        return
    if p[r + 2] > 1e-9 * p[r + 5] and content > 0.0:
        for i in range(int(p[r + 1])):
            p[base + (int(p[r]) + i) % cells] *= content / p[r + 2]
        p[r + 2] = content
    else:
        most = p[r + 5]
        queue_start(p, r, base, cells, content, t)
        p[r + 5] = most


@jit
def queue_open(p, r):
    """Begin a step: nothing is taken yet."""
    p[r + 3], p[r + 4] = 0.0, 0.0


@jit
def queue_rest(p, r):
    """Return what no outflow has taken yet in this step, and take it."""
    rest = max(p[r + 2] - p[r + 3], 0.0)
    p[r + 3] += rest
    return rest


@jit
def queue_take(p, r, base, cells, room, single, whole):
    """Take from the front what fits: one batch or several; whole batches only, or parts too."""
    skip, amount = p[r + 3], 0.0
    for i in range(int(p[r + 1])):
        batch = p[base + (int(p[r]) + i) % cells]
        if skip >= batch * (1.0 - 1e-12):
            skip = max(skip - batch, 0.0)
            continue
        batch -= skip
        skip = 0.0
        if batch > (room - amount) * (1.0 + 1e-12):
            p[r + 4] = 1.0
            if not whole:
                amount = max(room, amount)
            break
        amount += batch
        if single:
            break
    p[r + 3] += amount
    return amount


@jit
def queue_enter(p, r, base, cells, amount, t):
    """Put a batch at the end."""
    if amount > 0.0:
        cell = base + (int(p[r]) + int(p[r + 1])) % cells
        p[cell] = amount
        p[cell + cells] = t
        p[r + 1] += 1.0
        p[r + 2] += amount


@jit
def queue_shift(p, r, base, cells, taken):
    """Take an amount away from the front."""
    p[r + 2] -= taken
    while p[r + 1] > 0.0 and taken > 0.0:
        cell = base + int(p[r])
        if p[cell] > taken + 1e-12 * p[r + 5]:
            p[cell] -= taken
            return
        taken -= p[cell]
        p[r] = (int(p[r]) + 1) % cells
        p[r + 1] -= 1.0
    if p[r + 1] == 0.0:
        p[r + 2] = 0.0
