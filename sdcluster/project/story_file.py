"""The story of a model in ``lab.toml``: named measures of a run, and rules that turn them into sentences.

Crosses the border: a table of a TOML file and the model in, a frozen `Story` out, each name in it checked. Nothing of
the file is executed: a rule compares numbers with numbers, a text has placeholders that are looked up by name. In a
file stand::

    [measure.top]
    variable = "population"
    what = "peak"

    [[story]]                                    # of its rules the first that holds is said
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
from sdcluster.measure.words import WORDS
from sdcluster.model.elements import one
from sdcluster.model.names import canonical
from sdcluster.project.toml_file import Key, TomlFile, listed

if TYPE_CHECKING:
    from sdcluster.model import Model

Words = Mapping[str, str]

MODES = (
    *("growth", "saturation", "decline", "plateau", "setback", "overshoot"),
    *("oscillation", "cycle", "steady", "recovery", "late"),
)
MOMENTS = ("switch", "start", "middle", "last quarter", "end")
"""Times that every run has and a measure may name: of the switch (see `Switch`), and of the part that is shown."""
LISTS = ("times of peaks", "times of troughs")
WHATS = (*(word.name for word in WORDS.values() if word.needs != "on"), *LISTS)
USUAL = {"moment": "time", "share": "percent", "count": "count"}
"""How a text shows a number of a unit; another is shown as a number."""
FORMATS = ("number", "time", "moment", "duration", "percent", "count")
CHOICES = ("all", "highest", "lowest")
_MEASURE = (
    *("variable", "each", "what", "level", "share", "from", "to", "at", "last", "run"),
    *("relative_to", "before", "choose", "item", "as", "digits"),
)
_CONDITION = ("measure", "min", "max", "above", "below")
_RULE = ("mode", "if", "text", "label", "word")
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
YEARS: tuple[Words, Words] = (
    {"en": "year {time}", "zh": "第{time}年"},
    {"en": "years", "zh": "年"},
)
YEAR_UNITS = ("", "year", "years", "yr", "年")
PARTS = ("missing", "first", "last", "count")


@dataclass(frozen=True)
class Subject:
    """What is measured: a variable or element, and what a sentence calls it by language."""

    variable: str
    name: Words


@dataclass(frozen=True)
class StoryMeasure:
    """A number, a time, a list of times or a choice of variables that rules compare and texts show.

    Parameters
    ----------
    name : str
    subjects : tuple of Subject
        One for ``variable``, several for ``each``; none for a moment.
    what : str
        One of `WHATS`, or a moment of `MOMENTS`.
    level, share : float or None
        What words that need a level are measured with: in the variable's unit, or as a share of its range.
    start, stop : float, str or None
        The window: numbers, or the names of measures that are times. Of ``"value"`` `start` is the time.
    last : float or None
        Length of a window at the end; at most half of the run.
    baseline : bool
        Whether the run to compare with is measured.
    relative_to : str
        A measure: the difference from it, as a share of it.
    before : str
        A time: how long before it the measured time is.
    each : bool
    choose : str
        Which of several variables a text names: all that have a number, the highest or the lowest.
    item : mapping of str to str
        How a text names each, by language: ``{name}`` and ``{value}``.
    shown : str
        One of `FORMATS`.
    digits : int or None
        Decimals.
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
    """A measure between bounds; a bound is a number or another measure. It fails if the measure has no value."""

    measure: str
    bounds: Mapping[str, float | str]


@dataclass(frozen=True)
class Rule:
    """A sentence by language, said where all conditions hold and every measure in it has a number."""

    conditions: tuple[Condition, ...]
    text: Words
    mode: str = ""
    label: Words = field(default_factory=dict)
    word: Words = field(default_factory=dict)


@dataclass(frozen=True)
class Passage:
    """Rules about variables, of which the first that holds is said; skipped where a run lacks one of the variables."""

    about: tuple[str, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Story:
    """Measures by name and the passages that use them; `time_words` shows times by language, `unit` durations."""

    measures: Mapping[str, StoryMeasure]
    passages: tuple[Passage, ...]
    time_words: Words = field(default_factory=lambda: YEARS[0])
    unit: Words = field(default_factory=lambda: YEARS[1])

    @property
    def variables(self) -> tuple[str, ...]:
        """All variables and elements that are measured, each once."""
        names = [s.variable for m in self.measures.values() for s in m.subjects]
        return tuple(dict.fromkeys(names))

    @property
    def compares(self) -> bool:
        """Whether a run to compare with is measured."""
        return any(measure.baseline for measure in self.measures.values())


def time_words(model: Model, label: Words | None = None) -> tuple[Words, Words]:
    """Return how a time and a duration are said by language, ``year {time}`` and ``years``.

    Parameters
    ----------
    model : Model
    label : mapping of str to str, optional
        What the model's unit of time is called by language; by default as the file writes it.
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
        Names are checked against it.
    subject : str
        The variable that a rule calls ``*`` and a text ``{variable}``, where the file is about any variable; ``*``
        itself leaves both as they are.
    """

    def __init__(self, file: TomlFile, model: Model, subject: str = "") -> None:
        self.file, self.model, self.subject = file, model, subject
        self.measures: dict[str, StoryMeasure] = {}

    def read(self, label: Words | None = None) -> Story:
        """Read all measures and passages; `label` is what the model's unit of time is called.

        Raises
        ------
        ModelError
            With file, line and key, for unknown keys, variables, measures or placeholders.
        """
        table = self.file.table(self.file.data.get("measure", {}), "measure")
        for name, entry in table.items():
            self.measures[name] = self._measure(name, entry)
        passages = self.file.items(self.file.data.get("story", []), "story")
        read = tuple(self._passage(entry, "story", i) for i, entry in enumerate(passages))
        return Story(self.measures, read, *time_words(self.model, label))

    def variable(self, value: Any, *at: Key) -> Subject:
        """Return the variable or element of a name, with what people call it."""
        name = self.file.words(value, *at)
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

    def _measure(self, name: str, entry: Any) -> StoryMeasure:
        file, at = self.file, ("measure", name)
        table = file.table(entry, *at)
        file.known_keys(table, _MEASURE, *at)
        if name in MOMENTS or not re.fullmatch(r"\w[\w -]*", name):
            raise file.error(
                f'"{name}" cannot name a measure; use letters, digits, blanks and none of '
                f"{listed(MOMENTS)}",
                *at,
            )
        if ("variable" in table) == ("each" in table):
            raise file.error(f'measure "{name}" needs either "variable" or "each"', *at)
        what = self._chosen(table.get("what", "final"), WHATS, *at, "what")
        start, stop = (
            self._moment(table[key], *at, key) if key in table else None for key in ("from", "to")
        )
        if ("at" in table) != (what == "value"):
            raise file.error(
                f'measure "{name}" needs both what = "value" and "at", or neither', *at
            )
        if what == "value":
            start = self._moment(table["at"], *at, "at")
        numbers = {
            key: file.number(table[key], *at, key) if key in table else None
            for key in ("level", "share", "last", "digits")
        }
        word = WORDS.get(what)
        levelled = word is None or word.needs == "level"
        if levelled and numbers["level"] is None and numbers["share"] is None:
            raise file.error(f'measuring the {what} needs "level" or "share"', *at)
        run = self._chosen(table.get("run", "this"), ("this", "baseline"), *at, "run")
        if numbers["last"] is not None and numbers["last"] <= 0:
            raise file.error('"last" must be above 0', *at, "last")
        if isinstance(start, float) and isinstance(stop, float) and start >= stop:
            raise file.error('"to" must come after "from"', *at, "to")
        relative = table.get("relative_to", "")
        if relative:
            self._known(relative, self.measures, *at, "relative_to")
        before = table.get("before", "")
        if before:
            self._known(before, {*MOMENTS, *self.measures}, *at, "before")
        usual = USUAL.get(word.unit, "percent" if relative else "number") if word else "time"
        usual = "number" if before and usual != "count" else usual
        digits = 0 if before and numbers["digits"] is None else numbers["digits"]
        if digits is not None and not 0 <= digits <= 12:
            raise file.error('"digits" must be from 0 to 12', *at, "digits")
        return StoryMeasure(
            name,
            self._subjects(table, *at),
            what,
            numbers["level"],
            numbers["share"],
            start,
            stop,
            numbers["last"],
            run == "baseline",
            relative,
            before,
            "each" in table,
            self._chosen(table.get("choose", "all"), CHOICES, *at, "choose"),
            self._item(table, *at),
            self._chosen(table.get("as", usual), FORMATS, *at, "as"),
            None if digits is None else int(digits),
        )

    def _subjects(self, table: Mapping[str, Any], *at: Key) -> tuple[Subject, ...]:
        if "variable" in table:
            return (self.variable(table["variable"], *at, "variable"),)
        subjects: list[Subject] = []
        for i, entry in enumerate(self.file.items(table["each"], *at, "each")):
            here = (*at, "each", i)
            if isinstance(entry, str):
                subjects.append(self.variable(entry, *here))
                continue
            inner = self.file.table(entry, *here)
            self.file.known_keys(inner, ("variable", "name"), *here)
            named = self.file.required(inner, "variable", *here)
            found = self.variable(named, *here, "variable")
            if "name" in inner:
                found = Subject(found.variable, self.file.wording(inner["name"], *here, "name"))
            subjects.append(found)
        if not subjects:
            raise self.file.error('"each" needs at least one variable', *at, "each")
        return tuple(subjects)

    def _item(self, table: Mapping[str, Any], *at: Key) -> Words:
        if "item" not in table:
            return {"en": "{name}"}
        words = self.file.wording(table["item"], *at, "item")
        for text in words.values():
            self._placeholders(text, ("name", "value"), *at, "item")
        return words

    def _moment(self, value: Any, *at: Key) -> float | str:
        if not isinstance(value, str):
            return self.file.number(value, *at)
        return self._known(value, {*MOMENTS, *self.measures}, *at)

    def _passage(self, entry: Any, *at: Key) -> Passage:
        table = self.file.table(entry, *at)
        self.file.known_keys(table, ("about", "rule"), *at)
        about = self.file.required(table, "about", *at)
        names = about if isinstance(about, list) else [about]
        rules = self.file.items(self.file.required(table, "rule", *at), *at, "rule")
        if not names:
            raise self.file.error('"about" needs a variable', *at, "about")
        return Passage(
            tuple(self.variable(name, *at, "about").variable for name in names),
            tuple(self._rule(rule, *at, "rule", i) for i, rule in enumerate(rules)),
        )

    def _rule(self, entry: Any, *at: Key) -> Rule:
        file = self.file
        table = file.table(entry, *at)
        file.known_keys(table, _RULE, *at)
        conditions = file.items(table.get("if", []), *at, "if")
        text = file.wording(file.required(table, "text", *at), *at, "text")
        for sentence in text.values():
            self._placeholders(sentence, self._shown(), *at, "text")
        return Rule(
            tuple(self._condition(one, *at, "if", i) for i, one in enumerate(conditions)),
            {code: self._named(sentence, code) for code, sentence in text.items()},
            self._chosen(table["mode"], MODES, *at, "mode") if "mode" in table else "",
            *(
                file.wording(table[key], *at, key) if key in table else {}
                for key in ("label", "word")
            ),
        )

    def _condition(self, entry: Any, *at: Key) -> Condition:
        table = self.file.table(entry, *at)
        self.file.known_keys(table, _CONDITION, *at)
        known = {*MOMENTS, *self.measures}
        measure = self._known(self.file.required(table, "measure", *at), known, *at, "measure")
        bounds = {
            key: self._known(value, known, *at, key)
            if isinstance(value, str)
            else self.file.number(value, *at, key)
            for key, value in table.items()
            if key != "measure"
        }
        return Condition(measure, bounds)

    def _chosen(self, value: Any, known: tuple[str, ...], *at: Key) -> str:
        word = self.file.words(value, *at)
        if word not in known:
            hint = did_you_mean(word, known) or f"; there are: {', '.join(known)}"
            raise self.file.error(f'"{word}" is not known here{hint}', *at)
        return word

    def _known(self, value: Any, known: Iterable[str], *at: Key) -> str:
        name = self.file.words(value, *at)
        if name not in known:
            hint = did_you_mean(name, known) or f"; write [measure.{name}] above it"
            raise self.file.error(f'no measure "{name}" is defined before this{hint}', *at)
        return name

    def _shown(self) -> set[str]:
        """Return what a text may have between braces."""
        parts = {f"{name}.{part}" for name in self.measures for part in PARTS}
        subject = {"variable"} if self.subject else set()
        return {*subject, *MOMENTS, *self.measures, *parts}

    def _placeholders(self, text: str, known: Iterable[str], *at: Key) -> None:
        known = list(known)
        for name in PLACEHOLDER.findall(text):
            if name not in known:
                hint = did_you_mean(name, known) or f"; there are: {', '.join(sorted(known)[:12])}"
                raise self.file.error(
                    f'the text shows "{{{name}}}", which nothing measures{hint}', *at
                )
        if re.search(r"[{}]", PLACEHOLDER.sub("", text)):
            raise self.file.error("the text has a brace without its partner", *at)

    def _named(self, text: str, language: str) -> str:
        """Return the text with the name of the variable that it is about."""
        if "{variable}" not in text or self.subject in ("", "*"):
            return text
        label = self.model.label(self.subject, language).translate({ord("{"): "(", ord("}"): ")"})
        named = text.replace("{variable}", label)
        return named[:1].upper() + named[1:]
