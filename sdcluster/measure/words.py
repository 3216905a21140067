"""The words for numbers of a run: ``"final"``, ``"time of peak"``, ``"time above"``; one row each.

Crosses the border: nothing in, `WORDS` out. Sweeps, experiments, behaviour, calibration, stories, lessons, ``--help``
and the docs follow from these rows.

Adding a word
-------------
Add a row to `_ROWS`: the name; a function of a trajectory, `time` and `values` of shape (T,), that returns a number, or
NaN where there is none; what it says in English and Chinese; the unit of the number. A test goes to
``tests/measure/test_words.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sdcluster.measure import trajectory as t
from sdcluster.measure import turning_points as turning

NAN = float("nan")
Number = Callable[..., Any]


@dataclass(frozen=True)
class Word:
    """One word of the grammar.

    Parameters
    ----------
    name : str
    number : callable
        ``number(time, values)`` with arrays of shape (T,); with ``needs = "level"`` a third argument, the level; with
        ``needs = "on"`` the other variable and the variable, sampled at equal distances of time.
    english, chinese : str
        What a page calls the number, with ``{level}`` and ``{on}`` where it needs them.
    unit : str
        ``"variable"`` (that of the variable), ``"moment"``, ``"duration"``, ``"share"``, ``"percent"``, ``"count"`` or
        ``"number"`` (without unit).
    needs : str
        ``""``, ``"level"``, ``"on"`` (another variable) or ``"at"`` (a time).
    never : str
        Why a run may have no such number; then it is NaN.
    across : bool
        Whether `number` takes values of shape (T, R), R runs, as well.
    single : bool
        Whether a run of one sample has the number.
    missing : bool
        Whether missing values (NaN) are passed over.
    also : tuple of str
        Other spellings.
    """

    name: str
    number: Number
    english: str
    chinese: str
    unit: str = "variable"
    needs: str = ""
    never: str = ""
    across: bool = False
    single: bool = False
    missing: bool = True
    also: tuple[str, ...] = field(default=())


def _mean(time: np.ndarray, values: np.ndarray) -> float:
    span = float(time[-1] - time[0])
    return float(np.trapezoid(values, time) / span) if span > 0 else float(values[0])


def _growth(time: np.ndarray, values: np.ndarray) -> Any:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(values[0] != 0, 100 * (values[-1] / values[0] - 1), NAN)


def _rate(time: np.ndarray, values: np.ndarray) -> float:
    return 100 * t.growth_rate(time, values, float(time[0]), float(time[-1]))


def _above(time: np.ndarray, values: np.ndarray, level: float) -> float:
    return float(np.trapezoid((values > level).astype(float), time))


def _step(values: np.ndarray) -> int:
    return int(np.argmax(np.diff(values))) + 1 if len(values) > 1 else 0


def _largest_step(time: np.ndarray, values: np.ndarray) -> float:
    i = _step(values)
    return float(values[i] - values[i - 1]) if i else NAN


def _span(values: np.ndarray) -> float:
    return float(np.max(values) - np.min(values))


def _share(part: float, values: np.ndarray) -> float:
    span = _span(values)
    return part / span if span > 0 else NAN


def _relative_range(time: np.ndarray, values: np.ndarray) -> float:
    size = float(np.max(np.abs(values)))
    return _span(values) / size if size > 0 else 0.0


def _second_half(time: np.ndarray, values: np.ndarray) -> float:
    change = float(values[-1] - values[0])
    middle = float(np.interp((time[0] + time[-1]) / 2, time, values))
    return float(values[-1] - middle) / change if change else NAN


_STILL = "the curve does not move"
_NOT_POSITIVE = "the curve is not positive"
_NO_LINE = "a value is not positive, or the other variable does not vary"

_ROWS = (
    Word("initial", lambda _, v: v[0], "at the start", "初值", across=True, single=True, missing=False),
    Word("final", lambda _, v: v[-1], "at the end", "终值", across=True, single=True, missing=False),
    Word("peak", lambda _, v: v.max(axis=0), "its peak", "峰值", across=True, single=True),
    Word("minimum", lambda _, v: v.min(axis=0), "its minimum", "最小值", across=True, single=True),
    Word("mean", _mean, "its mean over time", "均值", single=True),
    Word("time of peak", turning.time_of_peak, "the time of its peak", "峰值时间", "moment", single=True,
         also=("peak time",)),
    Word("time of minimum", lambda x, v: turning.time_of_peak(x, -v), "the time of its minimum", "最小值时间",
         "moment", single=True),
    Word("drop from peak", lambda x, v: t.fall_from_peak(x, v)[0], "its fall from the peak", "峰后降幅",
         "share", never="the peak is not above 0", single=True, also=("fall",)),
    Word("value", lambda _, v: v[0], "at a time", "某时刻的值", needs="at", single=True, missing=False),
    Word("growth", _growth, "its growth in %", "增长率，%", "percent", never="the first value is 0",
         across=True),
    Word("growth rate", _rate, "its growth in % a unit of time", "年均增长率，%", "percent",
         never="the first and the last value differ in sign"),
    Word("time above", _above, "time above {level}", "高于 {level} 的时间", "duration", "level"),
    Word("time to", turning.time_to, "time until it reaches {level}", "达到 {level} 所需的时间", "duration",
         "level", never="the level is never reached"),
    Word("first above", lambda x, v, level: turning.first_time(x, v, level),
         "the first time at {level} or above", "首次达到 {level} 的时间", "moment", "level",
         never="the level is never reached"),
    Word("first below", lambda x, v, level: turning.first_time(x, v, level, rising=False),
         "the first time at {level} or below", "首次降到 {level} 的时间", "moment", "level",
         never="the level is never reached"),
    Word("number of peaks", lambda x, v, level: float(len(t.prominent_peaks(x, v, level)[0])),
         "number of its peaks (prominence {level})", "峰值次数（突出度 {level}）", "count", "level"),
    Word("time settled", turning.settled, "the time since which it stays within {level} of its end",
         "此后与终值之差不超过 {level} 的时间", "moment", "level"),
    Word("swing ratio", turning.swing_ratio, "its last swing over its first (prominence {level})",
         "末次与首次摆幅之比（突出度 {level}）", "number", "level", never="it swings less than twice"),
    Word("elasticity", lambda x, y: t.log_regression(x, y)[0], "elasticity on {on}", "对 {on} 的弹性",
         "number", "on", never=_NO_LINE),
    Word("intercept", lambda x, y: t.log_regression(x, y)[1], "intercept of the regression on {on}",
         "对 {on} 回归的截距", "number", "on", never=_NO_LINE),
    Word("fit", lambda x, y: t.log_regression(x, y)[2], "R² of the regression on {on}", "对 {on} 回归的 R²",
         "number", "on", never=_NO_LINE),
    Word("range", lambda _, v: v.max(axis=0) - v.min(axis=0), "its peak less its minimum", "变动范围",
         across=True),
    Word("relative range", _relative_range, "its range over its greatest size", "相对变动范围", "number"),
    Word("net change", lambda _, v: _share(float(v[-1] - v[0]), v),
         "its change from start to end, a share of its range", "净变化与变动范围之比", "number", never=_STILL),
    Word("rise before peak", lambda _, v: _share(float(np.max(v) - v[0]), v),
         "its rise before the peak, a share of its range", "峰前升幅与变动范围之比", "number", never=_STILL),
    Word("fall after peak", lambda _, v: _share(float(np.max(v) - v[-1]), v),
         "its fall after the peak, a share of its range", "峰后降幅与变动范围之比", "number", never=_STILL),
    Word("fall before minimum", lambda _, v: _share(float(v[0] - np.min(v)), v),
         "its fall before the minimum, a share of its range", "谷前降幅与变动范围之比", "number", never=_STILL),
    Word("rise after minimum", lambda _, v: _share(float(v[-1] - np.min(v)), v),
         "its rise after the minimum, a share of its range", "谷后升幅与变动范围之比", "number", never=_STILL),
    Word("change in second half", _second_half, "the share of its change that comes in the second half",
         "后半段变化所占份额", "number", never="start and end are the same"),
    Word("largest fall", lambda x, v: turning.largest_fall(x, v)[0],
         "its largest fall, a share of the height before", "最大跌幅", "share", never=_NOT_POSITIVE),
    Word("time before largest fall", lambda x, v: turning.largest_fall(x, v)[1],
         "the time before its largest fall", "最大跌幅开始的时间", "moment", never=_NOT_POSITIVE),
    Word("time after largest fall", lambda x, v: turning.largest_fall(x, v)[2],
         "the time after its largest fall", "最大跌幅结束的时间", "moment", never=_NOT_POSITIVE),
    Word("largest step", _largest_step, "its largest step between two samples", "最大单步增量",
         never="there is one sample"),
    Word("time of largest step", lambda x, v: float(x[_step(v)]), "the time of its largest step",
         "最大单步增量的时间", "moment"),
    Word("time of fastest rise", lambda x, v: float(x[int(np.argmax(np.gradient(v, x)))]),
         "the time of its fastest rise", "上升最快的时间", "moment"),
    Word("time of fastest fall", lambda x, v: float(x[int(np.argmin(np.gradient(v, x)))]),
         "the time of its fastest fall", "下降最快的时间", "moment"),
)  # fmt: skip

WORDS: Mapping[str, Word] = {row.name: row for row in _ROWS}
"""The words by name, in the order in which lists show them."""
SPELLINGS: Mapping[str, Word] = {
    spelling: row for row in _ROWS for spelling in (row.name, *row.also)
}
"""The words by each of their spellings."""
