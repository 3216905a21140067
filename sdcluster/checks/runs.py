"""Simulations for checks; runs that several checks need are simulated only once.

`Simulations` is created from a `Model` and its `Scenarios`. When called with a `Run`, it returns a dataset.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sdcluster.checks.vocabulary.assertion import Run
from sdcluster.model import Model
from sdcluster.project.scenario import Change, Scenario
from sdcluster.project.scenarios_file import Scenarios

if TYPE_CHECKING:
    import xarray as xr

    from sdcluster.run import Simulator


class Simulations:
    """Runs of one model, with the integration method and time step of the model file; results are cached.

    Parameters
    ----------
    model : Model
        The model to run.
    scenarios : Scenarios
        The scenarios, by name.
    """

    def __init__(self, model: Model, scenarios: Scenarios) -> None:
        self.model = model
        self.scenarios = scenarios
        self._simulators: dict[Run, Simulator] = {}
        self._done: dict[Run, xr.Dataset] = {}

    def __call__(self, run: Run) -> xr.Dataset:
        """Return the trajectories of `run`; each element of an array is a separate variable.

        Raises
        ------
        ModelError
            For an unknown scenario or setting.
        SimulationError
            If a variable turns into NaN or infinity.
        """
        if run not in self._done:
            from sdcluster.run.elements import spread

            self._done[run] = spread(self._simulator(run).dataset(dict(run.settings)))
        return self._done[run]

    def scenario(self, run: Run) -> Scenario:
        """Return the scenario of `run`, extended by the run's own changes, start and stop."""
        known = self.scenarios.find(run.scenario)
        later = tuple(Change(time, dict(settings)) for time, settings in run.changes)
        return replace(
            known,
            changes=tuple(sorted((*known.changes, *later), key=lambda change: change.time)),
            start=known.start if run.start is None else run.start,
            stop=known.stop if run.stop is None else run.stop,
        )

    def _simulator(self, run: Run) -> Simulator:
        from sdcluster.run import Simulator

        without_settings = replace(run, settings=())
        if without_settings not in self._simulators:
            scenario = self.scenario(run)
            self._simulators[without_settings] = Simulator(self.model, scenario)
        return self._simulators[without_settings]
