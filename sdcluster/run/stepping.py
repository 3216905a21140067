"""Stepwise runs: values can be read and set between steps, and the run can be saved and resumed.

`Simulator.begin` and `Simulator.resume` return a `Run`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sdcluster.errors import ModelError
from sdcluster.kernel.lower.orders import deciding
from sdcluster.messages import message
from sdcluster.model import Model
from sdcluster.model.elements import axes, element_names, find_element
from sdcluster.model.missing import without_missing
from sdcluster.model.points import Points
from sdcluster.project.scenario import Change
from sdcluster.run.array_values import by_element
from sdcluster.run.beginning import Beginning
from sdcluster.run.element_settings import free
from sdcluster.run.engine import Engine
from sdcluster.run.inputs import is_number, merged, resolved, take
from sdcluster.run.overrides import hand_of, settable, value_of
from sdcluster.run.plan import Setup, prepare
from sdcluster.run.state import State, write_state

if TYPE_CHECKING:
    import xarray as xr


_UNSET: Any = object()


class Run:
    """A run that is paused between two steps.

    A value that is set applies from the current time until it is set again; a stock continues from its new level. If
    nothing is set during the run, the results are bit-identical to those of `Simulator.run`.

    Parameters
    ----------
    beginning : Beginning
        The start of the run, from a simulator with a fixed-step method.
    settings, changes
        As for `Simulator.run`.
    state : State, optional
        The state to resume from.

    Examples
    --------
    >>> run = sdcluster.Simulator("my_model").begin()  # doctest: +SKIP
    >>> while not run.done:  # doctest: +SKIP
    ...     run.set({"price": decide(run["population"])})
    ...     run.step()
    """

    def __init__(
        self,
        beginning: Beginning,
        settings: Mapping[str, Any] | None = None,
        changes: Sequence[Change] | None = None,
        state: State | None = None,
    ) -> None:
        beginning = self._beginning = beginning.from_state(state)
        self.model, self.method, self.grid = beginning.model, beginning.method, beginning.grid
        self.at = 0 if state is None else state.step
        given = beginning.scenario.changes if changes is None else tuple(changes)
        beginning.clock.check_changes(given)
        self._begun = beginning.settings(settings, state)
        self._shaping = deciding(self.model)
        self._since: list[tuple[str, Any]] = []
        self._applied = [] if state is None else list(state.applied)
        self._points: dict[str, Points] = {}
        self._log: list[tuple[float, dict[str, Any]]] = []
        self._base: Model = self.model
        self._done_engines: list[Engine] = []
        self._observed: tuple[np.ndarray, Any] | None = None
        self._pending = sorted(given, key=lambda change: change.time)
        self._engine = self._new_engine(self._pending)
        if state is None:
            self._start()
        else:
            self._take_up(state, beginning.settings_now(state, settings))
        self._arrive()

    # ---- beginning

    def _start(self) -> None:
        self._engine.start()

    def _take_up(self, state: State, new: Mapping[str, Any]) -> None:
        """Resume a saved run: apply the settings made during it, restore its memory, then apply the `new` settings."""
        for name, value in state.since:
            self._note(name, value)
            self._prepare_for(name, value)
        if self._changed():
            self._engine = self._new_engine()
        begun = [(n, v) for n, v in self._begun.items() if self._by_hand(n)]
        for name, value in (*begun, *state.since):
            self._assign(name, value)
        self._engine.take_over(state.memory, state.step)
        passed = [(time, dict(settings)) for time, settings in state.applied]
        self._pending = [
            c
            for c in self._pending
            if self.grid.first_from(c.time) >= self.at and (c.time, dict(c.settings)) not in passed
        ]
        self.set(new)

    def _new_engine(self, changes: Sequence[Change] = ()) -> Engine:
        """Return an engine for the current model.

        The variables in `changes` can be set in it; their values are not set yet.
        """
        begun = {n: v for n, v in self._begun.items() if not self._by_hand(n)}
        driven, numbers = take(self._base, merged(begun, self._points))
        setup: Setup = prepare(
            driven, numbers, tuple(changes), self.grid, self.method, self._beginning.seed
        )
        functions, arrays = self._beginning.backend.functions(setup.kernel)
        self._kernel_of = (self._base, tuple(self._points.items()))
        return Engine(setup, self.grid, self.method, functions, arrays, self._beginning.spans)

    def _by_hand(self, name: str) -> bool:
        """Whether a variable can be overridden in the current model.

        If so, a setting of the variable from the start of the run is treated as an override.
        """
        return hand_of(find_element(self.model, name)[0]) in self._base.variables

    def _changed(self) -> bool:
        return self._kernel_of != (self._base, tuple(self._points.items()))

    # ---- time

    @property
    def time(self) -> float:
        """The current time, in the model's unit."""
        return float(self.grid.at(self.at))

    @property
    def stop(self) -> float:
        """The time at which the run ends."""
        return self.grid.stop

    @property
    def done(self) -> bool:
        """Whether the run is at its end."""
        return self.at >= self.grid.steps

    def step(self, n: int = 1) -> Run:
        """Advance `n` time steps, or fewer if the run ends earlier, and return the run itself.

        Raises
        ------
        ModelError
            If the run is at its end.
        SimulationError
            If a variable turns into NaN or infinity.
        """
        if n < 1 or int(n) != n:
            raise ModelError(message("run.run_goes_whole_steps", n=n))
        if self.done:
            raise ModelError(
                message("run.run_end_begin_later", stop=self.stop),
                file=self.model.path,
            )
        self._go(min(self.at + int(n), self.grid.steps))
        return self

    def until(self, time: float | None = None) -> Run:
        """Advance to a time, or to the end, and return the run itself.

        Parameters
        ----------
        time : float, optional
            By default, the end of the run. If no step begins at this time, the run continues to the first step after
            it.
        """
        if time is None:
            self._go(self.grid.steps)
            return self
        if not is_number(time) or math.isnan(time):
            raise ModelError(message("run.run_goes_until_time", time=repr(time)))
        if time > self.stop + self.grid.slack or time < self.time - self.grid.slack:
            raise ModelError(
                message("run.run_stands_ends_cannot", time=self.time, stop=self.stop, time_2=time),
                file=self.model.path,
            )
        self._go(min(self.grid.first_from(time), self.grid.steps))
        return self

    def _go(self, last: int) -> None:
        while self.at < last:
            stop = last
            if self._pending:
                stop = min(last, max(self.grid.first_from(self._pending[0].time), self.at + 1))
            self._observed = None
            self._engine.advance(self.at, stop)
            self.at = stop
            self._arrive()

    def _arrive(self) -> None:
        """Apply the scenario's changes whose time has come."""
        while self._pending and self.grid.first_from(self._pending[0].time) <= self.at:
            if self._pending[0].time > self.stop + self.grid.slack:
                return
            change = self._pending.pop(0)
            self._applied.append((change.time, dict(change.settings)))
            self._set(change.settings)

    # ---- values

    def __getitem__(self, name: str) -> float | xr.DataArray:
        """Return the current value of a variable or element; a DataArray for a whole array."""
        key, place = find_element(self.model, name)
        variable = self.model.variables[key]
        if variable.kind == "lookup":
            raise ModelError(message("run.lookup_model_lookups_points", variable=variable.name))
        values = self._values(key)
        if place is not None or not variable.dimensions:
            return float(values[place or 0])
        import xarray as xr

        from sdcluster.run.dataset import axis_names

        along = axes(self.model, variable)
        dims = axis_names(self.model, variable)
        coords = {
            d: [self.model.spelled(e) for e in own] for d, own in zip(dims, along, strict=True)
        }
        return xr.DataArray(
            values.reshape([len(own) for own in along]), coords, dims, name=variable.name
        )

    def values(self) -> dict[str, float]:
        """Return the current values of all variables, and of all elements of arrays, by name."""
        found: dict[str, float] = {}
        for key in self._beginning.spans:
            names = element_names(self.model, key)
            found |= dict(zip(names, map(float, self._values(key)), strict=True))
        return found

    def _values(self, key: str) -> np.ndarray:
        if self._observed is None:
            self._observed = self._engine.observe(self.at)
        row, p = self._observed
        source = self._engine.kernel.source
        size = source.sizes[key]
        if key in source.observed:
            return without_missing(row[source.observed[key] : source.observed[key] + size])
        place = (source.parameters | source.fixed)[key]
        return without_missing(np.array(p[place : place + size], dtype=float))

    def jacobian(self) -> xr.DataArray:
        """Return how the net flow of each stock changes with each stock, at the current state.

        See `sdcluster.jacobian`.
        """
        from sdcluster.run.jacobian import jacobian_at

        return jacobian_at(self._engine.kernel, self.time, self._engine.y, self._engine.p)

    def set(
        self, settings: Mapping[str, Any] | str | None = None, value: Any = _UNSET, /, **named: Any
    ) -> Run:
        """Set values from the current time on, and return the run itself.

        Parameters
        ----------
        settings : mapping of str to value
            A mapping by name of a variable or element; or one name and its value, ``run.set("pop[north]", 5)``; or
            keyword arguments with underscores for blanks. A number sets a constant or the current level of a stock, or
            replaces the equation of any other variable; None restores the equation. A whole array takes one number, or
            one for each element in order. Points (see `Simulator.run`) replace the points of a lookup, or give the
            variable's values over time from now on.

        Raises
        ------
        ModelError
            For unknown names, and for variables that cannot be set during a run.
        """
        if isinstance(settings, str) != (value is not _UNSET):
            raise ModelError(message("run.set_takes_mapping_names"))
        new = merged({settings: value} if isinstance(settings, str) else settings, named)
        if new:
            self._beginning.clock.check_changes([Change(self.time, new)])
            self._set(new)
            self._log.append((self.time, new))
        return self

    def _set(self, settings: Mapping[str, Any]) -> None:
        found: dict[str, Any] = {}
        for name, value in settings.items():
            found |= self._plain(name, value)
        for name, value in found.items():
            self._prepare_for(name, value)
        if self._changed():
            self._rebuild()
        for name, value in found.items():
            self._assign(name, value)
            self._note(name, value)
        self._engine.derive()
        self._observed = None

    def _plain(self, name: str, value: Any) -> dict[str, Any]:
        """Return a setting in checked form: a number, a list of numbers for a whole array, None, or points, by name."""
        key, _ = find_element(self.model, name)
        if value is None:
            return {name: None}
        if is_number(value):
            return {name: self._finite(name, value)}
        own = by_element(self.model, name, value)
        if own is not None:
            parts = element_names(self.model, key)
            if set(own) == set(parts) and all(map(is_number, own.values())):
                return {name: [self._finite(name, own[part]) for part in parts]}
            return merged(*(self._plain(part, inner) for part, inner in own.items()))
        return resolved(self.model, {name: value})

    def _finite(self, name: str, value: Any) -> float:
        number = float(value)
        if not np.isfinite(number):
            raise ModelError(
                message("run.set_finite_number_expected_2", name=name, number=number),
                file=self.model.path,
            )
        return number

    def _prepare_for(self, name: str, value: Any) -> None:
        """Check a setting, and note new points or make the variable overridable if the setting needs that."""
        key, place = find_element(self.model, name)
        variable = self.model.variables[key]
        source = self._engine.kernel.source
        if variable.kind == "lookup":
            if not isinstance(value, Points):
                raise ModelError(
                    message("run.lookup_set_points_instance", variable=variable.name),
                    file=self.model.path,
                )
            self._points[name] = value
        elif variable.kind == "stock":
            if not isinstance(value, (float, list)):
                raise ModelError(
                    message("run.stock_set_number", variable=variable.name), file=self.model.path
                )
        elif isinstance(value, Points) and value.lookup:
            self._points[name] = value
        elif key in self._shaping:
            raise ModelError(
                message("run.decides_structure_model_order", variable=variable.name),
                file=self.model.path,
            )
        elif self._has_number(key, place) and not isinstance(value, Points):
            pass
        elif self._replaced(key) and (isinstance(value, Points) or key not in source.parameters):
            # The equation was replaced at the start: by points, or by a number where the model has points.
            self._points.pop(name, None)
            number = value if isinstance(value, float) else None
            self._points[name] = value if number is None else Points((0.0,), (number,))
        elif key not in source.parameters or isinstance(value, Points):
            self._base = settable(self._base, key)
            self._follow(key, name if place is not None else "", value)
        elif value is None:
            raise ModelError(
                message("run.no_equation_go_back", variable=variable.name),
                file=self.model.path,
            )

    def _has_number(self, key: str, place: int | None) -> bool:
        """Whether this element, rather than the whole array, was set to a number at the start of the run."""
        set_then = {find_element(self.model, n) for n, v in self._begun.items() if is_number(v)}
        parameters = self._engine.kernel.source.parameters
        return place is not None and free(key) in parameters and (key, place) in set_then

    def _replaced(self, key: str) -> bool:
        """Whether a number or points replaced the equation of the whole variable, at the start of the run or later."""
        if self.model.variables[key].kind in ("constant", "stock", "lookup"):
            return False
        whole = [n for n in (*self._begun, *self._points) if not n.startswith("⟨")]
        return any(find_element(self.model, n) == (key, None) for n in whole)

    def _follow(self, key: str, element: str, value: Any) -> None:
        """Make the override of a variable or element follow points over time, or, if `value` is a number, no longer."""
        whole = value_of(key)
        hidden = f"{whole}[{element.partition('[')[2]}" if element else whole
        for other in [
            o for o in self._points if o == hidden or (not element and o.startswith(whole))
        ]:
            del self._points[other]
        if isinstance(value, float) and any(o.startswith(whole) for o in self._points):
            # If other elements follow points, a number must be given as points, too.
            value = Points((0.0,), (value,))
        if isinstance(value, Points):
            self._points[hidden] = value

    def _rebuild(self) -> None:
        """Continue the run with a new kernel, after equations or points have changed."""
        old = self._engine
        memory = old.memory()
        self._done_engines.append(old)
        new = self._engine = self._new_engine()
        here, there = old.kernel.source, new.kernel.source
        for name, place in there.parameters.items():
            size = there.sizes[name]
            if name in here.parameters and here.sizes[name] == size:
                first = here.parameters[name]
                for i in range(size):
                    new.p[place + i] = old.p[first + i]
        for name, value in (*self._begun.items(), *self._since):
            key = find_element(self.model, name)[0]
            if hand_of(key) in there.parameters and hand_of(key) not in here.parameters:
                self._assign(name, value)
        new.take_over(memory, self.at)

    def _assign(self, name: str, value: Any) -> None:
        """Write numbers into the engine's vectors of parameters and stocks."""
        key, place = find_element(self.model, name)
        engine, source = self._engine, self._engine.kernel.source
        if key in source.states:
            self._fill(engine.y, source.states[key], source.sizes[key], place, value)
        elif hand_of(key) in source.parameters or value_of(key) in source.observed:
            size = source.sizes[key]
            self._fill(
                engine.p, source.parameters[hand_of(key)], size, place, float(value is not None)
            )
            if isinstance(value, (float, list)):
                at = source.parameters.get(value_of(key))
                if at is not None:
                    self._fill(engine.p, at, size, place, value)
        elif place is not None and free(key) in source.parameters:
            self._fill(engine.p, source.parameters[free(key)], source.sizes[key], place, value)
        elif isinstance(value, (float, list)) and key in source.parameters:
            self._fill(engine.p, source.parameters[key], source.sizes[key], place, value)

    @staticmethod
    def _fill(vector: Any, first: int, size: int, place: int | None, value: Any) -> None:
        for i in range(size) if place is None else (place,):
            vector[first + i] = value[i] if isinstance(value, list) else value

    def _note(self, name: str, value: Any) -> None:
        """Record a setting for saved states.

        Settings of stocks are left out, because a state contains the levels anyway.
        """
        key, place = find_element(self.model, name)
        if self.model.variables[key].kind == "stock":
            return
        self._since = [
            (other, v)
            for other, v in self._since
            if (at := find_element(self.model, other))[0] != key
            or (place is not None and at[1] != place)
        ]
        self._since.append((name, value))

    # ---- results

    def rows(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the saved times so far, shape (T,), and the rows of `Simulator.names`, shape (len(names), T).

        The current time is included if it is a saved time. The rows of a resumed run begin at the time of its state.
        """
        every, engines = self.grid.every, [*self._done_engines, self._engine]
        begin = -(-engines[0].first // every)
        end = -(-self.at // every)
        count = self._beginning.rows
        blocks = []
        for engine, following in zip(engines, [*engines[1:], None], strict=True):
            first = -(-engine.first // every)
            last = end if following is None else -(-following.first // every)
            blocks.append(engine.results(first, last))
        rows = np.concatenate([*blocks, self._present(count)], axis=1)
        steps = np.append(np.arange(begin, end) * every, self.at)
        kept = np.isin(steps, self.grid.kept)
        return self.grid.at(steps[kept]), rows[:, kept]

    def _present(self, count: int) -> np.ndarray:
        column = np.empty((count, 1))
        for key, (first, size) in self._beginning.spans.items():
            column[first : first + size, 0] = self._values(key)
        return column

    def dataset(self, variables: Sequence[str] | None = None) -> xr.Dataset:
        """Return the trajectories so far, as `Simulator.dataset` does.

        Parameters
        ----------
        variables : sequence of str, optional
            Names to keep; all by default.
        """
        from sdcluster.run.dataset import make_dataset

        times, rows = self.rows()
        attributes = self._beginning.attributes(
            self._begun, self._beginning.scenario.changes, self.grid
        )
        attributes["method"] = self.method
        said = [[t, {k: self._told(v) for k, v in new.items()}] for t, new in self._log]
        attributes["set"] = json.dumps(said, ensure_ascii=False)
        undefined = self._engine.kernel.program.undefined
        spans = self._beginning.spans

        def columns(key: str) -> np.ndarray:
            first, size = spans[key]
            return rows[first : first + size].T

        return make_dataset(
            self.model, list(spans), times, columns, attributes, variables, undefined
        )

    @property
    def history(self) -> xr.Dataset:
        """The trajectories so far, as `dataset` returns them."""
        return self.dataset()

    @staticmethod
    def _told(value: Any) -> Any:
        if is_number(value):
            return float(value)
        return (
            None if value is None else "points" if isinstance(value, Points) else str(value)[:200]
        )

    # ---- saving

    @property
    def state(self) -> State:
        """The full state of the run, for `Simulator.begin`."""
        return State(
            model=self.model.name,
            model_hash=self.model.hash,
            step=self.at,
            time=self.time,
            start=self.grid.start,
            dt=self.grid.dt,
            saveper=self.grid.saveper,
            method=self.method,
            seed=self._beginning.seed,
            settings=dict(self._begun),
            since=tuple(self._since),
            applied=tuple(self._applied),
            memory=self._engine.memory(),
        )

    def save(self, path: str | Path) -> Path:
        """Write the state to a file for `Simulator.resume`; see `sdcluster.run.state`.

        The previous state file stays intact until the new one is complete.
        """
        return write_state(self.state, path)
