"""GET TIME VALUE in Vensim files: the calendar date at Time 0 and the unit of Time.

`Calendar` contains the settings of a file, and `time_value(calendar, relative, time, measure)` returns the expression
for a call.

Source: Vensim reference manual, "GET TIME VALUE" and "Time Bounds". In files saved by Vensim, lines ``37:`` to ``40:``
of the settings are year, month, day and unit. Units 0, 2, 3, 4, 6 and 7 occur.
"""

from __future__ import annotations

from dataclasses import dataclass

from sdcluster.errors import ModelError
from sdcluster.messages import comma_separated, message
from sdcluster.model import Remark
from sdcluster.model.expression import Binary, Call, Expression, Number

# Indexed by Vensim's numbers of units. sdcluster.kernel.library.calendar uses the same numbers.
UNITS = ("year", "quarter", "month", "week", "day", "hour", "minute", "second")
_SHORT = {
    "yr": "year", "mo": "month", "mon": "month", "mth": "month", "wk": "week", "hr": "hour", "h": "hour",
    "min": "minute", "sec": "second", "s": "second",
}  # fmt: skip
_EPOCH = (1970.0, 1.0, 1.0)


@dataclass(frozen=True)
class Calendar:
    """The calendar date at Time 0 and the unit of Time.

    Parameters
    ----------
    year, month, day : int
    unit : int or None
        The unit of Time, as an index into `UNITS`. None if the settings do not specify it.
    words : str
        The model's unit of time, which is used if the settings do not specify a unit.
    """

    year: int = 2000
    month: int = 1
    day: int = 1
    unit: int | None = None
    words: str = ""

    def read(self, lines: dict[str, str]) -> Calendar:
        """Return the calendar that the numbered lines of the settings define, or this calendar if they define none."""
        year, month, day, unit = (_whole(lines.get(code, "")) for code in ("37", "38", "39", "40"))
        if year is None or month is None or day is None:
            return self
        if not (0 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= 31):
            return self
        return Calendar(year, month, day, unit if unit is not None and unit < len(UNITS) else None)


def time_value(
    calendar: Calendar, relative: float, time: Expression, measure: Expression
) -> Expression:
    """Return an expression for a component of a date, such as its year or its weekday.

    Parameters
    ----------
    calendar : Calendar
    relative : {0.0, 1.0, 2.0}
        The first argument of GET TIME VALUE. If it is 2, the computer's clock is used instead of `time`.
    time : Expression
        Time elapsed since Time 0, in units of Time.
    measure : Expression
        The number of the component; 0 means `time` itself.

    Raises
    ------
    ModelError
        If the unit of time is unknown.
    """
    if measure == Number(0.0):
        if relative == 2.0:
            raise ModelError(message("read.vensim.get_time_value_no"))
        return time
    unit, date = calendar.unit, (calendar.year, calendar.month, calendar.day)
    if relative == 2.0:
        time, unit, date = Call("clock", ()), len(UNITS) - 1, _EPOCH  # type: ignore[assignment]
    elif unit is None:
        unit = unit_named(calendar.words)
        if unit is None:
            raise ModelError(
                message("read.vensim.get_time_value_needs", units=comma_separated(UNITS))
            )
    base = tuple(Number(float(v)) for v in (unit, *date))
    dated = Call("calendar", (time, measure, *base))
    if isinstance(measure, Number):
        return dated
    return Call("if", (Binary("<", measure, Number(0.5)), time, dated))


def unit_named(words: str) -> int | None:
    """Return the index in `UNITS` of a unit of time that is named `words`, or None if there is no such unit."""
    word = words.strip().lower()
    word = _SHORT.get(word, word.removesuffix("s"))
    return UNITS.index(word) if word in UNITS else None


def remark(calendar: Calendar, variable: str, line: int | None) -> Remark | None:
    """Return a remark if the settings contain no date, or if dates use another unit of time than the model.

    Otherwise, return None.
    """
    own = unit_named(calendar.words)
    if calendar.unit is None:
        said = message("read.vensim.file_no_settings_dates")
        remedy = message("read.vensim.set_base_date_vensim")
    elif own is not None and own != calendar.unit:
        said = message(
            "read.vensim.dates_settings_count_time", units=UNITS[calendar.unit], units_2=UNITS[own]
        )
        remedy = message("read.vensim.choose_same_unit_dates")
    else:
        return None
    return Remark(said, line=line, variable=variable, remedy=remedy)


def _whole(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None
