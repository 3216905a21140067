"""Read the story of a model in ``lab.toml``: named measures of a run, and rules that convert the measures to sentences.

`StoryReader` takes tables that the schema has validated, and a model, and returns an immutable `Story` with checked
names. No text in the file is executed as code: rules compare numbers, and the placeholders in texts are looked up by
name. Example::

    [measure.top]
    variable = "population"
    what = "peak"

    [[story]]                                    # uses the first rule that holds
    about = "population"

    [[story.rule]]
    mode = "decline"
    if = [{ measure = "loss", min = 0.1 }]       # all must hold
    text = { en = "The population peaks at {top} in year {when} …", zh = "…" }
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sdcluster.errors import ModelError, did_you_mean
from sdcluster.measure.words import SPELLINGS
from sdcluster.messages import comma_separated, message
from sdcluster.model.elements import one
from sdcluster.model.names import canonical
from sdcluster.project.schema import (
    NUMBER,
    TEXT,
    WORDING,
    Either,
    ListOf,
    Named,
    Number,
    Table,
    Text,
    Whole,
)
from sdcluster.project.schema import Key as entry
from sdcluster.project.toml_file import Key, TomlFile, listed
from sdcluster.words import texts

if TYPE_CHECKING:
    from sdcluster.model import Model

Words = Mapping[str, str]

MODES = (
    *("growth", "saturation", "decline", "plateau", "setback", "overshoot"),
    *("oscillation", "cycle", "steady", "recovery", "late"),
)
MOMENTS = ("switch", "start", "middle", "last quarter", "end")
"""Names of the times that every run has: the time of the policy switch, and times of the part that is shown."""
LISTS = ("times of peaks", "times of troughs")
WHATS = (*(spelling for spelling, word in SPELLINGS.items() if word.needs != "on"), *LISTS)
USUAL = {"moment": "time", "share": "percent", "count": "count"}
"""The default format of a number by its unit, if this format is not ``"number"``."""
FORMATS = ("number", "time", "moment", "duration", "percent", "count")
CHOICES = ("all", "highest", "lowest")
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
YEARS: tuple[Words, Words] = (texts("story.moment", time="{time}"), texts("story.years"))
YEAR_UNITS = ("", "year", "years", "yr", "年")
PARTS = ("missing", "first", "last", "count")


NUMBER_OR_NAME = Either((NUMBER, TEXT))
SUBJECT = Table(
    "variable of a story",
    {
        "variable": entry(TEXT, "variable or element of an array", required=True),
        "name": entry(WORDING, "name of the variable in texts; by default, its name in the model"),
    },
)
MEASURE = Table(
    "measure of a story",
    {
        "variable": entry(TEXT, "variable to measure, or element of an array"),
        "each": entry(
            ListOf(Either((TEXT, SUBJECT)), least=1), "several variables to measure instead of one"
        ),
        "what": entry(Text(WHATS), "keyword of the measure; by default, the final value"),
        "level": entry(NUMBER, "level or prominence, in the variable's unit"),
        "share": entry(NUMBER, "level or prominence, as a share of the variable's range"),
        "from": entry(
            NUMBER_OR_NAME,
            "start of the measured interval: a number, or the name of a moment or measure",
        ),
        "to": entry(
            NUMBER_OR_NAME,
            "end of the measured interval: a number, or the name of a moment or measure",
        ),
        "at": entry(NUMBER_OR_NAME, "time of the value"),
        "last": entry(
            Number(above=0),
            "length of an interval at the end of the run to measure; at most half of the run",
        ),
        "run": entry(
            Text(("this", "baseline")),
            "run to measure; `baseline` is the run with which the current run is compared",
        ),
        "relative_to": entry(
            TEXT,
            "name of a measure; the result is the difference from this measure, as a share of it",
        ),
        "before": entry(
            TEXT,
            "name of a measure or moment; the result is the time from the measured time until then",
        ),
        "choose": entry(Text(CHOICES), "variables of `each` that a text names"),
        "item": entry(
            WORDING, "text for each variable, with the placeholders `{name}` and `{value}`"
        ),
        "as": entry(Text(FORMATS), "format of the number"),
        "digits": entry(Whole(least=0, most=12), "number of decimals"),
    },
)
CONDITION = Table(
    "condition",
    {
        "measure": entry(TEXT, "name of the measure to compare", required=True),
        "min": entry(NUMBER_OR_NAME, "lowest allowed number: a number, or the name of a measure"),
        "max": entry(NUMBER_OR_NAME, "highest allowed number: a number, or the name of a measure"),
        "above": entry(
            NUMBER_OR_NAME, "bound below the number: a number, or the name of a measure"
        ),
        "below": entry(
            NUMBER_OR_NAME, "bound above the number: a number, or the name of a measure"
        ),
    },
)
RULE = Table(
    "rule",
    {
        "mode": entry(Text(MODES), "mode of behaviour that the sentence describes"),
        "if": entry(ListOf(CONDITION), "conditions, all of which must hold"),
        "text": entry(WORDING, "sentence, with the names of measures in braces", required=True),
        "label": entry(WORDING, "heading, instead of the name of the mode"),
        "word": entry(
            WORDING, "word in the table of the demonstration, instead of the name of the mode"
        ),
    },
)
PASSAGE = Table(
    "story",
    {
        "about": entry(
            ListOf(TEXT, least=1, bare=True), "variables that the passage describes", required=True
        ),
        "rule": entry(
            ListOf(RULE), "rules; the first rule that holds gives the sentence", required=True
        ),
    },
)
STORY = {
    "measure": entry(Named(MEASURE), "measures for rules and texts, by name"),
    "story": entry(ListOf(PASSAGE), "passages of the story"),
}
STORY_FILE = Table("story", STORY)
"""A file that contains only a story."""


@dataclass(frozen=True)
class Subject:
    """A variable or element that a measure refers to, and its label by language."""

    variable: str
    name: Words


@dataclass(frozen=True)
class StoryMeasure:
    """The definition of a measure of a run, for use in rules and texts.

    The measure gives a number, a time, a list of times, or a choice of variables.

    Parameters
    ----------
    name : str
    subjects : tuple of Subject
        The measured variables: one for the key ``variable``, several for ``each``, none for a moment such as the end of
        the run.
    what : str
        One of `WHATS`, or a moment of `MOMENTS`.
    level, share : float or None
        The level that some words of `what` need: in the variable's unit, or as a share of the variable's range.
    start, stop : float, str or None
        The measured interval of time: numbers, or names of measures that give times. For ``"value"``, `start` is the
        time of the value.
    last : float or None
        Length of an interval at the end of the run that is measured instead. The interval is at most half of the run.
    baseline : bool
        Whether to measure the baseline run instead of the current run.
    relative_to : str
        Name of a reference measure. If given, the result is the difference from the reference, divided by the
        reference.
    before : str
        Name of a measure or moment that gives a time. If given, the result is the duration from the measured time to
        this time.
    each : bool
        Whether the measure applies to each of several variables.
    choose : str
        The variables that a text names: all variables with a number, the highest, or the lowest.
    item : mapping of str to str
        Template for the text of each variable by language, with the placeholders ``{name}`` and ``{value}``.
    shown : str
        Format of the number, one of `FORMATS`.
    digits : int or None
        Number of decimals; None for three significant digits.
    """

    name: str
    subjects: tuple[Subject, ...]
    what: str
    level: float | None = None
    share: float | None = None
    start: float | str | None = None
    stop: float | str | None = None
    last: float | None = None
    baseline: bool = False
    relative_to: str = ""
    before: str = ""
    each: bool = False
    choose: str = "all"
    item: Words = field(default_factory=dict)
    shown: str = "number"
    digits: int | None = None


@dataclass(frozen=True)
class Condition:
    """A condition of a rule: the measure must be within bounds, which are numbers or names of other measures.

    A condition on a measure without a value is false.
    """

    measure: str
    bounds: Mapping[str, float | str]


@dataclass(frozen=True)
class Rule:
    """A sentence by language, which applies if all conditions hold and all measures in the sentence have a value."""

    conditions: tuple[Condition, ...]
    text: Words
    mode: str = ""
    label: Words = field(default_factory=dict)
    word: Words = field(default_factory=dict)


@dataclass(frozen=True)
class Passage:
    """An ordered list of rules about some variables; the first rule that applies gives the sentence.

    The passage is skipped if a run lacks one of the variables.
    """

    about: tuple[str, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Story:
    """Measures by name, and the passages that use the measures.

    `time_words` is the text for a time by language, such as ``year {time}``; `unit` is the unit of durations.
    """

    measures: Mapping[str, StoryMeasure]
    passages: tuple[Passage, ...]
    time_words: Words = field(default_factory=lambda: YEARS[0])
    unit: Words = field(default_factory=lambda: YEARS[1])

    @property
    def variables(self) -> tuple[str, ...]:
        """All variables and elements that the story measures, each once."""
        names = [s.variable for m in self.measures.values() for s in m.subjects]
        return tuple(dict.fromkeys(names))

    @property
    def compares(self) -> bool:
        """Whether the story measures the baseline run, with which it compares the current run."""
        return any(measure.baseline for measure in self.measures.values())


def time_words(model: Model, label: Words | None = None) -> tuple[Words, Words]:
    """Return the text for a time and the unit of durations, both by language, such as ``year {time}`` and ``years``.

    Parameters
    ----------
    model : Model
    label : mapping of str to str, optional
        The name of the model's unit of time, by language; by default, as written in the file.
    """
    units = model.time.units
    if canonical(units) in YEAR_UNITS:
        return YEARS
    label = label or {"en": units}
    return {code: f"{word} {{time}}" for code, word in label.items()}, label


class StoryReader:
    """Reads the tables ``measure`` and ``story`` of a file.

    Parameters
    ----------
    file : TomlFile
    model : Model
        The model, for checking names.
    subject : str
        For a story about any variable: the variable that replaces ``*`` in rules and ``{variable}`` in texts. With
        ``"*"``, both placeholders remain.
    """

    def __init__(self, file: TomlFile, model: Model, subject: str = "") -> None:
        self.file, self.model, self.subject = file, model, subject
        self.measures: dict[str, StoryMeasure] = {}

    def read(self, tables: Mapping[str, Any], label: Words | None = None) -> Story:
        """Read all measures and passages.

        Parameters
        ----------
        tables : mapping
            The table validated by the schema, with the keys of `STORY`; other keys are ignored.
        label : mapping of str to str, optional
            The name of the model's unit of time.

        Raises
        ------
        ModelError
            If a variable, measure or placeholder is unknown; the message names file, line and key.
        """
        for name, table in tables.get("measure", {}).items():
            self.measures[name] = self._measure(name, table)
        read = tuple(
            self._passage(table, "story", i) for i, table in enumerate(tables.get("story", ()))
        )
        return Story(self.measures, read, *time_words(self.model, label))

    def variable(self, name: str, *at: Key) -> Subject:
        """Return the variable or element with this name in the model, with its label."""
        if name == "*" and self.subject == "*":
            return Subject("*", {})
        if name == "*" and self.subject:
            name = self.subject
        try:
            found = one(self.model, name).name
        except ModelError as error:
            raise self.file.error(error.sentence, *at, variable=name) from None
        languages = {"en", *self.model[found.partition("[")[0]].labels}
        return Subject(found, {code: self.model.label(found, code) for code in languages})

    def _measure(self, name: str, table: Mapping[str, Any]) -> StoryMeasure:
        at = ("measure", name)
        if name in MOMENTS or not re.fullmatch(r"\w[\w -]*", name):
            raise self.file.error(
                message("project.cannot_name_measure_use", name=name, moments=listed(MOMENTS)),
                *at,
            )
        if ("variable" in table) == ("each" in table):
            raise self.file.error(message("project.measure_needs_either_variable", name=name), *at)
        what = table.get("what", "final")
        word = SPELLINGS.get(what)
        what = word.name if word else what
        start, stop = self._window(what, table, *at)
        level, share, digits = (table.get(key) for key in ("level", "share", "digits"))
        if (word is None or word.needs == "level") and level is None and share is None:
            raise self.file.error(message("project.measuring_needs_level_share", what=what), *at)
        relative, before = table.get("relative_to", ""), table.get("before", "")
        if relative:
            self._known(relative, self.measures, *at, "relative_to")
        if before:
            self._known(before, {*MOMENTS, *self.measures}, *at, "before")
        usual = USUAL.get(word.unit, "percent" if relative else "number") if word else "time"
        return StoryMeasure(
            name,
            self._subjects(table, *at),
            what,
            level,
            share,
            start,
            stop,
            table.get("last"),
            table.get("run") == "baseline",
            relative,
            before,
            "each" in table,
            table.get("choose", "all"),
            self._item(table, *at),
            table.get("as", "number" if before and usual != "count" else usual),
            0 if before and digits is None else digits,
        )

    def _window(
        self, what: str, table: Mapping[str, Any], *at: Key
    ) -> tuple[float | str | None, float | str | None]:
        """Return the start and end of the measured interval; for the measure ``value``, return its time and None."""
        name = at[-1]
        if ("at" in table) != (what == "value"):
            raise self.file.error(message("project.measure_needs_both_value", name=name), *at)
        found = {
            key: self._moment(table[key], *at, key) for key in ("from", "to", "at") if key in table
        }
        start, stop = found.get("at", found.get("from")), found.get("to")
        if isinstance(start, float) and isinstance(stop, float) and start >= stop:
            raise self.file.error(message("project.must_come_after"), *at, "to")
        return start, stop

    def _subjects(self, table: Mapping[str, Any], *at: Key) -> tuple[Subject, ...]:
        if "variable" in table:
            return (self.variable(table["variable"], *at, "variable"),)
        subjects: list[Subject] = []
        for i, value in enumerate(table["each"]):
            here = (*at, "each", i)
            if isinstance(value, str):
                subjects.append(self.variable(value, *here))
                continue
            found = self.variable(value["variable"], *here, "variable")
            subjects.append(Subject(found.variable, value.get("name", found.name)))
        return tuple(subjects)

    def _item(self, table: Mapping[str, Any], *at: Key) -> Words:
        words: Words = table.get("item", {"en": "{name}"})
        for text in words.values():
            self._placeholders(text, ("name", "value"), *at, "item")
        return words

    def _moment(self, value: float | str, *at: Key) -> float | str:
        if isinstance(value, str):
            self._known(value, {*MOMENTS, *self.measures}, *at)
        return value

    def _passage(self, table: Mapping[str, Any], *at: Key) -> Passage:
        return Passage(
            tuple(self.variable(name, *at, "about").variable for name in table["about"]),
            tuple(self._rule(rule, *at, "rule", i) for i, rule in enumerate(table["rule"])),
        )

    def _rule(self, table: Mapping[str, Any], *at: Key) -> Rule:
        for sentence in table["text"].values():
            self._placeholders(sentence, self._shown(), *at, "text")
        return Rule(
            tuple(
                self._condition(condition, *at, "if", i)
                for i, condition in enumerate(table.get("if", ()))
            ),
            {code: self._named(sentence, code) for code, sentence in table["text"].items()},
            table.get("mode", ""),
            table.get("label", {}),
            table.get("word", {}),
        )

    def _condition(self, table: Mapping[str, Any], *at: Key) -> Condition:
        bounds = {key: value for key, value in table.items() if key != "measure"}
        for key, value in table.items():
            self._moment(value, *at, key)
        return Condition(table["measure"], bounds)

    def _known(self, name: str, known: Iterable[str], *at: Key) -> None:
        if name not in known:
            hint = did_you_mean(name, known) or message("project.write_measure_above", name=name)
            raise self.file.error(
                message("project.no_measure_defined_before", name=name, hint=hint), *at
            )

    def _shown(self) -> set[str]:
        """Return the names of the placeholders that a text may contain."""
        parts = {f"{name}.{part}" for name in self.measures for part in PARTS}
        subject = {"variable"} if self.subject else set()
        return {*subject, *MOMENTS, *self.measures, *parts}

    def _placeholders(self, text: str, known: Iterable[str], *at: Key) -> None:
        known = list(known)
        for name in PLACEHOLDER.findall(text):
            if name not in known:
                hint = did_you_mean(name, known) or message(
                    "project.there_are", known=comma_separated(sorted(known)[:12])
                )
                raise self.file.error(
                    message("project.text_shows_nothing_measures", name=name, hint=hint), *at
                )
        if re.search(r"[{}]", PLACEHOLDER.sub("", text)):
            raise self.file.error(message("project.text_brace_without_partner"), *at)

    def _named(self, text: str, language: str) -> str:
        """Return the text with ``{variable}`` replaced by the label of the story's variable."""
        if "{variable}" not in text or self.subject in ("", "*"):
            return text
        label = self.model.label(self.subject, language).translate({ord("{"): "(", ord("}"): ")"})
        named = text.replace("{variable}", label)
        # English sentences begin with a capital letter. In Chinese, the name stays as in the model.
        return named[:1].upper() + named[1:] if language == "en" else named
