"""Checks of the time step, made by running the model.

Crosses the border: one generator of `Finding`s for each rule. A model that cannot be run is itself a finding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from sdcluster.lint.finding import Finding, Subject, expressions
from sdcluster.model import Equation, Model, Variable
from sdcluster.model.expression import Binary, Call, Expression, Number, Reference, references, walk

STEPS_PER_DELAY = 4  # Sterman 2000, appendix A: a quarter to a tenth of the smallest time constant
TOLERANCE = 0.01  # of the largest value of a stock, when the step is halved
_DELAYS = {"smooth": 3, "smooth n": 3, "delay": 3, "delay n": 3, "trend": None, "forecast": None}


def runs(subject: Subject) -> Iterator[Finding]:
    """Yield the reason why the model cannot be run, if it cannot."""
    if subject.as_it_is is None:
        long = subject.not_run == "it would take too long"
        yield Finding(
            "does-not-run",
            "note" if long else "error",
            f"the time step was not checked by a run: {subject.not_run}"
            if long
            else f"the model does not run: {subject.not_run}",
            "compare runs of two time steps yourself"
            if long
            else "mend this first; the checks of the time step need a run",
        )


def step_too_large(subject: Subject) -> Iterator[Finding]:
    """Yield delays and stocks that are faster than the time step resolves."""
    if subject.as_it_is is None:
        return
    probes = dict(_probes(subject))
    run = subject.run(_with_probes(subject.model, probes)) if probes else None
    if run is None:
        return
    dt = subject.model.time.dt
    for name, (owner, what, _) in probes.items():
        values = np.abs(run[name].to_numpy())
        values = values[np.isfinite(values) & (values > 0)]
        fastest = float(values.min(initial=np.inf))
        if dt > fastest / STEPS_PER_DELAY * (1 + 1e-9):
            yield Finding(
                "step-too-large",
                "error" if dt > 2 * fastest else "warning",
                f'{what} of "{owner.name}" gets down to {fastest:.3g} {subject.model.time.units}'.rstrip()
                + f", but the time step is {dt:g}",
                f"set {subject.place('step')} to {_nice(fastest / STEPS_PER_DELAY)} or less",
                owner.name,
                owner.line,
            )


def _probes(subject: Subject) -> Iterator[tuple[str, tuple[Variable, str, Expression]]]:
    """Yield expressions of time constants: of delays, and of stocks that drain in proportion to themselves."""
    count = 0
    for owner in subject.model.variables.values():
        if owner.dimensions:
            continue
        for expression in expressions(owner):
            for node in walk(expression):
                if isinstance(node, Call) and node.function in _DELAYS:
                    count += 1
                    at = _DELAYS[node.function]
                    order = node.arguments[at] if at is not None else Number(1.0)
                    yield (
                        f"lint probe {count}",
                        (owner, "the delay", Binary("/", node.arguments[1], order)),
                    )
        if owner.kind == "stock":
            for flow in owner.outflows:
                drain = subject.model.variables[flow].equations[0].expression
                if owner.key in references(drain) and _proportional(drain, owner.key):
                    count += 1
                    yield f"lint probe {count}", (
                        owner, f'the time in which "{subject.model.variables[flow].name}" empties the stock',
                        Call("zidz", (Reference(owner.key), Reference(flow))),
                    )  # fmt: skip


def _proportional(node: Expression, key: str) -> bool:
    """Return whether `node` is the stock times or divided by something, so that it ends when the stock does."""
    match node:
        case Reference(name):
            return name == key
        case Binary("*", left, right):
            return _proportional(left, key) or _proportional(right, key)
        case Binary("/", left, _):
            return _proportional(left, key)
        case Call("max", (inner, Number(0.0))):
            return _proportional(inner, key)
    return False


def _with_probes(model: Model, probes: dict[str, tuple[Variable, str, Expression]]) -> Model:
    variables = dict(model.variables)
    for name, (_, _, expression) in probes.items():
        variables[name] = Variable(name, "auxiliary", (Equation(expression),))
    return replace(model, variables=MappingProxyType(variables), hash=model.hash + " with probes")


def _nice(value: float) -> str:
    """Return the next smaller power of two: such steps add up without rounding."""
    return f"{2.0 ** np.floor(np.log2(value) + 1e-9):g}"


def integration_error(subject: Subject) -> Iterator[Finding]:
    """Yield stocks whose trajectories change when the time step is halved."""
    whole = subject.as_it_is
    halved = None if whole is None else subject.run(halved=True)
    if whole is None or halved is None:
        return
    clock = subject.model.time
    for stock in subject.model.stocks:
        if stock.name not in whole:
            continue
        a, b = (run[stock.name].to_numpy() for run in (whole, halved))
        length = min(len(a), len(b))
        scale = float(np.max(np.abs(b)))
        change = float(np.max(np.abs(a[:length] - b[:length]))) / scale if scale > 0 else 0.0
        if change > TOLERANCE:
            devices = any(
                s.discrete for s in subject.model.stocks
            )  # of first order with every method
            other = "" if subject.method == "rk4" or devices else "use method rk4, or "
            yield Finding(
                "integration-error",
                "warning",
                f'the course of "{stock.name}" changes by {change:.1%} when the time step is halved '
                f"({clock.dt:g} to {clock.dt / 2:g}, {subject.method})",
                f"{other}make {subject.place('step')} smaller until it changes by less than {TOLERANCE:.0%}",
                stock.name,
                stock.line,
            )
