"""Scenarios: settings of constants and of the initial values of stocks, and changes of settings during a run.

`Scenario` and `Change` are frozen data classes, and `find_scenario` reads a scenario of a model.
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
        Time of the change, in the model's time unit.
    settings : mapping of str to float
        New values by name. A constant has the new value from `time` on; a stock is reset to the value at `time`.
    """

    time: float
    settings: Mapping[str, float]


@dataclass(frozen=True)
class Scenario:
    """A named variant of a model's run: initial settings, later changes, and start and end of the run.

    Parameters
    ----------
    name : str
        Name as written in the file. Searching for a name ignores case, blanks, hyphens and underscores.
    title, description : mapping of str to str
        Texts by language code (``"en"``, ``"zh"``).
    settings : mapping of str to float
        Values of constants and initial values of stocks, by name.
    changes : tuple of Change
        Changes during the run, in order of time.
    start, stop : float or None
        Start and end of the run, if they differ from the model's.
    inputs : mapping of str to Points or PointsFile
        Points of lookups and series that replace the model's own, by variable name.
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
    """Return a scenario in the model's folder by its name; for None, return a scenario without settings.

    If the name is the path of a ``.cin`` file, the file is read as a Vensim changes file.

    Raises
    ------
    ModelError
        If there is no such scenario (the message lists the nearest names), or if its file has an error.
    """
    if scenario is None:
        return Scenario()
    if isinstance(scenario, Scenario):
        return scenario
    from sdcluster.project import is_changes_file, read_changes, scenarios_beside

    if is_changes_file(scenario):
        return read_changes(scenario, model)
    return scenarios_beside(model).find(str(scenario))
