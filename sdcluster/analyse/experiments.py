"""Experiments: a hypothesis of the theory, put as a question to a model, with a verdict and how often it holds.

Crosses the border: ``experiments.toml`` beside a model in, `Experiment` and `Outcome` out.

A file holds a list of questions::

    [[experiment]]
    name = "embedding_is_double_edged"
    title = { en = "…", zh = "…" }
    source = "author year, section"
    question = { en = "…?", zh = "…？" }
    cases = [ { name = "open" }, { name = "closed", scenario = "closed", settings = { policy = 0 }, stop = 50 } ]
    measure = { variable = "knowledge stock", what = "final" }     # see `sdcluster.analyse.quantity`
    verdict = { kind = "ratio", of = "open", to = "closed", max = 0.8 }
    vary = "judgements"                                    # or a list of constants that have a range

A ratio or difference is ``to`` against ``of``; ``order`` wants the cases named in ``names`` to rise;
``between`` looks at one case (``of``). The verdict holds where the number lies between ``min`` and
``max``.

Robustness: all constants that the model's documentation calls a judgement vary over their ranges at once, by Latin
hypercube (McKay, Beckman & Conover 1979), except those that a case sets. A claim that holds in 95 % of the runs is told
apart from one that needs luck.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sdcluster.analyse.quantity import Quantity, quantity_of_table
from sdcluster.errors import ModelError, SimulationError, did_you_mean
from sdcluster.model import Model
from sdcluster.model.elements import constants, find_element, limits, may_vary, number, one
from sdcluster.scenario.reading import bounds, changes, check_inputs, check_settings
from sdcluster.scenario.scenario import Scenario
from sdcluster.scenario.toml_file import TomlFile, read_toml_beside
from sdcluster.scenario.toml_inputs import INPUTS, read_inputs

if TYPE_CHECKING:
    from sdcluster.solve import Simulator

FILE_NAME = "experiments.toml"
FIRM = 0.95
JUDGEMENTS = "judgements"
_KEYS = ("name", "title", "source", "question", "cases", "measure", "verdict", "vary")
_KINDS = ("ratio", "difference", "order", "between")
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Case:
    """One run of an experiment: a name, and the scenario with the case's own settings laid over it."""

    name: str
    scenario: Scenario


@dataclass(frozen=True)
class Verdict:
    """What is compared, and between which bounds the number must lie; see the module."""

    kind: str
    of: str = ""
    to: str = ""
    names: tuple[str, ...] = ()
    minimum: float = -math.inf
    maximum: float = math.inf


@dataclass(frozen=True)
class Experiment:
    """A question to a model.

    Parameters
    ----------
    name, source : str
    title, question : mapping of str to str
        By language code.
    cases : tuple of Case
    quantity : Quantity
        What is measured of each case.
    verdict : Verdict
    vary : str or tuple of str
        ``"judgements"``, or the names of constants; empty where nothing varies.
    """

    name: str
    source: str
    title: Mapping[str, str]
    question: Mapping[str, str]
    cases: tuple[Case, ...]
    quantity: Quantity
    verdict: Verdict
    vary: str | tuple[str, ...] = ""


@dataclass(frozen=True)
class Outcome:
    """The answer of a model.

    Parameters
    ----------
    experiment : Experiment
    values : dict of str to float
        The measure of each case.
    number : float
        What the verdict looks at.
    holds : bool
    runs : int
        Number of robustness runs that came to an end.
    share : float
        In which share of them the verdict held; NaN without runs.
    varied : tuple of str
        The constants that varied.
    failed : int
        Number of robustness runs that did not come to an end; `failure` says why the first of them did not.
    failure : str
    """

    experiment: Experiment
    values: dict[str, float]
    number: float
    holds: bool
    runs: int = 0
    share: float = math.nan
    varied: tuple[str, ...] = ()
    failed: int = 0
    failure: str = ""

    @property
    def firmness(self) -> str:
        """``"firm"`` from 95 % of the runs on, ``"mostly"`` from 50 %, else ``"needs luck"``."""
        if not self.runs:
            return ""
        if self.share >= FIRM:
            return "firm"
        return "mostly" if self.share >= 0.5 else "needs luck"


# ---- reading


def load_experiments(model: Model, path: str | Path | None = None) -> tuple[Experiment, ...]:
    """Read the experiments beside a model.

    Raises
    ------
    ModelError
        With file, line and key; or if there is no such file.
    """
    file = read_toml_beside(model.folder, FILE_NAME, path)
    file.known_keys(file.data, ("experiment",))
    tables = file.items(file.data.get("experiment", []), "experiment")
    return tuple(
        _experiment(file, file.table(t, "experiment", i), i, model) for i, t in enumerate(tables)
    )


def _experiment(file: TomlFile, table: Mapping[str, Any], i: int, model: Model) -> Experiment:
    at = ("experiment", i)
    file.known_keys(table, _KEYS, *at)
    missing = [k for k in _KEYS if k not in table and k != "vary"]
    if missing:
        raise file.error(f'an experiment lacks "{missing[0]}"', *at)
    cases = tuple(
        _case(file, c, (*at, "cases"), model) for c in file.items(table["cases"], *at, "cases")
    )
    measure = file.table(table["measure"], *at, "measure")
    return Experiment(
        name=file.words(table["name"], *at, "name"),
        source=file.words(table["source"], *at, "source"),
        title=file.wording(table["title"], *at, "title"),
        question=file.wording(table["question"], *at, "question"),
        cases=cases,
        quantity=quantity_of_table(file, measure, model, *at, "measure"),
        verdict=_verdict(file, table["verdict"], (*at, "verdict"), [c.name for c in cases]),
        vary=_vary(file, table["vary"], (*at, "vary"), model) if "vary" in table else "",
    )


def _vary(file: TomlFile, value: Any, at: tuple[Any, ...], model: Model) -> str | tuple[str, ...]:
    if value == JUDGEMENTS:
        return JUDGEMENTS
    if isinstance(value, str):
        raise file.error(
            f'"vary" is "{value}"; write "{JUDGEMENTS}" or a list of constants that have a range',
            *at,
        )
    names = []
    for name in file.items(value, *at):
        try:
            limits(model, file.words(name, *at))
            names.append(one(model, name).name)
        except ModelError as error:
            raise file.error(f'"vary" cannot take "{name}": {error.sentence}', *at) from None
    return tuple(names)


def _case(file: TomlFile, value: Any, at: tuple[Any, ...], model: Model) -> Case:
    from sdcluster.solve.simulator import find_scenario

    table = file.table(value, *at)
    file.known_keys(
        table, ("name", "scenario", "settings", "changes", "start", "stop", *INPUTS), *at
    )
    base = find_scenario(model, table.get("scenario"))
    settings = file.settings(table.get("settings", {}), *at, "settings")
    check_settings(file, settings, model, *at, "settings")
    inputs = read_inputs(file, table, *at)
    check_inputs(file, inputs, model, *at)
    start, stop = bounds(file, table, *at)
    own = changes(file, table["changes"], *at, "changes") if "changes" in table else base.changes
    scenario = Scenario(
        name=base.name,
        settings={k: v for k, v in base.settings.items() if k not in inputs} | settings,
        inputs={k: v for k, v in base.inputs.items() if k not in settings} | inputs,
        changes=own,
        start=base.start if start is None else start,
        stop=base.stop if stop is None else stop,
    )
    return Case(file.words(table.get("name", ""), *at, "name"), scenario)


def _verdict(file: TomlFile, value: Any, at: tuple[Any, ...], names: Sequence[str]) -> Verdict:
    table = file.table(value, *at)
    file.known_keys(table, ("kind", "of", "to", "names", "min", "max"), *at)
    kind = file.words(table.get("kind", ""), *at, "kind")
    if kind not in _KINDS:
        raise file.error(
            f'"{kind}" is no kind of verdict; there are: {", ".join(_KINDS)}', *at, "kind"
        )
    ordered = tuple(
        file.words(n, *at, "names") for n in file.items(table.get("names", []), *at, "names")
    )
    wanted = {"ratio": ("of", "to"), "difference": ("of", "to"), "between": ("of",), "order": ()}[
        kind
    ]
    used = [*(file.words(table.get(key, ""), *at, key) for key in wanted), *ordered]
    for name in used:
        if name not in names:
            raise file.error(
                f'the verdict names the case "{name}", which is not there{did_you_mean(name, names)}',
                *at,
            )
    return Verdict(
        kind,
        of=str(table.get("of", "")),
        to=str(table.get("to", "")),
        names=ordered or tuple(names),
        minimum=file.number(table["min"], *at, "min") if "min" in table else -math.inf,
        maximum=file.number(table["max"], *at, "max") if "max" in table else math.inf,
    )


# ---- running


def judgements(model: Model, levers: bool = True) -> tuple[str, ...]:
    """Return the constants, element by element, that the documentation calls a judgement and that have a range.

    Without `levers`, not those that are somebody's decision rather than a guess about the world.
    """
    return tuple(
        element.name
        for element, _ in constants(model)
        if may_vary(model, element) and (levers or not element.variable.lever)
    )


def run_experiment(
    model: Model,
    experiment: Experiment,
    runs: int = 0,
    *,
    seed: int = 0,
    spread: float = 1.0,
    levers: bool = True,
    progress: Progress | None = None,
) -> Outcome:
    """Ask a model, once as it is and `runs` times with its judgements varied.

    Parameters
    ----------
    model : Model
    experiment : Experiment
    runs : int
        Number of Latin-hypercube points; each runs all cases.
    seed : int
        Of the points, and of the model's random numbers.
    spread : float
        Share of each range that is used, around the constant's own value.
    levers : bool
        Whether levers vary too, or stay where the cases have them.
    progress : callable, optional
        Called with words, done and total.
    """
    from sdcluster.solve import Simulator

    simulators = [(case, Simulator(model, case.scenario, seed=seed)) for case in experiment.cases]
    values = _values(experiment, simulators, {})
    answer = _number(experiment.verdict, values)
    names = judgements(model, levers) if experiment.vary == JUDGEMENTS else tuple(experiment.vary)
    if not runs or not names:
        return Outcome(experiment, values, answer, _holds(experiment.verdict, answer))
    for _, simulator in simulators:
        simulator.warm(wait=True)
    points = latin_hypercube(model, names, runs, seed, spread)
    held = finished = 0
    failure = ""
    for i, point in enumerate(points):
        if progress is not None:
            progress(experiment.name, i, runs)
        try:
            numbers = _values(experiment, simulators, dict(zip(names, point.tolist(), strict=True)))
        except SimulationError as error:
            failure = failure or str(error)
            continue  # a point at which the model cannot be run says nothing about the claim
        finished += 1
        held += _holds(experiment.verdict, _number(experiment.verdict, numbers))
    share = held / finished if finished else math.nan
    return Outcome(
        experiment,
        values,
        answer,
        _holds(experiment.verdict, answer),
        finished,
        share,
        names,
        len(points) - finished,
        failure,
    )


def latin_hypercube(
    model: Model, names: Sequence[str], runs: int, seed: int, spread: float = 1.0
) -> np.ndarray:
    """Return points over the ranges of constants.

    Returns
    -------
    ndarray, shape (runs, len(names))
    """
    from scipy.stats import qmc

    if not names:
        return np.zeros((runs, 0))
    low, high = np.empty(len(names)), np.empty(len(names))
    for i, name in enumerate(names):
        least, most = limits(model, name)
        value = number(model, one(model, name))
        low[i] = value + spread * (least - value)
        high[i] = value + spread * (most - value)
    return low + (high - low) * qmc.LatinHypercube(len(names), seed=seed).random(runs)


def _values(
    experiment: Experiment, simulators: Sequence[tuple[Case, Simulator]], point: Mapping[str, float]
) -> dict[str, float]:
    found = {}
    for case, simulator in simulators:
        model = simulator.model
        # What a case sets is its point; everything else may vary.
        own = {find_element(model, k) for k in (*case.scenario.settings, *case.scenario.inputs)}
        whole = {key for key, place in own if place is None}
        free = {
            k: v
            for k, v in point.items()
            if (at := find_element(model, k)) not in own and at[0] not in whole
        }
        times, rows = simulator.curves(free)
        found[case.name] = experiment.quantity.of(simulator.names, times, rows)
    return found


def _number(verdict: Verdict, values: Mapping[str, float]) -> float:
    match verdict.kind:
        case "ratio":
            below = values[verdict.of]
            return values[verdict.to] / below if below else math.nan
        case "difference":
            return values[verdict.to] - values[verdict.of]
        case "between":
            return values[verdict.of]
    rising = [values[name] for name in verdict.names]
    return min((b - a for a, b in pairwise(rising)), default=math.nan)


def _holds(verdict: Verdict, number: float) -> bool:
    if verdict.kind == "order":
        return number > 0
    return verdict.minimum <= number <= verdict.maximum
