"""Running a model: `simulate` for one run, `Simulator` for many runs with different settings.

Both take a `Model` (or its path), a scenario and settings; runs return arrays or an `xarray.Dataset`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sdcluster.errors import ModelError, did_you_mean, short_traceback
from sdcluster.messages import comma_separated, message
from sdcluster.model import Model
from sdcluster.model.elements import element_names, find_element, one
from sdcluster.project.scenario import Change, Scenario, find_scenario
from sdcluster.run.adaptive import Event
from sdcluster.run.array_values import split
from sdcluster.run.backend import BackendChoice
from sdcluster.run.blocks import BLOCK, Block, Method, Table, blocks_of
from sdcluster.run.grid import Grid
from sdcluster.run.inputs import is_number, merged, plain, take
from sdcluster.run.methods import METHODS
from sdcluster.run.plan import (
    FIXED,
    MAX_VALUES,
    Setup,
    checked,
    deciding_names,
    kernel_for,
    prepare,
)
from sdcluster.run.rows import Columns, kept_keys
from sdcluster.run.run_clock import RunClock
from sdcluster.run.values import Values

if TYPE_CHECKING:
    import xarray as xr

    from sdcluster.kernel import Kernel
    from sdcluster.run.repeated import Repeated
    from sdcluster.run.state import State
    from sdcluster.run.stepping import Run

MAX_SEED = 2**32 - 1


class Simulator:
    """A model prepared for many runs.

    Parameters
    ----------
    model : Model or path
        The model to run.
    scenario : str, path, Scenario or None
        A name in the ``scenarios.toml`` next to the model, the path of a Vensim changes file (``.cin``), or a
        `Scenario`.
    method : str, optional
        ``"euler"``, ``"rk2"`` or ``"rk4"`` for fixed steps; ``"dopri5"``, which is adaptive and compiled; or an
        adaptive method of scipy (`sdcluster.run.methods.METHODS`), such as ``"LSODA"``. By default the method in the
        file.
    start, stop, dt, saveper : float, optional
        Time settings, in the model's time unit, that override those of the file and the scenario.
    backend : {"auto", "python", "native"}
        ``"auto"`` starts in plain Python and switches to machine code when the compiler has finished. The compiler
        starts when the runs so far have taken half a second, when the next run is expected to take that long, or when
        `warm` is called. ``"python"`` never compiles. ``"native"`` waits for the compiler.
    rtol, atol : float
        Error bounds of the adaptive methods: a step's error is at most ``atol + rtol |x|``, on average over the stocks.
    seed : int
        Seed of random numbers, at least 0; the same seed gives the same run. A model's NOISE SEED (Vensim) is combined
        with it.
    """

    @short_traceback
    def __init__(
        self,
        model: Model | str | Path,
        scenario: str | Path | Scenario | None = None,
        *,
        method: str | None = None,
        start: float | None = None,
        stop: float | None = None,
        dt: float | None = None,
        saveper: float | None = None,
        backend: str = "auto",
        rtol: float = 1e-8,
        atol: float = 1e-10,
        seed: int = 0,
    ) -> None:
        if not isinstance(model, Model):
            from sdcluster.read import load

            model = load(model)
        self.model: Model = model
        self.scenario = find_scenario(model, scenario)
        self.method = _method(method or model.time.integration)
        self._own_method = method is not None
        self.rtol, self.atol = _tolerance("rtol", rtol), _tolerance("atol", atol)
        self.seed = whole_seed(seed)
        self._clock = RunClock(model, self.scenario, start=start, stop=stop, dt=dt, saveper=saveper)
        self.grid: Grid = self._clock.grid(self.scenario.settings)
        self.time: np.ndarray = self.grid.saved
        names: list[str] = []
        self._spans: dict[str, tuple[int, int]] = {}
        for key, variable in model.variables.items():
            if variable.kind != "lookup" and not variable.hidden:
                elements = element_names(model, key)
                self._spans[key] = (len(names), len(elements))
                names += elements
        self.names: tuple[str, ...] = tuple(names)
        self._all_columns: tuple[Kernel, Columns] | None = None
        self._check_size(self.grid)
        driven, numbers = take(model, self._merged(None))
        chosen = self._clock.without_controls(numbers)
        # Without its data files the model cannot be compiled yet; the settings of a run may replace these data.
        self._kernel = None
        if not driven.without_data:
            self._kernel = kernel_for(driven, checked(driven, chosen), self.grid)
        stages = {"euler": 1, "rk2": 2}.get(self.method, 4)
        self._backend = BackendChoice(backend, self.grid.steps * stages * len(self.names))

    @property
    def backend(self) -> str:
        """The backend of the next run: ``"python"`` or ``"native"``."""
        return self._backend.now

    @short_traceback
    def warm(self, wait: bool = False) -> None:
        """Start compiling in the background, and optionally wait until the compiler has finished.

        Without a compiler nothing happens and runs stay in plain Python, unless the backend is ``"native"``.

        Parameters
        ----------
        wait : bool
            Whether to return only when the machine code is ready.
        """
        if self._kernel is None:
            self.model.require_data()
        else:
            self._backend.warm(self._kernel, wait)

    # ---- step by step

    @short_traceback
    def begin(
        self,
        settings: Mapping[str, Any] | None = None,
        changes: Sequence[Change] | None = None,
        *,
        state: State | None = None,
    ) -> Run:
        """Begin a run that advances step by step: for games, for control by other programs, and for saving its state.

        Parameters
        ----------
        settings, changes
            As for `run`. With a state they take effect at the time of the state.
        state : State, optional
            The state to continue from, as `Run.state` returns it; by default the run begins at its start time. To
            continue from a file, use `resume`.

        Returns
        -------
        Run
            The run before its first step.

        Raises
        ------
        ModelError
            For unknown settings, a state that does not fit the model, and adaptive methods.
        """
        from sdcluster.run.beginning import Beginning
        from sdcluster.run.stepping import Run

        beginning = Beginning(
            model=self.model,
            scenario=self.scenario,
            clock=self._clock,
            grid=self.grid_of(settings),
            method=self.method,
            chosen=self._own_method,
            seed=self.seed,
            backend=self._backend,
            spans=self._spans,
            attributes=self._attributes,
        )
        return Run(beginning, settings, changes, state)

    @short_traceback
    def resume(
        self,
        path: str | Path,
        settings: Mapping[str, Any] | None = None,
        changes: Sequence[Change] | None = None,
    ) -> Run:
        """Resume a run from a saved state; constants and lookups of the model may have changed since.

        The save interval and method are those of the saved run, unless this simulator was created with others; the time
        step must be the same. Settings made before the run was saved stay in force.

        Parameters
        ----------
        path : path
            As written by `Run.save`.
        settings, changes
            As for `begin`.

        Returns
        -------
        Run
            The run at the time of the state.

        Raises
        ------
        ModelError
            For a file that is not a state, and a state that does not fit the model.
        """
        from sdcluster.run.state import read_state

        state = read_state(path)
        for name in settings or ():
            find_element(self.model, name)  # raises for a wrong name before the state is read
        try:
            return self.begin(settings, changes, state=state)
        except ModelError as error:
            if state.model_hash == self.model.hash:
                raise
            raise ModelError(
                message(
                    "run.state_comes_another_model",
                    model=state.model,
                    path=self.model.path,
                    reason=error.sentence,
                ),
                file=path,
            ) from None

    # ---- running

    @short_traceback
    def run(
        self, settings: Mapping[str, Any] | None = None, changes: Sequence[Change] | None = None
    ) -> np.ndarray:
        """Run once and return the values as a plain array; this is the fastest way to run, for example for sliders.

        Parameters
        ----------
        settings : mapping of str to float or points, optional
            Values by name, which override the scenario's. A number for a stock is its initial value; a number for any
            other variable replaces its equation. A pandas Series, a dict or a list of pairs gives the points of a
            lookup, or the values of another variable over time. A path names a table with a column of the variable's
            name. An array takes one value for all elements, or one for each element: a list in the order of the
            elements, or a mapping, Series, DataFrame or DataArray with their names (`sdcluster.run.inputs.take`).
        changes : sequence of Change, optional
            Replaces the scenario's changes.

        Returns
        -------
        ndarray, shape (len(names), T)
            Rows as in `names`, columns as in `time`; NaN where a value is missing (Vensim's ``:NA:``), and for elements
            of arrays that no equation defines.

        Raises
        ------
        ModelError
            For unknown settings, and for settings that change the times of the run (use `curves` for those).
        SimulationError
            If a variable turns into NaN or infinity.
        """
        grid = self.grid_of(settings)
        if grid != self.grid:
            raise ModelError(
                message(
                    "run.settings_move_clock_run", start=grid.start, stop=grid.stop, dt=grid.dt
                ),
                file=self.model.path,
            )
        return self.curves(settings, changes)[1]

    @short_traceback
    def curves(
        self,
        settings: Mapping[str, Any] | None = None,
        changes: Sequence[Change] | None = None,
        *,
        seed: int | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Run once and return times and rows; unlike in `run`, settings may include FINAL TIME, TIME STEP and so on.

        Parameters
        ----------
        settings, changes
            As for `run`.
        seed : int, optional
            Seed of random numbers, instead of the Simulator's.

        Returns
        -------
        times : ndarray, shape (T,)
            In the model's unit of time.
        rows : ndarray, shape (len(names), T)
            A row for each of `names`, in the units of the variables.

        Raises
        ------
        ModelError
            For settings that the model does not know.
        SimulationError
            If a variable turns into NaN or infinity.
        """
        setup, grid = self.prepared(settings, changes, seed)
        return grid.saved, self._collected(setup, grid, self._spans)

    @short_traceback
    def table(
        self,
        settings: Mapping[str, Any] | None = None,
        changes: Sequence[Change] | None = None,
        *,
        variables: Sequence[str] | None = None,
    ) -> Table:
        """Return a run as a table whose rows are computed while they are read, so results can be larger than memory.

        Parameters
        ----------
        settings, changes
            As for `run`.
        variables : sequence of str, optional
            Names to keep; all by default.

        Returns
        -------
        Table
            A column for each variable, or element of an array that an equation defines.

        Raises
        ------
        ModelError
            For settings or names that the model does not know.
        SimulationError
            During reading, if a variable becomes NaN or infinite.
        """
        setup, grid = self.prepared(settings, changes)
        spans, names = self._spans_of(variables)
        undefined = setup.kernel.program.undefined
        lacking = {
            spans[key][0] + i for key in undefined.keys() & spans.keys() for i in undefined[key]
        }
        columns = self._columns(setup, spans)
        defined = [i for i in range(len(names)) if i not in lacking]

        def blocks() -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
            for block in self._blocks(setup, grid, columns):
                values = columns.of(block.raw).T
                yield block.first, block.times, values[:, defined] if lacking else values

        return Table([names[i] for i in defined] if lacking else names, blocks())

    def _spans_of(
        self, variables: Sequence[str] | None
    ) -> tuple[Mapping[str, tuple[int, int]], Sequence[str]]:
        """Return the first row and number of rows of each requested variable, and the names of all rows.

        Raises
        ------
        ModelError
            For names that the model does not know, and for lookups.
        """
        if variables is None:
            return self._spans, self.names
        spans: dict[str, tuple[int, int]] = {}
        names: list[str] = []
        for key in kept_keys(self.model, self._spans, variables):
            if key not in spans:
                first, size = self._spans[key]
                spans[key] = len(names), size
                names += self.names[first : first + size]
        return spans, names

    def _collected(
        self, setup: Setup, grid: Grid, spans: Mapping[str, tuple[int, int]]
    ) -> np.ndarray:
        """Execute the run; return the values at the saved times, shape (rows, T), in the rows that `spans` assigns."""
        columns = self._columns(setup, spans)
        result: np.ndarray | None = None
        for block in self._blocks(setup, grid, columns):
            rows = columns.of(block.raw)
            if rows.shape[1] == len(grid.saved):
                return rows
            if result is None:
                result = np.empty((columns.count, len(grid.saved)))
            result[:, block.first : block.first + rows.shape[1]] = rows
        assert result is not None
        return result

    def _columns(self, setup: Setup, spans: Mapping[str, tuple[int, int]]) -> Columns:
        """Return the `Columns` of a result with the variables in `spans`; those for all variables are cached."""
        if spans is not self._spans:
            return Columns(setup.kernel, spans)
        if self._all_columns is None or self._all_columns[0] is not setup.kernel:
            self._all_columns = setup.kernel, Columns(setup.kernel, spans)
        return self._all_columns[1]

    def _blocks(self, setup: Setup, grid: Grid, columns: Columns) -> Iterator[Block]:
        """Execute the run, and yield the results at the saved times in blocks of about `BLOCK` values."""
        method = Method(self.method, self.rtol, self.atol)
        height = max(1, BLOCK // max(1, setup.kernel.source.columns))
        return blocks_of(setup, grid, method, self._backend, height, columns.keeping)

    @short_traceback
    def moved_by(self, names: Sequence[str]) -> bool:
        """Whether one of the named settings affects the time settings of the run."""
        return self._clock.moved_by(names)

    @property
    def controls(self) -> frozenset[str]:
        """Keys of the variables that determine the time settings of the run, such as FINAL TIME."""
        return frozenset(self._clock.works.controls)

    @short_traceback
    def repeated(self, names: Sequence[str], wanted: Sequence[str]) -> Repeated:
        """Return an object for many runs that differ in a few constants; it is several times as fast as `curves`.

        Parameters
        ----------
        names : sequence of str
            Constants, or elements of them, that differ between the runs.
        wanted : sequence of str
            Variables, or elements of them, whose rows each run returns.

        Returns
        -------
        Repeated
            ``repeated.curves(values)`` takes a number for each of `names` and returns the times, shape (T,), and the
            rows, shape (len(wanted), T).

        Raises
        ------
        ModelError
            For unknown names, arrays without an element, and `names` that are not constants.
        """
        from sdcluster.run.repeated import Repeated

        chosen = [one(self.model, name) for name in names]
        shown = [one(self.model, name) for name in wanted]
        spans, rows = self._spans_of(list(dict.fromkeys(e.variable.name for e in shown)))
        at = [rows.index(e.name) for e in shown]
        plain = (
            self.method in FIXED
            and not self._clock.moved_by(names)
            and deciding_names(self.model).isdisjoint(e.variable.key for e in chosen)
        )

        def prepare(settings: dict[str, float]) -> Setup:
            return self.prepared(settings, None)[0]

        def solve(setup: Setup) -> tuple[np.ndarray, np.ndarray]:
            return self.time, self._collected(setup, self.grid, spans)[at]

        return Repeated(self, chosen, [e.name for e in shown], (prepare, solve) if plain else None)

    @short_traceback
    def grid_of(self, settings: Mapping[str, Any] | None) -> Grid:
        """Return the time grid of a run with the given settings."""
        if settings and not isinstance(settings, Mapping):
            raise ModelError(
                message("run.settings_given_name_instance", given=repr(settings)),
                file=self.model.path,
            )
        if not settings or not self._clock.moved_by(settings):
            return self.grid
        numbers = {name: value for name, value in settings.items() if is_number(value)}
        grid = self._clock.grid({**self.scenario.settings, **settings}, numbers)
        self._check_size(grid)
        return grid

    def _check_size(self, grid: Grid) -> None:
        values = len(self.names) * (grid.steps // grid.every + 1)
        if values > MAX_VALUES:
            raise ModelError(
                message("run.run_would_keep_values", values=values), file=self.model.path
            )

    @short_traceback
    def prepared(
        self,
        settings: Mapping[str, Any] | None = None,
        changes: Sequence[Change] | None = None,
        seed: int | None = None,
    ) -> tuple[Setup, Grid]:
        """Return what a run needs: the compiled model with its parameters, and the times of the steps.

        Parameters
        ----------
        settings, changes
            As for `run`.
        seed : int, optional
            Seed of random numbers, instead of the Simulator's.

        Returns
        -------
        setup : Setup
            The compiled model with its parameters.
        grid : Grid
            The times of the steps, and which of them are saved.

        Raises
        ------
        ModelError
            For settings that the model does not know.
        """
        grid = self.grid_of(settings)
        driven, numbers = take(self.model, self._merged(settings))
        steps = self.scenario.changes if changes is None else tuple(changes)
        self._clock.check_changes(steps)
        chosen = self._clock.without_controls(numbers)
        chosen_seed = self.seed if seed is None else whole_seed(seed)
        return prepare(driven, chosen, steps, grid, self.method, chosen_seed), grid

    def _merged(self, settings: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return the scenario's settings and series over time together with `settings`, which override them."""
        return merged(self.scenario.settings, self.scenario.inputs, settings)

    @short_traceback
    def dataset(
        self,
        settings: Mapping[str, Any] | None = None,
        changes: Sequence[Change] | None = None,
        *,
        events: Sequence[Event] = (),
        times: Sequence[float] | np.ndarray | None = None,
        variables: Sequence[str] | None = None,
    ) -> xr.Dataset:
        """Run once and return the trajectories with units, documentation and provenance.

        Parameters
        ----------
        settings, changes
            As for `run`.
        events : sequence of Event
            Crossings to report in ``attrs["events"]``; scipy's methods only.
        times : sequence of float, optional
            Times for the results instead of the saved times of the grid, in any order, with or without repeats. The
            results have the same order. Adaptive methods use the solver's dense output. Methods with a fixed step
            reach a time between two steps by an additional, shorter step.
        variables : sequence of str, optional
            Names to keep; all by default.

        Returns
        -------
        xarray.Dataset
            As for `simulate`.

        Raises
        ------
        ModelError
            For settings or names that the model does not know, times outside the run, and events without an adaptive
            method.
        SimulationError
            If a variable turns into NaN or infinity.
        """
        from sdcluster.run.dataset import make_dataset

        if events and (self.method in FIXED or METHODS[self.method].compiled):
            watching = [name for name, method in METHODS.items() if not method.compiled]
            raise ModelError(
                message(
                    "run.events_need_adaptive_method",
                    watching=comma_separated(watching),
                    method=self.method,
                )
            )
        setup, grid = self.prepared(settings, changes)
        asked = None if times is None else _asked(times, grid)
        happened: Sequence[tuple[str, float]] = ()
        spans = self._spans_of(variables)[0]
        if variables is not None and asked is None and not events:
            # Only the rows of these variables are held in memory.
            rows, saved = self._collected(setup, grid, spans), grid.saved

            def values(key: str) -> np.ndarray:
                first, size = spans[key]
                return rows[first : first + size].T

        else:
            wanted = None if asked is None else np.unique(asked)
            method = Method(self.method, self.rtol, self.atol, events, wanted)
            (block,) = blocks_of(setup, grid, method, self._backend)
            saved, happened = block.times, block.raw.events
            whole = Values(block.setup, block.raw).of
            order = np.arange(len(saved))
            if wanted is not None and np.array_equal(saved, wanted):  # otherwise an event ended it
                order = np.searchsorted(saved, np.asarray(asked))
                saved = saved[order]

            def values(key: str) -> np.ndarray:
                return whole(key) if asked is None else whole(key)[order]

        attributes = self._attributes(
            self._merged(settings),
            self.scenario.changes if changes is None else changes,
            grid,
        )
        if events:
            attributes["events"] = json.dumps(
                [{"event": title, "time": t} for title, t in happened]
            )
        return make_dataset(
            self.model,
            list(self._spans),
            saved,
            values,
            attributes,
            variables,
            setup.kernel.program.undefined,
        )

    def _attributes(
        self, chosen: Mapping[str, Any], steps: Sequence[Change], grid: Grid
    ) -> dict[str, Any]:
        """Return the provenance of a run, for the attributes of its dataset."""
        kept = {k: plain(v) for k, v in split(self.model, chosen).items()}
        attributes: dict[str, Any] = {
            "scenario": self.scenario.name,
            "settings": json.dumps(kept, ensure_ascii=False),
            "changes": json.dumps([[c.time, dict(c.settings)] for c in steps], ensure_ascii=False),
            "method": self.method,
            "start": grid.start,
            "stop": grid.stop,
            "dt": grid.dt,
            "saveper": grid.saveper,
            "seed": self.seed,
        }
        if self.method not in FIXED:
            attributes |= {"rtol": self.rtol, "atol": self.atol}
        return attributes


@short_traceback
def simulate(
    model: Model | str | Path,
    scenario: str | Path | Scenario | None = None,
    *,
    settings: Mapping[str, Any] | None = None,
    method: str | None = None,
    start: float | None = None,
    stop: float | None = None,
    dt: float | None = None,
    saveper: float | None = None,
    rtol: float = 1e-8,
    atol: float = 1e-10,
    events: Sequence[Event] = (),
    times: Sequence[float] | np.ndarray | None = None,
    variables: Sequence[str] | None = None,
    backend: str = "auto",
    seed: int = 0,
) -> xr.Dataset:
    """Run a model once.

    Parameters
    ----------
    model, scenario, method, start, stop, dt, saveper, rtol, atol, backend, seed
        As for `Simulator`.
    settings, events, times, variables
        As for `Simulator.dataset`.

    Returns
    -------
    xarray.Dataset
        Dimension ``time``, and a float64 variable for each variable of the model, with ``units``, ``long_name`` (the
        name), ``description`` and ``kind``; the dataset's attributes record how to repeat the run. Arrays have their
        dimensions after ``time``. NaN is a missing value (Vensim's ``:NA:``, Stella's ``NAN``).

    Raises
    ------
    ModelError
        For a model, scenario, setting, method or name that cannot be used.
    SimulationError
        If a variable turns into NaN or infinity.

    Examples
    --------
    >>> import sdcluster
    >>> run = sdcluster.simulate("my_model", "closed", settings={"price": 0.2})  # doctest: +SKIP
    >>> float(run["population"][-1])  # doctest: +SKIP
    """
    simulator = Simulator(
        model,
        scenario,
        method=method,
        start=start,
        stop=stop,
        dt=dt,
        saveper=saveper,
        backend=backend,
        rtol=rtol,
        atol=atol,
        seed=seed,
    )
    return simulator.dataset(settings, events=events, times=times, variables=variables)


def whole_seed(seed: float) -> int:
    """Return a seed of random numbers as an int, after checking it.

    Raises
    ------
    ModelError
        If the seed is not a whole number from 0 to `MAX_SEED`.
    """
    if not (
        isinstance(seed, (int, float, np.number)) and 0 <= seed <= MAX_SEED and seed == int(seed)
    ):
        raise ModelError(message("run.seed_must_whole_number", seed=seed, max_seed=MAX_SEED))
    return int(seed)


def _tolerance(name: str, value: float) -> float:
    """Return an error tolerance after checking it; 0 is allowed."""
    if (
        isinstance(value, bool)
        or not isinstance(value, (int, float, np.number))
        or not 0 <= value < np.inf
    ):
        raise ModelError(message("run.must_number_such_e", name=name, value=repr(value)))
    return float(value)


def _asked(times: Sequence[float] | np.ndarray, grid: Grid) -> np.ndarray:
    """Return the requested sample times as an array, shape (T,), in the given order, after checking them."""
    try:
        asked = np.asarray(times, dtype=float).ravel()
    except (TypeError, ValueError):
        raise ModelError(message("run.times_must_numbers_not", times=repr(times))) from None
    if not asked.size:
        raise ModelError(message("run.no_times_given_results"))
    if not np.isfinite(asked).all():
        raise ModelError(message("run.times_must_finite_numbers"))
    outside = asked[(asked < grid.start - grid.slack) | (asked > grid.stop + grid.slack)]
    if outside.size:
        raise ModelError(
            message(
                "run.time_lies_outside_run", outside=outside[0], start=grid.start, stop=grid.stop
            )
        )
    return asked


def _method(name: str) -> str:
    known = {m.lower(): m for m in (*FIXED, *METHODS)}
    text = str(name).lower()
    if text not in known:
        hint = did_you_mean(text, known) or message(
            "run.there_are", known=comma_separated(known.values())
        )
        raise ModelError(message("run.no_integration_method", name=name, hint=hint))
    return known[text]
