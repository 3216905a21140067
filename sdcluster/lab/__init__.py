"""What people see: widgets, charts, stock-and-flow diagrams, wording in English and Chinese.

May import everything; nothing imports it. ``Lesson()`` is the widget of the first lesson,
``Laboratory(model)`` the same for any model, ``serve(notebook)`` opens a notebook as a page or in JupyterLab,
``tell(time, series)`` says in words what is happening, ``course(name)`` is a lesson of the course.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

_HOMES = {
    "Chart": "sdcluster.project.lab_file",
    "Laboratory": "sdcluster.lab.laboratory",
    "Lesson": "sdcluster.lab.laboratory",
    "Line": "sdcluster.project.lab_file",
    "course": "sdcluster.lab.lesson_course",
    "serve": "sdcluster.lab.page",
    "tell": "sdcluster.view.story",
}

__all__ = sorted(_HOMES)

if TYPE_CHECKING:
    from sdcluster.lab.laboratory import Laboratory, Lesson
    from sdcluster.lab.lesson_course import course
    from sdcluster.lab.page import serve
    from sdcluster.project.lab_file import Chart, Line
    from sdcluster.view.story import tell


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'sdcluster.lab' has no attribute {name!r}")
