"""The time settings of a run. Those in the model file apply unless the scenario, an option or a setting overrides them.

`RunClock.grid` returns the `Grid` for given settings, and `RunClock.without_controls` returns those settings that do
not determine the grid.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.model import Model
from sdcluster.model.clock import Clockwork
from sdcluster.model.elements import find_element
from sdcluster.model.expression import Call
from sdcluster.project.scenario import Change, Scenario
from sdcluster.run.grid import Grid, make_grid
from sdcluster.run.inputs import is_number


class RunClock:
    """The model, scenario and options that determine the time settings of a run.

    Parameters
    ----------
    model : Model
    scenario : Scenario
        Its ``start`` and ``stop`` apply unless an option or a setting of the run overrides them.
    start, stop, dt, saveper : float or None
        Options of the caller.
    """

    def __init__(self, model: Model, scenario: Scenario, **options: float | None) -> None:
        self.model = model
        self.works = Clockwork(model)
        self.options = {k: _number(k, v) for k, v in options.items() if v is not None}
        bounds = {"start": scenario.start, "stop": scenario.stop}
        self.scenario = {k: float(v) for k, v in bounds.items() if v is not None}

    def moved_by(self, names: Iterable[str]) -> bool:
        """Whether one of the named variables or elements affects the time settings."""
        deciding = self.works.deciding
        return bool(deciding) and any(find_element(self.model, n)[0] in deciding for n in names)

    def grid(self, settings: Mapping[str, float], own: Mapping[str, float] | None = None) -> Grid:
        """Return the grid of a run.

        Parameters
        ----------
        settings : mapping of str to float
            All settings by name, including the scenario's.
        own : mapping of str to float, optional
            The settings that are not the scenario's; a start or stop time among them overrides the scenario's.

        Raises
        ------
        ModelError
            If a time setting is invalid or given as points, or if an option and a setting give different values.
        """
        values = {}
        for name, value in settings.items():
            key, element = find_element(self.model, name)
            if not is_number(value):
                if key in self.works.deciding:
                    raise ModelError(
                        message("run.sets_clock_run_needs", name=name), file=self.model.path
                    )
            elif element is None and not self.model.variables[key].dimensions:
                values[key] = float(value)
        chosen = {find_element(self.model, name)[0] for name in own or ()}
        fields = dict(self.scenario)
        for key, field in self.works.controls.items():
            if key not in values:
                continue
            if key in chosen:
                fields.pop(field, None)
            given = self.options.get(field)
            if given is not None and given != values[key]:
                name = self.model.variables[key].name
                raise ModelError(
                    message(
                        "run.set_leave_one_out",
                        name=name,
                        values=values[key],
                        field=field,
                        given=given,
                    ),
                    file=self.model.path,
                    variable=name,
                )
        set_here = (values[key] for key in self.works.controls if key in values)
        if not all(map(math.isfinite, (*fields.values(), *self.options.values(), *set_here))):
            raise ModelError(message("run.start_stop_dt_saveper"), file=self.model.path)
        return make_grid(self.model, self.works.settings(values, fields | self.options))

    def without_controls(self, settings: Mapping[str, float]) -> dict[str, float]:
        """Return the settings for the kernel, without the time settings that the kernel takes from the grid.

        The result contains the other time settings (SAVEPER, for example), also those from the scenario and the
        options.
        """
        left = {}
        given = self.scenario | self.options
        for key, field in self.works.controls.items():
            if field in given and not self._shows(key):
                left[self.model.variables[key].name] = given[field]
        for name, value in settings.items():
            key = find_element(self.model, name)[0]
            if key not in self.works.controls:
                left[name] = value
            elif not self._shows(key):
                left[self.model.variables[key].name] = value
        return left

    def _shows(self, key: str) -> bool:
        node = self.model.variables[key].equations[0].expression
        return isinstance(node, Call) and node.function == self.works.controls[key] != "saveper"

    def check_changes(self, changes: Sequence[Change]) -> None:
        """Raise an error if a variable that determines the time settings changes during the run.

        Raises
        ------
        ModelError
            If there is such a variable; the message names it.
        """
        if not changes or not self.works.deciding:
            return
        for change in changes:
            for name in change.settings:
                key = find_element(self.model, name)[0]
                if key in self.works.deciding and self.model.variables[key].kind != "stock":
                    variable = self.model.variables[key]
                    raise ModelError(
                        message("run.cannot_change_during_run_decides", variable=variable.name),
                        file=self.model.path,
                        line=variable.line,
                        variable=variable.name,
                    )


def _number(option: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ModelError(
            message("run.takes_number_not", option=option, value=repr(value))
        ) from None
