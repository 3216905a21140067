"""Read ``lesson.toml``, a lesson in a model's folder, and ``course.toml``, the front page of the course.

Interface: a path in, a checked table with the keys of `LESSON` or `COURSE` out. Texts are by language code. A file
contains no right answers, only measures (`MEASURE`), from which a program computes the answers by running the model.
After the model has been read, `check_lesson` checks the names in a file.
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
"""How a student predicts: by drawing a curve, or by choosing a sentence."""

_RUN = {
    "scenario": entry(TEXT, "the scenario that is run; the default one without"),
    "settings": entry(SETTINGS, "constants, besides the scenario's"),
    "stop": entry(NUMBER, "the last time, where it differs from the model's"),
}
_PERCENT = {"percent": entry(TRUTH, "whether the number is a share in percent")}
MEASURE = Table(
    "measure of a run",
    {
        **MEASURED,
        **_RUN,
        "against": entry(Table("against", {**MEASURED, **_RUN}), "what the number is divided by"),
        **_PERCENT,
    },
)
"""A measure, the run on which it is taken, and what it is compared with."""
CURVE = Table(
    "curve of a run",
    {
        "label": entry(WORDING, "what the chart calls it", required=True),
        **_RUN,
        "variable": entry(TEXT, "the variable; that of the prediction without"),
        "until": entry(NUMBER, "the last time that is shown"),
    },
)
PREDICTION = Table(
    "prediction",
    {
        "form": entry(Text(FORMS), "a curve that the student draws, or a choice", required=True),
        "variable": entry(TEXT, "what the chart shows", required=True),
        "text": entry(ListOf(WORDING, least=1), "the question, in paragraphs", required=True),
        "run": entry(ListOf(CURVE, 1, 3), "what the model does, shown afterwards", required=True),
        "given": entry(ListOf(CURVE), "what is shown before, in grey"),
        "range": entry(ListOf(NUMBER, 2, 2), "the lowest and the highest value of the axis"),
        "points": entry(ListOf(NUMBER, least=2), "of a curve: the times at which it is drawn"),
        "start": entry(NUMBER, "of a curve: where its points lie at first"),
        "measure": entry(MEASURE, "of a choice: what decides which option is right"),
        "option": entry(
            ListOf(
                Table(
                    "option of a prediction",
                    {
                        "text": entry(WORDING, "what the student reads", required=True),
                        "min": entry(NUMBER, "right from this value of the measure on"),
                        "max": entry(NUMBER, "right below this value of the measure"),
                    },
                ),
                least=2,
            ),
            "of a choice: the sentences to choose from",
        ),
    },
)
LOOP = Table(
    "loop",
    {
        "name": entry(WORDING, "what the lesson calls it", required=True),
        "kind": entry(Text(("reinforcing", "balancing")), "its polarity", required=True),
        "names": entry(
            ListOf(TEXT, least=2), "its variables, each acting on the next", required=True
        ),
    },
)
EXERCISE = Table(
    "exercise",
    {
        "text": entry(WORDING, "the question", required=True),
        "measure": entry(MEASURE, "the number that is asked for"),
        "unit": entry(WORDING, "the unit of the number"),
        "tolerance": entry(
            Number(above=0), "the share of the number by which an answer may differ"
        ),
        "within": entry(Number(above=0), "by how much an answer may differ"),
        "option": entry(
            ListOf(
                Table(
                    "option of an exercise",
                    {
                        "text": entry(WORDING, "what the student reads", required=True),
                        "measure": entry(
                            MEASURE, "the option with the highest number is right", True
                        ),
                    },
                ),
                least=2,
            ),
            "the options, where the answer is a choice",
        ),
    },
)
FACT = Table(
    "fact",
    {
        "measure": entry(MEASURE, "what is measured", required=True),
        "is": entry(NUMBER, "the number in the text", required=True),
        "within": entry(Number(above=0), "how far the run may be from it", required=True),
    },
)
TEACHER = Table(
    "teacher",
    {
        "text": entry(ListOf(WORDING), "aim and typical errors, in paragraphs", required=True),
        "find": entry(
            ListOf(
                Table(
                    "finding",
                    {
                        "text": entry(WORDING, "what students should find", required=True),
                        "facts": entry(ListOf(FACT), "the numbers in the text", required=True),
                    },
                )
            ),
            "the answers to the tasks of `observe`, in their order",
        ),
        "step": entry(
            ListOf(
                Table(
                    "step",
                    {
                        "minutes": entry(Whole(above=0), "how long it takes", required=True),
                        "text": entry(WORDING, "what happens", required=True),
                    },
                ),
                least=1,
            ),
            "the timing",
            required=True,
        ),
    },
)
_HEAD = {
    "name": entry(TEXT, "the name by which it is opened", required=True),
    "number": entry(Whole(least=0), "its place in the course; the front page is 0", required=True),
    "model": entry(TEXT, "the folder of its model", required=True),
    "title": entry(WORDING, "its title", required=True),
    "question": entry(WORDING, "the question it asks", required=True),
}
LESSON = Table(
    LESSON_NAME,
    {
        **_HEAD,
        "prediction": entry(PREDICTION, "what the student predicts", required=True),
        "observe": entry(ListOf(WORDING, least=1), "the tasks at the sliders", required=True),
        "explain": entry(ListOf(WORDING, least=1), "the explanation, in paragraphs", required=True),
        "loop": entry(ListOf(LOOP, least=1), "the loops of the explanation", required=True),
        "diagram": entry(
            Table(
                "diagram",
                {
                    "areas": entry(
                        ListOf(TEXT, least=1), "the areas of the diagram to show", required=True
                    ),
                    "also": entry(ListOf(ListOf(TEXT, least=2)), "paths to show besides the loops"),
                },
            ),
            "where the loops lie",
            required=True,
        ),
        "exercise": entry(ListOf(EXERCISE, least=1), "the exercises", required=True),
        "teacher": entry(TEACHER, "the teacher's note", required=True),
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
                        "title": entry(WORDING, "its heading", required=True),
                        "text": entry(ListOf(WORDING), "its paragraphs"),
                        "item": entry(ListOf(WORDING), "a numbered list"),
                        "lessons": entry(TRUTH, "whether the list of lessons follows"),
                    },
                ),
                least=1,
            ),
            "the parts of the page",
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
        If the text is not TOML, a key is unknown or missing, or a value has the wrong type; with file, line and key.
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
        If a name is unknown; with file, line and key, and the nearest name.
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
