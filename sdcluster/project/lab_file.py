"""``lab.toml``, how the laboratory shows a model: charts, sliders, scenario buttons, units, story, demonstration.

Crosses the border: a path and the model in, a frozen `LabFile` out, every name in it checked against the model. All of
it is optional; what a file leaves out is guessed from the model. Texts are by language, a bare text is English. In a
file stand::

    buttons = ["default", "closed"]                # scenarios as buttons, or the name of a set of scenarios.toml
    tell = ["population"]                          # what the standard story tells of

    [[chart]]
    title = { en = "Firms", zh = "企业" }
    lines = ["firms", { variable = "births", label = { en = "new" } }]
    range = [0, 1]                                 # fixed; left out, the axis follows the curves
    width = "half"                                 # or "third", "full"
    group = { en = "Population" }                  # a heading above the first chart of each group

    [[slider]]
    constant = "birth rate"
    label = { en = "births" }                      # left out: the model's own name
    group = { en = "Firms" }
    min = 0
    max = 1
    step = 0.01

    [switch]                                       # a slider for the time at which a scenario's policy is replaced
    scenario = "closed"
    latest = 60

    [unit."firm/year"]
    label = { en = "firms a year" }                # beside a slider
    axis = { en = "firms at start = 1" }           # above a chart

    [demo]
    variable = "population"
    sets = ["paths", "declines"]

The tables ``measure`` and ``story`` are described in `sdcluster.project.story_file`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdcluster.errors import did_you_mean
from sdcluster.model.elements import number, one
from sdcluster.project.scenarios_file import Scenarios, scenarios_beside
from sdcluster.project.story_file import Story, StoryReader, Words
from sdcluster.project.toml_file import Key, TomlFile, read_toml

if TYPE_CHECKING:
    from sdcluster.model import Model

FILE_NAME = "lab.toml"
STYLES = (("blue", "solid"), ("vermillion", "dash"), ("green", "dot"), ("purple", "dashdot"))
"""Colour and dashes of the curves of a chart, in their order; people who confuse colours tell the dashes apart."""
WIDTHS = ("half", "third", "full")
MOST_LINES = len(STYLES)
CLASSROOM = "classroom"
"""Set of scenarios shown as buttons where a file names none."""
_TOP = ("buttons", "tell", "chart", "slider", "switch", "unit", "demo", "measure", "story")
_CHART = ("title", "lines", "range", "width", "group", "unit")
_LINE = ("variable", "label", "colour", "dash")
_SLIDER = ("constant", "label", "group", "min", "max", "step")
_SWITCH = ("scenario", "latest", "label", "description", "never")
_DEMO = ("variable", "sets", "column")
_COLUMN = ("title", "measure")


@dataclass(frozen=True)
class Line:
    """One curve: a variable, its colour and dashes, and a short name for its end where there is one."""

    name: str
    colour: str
    dash: str
    label: dict[str, str] | None = None


@dataclass(frozen=True)
class Chart:
    """One chart: title by language, lines, fixed range or None, width, a group's heading, the axis' unit in words."""

    title: dict[str, str]
    lines: tuple[Line, ...]
    fixed: tuple[float, float] | None = None
    width: str = "half"
    group: Words = field(default_factory=dict)
    unit: Words = field(default_factory=dict)


@dataclass(frozen=True)
class SliderChoice:
    """A constant that gets a slider; what is empty or None is the model's own."""

    constant: str
    label: Words = field(default_factory=dict)
    group: Words = field(default_factory=dict)
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None


@dataclass(frozen=True)
class Switch:
    """A slider for the time at which the policy of `scenario` gives way to that of the sliders, at most `latest`."""

    scenario: str
    latest: float
    label: Words = field(default_factory=dict)
    description: Words = field(default_factory=dict)
    never: Words = field(default_factory=dict)


@dataclass(frozen=True)
class UnitWords:
    """What a unit is called beside a number, and what a chart's axis says in its place."""

    label: Words = field(default_factory=dict)
    axis: Words = field(default_factory=dict)


@dataclass(frozen=True)
class Column:
    """A column of the demonstration's table: its head and a measure of the file."""

    title: Words
    measure: str


@dataclass(frozen=True)
class Demo:
    """What the demonstration shows of every scenario: a curve, columns of measures, sets of scenarios in a chart."""

    variable: str = ""
    sets: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()


@dataclass(frozen=True)
class LabFile:
    """How the laboratory shows a model; what is empty is guessed from the model."""

    charts: tuple[Chart, ...] = ()
    sliders: tuple[SliderChoice, ...] = ()
    switch: Switch | None = None
    buttons: tuple[str, ...] = ()
    units: Mapping[str, UnitWords] = field(default_factory=dict)
    tell: tuple[str, ...] = ()
    story: Story | None = None
    demo: Demo = field(default_factory=Demo)


def lab_beside(model: Model) -> LabFile:
    """Return what ``lab.toml`` beside a model says, or an empty `LabFile` without one; raises as `read_lab`."""
    path = model.folder / FILE_NAME
    return read_lab(path, model) if path.is_file() else LabFile()


def read_lab(path: Path, model: Model) -> LabFile:
    """Read a ``lab.toml``.

    Raises
    ------
    ModelError
        With file, line and key: for text that is not TOML, unknown keys, names that the model or ``scenarios.toml``
        lacks, values of the wrong type.
    """
    return _Reader(read_toml(path), model).read()


class _Reader:
    """Reads one file."""

    def __init__(self, file: TomlFile, model: Model) -> None:
        self.file, self.model = file, model
        self.story = StoryReader(file, model)

    def read(self) -> LabFile:
        """Read the whole file."""
        file, data = self.file, self.file.data
        file.known_keys(data, _TOP)
        known = scenarios_beside(self.model)
        charts = file.items(data.get("chart", []), "chart")
        sliders = file.items(data.get("slider", []), "slider")
        tell = file.items(data.get("tell", []), "tell")
        units = {
            name.casefold(): self._unit(entry, "unit", name)
            for name, entry in file.table(data.get("unit", {}), "unit").items()
        }
        clock = units.get(self.model.time.units.casefold())
        story = self.story.read(clock.label if clock else None)
        return LabFile(
            tuple(self._chart(entry, "chart", i) for i, entry in enumerate(charts)),
            tuple(self._slider(entry, "slider", i) for i, entry in enumerate(sliders)),
            self._switch(data["switch"], known) if "switch" in data else None,
            self._buttons(data["buttons"], known) if "buttons" in data else (),
            units,
            tuple(self._variable(name, "tell", i) for i, name in enumerate(tell)),
            story if story.passages else None,
            self._demo(data["demo"], known) if "demo" in data else Demo(),
        )

    def _variable(self, value: Any, *at: Key) -> str:
        return self.story.variable(value, *at).variable

    def _words(self, table: Mapping[str, Any], key: str, *at: Key) -> dict[str, str]:
        return self.file.wording(table[key], *at, key) if key in table else {}

    def _number(self, table: Mapping[str, Any], key: str, *at: Key) -> float | None:
        return self.file.number(table[key], *at, key) if key in table else None

    def _chart(self, entry: Any, *at: Key) -> Chart:
        file = self.file
        table = file.table(entry, *at)
        file.known_keys(table, _CHART, *at)
        lines = file.items(table.get("lines", []), *at, "lines")
        if not 0 < len(lines) <= MOST_LINES:
            raise file.error(f'a chart needs "lines", 1 to {MOST_LINES} of them', *at)
        read = tuple(self._line(line, i, *at, "lines", i) for i, line in enumerate(lines))
        width = table.get("width", "half")
        if width not in WIDTHS:
            raise file.error(f'"width" must be one of {", ".join(WIDTHS)}', *at, "width")
        return Chart(
            self._words(table, "title", *at)
            or dict(self.story.variable(read[0].name, *at, "lines").name),
            read,
            self._range(table["range"], *at, "range") if "range" in table else None,
            width,
            self._words(table, "group", *at),
            self._words(table, "unit", *at),
        )

    def _range(self, value: Any, *at: Key) -> tuple[float, float]:
        ends = [self.file.number(end, *at) for end in self.file.items(value, *at)]
        if len(ends) != 2 or not ends[0] < ends[1]:
            raise self.file.error('"range" needs two numbers, the lower one first', *at)
        return ends[0], ends[1]

    def _line(self, entry: Any, place: int, *at: Key) -> Line:
        colour, dash = STYLES[place]
        if isinstance(entry, str):
            return Line(self._variable(entry, *at), colour, dash)
        table = self.file.table(entry, *at)
        self.file.known_keys(table, _LINE, *at)
        styles = {"colour": colour, "dash": dash}
        for i, key in enumerate(styles):
            known = [style[i] for style in STYLES]
            styles[key] = table.get(key, styles[key])
            if styles[key] not in known:
                raise self.file.error(f'"{key}" must be one of {", ".join(known)}', *at, key)
        label = self._words(table, "label", *at) or None
        return Line(
            self._variable(self.file.required(table, "variable", *at), *at, "variable"),
            **styles,
            label=label,
        )

    def _slider(self, entry: Any, *at: Key) -> SliderChoice:
        file = self.file
        table = file.table(entry, *at)
        file.known_keys(table, _SLIDER, *at)
        name = self._variable(file.required(table, "constant", *at), *at, "constant")
        element = one(self.model, name)
        kind = element.variable.kind
        if kind != "constant":
            raise file.error(f'"{name}" is a {kind}; a slider needs a constant', *at, "constant")
        low, high, step = (self._number(table, key, *at) for key in ("min", "max", "step"))
        if (low is not None and high is not None and low >= high) or (
            step is not None and step <= 0
        ):
            raise file.error('"min" must be below "max", and "step" above 0', *at, "min")
        value = number(self.model, element)
        for key, outside in (
            ("min", low is not None and value < low),
            ("max", high is not None and value > high),
        ):
            if outside:
                raise file.error(f'"{key}" leaves out the model\'s own value, {value:g}', *at, key)
        label, group = self._words(table, "label", *at), self._words(table, "group", *at)
        return SliderChoice(name, label, group, low, high, step)

    def _switch(self, entry: Any, known: Scenarios) -> Switch:
        table = self.file.table(entry, "switch")
        self.file.known_keys(table, _SWITCH, "switch")
        scenario = self._listed(
            self.file.required(table, "scenario", "switch"),
            known.scenarios,
            "scenario",
            "switch",
            "scenario",
        )
        latest = self.file.number(table.get("latest", self.model.time.stop), "switch", "latest")
        if not latest > self.model.time.start:
            raise self.file.error(
                '"latest" must come after the start of the run', "switch", "latest"
            )
        words = (self._words(table, key, "switch") for key in ("label", "description", "never"))
        return Switch(scenario, latest, *words)

    def _listed(self, value: Any, known: Mapping[str, Any], kind: str, *at: Key) -> str:
        name = self.file.words(value, *at)
        if name not in known:
            hint = did_you_mean(name, known) or f"; there are: {', '.join(known) or 'none'}"
            raise self.file.error(f'scenarios.toml has no {kind} "{name}"{hint}', *at)
        return name

    def _buttons(self, value: Any, known: Scenarios) -> tuple[str, ...]:
        if isinstance(value, str):
            return tuple(known.sets[self._listed(value, known.sets, "set", "buttons")])
        return tuple(
            self._listed(name, known.scenarios, "scenario", "buttons", i)
            for i, name in enumerate(self.file.items(value, "buttons"))
        )

    def _unit(self, entry: Any, *at: Key) -> UnitWords:
        table = self.file.table(entry, *at)
        self.file.known_keys(table, ("label", "axis"), *at)
        return UnitWords(self._words(table, "label", *at), self._words(table, "axis", *at))

    def _demo(self, entry: Any, known: Scenarios) -> Demo:
        file = self.file
        table = file.table(entry, "demo")
        file.known_keys(table, _DEMO, "demo")
        named = "variable" in table
        sets = file.items(table.get("sets", []), "demo", "sets")
        columns = file.items(table.get("column", []), "demo", "column")
        return Demo(
            self._variable(table["variable"], "demo", "variable") if named else "",
            tuple(
                self._listed(n, known.sets, "set", "demo", "sets", i) for i, n in enumerate(sets)
            ),
            tuple(self._column(column, "demo", "column", i) for i, column in enumerate(columns)),
        )

    def _column(self, entry: Any, *at: Key) -> Column:
        table = self.file.table(entry, *at)
        self.file.known_keys(table, _COLUMN, *at)
        title = self.file.required(table, "title", *at)
        name = self.file.words(self.file.required(table, "measure", *at), *at, "measure")
        if name not in self.story.measures:
            hint = did_you_mean(name, self.story.measures) or f"; write [measure.{name}]"
            raise self.file.error(f'no measure "{name}" is defined{hint}', *at, "measure")
        return Column(self.file.wording(title, *at, "title"), name)
