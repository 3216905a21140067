"""Converts a model for the EMA workbench, which can then sample, run and analyse it.

`ema_model(model)` returns an `ema_workbench.Model`. ``pip install "sdcluster[discover]"`` installs the workbench.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from sdcluster.errors import ModelError, SimulationError, short_traceback
from sdcluster.measure.measures import Measure
from sdcluster.messages import message
from sdcluster.model import Model
from sdcluster.model.elements import limits, one
from sdcluster.project.scenario import Scenario
from sdcluster.run.simulator import Simulator
from sdcluster.study.design import names_of
from sdcluster.study.run_request import loaded, read_measures, with_settings


@dataclass
class Run:
    """The function that the workbench calls for each run; each process creates a simulator at the first call."""

    model: Model
    scenario: Scenario
    measures: Sequence[Measure]
    curves: Sequence[str]

    def __call__(self, **settings: float) -> dict[str, Any]:
        """Return the outcomes of a run with these settings."""
        from ema_workbench.util.ema_exceptions import CaseError

        simulator = self._simulator
        try:
            time, rows = simulator.curves(settings)
        except SimulationError as error:
            raise CaseError(str(error), settings) from None
        names = simulator.names
        found = {str(m): m.of_rows(names, time, rows) for m in self.measures}
        return found | {name: rows[names.index(name)] for name in self.curves}

    @cached_property
    def _simulator(self) -> Simulator:
        return Simulator(self.model, self.scenario)

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key != "_simulator"}


@short_traceback
def ema_model(
    model: Model | str | Path,
    *,
    uncertain: str | Sequence[str] = "judgements",
    levers: str | Sequence[str] = "levers",
    measures: Sequence[str] = (),
    curves: Sequence[str] = (),
    scenario: Any = None,
    settings: Mapping[str, Any] | None = None,
) -> Any:
    """Return a model for the EMA workbench.

    Parameters
    ----------
    model : Model or path
        The model, loaded or by its path.
    uncertain, levers : {"judgements", "levers", "constants"} or sequence of str
        Constants that become uncertainties and levers of the workbench model, with the ranges that they have in the
        model. A constant in both groups becomes a lever.
    measures : sequence of str
        Measures of a run that become scalar outcomes; by default the final values of all stocks.
    curves : sequence of str
        Variables that become outcomes over time.
    scenario, settings
        As for `sdcluster.simulate`.

    Returns
    -------
    ema_workbench.Model
        A model that can be pickled and sent to other processes. If the workbench uses the name of a constant for
        another column of its table of experiments, the constant's name gets a trailing underscore. A run that fails
        raises the workbench's `CaseError`, which the workbench logs.

    Raises
    ------
    ModelError
        For unknown names, constants without a range, and if the EMA workbench is not installed.

    Examples
    --------
    >>> import sdcluster
    >>> from ema_workbench import perform_experiments  # doctest: +SKIP
    >>> experiments, outcomes = perform_experiments(sdcluster.ema_model("my_model"), 1000)  # doctest: +SKIP
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about optional packages that are not installed
            import ema_workbench as ema
    except ImportError as error:
        raise ModelError(message("study.ema_model_needs_package", error=error.name)) from None
    own = loaded(model)
    chosen = [] if levers == "levers" and not own.levers else list(names_of(own, levers))
    varied = [name for name in names_of(own, uncertain) if name not in chosen]
    asked = read_measures(own, measures, otherwise=not curves)
    run = Run(
        own,
        with_settings(own, scenario, settings),
        asked,
        tuple(one(own, name).name for name in curves),
    )
    made = ema.Model(re.sub(r"\W", "", own.name) or "model", function=run)
    made.uncertainties = [_parameter(ema, own, name) for name in varied]
    made.levers = [_parameter(ema, own, name) for name in chosen]
    made.outcomes = [
        *(ema.ScalarOutcome(str(measure)) for measure in run.measures),
        *(ema.TimeSeriesOutcome(name) for name in run.curves),
    ]
    return made


def _parameter(ema: Any, model: Model, name: str) -> Any:
    columns = {kind.__name__.lower() for kind in (ema.Scenario, ema.Policy, ema.Model)}
    shown = f"{name}_" if name in columns else name
    return ema.RealParameter(shown, *limits(model, name), variable_name=[name])
