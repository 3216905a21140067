"""Write the course as a folder: a front page with relative links, and a file for each lesson.

`publish_course(course, folder)` writes the folder, which needs no server and works from a memory stick.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sdcluster.errors import ModelError
from sdcluster.files import write_atomically
from sdcluster.messages import message
from sdcluster.progress import report
from sdcluster.project.lesson_file import LESSON_NAME, read_lesson
from sdcluster.publish.front_end import bundle, page
from sdcluster.publish.laboratory_page import as_json
from sdcluster.publish.lesson import publish_lesson


def publish_course(course: str | Path, folder: str | Path, *, language: str = "en") -> list[Path]:
    """Write the front page of a course and all its lessons.

    Parameters
    ----------
    course : path
        The path of a ``course.toml``; each lesson is with its model in a folder next to this file.
    folder : path
        The folder to write, created if it does not exist; files with the same names are replaced.
    language : str
        The language that the pages show first; a button on each page changes the language.

    Returns
    -------
    list of Path
        The files that were written, ``index.html`` first.

    Raises
    ------
    ModelError
        If the course or one of its lessons has an error, or if the front end was not built.
    """
    course, folder = Path(course), Path(folder)
    if folder.exists() and not folder.is_dir():
        raise ModelError(message("publish.not_folder_name_one"), file=folder)
    bundle("course")  # raises an error at once if the front end is missing
    _, table = read_lesson(course)
    paths = sorted(course.parent.glob(f"*/{LESSON_NAME}"))
    lessons = sorted(((read_lesson(path)[1], path) for path in paths), key=_place)
    parts = {
        "course_data": as_json(course_data(table, [lesson for lesson, _ in lessons], language))
    }
    title = table["title"].get(language) or table["title"]["en"]
    written = [folder / "index.html"]
    write_atomically(written[0], page("course", title, language, parts))
    for done, (lesson, path) in enumerate(lessons):
        report("publishing", done, len(lessons))
        written.append(publish_lesson(path, folder / _file(lesson), language=language))
    return written


def _place(lesson: tuple[dict[str, Any], Path]) -> tuple[int, str]:
    return lesson[0]["number"], lesson[0]["name"]


def _file(lesson: Mapping[str, Any]) -> str:
    return f"{lesson['name']}-lesson.html"


def course_data(
    table: Mapping[str, Any],
    lessons: Sequence[Mapping[str, Any]],
    language: str,
    file: Callable[[Mapping[str, Any]], str] = _file,
) -> dict[str, Any]:
    """Return the content of the course's front page, as data for JSON.

    Parameters
    ----------
    table : mapping
        The content of ``course.toml``.
    lessons : sequence of mapping
        The contents of the lessons' files, in the order of the course.
    language : {"en", "zh"}
    file : callable
        Function that returns the file name of a lesson, for the links.
    """
    return {
        "language": language,
        "title": table["title"],
        "question": table["question"],
        "parts": [
            {
                "title": part["title"],
                "text": part.get("text", []),
                "items": part.get("item", []),
                "lessons": part.get("lessons", False),
            }
            for part in table["part"]
        ],
        "lessons": [
            {
                **{key: lesson[key] for key in ("name", "number", "title", "question")},
                "minutes": sum(step["minutes"] for step in lesson["teacher"]["step"]),
                "exercises": len(lesson["exercise"]),
                "file": file(lesson),
            }
            for lesson in lessons
        ],
    }
