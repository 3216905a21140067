"""The data of a model for the front end: names, equations, causes, ranges, charts, scenarios, and its program.

`laboratory_data(model)` returns the data; `frontend/src/description.ts` declares the same fields as types.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np

from sdcluster.errors import ModelError, SimulationError
from sdcluster.kernel.layout import NOW
from sdcluster.lint.finding import Subject
from sdcluster.messages import in_all_languages, joined, message
from sdcluster.model import Model, Variable
from sdcluster.model.elements import element_names, find_element, one
from sdcluster.progress import report
from sdcluster.project.lab_file import LabFile, lab_beside
from sdcluster.project.scenario import Scenario
from sdcluster.project.scenarios_file import scenarios_beside
from sdcluster.publish.diagram_data import diagram_data
from sdcluster.publish.edition import Edition
from sdcluster.publish.formula import formula, indices
from sdcluster.publish.program import describe, run_times
from sdcluster.publish.story_data import story_data
from sdcluster.run.dataset import axis_names
from sdcluster.run.plan import Setup
from sdcluster.run.simulator import Simulator
from sdcluster.words import LANGUAGES

MOST_EQUATIONS = 24  # the most equations of an array that are shown
MOST_STRENGTHS = 200  # in models with more constants, strengths are not computed
MOST_VALUES = 50_000_000  # the most numbers in all runs for the strengths together
NUDGE = 0.1
LINES_TOGETHER = 4
MOST_TOGETHER = 40  # the most elements of an array in one chart
FIRST_CHARTS = 6


@dataclass(frozen=True)
class Laboratory:
    """A model's laboratory: its data for JSON, the prepared default run, and the integration method."""

    data: Mapping[str, Any]
    setup: Setup
    method: str


def laboratory_data(
    model: Model | str | Path,
    strengths: Mapping[str, float] | None = None,
    scenarios: Iterable[Scenario] = (),
    lab: LabFile | None = None,
) -> Laboratory:
    """Return the data of a model's laboratory, for JSON.

    Parameters
    ----------
    model : Model or path
        The model, loaded or by its path.
    strengths : mapping of str to float, optional
        How strongly each constant changes the stocks, from an earlier version of the model. If given, the function
        does not run the model.
    scenarios : iterable of Scenario
        Scenarios in addition to those in the project's files.
    lab : LabFile, optional
        Replaces the ``lab.toml`` next to the model.

    Raises
    ------
    ModelError
        If the model does not run or has no fixed time step, or if a file of its project has an error.
    """
    simulator = Simulator(model)
    model = simulator.model
    program, setup = describe(simulator)
    lab = lab or lab_beside(model)
    if strengths is None:
        strengths = _strengths(program, simulator)
    data = {
        "format": 1,
        "name": model.name or model.path.stem,
        "doc": model.doc,
        "file": model.path.name,
        "program": program,
        "variables": _variables(model, strengths),
        "dimensions": _dimensions(model),
        "diagram": diagram_data(model, places_of(model)),
        "charts": _charts(model, lab),
        "first": _first_charts(simulator, lab),
        "sliders": _sliders(model, lab),
        "story": story_data(model, lab),
        "units": {
            unit: {"label": dict(words.label), "axis": dict(words.axis)}
            for unit, words in lab.units.items()
        },
        "switch": _switch(model, lab, setup, program),
        **_scenarios(simulator, (*scenarios_beside(model), *scenarios), setup, program),
    }
    return Laboratory(data, setup, simulator.method)


def _first_run(simulator: Simulator) -> np.ndarray:
    try:
        return simulator.run()
    except SimulationError as error:
        path = simulator.model.path
        # The message begins with the location, which the error also contains as data.
        place, *rest = error.whole.parts.values()
        found = re.fullmatch(rf"{re.escape(str(path))}:(\d+): ", str(place))
        sentence = joined("", rest) if found else error
        raise ModelError(
            message("publish.model_does_not_run", error=sentence),
            file=path,
            line=int(found[1]) if found else None,
            variable=error.variable,
        ) from None


def _variables(model: Model, strengths: Mapping[str, float]) -> list[dict[str, Any]]:
    """Return the data of each variable, in the file's order: names, unit, equations, causes, uses, range."""
    editions = {language: Edition(model, language) for language in LANGUAGES}
    places = places_of(model)
    shown = [model.variables[key] for key in places]
    users = Subject(model).users
    causes: dict[str, list[int]] = {v.key: [] for v in shown}
    for key, found in users.items():
        for user in found:
            if key in places and user in causes:
                causes[user].append(places[key])
    rows, row = [], 0
    for variable in shown:
        names = [] if variable.kind == "lookup" else element_names(model, variable.key)
        limits = variable.range
        rows.append(
            {
                "name": variable.name,
                "labels": _others(model, variable),
                "kind": variable.kind,
                "unit": variable.units or "",
                "docs": {
                    language: doc
                    for language in editions
                    if (doc := model.doc_of(variable.name, language))
                },
                "equations": {
                    language: _equations(edition, variable)
                    for language, edition in editions.items()
                    if language == "en" or _others(model, variable) or variable.labels
                },
                "causes": sorted(causes[variable.key]),
                "uses": sorted(
                    places[user] for user in users.get(variable.key, ()) if user in places
                ),
                "first": row,
                "elements": len(names),
                **({"axes": _axes(model, variable)} if variable.dimensions else {}),
                "elementLabels": _element_labels(model, variable, names),
                "minimum": limits.minimum if limits else None,
                "maximum": limits.maximum if limits else None,
                "step": limits.step if limits else None,
                "lever": bool(variable.lever),
                "strength": strengths.get(variable.name, 0.0),
            }
        )
        row += len(names)
    return rows


def _axes(model: Model, variable: Variable) -> list[str]:
    """Return the names of an array's dimensions, as in datasets of results."""
    return axis_names(model, variable, {v.name for v in model.variables.values()})


def _dimensions(model: Model) -> dict[str, list[str]]:
    """Return the names of the elements along each dimension of the model's arrays, by dimension."""
    found = {}
    for variable in (v for v in model.variables.values() if v.dimensions and not v.hidden):
        for name, dimension in zip(_axes(model, variable), variable.dimensions, strict=True):
            found[name] = [model.spelled(e) for e in model.subscripts.elements(dimension)]
    return found


def places_of(model: Model) -> dict[str, int]:
    """Return the index of each variable in the page's data, by the variable's key; hidden variables are left out."""
    shown = (v for v in model.variables.values() if not v.hidden)
    return {v.key: i for i, v in enumerate(shown)}


def _others(model: Model, variable: Variable) -> dict[str, str]:
    """Return the names of a variable that differ from its own name, by language code."""
    return {k: text for k, text in variable.labels.items() if text != variable.name}


def _element_labels(model: Model, variable: Variable, names: list[str]) -> dict[str, list[str]]:
    """Return the labels of an array's elements by language code, for languages in which they differ from `names`."""
    if not variable.dimensions:
        return {}
    found = {code: [model.label(name, code) for name in names] for code in LANGUAGES}
    return {code: labels for code, labels in found.items() if labels != names}


def _equations(edition: Edition, variable: Variable) -> list[str]:
    """Return the equations of a variable as lines of text; a stock has lines for its net flow and initial value."""
    lines = []
    for equation in variable.equations[:MOST_EQUATIONS]:
        name = f"{edition.name(variable.name)}{indices(edition, equation.subscripts)}"
        right = formula(edition, equation.expression)
        if variable.kind == "stock":
            lines.append(f"d {name} / dt = {right}")
            if equation.initial is not None:
                lines.append(f"{name} (0) = {formula(edition, equation.initial)}")
        else:
            lines.append(f"{name} = {right}")
    if len(variable.equations) > MOST_EQUATIONS:
        lines.append("…")
    return [unescape(re.sub(r"<[^>]*>", "", line)) for line in lines]


def _strengths(program: Mapping[str, Any], simulator: Simulator) -> dict[str, float]:
    """Return how strongly each scalar constant changes the stocks, by name.

    The strength is the largest change of a stock, relative to the stock's range in the run, if the constant changes by
    10 %.

    Raises
    ------
    ModelError
        If the model does not run with its own settings.
    """
    stocks = [i for i, v in enumerate(program["variables"]) if v["kind"] == "stock"]
    scalars = [
        s for s in program["settings"] if s["size"] == 1 and not s["elements"] and s["default"]
    ]
    values = len(program["variables"]) * len(simulator.time)
    few = len(scalars) <= MOST_STRENGTHS and len(scalars) * values <= MOST_VALUES
    if stocks and few:
        simulator.warm(wait=True)
    base = _first_run(simulator)
    if not stocks or not few:
        return {}
    spread = np.maximum(np.ptp(base[stocks], axis=1), 1e-9 * np.abs(base[stocks]).max(axis=1))
    spread[spread == 0] = 1.0
    found = {}
    for place, setting in enumerate(scalars):
        report("trying the constants", place, len(scalars))
        value = setting["default"][0]
        try:
            moved = simulator.run({setting["name"]: value * (1 + NUDGE) if value else NUDGE})
        except (ModelError, SimulationError):
            continue  # a run that fails says nothing about the strength of the constant
        change = np.abs(moved[stocks] - base[stocks]).max(axis=1) / spread
        found[setting["name"]] = float(f"{np.nan_to_num(change).max():.3g}")
    return found


def _charts(model: Model, lab: LabFile) -> list[dict[str, Any]]:
    """Return the data of the charts in ``lab.toml``."""
    return [
        {
            "title": dict(chart.title),
            "lines": [
                {"name": one(model, line.name).name, "label": dict(line.label or {})}
                for line in chart.lines
            ],
            "range": list(chart.fixed) if chart.fixed else None,
            "unit": dict(chart.unit),
        }
        for chart in lab.charts
    ]


def _first_charts(simulator: Simulator, lab: LabFile) -> list[list[str]]:
    """Return the names of the variables in each chart that a laboratory shows first.

    The charts are those of ``lab.toml``. Without such charts they show the stocks, or in a model without stocks the
    computed variables: up to four variables with the same unit share a chart, and an array has its own chart.
    """
    model = simulator.model
    if lab.charts:
        return [[one(model, line.name).name for line in chart.lines] for chart in lab.charts]
    shown = [
        v for v in model.variables.values() if not v.hidden and v.key not in simulator.controls
    ]
    stocks = [v for v in shown if v.kind == "stock"]
    groups: dict[tuple[str, str], list[list[str]]] = {}
    for variable in stocks or [v for v in shown if v.kind not in ("constant", "lookup")]:
        names = element_names(model, variable.key)
        if len(names) > 1:
            groups["element", variable.name] = [names[:MOST_TOGETHER]]
            continue
        together = groups.setdefault(("unit", variable.units or ""), [[]])
        if len(together[-1]) == LINES_TOGETHER:
            together.append([])
        together[-1] += names
    charts = [chart for group in groups.values() for chart in group]
    return charts[:FIRST_CHARTS]


def _sliders(model: Model, lab: LabFile) -> list[dict[str, Any]]:
    """Return the data of the sliders in ``lab.toml``."""
    return [
        {
            "name": one(model, slider.constant).name,
            "label": dict(slider.label),
            "group": dict(slider.group),
            "minimum": slider.minimum,
            "maximum": slider.maximum,
            "step": slider.step,
        }
        for slider in lab.sliders
    ]


def _switch(
    model: Model, lab: LabFile, base: Setup, program: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Return the data of the policy switch in ``lab.toml``, including the settings before the switch.

    Return None if there is no switch, or if the page cannot run the scenario of the switch.
    """
    switch = lab.switch
    scenario = scenarios_beside(model).scenarios.get(switch.scenario) if switch else None
    if switch is None or scenario is None:
        return None
    try:
        settings = plan_of(model, scenario, base, program)["settings"]
    except ModelError:
        return None  # the list of refused scenarios says why
    return {
        "settings": settings,
        "latest": switch.latest,
        "label": dict(switch.label),
        "description": dict(switch.description),
        "never": dict(switch.never),
    }


def _scenarios(
    simulator: Simulator, scenarios: Iterable[Scenario], base: Setup, program: Mapping[str, Any]
) -> dict[str, list[dict[str, Any]]]:
    """Return the data of the scenarios that the page can run, and of the others with the reason why it cannot."""
    offered, refused = [], []
    for scenario in scenarios:
        titles = {"name": scenario.name, "title": dict(scenario.title)}
        try:
            plan = plan_of(simulator.model, scenario, base, program)
        except ModelError as error:
            refused.append(titles | {"reason": in_all_languages(error.sentence)})
            continue
        described = {"description": dict(scenario.description)}
        offered.append(titles | described | plan)
    return {"scenarios": offered, "refused": refused}


def _spelled(model: Model, settings: Mapping[str, float]) -> dict[str, float]:
    """Return settings by name as in results; the setting of an array becomes a setting for each element."""
    found: dict[str, float] = {}
    for name, value in settings.items():
        key, element = find_element(model, name)
        names = element_names(model, key)
        found |= dict.fromkeys(names if element is None else [names[element]], float(value))
    return found


def plan_of(
    model: Model, scenario: Scenario, base: Setup, program: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the settings, times and changes of a scenario as data with which a page can run it.

    The function raises `ModelError` if a page cannot run the scenario.
    """
    if scenario.inputs:
        raise ModelError(message("publish.replaces_equations_series_points"))
    places: dict[str, int] = {}
    for setting in program["settings"]:
        names = setting["elements"] or [setting["name"]]
        places |= {name: setting["place"] + i for i, name in enumerate(names)}
    simulator = Simulator(model, scenario)
    setup, grid = simulator.prepared()
    if setup.kernel is not base.kernel and setup.kernel.text != base.kernel.text:
        raise ModelError(message("publish.changes_structure_model"))
    size = setup.kernel.source.size
    differs = [
        i
        for i in range(size)
        if i != NOW and setup.p[i] != base.p[i] and not np.isnan([setup.p[i], base.p[i]]).all()
    ]
    names = {place: name for name, place in places.items()}
    changes = [
        {
            "time": moment,
            "step": min(grid.first_from(moment), grid.steps),
            "parameters": [[place, float(x)] for place, x in parameters.items()],
            "states": [[place, float(x)] for place, x in states.items()],
            "settings": _spelled(
                model,
                {n: x for c in scenario.changes if c.time == moment for n, x in c.settings.items()},
            ),
        }
        for moment, parameters, states in setup.changes
        if moment <= grid.stop + grid.slack
    ]
    return {
        "settings": {names[i]: float(setup.p[i]) for i in differs if i in names},
        "fixed": {n: float(x) for n, x in scenario.settings.items() if simulator.moved_by([n])},
        "plan": {
            "times": run_times(grid),
            "parameters": [[i, float(setup.p[i])] for i in differs if i not in names],
            "changes": changes,
        },
    }
