"""Dormand-Prince method, with step sizes of its own for each lane. `sdcluster.run.dopri5` calls it.

A lane is one of the runs that are integrated side by side in vector registers. The steps of a lane depend only on that
lane, because `lane`, the states and the stages have separate values for each lane. Stages and error estimates are
computed for all lanes, even for those that have finished, because masking would cost more than it saves. A mask is
applied only when results are written, so that only the results of accepted steps are kept.

Sources: Dormand & Prince (1980), J. Comp. Appl. Math. 6, 19, for the coefficients; Hairer, Nørsett & Wanner (1993),
Solving Ordinary Differential Equations I, II.4 for the step-size control and the first step, II.6 for the polynomial
that interpolates within a step (Shampine 1986).
"""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

from math import pow as power
from math import sqrt
from typing import Any

from sdcluster.kernel.library.base import jit
from sdcluster.kernel.library.loops import keep, keep_all
from sdcluster.kernel.library.records import Clock, Lane, Row

some = bool  # whether a condition is true in any lane
observe: Any = None
rhs: Any = None
clamp: Any = None

# ---- copied from here


@jit
def held_back(y, floor, slope):
    """Set the derivative of a stock to zero if the stock must not become negative, is empty, and would decrease.

    `floor` lists the indices of the stocks that must not become negative.
    """
    for i in range(len(floor)):
        j = floor[i]
        if y[j] <= 0.0 and slope[j] < 0.0:
            slope[j] = 0.0


@jit
def dopri5(goal, last, y, p, lane, stops, times, floor, states, top, work, rtol, atol, most):
    """Integrate up to time `goal` and up to the saved time with index `last`. A further call continues from there.

    `lane` holds the progress of each lane (`Lane`). `stops` holds, in ascending order up to `goal`, the times at which
    a step must end. `states` receives the states at the saved times, one after another, from index `top` on. `work` is
    scratch space of 13 vectors as long as `y`.
    """
    n = len(y)
    count = len(times)
    slack = p[Clock.slack]
    k1, k2, k3, k4, k5, k6, k7 = work[0], work[1], work[2], work[3], work[4], work[5], work[6]
    w, c1, c2, c3, c4, c5 = work[7], work[8], work[9], work[10], work[11], work[12]
    t = lane[Lane.time]
    begun = lane[Lane.begun]
    length = lane[Lane.length]
    h = lane[Lane.next]
    row = int(lane[Lane.row])
    at = int(lane[Lane.stop])
    fresh = lane[Lane.fresh] > 0.0
    rejected = lane[Lane.rejected] > 0.0
    evaluations = lane[Lane.evaluations]
    failed = lane[Lane.failed]
    finest = 4e-15 * max(abs(p[Clock.start]), abs(p[Clock.stop]))
    while some(failed == 0.0 and (row < last or t < goal)):
        edge = t - slack if fresh else t
        while row < last and times[row] < edge:
            x = max(0.0, (times[row] - begun) / length)
            rest = 1.0 - x
            first = (row - top) * n
            for j in range(n):
                states[first + j] = c1[j] + x * (
                    c2[j] + rest * (c3[j] + x * (c4[j] + rest * c5[j]))
                )
            row += 1
        running = failed == 0.0 and (row < last or t < goal)
        stop = stops[at]
        # The last stage is evaluated before a jump at the end of the step.
        latest = stop - 4.0 * slack
        anew = running and fresh
        if some(anew):
            rhs(min(t, latest), y, p, k2)
            held_back(y, floor, k2)
            size = 0.0
            slope = 0.0
            for j in range(n):
                scale = max(atol + rtol * abs(y[j]), 1e-300)
                size += (y[j] / scale) * (y[j] / scale)
                slope += (k2[j] / scale) * (k2[j] / scale)
            size = sqrt(size / n)
            slope = sqrt(slope / n)
            guess = 0.01 * p[Clock.dt]
            if size > 1e-5 and slope > 1e-5:
                guess = 0.01 * size / slope
            guess = min(guess, stop - t)
            for j in range(n):
                w[j] = y[j] + guess * k2[j]
            rhs(min(t + guess, latest), w, p, k3)
            held_back(w, floor, k3)
            bend = 0.0
            for j in range(n):
                scale = max(atol + rtol * abs(y[j]), 1e-300)
                bend += ((k3[j] - k2[j]) / scale) * ((k3[j] - k2[j]) / scale)
            steepest = max(slope, sqrt(bend / n) / max(guess, 1e-300))
            other = power(0.01 / max(steepest, 1e-15), 0.2)
            if anew:
                h = min(100.0 * guess, other)
                evaluations += 2.0
                fresh = False
                for j in range(n):
                    k1[j] = k2[j]
        lands = h > 0.999 * (stop - t)
        step = stop - t if lands else h
        for j in range(n):
            w[j] = y[j] + step * (0.2 * k1[j])
        rhs(min(t + 0.2 * step, latest), w, p, k2)
        held_back(w, floor, k2)
        for j in range(n):
            w[j] = y[j] + step * (3.0 / 40.0 * k1[j] + 9.0 / 40.0 * k2[j])
        rhs(min(t + 0.3 * step, latest), w, p, k3)
        held_back(w, floor, k3)
        for j in range(n):
            w[j] = y[j] + step * (44.0 / 45.0 * k1[j] - 56.0 / 15.0 * k2[j] + 32.0 / 9.0 * k3[j])
        rhs(min(t + 0.8 * step, latest), w, p, k4)
        held_back(w, floor, k4)
        for j in range(n):
            w[j] = y[j] + step * (
                19372.0 / 6561.0 * k1[j]
                - 25360.0 / 2187.0 * k2[j]
                + 64448.0 / 6561.0 * k3[j]
                - 212.0 / 729.0 * k4[j]
            )
        rhs(min(t + 8.0 / 9.0 * step, latest), w, p, k5)
        held_back(w, floor, k5)
        for j in range(n):
            w[j] = y[j] + step * (
                9017.0 / 3168.0 * k1[j]
                - 355.0 / 33.0 * k2[j]
                + 46732.0 / 5247.0 * k3[j]
                + 49.0 / 176.0 * k4[j]
                - 5103.0 / 18656.0 * k5[j]
            )
        rhs(min(t + step, latest), w, p, k6)
        held_back(w, floor, k6)
        for j in range(n):
            w[j] = y[j] + step * (
                35.0 / 384.0 * k1[j]
                + 500.0 / 1113.0 * k3[j]
                + 125.0 / 192.0 * k4[j]
                - 2187.0 / 6784.0 * k5[j]
                + 11.0 / 84.0 * k6[j]
            )
        rhs(min(t + step, latest), w, p, k7)
        held_back(w, floor, k7)
        total = 0.0
        for j in range(n):
            scale = max(atol + rtol * max(abs(y[j]), abs(w[j])), 1e-300)
            error = step * (
                71.0 / 57600.0 * k1[j]
                - 71.0 / 16695.0 * k3[j]
                + 71.0 / 1920.0 * k4[j]
                - 17253.0 / 339200.0 * k5[j]
                + 22.0 / 525.0 * k6[j]
                - 1.0 / 40.0 * k7[j]
            )
            total += (error / scale) * (error / scale)
        norm = sqrt(total / n)
        factor = 0.9 * power(max(norm, 1e-10), -0.2)
        if running:
            evaluations += 6.0
            if norm <= 1.0:
                ahead = stop if lands else t + step
                if row < count and times[row] < ahead:
                    for j in range(n):
                        c1[j] = y[j]
                        c2[j] = w[j] - y[j]
                        c3[j] = step * k1[j] - c2[j]
                        c4[j] = c2[j] - step * k7[j] - c3[j]
                        c5[j] = step * (
                            -12715105075.0 / 11282082432.0 * k1[j]
                            + 87487479700.0 / 32700410799.0 * k3[j]
                            - 10690763975.0 / 1880347072.0 * k4[j]
                            + 701980252875.0 / 199316789632.0 * k5[j]
                            - 1453857185.0 / 822651844.0 * k6[j]
                            + 69997945.0 / 29380423.0 * k7[j]
                        )
                for j in range(n):
                    y[j] = w[j]
                    k1[j] = k7[j]
                begun = t
                length = step
                t = ahead
                h = step * min(1.0 if rejected else 10.0, max(0.2, factor))
                rejected = False
                if lands:
                    at += 1
                    fresh = True
                    clamp(y)
            else:
                h = step * (max(0.2, factor) if norm > 1.0 else 0.1)
                rejected = True
                if not h > finest:
                    failed = Lane.stuck
            if evaluations > most:
                failed = Lane.endless
    lane[Lane.time] = t
    lane[Lane.begun] = begun
    lane[Lane.length] = length
    lane[Lane.next] = h
    lane[Lane.row] = float(row)
    lane[Lane.stop] = float(at)
    lane[Lane.fresh] = 1.0 if fresh else 0.0
    lane[Lane.rejected] = 1.0 if rejected else 0.0
    lane[Lane.evaluations] = evaluations
    lane[Lane.failed] = failed


@jit
def observe_rows(first, last, times, states, p, dy, o, kept, out, span):
    """Compute and save the values of variables at the saved times with indices `first` to `last - 1`.

    The first rows of `states` hold the states at these times.
    """
    row, at = 0, 0
    for i in range(first, last):
        observe(times[i], states[i - first], p, dy, o[row])
        row += 1
        if row == Row.count:
            keep_all(o, kept, out, at, span)
            row = 0
            at += Row.count
    keep(o, row, kept, out, at, span)
