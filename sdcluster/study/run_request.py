"""The common input of sweeps, ensembles and comparisons: settings on top of a scenario, measures, failures."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from sdcluster.errors import ModelError, SimulationError
from sdcluster.measure.measures import Measure, parse_measures
from sdcluster.messages import message
from sdcluster.model import Model
from sdcluster.project.scenario import Scenario, find_scenario
from sdcluster.run.inputs import is_number, merged, plain
from sdcluster.run.simulator import Simulator

Progress = Callable[[str, int, int], None]


def reporter(progress: Progress | None) -> Progress:
    """Return the checked progress function, called with words, runs done and total runs."""
    if progress is None:
        return _silent
    if not callable(progress):
        raise ModelError(message("study.progress_takes_function", progress=repr(progress)))
    return progress


def _silent(words: str, done: int, total: int) -> None:
    pass


def loaded(model: Model | str | Path) -> Model:
    """Return a model that may be given by its path."""
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
    # The clock asks the settings; a run puts the inputs on top of them, so that all settings win from there.
    return replace(
        found, settings={**found.settings, **numbers}, inputs=merged(found.inputs, settings)
    )


def read_measures(
    model: Model, measures: Sequence[Measure | str] | str, *, otherwise: bool = True
) -> list[Measure]:
    """Return measures; an array's name stands for all its elements.

    Without any, and with `otherwise`, they are the final values of the stocks.
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
    """Return why the first failed run failed, naming the variable; ``""`` if no run failed.

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
    """Return the settings of a study, and `more`, as text; studies with the same text can share runs."""
    said = {
        **more,
        "settings": {k: plain(v) for k, v in scenario.settings.items()},
        "inputs": {k: plain(v) for k, v in scenario.inputs.items()},
        "changes": [[c.time, dict(c.settings)] for c in scenario.changes],
    }
    return json.dumps(said, ensure_ascii=False, default=str)
