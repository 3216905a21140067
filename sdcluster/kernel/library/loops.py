"""Integration loops with a fixed time step. The source of these loops is appended to each kernel.

The loops call the functions of the kernel (``rhs``, ``observe``, …) by name, so the source below the mark is copied
after the source of the kernel.

A loop executes the steps ``first`` to ``last - 1`` of length ``dt``, and changes ``y`` (states) and ``p`` (memories) in
place. The head of ``p`` defines the times of the steps (see `sdcluster.kernel.layout`).

Before every ``every``-th step, the loop computes the values of the model's variables into a row of ``o`` and saves
those that ``kept`` selects. ``kept`` is a list of pairs: index in the row, number of the curve. ``out`` holds the
curves one after another, with ``span`` values each. The loop writes each curve from index 0 on. To write from a later
index, the caller passes ``out`` without its first values. ``o`` has `Row.count` rows, which are saved together for
speed: eight values of a curve fill a cache line, but one value of each of many curves would touch as many memory pages.

``work`` holds five scratch vectors as long as ``y``. Only models with conveyors or queues have a function ``begin``.
For other models, `sdcluster.kernel.library.loops_source` removes the calls to ``begin``.
"""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

from typing import Any

from sdcluster.kernel.library.records import Clock, Row

begin: Any = None
observe: Any = None
rhs: Any = None
advance: Any = None
clamp: Any = None


def jit(function):
    """Return the function unchanged, in place of the compiler's decorator."""
    return function


# ---- copied from here


@jit
def keep(o, count, kept, out, at, span):
    """Copy the saved values in the first `count` rows of ``o`` to the curves in ``out``."""
    for j in range(0, len(kept), 2):
        first = kept[j + 1] * span + at
        for k in range(count):
            out[first + k] = o[k][kept[j]]


@jit
def keep_all(o, kept, out, at, span):
    """Copy the saved values in all rows of ``o`` to the curves in ``out``."""
    for j in range(0, len(kept), 2):
        column = kept[j]
        first = kept[j + 1] * span + at
        out[first] = o[0][column]
        out[first + 1] = o[1][column]
        out[first + 2] = o[2][column]
        out[first + 3] = o[3][column]
        out[first + 4] = o[4][column]
        out[first + 5] = o[5][column]
        out[first + 6] = o[6][column]
        out[first + 7] = o[7][column]


@jit
def euler(first, last, every, dt, y, p, work, o, kept, out, span):
    """Integrate by Euler's method: y += dt f(t, y)."""
    n = len(y)
    due, row, at = -first % every, 0, 0
    k1 = work[0]
    for i in range(first, last):
        t = (p[Clock.origin] + i * p[Clock.stride]) / p[Clock.parts]
        begin(t, y, p)
        if due == 0:
            observe(t, y, p, k1, o[row])
            due = every
            row += 1
            if row == Row.count:
                keep_all(o, kept, out, at, span)
                row = 0
                at += Row.count
        else:
            rhs(t, y, p, k1)
        due -= 1
        advance(t, y, p)
        for j in range(n):
            y[j] += dt * k1[j]
        clamp(y)
    keep(o, row, kept, out, at, span)


@jit
def rk2(first, last, every, dt, y, p, work, o, kept, out, span):
    """Integrate by Heun's method, a Runge-Kutta method of order 2.

    The last stage is evaluated just before the end of the step, so that it precedes a jump at that time.
    """
    n = len(y)
    due, row, at = -first % every, 0, 0
    half = 0.5 * dt
    short = 2.0 * p[Clock.slack]
    k1, k2, w = work[0], work[1], work[2]
    for i in range(first, last):
        t = (p[Clock.origin] + i * p[Clock.stride]) / p[Clock.parts]
        begin(t, y, p)
        if due == 0:
            observe(t, y, p, k1, o[row])
            due = every
            row += 1
            if row == Row.count:
                keep_all(o, kept, out, at, span)
                row = 0
                at += Row.count
        else:
            rhs(t, y, p, k1)
        due -= 1
        for j in range(n):
            w[j] = y[j] + dt * k1[j]
        rhs(t + dt - short, w, p, k2)
        advance(t, y, p)
        for j in range(n):
            y[j] += half * (k1[j] + k2[j])
        clamp(y)
    keep(o, row, kept, out, at, span)


@jit
def rk4(first, last, every, dt, y, p, work, o, kept, out, span):
    """Integrate by the classical Runge-Kutta method of order 4.

    The last stage is evaluated just before the end of the step, so that it precedes a jump at that time.
    """
    n = len(y)
    due, row, at = -first % every, 0, 0
    half = 0.5 * dt
    sixth = dt / 6.0
    short = 2.0 * p[Clock.slack]
    k1, k2, k3, k4, w = work[0], work[1], work[2], work[3], work[4]
    for i in range(first, last):
        t = (p[Clock.origin] + i * p[Clock.stride]) / p[Clock.parts]
        begin(t, y, p)
        if due == 0:
            observe(t, y, p, k1, o[row])
            due = every
            row += 1
            if row == Row.count:
                keep_all(o, kept, out, at, span)
                row = 0
                at += Row.count
        else:
            rhs(t, y, p, k1)
        due -= 1
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
    keep(o, row, kept, out, at, span)
