"""Read calibrations: targets, parameters and scenario, for one case or several.

`load_tasks` takes a model and reads the file ``calibration.toml`` in its folder, and the CSV files with the targets. It
returns `Tasks`, which contains a `Task` for each case with data. Example::

    [case.yongkang_hardware]
    title = { en = "Yongkang hardware", zh = "永康五金" }
    targets = "targets/yongkang_hardware.csv"   # columns time, variable, value, uncertainty, source; optional: measure
    parameters = ["birth rate", "migration[north]"]
    scenario = "yongkang_hardware"              # optional; by default, the model unchanged
    settings = { tax = 0.3 }                 # optional
    predict = [ { variable = "population", time = 30, title = "population in 2015" } ]  # optional; may have a measure

    [no_data.yuhuan_valves]                     # a case without data, and why
    title = { en = "Yuhuan valves", zh = "玉环阀门" }
    because = { en = "…", zh = "…" }

A file with a single case may have the keys at the top level. The column ``measure`` names the quantity that was
measured, starting at ``time``: see `sdcluster.measure.measures.measure_of_target`.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sdcluster.errors import ModelError, did_you_mean
from sdcluster.files import reason as os_reason
from sdcluster.measure.measures import Measure, measure_of_target
from sdcluster.messages import comma_separated, message
from sdcluster.model import Model
from sdcluster.model.elements import one
from sdcluster.project.scenario import find_scenario
from sdcluster.project.scenarios_file import check_settings
from sdcluster.project.schema import NUMBER, SETTINGS, TEXT, WORDING, ListOf, Named, Table
from sdcluster.project.schema import Key as entry
from sdcluster.project.target import Target
from sdcluster.project.toml_file import Key, TomlFile, read_toml_beside

FILE_NAME = "calibration.toml"
COLUMNS = ("time", "variable", "value", "uncertainty", "source")
PREDICTION = Table(
    "prediction",
    {
        "variable": entry(TEXT, "variable to predict, or element of an array", required=True),
        "time": entry(
            NUMBER, "time of the prediction, or start of the measured interval", required=True
        ),
        "measure": entry(
            TEXT, "what to predict, as in the targets; by default, the value at `time`"
        ),
        "title": entry(WORDING, "name of the prediction in tables"),
    },
)
CASE = Table(
    "calibration",
    {
        "title": entry(WORDING, "name of the case in tables"),
        "targets": entry(TEXT, "CSV file with the measured values", required=True),
        "parameters": entry(ListOf(TEXT), "constants to fit", required=True),
        "scenario": entry(TEXT, "scenario in which to fit; by default, the model unchanged"),
        "settings": entry(SETTINGS, "values of constants, in addition to the scenario's settings"),
        "predict": entry(ListOf(PREDICTION), "quantities without data to predict after the fit"),
    },
)
NO_DATA = Table(
    "no data",
    {
        "title": entry(WORDING, "name of the case in tables"),
        "because": entry(WORDING, "why the case cannot be fitted", required=True),
    },
)
CASES = Table(
    FILE_NAME,
    {
        "case": entry(Named(CASE, least=1), "cases to fit, by name", required=True),
        "no_data": entry(Named(NO_DATA), "cases that cannot be fitted, by name"),
    },
)


@dataclass(frozen=True)
class Prediction:
    """A quantity without data that a calibration predicts from all parameter sets that fit."""

    quantity: Measure
    title: Mapping[str, str]


@dataclass(frozen=True)
class Task:
    """A calibration for one case, as declared in the file.

    Parameters
    ----------
    name : str
        Name of the case; the model's name if the file describes a single case.
    targets : tuple of Target
        The measured values.
    parameters : tuple of str
        Names of the constants to fit.
    scenario : str or None
        Name of the scenario to run; None for the model's own settings.
    settings : mapping of str to float
        Settings in addition to those of the scenario.
    title : mapping of str to str
        Title by language code.
    predictions : tuple of Prediction
        Quantities to predict after fitting.
    """

    name: str
    targets: tuple[Target, ...]
    parameters: tuple[str, ...]
    scenario: str | None
    settings: Mapping[str, float]
    title: Mapping[str, str] = field(default_factory=dict)
    predictions: tuple[Prediction, ...] = ()


@dataclass(frozen=True)
class Unfitted:
    """A case that has no data to fit, with its title and the reason by language code."""

    name: str
    title: Mapping[str, str]
    because: Mapping[str, str]


@dataclass(frozen=True)
class Tasks:
    """The content of a calibration file: cases to fit, and cases without data."""

    cases: tuple[Task, ...]
    unfitted: tuple[Unfitted, ...] = ()

    def choose(self, names: tuple[str, ...] | list[str] | None) -> tuple[Task, ...]:
        """Return the cases with these names; all cases if no names are given.

        Raises
        ------
        ModelError
            If a name is not the name of a case.
        """
        known = {case.name: case for case in self.cases}
        for name in names or ():
            if name not in known:
                hint = did_you_mean(name, known) or message(
                    "project.there_are", known=comma_separated(known)
                )
                raise ModelError(message("project.no_case_fit", name=name, hint=hint))
        return tuple(known[name] for name in names) if names else self.cases


def load_tasks(model: Model, path: str | Path | None = None) -> Tasks:
    """Read the calibrations in the model's folder.

    Raises
    ------
    ModelError
        If the file does not exist or has an error; the message names file, line and key.
    """
    file = read_toml_beside(model.folder, FILE_NAME, path)
    if "case" not in file.data:
        return Tasks((_task(file, CASE(file, file.data), model.name, model),))
    read = CASES(file, file.data)
    return Tasks(
        tuple(
            _task(file, table, name, model, "case", name) for name, table in read["case"].items()
        ),
        tuple(
            Unfitted(name, table.get("title", {}), table["because"])
            for name, table in read.get("no_data", {}).items()
        ),
    )


def _task(file: TomlFile, table: Mapping[str, Any], name: str, model: Model, *at: Key) -> Task:
    settings, scenario = table.get("settings", {}), table.get("scenario")
    check_settings(file, settings, model, *at, "settings")
    try:
        find_scenario(model, scenario)
        parameters = tuple(one(model, name).name for name in table["parameters"])
    except ModelError as error:
        if error.file == str(file.path):
            raise
        raise file.error(error.sentence, *at) from None
    return Task(
        name=name,
        targets=read_targets(model, file.path.parent / table["targets"]),
        parameters=parameters,
        scenario=scenario,
        settings=settings,
        title=table.get("title", {}),
        predictions=tuple(
            _prediction(file, value, model, *at, "predict", i)
            for i, value in enumerate(table.get("predict", ()))
        ),
    )


def _prediction(file: TomlFile, table: Mapping[str, Any], model: Model, *at: Key) -> Prediction:
    words = table.get("measure", "")
    try:
        quantity = measure_of_target(words, table["variable"], table["time"], model)
    except ModelError as error:
        raise file.error(error.sentence, *at) from None
    return Prediction(quantity, table.get("title", {"en": str(quantity)}))


def read_targets(model: Model, path: Path) -> tuple[Target, ...]:
    """Read measured values from a CSV file.

    Raises
    ------
    ModelError
        If the file cannot be read or has an error; the message names the line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ModelError(message("project.file_not_utf_text"), file=path) from None
    except OSError as error:
        raise ModelError(
            message("project.file_cannot_read", reason=os_reason(error)), file=path
        ) from None
    rows = csv.DictReader(text.splitlines())
    missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise ModelError(
            message(
                "project.column_missing_expected",
                missing=missing[0],
                columns=comma_separated(COLUMNS),
            ),
            file=path,
            line=1,
        )
    return tuple(_target(model, path, rows.line_num, row) for row in rows)


def _target(model: Model, path: Path, line: int, row: Mapping[str, str | None]) -> Target:
    numbers = {}
    for name in ("time", "value", "uncertainty"):
        try:
            numbers[name] = float(row[name] or "")
        except ValueError:
            raise ModelError(
                message("project.must_number_not", name=name, row=row[name] or ""),
                file=path,
                line=line,
            ) from None
    if not (math.isfinite(numbers["uncertainty"]) and numbers["uncertainty"] > 0):
        raise ModelError(
            message("project.uncertainty_must_be_positive", given=row["uncertainty"] or ""),
            file=path,
            line=line,
        )
    measure = row.get("measure") or ""
    try:
        what = measure_of_target(measure, row["variable"] or "", numbers["time"], model)
    except ModelError as error:
        raise ModelError(error.sentence, file=path, line=line) from None
    return Target(variable=what.variable, source=row["source"] or "", measure=measure, **numbers)
