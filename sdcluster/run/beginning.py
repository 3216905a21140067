"""The start of a stepwise run: its method, grid and settings, given by the caller or taken from a saved state.

Interface: `Beginning`, which a `Simulator` creates for a `Run`.
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
    """The parts of a simulator that a stepwise run uses.

    Parameters
    ----------
    model : Model
    scenario : Scenario
    clock : RunClock
    grid : Grid
        Grid for the settings of the run.
    method : str
    chosen : bool
        Whether the caller chose the method; otherwise the file did.
    seed : int
        Seed of the random numbers; the same seed gives the same result.
    backend : BackendChoice
    spans : mapping of str to (int, int)
        First row and number of rows of each variable of the results, by key.
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
        """Number of rows of the results."""
        return sum(size for _, size in self.spans.values())

    def from_state(self, state: State | None) -> Beginning:
        """Return the start of a run; a state to resume supplies its method, seed and grid.

        Raises
        ------
        ModelError
            For adaptive methods, and if start or step differ from those of the state.
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
        """Return the settings at the start, without time settings (such as FINAL TIME) that are already in the grid."""
        if state is None:
            layers = (self.scenario.settings, self.scenario.inputs, own)
            found = resolved(self.model, merged(*layers))
        else:
            # A resumed run has its own time settings.
            found = {n: v for n, v in state.settings.items() if not self._is_control(n)}
        numbers = {n: v for n, v in found.items() if isinstance(v, float)}
        kept = self.clock.without_controls(numbers)
        points = {n: v for n, v in found.items() if n not in numbers}
        order = [n for n in found if n in kept or n in points]
        return {n: (kept | points)[n] for n in (*order, *(n for n in kept if n not in found))}

    def settings_now(self, state: State, own: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return the settings that a resumed run applies immediately: its own and its scenario's changes.

        The scenario's initial values of stocks are left out, because the start of the run is past.
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
