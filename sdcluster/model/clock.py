"""Compute INITIAL TIME, FINAL TIME, TIME STEP and SAVEPER, for a file and for runs that override them.

`time_settings(variables)` returns the settings of a file, and `Clockwork(model)` computes the settings of the runs of a
model. If these control variables depend on simulated time, they are simulated before the run, without the rest of the
model. The run then ends at the FINAL TIME that this simulation reaches, and uses the smallest TIME STEP and SAVEPER
that occur in it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from itertools import pairwise

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.model.expression import (
    Binary,
    Call,
    Expression,
    Lookup,
    Number,
    Reference,
    Table,
    Unary,
    references,
    walk,
)
from sdcluster.model.model import Equation, Model, TimeSettings, Variable

_STEP = "time step"
CONTROLS = {"initial time": "start", "final time": "stop", "time step": "dt", "saveper": ""}
FIELDS = {name: field or "saveper" for name, field in CONTROLS.items()}
MAX_STEPS = 1_000_000
MAX_DEPTH = 200

_OPERATORS: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "^": lambda a, b: float(a**b),
    "=": lambda a, b: float(a == b),
    "<>": lambda a, b: float(a != b),
    "<": lambda a, b: float(a < b),
    "<=": lambda a, b: float(a <= b),
    ">": lambda a, b: float(a > b),
    ">=": lambda a, b: float(a >= b),
    "and": lambda a, b: float(bool(a) and bool(b)),
    "or": lambda a, b: float(bool(a) or bool(b)),
}
_CALLS: dict[str, Callable[..., float]] = {
    "min": min,
    "max": max,
    "abs": abs,
    "integer": lambda a: float(math.trunc(a)),
    "modulo": math.fmod,
    "exp": math.exp,
    "ln": math.log,
    "sqrt": math.sqrt,
    "initial": lambda a: a,
    "active initial": lambda a, b: b,
}


class _Unknown(Exception):
    """Raised for a value that depends on more than time and constants, so that it cannot be computed before the run."""


def time_settings(
    variables: Mapping[str, Variable], units: str = "", method: str = "euler"
) -> TimeSettings:
    """Return the start, stop and time steps of a model, computed from its control variables.

    Parameters
    ----------
    variables : mapping of str to Variable
        All variables, including the four control variables.
    units : str
        Unit of time.
    method : str
        Integration method in the file's settings.

    Raises
    ------
    ModelError
        If a control variable is missing, cannot be computed before the run, or has an invalid value.
    """
    clock = _Clock(variables)
    start = clock.control("initial time", 0.0)
    dt = clock.control("time step", start)
    if not dt > 0:
        raise clock.fail(_STEP, message("model.time_step_must_above", dt=dt))
    stop = clock.control("final time", start)
    saveper = clock.control("saveper", start) if "saveper" in variables else dt
    if any(clock.moves(name) for name in CONTROLS if name in variables):
        stop, dt, saveper = clock.run(start)
    if not saveper >= 0:
        raise clock.fail(
            "saveper",
            message("model.saveper_must_above_time", saveper=saveper),
        )
    if stop < start:
        raise clock.fail(
            message("model.final_time"),
            message("model.final_time_before_initial", stop=stop, start=start),
        )
    formulas = tuple(
        (field, variables[name].equations[0].expression)
        for name, field in FIELDS.items()
        if name in variables
    )
    return TimeSettings(start, stop, dt, max(saveper, dt), units, method, formulas)


class Clockwork:
    """Computes the time settings of a model's runs, and knows which variables determine them.

    Parameters
    ----------
    model : Model

    Attributes
    ----------
    controls : dict of str to str
        Maps each control variable to the field of `TimeSettings` that it sets. Only Vensim files, and XMILE files
        converted from Vensim, have such variables.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        known = dict(model.time.formulas)
        self.controls = {
            name: field
            for name, field in FIELDS.items()
            if (variable := model.variables.get(name)) is not None
            and variable.kind in ("auxiliary", "constant")
            and not variable.dimensions
            and (field in known or field == "saveper" or _is_clock(variable, field))
        }

    @cached_property
    def deciding(self) -> frozenset[str]:
        """All variables that affect the time settings, including the control variables themselves."""
        seen: set[str] = set(self.controls)
        waiting = [r for _, node in self.model.time.formulas for r in references(node)]
        while waiting:
            key = waiting.pop()
            if key not in seen and key in self.model.variables:
                seen.add(key)
                for expression in self.model.variables[key].expressions:
                    waiting += references(expression)
        return frozenset(seen)

    def settings(
        self, values: Mapping[str, float], fields: Mapping[str, float] | None = None
    ) -> TimeSettings:
        """Return the time settings of a run.

        Parameters
        ----------
        values : mapping of str to float
            Values to which the run sets scalar variables, by key.
        fields : mapping of str to float, optional
            Any of ``start``, ``stop``, ``dt`` and ``saveper``; these override the control variables in `values`.

        Raises
        ------
        ModelError
            If a control variable cannot be computed before the run, or has an invalid value.
        """
        own = self.model.time
        chosen = {self.controls[key]: v for key, v in values.items() if key in self.controls}
        chosen |= fields or {}
        formulas = dict(own.formulas) | {field: Number(v) for field, v in chosen.items()}
        numbers = {"start": own.start, "stop": own.stop, "dt": own.dt, "saveper": own.saveper}
        variables = dict(self.model.variables)
        for key, value in values.items():
            if key in variables:
                variables[key] = _number(variables[key], value)
        for name, field in FIELDS.items():
            node = formulas.get(field, Number(numbers[field]))
            known = variables.get(name) or Variable(name, "auxiliary", (Equation(node),))
            variables[name] = replace(
                known, equations=(replace(known.equations[0], expression=node),)
            )
        try:
            found = time_settings(variables, own.units, own.method)
        except ModelError as error:
            raise ModelError(
                error.sentence, file=self.model.path, line=error.line, variable=error.variable
            ) from None
        return replace(found, formulas=own.formulas)


def _is_clock(variable: Variable, field: str) -> bool:
    return variable.equations[0].expression == Call(field, ())


def _number(variable: Variable, value: float) -> Variable:
    """Return a copy of the variable with a number as its equation or, for a stock, as its initial value."""
    first, number = variable.equations[0], Number(value)
    stock = variable.kind == "stock"
    equation = replace(first, initial=number) if stock else replace(first, expression=number)
    return replace(variable, equations=(equation,))


def is_fixed(variables: Mapping[str, Variable], name: str) -> bool:
    """Return whether a control variable is constant during a run."""
    return not _Clock(variables).moves(name)


class _Clock:
    def __init__(self, variables: Mapping[str, Variable]) -> None:
        self.variables = variables

    def fail(self, name: str, sentence: str) -> ModelError:
        variable = self.variables.get(name)
        return ModelError(
            sentence,
            line=variable.line if variable else None,
            variable=variable.name if variable else None,
        )

    def control(self, name: str, time: float) -> float:
        if name not in self.variables:
            raise self.fail(name, message("model.model_no_define_number", name=name.upper()))
        try:
            value = self.reference(name, time, 0)
        except (_Unknown, ArithmeticError, ValueError, RecursionError):
            value = math.nan
        if not math.isfinite(value):
            raise self.fail(
                name,
                message("model.cannot_worked_out_before", name=name.upper()),
            )
        return value

    def moves(self, name: str) -> bool:
        """Return whether a control variable depends on time or on stocks."""
        seen, waiting = set(), [name]
        while waiting:
            key = waiting.pop()
            if key in seen or key not in self.variables:
                continue
            seen.add(key)
            variable = self.variables[key]
            if variable.kind in ("stock", "data"):
                return True
            for equation in variable.equations:
                if _calls_move(equation.expression):
                    return True
                waiting += references(equation.expression)
        return False

    def run(self, start: float) -> tuple[float, float, float]:
        """Simulate the control variables; return the final time reached, and the smallest TIME STEP and SAVEPER."""
        time, steps, savepers = start, [], []
        for _ in range(MAX_STEPS):
            stop, dt = self.control("final time", time), self.control("time step", time)
            saveper = self.control("saveper", time) if "saveper" in self.variables else dt
            if time >= stop - 1e-6 * dt or not dt > 0:
                break
            steps.append(dt)
            savepers.append(saveper)
            time += dt
        else:
            sentence = message("model.after_steps_run_only", max_steps=MAX_STEPS, time=time)
            raise self.fail(_STEP, sentence)
        return time, min(steps, default=dt), min(savepers, default=saveper)

    def reference(self, name: str, time: float, depth: int) -> float:
        variable = self.variables.get(name)
        if variable is None or variable.dimensions or depth > MAX_DEPTH:
            raise _Unknown
        equation = variable.equations[0]
        start = equation.initial if variable.kind == "stock" else equation.expression
        return self.value(start or Number(0.0), time, depth + 1)

    def value(self, node: Expression, time: float, depth: int) -> float:
        match node:
            case Number(value):
                return value
            case Reference(name, _):
                return self.reference(name, time, depth)
            case Unary("-", operand):
                return -self.value(operand, time, depth)
            case Unary(_, operand):
                return float(not self.value(operand, time, depth))
            case Binary(operator, left, right):
                return _OPERATORS[operator](
                    self.value(left, time, depth), self.value(right, time, depth)
                )
            case Call("time", _):
                return time
            case Call("dt" | "start" | "stop" as which, _):
                name = next(k for k, v in CONTROLS.items() if v == which)
                return self.reference(name, time, depth)
            case Call("if", (condition, yes, no)):
                chosen = yes if self.value(condition, time, depth) else no
                return self.value(chosen, time, depth)
            case Call("step", (height, begin)):
                late = time >= self.value(begin, time, depth)
                return self.value(height, time, depth) if late else 0.0
            case Call(function, arguments) if function in _CALLS:
                return _CALLS[function](*(self.value(a, time, depth) for a in arguments))
            case Lookup(Table() as table, argument):
                return _interpolated(table, self.value(argument, time, depth))
        raise _Unknown


def _calls_move(node: Expression) -> bool:
    steady = (*_CALLS, "if", "start", "stop", "dt")
    return any(isinstance(n, Call) and n.function not in steady for n in walk(node))


def _interpolated(table: Table, at: float) -> float:
    points = list(zip(table.x, table.y, strict=True))
    if at <= points[0][0]:
        return points[0][1]
    for (x0, y0), (x1, y1) in pairwise(points):
        if at <= x1:
            return y0 + (y1 - y0) * (at - x0) / (x1 - x0) if x1 > x0 else y1
    return points[-1][1]
