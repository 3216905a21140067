"""The words for numbers of a run: ``"final"``, ``"time of peak"``, ``"time above"``; one row each.

Crosses the border: nothing in, `WORDS` out. Sweeps, experiments, behaviour, calibration, stories, lessons, ``--help``
and the docs follow from these rows. Nothing heavy is imported before a number is computed, since ``--help`` lists them.

Adding a word
-------------
Add a row to `_ROWS`: the name and the unit of the number; a function of that name to `sdcluster.measure.numbers`; and
what a page calls it to the section ``measures`` of each language in `sdcluster.words`. Its test is a line of ``KNOWN``
in ``tests/measure/test_words.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import Any

from sdcluster.words import say


@dataclass(frozen=True)
class Word:
    """One word of the grammar.

    Parameters
    ----------
    name : str
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
    unit: str = "variable"
    needs: str = ""
    never: str = ""
    across: bool = False
    single: bool = False
    missing: bool = True
    also: tuple[str, ...] = ()

    def says(self, language: str, *, level: str = "{level}", on: str = "{on}") -> str:
        """Return what a page calls the number, without the variable: ``time above 0.5``."""
        return say(f"measures.{self.name}", language, level=level, on=on)

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
    Word("initial", across=True, single=True, missing=False),
    Word("final", across=True, single=True, missing=False),
    Word("peak", across=True, single=True),
    Word("minimum", across=True, single=True),
    Word("mean", across=True, single=True),
    Word("time of peak", "moment", across=True, single=True, also=("peak time",)),
    Word("time of minimum", "moment", across=True, single=True),
    Word("drop from peak", "share", never="the peak is not above 0",
         single=True, also=("fall",)),
    Word("value", needs="at", single=True, missing=False),
    Word("growth", "percent", never="the first value is 0", across=True),
    Word("growth rate", "percent",
         never="the first and the last value differ in sign"),
    Word("time above", "duration", "level", across=True),
    Word("time to", "duration", "level",
         never="the level is never reached"),
    Word("first above", "moment", "level",
         never="the level is never reached", across=True),
    Word("first below", "moment", "level",
         never="the level is never reached", across=True),
    Word("number of peaks", "count",
         "level"),
    Word("time settled", "moment", "level"),
    Word("swing ratio", "number", "level", never="it swings less than twice"),
    Word("elasticity", "number", "on", never=_NO_LINE),
    Word("intercept", "number", "on",
         never=_NO_LINE),
    Word("fit", "number", "on", never=_NO_LINE),
    Word("range", across=True),
    Word("relative range", "number"),
    Word("net change", "number",
         never=_STILL),
    Word("rise before peak", "number", never=_STILL),
    Word("fall after peak", "number",
         never=_STILL),
    Word("fall before minimum", "number", never=_STILL),
    Word("rise after minimum", "number", never=_STILL),
    Word("change in second half", "number", never="start and end are the same"),
    Word("largest fall", "share",
         never=_NOT_POSITIVE),
    Word("time before largest fall", "moment",
         never=_NOT_POSITIVE),
    Word("time after largest fall", "moment",
         never=_NOT_POSITIVE),
    Word("largest step", never="there is one sample"),
    Word("time of largest step", "moment"),
    Word("time of fastest rise", "moment"),
    Word("time of fastest fall", "moment"),
)  # fmt: skip

WORDS: Mapping[str, Word] = {row.name: row for row in _ROWS}
"""The words by name, in the order in which lists show them."""
SPELLINGS: Mapping[str, Word] = {
    spelling: row for row in _ROWS for spelling in (row.name, *row.also)
}
"""The words by each of their spellings."""
