"""Locate the bundled models and lessons, and the course that the lessons form.

`lesson` takes the name of a lesson and returns its table; `lesson_path` returns the path of its model. The files
``models/NAME/lesson.toml`` define the lessons, and ``models/course.toml`` defines the front page of the course.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdcluster import files
from sdcluster.errors import ModelError, did_you_mean
from sdcluster.messages import comma_separated, message
from sdcluster.project.lesson_file import COURSE_NAME, LESSON_NAME, check_lesson, read_lesson
from sdcluster.project.toml_file import TomlFile

if TYPE_CHECKING:
    from sdcluster.model import Model


def models_folder() -> Path:
    """Return the folder with the bundled models; see `sdcluster.files.models_folder`.

    Raises
    ------
    ModelError
        If the models are not installed with the library.
    """
    folder = files.models_folder()
    if folder is None:
        raise ModelError(message("project.no_folder_models_beside", cwd=Path.cwd()))
    return folder


@cache
def _lessons(folder: Path) -> dict[str, tuple[TomlFile, dict[str, Any]]]:
    """Return the file and table of each lesson by the name of the lesson, in the order of the course."""
    paths = [folder / COURSE_NAME, *sorted(folder.glob(f"*/{LESSON_NAME}"))]
    read = [read_lesson(path) for path in paths if path.is_file()]
    found: dict[str, tuple[TomlFile, dict[str, Any]]] = {}
    for file, table in sorted(read, key=lambda r: (r[1]["number"], r[1]["name"])):
        name = table["name"]
        if name in found:
            other = found[name][0].path
            raise file.error(
                message("project.lesson_called_too_rename", other=other, name=name), "name"
            )
        found[name] = file, table
    return found


def lesson_names() -> list[str]:
    """Return the names of all lessons, in the order of the course."""
    return list(_lessons(models_folder()))


def _lesson(name: str) -> tuple[TomlFile, dict[str, Any]]:
    found = _lessons(models_folder())
    if name not in found:
        hint = did_you_mean(name, found) or message(
            "project.there_are", known=comma_separated(found)
        )
        raise ModelError(message("project.no_lesson", name=name, hint=hint))
    return found[name]


def lesson(name: str) -> dict[str, Any]:
    """Return the table of one lesson, with the keys of `sdcluster.project.lesson_file.LESSON`.

    Raises
    ------
    ModelError
        If there is no such lesson (the message lists the nearest names), or if a lesson has an error; the message names
        file, line and key.
    """
    return _lesson(name)[1]


def lesson_path(name: str) -> Path:
    """Return the path of the file of one lesson; the function raises the same errors as `lesson`."""
    return _lesson(name)[0].path


def lesson_of(name: str, model: Model) -> dict[str, Any]:
    """Return the table of one lesson, with its names checked against the model.

    Raises
    ------
    ModelError
        If `lesson` raises an error, or if the model lacks a name in the lesson; the message names file, line and key.
    """
    file, table = _lesson(name)
    check_lesson(file, table, model)
    return table


def first_model() -> Path:
    """Return the folder of the first lesson's model or, without lessons, of the first model."""
    folder = models_folder()
    lessons = [table for _, table in _lessons(folder).values() if table["number"] > 0]
    if lessons:
        return folder / str(lessons[0]["model"])
    return min(path.parent for path in folder.glob("*/*.xmile"))
