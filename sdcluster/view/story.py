"""Describe a run in words, by applying the rules of a story to the trajectories.

A story defines measures and the conditions under which each sentence applies. `find` takes the arrays of one run and a
`Story` (from a model's ``lab.toml``, or the standard story), and returns `Finding` objects. `phrase` converts findings
to sentences in one language. `Measuring` computes the measures.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, cached_property
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdcluster.measure.measures import Measure
from sdcluster.measure.trajectory import on_the_clock
from sdcluster.measure.turning_points import peak_times
from sdcluster.measure.words import WORDS
from sdcluster.model.elements import one
from sdcluster.project.lab_file import Chart, LabFile, lab_beside
from sdcluster.project.library import first_model
from sdcluster.project.story_file import (
    LISTS,
    MOMENTS,
    PLACEHOLDER,
    STORY_FILE,
    Condition,
    Passage,
    Rule,
    Story,
    StoryMeasure,
    StoryReader,
    Subject,
    Words,
)
from sdcluster.project.toml_file import read_toml
from sdcluster.words import join, texts
from sdcluster.words import say as words_of

if TYPE_CHECKING:
    from sdcluster.model import Model

Array = NDArray[np.float64]
NAN = float("nan")
SLACK = 1e-9


@dataclass(frozen=True)
class Finding:
    """A sentence that applies to a run, by language.

    `mode` is the mode of behaviour (``"growth"``, …) or ``""``; `label` is the name of the mode in a heading,
    `word` its name in a table. `about` are the variables that the sentence describes.
    """

    mode: str
    about: tuple[str, ...]
    text: Words
    label: Words = field(default_factory=dict)
    word: Words = field(default_factory=dict)


@dataclass(frozen=True)
class Sentence:
    """A sentence about a run in one language.

    `kind` is the mode of behaviour (``"growth"``, …) or ``""``; `about` are the variables that the sentence describes.
    """

    kind: str
    text: str
    label: str = ""
    about: tuple[str, ...] = ()


@dataclass(frozen=True)
class Measured:
    """The result of a measure: a number, a list of times, or the variables with and without a number."""

    number: float
    times: tuple[float, ...] = ()
    chosen: tuple[tuple[Subject, float], ...] = ()
    missing: tuple[Subject, ...] = ()


def tell(
    time: ArrayLike,
    series: Mapping[str, ArrayLike],
    *,
    story: Story | Sequence[Story] | None = None,
    language: str = "en",
    switch: float | None = None,
    stop: float | None = None,
    baseline: Mapping[str, ArrayLike] | None = None,
) -> list[Sentence]:
    """Describe a run in sentences.

    Parameters
    ----------
    time : array_like, shape (T,)
        Times of the run, in the model's unit of time.
    series : mapping of str to array_like, shape (T,)
        Values by name of the variable or element; passages about a variable that is missing here are left out.
    story : Story or sequence of Story, optional
        The story, for instance ``stories(model, lab_beside(model))`` or ``standard_story(model, "stock")``. The
        default is the story of the first lesson's model, as in version 0.1.0.
    language : str
        Language of the sentences; texts without a translation are in English.
    switch : float, optional
        Time at which one policy replaced another.
    stop : float, optional
        Last time to consider; the function ignores later values.
    baseline : mapping of str to array_like, optional
        The values of a run to compare with, at the same times.

    Returns
    -------
    list of Sentence
        The sentences, in the order of the passages of the story.
    """
    story = _first_story() if story is None else story
    return phrase(find(time, series, story, switch=switch, stop=stop, baseline=baseline), language)


@cache
def _first_story() -> Story | tuple[Story, ...]:
    from sdcluster.read import load

    model = load(first_model())
    return stories(model, lab_beside(model))


def find(
    time: ArrayLike,
    series: Mapping[str, ArrayLike],
    story: Story | Sequence[Story],
    *,
    switch: float | None = None,
    stop: float | None = None,
    baseline: Mapping[str, ArrayLike] | None = None,
) -> list[Finding]:
    """Return the findings that apply to a run; the parameters are those of `tell`."""
    years = np.asarray(time, dtype=float)
    shown = slice(0, int(np.searchsorted(years, (years[-1] if stop is None else stop) + SLACK)))
    run = {name: np.asarray(values, dtype=float)[shown] for name, values in series.items()}
    other = {
        name: np.asarray(values, dtype=float)[shown] for name, values in (baseline or {}).items()
    }
    years = years[shown]
    findings = []
    for told_by in (story,) if isinstance(story, Story) else story:
        measuring = Measuring(told_by, years, run, other, switch)
        told = (measuring.say(passage) for passage in told_by.passages)
        findings += [finding for finding in told if finding is not None]
    return findings


def phrase(findings: Sequence[Finding], language: str) -> list[Sentence]:
    """Return a sentence in a language for each finding."""
    return [
        Sentence(f.mode, said(f.text, language), said(f.label, language), f.about) for f in findings
    ]


def said(words: Words, language: str) -> str:
    """Return a text in a language from texts by language code, or the English text if there is no translation."""
    return words.get(language) or words.get("en", "")


def standard_story(model: Model, variable: str, label: Words | None = None) -> Story:
    """Return the standard story of a variable: growth, decline, overshoot, oscillation and turning points.

    Parameters
    ----------
    model : Model
    variable : str
        The variable or element that the story describes, or ``"*"`` as a placeholder that the caller replaces.
    label : mapping of str to str, optional
        The name of the unit of time, by language.
    """
    with as_file(files("sdcluster.view") / "standard_story.toml") as path:
        file = read_toml(path)
        return StoryReader(file, model, variable).read(STORY_FILE(file, file.data), label)


def stories(model: Model, lab: LabFile, charts: Sequence[Chart] = ()) -> tuple[Story, ...]:
    """Return the stories of a model: the story in its lab file, and standard stories of some variables.

    Parameters
    ----------
    model : Model
    lab : LabFile
    charts : sequence of Chart
        The charts from which to choose variables if the lab file has neither a story nor variables for standard
        stories: the first variable in each of the first `TOLD` charts.
    """
    label = clock_label(model, lab)
    told = lab.tell
    if not told and lab.story is None:
        told = tuple(dict.fromkeys(one(model, c.lines[0].name).name for c in charts[:TOLD]))
    standard = tuple(standard_story(model, name, label) for name in told)
    return (*((lab.story,) if lab.story else ()), *standard)


TOLD = 2


def clock_label(model: Model, lab: LabFile) -> Words | None:
    """Return the label of the model's unit of time in a lab file, or None if the file has no such label."""
    clock = lab.units.get(model.time.units.casefold())
    return clock.label if clock else None


class Measuring:
    """Computes the measures of a story on one run, each only once.

    Parameters
    ----------
    story : Story
    time : ndarray, shape (T,)
    run, baseline : mapping of str to ndarray, shape (T,)
    switch : float or None
    """

    def __init__(
        self,
        story: Story,
        time: Array,
        run: Mapping[str, Array],
        baseline: Mapping[str, Array],
        switch: float | None,
    ) -> None:
        self.story, self.time, self.run, self.baseline = story, time, run, baseline
        self.switch = switch
        self._measured: dict[str, Measured] = {}

    @cached_property
    def moments(self) -> dict[str, float]:
        """The time of each moment in `MOMENTS`, by name; NaN for the policy switch if it is not during the run."""
        start, end = float(self.time[0]), float(self.time[-1])
        inside = self.switch is not None and start < self.switch < end
        times = (self.switch if inside else None, (start + end) / 2, start + 0.75 * (end - start))
        switch, middle, last_quarter = (NAN if t is None else float(t) for t in times)
        return dict(zip(MOMENTS, (switch, start, middle, last_quarter, end), strict=True))

    def say(self, passage: Passage) -> Finding | None:
        """Return the finding of the first rule in a passage that applies, or None if no rule applies."""
        if not all(name in self.run for name in passage.about):
            return None
        for rule in passage.rules:
            if self.holds(rule):
                text = {code: self.fill(words, code) for code, words in rule.text.items()}
                return Finding(
                    rule.mode,
                    passage.about,
                    text,
                    rule.label or (texts(f"modes.{rule.mode}") if rule.mode else {}),
                    rule.word or (texts(f"becomes.{rule.mode}") if rule.mode else {}),
                )
        return None

    def holds(self, rule: Rule) -> bool:
        """Return whether a rule applies: all its conditions hold, and every placeholder of its text has a value."""
        if not all(self.meets(condition) for condition in rule.conditions):
            return False
        names = {n for text in rule.text.values() for n in PLACEHOLDER.findall(text)}
        return all(self.has(name) for name in names)

    def has(self, shown: str) -> bool:
        """Return whether a placeholder has a value in this run."""
        name, _, part = shown.partition(".")
        found = self.measure(name)
        if part == "missing":
            return bool(found.missing)
        return bool(found.times or found.chosen) or not math.isnan(found.number)

    def meets(self, condition: Condition) -> bool:
        """Return whether the measure of a condition has a number, and this number is within the bounds."""
        number = self.measure(condition.measure).number
        bounds = {key: self.bound(value) for key, value in condition.bounds.items()}
        return not math.isnan(number) and all(
            number >= bound
            if key == "min"
            else number <= bound
            if key == "max"
            else number > bound
            if key == "above"
            else number < bound
            for key, bound in bounds.items()
        )

    def bound(self, value: float | str) -> float:
        """Return a bound or time as a number, given the number or the name of a measure."""
        return self.measure(value).number if isinstance(value, str) else value

    def measure(self, name: str) -> Measured:
        """Return the result of a measure or moment in this run, given its name."""
        if name in self.moments:
            return Measured(self.moments[name])
        if name not in self._measured:
            self._measured[name] = self._take(self.story.measures[name])
        return self._measured[name]

    def _take(self, measure: StoryMeasure) -> Measured:
        if measure.each:
            return self._choose(measure)
        found = self._values(measure, measure.subjects[0])
        if measure.what in LISTS:
            return Measured(float(len(found)), tuple(found))
        number = found[0] if found else NAN
        if measure.relative_to:
            other = self.bound(measure.relative_to)
            number = (number - other) / abs(other) if other else NAN
        if measure.before:
            number = self.bound(measure.before) - number
        return Measured(number)

    def _choose(self, measure: StoryMeasure) -> Measured:
        numbers = [(s, (self._values(measure, s) or [NAN])[0]) for s in measure.subjects]
        known = sorted(((s, n) for s, n in numbers if not math.isnan(n)), key=lambda pair: pair[1])
        missing = tuple(s for s, n in numbers if math.isnan(n))
        if measure.choose == "all":
            return Measured(float(len(known)), (), tuple(known), missing)
        kept = known[-1:] if measure.choose == "highest" else known[:1]
        return Measured(kept[0][1] if kept else NAN, (), tuple(kept), missing)

    def _values(self, measure: StoryMeasure, subject: Subject) -> list[float]:
        """Return the number (as a list of one) or the times measured on one variable; empty without a result."""
        values = (self.baseline if measure.baseline else self.run).get(subject.variable)
        if values is None or len(values) != len(self.time) or not np.all(np.isfinite(values)):
            return []
        if measure.what == "value":
            return self._at(values, self.bound(measure.start or 0.0))
        window = self._window(measure)
        if window is None:
            return []
        start, stop = window
        time = self.time[(self.time > start) & (self.time < stop)]
        time = np.concatenate([[start], time, [stop]]) if stop > start else np.array([start])
        values = np.interp(time, self.time, values)
        found = self._shape(measure, time, values)
        return (
            [] if isinstance(found, float) and math.isnan(found) else np.atleast_1d(found).tolist()
        )

    def _at(self, values: Array, moment: float) -> list[float]:
        slack = SLACK * max(1.0, abs(float(self.time[-1])))
        if not self.time[0] - slack <= moment <= self.time[-1] + slack:
            return []
        return [float(np.interp(moment, self.time, values))]

    def _window(self, measure: StoryMeasure) -> tuple[float, float] | None:
        """Return the first and last time of the interval to measure; None if the interval is not within the run."""
        first, end = float(self.time[0]), float(self.time[-1])
        start = first if measure.start is None else self.bound(measure.start)
        stop = end if measure.stop is None else self.bound(measure.stop)
        if measure.last is not None:
            start = stop - min(measure.last, (stop - first) / 2)
        slack = SLACK * max(1.0, abs(end))
        if not first - slack <= start <= stop <= end + slack:
            return None
        return max(start, first), min(stop, end)

    @staticmethod
    def _shape(measure: StoryMeasure, time: Array, values: Array) -> float | list[float]:
        what = measure.what
        share = measure.share or 0.0
        threshold = share * float(np.max(values) - np.min(values))
        threshold = measure.level if measure.level is not None else threshold
        if what in LISTS:
            return peak_times(time, values if what == "times of peaks" else -values, threshold)
        return float(Measure(what, measure.name, threshold).of(time, values))

    def fill(self, text: str, language: str) -> str:
        """Return the text with its placeholders filled in."""
        return PLACEHOLDER.sub(lambda found: self.shown(found[1], language), text)

    def shown(self, placeholder: str, language: str) -> str:
        """Return the text that replaces a placeholder."""
        name, _, part = placeholder.partition(".")
        found = self.measure(name)
        if name in self.moments:
            return self.time_text(found.number)
        measure = self.story.measures[name]
        if part == "count":
            return f"{len(found.times or found.chosen)}"
        if part == "missing":
            return join([said(subject.name, language) for subject in found.missing], language)
        if measure.each:
            template = said(measure.item, language)
            items = [self._item(template, s, n, measure, language) for s, n in found.chosen]
            kept = {"first": items[:1], "last": items[-1:]}.get(part, items)
            return join(kept, language)
        if measure.what in LISTS:
            times = {"first": found.times[:1], "last": found.times[-1:]}.get(part, found.times)
            text = join([self.time_text(t) for t in times], language)
            return self._moment(text, language) if measure.shown == "moment" else text
        value = found.number
        if measure.shown == "number" and WORDS[measure.what].single:
            size = np.abs(self.run.get(measure.subjects[0].variable, np.zeros(1))).max()
            value = 0.0 if abs(value) < NOTHING * size else value
        return self.number_text(value, measure, language)

    def _item(
        self, template: str, subject: Subject, value: float, measure: StoryMeasure, language: str
    ) -> str:
        parts = {"name": said(subject.name, language)}
        parts["value"] = self.number_text(value, measure, language)
        return PLACEHOLDER.sub(lambda found: parts[found[1]], template)

    def number_text(self, value: float, measure: StoryMeasure, language: str) -> str:
        """Return a number as text in the format of its measure."""
        digits = measure.digits
        match measure.shown:
            case "time":
                return self.time_text(value)
            case "moment":
                return self._moment(self.time_text(value), language)
            case "duration":
                unit = said(self.story.unit, language)
                blank = words_of("signs.blank", language) if unit else ""
                return f"{number(value, digits)}{blank}{unit}"
            case "percent":
                return f"{abs(100 * value):.{digits or 0}f}"
            case "count":
                return f"{value:.0f}"
        return number(value, digits)

    def _moment(self, text: str, language: str) -> str:
        return said(self.story.time_words, language).replace("{time}", text)

    def time_text(self, value: float) -> str:
        """Return a time as text; if the run is at least `WHOLE` long, rounded to an integer (halves are rounded up)."""
        if self.time[-1] - self.time[0] >= WHOLE:
            return f"{int(np.floor(value + 0.5))}"
        return on_the_clock(value)


NOTHING = 5e-4
"""A value counts as 0 if its size is below this share of the variable's largest absolute value."""
WHOLE = 15.0
"""If a run is at least as long as this, in units of time, texts give times in whole units."""


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float, digits: int | None = None) -> str:
    """Return a number as text, with `digits` decimals or, by default, with three significant digits.

    The front end writes the same text (``valueText`` in frontend/src/format.ts): 0.015, 12.3, 2,710,000, 2.5×10⁹.
    """
    value = float(value)
    if digits is not None:
        return f"{_rounded(value, digits):f}"
    size = abs(value)
    if size == 0:
        return "0"
    if size >= 1e9 or size < 1e-4:
        mantissa, power = f"{size:.2e}".split("e")
        text = f"{_trimmed(mantissa)}×10{str(int(power)).translate(_RAISED)}"
    else:
        whole = math.floor(math.log10(size)) + 1
        decimals = max(0, min(8, 3 - max(whole, whole if size < 1 else 1)))
        text = _trimmed(f"{_rounded(size, decimals):,f}")
    return f"−{text}" if value < 0 and re.search("[1-9]", text) else text


def _rounded(value: float, decimals: int) -> Decimal:
    """Return a number rounded to a number of decimals; halves are rounded up, as in JavaScript."""
    return Decimal(value).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
