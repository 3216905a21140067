"""The results of running a model, for its page: runs, verdicts on behaviour, and answers to experiments.

`measure` takes a `Model` and returns a `Measured`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sdcluster.checks.checking import Checker
from sdcluster.checks.report import Row
from sdcluster.checks.tolerance import FOLDER
from sdcluster.checks.vocabulary import Assertion, Run
from sdcluster.errors import ModelError, SimulationError
from sdcluster.lint import lint
from sdcluster.lint.finding import Finding, Subject
from sdcluster.measure.measures import main_variables
from sdcluster.model import Model
from sdcluster.model.elements import one
from sdcluster.study.experiments import FILE_NAME as EXPERIMENTS
from sdcluster.study.experiments import Outcome, load_experiments, run_experiment

if TYPE_CHECKING:
    import xarray as xr

MOST_VARIABLES = 4


@dataclass
class Measured:
    """The results of running a model, for its page.

    Parameters
    ----------
    model : Model
    checker : Checker or None
        The object that ran the model's scenarios; None if the model was not run.
    why_not : str
        The reason why the model was not run.
    verdicts : list of (Assertion, Row)
        The assertions in the order of ``behaviour.toml``, each with its result.
    reality : list of Row
        The results of the reality checks in a Vensim file.
    baselines : list of Row
        The results of comparing trajectories with their baselines.
    outcomes : list of Outcome
        The results of the experiments, in the order of ``experiments.toml``.
    robustness : mapping
        For each experiment, the share of runs in which its answer holds: ``within_30`` if constants vary over 30 % of
        their ranges, ``whole`` if they vary over their whole ranges. ``runs`` is the number of runs.
    """

    model: Model
    checker: Checker | None = None
    why_not: str = ""
    verdicts: list[tuple[Assertion, Row]] = field(default_factory=list)
    reality: list[Row] = field(default_factory=list)
    baselines: list[Row] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    robustness: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @cached_property
    def findings(self) -> list[Finding]:
        """The findings of `sdcluster.lint`, without those about hidden variables.

        The findings are computed once and used for all languages of a page.
        """
        found = lint(self.model, run=self.checker is not None)
        return [f for f in found if not f.variable.startswith("⟨")]

    def run(self, scenario: str) -> xr.Dataset | None:
        """Return the trajectories of a scenario, or None if the scenario did not run."""
        if self.checker is None:
            return None
        try:
            return self.checker.runs(Run(scenario))
        except (ModelError, SimulationError):
            return None

    def told_by(self, scenarios: Sequence[str]) -> list[str]:
        """Return the names of the variables to plot for a comparison of scenarios.

        First come the variables that most assertions and experiments about these scenarios mention, then main stocks.
        """
        count: Counter[str] = Counter()
        for assertion, _ in self.verdicts:
            near = 3 if set(_named(assertion, "scenario")) & set(scenarios) else 0
            for name in _named(assertion, "variable"):
                count[self._element(name)] += near
        for outcome in self.outcomes:
            asked = outcome.experiment
            near = any(case.scenario.name in scenarios for case in asked.cases)
            count[self._element(asked.quantity.variable)] += 2 if near else 1
        stocks = {s.name for s in self.model.stocks}
        found = [name for name, n in count.most_common() if n > 0 and name]
        found += [name for name in main_variables(self.model) if name in stocks]
        return list(dict.fromkeys(found))[:MOST_VARIABLES]

    def _element(self, name: str) -> str:
        """Return the name of a variable or element as in results; an empty text if the model does not have it."""
        try:
            return self.model[name].name if name in self.model else one(self.model, name).name
        except ModelError:
            return ""


def _named(assertion: Assertion, role: str) -> list[str]:
    """Return the names of variables or scenarios that an assertion mentions, spelled as in ``behaviour.toml``.

    `role` is ``"variable"`` or ``"scenario"``.
    """
    found: list[str] = []
    for key in fields(assertion):
        if key.metadata.get("role") == role:
            value = getattr(assertion, key.name)
            found += [value] if isinstance(value, str) else list(value or ())
    return found


def measure(
    model: Model,
    *,
    run: bool = True,
    robustness: Mapping[str, Mapping[str, Any]] | None = None,
) -> Measured:
    """Run a model's scenarios, assertions and experiments, and return the results.

    Parameters
    ----------
    model : Model
    run : bool
        Whether to run the model; if False, all results that need a run are left out.
    robustness : mapping, optional
        Results of robustness runs by experiment, as in `Measured`.

    Raises
    ------
    ModelError
        If a file next to the model cannot be read.
    """
    found = Measured(model, robustness=robustness or {})
    if not run:
        return found
    subject = Subject(model)
    if subject.as_it_is is None:
        found.why_not = subject.not_run
        return found
    checker = Checker(model)
    found.checker = checker
    found.verdicts = [(one, checker.assertion(one)) for one in checker.assertions]
    found.reality = [checker.reality(one) for one in model.reality_checks]
    if (model.folder / FOLDER).is_dir():
        found.baselines = [checker.baseline(scenario) for scenario in checker.scenarios]
    if (model.folder / EXPERIMENTS).is_file():
        found.outcomes = [run_experiment(model, one) for one in load_experiments(model)]
    return found
