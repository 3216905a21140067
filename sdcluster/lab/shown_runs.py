"""The runs that a laboratory shows, made again in Python.

Crosses the border: a `PageState` and the names of curves in, an `xarray.Dataset` out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from sdcluster.lab.page_state import PageState, Setting
from sdcluster.model import Model
from sdcluster.model.elements import find_element
from sdcluster.project.scenario import Scenario
from sdcluster.run import Simulator

if TYPE_CHECKING:
    import xarray as xr

NOW, BASELINE = "now", "baseline"


class ShownRuns:
    """Runs of a model as the page makes them.

    Parameters
    ----------
    model : Model
    scenarios : mapping of str to Scenario
        Those that the page can run.
    settable : collection of str
        Names of constants and initial values that have a slider.
    """

    def __init__(
        self, model: Model, scenarios: Mapping[str, Scenario], settable: Collection[str]
    ) -> None:
        self.model = model
        self._scenarios = scenarios
        self._settable = settable
        self._simulators: dict[str, Simulator] = {}

    def scenario(self, run: Setting) -> Scenario:
        """Return a run as a scenario: times and changes of its plan, and the settings of the sliders."""
        base = self._scenarios.get(run.plan, Scenario()) if run.plan else Scenario()
        # What has no slider cannot be put back to the model's own value on the page.
        fixed = {n: v for n, v in base.settings.items() if not self._has_slider(n)}
        return Scenario(
            base.name,
            base.title,
            base.description,
            settings={**fixed, **run.values},
            changes=base.changes,
            start=base.start,
            stop=base.stop,
        )

    def _has_slider(self, name: str) -> bool:
        key, _ = find_element(self.model, name)
        return any(n.partition("[")[0] == self.model.variables[key].name for n in self._settable)

    def dataset(self, page: PageState, curves: Iterable[str]) -> xr.Dataset:
        """Return the variables of curves for all runs of a page, along a dimension ``run``."""
        import xarray as xr

        keys = dict.fromkeys(find_element(self.model, name)[0] for name in curves)
        variables = [self.model.variables[key].name for key in keys]
        runs = {NOW: page.now}
        for kept in page.kept:
            runs[_free(kept.name, runs)] = kept
        own = Setting(plan=page.now.plan)
        if page.baseline and not page.now.same(own):
            runs[_free(BASELINE, runs)] = own
        made = [
            self._simulator(run).dataset(dict(run.values), variables=variables)
            for run in runs.values()
        ]
        together = xr.concat(
            made, dim="run", join="outer", combine_attrs="drop_conflicts", data_vars="all"
        )
        return together.assign_coords(run=list(runs))

    def _simulator(self, run: Setting) -> Simulator:
        if run.plan not in self._simulators:
            base = self.scenario(Setting(plan=run.plan))
            self._simulators[run.plan] = Simulator(self.model, base)
        return self._simulators[run.plan]


def _free(name: str, taken: Collection[str]) -> str:
    free, number = name, 2
    while free in taken:
        free, number = f"{name} ({number})", number + 1
    return free
