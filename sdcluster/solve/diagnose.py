"""Says which variable failed first, when, and with which inputs.

Crosses the border: `diagnose(setup, times, out)` gives a `SimulationError` to raise.
"""

from __future__ import annotations

import math

import numpy as np

from sdcluster.errors import SimulationError
from sdcluster.model.expression import Expression, references
from sdcluster.solve.fixed import Raw
from sdcluster.solve.plan import Setup


def diagnose(setup: Setup, times: np.ndarray, raw: Raw) -> SimulationError:
    """Return the error for the first value that is not finite.

    Parameters
    ----------
    setup : Setup
    times : ndarray, shape (T,)
    raw : Raw
        From a run that gives NaN and infinity instead of raising.
    """
    bad = np.flatnonzero(~np.isfinite(raw.out).all(axis=1))
    row = int(bad[0]) if bad.size else 0
    values = _values(setup, raw, row)
    failed = _culprit(setup, values)
    if failed in setup.kernel.program.stocks and row > 0:
        values = _values(setup, raw, row - 1) | {failed: values[failed]}
    return _error(setup, failed, values, float(times[row]))


def _values(setup: Setup, raw: Raw, row: int) -> dict[str, float]:
    """Return every variable's value in a row, by key."""
    source = setup.kernel.source
    p = next(phase for first, phase in reversed(raw.phases) if first <= row)
    values = dict(zip(source.observed, raw.out[row].tolist(), strict=True))
    for places in (source.parameters, source.fixed, source.memories):
        values |= {name: float(p[place]) for name, place in places.items()}
    return values


def _equations(setup: Setup) -> dict[str, Expression]:
    """Return what is evaluated, in the order of evaluation; stocks come last, by their net flow."""
    program = setup.kernel.program
    starts = {k: start for k, (_, start) in program.memories.items()}
    nets = {k: s.net for k, s in program.stocks.items()}
    return {**program.fixed, **program.initials, **starts, **program.dynamic, **nets}


def _culprit(setup: Setup, values: dict[str, float]) -> str:
    """Return the first variable that is not finite though its inputs are."""
    equations = _equations(setup)
    failed = [k for k in equations if not math.isfinite(values.get(k, 0.0))]
    for key in failed:
        if all(math.isfinite(values.get(r, 0.0)) for r in references(equations[key])):
            return key
    return failed[0] if failed else next(iter(equations))


def _error(setup: Setup, key: str, values: dict[str, float], time: float) -> SimulationError:
    model = setup.kernel.model
    variables = model.variables
    inputs = {
        variables[r].name if r in variables else r: values[r]
        for r in references(_equations(setup)[key])
        if r in values and r != key
    }
    value = values.get(key, math.nan)
    became = "NaN (no number)" if math.isnan(value) else "infinite"
    name = variables[key].name if key in variables else key
    line = variables[key].line if key in variables else None
    where = f"{model.path}:{line}: " if line else f"{model.path}: "
    used = ", ".join(f"{k} = {v:.6g}" for k, v in inputs.items())
    unit = f" {model.time.units}" if model.time.units else ""
    remedy = "look for a division by zero, a logarithm or root of a negative number, or a time step that is too large"
    sentence = f'{where}at time {time:.6g}{unit} "{name}" became {became}'
    sentence += f"; it uses {used}; {remedy}" if used else f"; {remedy}"
    return SimulationError(sentence, time=time, variable=name, inputs=inputs)
