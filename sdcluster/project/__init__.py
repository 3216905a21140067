"""The files beside a model: scenarios, experiments, calibration, changes files; TOML with errors by file and line."""

from sdcluster.project.changes_file import is_changes_file, read_changes
from sdcluster.project.scenario import Change, Scenario
from sdcluster.project.scenarios_file import (
    Scenarios,
    load_scenarios,
    scenarios,
    scenarios_beside,
)

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
