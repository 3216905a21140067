"""Scenarios: named settings of constants over time, from TOML."""

from sdcluster.scenario.changes_file import is_changes_file, read_changes
from sdcluster.scenario.reading import (
    Scenarios,
    load_scenarios,
    scenarios,
    scenarios_beside,
)
from sdcluster.scenario.scenario import Change, Scenario

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
