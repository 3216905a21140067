"""Delays of fixed length: buffers in the parameter vector; and how many steps a time takes."""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

from sdcluster.kernel.library.base import jit
from sdcluster.kernel.library.records import Clock

# ---- copied from here


@jit
def whole_steps(p, time):
    """Return the number of steps of a time: from one, also where it is NaN, to a thousand million."""
    wanted = time / p[Clock.dt] + 0.5
    if wanted >= 1e9:
        return 1000000000
    return int(wanted) if wanted >= 1.0 else 1


@jit
def slots_for(p, time):
    """Return the number of steps of a time; more than there are cells are noted in `p[Clock.need]`."""
    steps = whole_steps(p, time)
    p[Clock.need] = max(p[Clock.need], steps)
    return min(steps, int(p[Clock.length]))


@jit
def delay_start(p, value, length, pointer, count, end, cell):
    """Fill the buffers of delays of fixed length; `p[length]` holds the delay time at first.

    A delay longer than the run keeps its length in steps, so that a longer run can go on from it; only as much of it is
    filled as there are cells.
    """
    most = int(p[Clock.length])
    for i in range(count):
        steps = whole_steps(p, p[length + i])
        p[length + i] = steps
        p[pointer + i] = 0.0
        for j in range(min(steps, most)):
            p[end + (cell + i) * most + j] = p[value + i]


@jit
def delay_step(p, value, length, pointer, end, cell, entering):
    """Push a value into a delay of fixed length, and take out the one that is due next."""
    most = int(p[Clock.length])
    start = end + cell * most
    i = int(p[pointer])
    p[start + i] = entering
    i += 1
    if i >= int(p[length]):
        i = 0
    p[pointer] = i
    p[value] = p[start + i]
