"""The data of a lesson page: texts, runs, diagrams, and the right answers, which are computed from runs of the model.

`find_lesson(source)` returns a lesson, and `lesson_data(lesson)` its data; `frontend/src/lesson/description.ts`
declares the same fields as types. ``lesson.toml`` contains no right answers, because `LessonRuns` computes them when
the page is built.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.model.elements import one
from sdcluster.project.lab_file import CLASSROOM, LabFile, lab_beside
from sdcluster.project.lesson_file import LESSON_NAME, check_lesson, read_lesson
from sdcluster.project.library import lesson_path
from sdcluster.project.scenario import find_scenario
from sdcluster.project.scenarios_file import scenarios_beside
from sdcluster.project.toml_file import TomlFile
from sdcluster.publish.laboratory_data import Laboratory, laboratory_data, plan_of
from sdcluster.publish.lesson_loops import area_blocks, loop_blocks
from sdcluster.publish.lesson_runs import LessonRuns
from sdcluster.words import ENGLISH, LANGUAGES, known, texts

# By default, a number is right if it differs from the right answer by at most this share of the right answer.
TOLERANCE = 0.05
LOOKS = ("run", "other", "third")  # line styles of the runs, in their order


@dataclass(frozen=True)
class Lesson:
    """A lesson: its ``lesson.toml``, the content of this file, and the path of its model."""

    file: TomlFile
    table: Mapping[str, Any]
    model: Path


@dataclass(frozen=True)
class LessonPage:
    """The content of a lesson's page: the lesson as data for JSON, and the laboratory of its model."""

    data: Mapping[str, Any]
    laboratory: Laboratory


def find_lesson(source: str | Path) -> Lesson:
    """Return a lesson, given the path of its file or folder, or its name in the course.

    Raises
    ------
    ModelError
        If the lesson does not exist, or its file has errors.
    """
    path = Path(source)
    if path.is_dir():
        path = path / LESSON_NAME
    elif path.suffix != ".toml":
        path = lesson_path(str(source))
    if not path.is_file():
        raise ModelError(
            message("publish.no_such_lesson_file"),
            file=path,
        )
    file, table = read_lesson(path)
    folder = path.resolve().parent
    beside = folder.parent / table["model"]
    return Lesson(file, table, beside if beside.is_dir() else folder)


def lesson_data(taught: Lesson) -> LessonPage:
    """Return the data of a lesson's page.

    Raises
    ------
    ModelError
        If the lesson, its model or another file of its project has an error.
    """
    table, runs = taught.table, LessonRuns(taught.model)
    check_lesson(taught.file, table, runs.model)
    laboratory = laboratory_data(taught.model)
    lab = lab_beside(runs.model)
    loops = loop_blocks(runs.model, table["loop"])[0]["items"]
    where = table["diagram"]
    areas = area_blocks(runs.model, table["loop"], where["areas"], where.get("also", ()))
    teacher = table["teacher"]
    data = {
        "format": 1,
        "name": table["name"],
        "number": table["number"],
        "title": table["title"],
        "question": table["question"],
        "buttons": _buttons(runs, lab, laboratory),
        "prediction": _Prediction(table["prediction"], runs, laboratory, lab).data(),
        "observe": table["observe"],
        "explain": table["explain"],
        "loops": [
            {"name": entry["name"], "kind": entry["kind"], "text": item["text"], "svg": item["svg"]}
            for entry, item in zip(table["loop"], loops, strict=True)
        ],
        "areas": [{"text": area["alt"], "svg": area["svg"]} for area in areas],
        "exercises": [_exercise(entry, runs) for entry in table["exercise"]],
        "teacher": {
            "text": teacher["text"],
            "find": [entry["text"] for entry in teacher.get("find", ())],
            "steps": [
                {"minutes": step["minutes"], "text": step["text"]} for step in teacher["step"]
            ],
        },
    }
    return LessonPage(data, laboratory)


def _buttons(runs: LessonRuns, lab: LabFile, laboratory: Laboratory) -> list[str]:
    """Return the names of the scenarios that the page shows as buttons: those in ``lab.toml`` that a page can run."""
    named = lab.buttons or scenarios_beside(runs.model).sets.get(CLASSROOM, ())
    offered = {scenario["name"] for scenario in laboratory.data["scenarios"]}
    return [name for name in named if name in offered]


def _exercise(entry: Mapping[str, Any], runs: LessonRuns) -> dict[str, Any]:
    """Return an exercise with its right answer: a number, or the index of the option with the highest measure."""
    if "option" in entry:
        measured = [runs.measure(option["measure"]) for option in entry["option"]]
        options = [option["text"] for option in entry["option"]]
        return {"text": entry["text"], "options": options, "right": int(np.argmax(measured))}
    right = runs.measure(entry["measure"])
    within = float(entry.get("within", abs(right) * entry.get("tolerance", TOLERANCE)))
    return {"text": entry["text"], "unit": entry.get("unit", {}), "right": right, "within": within}


class _Prediction:
    """The prediction for which a lesson asks: the question, the runs to compare with, and the right option."""

    def __init__(
        self, table: Mapping[str, Any], runs: LessonRuns, laboratory: Laboratory, lab: LabFile
    ) -> None:
        self.table, self.runs, self.lab = table, runs, lab
        self.laboratory = laboratory
        self.variable = one(runs.model, table["variable"])

    def data(self) -> dict[str, Any]:
        """Return the question and the runs as data for JSON."""
        given = [self._curve(run, "given") for run in self.table.get("given", ())]
        shown = [
            self._curve(run, look) for run, look in zip(self.table["run"], LOOKS, strict=False)
        ]
        unit = self.variable.variable.units or ""
        words = self.lab.units.get(unit.strip().casefold())
        data = {
            "form": self.table["form"],
            "text": self.table["text"],
            "variable": self.variable.name,
            "label": {code: self.runs.model.label(self.variable.name, code) for code in LANGUAGES},
            "unit": dict(words.axis or words.label) if words else _plain_unit(unit),
            "time": self._span(shown),
            "range": self._range([*given, *shown]),
            "given": [curve for curve, _ in given],
            "run": [curve for curve, _ in shown],
        }
        if self.table["form"] == "curve":
            middle = sum(data["range"]) / 2
            return data | {
                "points": self.table["points"],
                "start": self.table.get("start", middle),
            }
        return data | {
            "options": [option["text"] for option in self.table["option"]],
            "right": self._right(),
        }

    def _right(self) -> int:
        """Return the index of the right option: the one whose range contains the measured number."""
        measured = self.runs.measure(self.table["measure"])
        for place, option in enumerate(self.table["option"]):
            if option.get("min", -np.inf) <= measured < option.get("max", np.inf):
                return place
        raise ModelError(message("publish.prediction_measures_no_option", measured=measured))

    def _curve(self, run: Mapping[str, Any], look: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return a curve as the page needs it to run the model, and the same curve with values computed here.

        The values determine the limits of the axes.
        """
        measured = self.runs.curve(run, self.table["variable"], look)
        name = one(self.runs.model, run.get("variable", self.table["variable"])).name
        curve = {
            "label": run["label"],
            "look": look,
            "variable": name,
            "until": run.get("until"),
        }
        try:
            return curve | {"setup": self._setup(run)}, measured
        except ModelError:  # a page cannot run scenarios with series, so it gets the values
            return curve | {key: measured[key] for key in ("time", "values")}, measured

    def _setup(self, run: Mapping[str, Any]) -> dict[str, Any]:
        model, program = self.runs.model, self.laboratory.data["program"]
        base = find_scenario(model, run.get("scenario", "default"))
        settings = {**base.settings, **run.get("settings", {})}
        changed = replace(base, settings=settings, stop=run.get("stop", base.stop))
        return plan_of(model, changed, self.laboratory.setup, program)

    def _span(self, shown: Sequence[tuple[dict[str, Any], dict[str, Any]]]) -> list[float]:
        own = self.runs.model.time
        stops = [curve["time"][-1] for _, curve in shown]
        return [own.start, max([own.stop, *stops, *self.table.get("points", ())])]

    def _range(self, curves: Sequence[tuple[dict[str, Any], dict[str, Any]]]) -> list[float]:
        """Return the limits of the vertical axis: the lesson file's, else 0 and a round number above all curves."""
        if "range" in self.table:
            return [float(end) for end in self.table["range"]]
        top = max([0.0, *(v for _, curve in curves for v in curve["values"])])
        step = 10 ** np.floor(np.log10(top)) if top > 0 else 1.0
        return [0.0, float(step * np.ceil(1.02 * top / step)) or 1.0]


def _plain_unit(unit: str) -> dict[str, str]:
    """Return the words for a common unit by language; for other units, the unit as written in the file."""
    key = f"units.{unit.strip().casefold() or '1'}"
    return texts(key) if known(key) is not None else {ENGLISH: unit}
