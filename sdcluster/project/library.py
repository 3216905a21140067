"""Where the models and lessons lie that come with the program, and the course that they make.

Crosses the border: paths only. ``models/NAME/lesson.toml`` is a lesson, ``models/course.toml`` the course's front page.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from sdcluster import files
from sdcluster.errors import ModelError

LESSON = "lesson.toml"
COURSE = "course.toml"


def models_folder() -> Path:
    """Return the folder of `sdcluster.files.models_folder`.

    Raises
    ------
    ModelError
        If the models are not installed with the library.
    """
    folder = files.models_folder()
    if folder is None:
        raise ModelError(
            f'no folder "models" beside {Path.cwd()} or in it; open the notebook where it lies'
        )
    return folder


@cache
def _tables(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the tables of all lessons by name, in the order of the course."""
    paths = [folder / COURSE, *folder.glob(f"*/{LESSON}")]
    tables = (tomllib.loads(path.read_text(encoding="utf-8")) for path in paths if path.is_file())
    return {
        table["name"]: table for table in sorted(tables, key=lambda t: (t["number"], t["name"]))
    }


def lesson_names() -> list[str]:
    """Return the names of all lessons, in the order of the course."""
    return list(_tables(models_folder()))


def lesson(name: str) -> dict[str, Any]:
    """Return the table of one lesson; raises `ModelError` naming the lessons there are."""
    tables = _tables(models_folder())
    if name not in tables:
        raise ModelError(f'there is no lesson "{name}"; there are {", ".join(tables)}')
    return tables[name]


def first_model() -> Path:
    """Return the folder of the first lesson's model, else of the first model there is."""
    folder = models_folder()
    lessons = [table for table in _tables(folder).values() if table["number"] > 0]
    if lessons:
        return folder / str(lessons[0]["model"])
    return min(path.parent for path in folder.glob("*/*.xmile"))
