"""Adaptive runs with scipy's solvers, which restart at every jump of the model, because a long step could miss a pulse.

`run_adaptive(...)` returns `Raw`; an `Event` names a variable and the level at which to report a crossing.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from sdcluster.errors import ModelError, SimulationError
from sdcluster.kernel import Kernel
from sdcluster.kernel.program import Program
from sdcluster.messages import message
from sdcluster.model import Model
from sdcluster.model.elements import find_element
from sdcluster.progress import report
from sdcluster.run.grid import Grid
from sdcluster.run.keeping import Raw, in_order
from sdcluster.run.methods import METHODS
from sdcluster.run.plan import Setup, check_buffers

MAX_EVALUATIONS = 1_000_000
REPORT_EVERY = 100  # evaluations


@dataclass(frozen=True)
class Event:
    """The crossing of a level by a variable. A run reports the times of all crossings.

    Parameters
    ----------
    variable : str
        A stock, flow or auxiliary.
    level : float
        The level, in the variable's unit.
    direction : {-1, 0, 1}
        Detect downward crossings only (-1), both (0), or upward only (1).
    terminal : bool
        Whether the event ends the run.
    name : str
        Name in the results; by default a text built from `variable` and `level`.
    """

    variable: str
    level: float = 0.0
    direction: int = 0
    terminal: bool = False
    name: str = ""

    @property
    def title(self) -> str:
        """The event's name or, without a name, a text such as ``population crosses 500``."""
        return self.name or f"{self.variable} crosses {self.level:g}"


@dataclass(frozen=True)
class Segment:
    """A time interval without jumps: its bounds, scipy's interpolant of the stocks, and the parameters of the model."""

    begin: float
    end: float
    interpolant: Callable[[float], np.ndarray]
    p: Any


class Adaptive:
    """One adaptive run, integrated segment by segment: from one jump of the model to the next.

    Parameters
    ----------
    setup : Setup
    grid : Grid
        Saved times. `grid.dt` is the width of a one-step pulse, and the interval at which fixed delays, conveyors and
        other memory besides stocks are updated.
    functions : namespace
        From `Kernel.functions`.
    arrays : bool
        Whether the functions take arrays (machine code) or lists (plain Python).
    method : str
        One of `METHODS`.
    rtol, atol : float
        Error bounds for each step, as in `scipy.integrate.solve_ivp`.
    events : sequence of Event
    """

    def __init__(
        self,
        setup: Setup,
        grid: Grid,
        functions: SimpleNamespace,
        arrays: bool,
        *,
        method: str = "LSODA",
        rtol: float = 1e-8,
        atol: float = 1e-10,
        events: Sequence[Event] = (),
    ) -> None:
        self.setup, self.grid, self.functions, self.arrays = setup, grid, functions, arrays
        self.method, self.rtol, self.atol, self.events = method, rtol, atol, tuple(events)
        self.model: Model = setup.kernel.model
        source = setup.kernel.source
        self.n, self.columns = source.width, source.columns
        self.floor = floor_of(setup.kernel)
        self.watched = [self._column(event) for event in self.events]
        from sdcluster.run.sparse import exact_jacobian, sparse_options

        self.jacobian = exact_jacobian(setup.kernel, method, arrays, self.floor)
        self.implicit = {} if self.jacobian else sparse_options(setup.kernel, method)
        self.evaluations = 0
        self.happened: list[tuple[str, float]] = []
        self.stopped: float | None = None

    def _column(self, event: Event) -> int:
        observed = self.setup.kernel.source.observed
        key, element = find_element(self.model, event.variable)
        if key not in observed:
            raise ModelError(
                message("run.event_watches_never_changes", variable=event.variable),
                file=self.model.path,
            )
        return observed[key] + (element or 0)

    def make(self, array: np.ndarray) -> Any:
        """Return the values of an array in the type that `functions` take: an array or a list."""
        return np.ascontiguousarray(array) if self.arrays else array.tolist()

    def segments(self) -> list[Segment]:
        """Integrate from start to stop, and return the segments in order of time."""
        p = self.make(self.setup.p.copy())
        y = self.make(np.zeros(self.n))
        self.functions.derive(p)
        self.functions.initial(p, y)
        check_buffers(p)
        changes = list(self.setup.changes)
        done: list[Segment] = []
        begin = step_begin = self.grid.start
        step_state = y
        while begin < self.grid.stop - self.grid.slack and self.stopped is None:
            while changes and changes[0][0] <= begin + self.grid.slack:
                self._apply(changes.pop(0), p, y)
            if self._on_grid(begin):
                step_begin, step_state = begin, y
                self._decide(begin, y, p)
            end = self._next_stop(begin, p, changes)
            kept = np.array(p) if self.arrays else list(p)
            state, segment = self._integrate(begin, end, np.asarray(y, dtype=float), kept)
            done.append(segment)
            if self._on_grid(end) or not self.remembers:
                self.functions.advance(step_begin, step_state, p)
                check_buffers(p)
            y = self.make(state)
            self.functions.clamp(y)
            begin = end
        while (
            changes and changes[0][0] <= self.grid.stop + self.grid.slack and self.stopped is None
        ):
            self._apply(changes.pop(0), p, y)
        self._decide(begin, y, p)
        final = np.asarray(y, dtype=float)
        done.append(Segment(begin, math.inf, lambda t: final, p))
        return done

    @property
    def remembers(self) -> bool:
        """Whether the model has memory besides its stocks; see the function `remembers`."""
        return remembers(self.setup.kernel.program)

    def _on_grid(self, time: float) -> bool:
        """Whether a step of the grid begins at `time`.

        Other times at which a segment begins are jumps within a step.
        """
        steps = (time - self.grid.start) / self.grid.dt
        return abs(steps - round(steps)) * self.grid.dt <= 4 * self.grid.slack

    def _decide(self, time: float, y: Any, p: Any) -> None:
        if self.setup.kernel.program.devices:
            self.functions.begin(time, y, p)

    def _apply(
        self, change: tuple[float, dict[int, float], dict[int, float]], p: Any, y: Any
    ) -> None:
        _, parameters, states = change
        for place, value in parameters.items():
            p[place] = value
        self.functions.derive(p)
        for place, value in states.items():
            y[place] = value

    def _next_stop(self, begin: float, p: Any, changes: Sequence[tuple[float, Any, Any]]) -> float:
        slack = self.grid.slack
        singles, trains = self.setup.kernel.breakpoints(list(p))
        times = [self.grid.stop, *singles, *(c[0] for c in changes)]
        for start, interval, width, end in trains:
            times += _train(begin + slack, start, interval, width, end)
        if self.remembers:
            times.append(
                self.grid.start
                + self.grid.dt * (math.floor((begin - self.grid.start) / self.grid.dt + 1e-6) + 1)
            )
        return min(t for t in times if t > begin + 4 * slack or t == self.grid.stop)

    def _integrate(
        self, begin: float, end: float, y: np.ndarray, p: Any
    ) -> tuple[np.ndarray, Segment]:
        from scipy.integrate import solve_ivp

        if not self.n:
            return y, Segment(begin, end, lambda t: y, p)
        latest = end - 4 * self.grid.slack
        work = self.make(np.zeros(self.n))
        last: tuple[float, np.ndarray] = (begin, y)
        raised: BaseException | None = None

        units = self.model.time.units

        def slope(t: float, state: np.ndarray) -> Any:
            nonlocal last, raised
            self.evaluations += 1
            if self.evaluations % REPORT_EVERY == 0:
                report("running", t - self.grid.start, self.grid.stop - self.grid.start, units)
            if self.evaluations > MAX_EVALUATIONS:
                raised = endless(self.method, t)
                raise raised
            last = t, state
            try:
                self.functions.rhs(min(t, latest), self.make(state), p, work)
            except Exception as reason:
                raised = reason
                raise
            if self.floor:
                for i in self.floor:
                    if state[i] <= 0.0 and work[i] < 0.0:
                        work[i] = 0.0
            if not METHODS[self.method].retreats and not np.isfinite(work).all():
                raised = Failed(t, np.array(state), p, message("run.slope_not_finite"))
                raise raised
            return work.copy()

        if self.jacobian is not None:
            exact = self.jacobian
            self.implicit = {"jac": lambda t, state: exact.at(min(t, latest), state, p, slope)}
        watchers = [
            self._watcher(event, column, latest, p)
            for event, column in zip(self.events, self.watched, strict=True)
        ]
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                # Warnings (a step too short, a singular matrix) add nothing: scipy's result reports the failure, too.
                warnings.simplefilter("ignore")
                solution = solve_ivp(
                    slope, (begin, end), y, method=self.method, rtol=self.rtol, atol=self.atol, dense_output=True,
                    events=watchers or None, **self.implicit,
                )  # fmt: skip
        except Exception as reason:
            if raised is reason or isinstance(reason, ArithmeticError):
                raise
            # scipy itself raised: slopes are NaN or infinite, or the step is too short to change the time.
            at, state = last
            why = (
                message("run.step_too_short")
                if not METHODS[self.method].retreats
                else message("run.solver_not_finite", reason=reason)
            )
            raise Failed(float(at), np.asarray(state, dtype=float), p, why) from None
        state = solution.y[:, -1]
        if not solution.success or not np.isfinite(state).all():
            raise Failed(float(solution.t[-1]), state, p, str(solution.message))
        happened = [
            (float(t), event.title)
            for event, times in zip(self.events, solution.t_events or (), strict=False)
            for t in times
        ]
        self.happened += [(title, t) for t, title in sorted(happened)]
        if solution.status == 1:
            self.stopped = float(solution.t[-1])
        return state, Segment(begin, end, solution.sol, p)

    def _watcher(
        self, event: Event, column: int, latest: float, p: Any
    ) -> Callable[[float, np.ndarray], float]:
        row, work = self.make(np.zeros(self.columns)), self.make(np.zeros(self.n))

        def watch(t: float, state: np.ndarray) -> float:
            self.functions.observe(min(t, latest), self.make(state), p, work, row)
            return float(row[column]) - event.level

        watch.direction = event.direction  # type: ignore[attr-defined]
        watch.terminal = event.terminal  # type: ignore[attr-defined]
        return watch

    def sample(self, segments: Sequence[Segment], times: np.ndarray) -> Raw:
        """Return the values of all variables at `times`, shape (T,), which must be ascending."""
        keeping = in_order(self.setup.kernel.source)
        table = np.zeros((keeping.count, len(times)))
        work, row = self.make(np.zeros(self.n)), self.make(np.zeros(self.columns))
        phases: list[tuple[int, np.ndarray]] = []
        current = 0
        for i, t in enumerate(times):
            while current + 1 < len(segments) and t >= segments[current].end - self.grid.slack:
                current += 1
            segment = segments[current]
            if not phases or segment.p is not phases[-1][1]:
                phases.append((i, segment.p))
            state = self.make(np.asarray(segment.interpolant(max(t, segment.begin))))
            self.functions.observe(t, state, segment.p, work, row)
            table[:, i] = row
        kept = tuple((i, np.array(p)) for i, p in phases)
        return Raw(table, keeping, kept, tuple(self.happened))


class Failed(Exception):
    """Raised when the solver gives up; contains the last time, state and parameters, from which the cause is found."""

    def __init__(self, time: float, state: np.ndarray, p: Any, message: str) -> None:
        self.time, self.state, self.p, self.message = time, state, np.array(p), message
        super().__init__(message)


def endless(method: str, time: float) -> SimulationError:
    """Return the error for a run that needs more than `MAX_EVALUATIONS` evaluations of the model."""
    return SimulationError(
        message(
            "run.needed_more_evaluations_reach",
            method=method,
            max_evaluations=MAX_EVALUATIONS,
            time=time,
        ),
        time=time,
    )


def remembers(program: Program) -> bool:
    """Whether a model has memory besides its stocks, such as the content of a fixed delay or a conveyor."""
    kept = program.memories or program.delays or program.records or program.devices
    return bool(kept or any(s.restriction for s in program.stocks.values()))


def floor_of(kernel: Kernel) -> list[int]:
    """Return the indices, in the state vector, of the stocks that cannot become negative."""
    source = kernel.source
    return [
        place
        for name, stock in kernel.program.stocks.items()
        if stock.non_negative
        for place in range(source.states[name], source.states[name] + source.sizes[name])
    ]


def _train(after: float, start: float, interval: float, width: float, end: float) -> list[float]:
    """Return the next two times after `after` at which a pulse begins or ends, and the end of the train of pulses."""
    if interval <= 0 or after < start:
        return [start, start + width]
    pulse = start + interval * math.floor((after - start) / interval)
    edges = (pulse, pulse + width, pulse + interval, pulse + interval + width)
    return [*[t for t in edges if t > after][:2], end]


def run_adaptive(
    setup: Setup,
    grid: Grid,
    functions: SimpleNamespace,
    arrays: bool,
    *,
    method: str,
    rtol: float,
    atol: float,
    events: Sequence[Event] = (),
    times: np.ndarray | None = None,
) -> tuple[Raw, np.ndarray]:
    """Execute a run with one of scipy's solvers, and return the values at the requested times.

    Returns
    -------
    raw : Raw
    times : ndarray, shape (T,)
        The sampled times; fewer than requested if a terminal event ended the run.
    """
    run = Adaptive(
        setup, grid, functions, arrays, method=method, rtol=rtol, atol=atol, events=events
    )
    segments = run.segments()
    wanted = grid.saved if times is None else times
    if run.stopped is not None:
        wanted = np.append(wanted[wanted < run.stopped], run.stopped)
    return run.sample(segments, wanted), wanted
