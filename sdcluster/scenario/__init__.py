"""Scenarios: named settings of constants over time, from TOML."""

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
    "load_scenarios",
    "scenarios",
    "scenarios_beside",
]
