"""Reads the experiments beside a model.

Crosses the border: ``experiments.toml`` in, `Experiment` objects out::

    [[experiment]]
    name = "embedding_is_double_edged"
    title = { en = "…", zh = "…" }
    source = "author year, section"
    question = { en = "…?", zh = "…？" }
    cases = [ { name = "open" }, { name = "closed", scenario = "closed", settings = { tax = 0 }, stop = 50 } ]
    measure = "final population"          # or { variable = "population", what = "final" }; see `sdcluster.measure`
    verdict = { kind = "ratio", of = "open", to = "closed", max = 0.8 }
    vary = "judgements"                                    # or a list of constants that have a range
    cause = { settings = { "birth rate" = 0 } }      # cut, the verdict must no longer hold
    rival = [ { title = { en = "…", zh = "…" }, settings = { "migration rate" = 0 }, cases = { open = { … } } } ]
    threshold = "old fit"                                  # or { constant = "old fit", from = 0, to = 0.3 }, or a list
    identity = true                                        # instead of cause and rival: follows from one equation
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sdcluster.errors import ModelError, did_you_mean
from sdcluster.model import Model
from sdcluster.model.elements import limits, number, one
from sdcluster.project.experiment import (
    CAUSE,
    KINDS,
    RIVAL,
    Case,
    Cut,
    Experiment,
    Threshold,
    Verdict,
)
from sdcluster.project.measure_table import read_measure
from sdcluster.project.scenario import Scenario
from sdcluster.project.scenarios_file import (
    bounds,
    changes,
    check_inputs,
    check_settings,
    set_elements,
)
from sdcluster.project.toml_file import TomlFile, read_toml_beside
from sdcluster.project.toml_inputs import INPUTS, read_inputs

FILE_NAME = "experiments.toml"
JUDGEMENTS = "judgements"
_WANTED = ("name", "title", "source", "question", "cases", "measure", "verdict")
_KEYS = (*_WANTED, "vary", "identity", CAUSE, RIVAL, "threshold")
_At = tuple[Any, ...]


def load_experiments(model: Model, path: str | Path | None = None) -> tuple[Experiment, ...]:
    """Read the experiments beside a model.

    Parameters
    ----------
    model : Model
    path : path, optional
        Of another file than the ``experiments.toml`` in the model's folder.

    Returns
    -------
    tuple of Experiment
        In the order of the file.

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
    missing = [k for k in _WANTED if k not in table]
    if missing:
        raise file.error(f'an experiment lacks "{missing[0]}"', *at)
    cases = tuple(
        _case(file, c, (*at, "cases"), model) for c in file.items(table["cases"], *at, "cases")
    )
    identity = _truth(file, table.get("identity", False), (*at, "identity"))
    cuts = _cuts(file, table, at, model, [c.name for c in cases])
    if identity and cuts:
        raise file.error(
            f'an identity follows from one equation and has no "{cuts[0].role}" to cut; leave out one of the two',
            *at,
            cuts[0].role,
        )
    return Experiment(
        name=file.words(table["name"], *at, "name"),
        source=file.words(table["source"], *at, "source"),
        title=file.wording(table["title"], *at, "title"),
        question=file.wording(table["question"], *at, "question"),
        cases=cases,
        quantity=read_measure(file, table["measure"], model, *at, "measure"),
        verdict=_verdict(file, table["verdict"], (*at, "verdict"), [c.name for c in cases]),
        vary=_vary(file, table["vary"], (*at, "vary"), model) if "vary" in table else "",
        identity=identity,
        cuts=cuts,
        thresholds=_thresholds(file, table, (*at, "threshold"), model, cases),
    )


def _truth(file: TomlFile, value: Any, at: _At) -> bool:
    if not isinstance(value, bool):
        raise file.error(f'"{at[-1]}" must be true or false, not {value!r}', *at)
    return value


def _vary(file: TomlFile, value: Any, at: _At, model: Model) -> str | tuple[str, ...]:
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


def _case(file: TomlFile, value: Any, at: _At, model: Model) -> Case:
    from sdcluster.project.scenarios_file import find_scenario

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


def _verdict(file: TomlFile, value: Any, at: _At, names: Sequence[str]) -> Verdict:
    table = file.table(value, *at)
    file.known_keys(table, ("kind", "of", "to", "names", "min", "max"), *at)
    kind = file.words(table.get("kind", ""), *at, "kind")
    if kind not in KINDS:
        raise file.error(
            f'"{kind}" is no kind of verdict; there are: {", ".join(KINDS)}', *at, "kind"
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


# ---- the cause, its rivals and thresholds


def _cuts(
    file: TomlFile, table: Mapping[str, Any], at: _At, model: Model, names: Sequence[str]
) -> tuple[Cut, ...]:
    found = []
    if CAUSE in table:
        found.append(_cut(file, table[CAUSE], CAUSE, (*at, CAUSE), model, names))
    for value in _several(table.get(RIVAL, [])):
        found.append(_cut(file, value, RIVAL, (*at, RIVAL), model, names))
    return tuple(found)


def _several(value: Any) -> list[Any]:
    """Return the items of a list, or a single item as a list."""
    return value if isinstance(value, list) else [value]


def _cut(file: TomlFile, value: Any, role: str, at: _At, model: Model, names: Sequence[str]) -> Cut:
    table = file.table(value, *at)
    file.known_keys(table, ("title", "settings", "cases"), *at)
    if role == RIVAL and "title" not in table:
        raise file.error(
            'a rival lacks "title", which says what else might explain the effect', *at
        )
    settings = file.settings(table.get("settings", {}), *at, "settings")
    check_settings(file, settings, model, *at, "settings")
    cases = {}
    for name, own in file.table(table.get("cases", {}), *at, "cases").items():
        if name not in names:
            raise file.error(
                f'the {role} names the case "{name}", which is not there{did_you_mean(name, names)}',
                *at,
                "cases",
            )
        cases[name] = file.settings(own, *at, "cases", name)
        check_settings(file, cases[name], model, *at, "cases", name)
    if not settings and not any(cases.values()):
        raise file.error(f'a {role} needs "settings" that cut it', *at)
    title = file.wording(table["title"], *at, "title") if "title" in table else {}
    return Cut(role, title, settings, cases)


def _thresholds(
    file: TomlFile, table: Mapping[str, Any], at: _At, model: Model, cases: Sequence[Case]
) -> tuple[Threshold, ...]:
    return tuple(
        _threshold(file, value, at, model, cases) for value in _several(table.get("threshold", []))
    )


def _threshold(
    file: TomlFile, value: Any, at: _At, model: Model, cases: Sequence[Case]
) -> Threshold:
    given = {"constant": value} if isinstance(value, str) else file.table(value, *at)
    file.known_keys(given, ("constant", "from", "to"), *at)
    name = file.words(given.get("constant", ""), *at, "constant")
    ends = {key: file.number(given[key], *at, key) for key in ("from", "to") if key in given}
    try:
        element = one(model, name)
        number(model, element)
        low, high = (ends["from"], ends["to"]) if len(ends) == 2 else limits(model, name)
    except ModelError as error:
        raise file.error(f'"threshold" cannot take "{name}": {error.sentence}', *at) from None
    low, high = ends.get("from", low), ends.get("to", high)
    if low >= high:
        raise file.error(f'"threshold" goes from {low:g} to {high:g}; "to" must be larger', *at)
    mine = {(element.variable.key, element.place), (element.variable.key, None)}
    if all(mine & set_elements(model, (*c.scenario.settings, *c.scenario.inputs)) for c in cases):
        raise file.error(
            f'every case sets "{element.name}", so no threshold can be looked for; leave it free in one case',
            *at,
        )
    return Threshold(element.name, low, high)
