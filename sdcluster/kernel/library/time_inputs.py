"""Test inputs: ramps, pulses, waves, counters."""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

from math import cos, sin

from sdcluster.kernel.library.arithmetic import floor_of
from sdcluster.kernel.library.base import jit

# ---- copied from here


@jit
def ramp(t, slope, start, finish):
    """Return a ramp: 0 before `start`, rising until `finish`, or without end if `finish` is before `start` (Vensim)."""
    if t <= start:
        return 0.0
    if finish < start:
        return slope * (t - start)
    return slope * (min(t, finish) - start)


@jit
def pulsing(t, start, interval, width, end):
    """Whether a pulse train is on."""
    if t < start:
        return False
    if interval <= 0.0:
        return t - start < width
    if t >= end:
        return False
    return (t - start) % interval < width


@jit
def middle(t, first, dt, tol, eps):
    """Return the middle of the step at `t` (Vensim's "time plus"), because test inputs change only between steps.

    For adaptive solvers, which stop at each jump, return `t` itself. In that case, `tol` is at most `eps`.
    """
    if tol <= eps:
        return t + eps
    return first + dt * (floor_of((t - first + eps) / dt) + 0.5)


@jit
def step_start(t, first, dt, tol, eps):
    """Return the start of the step at `t`, for test inputs constant within a step. For adaptive solvers, return `t`."""
    if tol <= eps:
        return t
    return first + dt * floor_of((t - first + eps) / dt)


@jit
def pulse(t, start, width, dt):
    """Return 1 while a pulse is on at the middle `t` of a step. A pulse of zero width lasts one step (Vensim)."""
    return 1.0 if start < t < start + (dt if width == 0.0 else width) else 0.0


@jit
def pulse_train(t, start, interval, width, end, dt, tol, eps):
    """Return 1 while a pulse train is on at the middle `t` of a step. The last step begins at the end time (Vensim)."""
    width = max(width, dt)
    if t <= start or t > end + dt - tol + eps:
        return 0.0
    if interval <= width:
        return 1.0
    return 1.0 if 0.0 < (t - start) % interval < width else 0.0


@jit
def sine_wave(t, amplitude, period):
    """Return a sine wave through 0 at time 0 (Stella's SINWAVE)."""
    return 0.0 if period == 0.0 else abs(amplitude) * sin(6.283185307179586 * t / period)


@jit
def cosine_wave(t, amplitude, period):
    """Return a cosine wave with its peak at time 0 (Stella's COSWAVE)."""
    return 0.0 if period == 0.0 else abs(amplitude) * cos(6.283185307179586 * t / period)


@jit
def counter(t, slack, first, last):
    """Return a counter that cycles from `first` up to `last` and began `t` ago (Stella's COUNTER)."""
    length = last - first
    if length == 0.0:
        return first
    place = (t + slack) % length - slack
    return first + (0.0 if abs(place) <= slack else place)
