"""Delays of fixed length, with ring buffers in the parameter vector, and conversion of times to numbers of steps."""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

from sdcluster.kernel.library.base import jit
from sdcluster.kernel.library.records import Clock

# ---- copied from here


@jit
def whole_steps(p, time):
    """Return a time as a number of steps, from 1 to 10^9. NaN gives 1."""
    wanted = time / p[Clock.dt] + 0.5
    if wanted >= 1e9:
        return 1000000000
    return int(wanted) if wanted >= 1.0 else 1


@jit
def slots_for(p, time):
    """Return a time as a number of steps, but not more than a buffer has cells.

    The number of cells that the time requires is recorded in `p[Clock.need]`.
    """
    steps = whole_steps(p, time)
    p[Clock.need] = max(p[Clock.need], steps)
    return min(steps, int(p[Clock.length]))


@jit
def delay_start(p, value, length, pointer, count, end, cell):
    """Fill the buffers of delays of fixed length with their initial values.

    On entry, `p[length]` holds the delay time; on return, the number of steps. If a delay is longer than the run, only
    the available cells are filled. The number of steps of the whole delay is stored nevertheless, so that a longer run
    can continue from this one.
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
    """Write the current input to the buffer of a delay of fixed length, and read its output for the next step."""
    most = int(p[Clock.length])
    start = end + cell * most
    i = int(p[pointer])
    p[start + i] = entering
    i += 1
    if i >= int(p[length]):
        i = 0
    p[pointer] = i
    p[value] = p[start + i]
