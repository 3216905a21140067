"""Everything that one run needs: the kernel, the parameter vector and the changes during the run.

`prepare` returns a `Setup`, in which indices into the kernel's vectors replace the names of settings.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np

from sdcluster.errors import ModelError
from sdcluster.kernel import Kernel, compile_model
from sdcluster.kernel.layout import (
    DT,
    EPS,
    LENGTH,
    NEED,
    NOW,
    ORIGIN,
    PARTS,
    SEED,
    START,
    STOP,
    STRIDE,
    TOL,
)
from sdcluster.kernel.lower.orders import CLOCK, deciding
from sdcluster.messages import message
from sdcluster.model import Model
from sdcluster.model.elements import Element, elements, find_element, number
from sdcluster.model.names import canonical
from sdcluster.project.scenario import Change
from sdcluster.run.element_settings import free, with_elements_free, with_numbers
from sdcluster.run.grid import Grid

FIXED = ("euler", "rk2", "rk4")
MAX_VALUES = 400_000_000
MAX_SLATS = 1_000_000  # most steps in the buffer of a conveyor whose transit time exceeds the run


@dataclass(frozen=True)
class Setup:
    """A run that is ready to start, with indices into vectors instead of names.

    Parameters
    ----------
    kernel : Kernel
        The compiled model.
    p : ndarray, shape (size,), or (size, lanes) for parallel runs
        Parameters at the start, before constants that depend on other constants are computed.
    changes : tuple of (float, dict of int to float, dict of int to float)
        Each change consists of its time, the new values of parameters by index in `p`, and the new values of stocks by
        index in the state vector `y`. In parallel runs a value may also be an array, shape (lanes,).
    """

    kernel: Kernel
    p: np.ndarray
    changes: tuple[tuple[float, dict[int, Any], dict[int, Any]], ...]

    def place_of(self, element: Element) -> int:
        """Return the index in `p` of a variable or element that can be set."""
        source, key = self.kernel.source, element.variable.key
        places = source.initial_values if key in source.initial_values else source.parameters
        if key not in places:
            key = free(key)
        return places[key] + (element.place or 0)

    def widened(self, needed: int) -> Setup:
        """Return the same run with buffers of at least `needed` steps.

        A conveyor whose transit time exceeds the length of the run needs them.

        Raises
        ------
        ModelError
            If the buffers would need too much memory.
        """
        source = self.kernel.source
        if needed > MAX_SLATS or source.cells * (needed + 2) > MAX_VALUES:
            raise ModelError(
                message("run.conveyor_model_would_steps", needed=needed),
                file=self.kernel.model.path,
            )
        p = np.zeros((source.size + source.cells * (needed + 2), *self.p.shape[1:]))
        p[: source.size] = self.p[: source.size]
        p[LENGTH], p[NEED] = needed + 2, 0.0
        return Setup(self.kernel, p, self.changes)

    def values(self, p: np.ndarray, row: np.ndarray) -> dict[str, np.ndarray]:
        """Return the values of all variables at one time: the key of a variable maps to an array of its elements.

        Parameters
        ----------
        p : ndarray, shape (length of the kernel's `p`,)
        row : ndarray, shape (number of values that the kernel's ``observe`` computes,)
        """
        source = self.kernel.source
        found = {n: row[i : i + source.sizes[n]] for n, i in source.observed.items()}
        for places in (source.parameters, source.fixed, source.kept):
            found |= {n: p[i : i + source.sizes[n]] for n, i in places.items()}
        return found


class BufferTooShort(Exception):
    """Raised when a conveyor's transit time exceeds its buffer; contains the number of steps that the buffer needs."""

    def __init__(self, needed: float) -> None:
        self.needed = int(needed)
        super().__init__(f"{self.needed} steps are needed")


def check_buffers(p: Any) -> None:
    """Raise `BufferTooShort` if a run, whose parameter vector is `p`, needed longer buffers than `p` contains."""
    short = p[NEED] > p[LENGTH]
    if short.any() if isinstance(short, np.ndarray) else short:
        raise BufferTooShort(np.max(p[NEED]))


@lru_cache(maxsize=64)
def _kernel(key: _Identity) -> Kernel:
    model = key.model.with_values(dict.fromkeys(key.whole, 0.0)) if key.whole else key.model
    model = with_elements_free(model, dict(key.elements)) if key.elements else model
    return compile_model(with_numbers(model, dict(key.shaping)) if key.shaping else model)


@lru_cache(maxsize=64)
def _deciding(key: _Identity) -> frozenset[str]:
    return deciding(key.model)


def deciding_names(model: Model) -> frozenset[str]:
    """Return the keys of the variables that set the order of a delay or smooth, and so affect the compiled code."""
    return _deciding(_Identity(model))


class _Identity:
    """Key of the kernel cache: the model, the variables to be set, and the numbers that affect the compiled code."""

    def __init__(
        self,
        model: Model,
        whole: Collection[str] = (),
        elements: Mapping[str, frozenset[int]] = MappingProxyType({}),
        shaping: Mapping[str, tuple[float, ...]] = MappingProxyType({}),
    ) -> None:
        self.model = model
        self.whole = tuple(whole)
        self.elements = tuple(elements.items())
        self.shaping = tuple(shaping.items())
        self.key = (
            model.identity,
            self.whole,
            self.elements,
            self.shaping,
        )

    def __hash__(self) -> int:
        return hash((self.model.hash, self.whole, self.elements, self.shaping))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Identity) and self.key == other.key


def kernel_for(model: Model, settings: Mapping[str, Setting], grid: Grid) -> Kernel:
    """Return the compiled model for a run with given settings.

    A kernel compiled earlier for the same settings is reused.

    Parameters
    ----------
    model : Model
    settings : mapping of str to Setting
        By name. A flow, auxiliary or data variable (or an element of one) that is set becomes a parameter of the kernel
        instead of an equation. A constant that gives the order of a delay or smooth affects the compiled code.
    grid : Grid
        Grid of the run; the order of a delay may depend on its time step.
    """
    names = deciding_names(model)
    if CLOCK in names:
        clock = replace(model.time, start=grid.start, stop=grid.stop, dt=grid.dt)
        model = replace(model, time=clock)
    equations = [
        s for s in settings.values() if model.variables[s.key].kind in ("flow", "auxiliary", "data")
    ]
    whole = dict.fromkeys(s.key for s in equations if s.element is None)
    parts: dict[str, frozenset[int]] = {}
    for s in equations:
        if s.element is not None and s.key not in whole:
            model.check_free(model.variables[s.key])
            parts[s.key] = parts.get(s.key, frozenset()) | {s.element}
    shaping = _shaping(model, [s for s in settings.values() if s.key in names], parts)
    return _kernel(_Identity(model, whole, parts, shaping))


def _shaping(
    model: Model, settings: Sequence[Setting], parts: Collection[str]
) -> dict[str, tuple[float, ...]]:
    """Return the values of those settings that affect the compiled code, by the variable's key.

    If only some elements of a variable are set, `parts` contains the variable; its key is then that of the hidden array
    which contains the values of its elements (`sdcluster.run.element_settings.free`).
    """
    found: dict[str, list[float]] = {}
    for setting in settings:
        variable = model.variables[setting.key]
        key = free(setting.key) if setting.key in parts else setting.key
        places = elements(model, variable)
        if key not in found:
            constant = variable.kind == "constant"
            found[key] = [number(model, e) if constant else 0.0 for e in places]
        if setting.element is None:
            found[key] = [setting.value] * len(places)
        elif variable.kind == "stock":
            raise ModelError(
                message("run.order_delay_smooth_follows", variable=variable.name),
                file=model.path,
            )
        else:
            found[key][setting.element] = setting.value
    return {key: tuple(values) for key, values in found.items()}


@dataclass(frozen=True)
class Setting:
    """A number for a variable, or for one element of an array.

    Parameters
    ----------
    key : str
        Canonical name of the variable.
    value : float
    element : int or None
        Flat position of the element; None sets all elements.
    """

    key: str
    value: float
    element: int | None = None


def checked(model: Model, settings: Mapping[str, float] | None) -> dict[str, Setting]:
    """Check the names and numbers in `settings`, and return the settings by canonical name.

    Parameters
    ----------
    model : Model
    settings : mapping of str to float
        Names of variables, or of elements as in ``"sales[north, cars]"``.

    Raises
    ------
    ModelError
        For an unknown name, a lookup, or a value that is not a finite number.
    """
    result = {}
    for name, value in (settings or {}).items():
        key, element = find_element(model, name)
        variable = model.variables[key]
        if variable.kind == "lookup":
            raise ModelError(
                message("run.graphical_function_cannot_set", variable=variable.name),
                file=model.path,
            )
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = math.nan
        if not math.isfinite(number):
            raise ModelError(
                message("run.set_finite_number_expected", variable=variable.name, value=value),
                file=model.path,
            )
        result[canonical(name)] = Setting(key, number, element)
    return result


def _clock() -> float:
    """Return the system time in seconds since 1970, or ``SOURCE_DATE_EPOCH`` if that is set."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH", "").strip()
    if fixed.isascii() and fixed.isdigit() and len(fixed) < 12:
        return float(fixed)
    return time.time()


def prepare(
    model: Model,
    settings: Mapping[str, float] | None,
    changes: Sequence[Change],
    grid: Grid,
    method: str,
    seed: int = 0,
) -> Setup:
    """Return a `Setup` for a run with the given settings and changes.

    Parameters
    ----------
    model : Model
    settings : mapping of str to float
        Settings from the start; see `sdcluster.simulate`.
    changes : sequence of Change
        Settings of constants and stocks that apply from a later time.
    grid : Grid
    method : str
        With fixed-step methods, test inputs compare their times with the middle of each step, as Vensim does.
    seed : int
        Seed of random numbers.

    Raises
    ------
    ModelError
        For unknown settings, or delays that need too much memory.
    """
    values = checked(model, settings)
    later = [(change.time, checked(model, change.settings)) for change in changes]
    kernel = kernel_for(model, values, grid)
    source = kernel.source
    buffer = grid.steps + 2 if source.cells else 1
    if source.cells * buffer > MAX_VALUES:
        raise ModelError(
            message("run.delays_fixed_length_conveyors"),
            file=model.path,
        )
    p = np.zeros(source.size + source.cells * buffer)
    p[: source.size] = kernel.untouched
    p[DT], p[START], p[STOP] = grid.dt, grid.start, grid.stop
    p[ORIGIN], p[STRIDE], p[PARTS] = grid.fractions
    p[EPS], p[SEED], p[LENGTH] = grid.slack, seed, buffer
    p[NOW] = _clock()
    p[TOL] = 0.5 * grid.dt if method in FIXED else grid.slack
    for setting in values.values():
        key = setting.key
        places = source.initial_values if key in source.initial_values else source.parameters
        if setting.element is not None and key not in places:
            key = free(key)
        p[_span(places[key], source.sizes[key], setting.element)] = setting.value
    placed = tuple(
        (time, *_places(model, kernel, new))
        for time, new in sorted(later, key=lambda item: item[0])
    )
    return Setup(kernel, p, placed)


def _span(start: int, size: int, element: int | None) -> slice:
    return (
        slice(start, start + size)
        if element is None
        else slice(start + element, start + element + 1)
    )


def _places(
    model: Model, kernel: Kernel, values: Mapping[str, Setting]
) -> tuple[dict[int, float], dict[int, float]]:
    parameters: dict[int, float] = {}
    states: dict[int, float] = {}
    source = kernel.source
    shaping = deciding_names(model) if values else frozenset()
    for setting in values.values():
        key = setting.key
        if key in source.states:
            target, start = states, source.states[key]
        elif key in shaping:
            raise ModelError(
                message("run.cannot_change_during_run", name=model.variables[key].name),
                file=model.path,
            )
        elif key in source.parameters:
            target, start = parameters, source.parameters[key]
        else:
            raise ModelError(
                message("run.cannot_change_during_run_only", name=model.variables[key].name),
                file=model.path,
            )
        span = _span(start, source.sizes[key], setting.element)
        target.update(dict.fromkeys(range(span.start, span.stop), setting.value))
    return parameters, states
