"""Finds which variable of a failed run first became NaN or infinite, when, and from which inputs.

`diagnose(setup, times, raw)` returns a `SimulationError` to raise.
"""

from __future__ import annotations

import numpy as np

from sdcluster.errors import SimulationError
from sdcluster.functions.table import FUNCTIONS
from sdcluster.kernel.lower.components import Block
from sdcluster.messages import clauses, comma_separated, joined, message
from sdcluster.model import Model, Variable
from sdcluster.model.elements import element_names
from sdcluster.model.expression import Call, walk
from sdcluster.model.missing import NA
from sdcluster.model.resolver import Part
from sdcluster.run.adaptive import Failed
from sdcluster.run.keeping import Raw, in_order
from sdcluster.run.plan import Setup


def is_sound(setup: Setup, raw: Raw) -> bool:
    """Whether no value of a run is NaN or infinite, except where the model allows it (missing values, say)."""
    derived = setup.kernel.source.run_constants
    finite = raw.is_plain or np.isfinite(raw.table).all()
    if finite and all(np.isfinite(p[derived]).all() for _, p in raw.phases):
        return True
    return _first_fault(setup, raw) is None


def constants_fail(setup: Setup, p: np.ndarray) -> np.ndarray:
    """Return for each run whether a value computed from constants alone is NaN or infinite and must not be.

    Parameters
    ----------
    setup : Setup
    p : ndarray, shape (size, lanes)
        Parameters, including the constants that are computed from other constants.

    Returns
    -------
    ndarray of bool, shape (lanes,)
    """
    derived = setup.kernel.source.run_constants
    constants = p[derived]
    if np.isfinite(constants.sum()):  # then all constants are finite
        return np.zeros(p.shape[1], dtype=bool)
    found = ~np.isfinite(constants).all(axis=0)
    if found.any():
        source, faults = setup.kernel.source, _Faults(setup)
        places = source.parameters | source.fixed
        for lane in np.flatnonzero(found):
            values = {n: p[i : i + source.sizes[n], lane] for n, i in places.items()}
            found[lane] = bool(faults.among(_without_undefined(setup, values)))
    return found


def _first_fault(setup: Setup, raw: Raw) -> int | None:
    """Return the index of the first saved time with a NaN or infinity that the model does not allow, or None."""
    rows = {first for first, _ in raw.phases} & set(range(raw.length))
    finite = np.isfinite(raw.observed(0, setup.kernel.source.columns)).all(axis=1)
    rows |= set(np.flatnonzero(~finite).tolist())
    faults = _Faults(setup)
    return next((row for row in sorted(rows) if faults.among(_values(setup, raw, row))), None)


class _Faults:
    """Decides which values of a run are wrong: infinite or NaN values of variables that must be finite."""

    def __init__(self, setup: Setup) -> None:
        program = setup.kernel.program
        self.needs = _needs(setup)
        self.unknown = program.unknown
        self.limits = program.devices.limits
        self.missing = setup.kernel.source.may_be_missing
        self.past = program.stocks.keys() | program.memories.keys() | program.delays.keys()
        self.past |= program.initials.keys() | program.records.keys()

    def among(self, values: dict[str, np.ndarray]) -> list[str]:
        """Return the keys of the variables whose values are wrong, in the order of evaluation."""
        return [key for key in self.needs if key in values and self.fails(key, values)]

    def fails(self, key: str, values: dict[str, np.ndarray]) -> bool:
        own = values[key]
        if np.isfinite(own).all() or key in self.limits:
            return False
        if key not in self.missing or np.isinf(own).any():
            return True
        # NaN can come from a missing input; a stock may have received one at any earlier time.
        inputs = [values[r] for r in self.needs[key] if r in self.missing and r in values]
        known = key not in self.unknown and key not in self.past
        return known and not any(np.isnan(other).any() for other in inputs)


def diagnose(setup: Setup, times: np.ndarray, raw: Raw) -> SimulationError:
    """Return the error that reports the first NaN or infinity of a run that the model does not allow.

    Parameters
    ----------
    setup : Setup
    times : ndarray, shape (T,)
    raw : Raw
        Results of the run.
    """
    row = _first_fault(setup, raw) or 0
    values = _values(setup, raw, row)
    failed = _culprit(setup, values)
    if failed in setup.kernel.program.stocks and row > 0:
        values = _values(setup, raw, row - 1) | {failed: values[failed]}
    return _error(setup, failed, values, float(times[row]))


def explain(setup: Setup, failure: Failed, method: str) -> SimulationError:
    """Return the error for a run whose adaptive solver gave up.

    The error names the variable that became NaN or infinite, if there is one.
    """
    careful = setup.kernel.functions("careful")
    n, columns = setup.kernel.source.width, setup.kernel.source.columns
    row, work = [0.0] * columns, [0.0] * n
    careful.observe(failure.time, failure.state.tolist(), failure.p.tolist(), work, row)
    raw = Raw(np.array([row]).T, in_order(setup.kernel.source), ((0, failure.p),))
    if not is_sound(setup, raw):
        return diagnose(setup, np.array([failure.time]), raw)
    if not np.isfinite(work).all():
        slopes, source = np.array(work), setup.kernel.source
        bad = {n: slopes[i : i + source.sizes[n]] for n, i in source.states.items()}
        key = next(n for n, values in bad.items() if not np.isfinite(values).all())
        values = _values(setup, raw, 0) | {key: bad[key]}
        return _error(setup, key, values, failure.time, message("run.net_flow"))
    return SimulationError(
        message("run.could_not_go_time", method=method, time=failure.time, message=failure.message),
        time=failure.time,
    )


def _values(setup: Setup, raw: Raw, row: int) -> dict[str, np.ndarray]:
    """Return the values of all variables at a saved time: the variable's key maps to its flattened elements."""
    p = next(phase for first, phase in reversed(raw.phases) if first <= row)
    return _without_undefined(setup, setup.values(p, raw.at(row)))


def _without_undefined(setup: Setup, values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return `values` after setting elements without an equation to 0.

    No equation uses these elements, so they cannot be the cause of a NaN.
    """
    for name, places in setup.kernel.program.undefined.items():
        if name in values:
            values[name] = values[name].copy()
            values[name][sorted(places)] = 0.0
    return values


def _needs(setup: Setup) -> dict[str, list[str]]:
    """Return for each variable the variables in its equation (for stocks, in the net flow), in order of evaluation."""
    program = setup.kernel.program
    parts: list[Part | Block] = [*program.fixed]
    parts += [p for own in program.initials.values() for p in own]
    parts += [p for memory in program.memories.values() for p in memory.initial]
    parts += [*program.dynamic, *(p for s in program.stocks.values() for p in s.net)]
    needs: dict[str, list[str]] = {}
    for part in parts:
        needs.setdefault(part.name, []).extend(part.needs)
    return needs


def _culprit(setup: Setup, values: dict[str, np.ndarray]) -> str:
    """Return the first variable whose value is wrong although the values of its inputs are not."""
    faults = _Faults(setup)
    failed = faults.among(values)
    for key in failed:
        if not set(faults.needs[key]) & set(failed) - {key}:
            return key
    return failed[0] if failed else next(iter(faults.needs))


def _error(
    setup: Setup, key: str, values: dict[str, np.ndarray], time: float, what: str = ""
) -> SimulationError:
    model = setup.kernel.model
    own = values.get(key, np.array([np.nan]))
    place = int(np.flatnonzero(~np.isfinite(own))[0]) if not np.isfinite(own).all() else 0
    inputs = {_shown(model, r, 0, 1): float(values[r][0]) for r in _needs(setup)[key] if r in values and r != key
              and len(values[r]) == 1}  # fmt: skip
    became = message("run.nan_no_number") if np.isnan(own[place]) else message("run.infinite")
    name = _shown(model, key, place, len(own))
    variable = model.variables.get(_owner(key))
    where = f"{model.path}:{variable.line}: " if variable and variable.line else f"{model.path}: "
    used = comma_separated(f"{k} = {':NA:' if v == NA else f'{v:.6g}'}" for k, v in inputs.items())
    unit = f" {model.time.units}" if model.time.units else ""
    remedy = _stopped_by(variable) or message("run.look_division_zero_logarithm")
    sentence = message("run.time_became", time=time, unit=unit, what=what, name=name, became=became)
    end = (
        message("run.uses", used=used, remedy=remedy)
        if used
        else message("run.remedy", remedy=remedy)
    )
    return SimulationError(
        joined("", (where, sentence, end)), time=time, variable=name, inputs=inputs
    )


def _stopped_by(variable: Variable | None) -> str:
    """Return a text that says for which arguments the functions in a variable's equations are undefined."""
    if variable is None:
        return ""
    calls = [n for e in variable.equations for n in walk(e.expression) if isinstance(n, Call)]
    stops = [FUNCTIONS[call.function].stops for call in calls]
    return clauses(dict.fromkeys(say() for say in stops if say is not None))


def _owner(key: str) -> str:
    """Return the key of the user's variable to which a variable belongs.

    A hidden variable belongs to the variable whose equation created it; any other variable belongs to itself.
    """
    return key.rpartition(" in ")[2].rstrip("⟩") if key.startswith("⟨") else key


def _shown(model: Model, key: str, place: int, size: int) -> str:
    if key not in model.variables:
        owner = model.variables.get(_owner(key))
        return owner.name if owner else key
    return element_names(model, key)[place] if size > 1 else model.variables[key].name
