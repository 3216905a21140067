"""Comparison of a model's scenarios.

`compare` takes a `Model` and scenarios; it returns an `xarray.Dataset` with a dimension ``scenario``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdcluster.errors import ModelError, short_traceback
from sdcluster.messages import message
from sdcluster.model import Model
from sdcluster.project.scenario import Scenario, find_scenario
from sdcluster.project.scenarios_file import scenarios_beside
from sdcluster.study.run_request import loaded

if TYPE_CHECKING:
    import xarray as xr


@short_traceback
def compare(
    model: Model | str | Path,
    scenarios: Sequence[Scenario | str] | Mapping[str, Scenario | Mapping[str, Any]] | None = None,
    *,
    variables: Sequence[str] | None = None,
    method: str | None = None,
    **options: Any,
) -> xr.Dataset:
    """Run several scenarios of a model and return them in one dataset.

    Parameters
    ----------
    model : Model or path
        The model, loaded or by its path.
    scenarios : sequence of Scenario or str, or mapping of str to settings, optional
        Names in the scenarios.toml next to the model, or a mapping from names of your choice to settings, such as
        ``{"as it is": {}, "dear": {"price": 2}}``. By default all scenarios of the file.
    variables : sequence of str, optional
        The variables to keep; by default all.
    method, **options
        As in `sdcluster.simulate`.

    Returns
    -------
    xarray.Dataset
        As from `sdcluster.simulate`, with ``scenario`` as first dimension. A scenario that ends before the others has
        NaN after its end.

    Raises
    ------
    ModelError
        For an unknown scenario or variable, or if there is no scenario.
    SimulationError
        If a run fails.

    Examples
    --------
    >>> import sdcluster
    >>> runs = sdcluster.compare("my_model.mdl", {"as it is": {}, "dear": {"price": 2}})  # doctest: +SKIP
    >>> runs["population"].sel(scenario="dear") - runs["population"].sel(scenario="as it is")  # doctest: +SKIP
    """
    import pandas as pd
    import xarray as xr

    from sdcluster.run import simulate

    model = loaded(model)
    if variables is not None:
        variables = [variables] if isinstance(variables, str) else list(variables)
    chosen = _chosen(model, scenarios)
    runs = [
        simulate(model, scenario, settings=settings, method=method, variables=variables, **options)
        for scenario, settings in chosen.values()
    ]
    along = pd.Index(list(chosen), name="scenario")
    return xr.concat(runs, along, join="outer", combine_attrs="override")


def _chosen(
    model: Model,
    scenarios: Sequence[Scenario | str] | Mapping[str, Scenario | Mapping[str, Any]] | None,
) -> dict[str, tuple[Scenario | None, Mapping[str, Any] | None]]:
    """Return the scenario and the additional settings of each run, by the run's name."""
    found: dict[str, tuple[Scenario | None, Mapping[str, Any] | None]]
    if isinstance(scenarios, Mapping):
        found = {
            name: (given, None) if isinstance(given, Scenario) else (None, dict(given))
            for name, given in scenarios.items()
        }
    elif scenarios is None:
        found = {name: (one, None) for name, one in scenarios_beside(model).scenarios.items()}
    else:
        listed = [scenarios] if isinstance(scenarios, (str, Scenario)) else scenarios
        found = {one.name: (one, None) for one in (find_scenario(model, s) for s in listed)}
    if not found:
        raise ModelError(
            message("study.nothing_compare_name_scenarios"),
            file=model.path,
        )
    return found
