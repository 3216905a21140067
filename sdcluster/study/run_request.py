"""Reads the arguments that studies have in common: progress functions, models, scenarios with settings, measures."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from sdcluster.errors import ModelError, SimulationError
from sdcluster.measure.measures import Measure, parse_measures
from sdcluster.messages import Message, comma_separated, message
from sdcluster.model import Model
from sdcluster.project.scenario import Scenario, find_scenario
from sdcluster.run.inputs import is_number, merged, plain
from sdcluster.run.simulator import Simulator

Progress = Callable[[str, int, int], None]


def reporter(progress: Progress | None) -> Progress:
    """Return the progress function after checking it; studies call it with a description, runs done and total."""
    if progress is None:
        return _silent
    if not callable(progress):
        raise ModelError(message("study.progress_takes_function", progress=repr(progress)))
    return progress


def _silent(words: str, done: int, total: int) -> None:
    pass


def loaded(model: Model | str | Path) -> Model:
    """Return the model; a path is loaded."""
    return model if isinstance(model, Model) else Simulator(model).model


def with_settings(
    model: Model, scenario: Scenario | str | Path | None, settings: Mapping[str, Any] | None
) -> Scenario:
    """Return a scenario with additional settings that override its own."""
    found = find_scenario(model, scenario)
    if not settings:
        return found
    if not isinstance(settings, Mapping):
        raise ModelError(message("study.settings_given_name_instance", settings=repr(settings)))
    numbers = {name: value for name, value in settings.items() if is_number(value)}
    # Numbers go into the settings, which determine the times of a run, and all values into the inputs. Inputs override
    # everything else during the run.
    return replace(
        found, settings={**found.settings, **numbers}, inputs=merged(found.inputs, settings)
    )


def read_measures(
    model: Model, measures: Sequence[Measure | str] | str, *, otherwise: bool = True
) -> list[Measure]:
    """Return the parsed measures; the name of an array gives the measures of all its elements.

    If none are given and `otherwise` is true, the measures are the final values of the stocks.
    """
    if not isinstance(measures, (str, Measure, Iterable)):
        raise ModelError(message("study.measures_given_text_list", measures=repr(measures)))
    asked = [measures] if isinstance(measures, (str, Measure)) else list(measures)
    if not asked and otherwise:
        asked = [f"final {stock.name}" for stock in model.stocks if not stock.hidden]
    return [
        found
        for one in asked
        for found in ((one,) if isinstance(one, Measure) else parse_measures(one, model))
    ]


def reason(
    simulator: Simulator, names: Sequence[str], points: np.ndarray, failed: np.ndarray
) -> str:
    """Return a text that says why the first failed run failed, and names the variable; ``""`` if no run failed.

    Raises
    ------
    SimulationError
        If all runs failed.
    """
    if not failed.any():
        return ""
    at = int(np.flatnonzero(failed)[0])
    settings = dict(zip(names, points[at].tolist(), strict=True))
    try:
        simulator.curves(settings)
    except SimulationError as error:
        if failed.all():
            raise
        return error.whole
    return message("study.run_turns_nan_infinity", at=at)


def how_made(scenario: Scenario, **more: Any) -> str:
    """Return the settings of a study, and `more`, as one text; studies with equal texts can share runs."""
    said = {
        **more,
        "settings": {k: plain(v) for k, v in scenario.settings.items()},
        "inputs": {k: plain(v) for k, v in scenario.inputs.items()},
        "changes": [[c.time, dict(c.settings)] for c in scenario.changes],
    }
    return json.dumps(said, ensure_ascii=False, default=str)


def difference(attribute: str, before: Any = None, now: Any = None) -> Message:
    """Return what differs between a study and the study to resume, given the attribute that differs between them.

    If the attribute is ``"made"``, its values `before` and `now`, texts of `how_made`, tell which settings differ.
    """
    names = _differing(before, now) if attribute == "made" else []
    if names:
        return message("study.difference_named", names=comma_separated(names))
    match attribute:
        case "model" | "model_hash":
            return message("study.difference_model")
        case "made":
            return message("study.difference_settings")
        case "question":
            return message("study.difference_question")
        case "method" | "sensitivity":
            return message("study.difference_method")
        case "rows":
            return message("study.difference_rows")
        case "seed":
            return message("study.difference_seed")
        case "measure":
            return message("study.difference_measure")
        case _:
            return message("study.difference_kind")


def _differing(before: Any, now: Any) -> list[str]:
    """Return the names whose ranges, settings or inputs differ between two texts of `how_made`."""
    try:
        one, other = json.loads(before), json.loads(now)
        pairs = [(one.get(key, {}), other[key]) for key in ("vary", "settings", "inputs")]
        names = [
            name
            for was, is_now in pairs
            for name in dict.fromkeys([*was, *is_now])
            if name not in was or name not in is_now or was[name] != is_now[name]
        ]
    except (TypeError, ValueError, KeyError, AttributeError):  # a file may hold anything
        return []
    return list(dict.fromkeys(names))
