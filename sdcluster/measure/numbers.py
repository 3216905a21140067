"""The functions that compute measures; each has the name of its keyword in `sdcluster.measure.words`.

Each function takes `time` and `values`, both of shape (T,), and returns a number, or NaN if the run has no such number.
Functions of keywords marked ``across`` also take the values of R runs, shape (T, R), and return shape (R,). `level` is
in the variable's unit. Functions for regressions take the independent variable first, then the dependent one, both
sampled at equal time intervals.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sdcluster.measure import trajectory, turning_points
from sdcluster.measure.turning_points import (
    settled,
    swing_ratio,
    time_of_peak,
    time_to,
)

__all__ = ["swing_ratio", "time_of_peak", "time_to"]

Array = np.ndarray
NAN = float("nan")
IN_ONE_THREAD = 8_192  # numbers; numpy divides longer products among threads, and their number affects the last digits
time_settled = settled


def initial(_: Array, values: Array) -> Any:
    return values[0]


def final(_: Array, values: Array) -> Any:
    return values[-1]


def peak(_: Array, values: Array) -> Any:
    return values.max(axis=0)


def minimum(_: Array, values: Array) -> Any:
    return values.min(axis=0)


def mean(time: Array, values: Array) -> Any:
    """Return the time average, computed with the trapezoidal rule.

    The plain mean of the samples would give the first and the last sample too much weight.
    """
    span = float(time[-1] - time[0])
    return _integral(time, values) / span if span > 0 else values[0]


def _integral(time: Array, values: Array) -> Any:
    """Return the integral over time, computed with the trapezoidal rule."""
    weights = np.zeros(len(time))
    half = np.diff(time) / 2
    weights[:-1] += half
    weights[1:] += half
    if len(time) > IN_ONE_THREAD:
        return np.einsum("...t,t->...", _rows(values), weights)[()]
    return np.vecdot(_rows(values), weights)


def _rows(values: Array) -> Array:
    """Return the transposed values, with the values of each run next to each other in memory.

    The sum over a run then has the same bits as if the run were computed alone.
    """
    return np.ascontiguousarray(values.T)


def time_of_minimum(time: Array, values: Array) -> Any:
    return time_of_peak(time, -values)


def drop_from_peak(time: Array, values: Array) -> float:
    return trajectory.fall_from_peak(time, values)[0]


def value(_: Array, values: Array) -> Any:
    """Return the value at the requested time, which is the first value of the part of the run that is passed."""
    return values[0]


def growth(_: Array, values: Array) -> Any:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(values[0] != 0, 100 * (values[-1] / values[0] - 1), NAN)


def growth_rate(time: Array, values: Array) -> float:
    return 100 * trajectory.growth_rate(time, values, float(time[0]), float(time[-1]))


def time_above(time: Array, values: Array, level: float) -> Any:
    return _integral(time, (values > level).astype(float))


def first_above(time: Array, values: Array, level: float) -> Any:
    return turning_points.first_time(time, values, level)


def first_below(time: Array, values: Array, level: float) -> Any:
    return turning_points.first_time(time, values, level, rising=False)


def number_of_peaks(time: Array, values: Array, level: float) -> float:
    return float(len(trajectory.prominent_peaks(time, values, level)[0]))


def elasticity(x: Array, y: Array) -> Array:
    return trajectory.log_regression(x, y)[0]


def intercept(x: Array, y: Array) -> Array:
    return trajectory.log_regression(x, y)[1]


def fit(x: Array, y: Array) -> Array:
    return trajectory.log_regression(x, y)[2]


def range(_: Array, values: Array) -> Any:
    return values.max(axis=0) - values.min(axis=0)


def _share(part: float, values: Array) -> float:
    """Return an amount divided by the range of a trajectory, or NaN if the trajectory is constant."""
    span = float(np.max(values) - np.min(values))
    return part / span if span > 0 else NAN


def relative_range(time: Array, values: Array) -> float:
    size = float(np.max(np.abs(values)))
    return float(range(time, values)) / size if size > 0 else 0.0


def net_change(_: Array, values: Array) -> float:
    return _share(float(values[-1] - values[0]), values)


def rise_before_peak(_: Array, values: Array) -> float:
    return _share(float(np.max(values) - values[0]), values)


def fall_after_peak(_: Array, values: Array) -> float:
    return _share(float(np.max(values) - values[-1]), values)


def fall_before_minimum(_: Array, values: Array) -> float:
    return _share(float(values[0] - np.min(values)), values)


def rise_after_minimum(_: Array, values: Array) -> float:
    return _share(float(values[-1] - np.min(values)), values)


def change_in_second_half(time: Array, values: Array) -> float:
    change = float(values[-1] - values[0])
    middle = float(np.interp((time[0] + time[-1]) / 2, time, values))
    return float(values[-1] - middle) / change if change else NAN


def largest_fall(time: Array, values: Array) -> float:
    return turning_points.largest_fall(time, values)[0]


def time_before_largest_fall(time: Array, values: Array) -> float:
    return turning_points.largest_fall(time, values)[1]


def time_after_largest_fall(time: Array, values: Array) -> float:
    return turning_points.largest_fall(time, values)[2]


def largest_step(_: Array, values: Array) -> float:
    return float(np.max(np.diff(values)))


def time_of_largest_step(time: Array, values: Array) -> float:
    return float(time[int(np.argmax(np.diff(values))) + 1])


def time_of_fastest_rise(time: Array, values: Array) -> float:
    return float(time[int(np.argmax(np.gradient(values, time)))])


def time_of_fastest_fall(time: Array, values: Array) -> float:
    return float(time[int(np.argmin(np.gradient(values, time)))])
