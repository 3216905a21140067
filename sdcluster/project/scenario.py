"""A scenario: settings of constants (and initial stocks), and the times at which they change.

Crosses the border: plain numbers and names in, frozen `Scenario` objects out; `find_scenario`.
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
    """New settings from a moment on.

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
    """A named experiment: settings at the start, changes later, and how long to run.

    Parameters
    ----------
    name : str
        As written in the file; looked up without regard to case, blanks, hyphens and underscores.
    title, description : mapping of str to str
        Wording by language code (``"en"``, ``"zh"``).
    settings : mapping of str to float
        Constants to set from the start; a stock's name sets its initial value.
    changes : tuple of Change
        In order of time.
    start, stop : float or None
        Simulation bounds, where they differ from the model's own.
    inputs : mapping of str to Points or PointsFile
        Lookups and series that take the place of the model's own, by the name of the variable; as settings of a run.
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
    """Return the scenario object for a name, looked up beside the model; for None one that changes nothing.

    The path of a ``.cin`` file is read as Vensim's changes file.

    Raises
    ------
    ModelError
        Naming the nearest scenarios, or what is wrong with their file.
    """
    if scenario is None:
        return Scenario()
    if isinstance(scenario, Scenario):
        return scenario
    from sdcluster.project import is_changes_file, read_changes, scenarios_beside

    if is_changes_file(scenario):
        return read_changes(scenario, model)
    return scenarios_beside(model).find(str(scenario))
