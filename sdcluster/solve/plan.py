"""What one run needs: the kernel, the parameter vector, the time grid and the changes on the way.

Crosses the border: `Grid` and `Setup`; `prepare` turns names and settings into places of the kernel's vectors.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sdcluster.compile import Kernel, compile_model
from sdcluster.compile.printer import DT, EPS, START, STOP, TOL
from sdcluster.errors import ModelError
from sdcluster.model import Model
from sdcluster.scenario.scenario import Change

MAX_STEPS = 100_000_000
MAX_VALUES = 400_000_000


@dataclass(frozen=True)
class Grid:
    """The time grid of a run.

    Parameters
    ----------
    start, dt : float
        First time and step.
    steps : int
        Number of steps.
    every : int
        Steps between saved points.
    """

    start: float
    dt: float
    steps: int
    every: int

    @property
    def stop(self) -> float:
        """The last time."""
        return self.start + self.steps * self.dt

    @property
    def saved(self) -> np.ndarray:
        """The saved times, shape (T,)."""
        return self.start + self.dt * np.arange(0, self.steps + 1, self.every)

    @property
    def slack(self) -> float:
        """Times nearer than this are the same."""
        return 1e-9 * self.dt + 4 * np.spacing(max(abs(self.start), abs(self.stop)))


def make_grid(
    model: Model, start: float | None, stop: float | None, dt: float | None, saveper: float | None
) -> Grid:
    """Return the grid for a model's own time settings, as far as they are not given.

    Raises
    ------
    ModelError
        For bounds and steps that make no grid.
    """
    own = model.time
    first = own.start if start is None else float(start)
    last = own.stop if stop is None else float(stop)
    step = own.dt if dt is None else float(dt)
    period = (
        (own.saveper if dt is None else max(own.saveper, step))
        if saveper is None
        else float(saveper)
    )
    if not all(map(math.isfinite, (first, last, step, period))):
        raise ModelError("start, stop, dt and saveper must be finite numbers", file=model.path)
    if step <= 0:
        raise ModelError(f"the time step dt is {step:g}; it must be above 0", file=model.path)
    if last <= first:
        raise ModelError(
            f"the run would stop at {last:g}, not after its start at {first:g}", file=model.path
        )
    steps = (last - first) / step
    if steps > MAX_STEPS:
        raise ModelError(
            f"the run would take {steps:.3g} steps; more than {MAX_STEPS:,} are not made, use a larger dt",
            file=model.path,
        )
    return Grid(first, step, max(1, math.floor(steps + 1e-6)), max(1, round(period / step)))


@dataclass(frozen=True)
class Setup:
    """A run made ready: nothing here has a name any more.

    Parameters
    ----------
    kernel : Kernel
        The compiled model.
    p : ndarray, shape (size,)
        Parameters at the start; not yet derived.
    changes : tuple of (float, dict of int to float, dict of int to float)
        Time, new values of places in `p`, new values of states.
    """

    kernel: Kernel
    p: np.ndarray
    changes: tuple[tuple[float, dict[int, float], dict[int, float]], ...]


@lru_cache(maxsize=64)
def _kernel(key: _Identity) -> Kernel:
    return compile_model(key.model.with_values(key.replaced) if key.replaced else key.model)


class _Identity:
    """Key of the kernel cache: the content of a model and what was replaced in it."""

    def __init__(
        self, model: Model, replaced: Mapping[str, float], structural: Mapping[str, float]
    ) -> None:
        self.model = model
        self.replaced = {**replaced, **structural}
        overridden = tuple(
            (k, e.kind, e.equations)
            for k, e in model.variables.items()
            if e.kind in ("constant", "flow")
        )
        self.key = (
            model.hash,
            str(model.path),
            hash(overridden),
            tuple(replaced),
            tuple(structural.items()),
        )

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Identity) and self.key == other.key


def kernel_for(model: Model, settings: Mapping[str, float]) -> Kernel:
    """Return the kernel in which all of `settings` have a place.

    Parameters
    ----------
    model : Model
    settings : mapping of str to float
        By canonical name. Auxiliaries and flows among them become parameters.
    """
    replaced = {k: 0.0 for k in settings if model.variables[k].kind in ("flow", "auxiliary")}
    kernel = _kernel(_Identity(model, replaced, {}))
    structural = {k: settings[k] for k in sorted(kernel.program.structural & settings.keys())}
    return _kernel(_Identity(model, replaced, structural)) if structural else kernel


def checked(model: Model, settings: Mapping[str, float] | None) -> dict[str, float]:
    """Return `settings` by canonical name, with names and numbers checked.

    Raises
    ------
    ModelError
        For an unknown name, a lookup, or a value that is no finite number.
    """
    result = {}
    for name, value in (settings or {}).items():
        variable = model[name]
        if variable.kind == "lookup":
            raise ModelError(
                f'"{variable.name}" is a graphical function and cannot be set to a number',
                file=model.path,
            )
        number = float(value)
        if not math.isfinite(number):
            raise ModelError(
                f'"{variable.name}" was set to {value}; a finite number is expected',
                file=model.path,
            )
        result[variable.key] = number
    return result


def prepare(
    model: Model,
    settings: Mapping[str, float] | None,
    changes: Sequence[Change],
    grid: Grid,
    method: str,
) -> Setup:
    """Turn names into places.

    Parameters
    ----------
    model : Model
    settings : mapping of str to float
        From the start; see `sdcluster.simulate`.
    changes : sequence of Change
        Later settings, of constants and stocks.
    grid : Grid
    method : str
        Euler compares times with half a step of slack, as Vensim does.
    """
    values = checked(model, settings)
    later = [(change.time, checked(model, change.settings)) for change in changes]
    kernel = kernel_for(model, values)
    source = kernel.source
    p = np.zeros(source.size)
    p[DT], p[START], p[STOP] = grid.dt, grid.start, grid.stop
    p[EPS] = grid.slack
    p[TOL] = 0.5 * grid.dt if method == "euler" else grid.slack
    for name, place in source.parameters.items():
        p[place] = kernel.program.parameters[name]
    for place in source.initial_values.values():
        p[place] = math.nan
    for name, value in values.items():
        p[
            source.initial_values[name]
            if name in source.initial_values
            else source.parameters[name]
        ] = value
    placed = tuple(
        (time, *_places(model, kernel, new))
        for time, new in sorted(later, key=lambda item: item[0])
    )
    return Setup(kernel, p, placed)


def _places(
    model: Model, kernel: Kernel, values: Mapping[str, float]
) -> tuple[dict[int, float], dict[int, float]]:
    parameters, states = {}, {}
    for name, value in values.items():
        if name in kernel.source.states:
            states[kernel.source.states.index(name)] = value
        elif name in kernel.source.parameters and name not in kernel.program.structural:
            parameters[kernel.source.parameters[name]] = value
        else:
            raise ModelError(
                f'"{model[name].name}" cannot change during a run; only constants and stocks can',
                file=model.path,
            )
    return parameters, states
