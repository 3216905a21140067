"""Write a lesson as one HTML file: question, prediction, laboratory, loops, explanation and exercises.

`publish_lesson(lesson, path)` writes the file, and `lesson_page(…)` returns its content. The file needs no Python;
students' answers and predictions stay in their browsers.
"""

from __future__ import annotations

from pathlib import Path

from sdcluster.files import write_atomically
from sdcluster.publish.front_end import bundle, page
from sdcluster.publish.laboratory import browser_data, html_file
from sdcluster.publish.laboratory_page import as_json
from sdcluster.publish.lesson_data import LessonPage, find_lesson, lesson_data


def publish_lesson(lesson: str | Path, path: str | Path, *, language: str = "en") -> Path:
    """Write a lesson as one HTML file that works without Python and without the internet.

    Parameters
    ----------
    lesson : str or path
        The path of a ``lesson.toml`` or of its folder, or the name of a lesson in the course.
    path : path
        File to write; its name must end in ``.html`` or ``.htm``.
    language : str
        The language that the page shows first; a button on the page changes the language.

    Returns
    -------
    Path
        The file that was written.

    Raises
    ------
    ModelError
        If `path` has another ending, the language is unknown, the lesson has an error, the model cannot run in a page,
        or the front end was not built.
    """
    path = html_file(path, language)
    bundle("lesson")  # raises an error at once if the front end is missing
    write_atomically(path, lesson_page(lesson_data(find_lesson(lesson)), language))
    return path


def lesson_page(lesson: LessonPage, language: str, *, room: str = "", asks: str = "") -> str:
    """Return the HTML page of a lesson.

    Parameters
    ----------
    lesson : LessonPage
    language : str
    room : str, optional
        For a class with phones (`sdcluster.serve.classroom`): JSON about the class, for the page's script.
    asks : str, optional
        Addresses to which the page may connect; by default, none.
    """
    description, kernel = browser_data(lesson.laboratory, language)
    parts = {
        "description": as_json(description),
        "kernel": kernel,
        "lesson_data": as_json(lesson.data),
    }
    if room:
        parts["room"] = room
    title = lesson.data["title"]
    return page("lesson", title.get(language) or title["en"], language, parts, asks=asks)
