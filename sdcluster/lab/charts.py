"""Which charts and sliders a laboratory shows: plain tables, turned into what the browser needs.

Takes a `Model`; gives dictionaries of texts (by language) and numbers, never anything that could be run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sdcluster.errors import ModelError
from sdcluster.lab.wording import LANGUAGES, axis_unit, unit
from sdcluster.model import Model, Variable
from sdcluster.model.elements import Element, constants, elements, number, one
from sdcluster.model.names import canonical
from sdcluster.project.lab_file import STYLES, Chart, LabFile, Line, SliderChoice, Switch, UnitWords
from sdcluster.project.scenario import Scenario
from sdcluster.project.story_file import YEAR_UNITS
from sdcluster.project.story_file import time_words as said_times

NO_UNITS: Mapping[str, UnitWords] = {}
MOST_SLIDERS = 8  # of a model that marks no levers

STOCKS = {"en": "Stocks", "zh": "存量"}
CHARTS_AT_MOST = 6


@dataclass(frozen=True)
class Slider:
    """One slider; `role` is ``"constant"``, ``"switch"`` (time of another policy) or ``"stop"`` (years shown)."""

    name: str
    label: dict[str, str]
    minimum: float
    maximum: float
    step: float
    default: float
    role: str = "constant"
    unit: dict[str, str] = field(default_factory=dict)
    doc: dict[str, str] = field(default_factory=dict)
    pattern: dict[str, str] | None = None
    special: dict[str, Any] | None = None
    group: dict[str, str] = field(default_factory=dict)


def stock_charts(model: Model) -> tuple[Chart, ...]:
    """Charts for any model: its stocks, up to four of one unit together; an array has a chart of its own."""
    arrays = [stock for stock in model.stocks if stock.dimensions]
    groups: dict[str, list[Variable]] = {}
    for stock in model.stocks:
        if not stock.dimensions:
            groups.setdefault(stock.units, []).append(stock)
    charts = [element_chart(model, stock) for stock in arrays]
    for stocks in groups.values():
        for i in range(0, len(stocks), len(STYLES)):
            some = stocks[i : i + len(STYLES)]
            lines = tuple(Line(s.name, *style) for s, style in zip(some, STYLES, strict=False))
            title = by_language(model, some[0].name) if len(some) == 1 else dict(STOCKS)
            charts.append(Chart(title, lines))
    return tuple(charts[:CHARTS_AT_MOST])


def element_chart(model: Model, variable: Variable) -> Chart:
    """The first elements of an array, each by its own name."""
    lines = tuple(
        Line(e.name, *style, _element_label(model, e))
        for e, style in zip(elements(model, variable), STYLES, strict=False)
    )
    return Chart(by_language(model, variable.name), lines)


def _element_label(model: Model, element: Element) -> dict[str, str]:
    """The name of an element where the file gives it one, else its subscripts: the chart's title says the rest."""
    if element.subscripts in element.variable.element_labels:
        return by_language(model, element.name)
    return {
        language: model.label(element.name, language).partition("[")[2].rstrip("]")
        for language in LANGUAGES
    }


def by_language(model: Model, name: str) -> dict[str, str]:
    """A variable's name by language."""
    return {language: model.label(name, language) for language in LANGUAGES}


def chart_spec(
    model: Model, chart: Chart, known: Mapping[str, UnitWords] = NO_UNITS
) -> dict[str, Any]:
    """What the browser needs to draw `chart`; an unknown variable raises `ModelError`."""
    series = [
        {
            "name": one(model, line.name).name,
            "label": line.label or by_language(model, line.name),
            "colour": line.colour,
            "dash": line.dash,
        }
        for line in chart.lines
    ]
    units = one(model, chart.lines[0].name).variable.units
    return {
        "title": chart.title,
        "unit": bracketed(dict(chart.unit) or axis_unit(units, known)),
        "series": series,
        "fixed": list(chart.fixed) if chart.fixed else None,
        "width": chart.width,
        "group": dict(chart.group),
    }


def bracketed(texts: dict[str, str]) -> dict[str, str]:
    """Texts in brackets, but for empty ones."""
    return {language: f"({text})" if text else "" for language, text in texts.items()}


def constant_slider(
    model: Model, choice: SliderChoice | str, known: Mapping[str, UnitWords] = NO_UNITS
) -> Slider:
    """A slider for a constant, with the range and step of its choice, of the model file, or sensible ones."""
    choice = SliderChoice(choice) if isinstance(choice, str) else choice
    element = one(model, choice.constant)
    variable = element.variable
    if variable.kind != "constant":
        raise ModelError(
            f'"{element.name}" is a {variable.kind}; a slider needs a constant',
            file=model.path,
            line=variable.line,
            variable=element.name,
        )
    value = number(model, element)
    bounds = variable.range
    low, high, step = choice.minimum, choice.maximum, choice.step
    if low is None:
        low = bounds.minimum if bounds and bounds.minimum is not None else min(0.0, 2 * value)
    if high is None:
        high = bounds.maximum if bounds and bounds.maximum is not None else max(1.0, 2 * value)
    step = step or (bounds.step if bounds and bounds.step else (high - low) / 100)
    return Slider(
        element.name,
        dict(choice.label) or by_language(model, element.name),
        low,
        high,
        step,
        value,
        unit=unit(variable.units, known),
        pattern=_date(model, variable),
        doc={language: model.doc_of(element.name, language) for language in LANGUAGES},
        group=dict(choice.group),
    )


def _date(model: Model, variable: Variable) -> dict[str, str] | None:
    """How a constant is written that says when and not how long: by its unit and the words of its name."""
    when = {"year", "start", "date", "onset"} & set(variable.name.lower().split())
    if not when or canonical(variable.units) != canonical(model.time.units):
        return None
    if model.time.start:  # a calendar
        return {"en": "{value}", "zh": "{value} 年"}
    return {"en": "year {value}", "zh": "第{value}年"}


SWITCH = "time of switch"
"""Name of the slider of a `Switch`."""


def switch_slider(
    model: Model, switch: Switch, known: Mapping[str, UnitWords] = NO_UNITS
) -> Slider:
    """The slider for the time at which one policy gives way to another; at its left end there is only the other."""
    start = model.time.start
    moments, _ = said_times(model, unit(model.time.units, known))
    return Slider(
        SWITCH,
        dict(switch.label) or {"en": "Change in", "zh": "转变时间"},
        start,
        switch.latest,
        1.0 if switch.latest - start >= 10 else (switch.latest - start) / 50,
        start,
        role="switch",
        doc=dict(switch.description)
        or {
            "en": f"Before this time the scenario {switch.scenario} rules, afterwards the sliders do.",
            "zh": f"此前为情景 {switch.scenario} 的设定，此后为滑块的设定。",
        },
        pattern={code: text.replace("{time}", "{value}") for code, text in moments.items()},
        special={
            "value": start,
            "text": dict(switch.never) or {"en": "from the start", "zh": "一开始"},
        },
    )


def slider_choices(model: Model, lab: LabFile) -> tuple[SliderChoice, ...]:
    """What gets a slider: what the lab file lists, else `chosen_constants`."""
    return lab.sliders or tuple(SliderChoice(name) for name in chosen_constants(model))


def chosen_constants(model: Model) -> list[str]:
    """Return what gets a slider if nobody says so: the levers, else the first constants, rather those with a range."""
    if model.levers:
        return [lever.name for lever in model.levers]
    clock = ("initial time", "final time", "time step", "saveper")
    names = [e.name for e, _ in constants(model) if e.variable.key not in clock]
    names.sort(key=lambda name: "[" in name)  # one number for all before those of single elements
    ranged = [n for n in names if one(model, n).variable.range is not None]
    return (ranged or names)[:MOST_SLIDERS]


def time_words(
    model: Model, known: Mapping[str, UnitWords] = NO_UNITS
) -> dict[str, dict[str, str]]:
    """Return the words of the laboratory about time that differ where a model does not count in years, by language."""
    if canonical(model.time.units) in YEAR_UNITS:
        return {language: {} for language in LANGUAGES}
    found = unit(model.time.units, known)
    word = {language: found.get(language, model.time.units) for language in LANGUAGES}
    return {
        language: {"year_axis": word[language], "year_at": f"{word[language]} {{year}}"}
        for language in LANGUAGES
    }


def stop_slider(
    start: float, stops: Sequence[float], time_unit: Mapping[str, str] | None = None
) -> Slider | None:
    """The slider for the years shown, or None where the runs are too short for one.

    Parameters
    ----------
    start : float
        Of the model.
    stops : sequence of float
        Last years of the model (first of all, the default) and of its scenarios: the slider can stand at each.
    time_unit : mapping of str to str, optional
        By language, where time is not counted in years.
    """
    default, last = stops[0], max(stops)
    step = next((s for s in (5.0, 1.0) if all((stop - start) % s == 0 for stop in stops)), 0.5)
    low = start + step * round(min(20.0, (last - start) / 4) / step)
    if last - low < 5 * step:
        return None
    if time_unit:
        label, words = {"en": "Shown until", "zh": "显示至"}, dict(time_unit)
    elif start:  # a calendar
        label = {"en": "Shown until", "zh": "显示至"}
        words = {"en": "", "zh": "年"}
    else:
        label = {"en": "Years shown", "zh": "显示年数"}
        words = {"en": "years", "zh": "年"}
    doc = {"en": "How far the charts look ahead.", "zh": "图中显示到哪一年。"}
    return Slider("years shown", label, low, last, step, default, role="stop", unit=words, doc=doc)


def slider_spec(slider: Slider) -> dict[str, Any]:
    """What the browser needs of a slider."""
    return {
        "name": slider.name,
        "label": slider.label,
        "min": slider.minimum,
        "max": slider.maximum,
        "step": slider.step,
        "default": slider.default,
        "role": slider.role,
        "unit": slider.unit,
        "doc": slider.doc,
        "pattern": slider.pattern,
        "special": slider.special,
        "group": slider.group,
    }


def scenario_spec(
    scenario: Scenario, sliders: Sequence[Slider], first: bool, default_stop: float
) -> dict[str, Any]:
    """What the browser needs of a scenario: where it puts each slider that it moves."""
    given = by_key(scenario.settings)
    values: dict[str, float] = {}
    if is_switch(scenario):
        given |= by_key(scenario.changes[0].settings)
    for slider in sliders:
        if slider.role == "switch" and is_switch(scenario):
            values[slider.name] = scenario.changes[0].time
        elif slider.role == "stop":
            values[slider.name] = scenario.stop or default_stop
        elif canonical(slider.name) in given:
            values[slider.name] = given[canonical(slider.name)]
    return {
        "name": scenario.name,
        "title": dict(scenario.title) or {"en": scenario.name},
        "description": dict(scenario.description),
        "values": values,
        "first": first,
    }


def by_key(settings: Mapping[str, float]) -> dict[str, float]:
    """Settings by canonical name."""
    return {canonical(name): float(value) for name, value in settings.items()}


def is_switch(scenario: Scenario) -> bool:
    """Whether the scenario is one policy before a time and another after, as the slider of a `Switch` makes it.

    That is so if its only change sets the same constants as its settings; one that also resets stocks is another story.
    """
    if len(scenario.changes) != 1:
        return False
    return by_key(scenario.settings).keys() == by_key(scenario.changes[0].settings).keys()


def variables_of(charts: Iterable[Chart]) -> list[str]:
    """Names of all variables on the charts, each once."""
    return list(dict.fromkeys(line.name for chart in charts for line in chart.lines))
