"""The record of accepted baselines: when and why the baselines of a model were renewed, and with which settings.

`read_acceptances` reads the entries in ``baselines/accepted.toml`` as `Acceptance` objects; `append_acceptance` adds an
entry to the file.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sdcluster.checks.tolerance import FOLDER
from sdcluster.files import write_atomically
from sdcluster.messages import Message, message
from sdcluster.model.names import loose
from sdcluster.project.toml_file import read_toml
from sdcluster.words.numbers import plain

FILE_NAME = "accepted.toml"
_HEAD = (
    "# Which trajectories were accepted as baselines, when and why; `sdcluster accept` appends\n"
    "# here. Constants and equations are the model file's own at that time.\n"
)


@dataclass(frozen=True)
class Acceptance:
    """An entry in the record of accepted baselines.

    Parameters
    ----------
    scenarios : tuple of str
        The scenarios whose baselines were renewed.
    date : date
        The day of the renewal.
    because : str
        Why the new trajectories are right, in the words of the user.
    model_hash : str
        Hash of the model file.
    method : str
        Integration method.
    dt : float
        The time step of the run.
    constants : mapping of str to float
        The values of the model's constants, by name.
    settings : mapping of str to mapping of str to float
        The settings of each scenario, by name of the scenario.
    equations : mapping of str to str
        The equations of the model's other variables as text, by name. Empty in entries that older versions wrote
        without equations.
    file : str
        Name of the model file. Empty in entries that older versions wrote without it.
    """

    scenarios: tuple[str, ...]
    date: datetime.date
    because: str
    model_hash: str
    method: str
    dt: float
    constants: Mapping[str, float] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    equations: Mapping[str, str] = field(default_factory=dict)
    file: str = ""

    def changes(
        self, constants: Mapping[str, float], scenario: str, settings: Mapping[str, float]
    ) -> tuple[str, ...]:
        """Return a sentence for each constant and each setting whose value differs from the accepted value."""
        said = _differences(self.constants, constants)
        if scenario in self.settings:
            said += _differences(self.settings[scenario], settings, _setting)
        return tuple(said)


def read_acceptances(folder: str | Path) -> tuple[Acceptance, ...]:
    """Return the entries of the record in a model's folder, oldest first.

    Raises
    ------
    ModelError
        If the file is invalid; the message names file, line and key.
    """
    path = Path(folder) / FOLDER / FILE_NAME
    if not path.is_file():
        return ()
    file = read_toml(path)
    found = []
    for index, value in enumerate(file.items(file.data.get("accepted", []), "accepted")):
        here = ("accepted", index)
        table = file.table(value, *here)
        lacking = {"scenarios", "date", "because", "model_hash", "method", "dt"} - set(table)
        if lacking:
            raise file.error(
                message("checks.accepted_lacks", index=index + 1, lacking=min(lacking)), *here
            )
        names = file.items(table["scenarios"], *here, "scenarios")
        settings = file.table(table.get("settings", {}), *here, "settings")
        equations = file.table(table.get("equations", {}), *here, "equations")
        date = table["date"]
        if not isinstance(date, datetime.date):
            raise file.error(
                message("checks.date_accepted_must_date", index=index + 1), *here, "date"
            )
        found.append(
            Acceptance(
                tuple(file.words(name, *here, "scenarios") for name in names),
                date,
                file.words(table["because"], *here, "because"),
                file.words(table["model_hash"], *here, "model_hash"),
                file.words(table["method"], *here, "method"),
                file.number(table["dt"], *here, "dt"),
                file.settings(table.get("constants", {}), *here, "constants"),
                {
                    name: file.settings(values, *here, "settings", name)
                    for name, values in settings.items()
                },
                {
                    name: file.words(text, *here, "equations", name)
                    for name, text in equations.items()
                },
                file.words(table["file"], *here, "file") if "file" in table else "",
            )
        )
    return tuple(found)


def latest(record: tuple[Acceptance, ...], scenario: str) -> Acceptance | None:
    """Return the most recent entry about a scenario, or None if the record has no such entry."""
    for entry in reversed(record):
        if loose(scenario) in {loose(name) for name in entry.scenarios}:
            return entry
    return None


def append_acceptance(folder: str | Path, entry: Acceptance) -> Path:
    """Append an entry to the record in a model's folder, and return the path of the record."""
    path = Path(folder) / FOLDER / FILE_NAME
    before = path.read_text(encoding="utf-8") if path.is_file() else _HEAD
    write_atomically(path, before.rstrip("\n") + "\n\n" + _toml(entry))
    return path


def _toml(entry: Acceptance) -> str:
    lines = [
        "[[accepted]]",
        f"scenarios = [{', '.join(_text(name) for name in entry.scenarios)}]",
        f"date = {entry.date.isoformat()}",
        f"because = {_text(entry.because)}",
        *([f"file = {_text(entry.file)}"] if entry.file else []),
        f"model_hash = {_text(entry.model_hash)}",
        f"method = {_text(entry.method)}",
        f"dt = {float(entry.dt)!r}",
        "[accepted.constants]",
        *(f"{_text(name)} = {_number(value)}" for name, value in entry.constants.items()),
        "[accepted.settings]",
    ]
    for name, settings in entry.settings.items():
        inner = ", ".join(f"{_text(key)} = {_number(value)}" for key, value in settings.items())
        lines.append(f"{_text(name)} = {{ {inner} }}" if inner else f"{_text(name)} = {{}}")
    lines.append("[accepted.equations]")
    lines += [f"{_text(name)} = {_text(text)}" for name, text in entry.equations.items()]
    return "\n".join(lines) + "\n"


def _text(value: str) -> str:
    """Return `value` as a TOML string in quotation marks.

    JSON uses the same escapes as TOML, except for the control character DEL.
    """
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _number(value: Any) -> str:
    return repr(float(value))


def _setting(name: str) -> Message:
    return message("checks.setting", name=name)


def _differences(
    old: Mapping[str, float],
    new: Mapping[str, float],
    named: Callable[[str], str] = str,
) -> list[str]:
    said: list[str] = []
    for name in [*old, *(name for name in new if name not in old)]:
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        if after is None:
            said.append(message("checks.setting_gone", name=named(name), before=before))
        elif before is None:
            said.append(message("checks.setting_new", name=named(name), after=after))
        else:
            was, now = plain(before), plain(after)
            if before:
                share = plain(100 * (after / before - 1), 3, signed=True)
                change = message(
                    "checks.setting_changed_by",
                    name=named(name),
                    before=was,
                    after=now,
                    share=share,
                )
            else:
                change = message("checks.setting_changed", name=named(name), before=was, after=now)
            said.append(change)
    return said
