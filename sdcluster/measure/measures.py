"""Measures: single numbers of a run, written as ``"final population"`` or ``"time above births 3 from 10 to 40"``.

`parse_measure` takes a text and a model, and returns a `Measure`, which computes a number from a trajectory. A text
consists of a keyword from `sdcluster.measure.words`, a variable, and the arguments of the keyword::

    population                          without a keyword: the final value
    time of peak births from 10         only the run from time 10 on; "to" gives the end
    time above births 3                 above the level 3, in the variable's unit
    value population at 12.5
    elasticity price on output from 3 to 18 every 0.5
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sdcluster.errors import ModelError, did_you_mean
from sdcluster.measure.trajectory import at_times, moments, window
from sdcluster.measure.turning_points import time_beyond
from sdcluster.measure.words import SPELLINGS, WORDS, Word
from sdcluster.messages import comma_separated, message
from sdcluster.model import Model
from sdcluster.model.elements import elements, one
from sdcluster.model.names import canonical

CLOCK = {"time step", "saveper", "initial time", "final time"}  # time settings of Vensim files
Names = Model | Mapping[str, str]  # a model, or the names in a run by canonical name
_CLAUSE = re.compile(r"(?:^|\s)(from|to|at|every) (\S+)$")


@dataclass(frozen=True)
class Measure:
    """A number to compute from a run, such as the peak of a variable.

    Parameters
    ----------
    what : str
        The keyword, one of `sdcluster.measure.words.WORDS`.
    variable, on : str
        Names of variables or elements, as in results. `variable` is measured. `on` is the independent variable of a
        regression (`sdcluster.measure.trajectory.log_regression`), otherwise empty.
    level : float
        The level in the unit of the variable, if the keyword needs a level.
    start, stop : float or None
        Start and end of the part of the run to measure; None means those of the run. For ``"value"``, `start` is the
        time of the value.
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

    @property
    def word(self) -> Word:
        """The row of the table of keywords for this measure."""
        return WORDS[self.what]

    def of(
        self,
        time: np.ndarray,
        values: np.ndarray,
        other: np.ndarray | None = None,
        *,
        beyond: bool = False,
        complete: bool = False,
    ) -> Any:
        """Return the measure of one run or of several.

        Parameters
        ----------
        time : ndarray, shape (T,)
        values : ndarray, shape (T,) or (T, R)
            Values of the variable in one run or in R runs. Missing values (NaN) are skipped if `word.missing` is true.
        other : ndarray of the same shape, optional
            Values of the variable `on`.
        beyond : bool
            Whether to return a substitute, longer than the run, if the run never reaches the level of ``"time to"``. A
            search needs the substitute to compare such runs.
        complete : bool
            Whether the caller knows that no value is missing. If so, the values are not searched for NaN.

        Returns
        -------
        float, or ndarray of shape (R,)
            NaN if a run has no such number; ``word.never`` gives the reason.

        Raises
        ------
        ModelError
            If the run does not cover the times from `start` to `stop`.
        """
        values = np.asarray(values, dtype=float)
        whole = self.start is None and self.stop is None
        if values.ndim == 1:
            if self.word.needs == "on":
                return float(self._on(time, values, other))
            return self._of_one(time, values, beyond)
        sample = self._sample(time)
        if sample is not None:
            return values[sample].copy()
        missing = not complete and self.word.missing and np.isnan(values).any()
        if self.word.across and not missing:
            if not whole:
                time, values = self._part(time, values)
            return self.word.number(time, values, *self._level)
        if self.word.needs == "on":
            return self._on(time, values.T, None if other is None else np.asarray(other).T)
        return np.array([self._of_one(time, one, beyond) for one in values.T])

    def _on(self, time: np.ndarray, values: np.ndarray, other: np.ndarray | None) -> Any:
        """Return the result of a regression, such as an elasticity, for values of shape (..., T)."""
        first = float(time[0]) if self.start is None else self.start
        last = float(time[-1]) if self.stop is None else self.stop
        try:
            if other is None:
                raise ValueError(message("measure.values_missing", name=self.on))
            window(time, time, first, last)  # raises an error for times outside the run
        except ValueError as error:
            raise ModelError(message("measure.cannot_measured", self=self, error=error)) from None
        when = moments(first, last, self.every)
        x, y = (at_times(when, time, each) for each in (other, values))
        return self.word.number(x, y)

    def _sample(self, time: np.ndarray) -> int | None:
        """Return the index of the sample that is the result, if the measure is the value at the time of a sample.

        For other measures, and for times between samples, return None.
        """
        if self.what != "value" or self.start is None:
            return None
        i = int(np.searchsorted(time, self.start))
        return i if i < len(time) and time[i] == self.start else None

    def _part(self, time: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the times and values of the part of the run to measure; values have shape (T,) or (T, R)."""
        stop = self.start if self.word.needs == "at" else self.stop
        try:
            return window(time, values, self.start, stop)
        except ValueError as error:
            raise ModelError(message("measure.cannot_measured", self=self, error=error)) from None

    @property
    def _level(self) -> tuple[float, ...]:
        return (self.level,) if self.word.needs == "level" else ()

    def _of_one(self, time: np.ndarray, values: np.ndarray, beyond: bool) -> float:
        word, start, stop = self.word, self.start, self.stop
        if start is not None or stop is not None:
            time, values = self._part(time, values)
        if word.missing:
            known = ~np.isnan(values)
            if not known.all():
                time, values = time[known], values[known]
        if not len(values) or (len(values) == 1 and not word.single):
            return math.nan
        found = float(word.number(time, values, *self._level))
        if beyond and self.what == "time to" and math.isnan(found):
            return time_beyond(time, values, self.level)
        return found

    def of_rows(
        self, names: Sequence[str], time: np.ndarray, rows: np.ndarray, *, beyond: bool = False
    ) -> float:
        """Return the measure of a run with times `time`, shape (T,), and values `rows`, shape (len(names), T).

        `names` are the names of the variables in the rows, as a `Simulator` returns both.
        """
        other = rows[names.index(self.on)] if self.on else None
        return float(self.of(time, rows[names.index(self.variable)], other, beyond=beyond))

    def units(self, model: Model) -> str:
        """Return the unit of the measure."""
        match self.word.unit:
            case "variable":
                return one(model, self.variable).variable.units
            case "moment" | "duration":
                return model.time.units
        return "%" if self.word.unit == "percent" else "1"

    def says(self, language: str = "en", *, level: str = "", on: str = "") -> str:
        """Return the name of the measure on pages, without the variable, such as ``time above 0.5``."""
        return self.word.says(language, level=level or f"{self.level:g}", on=on or self.on)

    def __str__(self) -> str:
        words = f"{self.what} {self.variable}"
        if self.word.needs == "level":
            words += f" {self.level:g}"
        if self.on:
            words += f" on {self.on}"
        if self.start is not None:
            words += f" {'at' if self.word.needs == 'at' else 'from'} {self.start:g}"
        if self.stop is not None:
            words += f" to {self.stop:g}"
        return words + (f" every {self.every:g}" if self.every != 1 else "")


def parse_measure(text: str, model: Model | Iterable[str]) -> Measure:
    """Return the measure written as ``"final population"`` or ``"time above births 3 from 10"``, for example.

    The name of a variable alone means the variable's final value.

    Parameters
    ----------
    text : str
    model : Model or iterable of str
        The model, or the names that a run holds.

    Raises
    ------
    ModelError
        For an unknown keyword or variable (the message suggests the nearest), or if an argument of the keyword is
        missing.
    """
    wanted = canonical(text)
    names = model if isinstance(model, Model) else {_plain(name): name for name in model}
    if _known(wanted, names):
        return Measure("final", _shown(names, wanted))
    failure: ModelError | None = None
    for word, rest in _worded(wanted):
        try:
            return _read(word, rest, text, names)
        except ModelError as error:
            failure = failure or error
    if failure is not None:
        raise failure
    said = " ".join(wanted.split()[:-1]) or wanted
    hint = did_you_mean(said, SPELLINGS) or message(
        "measure.write_one_then_variable",
        words=comma_separated(WORDS),
        variable=_example(model),
    )
    raise ModelError(message("measure.not_measure", text=text, hint=hint))


def parse_measures(text: str, model: Model) -> tuple[Measure, ...]:
    """Return the measure that `parse_measure` returns or, for an array, the measures of all its elements."""
    wanted = canonical(text)
    try:
        return (parse_measure(text, model),)
    except ModelError:
        arrays = [v for v in model.variables.values() if v.dimensions]
        for word, rest in (*_worded(wanted), (WORDS["final"], wanted)):
            for array in arrays:
                if rest == array.key or rest.startswith(f"{array.key} "):
                    behind = rest.removeprefix(array.key)
                    return tuple(
                        parse_measure(f"{word.name} {element.name}{behind}", model)
                        for element in elements(model, array)
                    )
        raise


def why_never(text: str) -> str:
    """Return why the number of a measure, given as text, may be missing in a run; empty if it is always defined."""
    return next((word.never for word, _ in _worded(canonical(text)) if word.never), "")


def measure_of_target(words: str, variable: str, time: float, model: Model) -> Measure:
    """Return the measure of a calibration target: a measure of its variable from `time` on, or the value at `time`.

    Parameters
    ----------
    words : str
        The measure as in `parse_measure`, but without the variable: ``time to 0.7``, ``growth to 18.5``, ``elasticity
        on price to 18``. Empty for the value at `time`.
    variable : str
    time : float
    model : Model

    Raises
    ------
    ModelError
        For unknown words or names, or invalid numbers.
    """
    wanted = canonical(words)
    name = one(model, variable).name
    if wanted in ("", "value"):
        return Measure("value", name, start=time)
    for word, rest in _worded(wanted):
        return _read(word, rest, words, model, name, time)
    hint = did_you_mean(wanted, SPELLINGS) or message(
        "measure.write_value_one", words=comma_separated(w for w in WORDS if w != "value")
    )
    raise ModelError(message("measure.not_measure", text=words, hint=hint))


def _worded(wanted: str) -> list[tuple[Word, str]]:
    """Return the keywords with which a text may begin, longest first, each with the rest of the text."""
    return [
        (SPELLINGS[spelling], wanted.removeprefix(spelling).strip())
        for spelling in sorted(SPELLINGS, key=len, reverse=True)
        if wanted == spelling or wanted.startswith(f"{spelling} ")
    ]


def _example(model: Model | Iterable[str]) -> str:
    """Return the name of a variable for the example in an error message."""
    if isinstance(model, Model):
        return next((stock.name for stock in model.stocks), "price")
    return next(iter(model.values() if isinstance(model, Mapping) else model), "price")


def _plain(name: str) -> str:
    return canonical(name).replace(", ", ",")


def _known(name: str, names: Names) -> bool:
    if not isinstance(names, Model):
        return _plain(name) in names
    return name in names or (name.endswith("]") and name.partition("[")[0] in names)


def _shown(model: Names, name: str) -> str:
    """Return the name of a variable or element as in results; raise a `ModelError` if the model lacks it."""
    if not isinstance(model, Model):
        if _plain(name) not in model:
            hint = did_you_mean(name, model.values())
            raise ModelError(
                message("measure.run_no_variable", name=name, hint=hint), variable=name
            )
        return model[_plain(name)]
    found = one(model, name)
    if found.variable.hidden:
        raise ModelError(
            message("measure.inner_part_macro_delay", found=found.name),
            file=model.path,
        )
    return found.name


def _read(
    word: Word, rest: str, text: str, model: Names, variable: str = "", time: float | None = None
) -> Measure:
    """Return the measure with a keyword, given the text `rest` that follows the keyword."""
    given: dict[str, float] = {}
    while rest and not _known(rest, model):
        clause = _CLAUSE.search(rest)
        if clause is None or clause[1] in given:
            break
        given[clause[1]] = _number(clause[2], text)
        rest = rest[: clause.start()].strip()
    level, on = 0.0, ""
    if word.needs == "level" and not _known(rest, model):
        rest, _, last = rest.rpartition(" ")
        if not last:
            raise ModelError(
                message(
                    "measure.needs_level",
                    text=text,
                    word=word.name,
                    variable=variable or rest or "x",
                )
            )
        level = _number(last, text)
    elif word.needs == "level":
        raise ModelError(message("measure.needs_level", text=text, word=word.name, variable=rest))
    if word.needs == "on":
        rest, on = _regressed(rest, text, model, bool(variable))
    if (word.needs == "at") != ("at" in given):
        if word.needs == "at":
            raise ModelError(message("measure.needs_time", text=text))
        raise ModelError(message("measure.needs_from_to", text=text))
    if variable and rest:
        raise ModelError(message("measure.does_not_belong", text=text, rest=rest, word=word.name))
    if not rest and not variable:
        raise ModelError(
            message("measure.needs_variable", text=text, word=word.name, example=_example(model))
        )
    start, stop = given.get("from", given.get("at", time)), given.get("to")
    if time is not None and "from" in given:
        raise ModelError(message("measure.begins_time_target_leave", text=text))
    every = given.get("every", 1.0)
    check_part(text, start, stop, every)
    return Measure(word.name, variable or _shown(model, rest), level, on, start, stop, every)


def check_part(text: str, start: float | None, stop: float | None, every: float = 1.0) -> None:
    """Raise an error if a part of a run ends before it begins, or if a step is not positive.

    Raises
    ------
    ModelError
        In these two cases. The message contains `text`, the measure as written by the user.
    """
    if start is not None and stop is not None and stop <= start:
        raise ModelError(message("measure.ends_before_begins", text=text, start=start))
    if every <= 0:
        raise ModelError(message("measure.every_must_above_not", text=text, every=every))


def _regressed(rest: str, text: str, model: Names, given: bool) -> tuple[str, str]:
    """Return the dependent and the independent variable of a regression; names may contain the word "on"."""
    if given and rest.startswith("on "):
        return "", _shown(model, rest.removeprefix("on ").strip())
    for found in re.finditer(r" on ", rest):
        mine, theirs = rest[: found.start()], rest[found.end() :]
        if _known(mine, model) and _known(theirs, model):
            return mine, _shown(model, theirs)
    raise ModelError(message("measure.needs_two_variables_model", text=text))


def _number(text: str, words: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise ModelError(message("measure.not_number", text=text, words=words))
    return found


def main_variables(model: Model) -> tuple[str, ...]:
    """Return the names to show first: variables that no other variable uses (indicators), then all stocks.

    If a model has no indicators and no stocks, return all variables that change over time or, if none changes, the
    constants.
    """
    from sdcluster.model.graph import causal_graph

    graph = causal_graph(model)
    indicators = [
        variable.name
        for variable in model.auxiliaries
        if graph.out_degree(variable.name) == 0 and variable.key not in CLOCK
    ]
    found = (*indicators, *(stock.name for stock in model.stocks))
    if found:
        return found
    shown = [v for v in model.variables.values() if not v.hidden and v.key not in CLOCK]
    moving = tuple(v.name for v in shown if v.kind in ("auxiliary", "flow", "data"))
    return moving or tuple(v.name for v in shown if v.kind == "constant")
