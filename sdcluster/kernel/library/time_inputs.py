"""Test inputs: ramps, pulses, waves, counters."""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

from math import cos, sin

from sdcluster.kernel.library.arithmetic import floor_of
from sdcluster.kernel.library.base import jit

# ---- copied from here


@jit
def ramp(t, slope, start, finish):
    """Return the value at time `t` of a ramp that is 0 until `start` and then changes with `slope` until `finish`.

    If `finish` is before `start`, the ramp does not end (as in Vensim).
    """
    if t <= start:
        return 0.0
    if finish < start:
        return slope * (t - start)
    return slope * (min(t, finish) - start)


@jit
def pulsing(t, start, interval, width, end):
    """Whether a pulse is on at time `t`, in a train of pulses of length `width` every `interval` from `start` to `end`.

    If `interval` is not positive, there is only one pulse.
    """
    if t < start:
        return False
    if interval <= 0.0:
        return t - start < width
    if t >= end:
        return False
    return (t - start) % interval < width


@jit
def middle(t, first, dt, tol, eps):
    """Return the middle of the time step that contains `t` (Vensim's "time plus").

    Test inputs are evaluated at this time, because they change only between steps. For adaptive solvers, which stop at
    each jump, the result is `t` plus the tolerance `eps`. Adaptive solvers are recognized by a `tol` of at most `eps`.
    """
    if tol <= eps:
        return t + eps
    return first + dt * (floor_of((t - first + eps) / dt) + 0.5)


@jit
def step_start(t, first, dt, tol, eps):
    """Return the start of the time step that contains `t`, for test inputs that are constant within a step.

    For adaptive solvers, which are recognized by a `tol` of at most `eps`, the result is `t`.
    """
    if tol <= eps:
        return t
    return first + dt * floor_of((t - first + eps) / dt)


@jit
def pulse(t, start, width, dt):
    """Return 1 while a pulse is on, and 0 otherwise. `t` is the middle of a time step.

    A pulse of width 0 lasts one step, as in Vensim.
    """
    return 1.0 if start < t < start + (dt if width == 0.0 else width) else 0.0


@jit
def pulse_train(t, start, interval, width, end, dt, tol, eps):
    """Return 1 while a pulse of a pulse train is on, and 0 otherwise. `t` is the middle of a time step.

    As in Vensim, the last step in which a pulse can be on begins at the end time.
    """
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
    """Return the value of a counter that started at `first` a time `t` ago (Stella's COUNTER).

    The counter rises by 1 per time unit, and starts again from `first` when it reaches `last`.
    """
    length = last - first
    if length == 0.0:
        return first
    place = (t + slack) % length - slack
    return first + (0.0 if abs(place) <= slack else place)
