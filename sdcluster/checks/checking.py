"""Checks of models: every scenario against its baseline, every assertion and reality check against the model.

`check` takes the path of a model, or of a folder of models, and returns a `Report`. `accept` writes baselines.
"""

from __future__ import annotations

import datetime
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sdcluster.checks.acceptance import (
    Acceptance,
    append_acceptance,
    latest,
    read_acceptances,
)
from sdcluster.checks.baseline import (
    Comparison,
    baseline_path,
    compare,
    read_baseline,
    thin,
    write_baseline,
)
from sdcluster.checks.behaviour import FILE_NAME as BEHAVIOUR
from sdcluster.checks.behaviour import load_behaviour
from sdcluster.checks.equations import changed_equations, equations_of
from sdcluster.checks.report import Report, Row
from sdcluster.checks.runs import Simulations
from sdcluster.checks.tolerance import FOLDER, Tolerances, load_tolerances
from sdcluster.checks.vocabulary import Assertion, Run
from sdcluster.checks.vocabulary.assertion import Finding, pick, time_label, value_label
from sdcluster.errors import ModelError, ModelWarning, SimulationError, short_traceback
from sdcluster.files import LANGUAGES, is_model_file, model_path
from sdcluster.messages import Message, clauses, comma_separated, message
from sdcluster.model import Model, RealityCheck
from sdcluster.model.elements import constants
from sdcluster.project.scenario import Scenario
from sdcluster.project.scenarios_file import Scenarios, scenarios_beside
from sdcluster.view.chart import Chart, Curve, Point
from sdcluster.words.numbers import plain

if TYPE_CHECKING:
    import xarray as xr

Progress = Callable[[str, int, int], None]
MOST_CHARTS = 9


class Checker:
    """A model with its scenarios, assertions, tolerances, and record of accepted baselines.

    Parameters
    ----------
    path : path or Model
        The model's folder or file, or the model itself.

    Raises
    ------
    ModelError
        If the model, its scenarios, assertions, tolerances or record cannot be read.
    """

    def __init__(self, path: str | Path | Model) -> None:
        from sdcluster.read import load

        self.model: Model = path if isinstance(path, Model) else load(path)
        self.folder = self.model.folder
        self.name = self.folder.resolve().name
        self.scenarios: Scenarios = scenarios_beside(self.model)
        self.tolerances: Tolerances = load_tolerances(self.folder)
        self.record = read_acceptances(self.folder)
        has_behaviour = (self.folder / BEHAVIOUR).is_file()
        self.assertions: tuple[Assertion, ...] = (
            load_behaviour(self.folder, self.model, self.scenarios) if has_behaviour else ()
        )
        self.runs = Simulations(self.model, self.scenarios)

    def baseline(self, scenario: Scenario) -> Row:
        """Run a scenario, compare the run with the scenario's baseline, and return the result."""
        row = Row(self.name, scenario.name, "baseline", "passed", "")
        try:
            path = baseline_path(self.folder, scenario.name)
            new = self.runs(Run(scenario.name))
            if not path.is_file():
                return replace(row, verdict="no baseline", sentence=self._remedy(scenario.name))
            old = read_baseline(path)
        except (ModelError, SimulationError) as error:
            return replace(row, verdict="error", sentence=error.whole)
        found = compare(old, new, self.tolerances, self._expected(old, new))
        row = replace(row, sentence=found.sentence(), because=self._because(scenario.name))
        if found.passed:
            return self._with_equations(row, scenario)
        return replace(
            row,
            verdict="failed",
            severity=found.severity,
            moved=found.moved,
            changes=self._changes(scenario),
            charts=overlays(old, new, found),
        )

    def assertion(self, assertion: Assertion) -> Row:
        """Test an assertion about the model's behaviour, and return the result."""
        row = Row(
            self.name,
            assertion.name,
            assertion.kind,
            "passed",
            "",
            source=assertion.source,
            titles=assertion.title,
        )
        return _judged(row, lambda: assertion.judge(self.runs))

    def reality(self, check: RealityCheck) -> Row:
        """Test a reality check of the model file, and return the result."""
        from sdcluster.checks.reality import judge

        row = Row(self.name, check.name, "reality check", "passed", "", source=check.doc)
        return _judged(row, lambda: judge(self.model, check))

    @property
    def wants_baselines(self) -> bool:
        """Whether to compare the scenarios with baselines, and to report each scenario without a baseline.

        False only if the model has reality checks, and its folder has neither baselines, ``behaviour.toml`` nor
        ``scenarios.toml``.
        """
        beside = (FOLDER, BEHAVIOUR, "scenarios.toml")
        return not self.model.reality_checks or any((self.folder / n).exists() for n in beside)

    def orphans(self) -> list[Row]:
        """Return a failed row for each baseline file whose scenario no longer exists."""
        folder = self.folder / FOLDER
        wanted = {baseline_path(self.folder, scenario.name).name for scenario in self.scenarios}
        found = sorted(folder.glob("*.csv")) if folder.is_dir() else []
        return [
            Row(
                self.name,
                path.stem,
                "baseline",
                "failed",
                message("checks.baseline_orphan", file=f"{FOLDER}/{path.name}"),
                severity=1.0,
            )
            for path in found
            if path.name not in wanted
        ]

    def _kept(self, run: xr.Dataset) -> list[str]:
        """Return the names of those variables and elements of a run that baselines store."""
        from sdcluster.run.elements import elements_of

        return elements_of(self.tolerances.kept(self.model), run)

    def _expected(self, old: xr.Dataset, new: xr.Dataset) -> list[str]:
        """Return the names of the variables and elements that the baseline `old` should contain.

        Flows are left out if `old` contains no flow, because earlier versions of sdcluster did not store flows.
        """
        from sdcluster.run.elements import elements_of

        kept = self._kept(new)
        if self.tolerances.variables:
            return kept
        flows = set(elements_of([flow.name for flow in self.model.flows], new))
        return kept if flows & {str(c) for c in old} else [n for n in kept if n not in flows]

    def accept(self, names: Iterable[str] | None, because: str) -> tuple[Path, ...]:
        """Write the baselines of the scenarios `names`, record the reason, and return the paths of the files.

        None stands for all scenarios.

        Raises
        ------
        ModelError
            If the baselines in the folder are those of another model file that is still there.
        """
        owner = next((entry.file for entry in reversed(self.record) if entry.file), "")
        if owner not in ("", self.model.path.name) and (self.folder / owner).is_file():
            raise ModelError(
                message("checks.baselines_of_another", file=owner), file=self.model.path
            )
        chosen = list(self.scenarios) if names is None else [self.scenarios.find(n) for n in names]
        runs = {scenario.name: self.runs(Run(scenario.name)) for scenario in chosen}
        sparse = {
            name: thin(run, self.tolerances.every, self._kept(run)) for name, run in runs.items()
        }
        paths = [baseline_path(self.folder, name) for name in sparse]
        for path, dataset in zip(paths, sparse.values(), strict=True):
            write_baseline(path, dataset)
        entry = Acceptance(
            scenarios=tuple(sparse),
            date=datetime.date.today(),
            because=because,
            model_hash=self.model.hash,
            method=self.model.time.integration,
            dt=self.model.time.dt,
            constants={element.name: number for element, number in constants(self.model)},
            settings={scenario.name: scenario.settings for scenario in chosen},
            equations=self._equations,
            file=self.model.path.name,
        )
        return (*paths, append_acceptance(self.folder, entry))

    def _remedy(self, scenario: str) -> str:
        return message("checks.baseline_missing", scenario=scenario, folder=self.folder)

    def _because(self, scenario: str) -> str:
        entry = latest(self.record, scenario)
        if entry is None:
            return ""
        return message("checks.accepted_on", date=entry.date, because=entry.because)

    @cached_property
    def _equations(self) -> dict[str, str]:
        return equations_of(self.model)

    def _with_equations(self, row: Row, scenario: Scenario) -> Row:
        """Return the row of a passed comparison; if equations have changed all the same, the row says so."""
        entry = latest(self.record, scenario.name)
        changes = () if entry is None else changed_equations(entry.equations, self._equations)
        if not changes:
            return row
        said = clauses((row.sentence, message("checks.equations_changed_curves_not")))
        return replace(row, sentence=said, changes=changes)

    def _changes(self, scenario: Scenario) -> tuple[str, ...]:
        entry = latest(self.record, scenario.name)
        if entry is None:
            return ()
        known = {element.name: number for element, number in constants(self.model)}
        said = entry.changes(known, scenario.name, scenario.settings)
        said = (*said, *changed_equations(entry.equations, self._equations))
        if entry.dt != self.model.time.dt:
            said = (*said, f"dt {entry.dt:g} → {self.model.time.dt:g}")
        if not said and entry.model_hash != self.model.hash:
            said = (message("checks.model_edited"),)
        return said


@short_traceback
def check(
    path: str | Path,
    scenarios: Iterable[str] | None = None,
    *,
    baseline: str | Path | None = None,
    settings: Mapping[str, Any] | None = None,
    method: str | None = None,
    progress: Progress | None = None,
) -> Report:
    """Check models: the baseline of every scenario, all assertions, and the reality checks of the model file.

    If `baseline` is given, the only check is a comparison of one model with the run in this file.

    Parameters
    ----------
    path : path
        A model's folder or file, or a folder of such folders.
    scenarios : iterable of str, optional
        Names of scenarios. If given, only their baselines are checked, without assertions and reality checks. With
        `baseline`, the name of the one scenario to run.
    baseline : path, optional
        A stored run, for example of another program: ``.vdf`` of Vensim, ``.dat``, ``.tab``, ``.csv`` or ``.nc``.
    settings, method
        Settings and method of the run, as for `simulate`; only with `baseline`.
    progress : callable, optional
        Called before each check as ``progress(what, done, total)``: the name of the check, how many checks are done,
        and how many there are.

    Returns
    -------
    Report
        A model that cannot be read becomes a row of the report; the other models are still checked.

    Raises
    ------
    ModelError
        If there is no model at `path`, or a scenario named in `scenarios` does not exist.
    """
    if baseline is not None:
        from sdcluster.checks.stored import check_stored

        names = list(scenarios or [])
        if len(names) > 1:
            raise ModelError(message("checks.stored_run_compared_one"))
        scenario = names[0] if names else None
        return check_stored(path, baseline, scenario, settings=settings, method=method)
    if settings or method:
        raise ModelError(message("checks.settings_method_comparison_stored"))
    begun = time.perf_counter()
    rows: list[Row] = []
    checkers: list[Checker] = []
    for file in model_paths(path):
        try:
            checkers.append(Checker(file))
        except ModelError as error:
            name = file.parent.name if file.is_file() else file.name
            rows.append(Row(name, file.name, "model", "error", error.whole))
    wanted = None if scenarios is None else list(scenarios)
    steps = [step for checker in checkers for step in _steps(checker, wanted)]
    if wanted is None:
        rows += [row for checker in checkers for row in checker.orphans()]
    for done, (title, step) in enumerate(steps):
        if progress is not None:
            progress(title, done, len(steps))
        rows.append(step())
    if progress is not None and steps:
        progress("done", len(steps), len(steps))
    return Report(Path(path), tuple(_without_repetition(rows)), time.perf_counter() - begun)


def _steps(
    checker: Checker, wanted: Sequence[str] | None
) -> Iterator[tuple[str, Callable[[], Row]]]:
    """Yield the title of each check of a model, with a function that makes the check.

    If `wanted` is given, the checks are only those of the baselines of these scenarios.
    """
    if wanted is not None:
        scenarios = [checker.scenarios.find(name) for name in wanted]
    else:
        scenarios = list(checker.scenarios) if checker.wants_baselines else []
    for scenario in scenarios:
        yield f"{checker.name}: {scenario.name}", partial(checker.baseline, scenario)
    if wanted is not None:
        return
    for assertion in checker.assertions:
        yield f"{checker.name}: {assertion.name}", partial(checker.assertion, assertion)
    for rule in checker.model.reality_checks:
        yield f"{checker.name}: {rule.name}", partial(checker.reality, rule)


def _judged(row: Row, judge: Callable[[], Finding]) -> Row:
    """Return `row` with the verdict, sentence and charts of the finding that `judge` returns.

    If the run fails with an error, the verdict is ``"error"``.
    """
    try:
        found = judge()
    except (ModelError, SimulationError) as error:
        return replace(row, verdict="error", sentence=error.whole)
    return replace(
        row,
        verdict="passed" if found.passed else "failed",
        sentence=found.sentence,
        charts=found.charts,
    )


def _without_repetition(rows: list[Row]) -> list[Row]:
    """Return the rows; for a model without any baselines, one row replaces the rows of all its scenarios."""
    kept: list[Row] = []
    for row in rows:
        baselines = [r for r in rows if r.model == row.model and r.kind == "baseline"]
        if row not in baselines or any(r.verdict != "no baseline" for r in baselines):
            kept.append(row)
        elif row is baselines[0] and len(baselines) > 1:
            name = message("checks.all_scenarios", count=len(baselines))
            kept.append(replace(row, name=name, sentence=_no_baselines(row.sentence)))
        elif len(baselines) == 1:
            kept.append(row)
    return kept


def _no_baselines(sentence: str) -> str:
    """Return the sentence, with advice, about a model in which no scenario has a baseline."""
    folder = sentence.parts["folder"] if isinstance(sentence, Message) else ""
    return message("checks.baselines_missing", folder=folder)


def accept(
    model: str | Path | Model,
    scenarios: Iterable[str] | None = None,
    because: str = "",
    *,
    progress: Progress | None = None,
) -> tuple[Path, ...]:
    """Save the current trajectories as baselines, and record the reason.

    All scenarios of a model are simulated before the first file is written, and each file is replaced atomically, so
    an interruption leaves the old or the new baseline, never a part of one. For each assertion of ``behaviour.toml``
    that fails with the accepted model, the function issues a `ModelWarning`.

    Parameters
    ----------
    model : path or Model
        A model, its folder or file, or a folder of such folders.
    scenarios : iterable of str, optional
        Names of the scenarios to accept; by default, all.
    because : str
        The reason, for later readers; must not be empty.
    progress : callable, optional
        Called before each model as ``progress(what, done, total)``: the name of the model, how many models are done,
        and how many there are.

    Returns
    -------
    tuple of Path
        The files written.

    Raises
    ------
    ModelError
        If the reason is empty, or if a model or scenario does not exist.
    SimulationError
        If a run fails. In this case, no file of the model is written.
    """
    if not because.strip():
        raise ModelError(message("checks.baseline_accepted_reason_give"))
    paths: list[Path | Model] = [model] if isinstance(model, Model) else [*model_paths(model)]
    names = None if scenarios is None else list(scenarios)
    written: list[Path] = []
    for done, path in enumerate(paths):
        if progress is not None:
            progress(path.name, done, len(paths))
        checker = Checker(path)
        written += checker.accept(names or None, because.strip())
        for row in filter(lambda row: not row.ok, map(checker.assertion, checker.assertions)):
            sentence = message(
                "checks.accepted_despite", model=row.model, title=row.name, reason=row.sentence
            )
            warnings.warn(sentence, ModelWarning, stacklevel=2)
    return tuple(written)


def model_paths(path: str | Path) -> tuple[Path, ...]:
    """Return the model at `path`, or the folders with models in the folder `path`.

    As in `sdcluster.load`, `path` may also be the name of a model that comes with sdcluster.

    Raises
    ------
    ModelError
        If `path` does not exist, or if the folder contains no model.
    """
    path = model_path(path)
    if path.is_file() or not path.exists() or _holds_model(path):
        if not path.exists():
            raise ModelError(message("checks.no_such_model_folder"), file=path)
        return (path,)
    found = tuple(sorted(p for p in path.iterdir() if p.is_dir() and _holds_model(p)))
    if not found:
        raise ModelError(
            message("checks.neither_folder_nor_folder", languages=comma_separated(LANGUAGES)),
            file=path,
        )
    return found


def _holds_model(folder: Path) -> bool:
    return any(is_model_file(file) for file in folder.iterdir() if file.is_file())


def overlays(old: xr.Dataset, new: xr.Dataset, found: Comparison) -> tuple[Chart, ...]:
    """Return a chart, with baseline and new run, of each variable that left its baseline, the largest deviation first.

    There are at most `MOST_CHARTS` charts.
    """
    charts = []
    for move in found.moved[:MOST_CHARTS]:
        _, then, before = pick(old, move.name)
        name, now, after = pick(new, move.name)
        apart = np.interp(then, now, after) - before
        charts.append(
            Chart(
                name,
                time_label(new),
                value_label(new, name),
                (
                    Curve(message("checks.curve_baseline"), then, before, "old"),
                    Curve(message("checks.curve_now"), now, after, "new"),
                ),
                points=(Point(move.time, move.new, plain(move.new - move.old, 3, signed=True)),),
                difference=Curve(message("checks.curve_difference"), then, apart, "new"),
            )
        )
    return tuple(charts)
