"""The state of a run as a file, so that the run can be resumed later or on another machine.

`write_state(state, path)` writes a `State` to a file, and `read_state(path)` reads it back. The file is JSON text. It
contains only names and numbers, and reading it executes nothing. The keys are::

    format      "sdcluster state", version 1
    model, model_hash, sdcluster      name of the model, SHA-256 of its file, version of sdcluster
    time, step                        simulated time, and number of steps since the start
    start, dt, saveper, method, seed  options with which the run started
    settings                          settings at the start, by name: numbers, or points {points, between, lookup}
    since                             settings made during the run and still valid: pairs of name and value
    applied                           the scenario's changes that were applied: pairs of time and settings
    memory                            for each kind (stock, value, count, …): numbers by name

Numbers that JSON lacks are the words "nan", "inf" and "-inf".
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sdcluster.errors import ModelError
from sdcluster.files import write_atomically
from sdcluster.messages import message
from sdcluster.model.points import Points
from sdcluster.run.inputs import plain
from sdcluster.run.memory import Memory

FORMAT, VERSION = "sdcluster state", 1
MAX_BYTES = 1 << 30
_NUMBERS = ("time", "start", "dt", "saveper")
_KEYS = {
    "format", "version", "sdcluster", "model", "model_hash", "time", "step", "start", "dt", "saveper", "method",
    "seed", "settings", "since", "applied", "memory",
}  # fmt: skip


@dataclass(frozen=True)
class State:
    """A run between two steps.

    Parameters
    ----------
    model, model_hash : str
        Name of the model and SHA-256 of its file.
    step : int
        Number of steps since the start.
    time, start, dt, saveper : float
    method : str
    seed : int
        Seed of the random numbers; the same seed gives the same result.
    settings : mapping
        Settings at the start of the run, by name: numbers or Points.
    since : sequence of (str, value)
        Settings made during the run that still apply, except those of stocks.
    applied : sequence of (float, mapping)
        The scenario's changes that were applied so far: pairs of time and settings.
    memory : Memory
        See `sdcluster.run.memory`.
    """

    model: str
    model_hash: str
    step: int
    time: float
    start: float
    dt: float
    saveper: float
    method: str
    seed: int
    settings: Mapping[str, Any] = field(default_factory=dict)
    since: tuple[tuple[str, Any], ...] = ()
    applied: tuple[tuple[float, Mapping[str, float]], ...] = ()
    memory: Memory = field(default_factory=dict)


def write_state(state: State, path: str | Path) -> Path:
    """Write a state to a file; another program sees either the old or the complete new file, never a partial one."""
    import sdcluster

    path = Path(path)
    content = {
        "format": FORMAT,
        "version": VERSION,
        "sdcluster": sdcluster.__version__,
        "model": state.model,
        "model_hash": state.model_hash,
        **{name: getattr(state, name) for name in _NUMBERS},
        "step": state.step,
        "method": state.method,
        "seed": state.seed,
        "settings": {name: _setting(value) for name, value in state.settings.items()},
        "since": [[name, _setting(value)] for name, value in state.since],
        "applied": [[time, dict(settings)] for time, settings in state.applied],
        "memory": {
            what: {name: [_word(v) for v in values] for name, values in own.items()}
            for what, own in state.memory.items()
        },
    }
    write_atomically(path, json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False))
    return path


def read_state(path: str | Path) -> State:
    """Read a state from a file.

    Raises
    ------
    ModelError
        If the file is not a valid state; the message says what is wrong.
    """
    path = Path(path)
    if not path.is_file():
        raise ModelError(message("run.no_such_state_sdcluster"), file=path)
    if path.stat().st_size > MAX_BYTES:
        raise ModelError(message("run.state_larger_bytes", max_bytes=MAX_BYTES), file=path)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise ModelError(message("run.file_not_saved_state"), file=path)
        if data.get("version") != VERSION:
            raise ModelError(
                message(
                    "run.state_format_version_sdcluster",
                    get=repr(data.get("version")),
                    version=VERSION,
                ),
                file=path,
            )
        missing = sorted(_KEYS - data.keys())
        if missing:
            raise ModelError(message("run.state_lacks", missing=missing[0]), file=path)
        return _state(data)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        if isinstance(error, ModelError):
            raise error if error.file else ModelError(error.sentence, file=path) from None
        raise ModelError(
            message("run.state_damaged_cannot_read", name=type(error).__name__, error=error),
            file=path,
        ) from None


def _state(data: Mapping[str, Any]) -> State:
    step = data["step"]
    if type(step) is not int or not 0 <= step < 2**53:
        raise ModelError(message("run.step_not_number_steps", step=repr(step)))
    numbers = {name: float(data[name]) for name in _NUMBERS}
    if not all(map(math.isfinite, numbers.values())) or not numbers["dt"] > 0:
        raise ModelError(message("run.times_state_not_finite"))
    return State(
        model=str(data["model"]),
        model_hash=str(data["model_hash"]),
        step=step,
        **numbers,
        method=str(data["method"]),
        seed=int(data["seed"]),
        settings={str(k): _value(v) for k, v in data["settings"].items()},
        since=tuple((str(name), _value(value)) for name, value in data["since"]),
        applied=tuple(
            (float(time), {str(k): float(v) for k, v in settings.items()})
            for time, settings in data["applied"]
        ),
        memory={
            str(what): {str(name): [_number(v) for v in values] for name, values in own.items()}
            for what, own in data["memory"].items()
        },
    )


def _setting(value: Any) -> Any:
    """Return a setting from its JSON form: a number, a list of numbers, None or points."""
    if value is None:
        return None
    if isinstance(value, list):
        return [_word(v) for v in value]
    return plain(value)


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        return Points.of(value["points"], str(value["between"]), lookup=bool(value["lookup"]))
    if isinstance(value, list):
        return [_number(v) for v in value]
    return None if value is None else _number(value)


def _word(value: float) -> float | str:
    return value if math.isfinite(value) else repr(value)


def _number(value: Any) -> float:
    if isinstance(value, bool) or (isinstance(value, str) and value not in ("nan", "inf", "-inf")):
        raise ModelError(message("run.stands_state_where_number", value=repr(value)))
    return float(value)
