"""The state of a laboratory as text, in the format of the front end (`frontend/src/hash.ts`).

`decoded(text)` returns a `PageState`, and the property `PageState.text` converts it back to text. The address of a
published page contains the same text after ``#``.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.words import ENGLISH, LANGUAGES

MOST_KEPT = 6
LONGEST_NAME = 80
_VALUES, _PLAN, _DRAWN, _SWITCH, _EQUATIONS = "vptse"
_KEPT, _CHARTS, _GHOST, _LANGUAGE = "kcgl"


@dataclass(frozen=True)
class Setting:
    """The settings of one run on the page.

    Parameters
    ----------
    values : mapping of str to float
        The constants that differ from the model's own, by name.
    plan : str
        The name of the scenario from which the run takes its times and changes. If empty, the run has the model's own
        times and no changes.
    name : str
        The name of a kept run; empty for the current one.
    drawn : mapping of str to mapping
        Constants that change over time, as drawn on the page: ``form`` and ``points``.
    switch : float or None
        The time at which `values` replace the policy before the switch.
    equations : mapping
        Equations that the user edited in a laboratory opened by ``sdcluster lab``.
    """

    values: Mapping[str, float] = field(default_factory=dict)
    plan: str = ""
    name: str = ""
    drawn: Mapping[str, Any] = field(default_factory=dict)
    switch: float | None = None
    equations: Mapping[str, Any] = field(default_factory=dict)

    def same(self, other: Setting) -> bool:
        """Return whether another setting gives the same run, whatever its name."""
        return replace(self, name="") == replace(other, name="")

    @property
    def row(self) -> list[Any]:
        """The run as a list, the format in which the state stores a kept run."""
        row = [self.name, dict(self.values), self.plan]
        if not (self.drawn or self.equations or self.switch is not None):
            return row
        return [*row, self.equations or 0, self.drawn or 0, self.switch]


def _kept(row: list[Any]) -> Setting:
    name, values, plan, equations, drawn, switch = [*row, 0, 0, None][:6]
    return Setting(dict(values), plan, name, drawn or {}, switch, equations or {})


@dataclass(frozen=True)
class PageState:
    """The state of a laboratory; fields that only the front end uses are preserved.

    Parameters
    ----------
    data : mapping of str to object
        The fields of the state, as in the JSON of the text.
    """

    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def now(self) -> Setting:
        """The current run."""
        get = self.data.get
        values, plan = dict(get(_VALUES, {})), get(_PLAN, "")
        return Setting(values, plan, "", get(_DRAWN, {}), get(_SWITCH), get(_EQUATIONS, {}))

    @property
    def kept(self) -> tuple[Setting, ...]:
        """The runs that the user keeps for comparison."""
        return tuple(map(_kept, self.data.get(_KEPT, ())))

    @property
    def charts(self) -> tuple[tuple[Any, ...], ...] | None:
        """The charts, or None for the default charts.

        Each chart is a tuple that begins with its lines, its kind (0: over time, 1: phase plot, 2: small multiples),
        1 for a logarithmic axis, and its index in ``lab.toml`` or None.
        """
        found = self.data.get(_CHARTS)
        return None if found is None else tuple(map(tuple, found))

    @property
    def baseline(self) -> bool:
        """Whether the page also shows the run with the model's own settings."""
        return self.data.get(_GHOST) != 0

    @property
    def language(self) -> str:
        """The language of the page."""
        language = self.data.get(_LANGUAGE)
        return language if language in LANGUAGES else ENGLISH

    def with_run(self, run: Setting) -> PageState:
        """Return the state with a new current run."""
        fields = {_VALUES: dict(run.values), _PLAN: run.plan, _DRAWN: dict(run.drawn)}
        return self._with({**fields, _SWITCH: run.switch, _EQUATIONS: dict(run.equations)})

    def with_kept(self, run: Setting) -> PageState:
        """Return the state with another kept run; if its name is already used, a number is appended.

        Raises
        ------
        ModelError
            If six runs are already kept.
        """
        if len(self.kept) >= MOST_KEPT:
            raise ModelError(message("lab.laboratory_keeps_runs_most", most_kept=MOST_KEPT))
        taken = {kept.name for kept in self.kept}
        name, number = run.name[:LONGEST_NAME], 2
        while name in taken:
            name, number = f"{run.name[: LONGEST_NAME - 5]} ({number})", number + 1
        kept = [*self.kept, replace(run, name=name)]
        return self._with({_KEPT: [one.row for one in kept]})

    def with_charts(self, charts: list[list[Any]]) -> PageState:
        """Return the state with new charts, in the form of `charts`."""
        return self._with({_CHARTS: charts})

    def in_language(self, language: str) -> PageState:
        """Return the state with another language of the page."""
        return self._with({_LANGUAGE: "" if language == ENGLISH else language})

    def _with(self, fields: Mapping[str, Any]) -> PageState:
        data = {**self.data, **fields}
        return PageState({k: v for k, v in data.items() if v not in ("", {}, None)})

    @property
    def text(self) -> str:
        """The state in the front end's format: URL-safe base64 of JSON, without padding."""
        if not self.data:
            return ""
        text = json.dumps(
            self.data, ensure_ascii=False, allow_nan=False, separators=(",", ":")
        ).encode()
        return base64.urlsafe_b64encode(text).decode().rstrip("=")


def decoded(text: str) -> PageState:
    """Parse the text of a state.

    Raises
    ------
    ModelError
        If the text isn't a valid state.
    """
    text = text.rpartition("#")[2].strip()
    if not text:
        return PageState()
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        data = json.loads(raw)
        state = PageState(data)
        readable = isinstance(data, dict) and all(
            isinstance(run.plan, str) and isinstance(run.name, str) and isinstance(run.drawn, dict)
            for run in (state.now, *state.kept)
        )
        if not readable or not all(isinstance(chart[0], list) for chart in state.charts or ()):
            raise ValueError
    except (binascii.Error, ValueError, TypeError, AttributeError, IndexError):
        raise ModelError(message("lab.not_state_laboratory_expected")) from None
    return state
