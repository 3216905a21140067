"""Read ``lab.toml``, the layout of a model's laboratory: charts, sliders, buttons, units, story, demonstration.

`read_lab` takes a path and the model, checks all names in the file against the model, and returns an immutable
`LabFile`. Every key is optional; missing settings are derived from the model. Texts are by language; a plain string is
English. Example::

    buttons = ["default", "closed"]                # scenarios as buttons, or the name of a set of scenarios.toml
    tell = ["population"]                          # variables in the standard story

    [[chart]]
    title = { en = "Firms", zh = "企业" }
    lines = ["firms", { variable = "births", label = { en = "new" } }]
    range = [0, 1]                                 # fixed; by default, the axis fits the curves
    width = "half"                                 # or "third", "full"
    group = { en = "Population" }                  # heading above the first chart of the group

    [[slider]]
    constant = "birth rate"
    label = { en = "births" }                      # default: the name in the model
    group = { en = "Firms" }
    min = 0
    max = 1
    step = 0.01

    [switch]                                       # a slider for the time at which a scenario's policy is replaced
    scenario = "closed"
    latest = 60

    [unit."firm/year"]
    label = { en = "firms a year" }                # next to a slider
    axis = { en = "firms at start = 1" }           # above a chart

    [demo]
    variable = "population"
    sets = ["paths", "declines"]

`FILE` lists all keys; `sdcluster.project.story_file` describes the tables ``measure`` and ``story``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdcluster.errors import did_you_mean
from sdcluster.messages import comma_separated, message
from sdcluster.model.elements import number, one
from sdcluster.model.kinds import a_kind
from sdcluster.project.scenarios_file import scenarios_beside
from sdcluster.project.schema import (
    NAMES,
    NUMBER,
    TEXT,
    WORDING,
    Either,
    ListOf,
    Named,
    Number,
    Table,
    Text,
)
from sdcluster.project.schema import Key as entry
from sdcluster.project.story_file import STORY, Story, StoryReader, Words
from sdcluster.project.toml_file import Key, TomlFile, read_toml

if TYPE_CHECKING:
    from sdcluster.model import Model

FILE_NAME = "lab.toml"
STYLES = (("blue", "solid"), ("vermillion", "dash"), ("green", "dot"), ("purple", "dashdot"))
"""Colour and dashes of the first, second, … curve of a chart; dashes help people who confuse colours."""
WIDTHS = ("half", "third", "full")
MOST_LINES = len(STYLES)
CLASSROOM = "classroom"
"""Name of the set of scenarios that are buttons if the lab file does not name any buttons."""
LINE = Table(
    "line",
    {
        "variable": entry(TEXT, "variable or element of an array", required=True),
        "label": entry(WORDING, "short name at the end of the curve"),
        "colour": entry(Text(tuple(colour for colour, _ in STYLES)), "colour of the curve"),
        "dash": entry(Text(tuple(dash for _, dash in STYLES)), "dashes of the curve"),
    },
)
CHART = Table(
    "chart",
    {
        "title": entry(WORDING, "title of the chart; by default, the name of its first variable"),
        "lines": entry(
            ListOf(Either((TEXT, LINE)), 1, MOST_LINES), "curves of the chart", required=True
        ),
        "range": entry(
            ListOf(NUMBER, 2, 2),
            "lower and upper end of the axis; by default, the axis fits the curves",
        ),
        "width": entry(Text(WIDTHS), "width of the chart; by default, `half`"),
        "group": entry(WORDING, "heading above the first chart of a group"),
        "unit": entry(WORDING, "text on the axis instead of the unit"),
    },
)
SLIDER = Table(
    "slider",
    {
        "constant": entry(TEXT, "constant, or element of an array of constants", required=True),
        "label": entry(WORDING, "name of the slider; by default, the constant's name in the model"),
        "group": entry(WORDING, "heading of the group to which the slider belongs"),
        "min": entry(NUMBER, "left end of the slider; by default, that of the constant's range"),
        "max": entry(NUMBER, "right end of the slider; by default, that of the constant's range"),
        "step": entry(Number(above=0), "step of the slider; by default, the step in the model"),
    },
)
SWITCH = Table(
    "switch",
    {
        "scenario": entry(
            TEXT,
            "scenario whose settings apply before the switch; the settings of the sliders apply afterwards",
            required=True,
        ),
        "latest": entry(NUMBER, "latest time of the switch; by default, the end of the run"),
        "label": entry(WORDING, "name of the slider"),
        "description": entry(WORDING, "what the slider does, in one sentence"),
        "never": entry(WORDING, "text of the slider if nothing is switched"),
    },
)
UNIT = Table(
    "unit",
    {
        "label": entry(WORDING, "name of the unit next to a number"),
        "axis": entry(WORDING, "name of the unit on the axis of a chart; by default, the label"),
    },
)
DEMO = Table(
    "demo",
    {
        "variable": entry(TEXT, "variable whose curves are shown"),
        "sets": entry(ListOf(TEXT), "sets in scenarios.toml, with one panel for each set"),
        "column": entry(
            ListOf(
                Table(
                    "column",
                    {
                        "title": entry(WORDING, "heading of the column", required=True),
                        "measure": entry(TEXT, "name of a measure in this file", required=True),
                    },
                )
            ),
            "columns of the table of scenarios",
        ),
    },
)
FILE = Table(
    FILE_NAME,
    {
        "buttons": entry(
            NAMES, "scenarios shown as buttons: a list, or the name of a set in scenarios.toml"
        ),
        "tell": entry(ListOf(TEXT), "variables that the standard story describes"),
        "chart": entry(ListOf(CHART), "charts, in this order"),
        "slider": entry(ListOf(SLIDER), "sliders, in this order"),
        "switch": entry(
            SWITCH, "slider for the time at which another policy replaces that of a scenario"
        ),
        "unit": entry(Named(UNIT), "names of the model's units, by unit"),
        "demo": entry(DEMO, "what `sdcluster demo` shows"),
        **STORY,
    },
)


@dataclass(frozen=True)
class Line:
    """A curve in a chart: the name of its variable, its colour and dashes, and an optional short label at its end."""

    name: str
    colour: str
    dash: str
    label: dict[str, str] | None = None


@dataclass(frozen=True)
class Chart:
    """A chart of the laboratory.

    A chart has a title by language, its lines, a fixed range of the axis (or None), a width, the heading of its group,
    and the unit on the axis.
    """

    title: dict[str, str]
    lines: tuple[Line, ...]
    fixed: tuple[float, float] | None = None
    width: str = "half"
    group: Words = field(default_factory=dict)
    unit: Words = field(default_factory=dict)


@dataclass(frozen=True)
class SliderChoice:
    """A constant with a slider; the model supplies each property that is empty or None."""

    constant: str
    label: Words = field(default_factory=dict)
    group: Words = field(default_factory=dict)
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None


@dataclass(frozen=True)
class Switch:
    """A slider for the time of a policy switch.

    Before this time, a run has the settings of `scenario`; afterwards, those of the other sliders. The slider ends at
    the time `latest`.
    """

    scenario: str
    latest: float
    label: Words = field(default_factory=dict)
    description: Words = field(default_factory=dict)
    never: Words = field(default_factory=dict)


@dataclass(frozen=True)
class UnitWords:
    """The names by language that replace a unit: `label` next to a number, `axis` on the axis of a chart."""

    label: Words = field(default_factory=dict)
    axis: Words = field(default_factory=dict)


@dataclass(frozen=True)
class Column:
    """A column in the table of a demonstration: the heading by language, and the name of a measure."""

    title: Words
    measure: str


@dataclass(frozen=True)
class Demo:
    """The settings of a demonstration: the variable to plot, the sets of scenarios, and the columns of the table."""

    variable: str = ""
    sets: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()


@dataclass(frozen=True)
class LabFile:
    """The content of a ``lab.toml``: how the laboratory shows a model. Empty fields are derived from the model."""

    charts: tuple[Chart, ...] = ()
    sliders: tuple[SliderChoice, ...] = ()
    switch: Switch | None = None
    buttons: tuple[str, ...] = ()
    units: Mapping[str, UnitWords] = field(default_factory=dict)
    tell: tuple[str, ...] = ()
    story: Story | None = None
    demo: Demo = field(default_factory=Demo)


def lab_beside(model: Model) -> LabFile:
    """Return the content of ``lab.toml`` in the model's folder, or an empty `LabFile` if the folder has no such file.

    The function raises the same errors as `read_lab`.
    """
    path = model.folder / FILE_NAME
    return read_lab(path, model) if path.is_file() else LabFile()


def read_lab(path: Path, model: Model) -> LabFile:
    """Read a ``lab.toml``.

    Raises
    ------
    ModelError
        If the text is not TOML, a key or name is unknown, or a value has the wrong type; the message names file, line
        and key.
    """
    return _Reader(read_toml(path), model).read()


class _Reader:
    """Builds a `LabFile` from a file, after checking the file with the schema."""

    def __init__(self, file: TomlFile, model: Model) -> None:
        self.file, self.model = file, model
        self.story = StoryReader(file, model)
        self.known = scenarios_beside(model)

    def read(self) -> LabFile:
        """Read the whole file."""
        data = FILE(self.file, self.file.data)
        units = {
            name.casefold(): UnitWords(**table) for name, table in data.get("unit", {}).items()
        }
        clock = units.get(self.model.time.units.casefold())
        story = self.story.read(data, clock.label if clock else None)
        return LabFile(
            tuple(self._chart(table, "chart", i) for i, table in enumerate(data.get("chart", ()))),
            tuple(
                self._slider(table, "slider", i) for i, table in enumerate(data.get("slider", ()))
            ),
            self._switch(data["switch"]) if "switch" in data else None,
            self._buttons(data.get("buttons", ())),
            units,
            tuple(self._variable(name, "tell", i) for i, name in enumerate(data.get("tell", ()))),
            story if story.passages else None,
            self._demo(data.get("demo", {})),
        )

    def _variable(self, name: str, *at: Key) -> str:
        return self.story.variable(name, *at).variable

    def _chart(self, table: Mapping[str, Any], *at: Key) -> Chart:
        lines = tuple(self._line(line, i, *at, "lines", i) for i, line in enumerate(table["lines"]))
        fixed = table.get("range")
        if fixed is not None and not fixed[0] < fixed[1]:
            raise self.file.error(message("project.range_needs_two_numbers"), *at, "range")
        return Chart(
            table.get("title") or dict(self.story.variable(lines[0].name, *at, "lines").name),
            lines,
            fixed,
            table.get("width", "half"),
            table.get("group", {}),
            table.get("unit", {}),
        )

    def _line(self, value: Any, place: int, *at: Key) -> Line:
        colour, dash = STYLES[place]
        if isinstance(value, str):
            return Line(self._variable(value, *at), colour, dash)
        return Line(
            self._variable(value["variable"], *at, "variable"),
            value.get("colour", colour),
            value.get("dash", dash),
            value.get("label"),
        )

    def _slider(self, table: Mapping[str, Any], *at: Key) -> SliderChoice:
        file = self.file
        name = self._variable(table["constant"], *at, "constant")
        element = one(self.model, name)
        if element.variable.kind != "constant":
            kind = a_kind(element.variable.kind)
            raise file.error(
                message("project.slider_needs_constant", name=name, kind=kind), *at, "constant"
            )
        low, high = table.get("min"), table.get("max")
        if low is not None and high is not None and low >= high:
            raise file.error(message("project.min_must_below_max"), *at, "min")
        value = number(self.model, element)
        for key, outside in (
            ("min", low is not None and value < low),
            ("max", high is not None and value > high),
        ):
            if outside:
                raise file.error(
                    message("project.leaves_out_model_own", key=key, value=value), *at, key
                )
        label, group = table.get("label", {}), table.get("group", {})
        return SliderChoice(name, label, group, low, high, table.get("step"))

    def _switch(self, table: Mapping[str, Any]) -> Switch:
        scenario = self._scenario(table["scenario"], "switch", "scenario")
        latest = table.get("latest", self.model.time.stop)
        if not latest > self.model.time.start:
            raise self.file.error(message("project.latest_must_come_after"), "switch", "latest")
        words = (table.get(key, {}) for key in ("label", "description", "never"))
        return Switch(scenario, latest, *words)

    def _scenario(self, name: str, *at: Key) -> str:
        return self._listed(name, self.known.scenarios, "scenario", *at)

    def _set(self, name: str, *at: Key) -> str:
        return self._listed(name, self.known.sets, "set", *at)

    def _listed(self, name: str, known: Mapping[str, Any], kind: str, *at: Key) -> str:
        if name not in known:
            hint = did_you_mean(name, known) or message(
                "project.it_has", known=comma_separated(known) or message("project.none")
            )
            raise self.file.error(
                message("project.scenarios_toml_no", kind=kind, name=name, hint=hint), *at
            )
        return name

    def _buttons(self, names: tuple[str, ...]) -> tuple[str, ...]:
        if isinstance(self.file.data.get("buttons"), str):
            return tuple(self.known.sets[self._set(names[0], "buttons")])
        return tuple(self._scenario(name, "buttons", i) for i, name in enumerate(names))

    def _demo(self, table: Mapping[str, Any]) -> Demo:
        at = "demo"
        for i, column in enumerate(table.get("column", ())):
            name = column["measure"]
            if name not in self.story.measures:
                hint = did_you_mean(name, self.story.measures) or message(
                    "project.write_measure", name=name
                )
                raise self.file.error(
                    message("project.no_measure_defined", name=name, hint=hint),
                    at,
                    "column",
                    i,
                    "measure",
                )
        return Demo(
            self._variable(table["variable"], at, "variable") if "variable" in table else "",
            tuple(self._set(name, at, "sets", i) for i, name in enumerate(table.get("sets", ()))),
            tuple(Column(**column) for column in table.get("column", ())),
        )
