"""Read ``lesson.toml``, a lesson in a model's folder, and ``course.toml``, the front page of the course.

`read_lesson` takes a path and returns the file's table, whose keys are those of `LESSON` or `COURSE`. Texts are by
language code. A file contains no right answers, only measures (`MEASURE`), from which a program computes the answers by
running the model. After the model has been read, `check_lesson` checks the names in the table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.model.elements import one
from sdcluster.project.measure_table import KEYS as MEASURED
from sdcluster.project.measure_table import measure_of_table
from sdcluster.project.scenario import find_scenario
from sdcluster.project.scenarios_file import check_settings
from sdcluster.project.schema import (
    NUMBER,
    SETTINGS,
    TEXT,
    TRUTH,
    WORDING,
    ListOf,
    Number,
    Table,
    Text,
    Whole,
)
from sdcluster.project.schema import Key as entry
from sdcluster.project.toml_file import Key, TomlFile, place, read_toml

if TYPE_CHECKING:
    from sdcluster.model import Model

LESSON_NAME = "lesson.toml"
COURSE_NAME = "course.toml"
FORMS = ("curve", "choice")
"""The forms of a prediction: the student draws a curve, or chooses a sentence."""

_RUN = {
    "scenario": entry(TEXT, "scenario to run; by default, `default`"),
    "settings": entry(SETTINGS, "values of constants, in addition to the scenario's settings"),
    "stop": entry(NUMBER, "last time of the run, if it differs from the model's"),
}
_PERCENT = {"percent": entry(TRUTH, "whether the number is a share in percent")}
MEASURE = Table(
    "measure of a run",
    {
        **MEASURED,
        **_RUN,
        "against": entry(
            Table("against", {**MEASURED, **_RUN}), "measure by which the number is divided"
        ),
        **_PERCENT,
    },
)
"""A measure, the run to measure, and another measure by which to divide the result."""
CURVE = Table(
    "curve of a run",
    {
        "label": entry(WORDING, "name of the curve in the chart", required=True),
        **_RUN,
        "variable": entry(TEXT, "variable to show; by default, that of the prediction"),
        "until": entry(NUMBER, "last time to show"),
    },
)
PREDICTION = Table(
    "prediction",
    {
        "form": entry(
            Text(FORMS),
            "how the student predicts: by drawing a curve, or by choosing a sentence",
            required=True,
        ),
        "variable": entry(TEXT, "variable that the chart shows", required=True),
        "text": entry(ListOf(WORDING, least=1), "question, in paragraphs", required=True),
        "run": entry(
            ListOf(CURVE, 1, 3),
            "runs of the model that are shown after the prediction",
            required=True,
        ),
        "given": entry(ListOf(CURVE), "curves that are shown before the prediction, in grey"),
        "range": entry(ListOf(NUMBER, 2, 2), "lowest and highest value of the axis"),
        "points": entry(
            ListOf(NUMBER, least=2), "for a curve: times at which the student sets points"
        ),
        "start": entry(NUMBER, "for a curve: initial value of all points"),
        "measure": entry(MEASURE, "for a choice: measure that decides which option is right"),
        "option": entry(
            ListOf(
                Table(
                    "option of a prediction",
                    {
                        "text": entry(WORDING, "text of the option", required=True),
                        "min": entry(
                            NUMBER, "lowest value of the measure with which this option is right"
                        ),
                        "max": entry(
                            NUMBER,
                            "value of the measure from which on this option is no longer right",
                        ),
                    },
                ),
                least=2,
            ),
            "for a choice: sentences from which to choose",
        ),
    },
)
LOOP = Table(
    "loop",
    {
        "name": entry(WORDING, "name of the loop in the lesson", required=True),
        "kind": entry(Text(("reinforcing", "balancing")), "polarity of the loop", required=True),
        "names": entry(
            ListOf(TEXT, least=2),
            "variables of the loop, each of which affects the next",
            required=True,
        ),
    },
)
EXERCISE = Table(
    "exercise",
    {
        "text": entry(WORDING, "question", required=True),
        "measure": entry(MEASURE, "number to find"),
        "unit": entry(WORDING, "unit of the number"),
        "tolerance": entry(
            Number(above=0), "largest deviation of a right answer, as a share of the number"
        ),
        "within": entry(
            Number(above=0), "largest deviation of a right answer, in the unit of the number"
        ),
        "option": entry(
            ListOf(
                Table(
                    "option of an exercise",
                    {
                        "text": entry(WORDING, "text of the option", required=True),
                        "measure": entry(
                            MEASURE,
                            "measure of the option; the option with the highest number is right",
                            True,
                        ),
                    },
                ),
                least=2,
            ),
            "options to choose from, if the answer is a choice",
        ),
    },
)
FACT = Table(
    "fact",
    {
        "measure": entry(MEASURE, "measure that gives the number", required=True),
        "is": entry(NUMBER, "number in the text", required=True),
        "within": entry(
            Number(above=0),
            "largest allowed difference between the number in the text and the run",
            required=True,
        ),
    },
)
TEACHER = Table(
    "teacher",
    {
        "text": entry(
            ListOf(WORDING), "aim of the lesson and typical errors, in paragraphs", required=True
        ),
        "find": entry(
            ListOf(
                Table(
                    "finding",
                    {
                        "text": entry(WORDING, "what students should find", required=True),
                        "facts": entry(
                            ListOf(FACT),
                            "numbers in the text, which are checked against the model",
                            required=True,
                        ),
                    },
                )
            ),
            "answers to the tasks of `observe`, in the same order",
        ),
        "step": entry(
            ListOf(
                Table(
                    "step",
                    {
                        "minutes": entry(Whole(above=0), "duration of the step", required=True),
                        "text": entry(WORDING, "what happens in the step", required=True),
                    },
                ),
                least=1,
            ),
            "timetable of the lesson",
            required=True,
        ),
    },
)
_HEAD = {
    "name": entry(TEXT, "name of the lesson, for the command line", required=True),
    "number": entry(Whole(least=0), "position in the course; 0 for the front page", required=True),
    "model": entry(TEXT, "folder of the model", required=True),
    "title": entry(WORDING, "title", required=True),
    "question": entry(WORDING, "question that the lesson asks", required=True),
}
LESSON = Table(
    LESSON_NAME,
    {
        **_HEAD,
        "prediction": entry(PREDICTION, "what the student predicts", required=True),
        "observe": entry(ListOf(WORDING, least=1), "tasks with the sliders", required=True),
        "explain": entry(ListOf(WORDING, least=1), "explanation, in paragraphs", required=True),
        "loop": entry(
            ListOf(LOOP, least=1), "feedback loops that the explanation mentions", required=True
        ),
        "diagram": entry(
            Table(
                "diagram",
                {
                    "areas": entry(
                        ListOf(TEXT, least=1), "groups of the diagram to show", required=True
                    ),
                    "also": entry(
                        ListOf(ListOf(TEXT, least=2)),
                        "chains of influences to show in addition to the loops",
                    ),
                },
            ),
            "part of the model's diagram that contains the loops",
            required=True,
        ),
        "exercise": entry(ListOf(EXERCISE, least=1), "exercises", required=True),
        "teacher": entry(TEACHER, "note for the teacher", required=True),
    },
)
COURSE = Table(
    COURSE_NAME,
    {
        **_HEAD,
        "part": entry(
            ListOf(
                Table(
                    "part",
                    {
                        "title": entry(WORDING, "heading of the part", required=True),
                        "text": entry(ListOf(WORDING), "paragraphs of the part"),
                        "item": entry(ListOf(WORDING), "items of a numbered list"),
                        "lessons": entry(TRUTH, "whether the list of lessons follows"),
                    },
                ),
                least=1,
            ),
            "parts of the page",
            required=True,
        ),
    },
)


def read_lesson(path: Path) -> tuple[TomlFile, dict[str, Any]]:
    """Read a ``lesson.toml`` or ``course.toml``.

    Return the file as a `TomlFile`, and its checked table, whose keys are those of `LESSON` or `COURSE`.

    Raises
    ------
    ModelError
        If the text is not TOML, a key is unknown or missing, or a value has the wrong type; the message names file,
        line and key.
    """
    file = read_toml(path)
    if path.name == COURSE_NAME:
        return file, COURSE(file, file.data)
    table = LESSON(file, file.data)
    _check_forms(file, table)
    return file, table


def _check_forms(file: TomlFile, table: Mapping[str, Any]) -> None:
    """Raise an error if a prediction or exercise lacks a key that its form requires."""
    prediction = table["prediction"]
    for key in ("points",) if prediction["form"] == "curve" else ("option", "measure"):
        if key not in prediction:
            raise file.error(
                message("project.prediction_form_needs", form=prediction["form"], key=key),
                "prediction",
            )
    for i, exercise in enumerate(table["exercise"]):
        if ("option" in exercise) == ("measure" in exercise):
            raise file.error(
                message("project.needs_either_measure_option", part=place("exercise", i)),
                "exercise",
                i,
            )


def check_lesson(file: TomlFile, table: Mapping[str, Any], model: Model) -> None:
    """Check that a model defines all variables, elements, scenarios and settings that a lesson names.

    Raises
    ------
    ModelError
        If a name is unknown; the message names file, line and key, and the nearest name.
    """
    _check_name(file, table["prediction"]["variable"], model, "prediction", "variable")
    for at, measure in _of_kind(table, MEASURE, LESSON):
        _check_measure(file, measure, model, *at)
        if "against" in measure:
            _check_measure(file, measure["against"], model, *at, "against")
    for at, curve in _of_kind(table, CURVE, LESSON):
        _check_run(file, curve, model, *at)
        if "variable" in curve:
            _check_name(file, curve["variable"], model, *at, "variable")


def _of_kind(
    value: Any, wanted: Table, kind: Any, *at: Key
) -> Iterator[tuple[tuple[Key, ...], Any]]:
    """Yield each table of the kind `wanted` inside a checked value, with the path of keys that leads to it."""
    if kind is wanted:
        yield at, value
    elif isinstance(kind, ListOf):
        for i, item in enumerate(value):
            yield from _of_kind(item, wanted, kind.item, *at, i)
    elif isinstance(kind, Table):
        for name, inner in value.items():
            yield from _of_kind(inner, wanted, kind.keys[name].kind, *at, name)


def _check_measure(file: TomlFile, table: Mapping[str, Any], model: Model, *at: Key) -> None:
    measure_of_table(table, model, lambda sentence, *keys: file.error(sentence, *at, *keys))
    _check_run(file, table, model, *at)


def _check_run(file: TomlFile, table: Mapping[str, Any], model: Model, *at: Key) -> None:
    try:
        find_scenario(model, table.get("scenario"))
    except ModelError as error:
        if error.line:  # the error is in scenarios.toml
            raise
        raise file.error(error.sentence, *at, "scenario") from None
    check_settings(file, table.get("settings", {}), model, *at, "settings")


def _check_name(file: TomlFile, name: str, model: Model, *at: Key) -> None:
    try:
        one(model, name)
    except ModelError as error:
        raise file.error(error.sentence, *at, variable=name) from None
