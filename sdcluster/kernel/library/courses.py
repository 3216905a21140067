"""Functions of a variable's history: past values, delays of varying length, depreciation, rates of return.

A history has one value for each time step before the current step. A history is in the parameter vector. Functions take
this vector (`p`), the index of the number of values (`count`) and the index of the first value (`first`).
"""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

from math import pow as power

from sdcluster.kernel.library.base import NA, NAN, jit
from sdcluster.kernel.library.records import Clock

# ---- copied from here


@jit
def record_step(p, count, first, value):
    """Append a value to a history, unless its buffer is full."""
    n = int(p[count])
    if n < int(p[Clock.length]):
        p[first + n] = value
        p[count] = n + 1.0


@jit
def history_at(now, time, t, p, count, first):
    """Return the value of a variable at a past time (Stella's HISTORY).

    The result is 0 before the start and after the current time. `now` is the current value.
    """
    want = (time - p[Clock.start]) / p[Clock.dt] + 1e-6
    if want < 0.0 or time > t + p[Clock.slack]:
        return 0.0
    return p[first + int(want)] if want < p[count] else now


@jit
def steps_of(time, dt):
    """Return a delay time as a number of time steps, from 1 to 10^9. NaN gives 10^9."""
    steps = time / dt + 0.5
    return max(int(steps), 1) if steps < 1e9 else 1000000000


@jit
def delayed_information(start, p, count, first, q, other, times):
    """Return the most recent input whose delay time has passed (Vensim's DELAY INFORMATION).

    `start` is returned as long as no input has arrived. ``q[times:]`` holds the delay time of each input.
    """
    n = int(p[count])
    for back in range(n):
        i = n - 1 - back
        if i + steps_of(q[times + i], p[Clock.dt]) <= n:
            return p[first + i]
    return start


@jit
def delayed_material(start, missing, longest, p, count, first, q, other, times):
    """Return the sum of the inputs that arrive in this step (Vensim's DELAY MATERIAL).

    If no input arrives, `missing` is returned. Until the first delay time has passed, `start` arrives in each step.
    ``q[times:]`` holds the delay time of each input, and `longest` is the longest of them so far.
    """
    n = int(p[count])
    if n == 0:
        return start
    total = 0.0
    arrived = n < steps_of(q[times], p[Clock.dt])
    if arrived:
        total = start
    for i in range(max(n - steps_of(longest, p[Clock.dt]), 0), n):
        if i + steps_of(q[times + i], p[Clock.dt]) == n:
            total += p[first + i]
            arrived = True
    return total if arrived else missing


@jit
def straight_line(now, life, period, start, p, count, first):
    """Return the straight-line depreciation of a stream of investments (Vensim's DEPRECIATE STRAIGHTLINE)."""
    n = int(p[count])
    steps = steps_of(period, p[Clock.dt])
    parts = steps_of(life, steps * p[Clock.dt])
    present = n // steps
    total = 0.0
    for i in range(max(present - parts + 1, 0) * steps, present * steps):
        total += p[first + i]
    before = max(parts - 1 - present, 0)
    return (now + total / steps + before * start) / parts


@jit
def whole_part(x):
    """Return the greatest integer less than or equal to `x`."""
    return x - x % 1.0


@jit
def by_schedule(now, t, life, switch, p, count, first, v, a, step, parts, w, b, stride, given):
    """Return the depreciation of a stream of investments by a schedule (Vensim's DEPRECIATE BY SCHEDULE).

    Row `v` holds the weights of the schedule. Row `w` holds the depreciation of the investments made before the start.
    """
    whole = 0.0
    for k in range(parts):
        whole += v[a + k * step]
    if whole == 0.0 or not life > 0.0 or switch != switch:
        return NAN
    period = life / parts
    slack = 1e-6 * p[Clock.dt] - switch
    present = whole_part((t + slack) / period)
    total = now * v[a]
    for back in range(int(p[count])):
        i = int(p[count]) - 1 - back
        age = int(present - whole_part((p[Clock.start] + i * p[Clock.dt] + slack) / period))
        if age >= parts:
            break
        if age > 0:
            total += v[a + age * step] * p[first + i] * p[Clock.dt] / period
    since = int(present - whole_part((p[Clock.start] + slack) / period))
    before = w[b + since * stride] / period if since < given else 0.0
    return total / whole + before


@jit
def worth(rate, now, extra, when, steps, dt, p, count, first):
    """Return the present value of a stream of payments at the start of the run.

    `rate` is the discount rate per period, and a period has `steps` time steps. `extra` is a single payment after
    `when` periods.
    """
    n = int(p[count])
    factor = 1.0 / (1.0 + rate)
    # Horner's scheme, from the last period back to the first.
    total = 0.0
    i = n
    while i >= 0:
        period = i // steps
        flow = 0.0
        while i >= period * steps:
            flow += (now if i == n else p[first + i]) * dt
            i -= 1
        total = total * factor + flow
    return total * factor + (extra * power(factor, when) if extra != 0.0 else 0.0)


@jit
def return_rate(now, extra, when, steps, highest, missing, p, count, first):
    """Return the rate of return per period: the discount rate at which the present value is zero.

    The equation is solved by the false position method (Illinois variant). `missing` is returned if there is no
    solution up to `highest`.
    """
    dt = p[Clock.dt]
    low, high = 0.0, 0.0
    low_worth = high_worth = worth(0.0, now, extra, when, steps, dt, p, count, first)
    if low_worth == 0.0:
        other = worth(0.01, now, extra, when, steps, dt, p, count, first)
        return missing if other == 0.0 else 0.0
    up = True
    reach = 0.01
    while low_worth * high_worth > 0.0:
        if up:
            high = min(reach, highest)
            high_worth = worth(high, now, extra, when, steps, dt, p, count, first)
        else:
            low = -reach / (1.0 + reach)
            low_worth = worth(low, now, extra, when, steps, dt, p, count, first)
        if up and low_worth * high_worth > 0.0:
            up = False
            high_worth = low_worth if high >= highest else high_worth
        elif low_worth * high_worth > 0.0:
            up = True
            reach *= 2.0
            if reach > 1e6 or (reach > 2.0 * highest and low < -0.999):
                return missing
    for _ in range(200):
        if abs(high - low) < 1e-13 * (1.0 + abs(low)):
            break
        middle = high - high_worth * (high - low) / (high_worth - low_worth)
        value = worth(middle, now, extra, when, steps, dt, p, count, first)
        if value == 0.0 or middle in (low, high):
            return middle
        if value * high_worth < 0.0:
            low, low_worth = high, high_worth
        else:
            low_worth *= 0.5
        high, high_worth = middle, value
    return high if -1.0 < high <= highest else missing


@jit
def irr(now, missing, p, count, first):
    """Return the internal rate of return per time unit, or `missing` if it does not exist (Stella's IRR)."""
    rate = return_rate(now, 0.0, 0.0, 1, 1e6, NAN, p, count, first)
    if rate != rate:
        return missing
    return power(1.0 + rate, 1.0 / p[Clock.dt]) - 1.0


@jit
def internal_rate(now, period, extra, time, p, count, first):
    """Return the rate of return per fiscal period, or `NA` if it does not exist (Vensim's INTERNAL RATE OF RETURN)."""
    steps = steps_of(period, p[Clock.dt])
    when = (time - p[Clock.start]) / (steps * p[Clock.dt])
    return return_rate(now, extra, when, steps, 1.0, NA, p, count, first)
