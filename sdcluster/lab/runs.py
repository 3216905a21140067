"""From what the sliders say to trajectories: the Python source of the laboratory.

Takes a `Request` (checked numbers, never text that could be run), gives the curves of the chosen variables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sdcluster.errors import ModelError
from sdcluster.lab.charts import Slider, by_key, is_switch
from sdcluster.project.scenario import Change, Scenario


class Runnable(Protocol):
    """What the laboratory needs of `sdcluster.Simulator`."""

    @property
    def names(self) -> Sequence[str]: ...  # noqa: D102
    @property
    def time(self) -> NDArray[np.float64]: ...  # noqa: D102
    @property
    def backend(self) -> str: ...  # noqa: D102
    def run(  # noqa: D102
        self,
        settings: Mapping[str, float] | None = None,
        changes: Sequence[Change] | None = None,
    ) -> NDArray[np.float64]: ...
    def warm(self, wait: bool = False) -> object: ...  # noqa: D102


@dataclass(frozen=True)
class Request:
    """What the sliders say: the scenario they started from, constants, time of the switch, last time shown."""

    scenario: str
    settings: Mapping[str, float]
    switch: float | None
    stop: float


@dataclass(frozen=True)
class Curves:
    """The answer: `values` has one row for each of the source's variables, one column for each moment."""

    values: NDArray[np.float64]
    backend: str


class PythonRuns:
    """Runs requests on a `Simulator`, always over all years that can be shown, so that the time never changes.

    Parameters
    ----------
    simulator : Runnable
        Made ready without a scenario.
    variables : sequence of str
        Rows of the answer, by the names of `Runnable.names`.
    sliders : sequence of Slider
        The constants that a request may set, with their ranges.
    scenarios : mapping of str to Scenario
        By name; a request starts from one of them.
    before : mapping of str to float
        The policy before the time of the switch.
    """

    def __init__(
        self,
        simulator: Runnable,
        variables: Sequence[str],
        sliders: Sequence[Slider],
        scenarios: Mapping[str, Scenario],
        before: Mapping[str, float],
    ) -> None:
        self.variables = tuple(variables)
        self.sliders = {s.name: s for s in sliders}
        self.scenarios = scenarios
        self.before = by_key(before)
        self.simulator = simulator
        self.time = np.asarray(simulator.time, dtype=float)
        rows = {name: i for i, name in enumerate(simulator.names)}
        self.rows = np.array([rows[name] for name in self.variables])

    def read(self, message: Mapping[str, Any]) -> Request:
        """Check a message of the browser; a name that is no slider or a value that is no number raises."""
        settings = {}
        for name, value in dict(message.get("settings") or {}).items():
            slider = self.sliders.get(name)
            if slider is None or slider.role != "constant":
                raise ModelError(f'there is no slider for "{name}"', variable=str(name))
            if not isinstance(value, (int, float)) or not isfinite(value):
                raise ModelError(f'the slider of "{name}" gave {value!r}, which is no number')
            settings[name] = min(slider.maximum, max(slider.minimum, float(value)))
        scenario = str(message.get("scenario") or "")
        if scenario and scenario not in self.scenarios:
            raise ModelError(f'there is no scenario "{scenario}"')
        switch = message.get("switch")
        return Request(
            scenario,
            settings,
            None if switch is None else float(switch),
            float(message.get("stop") or self.time[-1]),
        )

    def scenario(self, request: Request) -> Scenario:
        """The request as a scenario, for `sdcluster.simulate`."""
        base = self.scenarios.get(request.scenario, Scenario(request.scenario))
        chosen = by_key(request.settings)
        title = dict(base.title)
        if request.switch is None:
            changes = () if is_switch(base) else base.changes
            settings = {**by_key(base.settings), **chosen}
            return Scenario(
                base.name, title, {}, settings, changes, None, request.stop, base.inputs
            )
        before = {name: value for name, value in self.before.items() if name in chosen}
        change = Change(request.switch, chosen)
        settings = {**by_key(base.settings), **chosen, **before}
        return Scenario(base.name, title, {}, settings, (change,), None, request.stop, base.inputs)

    def run(self, request: Request) -> Curves:
        """Run a request; raises what the core raises (`ModelError`, `SimulationError`)."""
        scenario = self.scenario(request)
        backend = self.simulator.backend
        values = self.simulator.run({**scenario.inputs, **scenario.settings}, scenario.changes)
        return Curves(np.asarray(values)[self.rows], backend)

    def warm(self) -> None:
        """Start compiling in the background."""
        self.simulator.warm()
