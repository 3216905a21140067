"""What is calibrated, declared in a file: targets, parameters and where the fit is made.

Crosses the border: ``calibration.toml`` beside a model and its CSV in, `Task` out::

    targets = "targets.csv"          # columns time, variable, value, uncertainty, source
    parameters = ["entry rate", "most firms"]
    scenario = "default"             # optional
    settings = { openness = 0.5 }    # optional
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sdcluster.analyse.calibrate import Target
from sdcluster.errors import ModelError
from sdcluster.model import Model
from sdcluster.scenario.reading import check_settings
from sdcluster.scenario.toml_file import read_toml

FILE_NAME = "calibration.toml"
COLUMNS = ("time", "variable", "value", "uncertainty", "source")


@dataclass(frozen=True)
class Task:
    """A calibration as declared."""

    targets: tuple[Target, ...]
    parameters: tuple[str, ...]
    scenario: str | None
    settings: Mapping[str, float]


def load_task(model: Model, path: str | Path | None = None) -> Task:
    """Read the calibration beside a model.

    Raises
    ------
    ModelError
        With file, line and key; or if there is no such file.
    """
    source = model.folder / FILE_NAME if path is None else Path(path)
    if not source.exists():
        raise ModelError(f"the model has no {FILE_NAME}; write one beside it", file=source)
    file = read_toml(source)
    file.known_keys(file.data, ("targets", "parameters", "scenario", "settings"))
    for key in ("targets", "parameters"):
        if key not in file.data:
            raise file.error(f'the calibration lacks "{key}"')
    names = file.items(file.data["parameters"], "parameters")
    settings = file.settings(file.data.get("settings", {}), "settings")
    check_settings(file, settings, model, "settings")
    return Task(
        targets=read_targets(model, source.parent / file.words(file.data["targets"], "targets")),
        parameters=tuple(model[file.words(name, "parameters")].name for name in names),
        scenario=(
            file.words(file.data["scenario"], "scenario") if "scenario" in file.data else None
        ),
        settings=settings,
    )


def read_targets(model: Model, path: Path) -> tuple[Target, ...]:
    """Read measured values from a CSV file.

    Raises
    ------
    ModelError
        With the line at fault.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ModelError("the file is not UTF-8 text; save it as UTF-8", file=path) from None
    except OSError as error:
        raise ModelError(f"the file cannot be read: {error.strerror}", file=path) from None
    rows = csv.DictReader(text.splitlines())
    missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise ModelError(
            f'the column "{missing[0]}" is missing; expected {", ".join(COLUMNS)}',
            file=path,
            line=1,
        )
    targets = []
    for row in rows:
        line = rows.line_num
        numbers = {}
        for name in ("time", "value", "uncertainty"):
            try:
                numbers[name] = float(row[name])
            except (TypeError, ValueError):
                raise ModelError(
                    f'{name} must be a number, not "{row[name] or ""}"', file=path, line=line
                ) from None
        variable = model[row["variable"] or ""].name
        targets.append(Target(variable=variable, source=row["source"] or "", **numbers))
    return tuple(targets)
