"""One number of a run, as experiments and calibrations ask for it: of one variable, or of two, over a part of the run.

Crosses the border: a TOML table or a few words in, a `Quantity` out, which makes a number of the rows of a `Simulator`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sdcluster.errors import ModelError
from sdcluster.measure.measures import KINDS
from sdcluster.measure.trajectory import log_regression, moments, prominent_peaks, vertex, window
from sdcluster.model.elements import one

if TYPE_CHECKING:
    from sdcluster.model import Model

WITH_LEVEL = ("time above", "time to", "number of peaks")
WITH_OTHER = ("elasticity", "intercept", "fit")
WHATS = (*KINDS, *WITH_LEVEL, *WITH_OTHER, "growth")
KEYS = ("variable", "what", "level", "on", "from", "to", "every")


@dataclass(frozen=True)
class Quantity:
    """What is measured of a run.

    Parameters
    ----------
    what : str
        A key of `KINDS`; ``"time above"`` a level; ``"time to"`` a level, from the beginning of the window to the first
        passing upward; ``"number of peaks"`` that come down by the level on both sides, in the unit of the variable;
        ``"growth"`` from its beginning to its end, in percent; ``"elasticity"``, ``"intercept"`` or
        ``"fit"`` of the regression of ln `variable` on ln `on` (`sdcluster.measure.trajectory.log_regression`).
    variable, on : str
        Names of variables or elements; `on` is empty but for regressions.
    level : float
    start, stop : float or None
        Ends of the window; None takes the run's.
    every : float
        Time between the points of a regression.
    """

    what: str
    variable: str
    level: float = 0.0
    on: str = ""
    start: float | None = None
    stop: float | None = None
    every: float = 1.0

    def of(self, names: Sequence[str], time: np.ndarray, rows: np.ndarray) -> float:
        """Return the number for `rows` (len(names), T) at `time` (T,)."""
        values = rows[names.index(self.variable)]
        if self.what == "initial" and self.start is not None:
            return float(np.interp(self.start, time, values))
        if self.what in WITH_OTHER:
            return self._regression(time, rows[names.index(self.on)], values)
        if self.start is not None or self.stop is not None:
            time, values = window(time, values, self.start, self.stop)
        match self.what:
            case "time above":
                return float(np.trapezoid((values > self.level).astype(float), time))
            case "time to":
                return _time_to(time, values, self.level)
            case "number of peaks":
                return float(len(prominent_peaks(time, values, self.level)[0]))
            case "time of peak" | "time of minimum":
                return _time_of(time, values if self.what == "time of peak" else -values)
            case "growth":
                return 100 * (float(values[-1] / values[0]) - 1) if values[0] else math.nan
        return KINDS[self.what](time, values)

    def _regression(self, time: np.ndarray, x: np.ndarray, y: np.ndarray) -> float:
        first = float(time[0]) if self.start is None else self.start
        last = float(time[-1]) if self.stop is None else self.stop
        when = moments(first, last, self.every)
        found = log_regression(np.interp(when, time, x), np.interp(when, time, y))
        return found[WITH_OTHER.index(self.what)]

    def __str__(self) -> str:
        words = f"{self.what} {self.variable}"
        if self.what in WITH_LEVEL:
            words += f" {self.level:g}"
        if self.on:
            words += f" on {self.on}"
        if self.start is not None:
            words += f" from {self.start:g}"
        if self.stop is not None:
            words += f" to {self.stop:g}"
        return words


def _time_of(time: np.ndarray, values: np.ndarray) -> float:
    """Return the time of the highest value: the top of a parabola through its neighbours, so that it moves smoothly."""
    top = int(np.argmax(values))
    if not 0 < top < len(values) - 1:
        return float(time[top])
    return vertex(time[top - 1 : top + 2], values[top - 1 : top + 2])[0]


def _time_to(time: np.ndarray, values: np.ndarray, level: float) -> float:
    """Return the time from the first sample to the first at the level.

    Where the level is not reached, the time goes on past the end by the share of the level that is lacking, so that a
    search still feels which way is better.
    """
    reached = np.flatnonzero(values >= level)
    if not reached.size:
        lacking = (level - float(np.max(values))) / max(abs(level), 1e-300)
        return float(time[-1] - time[0]) * (1 + lacking)
    i = int(reached[0])
    if i == 0:
        return 0.0
    share = (level - values[i - 1]) / (values[i] - values[i - 1])
    return float(time[i - 1] + share * (time[i] - time[i - 1]) - time[0])


_WORDS = {
    "value": re.compile(r"value|"),
    "time to": re.compile(r"time to (?P<level>\S+)"),
    "growth": re.compile(r"growth to (?P<stop>\S+)"),
    "regression": re.compile(r"(?P<what>elasticity|intercept|fit) on (?P<on>.+) to (?P<stop>\S+)"),
    "part": re.compile(r"(?P<what>[a-z ]+) to (?P<stop>\S+)"),
}


def quantity_of_words(words: str, variable: str, time: float, model: Model) -> Quantity:
    """Read the measure of a target: what of `variable`, from `time` on.

    ``value`` (or nothing), ``time to 0.7``, ``growth to 18.5``, ``elasticity on price to 18``,
    ``intercept on price to 18``, or a measure of a part of the run, as ``time of minimum to 18``.

    Raises
    ------
    ModelError
        For other words, unknown names, or numbers that are none.
    """
    name = one(model, variable).name
    for kind, form in _WORDS.items():
        found = form.fullmatch(words.strip())
        if found is None:
            continue
        given = found.groupdict()
        level = _number(given["level"], words) if "level" in given else 0.0
        stop = _number(given["stop"], words) if "stop" in given else None
        if stop is not None and stop <= time:
            raise ModelError(f'"{words}" ends before it begins, at {time:g}')
        if kind == "value":
            return Quantity("initial", name, start=time)
        if kind == "regression":
            on = one(model, given["on"]).name
            return Quantity(given["what"], name, on=on, start=time, stop=stop)
        if kind == "part" and given["what"] not in KINDS:
            continue
        return Quantity(given.get("what", kind), name, level, start=time, stop=stop)
    raise ModelError(
        f'"{words}" is not measured; write value, time to LEVEL, growth to TIME, '
        "elasticity on VARIABLE to TIME, or one of "
        f"{', '.join(KINDS)} with to TIME"
    )


def _number(text: str, words: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise ModelError(f'"{text}" in "{words}" is no number')
    return found
