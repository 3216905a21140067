"""Read the experiments in the model's folder.

`load_experiments` takes a model and reads the ``experiments.toml`` in its folder into `Experiment` objects. Example::

    [[experiment]]
    name = "embedding_is_double_edged"
    title = { en = "…", zh = "…" }
    source = "author year, section"
    question = { en = "…?", zh = "…？" }
    cases = [ { name = "open" }, { name = "closed", scenario = "closed", settings = { tax = 0 }, stop = 50 } ]
    measure = "final population"          # or { variable = "population", what = "final" }; see `sdcluster.measure`
    verdict = { kind = "ratio", of = "open", to = "closed", max = 0.8 }
    vary = "judgements"                                    # or a list of constants that have a range
    cause = { settings = { "birth rate" = 0 } }      # with this cause removed, the verdict must fail
    rival = [ { title = { en = "…", zh = "…" }, settings = { "migration rate" = 0 }, cases = { open = { … } } } ]
    threshold = "old fit"                                  # or { constant = "old fit", from = 0, to = 0.3 }, or a list
    identity = true                                        # for a claim that one equation implies; no cause and rival
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sdcluster.errors import ModelError, did_you_mean
from sdcluster.messages import message
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
from sdcluster.project.measure_table import MEASURE, read_measure
from sdcluster.project.scenario import Scenario, find_scenario
from sdcluster.project.scenarios_file import (
    INPUTS,
    RUN,
    check_bounds,
    check_inputs,
    check_settings,
    set_elements,
)
from sdcluster.project.schema import (
    NUMBER,
    SETTINGS,
    TEXT,
    TRUTH,
    WORDING,
    Either,
    ListOf,
    Named,
    Table,
    Text,
)
from sdcluster.project.schema import Key as entry
from sdcluster.project.toml_file import TomlFile, place, read_toml_beside
from sdcluster.project.toml_inputs import join_inputs

FILE_NAME = "experiments.toml"
JUDGEMENTS = "judgements"
CASE = Table(
    "case",
    {
        "name": entry(TEXT, "name of the case, used in the verdict", required=True),
        "scenario": entry(TEXT, "scenario of the case; by default, the model unchanged"),
        **RUN,
        **INPUTS,
    },
)
VERDICT = Table(
    "verdict",
    {
        "kind": entry(Text(KINDS), "how the measures of the cases are compared", required=True),
        "of": entry(TEXT, "case whose measure is the reference, or the only case"),
        "to": entry(TEXT, "case that is compared with `of`"),
        "names": entry(ListOf(TEXT), "cases in the order in which their measures must rise"),
        "min": entry(NUMBER, "smallest number with which the verdict holds"),
        "max": entry(NUMBER, "largest number with which the verdict holds"),
    },
)
CUT = Table(
    "cut",
    {
        "title": entry(WORDING, "name of the explanation"),
        "settings": entry(SETTINGS, "settings that remove the explanation, in all cases"),
        "cases": entry(
            Named(SETTINGS),
            "settings that remove the explanation in single cases, by name of the case",
        ),
    },
)
THRESHOLD = Table(
    "threshold",
    {
        "constant": entry(TEXT, "constant to vary", required=True),
        "from": entry(NUMBER, "start of the search; by default, the start of the constant's range"),
        "to": entry(NUMBER, "end of the search; by default, the end of the constant's range"),
    },
)
EXPERIMENT = Table(
    "experiment",
    {
        "name": entry(TEXT, "name of the experiment, for the command line", required=True),
        "title": entry(WORDING, "title of the experiment", required=True),
        "source": entry(TEXT, "source of the claim: author and section", required=True),
        "question": entry(WORDING, "question that the experiment answers", required=True),
        "cases": entry(ListOf(CASE), "runs to compare", required=True),
        "measure": entry(MEASURE, "number to measure in each run", required=True),
        "verdict": entry(VERDICT, "how the measures are compared, and the bounds", required=True),
        "vary": entry(
            Either((TEXT, ListOf(TEXT))), f'constants to vary in robustness runs, or "{JUDGEMENTS}"'
        ),
        "identity": entry(TRUTH, "whether a single equation implies the claim"),
        CAUSE: entry(CUT, "claimed cause: without the cause, the verdict must fail"),
        RIVAL: entry(
            ListOf(CUT, bare=True),
            "rival explanations: without each of them, the verdict must still hold",
        ),
        "threshold": entry(
            ListOf(Either((TEXT, THRESHOLD)), bare=True),
            "constants to search for the value at which the verdict changes",
        ),
    },
)
FILE = Table(FILE_NAME, {"experiment": entry(ListOf(EXPERIMENT), "experiments")})
_At = tuple[Any, ...]


def load_experiments(model: Model, path: str | Path | None = None) -> tuple[Experiment, ...]:
    """Read the experiments in the model's folder.

    Parameters
    ----------
    model : Model
    path : path, optional
        File to read instead of ``experiments.toml`` in the model's folder.

    Returns
    -------
    tuple of Experiment
        In the order of the file.

    Raises
    ------
    ModelError
        If the file does not exist or has an error; the message names file, line and key.
    """
    file = read_toml_beside(model.folder, FILE_NAME, path)
    tables = FILE(file, file.data).get("experiment", ())
    return tuple(_experiment(file, table, i, model) for i, table in enumerate(tables))


def _experiment(file: TomlFile, table: Mapping[str, Any], i: int, model: Model) -> Experiment:
    at = ("experiment", i)
    cases = tuple(
        _case(file, case, (*at, "cases", i), model) for i, case in enumerate(table["cases"])
    )
    identity = table.get("identity", False)
    cuts = _cuts(file, table, at, model, [c.name for c in cases])
    if identity and cuts:
        raise file.error(
            message("project.identity_follows_one_equation", role=cuts[0].role),
            *at,
            cuts[0].role,
        )
    return Experiment(
        **{key: table[key] for key in ("name", "source", "title", "question")},
        cases=cases,
        quantity=read_measure(file, table["measure"], model, *at, "measure"),
        verdict=_verdict(file, table["verdict"], (*at, "verdict"), [c.name for c in cases]),
        vary=_vary(file, table["vary"], (*at, "vary"), model) if "vary" in table else "",
        identity=identity,
        cuts=cuts,
        thresholds=_thresholds(file, table, (*at, "threshold"), model, cases),
    )


def _vary(file: TomlFile, value: Any, at: _At, model: Model) -> str | tuple[str, ...]:
    if value == JUDGEMENTS:
        return JUDGEMENTS
    if isinstance(value, str):
        raise file.error(
            message("project.vary_write_list_constants", value=value, judgements=JUDGEMENTS),
            *at,
        )
    names = []
    for name in value:
        try:
            limits(model, name)
            names.append(one(model, name).name)
        except ModelError as error:
            raise file.error(
                message("project.vary_cannot_take", name=name, reason=error.sentence), *at
            ) from None
    return tuple(names)


def _case(file: TomlFile, table: Mapping[str, Any], at: _At, model: Model) -> Case:
    base = find_scenario(model, table.get("scenario"))
    settings = table.get("settings", {})
    check_settings(file, settings, model, *at, "settings")
    inputs = join_inputs(file, table, *at)
    check_inputs(file, inputs, model, *at)
    check_bounds(file, table, *at)
    scenario = Scenario(
        name=base.name,
        settings={k: v for k, v in base.settings.items() if k not in inputs} | settings,
        inputs={k: v for k, v in base.inputs.items() if k not in settings} | inputs,
        changes=table.get("changes", base.changes),
        start=table.get("start", base.start),
        stop=table.get("stop", base.stop),
    )
    return Case(table["name"], scenario)


def _verdict(file: TomlFile, table: Mapping[str, Any], at: _At, names: Sequence[str]) -> Verdict:
    kind = table["kind"]
    ordered = table.get("names", ())
    wanted = {"ratio": ("of", "to"), "difference": ("of", "to"), "between": ("of",), "order": ()}[
        kind
    ]
    for key in wanted:
        if key not in table:
            raise file.error(message("project.lacks_name_case", at=place(*at), key=key), *at)
    for name in (*(table[key] for key in wanted), *ordered):
        if name not in names:
            raise file.error(
                message(
                    "project.verdict_names_case_not", name=name, hint=did_you_mean(name, names)
                ),
                *at,
            )
    return Verdict(
        kind,
        of=table.get("of", ""),
        to=table.get("to", ""),
        names=ordered or tuple(names),
        minimum=table.get("min", -math.inf),
        maximum=table.get("max", math.inf),
    )


# ---- the cause, rival explanations and thresholds


def _cuts(
    file: TomlFile, table: Mapping[str, Any], at: _At, model: Model, names: Sequence[str]
) -> tuple[Cut, ...]:
    found = []
    if CAUSE in table:
        found.append(_cut(file, table[CAUSE], CAUSE, (*at, CAUSE), model, names))
    found += [_cut(file, t, RIVAL, (*at, RIVAL), model, names) for t in table.get(RIVAL, ())]
    return tuple(found)


def _cut(
    file: TomlFile,
    table: Mapping[str, Any],
    role: str,
    at: _At,
    model: Model,
    names: Sequence[str],
) -> Cut:
    if role == RIVAL and "title" not in table:
        raise file.error(message("project.rival_lacks_title_says"), *at)
    settings, cases = table.get("settings", {}), table.get("cases", {})
    check_settings(file, settings, model, *at, "settings")
    for name, own in cases.items():
        if name not in names:
            raise file.error(
                message(
                    "project.names_case_not", role=role, name=name, hint=did_you_mean(name, names)
                ),
                *at,
                "cases",
            )
        check_settings(file, own, model, *at, "cases", name)
    if not settings and not any(cases.values()):
        raise file.error(message("project.needs_settings_cut", role=role), *at)
    return Cut(role, table.get("title", {}), settings, cases)


def _thresholds(
    file: TomlFile, table: Mapping[str, Any], at: _At, model: Model, cases: Sequence[Case]
) -> tuple[Threshold, ...]:
    return tuple(_threshold(file, value, at, model, cases) for value in table.get("threshold", ()))


def _threshold(
    file: TomlFile, value: Any, at: _At, model: Model, cases: Sequence[Case]
) -> Threshold:
    given: Mapping[str, Any] = {"constant": value} if isinstance(value, str) else value
    name = given["constant"]
    ends = {key: given[key] for key in ("from", "to") if key in given}
    try:
        element = one(model, name)
        number(model, element)
        low, high = (ends["from"], ends["to"]) if len(ends) == 2 else limits(model, name)
    except ModelError as error:
        raise file.error(
            message("project.threshold_cannot_take", name=name, reason=error.sentence), *at
        ) from None
    low, high = ends.get("from", low), ends.get("to", high)
    if low >= high:
        raise file.error(message("project.threshold_goes_must_larger", low=low, high=high), *at)
    mine = {(element.variable.key, element.place), (element.variable.key, None)}
    if all(mine & set_elements(model, (*c.scenario.settings, *c.scenario.inputs)) for c in cases):
        raise file.error(
            message("project.every_case_sets_no", element=element.name),
            *at,
        )
    return Threshold(element.name, low, high)
