"""Turning points and shapes of a trajectory, for stories: when it turns, settles, jumps, how its swings develop.

Crosses the border: a trajectory in (`time` and `values`, both of shape (T,), `time` rising), numbers or times out. NaN
where a trajectory has no such point. `threshold` is in the variable's unit.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sdcluster.measure.trajectory import crossings, growth_rate

Trajectory = Callable[[np.ndarray, np.ndarray], float]
WithThreshold = Callable[[np.ndarray, np.ndarray, float], float]
NAN = float("nan")


def first_time(time: np.ndarray, values: np.ndarray, level: float, rising: bool = True) -> float:
    """Return the first time at or above `level` (or, not `rising`, at or below it), linear between samples."""
    if (values[0] >= level) if rising else (values[0] <= level):
        return float(time[0])
    found = crossings(time, values, level, rising)
    return float(found[0]) if found.size else NAN


def extremes(time: np.ndarray, values: np.ndarray, threshold: float) -> list[tuple[float, float]]:
    """Return times and heights of peaks and troughs inside the run, in order, that stand out by `threshold`.

    Between neighbours the trajectory moves by `threshold` or more; a plateau counts once, at its first sample. The ends
    of the run are neither peaks nor troughs.
    """
    threshold = max(threshold, 1e-12 * float(np.max(np.abs(values), initial=1e-300)))
    found: list[tuple[float, float]] = []
    low = high = 0
    direction = 0
    for i in range(1, len(values)):
        low = i if values[i] < values[low] else low
        high = i if values[i] > values[high] else high
        turned_down = direction >= 0 and values[high] - values[i] >= threshold
        turned_up = direction <= 0 and values[i] - values[low] >= threshold
        if not (turned_down or turned_up):
            continue
        turn = high if turned_down else low
        if direction or turn:
            found.append((float(time[turn]), float(values[turn])))
        direction = -1 if turned_down else 1
        low = high = i
    return found


def peak_times(time: np.ndarray, values: np.ndarray, threshold: float) -> list[float]:
    """Return the times of peaks whose prominence is `threshold` or more (`scipy.signal.find_peaks`)."""
    from scipy.signal import find_peaks

    return [float(time[i]) for i in find_peaks(values, prominence=max(threshold, 1e-300))[0]]


def largest_fall(time: np.ndarray, values: np.ndarray) -> tuple[float, float, float]:
    """Return the largest fall from a height reached before, as a share of it, and the times before and after."""
    highest = np.maximum.accumulate(values)
    if not highest[0] > 0:
        return NAN, NAN, NAN
    fall = 1 - values / highest
    low = int(np.argmax(fall))
    return float(fall[low]), float(time[int(np.argmax(values[: low + 1]))]), float(time[low])


def settled(time: np.ndarray, values: np.ndarray, threshold: float) -> float:
    """Return the time since which the trajectory stays within `threshold` of its last value."""
    far = np.flatnonzero(np.abs(values - values[-1]) > threshold)
    return float(time[min(int(far[-1]) + 1, len(time) - 1)]) if far.size else float(time[0])


def swing_ratio(time: np.ndarray, values: np.ndarray, threshold: float) -> float:
    """Return the last swing between two turning points over the first one: below 1 swings die out."""
    heights = [height for _, height in extremes(time, values, threshold)]
    swings = np.abs(np.diff(heights))
    return float(swings[-1] / swings[0]) if len(swings) > 1 else NAN


def _span(values: np.ndarray) -> float:
    return float(np.max(values) - np.min(values))


def _share(part: float, values: np.ndarray) -> float:
    span = _span(values)
    return part / span if span > 0 else NAN


def _step(time: np.ndarray, values: np.ndarray) -> int:
    return int(np.argmax(np.diff(values))) + 1 if len(values) > 1 else 0


def _relative_range(values: np.ndarray) -> float:
    size = float(np.max(np.abs(values)))
    return _span(values) / size if size > 0 else 0.0


def _second_half(time: np.ndarray, values: np.ndarray) -> float:
    change = float(values[-1] - values[0])
    middle = float(np.interp((time[0] + time[-1]) / 2, time, values))
    return float(values[-1] - middle) / change if change else NAN


SHAPES: dict[str, Trajectory] = {
    "range": lambda time, v: _span(v),
    "relative range": lambda time, v: _relative_range(v),
    "net change": lambda time, v: _share(float(v[-1] - v[0]), v),
    "rise before peak": lambda time, v: _share(float(np.max(v) - v[0]), v),
    "fall after peak": lambda time, v: _share(float(np.max(v) - v[-1]), v),
    "fall before minimum": lambda time, v: _share(float(v[0] - np.min(v)), v),
    "rise after minimum": lambda time, v: _share(float(v[-1] - np.min(v)), v),
    "change in second half": _second_half,
    "growth rate": lambda time, v: 100 * growth_rate(time, v, float(time[0]), float(time[-1])),
    "largest fall": lambda time, v: largest_fall(time, v)[0],
    "largest step": lambda time, v: float(v[i] - v[i - 1]) if (i := _step(time, v)) else NAN,
}
"""Numbers of a trajectory. Shares are of its range (peak - minimum); ``growth rate`` is percent a unit of time."""

SHAPE_TIMES: dict[str, Trajectory] = {
    "time before largest fall": lambda time, v: largest_fall(time, v)[1],
    "time after largest fall": lambda time, v: largest_fall(time, v)[2],
    "time of largest step": lambda time, v: float(time[_step(time, v)]),
    "time of fastest rise": lambda time, v: float(time[int(np.argmax(np.gradient(v, time)))]),
    "time of fastest fall": lambda time, v: float(time[int(np.argmin(np.gradient(v, time)))]),
}
"""Times of a trajectory."""

THRESHOLDS: dict[str, WithThreshold] = {
    "time settled": settled,
    "swing ratio": swing_ratio,
}
"""What depends on a threshold."""
