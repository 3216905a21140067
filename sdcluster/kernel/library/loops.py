"""Fixed-step integration loops; their source follows each kernel's.

Everything after the mark is copied behind the kernel, whose functions the loops call by name.

A loop runs the steps ``first`` to ``last - 1`` of length ``dt``, changing ``y`` (states) and ``p`` (memories) in place;
the head of ``p`` gives their times (see `sdcluster.kernel.layout`). Before every ``every``-th step it observes the
model into ``o``, and keeps of it what ``kept`` says: pairs of a place in ``o`` and a curve. Curves lie in ``out`` one
behind the other, ``span`` numbers each; the loop writes their numbers from 0 on, so that whoever calls passes ``out``
from there on. ``work`` holds five scratch vectors like ``y``. ``begin`` is there in models with conveyors and queues
alone; for the others `sdcluster.kernel.kernel` leaves its calls out.
"""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

from typing import Any

from sdcluster.kernel.library.records import Clock

begin: Any = None
observe: Any = None
rhs: Any = None
advance: Any = None
clamp: Any = None


def jit(function):
    """Stand in for the compiler's decorator."""
    return function


# ---- copied from here


@jit
def keep(o, kept, out, at, span):
    """Write what is kept of the observed values as one number of each curve."""
    for j in range(0, len(kept), 2):
        out[kept[j + 1] * span + at] = o[kept[j]]


@jit
def euler(first, last, every, dt, y, p, work, o, kept, out, span):
    """Euler's method: y += dt f(t, y)."""
    n = len(y)
    top = (first + every - 1) // every
    k1 = work[0]
    for i in range(first, last):
        t = (p[Clock.origin] + i * p[Clock.stride]) / p[Clock.parts]
        begin(t, y, p)
        if i % every == 0:
            observe(t, y, p, k1, o)
            keep(o, kept, out, i // every - top, span)
        else:
            rhs(t, y, p, k1)
        advance(t, y, p)
        for j in range(n):
            y[j] += dt * k1[j]
        clamp(y)


@jit
def rk2(first, last, every, dt, y, p, work, o, kept, out, span):
    """Heun's method, Runge-Kutta of order 2; the last stage stops short of a jump at the step's end."""
    n = len(y)
    top = (first + every - 1) // every
    half = 0.5 * dt
    short = 2.0 * p[Clock.slack]
    k1, k2, w = work[0], work[1], work[2]
    for i in range(first, last):
        t = (p[Clock.origin] + i * p[Clock.stride]) / p[Clock.parts]
        begin(t, y, p)
        if i % every == 0:
            observe(t, y, p, k1, o)
            keep(o, kept, out, i // every - top, span)
        else:
            rhs(t, y, p, k1)
        for j in range(n):
            w[j] = y[j] + dt * k1[j]
        rhs(t + dt - short, w, p, k2)
        advance(t, y, p)
        for j in range(n):
            y[j] += half * (k1[j] + k2[j])
        clamp(y)


@jit
def rk4(first, last, every, dt, y, p, work, o, kept, out, span):
    """Classical Runge-Kutta of order 4; the last stage stops short of a jump at the step's end."""
    n = len(y)
    top = (first + every - 1) // every
    half = 0.5 * dt
    sixth = dt / 6.0
    short = 2.0 * p[Clock.slack]
    k1, k2, k3, k4, w = work[0], work[1], work[2], work[3], work[4]
    for i in range(first, last):
        t = (p[Clock.origin] + i * p[Clock.stride]) / p[Clock.parts]
        begin(t, y, p)
        if i % every == 0:
            observe(t, y, p, k1, o)
            keep(o, kept, out, i // every - top, span)
        else:
            rhs(t, y, p, k1)
        for j in range(n):
            w[j] = y[j] + half * k1[j]
        rhs(t + half, w, p, k2)
        for j in range(n):
            w[j] = y[j] + half * k2[j]
        rhs(t + half, w, p, k3)
        for j in range(n):
            w[j] = y[j] + dt * k3[j]
        rhs(t + dt - short, w, p, k4)
        advance(t, y, p)
        for j in range(n):
            y[j] += sixth * (k1[j] + 2.0 * (k2[j] + k3[j]) + k4[j])
        clamp(y)
