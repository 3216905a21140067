"""A model at a fixed time: the net flows of its stocks, and the derivatives of these flows, as functions of the stocks.

Searches for equilibria use the class `Frozen`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sdcluster.errors import ModelError, SimulationError
from sdcluster.functions.rows import random_numbers
from sdcluster.kernel.differentiate import NotSmooth
from sdcluster.kernel.kernel import Kernel
from sdcluster.messages import message, quoted
from sdcluster.model import Model
from sdcluster.model.elements import element_names, find_element, one
from sdcluster.model.expression import Call, Expression, children
from sdcluster.model.kinds import a_kind
from sdcluster.run.jacobian import stocks_of
from sdcluster.run.plan import FIXED
from sdcluster.run.simulator import Simulator

MOST_STOCKS = 500
_RANDOM = frozenset(row.name for row in random_numbers.ROWS)


class Frozen:
    """Net flows of a model at a fixed time, as functions of its stocks and, if the caller wishes, of one setting.

    Parameters
    ----------
    simulator : Simulator
        Provides the model, its scenario and options; the scenario's changes up to `time` are applied.
    moving : str
        Name of the variable or element to vary, whose equation a constant replaces; ``""`` to vary no setting.
    time : float, optional
        The time at which the model is frozen; by default the end of the run.

    Attributes
    ----------
    names, units : list of str, length n
        Names and units of the stocks and their elements. Names of stocks inside delays and smooths are in angle
        brackets.
    start, state : ndarray, shape (n,)
        Values of the stocks at the start of the run and at `time`.
    value : float
        Value of the varied setting at `time`; NaN if no setting varies.
    time : float
    bounded : ndarray of bool, shape (n,)
        True for stocks that cannot become negative.

    Raises
    ------
    ModelError
        If the model has memory besides its stocks, has no derivatives, draws random numbers, or is too large.
    """

    def __init__(self, simulator: Simulator, moving: str = "", time: float | None = None) -> None:
        model = simulator.model
        if simulator.method not in FIXED:
            simulator = Simulator(
                model, simulator.scenario, method="rk4", seed=simulator.seed, backend="python"
            )
        self._simulator = simulator
        settings = _as_constants(simulator, moving) if moving else {}
        self._moving = list(settings)
        run = simulator.begin(settings)
        engine = run._engine
        self.kernel: Kernel = engine.kernel
        _check(model, self.kernel)
        try:
            self._jacobian = self.kernel.jacobian
        except NotSmooth as reason:
            raise ModelError(
                message("run.equilibria_need_derivatives_equations", reason=reason), file=model.path
            ) from None
        self.names, self.units = stocks_of(self.kernel)
        self._places = [engine.setup.place_of(one(model, name)) for name in settings]
        self.start = np.array(engine.y, dtype=float)
        run.until(simulator.grid.stop if time is None else time)
        self.time = run.time
        self.state = np.array(run._engine.y, dtype=float)
        self._begun = np.array(engine.setup.p, dtype=float)
        self._p = np.array(run._engine.p, dtype=float)
        self._listed: list[float] = self._p.tolist()
        self._at = self.value = float(self._p[self._places[0]]) if self._places else np.nan
        self._functions = self.kernel.functions("careful")
        stocks = self.kernel.program.stocks
        self.bounded = np.zeros(len(self.names), dtype=bool)
        for key, place in self.kernel.source.states.items():
            span = slice(place, place + self.kernel.source.sizes[key])
            self.bounded[span] = key in stocks and stocks[key].non_negative

    def at(
        self, state: np.ndarray, value: float = np.nan, time: float | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the net flows, shape (n,), and their Jacobian with respect to the stocks, shape (n, n).

        Parameters
        ----------
        state : ndarray, shape (n,)
        value : float
            Value of the varied setting; with NaN, its value in the scenario at that time.
        time : float, optional
            Used instead of the time at which the model is frozen.
        """
        jacobian, n = self._jacobian, len(self.names)
        p = self._parameters(value)
        moment = self.time if time is None else time
        try:
            if jacobian.ready:
                flows, values = jacobian.matrix(moment, state.copy(), p, native=True)
            else:
                flows, values = jacobian.matrix(moment, state.tolist(), self._listed, native=False)
        except (ArithmeticError, ValueError):  # a division by zero, for example
            return np.full(n, np.nan), np.full((n, n), np.nan)
        matrix = np.zeros((n, n))
        matrix[jacobian.rows, jacobian.columns] = values
        return flows, matrix

    def course(self, value: float = np.nan, points: int = 12) -> np.ndarray:
        """Return the stocks at several times of a run, shape (points, n); fewer points if the run fails.

        Parameters
        ----------
        value : float
            Value of the varied setting from the start of the run; with NaN, the setting keeps its own value.
        points : int
            Number of points, evenly spaced over the run, including both ends.
        """
        settings = dict.fromkeys(self._moving, value) if np.isfinite(value) else {}
        found = []
        try:
            run = self._simulator.begin(settings)
            for step in np.linspace(0, run.grid.steps, points).round().astype(int).tolist():
                if step > run.at:
                    run.step(step - run.at)
                found.append(np.array(run._engine.y, dtype=float))
        except SimulationError:
            pass
        return np.array(found).reshape(len(found), len(self.names))

    def depends(self) -> np.ndarray:
        """Return a mask, shape (n, n): True if the net flow of stock i (row) can depend on stock j (column)."""
        found = np.zeros((len(self.names),) * 2, dtype=bool)
        found[self._jacobian.rows, self._jacobian.columns] = True
        return found

    def _parameters(self, value: float) -> np.ndarray:
        if self._places and np.isfinite(value) and value != self._at:
            kernel, p = self.kernel, self._p.tolist()
            for place in self._places:
                p[place] = value
            self._functions.derive(p)
            if kernel.program.initials:  # values of INITIAL() may depend on it, too
                begun = self._begun.tolist()
                for place in self._places:
                    begun[place] = value
                self._functions.derive(begun)
                self._functions.initial(begun, [0.0] * len(self.names))
                for key in kernel.program.initials:
                    place = kernel.source.kept[key]
                    span = slice(place, place + kernel.source.sizes[key])
                    p[span] = begun[span]
            self._p, self._listed, self._at = np.array(p, dtype=float), p, value
        return self._p


def _as_constants(simulator: Simulator, name: str) -> dict[str, float]:
    """Return settings that fix a variable, or each element of an array, at its value at the start of the run."""
    model = simulator.model
    key, place = find_element(model, name)
    variable = model.variables[key]
    if variable.kind in ("stock", "lookup"):
        raise ModelError(
            message(
                "run.rest_points_follow_constants",
                variable=variable.name,
                kind=a_kind(variable.kind),
            ),
            file=model.path,
        )
    every = element_names(model, key)
    wanted = every if place is None else [every[place]]
    _, rows = simulator.curves()
    first = float(rows[simulator.names.index(wanted[0]), 0])
    return dict.fromkeys(wanted, first)


def _check(model: Model, kernel: Kernel) -> None:
    """Raise an error if the net flows also depend on memory or random numbers, or the model has too many stocks."""
    for variable in kernel.model.variables.values():
        drawn = next((c for e in variable.equations for c in _draws(e.expression)), "")
        if drawn:
            raise ModelError(
                message("run.draws_random_numbers_nothing", variable=variable.name, drawn=drawn),
                file=model.path,
                line=variable.line,
                variable=variable.name,
            )
    program = kernel.program
    what = ""
    if program.devices:
        what = message("run.conveyors_queues_move_whole")
    elif program.delays:
        what = message("run.holds_way_delay_fixed", named=_named(model, program.delays))
    elif program.records:
        what = message("run.looks_back_whole_course", named=_named(model, program.records))
    elif program.memories:
        what = message("run.remembers_value_step_before", named=_named(model, program.memories))
    elif any(s.restriction for s in program.stocks.values()):
        what = message("run.stock_moves_whole_numbers")
    if what:
        raise ModelError(
            message("run.equilibria_found_models_whose", what=what),
            file=model.path,
        )
    if kernel.source.width > MOST_STOCKS:
        raise ModelError(
            message(
                "run.model_stocks_stages_delays", width=kernel.source.width, most_stocks=MOST_STOCKS
            ),
            file=model.path,
        )


def _named(model: Model, found: Mapping[str, Any]) -> str:
    """Return the quoted name of the first variable in `found`, or, if it is hidden, the words "part of an equation"."""
    key = next(iter(found))
    return (
        quoted(model.variables[key].name)
        if key in model.variables
        else message("run.part_equation")
    )


def _draws(node: Expression) -> list[str]:
    found = [node.function] if isinstance(node, Call) and node.function in _RANDOM else []
    return [*found, *(name for child in children(node) for name in _draws(child))]
