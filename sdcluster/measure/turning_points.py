"""Turning points of a trajectory, settling time, time to a level, and growth of its swings.

The functions take a trajectory, which consists of `time` and `values` of shape (T,), with rising `time`. They return
numbers or times, or NaN if the trajectory has no such point. `threshold` is in the variable's unit.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sdcluster.measure.trajectory import vertex

NAN = float("nan")


def first_time(time: np.ndarray, values: np.ndarray, level: float, rising: bool = True) -> Any:
    """Return the first time at which the trajectory is at or above `level`, interpolated linearly between samples.

    If `rising` is false, the first time at or below `level`.

    Parameters
    ----------
    time : ndarray, shape (T,)
    values : ndarray, shape (T,) or (T, R)

    Returns
    -------
    float, or ndarray of shape (R,)
        NaN for a run that never reaches `level`.
    """
    reached = (values >= level) if rising else (values <= level)
    at = np.argmax(reached, axis=0)
    before = np.maximum(at - 1, 0)
    low, high = _at(values, before) - level, _at(values, at) - level
    with np.errstate(invalid="ignore", divide="ignore"):
        share = low / (low - high)
        between = time[before] + share * (time[at] - time[before])
    found = np.where(at > 0, between, time[0])
    return np.where(_at(reached, at), found, NAN)[()]


def _at(values: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return one sample of each run, at the index that `rows` gives for this run; runs are columns of `values`."""
    return values[rows] if values.ndim == 1 else values[rows, np.arange(values.shape[1])]


def time_of_peak(time: np.ndarray, values: np.ndarray) -> Any:
    """Return the time of the highest value, interpolated by a parabola through the highest sample and its neighbours.

    The interpolated time varies smoothly with the values, unlike the time of a sample.

    Parameters
    ----------
    time : ndarray, shape (T,)
    values : ndarray, shape (T,) or (T, R)

    Returns
    -------
    float, or ndarray of shape (R,)
    """
    top = np.argmax(values, axis=0)
    middle = np.clip(top, 1, len(time) - 2)
    if len(time) < 3:
        return time[top]
    x = [time[middle + k] for k in (-1, 0, 1)]
    y = [_at(values, middle + k) for k in (-1, 0, 1)]
    return np.where(top == middle, vertex(x, y)[0], time[top])[()]


def time_to(time: np.ndarray, values: np.ndarray, level: float) -> float:
    """Return the time that passes until the trajectory first reaches `level`, interpolated linearly; NaN if never."""
    reached = np.flatnonzero(values >= level)
    if not reached.size:
        return NAN
    i = int(reached[0])
    if i == 0:
        return 0.0
    share = (level - values[i - 1]) / (values[i] - values[i - 1])
    return float(time[i - 1] + share * (time[i] - time[i - 1]) - time[0])


def time_beyond(time: np.ndarray, values: np.ndarray, level: float) -> float:
    """Return a substitute for the time to a level that a run does not reach, so that a search can compare runs.

    The substitute is longer than the run, in proportion to the missing share of the level: (end - start) * (1 + share).
    It is not a forecast.
    """
    lacking = (level - float(np.max(values))) / max(abs(level), 1e-300)
    return float(time[-1] - time[0]) * (1 + lacking)


def extremes(time: np.ndarray, values: np.ndarray, threshold: float) -> list[tuple[float, float]]:
    """Return times and heights of the peaks and troughs inside the run that stand out by `threshold`, in order of time.

    Between two of these points in succession, the trajectory moves by at least `threshold`. A plateau counts once, at
    its first sample. The ends of the run are neither peaks nor troughs.
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
    """Return the times of the peaks whose prominence is at least `threshold` (see `scipy.signal.find_peaks`)."""
    from scipy.signal import find_peaks

    return [float(time[i]) for i in find_peaks(values, prominence=max(threshold, 1e-300))[0]]


def largest_fall(time: np.ndarray, values: np.ndarray) -> tuple[float, float, float]:
    """Return the largest fall, as a share of the value at which it begins, and the times of its beginning and end."""
    highest = np.maximum.accumulate(values)
    if not highest[0] > 0:
        return NAN, NAN, NAN
    fall = 1 - values / highest
    low = int(np.argmax(fall))
    return float(fall[low]), float(time[int(np.argmax(values[: low + 1]))]), float(time[low])


def settled(time: np.ndarray, values: np.ndarray, threshold: float) -> float:
    """Return the first sample time from which the trajectory stays within `threshold` of its last value."""
    far = np.flatnonzero(np.abs(values - values[-1]) > threshold)
    return float(time[min(int(far[-1]) + 1, len(time) - 1)]) if far.size else float(time[0])


def swing_ratio(time: np.ndarray, values: np.ndarray, threshold: float) -> float:
    """Return the last swing divided by the first swing; a ratio below 1 means that the swings die out.

    A swing is the distance between neighbouring turning points. With fewer than two swings, the result is NaN.
    """
    heights = [height for _, height in extremes(time, values, threshold)]
    swings = np.abs(np.diff(heights))
    return float(swings[-1] / swings[0]) if len(swings) > 1 else NAN
