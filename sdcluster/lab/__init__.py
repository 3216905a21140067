"""Laboratories and lessons in notebooks: `sdcluster.explore`, `sdcluster.lesson`, `sdcluster.course`.

This package may import all other packages; only `sdcluster.serve` and the command line import this package.
``serve(notebook)`` opens a notebook as a page or in JupyterLab; ``tell(time, series)`` describes a run in words.
``Laboratory``, ``Lesson`` and ``course`` are kept for code written for version 0.1.0.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

_HOMES = {
    "Chart": "sdcluster.project.lab_file",
    "Course": "sdcluster.lab.laboratory",
    "Laboratory": "sdcluster.lab.laboratory",
    "Lesson": "sdcluster.lab.laboratory",
    "Line": "sdcluster.project.lab_file",
    "serve": "sdcluster.lab.voila_page",
    "tell": "sdcluster.view.story",
}

__all__ = sorted([*_HOMES, "course"])

if TYPE_CHECKING:
    from sdcluster.lab.laboratory import Course, Laboratory, Lesson
    from sdcluster.lab.voila_page import serve
    from sdcluster.project.lab_file import Chart, Line
    from sdcluster.view.story import tell


def course(name: str, *, language: str = "en") -> Course:
    """Open a lesson as in version 0.1.0; new code should call `sdcluster.lesson` or `sdcluster.course`."""
    from sdcluster.lab.laboratory import Course

    return Course(name, language=language)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'sdcluster.lab' has no attribute {name!r}")
