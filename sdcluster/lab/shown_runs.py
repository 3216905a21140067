"""Repeat in Python the runs that a laboratory shows.

`ShownRuns` takes a `PageState` and the names of variables, and returns an `xarray.Dataset`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sdcluster.errors import ModelError
from sdcluster.lab.drawn_changes import changed_over_time, is_switch, span_of
from sdcluster.lab.page_state import PageState, Setting
from sdcluster.messages import comma_separated, message
from sdcluster.model import Model
from sdcluster.model.elements import find_element
from sdcluster.project.scenario import Scenario
from sdcluster.run import Simulator

if TYPE_CHECKING:
    import xarray as xr

NOW, BASELINE = "now", "baseline"


class ShownRuns:
    """Repeats in Python the runs of a model that a page shows.

    Parameters
    ----------
    model : Model
    scenarios : mapping of str to Scenario
        The scenarios that the page can run.
    description : mapping
        The page's data about the model (`sdcluster.publish.laboratory_data`).
    standards : mapping of str to float
        The model's own values of all constants and initial values with a slider, by name.
    """

    def __init__(
        self,
        model: Model,
        scenarios: Mapping[str, Scenario],
        description: Mapping[str, Any],
        standards: Mapping[str, float],
    ) -> None:
        self.model = model
        self._scenarios = scenarios
        self._standards = standards
        self._times = {s["name"]: s["plan"]["times"] for s in description["scenarios"]}
        self._times[""] = description["program"]["times"]
        self._before = (description["switch"] or {}).get("settings", {})
        self._switches = {s["name"] for s in description["scenarios"] if is_switch(s, self._before)}
        self._simulators: dict[str, Simulator] = {}

    def chosen(self, scenario: Mapping[str, Any]) -> Setting:
        """Return the settings that the page has after the user chooses a scenario.

        If the scenario only changes constants at the start, the settings name no `plan`. If the scenario does the same
        as the policy switch, the settings contain the time of the switch instead of the scenario's change.
        """
        plan = scenario["plan"]
        if scenario["name"] in self._switches:
            (change,) = plan["changes"]
            values = {n: v for n, v in change["settings"].items() if v != self._standards.get(n)}
            return Setting(values, scenario["name"], switch=change["time"])
        plain = plan["times"] == self._times[""] and not plan["parameters"] and not plan["changes"]
        return Setting(scenario["settings"], "" if plain else scenario["name"])

    def scenario(self, run: Setting) -> Scenario:
        """Return a run as a scenario, with the times and changes of the run's plan and the settings of the sliders.

        Raises
        ------
        ModelError
            If the user edited equations for this run, because Python cannot repeat the run.
        """
        if run.equations:
            raise ModelError(
                message("lab.python_cannot_repeat_run") + comma_separated(run.equations)
            )
        base = self._scenarios.get(run.plan, Scenario())
        # A constant without a slider keeps the value of the scenario, because the page cannot reset it.
        fixed = {n: v for n, v in base.settings.items() if not self._has_slider(n)}
        if run.plan in self._switches:
            base = replace(base, changes=())
        settings, changes = dict(run.values), base.changes
        if run.drawn or run.switch is not None:
            span = span_of(self._times.get(run.plan, self._times[""]))
            settings, changes = changed_over_time(
                run, base, self.model, self._standards, self._before, span
            )
        return replace(base, settings={**fixed, **settings}, changes=changes)

    def _has_slider(self, name: str) -> bool:
        key, _ = find_element(self.model, name)
        variable = self.model.variables[key].name
        return any(n.partition("[")[0] == variable for n in self._standards)

    def dataset(self, page: PageState, curves: Iterable[str]) -> xr.Dataset:
        """Return the variables named in `curves` for all runs on a page, along the dimension ``run``."""
        import xarray as xr

        keys = dict.fromkeys(find_element(self.model, name)[0] for name in curves)
        variables = [self.model.variables[key].name for key in keys]
        runs = {NOW: page.now}
        for kept in page.kept:
            runs[_free(kept.name, runs)] = kept
        own = Setting(plan=page.now.plan)
        if page.baseline and not page.now.same(own):
            runs[_free(BASELINE, runs)] = own
        made = [self._run(run, variables) for run in runs.values()]
        together = xr.concat(
            made, dim="run", join="outer", combine_attrs="drop_conflicts", data_vars="all"
        )
        return together.assign_coords(run=list(runs))

    def _run(self, run: Setting, variables: list[str]) -> xr.Dataset:
        if run.drawn or run.switch is not None:
            return Simulator(self.model, self.scenario(run)).dataset(variables=variables)
        base = self.scenario(replace(run, values={}))
        if run.plan not in self._simulators:
            self._simulators[run.plan] = Simulator(self.model, base)
        return self._simulators[run.plan].dataset(dict(run.values), variables=variables)


def _free(name: str, taken: Collection[str]) -> str:
    free, number = name, 2
    while free in taken:
        free, number = f"{name} ({number})", number + 1
    return free
