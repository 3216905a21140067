"""A lesson as one HTML file: question, prediction, laboratory, loops, explanation and exercises, without Python.

Interface: `publish_lesson(lesson, path)`, `lesson_page(…)`. Answers and predictions stay in the reader's
browser.
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
        The lesson's ``lesson.toml``, its folder, or its name in the course.
    path : path
        Must end in ``.html`` or ``.htm``.
    language : str
        The language that the page shows first; a button on the page changes it.

    Returns
    -------
    Path
        The file that was written.

    Raises
    ------
    ModelError
        For another ending, an unknown language, errors in the lesson, a model that cannot run in a page, and if the
        front end was not built.
    """
    path = html_file(path, language)
    bundle("lesson")  # without it nothing need be computed
    write_atomically(path, lesson_page(lesson_data(find_lesson(lesson)), language))
    return path


def lesson_page(lesson: LessonPage, language: str, *, room: str = "", asks: str = "") -> str:
    """Return the page of a lesson.

    Parameters
    ----------
    lesson : LessonPage
    language : str
    room : str, optional
        JSON for the page of a class (`sdcluster.serve.classroom`).
    asks : str, optional
        Addresses to which the page may connect.
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
