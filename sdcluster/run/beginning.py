"""The options with which a stepwise run starts: method, time grid and settings, from the caller or a saved state.

A `Simulator` creates a `Beginning` for each stepwise run (`Run`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.model import Model
from sdcluster.model.elements import find_element
from sdcluster.project.scenario import Change, Scenario
from sdcluster.run.backend import BackendChoice
from sdcluster.run.grid import Grid, make_grid
from sdcluster.run.inputs import merged, resolved
from sdcluster.run.plan import FIXED
from sdcluster.run.run_clock import RunClock
from sdcluster.run.state import State


@dataclass(frozen=True)
class Beginning:
    """The options and objects of a simulator that a stepwise run needs to start.

    Parameters
    ----------
    model : Model
    scenario : Scenario
    clock : RunClock
    grid : Grid
        Grid for the settings of the run.
    method : str
    chosen : bool
        True if the caller chose the method, False if it is the model file's.
    seed : int
        Seed of the random numbers; the same seed gives the same result.
    backend : BackendChoice
    spans : mapping of str to (int, int)
        First row and number of rows of each variable in the table of results, by the variable's key.
    attributes : callable
        Takes settings, changes and a grid; returns the attributes of the run's dataset.
    """

    model: Model
    scenario: Scenario
    clock: RunClock
    grid: Grid
    method: str
    chosen: bool
    seed: int
    backend: BackendChoice
    spans: Mapping[str, tuple[int, int]]
    attributes: Callable[[Mapping[str, Any], Sequence[Change], Grid], dict[str, Any]]

    @property
    def rows(self) -> int:
        """Number of rows in the table of results."""
        return sum(size for _, size in self.spans.values())

    def from_state(self, state: State | None) -> Beginning:
        """Return the options for a run that starts from a saved state, or from the beginning if `state` is None.

        A resumed run has the state's seed, start and time step. It also has the state's method and saving interval,
        unless the caller chose others.

        Raises
        ------
        ModelError
            If the method is adaptive, with or without a state. With a state, also if the caller's start or time step
            differs from the state's, or if the state is later than the end of the run.
        """
        method = self.method if state is None or self.chosen else state.method
        if method not in FIXED:
            raise ModelError(
                message("run.chooses_own_steps_run", method=method),
                file=self.model.path,
            )
        if state is None:
            return self
        given = self.clock.options
        if given.get("dt", state.dt) != state.dt or given.get("start", state.start) != state.start:
            raise ModelError(
                message("run.state_saved_run_steps", start=state.start, dt=state.dt),
                file=self.model.path,
            )
        own = replace(self.model.time, start=state.start, stop=self.grid.stop, dt=state.dt)
        saveper = given.get("saveper", state.saveper)
        grid = make_grid(self.model, replace(own, saveper=saveper))
        if state.step > grid.steps:
            raise ModelError(
                message("run.state_stands_after_end", time=state.time, stop=grid.stop),
                file=self.model.path,
            )
        return replace(self, method=method, seed=state.seed, grid=grid)

    def settings(self, own: Mapping[str, Any] | None, state: State | None) -> dict[str, Any]:
        """Return the settings at the start of the run.

        Time settings such as FINAL TIME are left out, because the grid contains them.
        """
        if state is None:
            layers = (self.scenario.settings, self.scenario.inputs, own)
            found = resolved(self.model, merged(*layers))
        else:
            # The time settings of a resumed run are in its grid.
            found = {n: v for n, v in state.settings.items() if not self._is_control(n)}
        numbers = {n: v for n, v in found.items() if isinstance(v, float)}
        kept = self.clock.without_controls(numbers)
        points = {n: v for n, v in found.items() if n not in numbers}
        order = [n for n in found if n in kept or n in points]
        return {n: (kept | points)[n] for n in (*order, *(n for n in kept if n not in found))}

    def settings_now(self, state: State, own: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return the settings that a resumed run applies immediately.

        All settings of the caller apply immediately, and those settings of the scenario that differ from the saved
        state.

        Initial values of stocks in the scenario are left out, because the run is past its start.
        """
        known = resolved(self.model, merged(self.scenario.settings, self.scenario.inputs))
        new = {
            name: value
            for name, value in known.items()
            if state.settings.get(name) != value
            and self.model.variables[find_element(self.model, name)[0]].kind != "stock"
            and not self._is_control(name)
        }
        given = {n: v for n, v in (own or {}).items() if not self.clock.moved_by([n])}
        return merged(new, given)

    def _is_control(self, name: str) -> bool:
        return find_element(self.model, name)[0] in self.clock.works.controls
