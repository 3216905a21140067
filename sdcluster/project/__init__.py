"""Read the files in a model's folder: scenarios, experiments, calibrations, Vensim changes files, lessons, layouts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdcluster.lazy import lazy

_HOMES = {
    "Change": "sdcluster.project.scenario",
    "Scenario": "sdcluster.project.scenario",
    "Scenarios": "sdcluster.project.scenarios_file",
    "is_changes_file": "sdcluster.project.changes_file",
    "load_scenarios": "sdcluster.project.scenarios_file",
    "read_changes": "sdcluster.project.changes_file",
    "scenarios": "sdcluster.project.scenarios_file",
    "scenarios_beside": "sdcluster.project.scenarios_file",
}

__all__ = [
    "Change",
    "Scenario",
    "Scenarios",
    "is_changes_file",
    "load_scenarios",
    "read_changes",
    "scenarios",
    "scenarios_beside",
]

if TYPE_CHECKING:
    from sdcluster.project.changes_file import is_changes_file, read_changes
    from sdcluster.project.scenario import Change, Scenario
    from sdcluster.project.scenarios_file import (
        Scenarios,
        load_scenarios,
        scenarios,
        scenarios_beside,
    )

__getattr__, __dir__ = lazy(__name__, _HOMES)
