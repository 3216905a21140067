"""Scenarios: settings of constants and initial stocks, and the times at which settings change.

Interface: plain numbers and names in, frozen `Scenario` objects out; `find_scenario`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sdcluster.model import Model


@dataclass(frozen=True)
class Change:
    """New settings from a given time on.

    Parameters
    ----------
    time : float
        When the change happens, in the model's time unit.
    settings : mapping of str to float
        Constants take the value from `time` on; a stock's name resets the stock at `time`.
    """

    time: float
    settings: Mapping[str, float]


@dataclass(frozen=True)
class Scenario:
    """A named experiment: initial settings, later changes, and run length.

    Parameters
    ----------
    name : str
        As written in the file. Look-ups ignore case, blanks, hyphens and underscores.
    title, description : mapping of str to str
        Wording by language code (``"en"``, ``"zh"``).
    settings : mapping of str to float
        Constants to set from the start; a stock's name sets its initial value.
    changes : tuple of Change
        In order of time.
    start, stop : float or None
        Simulation bounds, if they differ from the model's.
    inputs : mapping of str to Points or PointsFile
        Lookups and series that replace the model's own, by variable name, as in the settings of a run.
    """

    name: str = ""
    title: Mapping[str, str] = field(default_factory=dict)
    description: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, float] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    start: float | None = None
    stop: float | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)


def find_scenario(model: Model, scenario: str | Path | Scenario | None) -> Scenario:
    """Return the scenario with a name from the model's folder; for None, an empty scenario.

    The path of a ``.cin`` file is read as a Vensim changes file.

    Raises
    ------
    ModelError
        If there is no such scenario (the message lists the nearest names), or its file has an error.
    """
    if scenario is None:
        return Scenario()
    if isinstance(scenario, Scenario):
        return scenario
    from sdcluster.project import is_changes_file, read_changes, scenarios_beside

    if is_changes_file(scenario):
        return read_changes(scenario, model)
    return scenarios_beside(model).find(str(scenario))
