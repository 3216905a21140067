"""The keywords of measures, such as ``"final"``, ``"time of peak"`` and ``"time above"``; one row each.

`WORDS` contains the rows by keyword. Sweeps, experiments, assertions, calibration, stories, lessons, ``--help`` and the
docs all use these rows. Heavy modules are imported only when a number is computed, because ``--help`` lists the
keywords.

To add a keyword, add a row with the name and unit of the number to `_ROWS`, a function of that name to
`sdcluster.measure.numbers`, and its name on pages to the section ``measures`` of each language in `sdcluster.words`. To
test it, add a line to ``KNOWN`` in ``tests/measure/test_words.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import Any

from sdcluster.messages import Message, message
from sdcluster.words import say


@dataclass(frozen=True)
class Word:
    """A keyword for a number of a run.

    Parameters
    ----------
    name : str
        The keyword, such as ``time of peak``.
    unit : str
        Unit of the number: ``"variable"`` (the unit of the variable), ``"moment"``, ``"duration"``, ``"share"``,
        ``"percent"``, ``"count"`` or ``"number"`` (without unit).
    needs : str
        The argument that must follow the variable: ``""`` (none), ``"level"``, ``"on"`` (another variable) or ``"at"``
        (a time).
    reason : callable, optional
        Returns a text that says why the number may be NaN for a run; see `never`.
    across : bool
        Whether `number` also takes the values of R runs, shape (T, R).
    single : bool
        Whether the number is defined for a run with a single sample.
    missing : bool
        Whether missing values (NaN) are skipped before the number is computed.
    also : tuple of str
        Other spellings of the keyword.
    """

    name: str
    unit: str = "variable"
    needs: str = ""
    reason: Callable[[], Message] | None = None
    across: bool = False
    single: bool = False
    missing: bool = True
    also: tuple[str, ...] = ()

    def says(self, language: str, *, level: str = "{level}", on: str = "{on}") -> str:
        """Return the name of the measure on pages, without the variable, such as ``time above 0.5``."""
        return say(f"measures.{self.name}", language, level=level, on=on)

    @property
    def never(self) -> str:
        """A text that says why the number may be NaN for a run; empty if the number is always defined."""
        return "" if self.reason is None else self.reason()

    @cached_property
    def number(self) -> Callable[..., Any]:
        """The function that computes the number: ``number(time, values)``, or ``number(time, values, level)``."""
        module = import_module("sdcluster.measure.numbers")
        found: Callable[..., Any] = getattr(module, self.name.replace(" ", "_"))
        return found


def _peak_below_0() -> Message:
    return message("measure.never.peak_below_0")


def _first_0() -> Message:
    return message("measure.never.first_0")


def _signs_differ() -> Message:
    return message("measure.never.signs_differ")


def _not_reached() -> Message:
    return message("measure.never.not_reached")


def _swings_less() -> Message:
    return message("measure.never.swings_less")


def _ends_same() -> Message:
    return message("measure.never.ends_same")


def _one_sample() -> Message:
    return message("measure.never.one_sample")


def _no_line() -> Message:
    return message("measure.never.no_line")


def _still() -> Message:
    return message("measure.never.still")


def _not_positive() -> Message:
    return message("measure.never.not_positive")


_ROWS = (
    Word("initial", across=True, single=True, missing=False),
    Word("final", across=True, single=True, missing=False),
    Word("peak", across=True, single=True),
    Word("minimum", across=True, single=True),
    Word("mean", across=True, single=True),
    Word("time of peak", "moment", across=True, single=True, also=("peak time",)),
    Word("time of minimum", "moment", across=True, single=True),
    Word("drop from peak", "share", reason=_peak_below_0,
         single=True, also=("fall",)),
    Word("value", needs="at", single=True, missing=False),
    Word("growth", "percent", reason=_first_0, across=True),
    Word("growth rate", "percent",
         reason=_signs_differ),
    Word("time above", "duration", "level", across=True),
    Word("time to", "duration", "level",
         reason=_not_reached),
    Word("first above", "moment", "level",
         reason=_not_reached, across=True),
    Word("first below", "moment", "level",
         reason=_not_reached, across=True),
    Word("number of peaks", "count",
         "level"),
    Word("time settled", "moment", "level"),
    Word("swing ratio", "number", "level", reason=_swings_less),
    Word("elasticity", "number", "on", reason=_no_line),
    Word("intercept", "number", "on",
         reason=_no_line),
    Word("fit", "number", "on", reason=_no_line),
    Word("range", across=True),
    Word("relative range", "number"),
    Word("net change", "number",
         reason=_still),
    Word("rise before peak", "number", reason=_still),
    Word("fall after peak", "number",
         reason=_still),
    Word("fall before minimum", "number", reason=_still),
    Word("rise after minimum", "number", reason=_still),
    Word("change in second half", "number", reason=_ends_same),
    Word("largest fall", "share",
         reason=_not_positive),
    Word("time before largest fall", "moment",
         reason=_not_positive),
    Word("time after largest fall", "moment",
         reason=_not_positive),
    Word("largest step", reason=_one_sample),
    Word("time of largest step", "moment"),
    Word("time of fastest rise", "moment"),
    Word("time of fastest fall", "moment"),
)  # fmt: skip

WORDS: Mapping[str, Word] = {row.name: row for row in _ROWS}
"""The rows by keyword, in the order in which lists show the keywords."""
SPELLINGS: Mapping[str, Word] = {
    spelling: row for row in _ROWS for spelling in (row.name, *row.also)
}
"""The rows by each spelling of their keywords."""
