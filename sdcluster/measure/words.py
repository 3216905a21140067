"""The words for numbers of a run: ``"final"``, ``"time of peak"``, ``"time above"``; one row each.

Crosses the border: nothing in, `WORDS` out. Sweeps, experiments, behaviour, calibration, stories, lessons, ``--help``
and the docs follow from these rows. Nothing heavy is imported before a number is computed, since ``--help`` lists them.

Adding a word
-------------
Add a row to `_ROWS`: the name, what it says in English and Chinese, the unit of the number; and a function of that name
to `sdcluster.measure.numbers`. Its test is a line of ``KNOWN`` in ``tests/measure/test_words.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import Any


@dataclass(frozen=True)
class Word:
    """One word of the grammar.

    Parameters
    ----------
    name : str
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
    english: str
    chinese: str
    unit: str = "variable"
    needs: str = ""
    never: str = ""
    across: bool = False
    single: bool = False
    missing: bool = True
    also: tuple[str, ...] = ()

    @cached_property
    def number(self) -> Callable[..., Any]:
        """The function: ``number(time, values)``, with the level as a third argument where the word needs one."""
        module = import_module("sdcluster.measure.numbers")
        found: Callable[..., Any] = getattr(module, self.name.replace(" ", "_"))
        return found


_STILL = "the curve does not move"
_NOT_POSITIVE = "the curve is not positive"
_NO_LINE = "a value is not positive, or the other variable does not vary"

_ROWS = (
    Word("initial", "at the start", "初值", across=True, single=True, missing=False),
    Word("final", "at the end", "终值", across=True, single=True, missing=False),
    Word("peak", "its peak", "峰值", across=True, single=True),
    Word("minimum", "its minimum", "最小值", across=True, single=True),
    Word("mean", "its mean over time", "均值", across=True, single=True),
    Word("time of peak", "the time of its peak", "峰值时间", "moment", across=True, single=True, also=("peak time",)),
    Word("time of minimum", "the time of its minimum", "最小值时间", "moment", across=True, single=True),
    Word("drop from peak", "its fall from the peak", "峰后降幅", "share", never="the peak is not above 0",
         single=True, also=("fall",)),
    Word("value", "at a time", "某时刻的值", needs="at", single=True, missing=False),
    Word("growth", "its growth in %", "增长率，%", "percent", never="the first value is 0", across=True),
    Word("growth rate", "its growth in % a unit of time", "年均增长率，%", "percent",
         never="the first and the last value differ in sign"),
    Word("time above", "time above {level}", "高于 {level} 的时间", "duration", "level", across=True),
    Word("time to", "time until it reaches {level}", "达到 {level} 所需的时间", "duration", "level",
         never="the level is never reached"),
    Word("first above", "the first time at {level} or above", "首次达到 {level} 的时间", "moment", "level",
         never="the level is never reached", across=True),
    Word("first below", "the first time at {level} or below", "首次降到 {level} 的时间", "moment", "level",
         never="the level is never reached", across=True),
    Word("number of peaks", "number of its peaks (prominence {level})", "峰值次数（突出度 {level}）", "count",
         "level"),
    Word("time settled", "the time since which it stays within {level} of its end",
         "此后与终值之差不超过 {level} 的时间", "moment", "level"),
    Word("swing ratio", "its last swing over its first (prominence {level})",
         "末次与首次摆幅之比（突出度 {level}）", "number", "level", never="it swings less than twice"),
    Word("elasticity", "elasticity on {on}", "对 {on} 的弹性", "number", "on", never=_NO_LINE),
    Word("intercept", "intercept of the regression on {on}", "对 {on} 回归的截距", "number", "on",
         never=_NO_LINE),
    Word("fit", "R² of the regression on {on}", "对 {on} 回归的 R²", "number", "on", never=_NO_LINE),
    Word("range", "its peak less its minimum", "变动范围", across=True),
    Word("relative range", "its range over its greatest size", "相对变动范围", "number"),
    Word("net change", "its change from start to end, a share of its range", "净变化与变动范围之比", "number",
         never=_STILL),
    Word("rise before peak", "its rise before the peak, a share of its range", "峰前升幅与变动范围之比",
         "number", never=_STILL),
    Word("fall after peak", "its fall after the peak, a share of its range", "峰后降幅与变动范围之比", "number",
         never=_STILL),
    Word("fall before minimum", "its fall before the minimum, a share of its range", "谷前降幅与变动范围之比",
         "number", never=_STILL),
    Word("rise after minimum", "its rise after the minimum, a share of its range", "谷后升幅与变动范围之比",
         "number", never=_STILL),
    Word("change in second half", "the share of its change that comes in the second half", "后半段变化所占份额",
         "number", never="start and end are the same"),
    Word("largest fall", "its largest fall, a share of the height before", "最大跌幅", "share",
         never=_NOT_POSITIVE),
    Word("time before largest fall", "the time before its largest fall", "最大跌幅开始的时间", "moment",
         never=_NOT_POSITIVE),
    Word("time after largest fall", "the time after its largest fall", "最大跌幅结束的时间", "moment",
         never=_NOT_POSITIVE),
    Word("largest step", "its largest step between two samples", "最大单步增量", never="there is one sample"),
    Word("time of largest step", "the time of its largest step", "最大单步增量的时间", "moment"),
    Word("time of fastest rise", "the time of its fastest rise", "上升最快的时间", "moment"),
    Word("time of fastest fall", "the time of its fastest fall", "下降最快的时间", "moment"),
)  # fmt: skip

WORDS: Mapping[str, Word] = {row.name: row for row in _ROWS}
"""The words by name, in the order in which lists show them."""
SPELLINGS: Mapping[str, Word] = {
    spelling: row for row in _ROWS for spelling in (row.name, *row.also)
}
"""The words by each of their spellings."""
