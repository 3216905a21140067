"""Measures of a trajectory: peaks, crossings, growth, fall from a peak.

The functions take a trajectory and return plain numbers. A trajectory consists of `time` and `values`, both of shape
(T,), with rising `time`. Values between the samples are interpolated. Times are in the model's time unit, heights and
levels in the variable's unit. The functions are independent of models and files.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sdcluster.messages import message


def value_at(time: np.ndarray, values: np.ndarray, moment: float) -> float:
    """Return the value at the time `moment`, interpolated linearly between samples.

    Raises
    ------
    ValueError
        If `moment` is outside the times of the trajectory by more than rounding.
    """
    _refuse_outside(time, moment)
    return float(np.interp(moment, time, values))


def _refuse_outside(time: np.ndarray, moment: float) -> None:
    slack = 1e-9 * max(1.0, abs(time[0]), abs(time[-1]))
    if not time[0] - slack <= moment <= time[-1] + slack:
        raise ValueError(message("measure.time_outside", time=moment, start=time[0], stop=time[-1]))


def window(
    time: np.ndarray, values: np.ndarray, start: float | None, stop: float | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the part of a trajectory from `start` to `stop`, with interpolated values at these two times.

    Parameters
    ----------
    time : ndarray, shape (T,)
    values : ndarray, shape (T,) or (T, R)
    start, stop : float or None
        None means the first or last time of the trajectory.

    Raises
    ------
    ValueError
        If a time is outside the trajectory; see `value_at`.
    """
    first = float(time[0]) if start is None else start
    last = float(time[-1]) if stop is None else stop
    for moment in (first, last):
        _refuse_outside(time, moment)
    ends = at_times(np.array([first, last]), time, values.T).T
    inside = (time > first) & (time < last)
    return (
        np.concatenate([[first], time[inside], [last]]),
        np.concatenate([ends[:1], values[inside], ends[1:]]),
    )


def peaks(
    time: np.ndarray, values: np.ndarray, prominence: float = 0.05
) -> tuple[np.ndarray, np.ndarray]:
    """Return times and heights of the P peaks, both of shape (P,).

    A peak is a local maximum from which the curve falls on both sides by at least `prominence`, a share of the peak's
    own height (see `scipy.signal.find_peaks`). A plateau is one peak, at its middle. The ends of the run are not peaks.
    Time and height of a peak are those of the parabola through the highest sample and its two neighbours.
    """
    from scipy.signal import find_peaks

    found, about = find_peaks(values, prominence=0.0)
    tall = about["prominences"] >= prominence * np.abs(values[found])
    tall &= about["prominences"] > 1e-12 * max(float(np.max(np.abs(values))), 1e-300)
    return _tops(time, values, found[tall])


def prominent_peaks(
    time: np.ndarray, values: np.ndarray, prominence: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return times and heights of the P peaks with a prominence of at least `prominence`, both of shape (P,).

    The peaks are those of `peaks`, except that `prominence` is in the unit of `values` and not a share of the height.
    """
    from scipy.signal import find_peaks

    return _tops(time, values, find_peaks(values, prominence=prominence)[0])


def _tops(time: np.ndarray, values: np.ndarray, found: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    tops = [vertex(time[i - 1 : i + 2], values[i - 1 : i + 2]) for i in found]
    return np.array([top[0] for top in tops]), np.array([top[1] for top in tops])


def vertex(x: Sequence[Any] | np.ndarray, y: Sequence[Any] | np.ndarray) -> tuple[Any, Any]:
    """Return the vertex of the parabola through three samples, or the middle sample if the parabola has no maximum.

    Parameters
    ----------
    x, y : sequence of three floats, or of three ndarrays of one shape

    Returns
    -------
    time, height : float, or ndarray of the same shape
    """
    left, right = (y[1] - y[0]) / (x[1] - x[0]), (y[2] - y[1]) / (x[2] - x[1])
    bend = (right - left) / (x[2] - x[0])
    slope = (left * (x[2] - x[1]) + right * (x[1] - x[0])) / (x[2] - x[0])
    with np.errstate(invalid="ignore", divide="ignore"):
        step = np.clip(-slope / (2 * np.asarray(bend)), x[0] - x[1], x[2] - x[1])
    top = np.asarray(bend) < 0
    height = y[1] + slope * step + bend * step * step
    return np.where(top, x[1] + step, x[1])[()], np.where(top, height, y[1])[()]


def crossings(
    time: np.ndarray, values: np.ndarray, level: float, rising: bool = True
) -> np.ndarray:
    """Return the times at which the curve passes `level` upward (downward if not `rising`), interpolated linearly."""
    side = values - level if rising else level - values
    before = np.flatnonzero((side[:-1] < 0) & (side[1:] >= 0))
    share = side[before] / (side[before] - side[before + 1])
    return np.asarray(time[before] + share * (time[before + 1] - time[before]))


def growth_rate(time: np.ndarray, values: np.ndarray, start: float, stop: float) -> float:
    """Return the compound growth rate from `start` to `stop`, as a fraction per unit of time.

    The rate is ``(x(stop) / x(start)) ** (1 / (stop - start)) - 1``, or NaN if the quotient is not positive.

    Raises
    ------
    ValueError
        If a time is outside the trajectory; see `value_at`.
    """
    first, last = value_at(time, values, start), value_at(time, values, stop)
    if first == 0 or last / first <= 0:
        return float("nan")
    return float((last / first) ** (1 / (stop - start)) - 1)


def fall_from_peak(
    time: np.ndarray, values: np.ndarray, stop: float | None = None
) -> tuple[float, float, float]:
    """Return the fall from the highest value before `stop` to the value at `stop`, and the peak's time and height.

    Returns
    -------
    fall, time, height : float
        `fall` is a fraction of the peak's height, or NaN if this height is not positive.

    Raises
    ------
    ValueError
        If `stop` is outside the trajectory; see `value_at`.
    """
    when, what = window(time, values, None, stop)
    top = int(np.argmax(what))
    height = float(what[top])
    fall = (height - float(what[-1])) / height if height > 0 else float("nan")
    return fall, float(when[top]), height


def log_regression(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return slope, intercept and R squared of the least-squares line of ``ln y`` on ``ln x``.

    The slope is the elasticity of `y` to `x`: by how many percent `y` differs where `x` differs by one percent.

    Parameters
    ----------
    x, y : ndarray, shape (..., n)

    Returns
    -------
    slope, intercept, fit : ndarray, shape (...)
        `fit` is R squared. NaN where a value is not positive, or where `x` does not vary.
    """
    if x.shape[-1] < 2:
        nothing = np.full(x.shape[:-1], np.nan)
        return nothing, nothing, nothing
    with np.errstate(divide="ignore", invalid="ignore"):
        across, along = np.log(x), np.log(y)
        spread = across - across.mean(axis=-1, keepdims=True)
        squares = np.sum(spread**2, axis=-1)
        known = (np.minimum(x, y) > 0).all(axis=-1) & (squares > 1e-20)
        slope = np.where(known, np.sum(spread * along, axis=-1) / squares, np.nan)
        intercept = along.mean(axis=-1) - slope * across.mean(axis=-1)
        total = np.sum((along - along.mean(axis=-1, keepdims=True)) ** 2, axis=-1)
        line = intercept[..., np.newaxis] + slope[..., np.newaxis] * across
        rest = np.sum((along - line) ** 2, axis=-1)
        fit = np.where(total > 0, 1 - rest / total, np.where(known, 1.0, np.nan))
    return slope, intercept, fit


def moments(start: float, stop: float, every: float) -> np.ndarray:
    """Return the times from `start` to `stop`, in steps of `every`; `stop` is included if a step ends there."""
    return start + every * np.arange(int((stop - start) / every + 1e-9) + 1)


def at_times(when: np.ndarray, time: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the values at the times `when`, interpolated linearly between samples as by `numpy.interp`.

    Parameters
    ----------
    when : ndarray, shape (n,)
    time : ndarray, shape (T,)
    values : ndarray, shape (..., T)

    Returns
    -------
    ndarray, shape (..., n)
    """
    samples = np.minimum(np.searchsorted(time, when), len(time) - 1)
    if np.array_equal(time[samples], when):
        return np.ascontiguousarray(values[..., samples])
    rows = values.reshape(-1, len(time))
    found = [np.interp(when, time, row) for row in rows]
    return np.reshape(found, (*values.shape[:-1], len(when)))


def on_the_clock(time: float) -> str:
    """Return a time as text with three significant digits; from 1000 on, as for calendar years, with five."""
    return f"{time:.3g}" if abs(time) < 1000 else f"{time:.5g}"
