"""The front end as notebook widgets, whose content is stored in traits shared by the page and Python.

Interface to the browser: the traits ``_description`` (JSON), ``_kernel`` (WebAssembly) and ``_state`` (the text from
`sdcluster.lab.page_state`). A lesson also has traits for its texts and for ``_answers`` (JSON). The browser runs the
model, so a notebook works even without a Python process.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from typing import Any

import anywidget
import traitlets

from sdcluster.publish.front_end import widget_script
from sdcluster.publish.laboratory import browser_data
from sdcluster.publish.laboratory_data import Laboratory
from sdcluster.publish.program import as_json
from sdcluster.words import LANGUAGES


class FrontEndWidget(anywidget.AnyWidget):
    """A widget that runs a module of the front end.

    The widget has no layout object of ipywidgets, because voila cannot load this object and our widgets do not need it.

    Parameters
    ----------
    module : str
        Name of the module for `sdcluster.publish.front_end.widget_script`.
    **traits
        Initial values of the traits.
    """

    layout = traitlets.Any(None)
    _esm = traitlets.Unicode().tag(sync=True)
    _id = traitlets.Unicode().tag(sync=True)

    def __init__(self, module: str, **traits: Any) -> None:
        super().__init__(_esm=widget_script(module), **traits)
        self._id = str(self.model_id)


class LaboratoryWidget(FrontEndWidget):
    """The widget behind `sdcluster.explore`.

    Parameters
    ----------
    state : str
        The settings of the page as text (`sdcluster.lab.page_state`). The widget is empty until `show` is called.
    module : str
        Module of the front end.
    **traits
        Initial values of further traits.
    """

    _description = traitlets.Unicode().tag(sync=True)
    _kernel = traitlets.Bytes().tag(sync=True)
    _state = traitlets.Unicode().tag(sync=True)

    def __init__(self, state: str = "", module: str = "widget", **traits: Any) -> None:
        super().__init__(module, _state=state, **traits)

    def show(self, laboratory: Laboratory) -> dict[str, Any]:
        """Show a laboratory, and return the description that the page receives.

        Raises
        ------
        ModelError
            For a model that cannot be compiled to WebAssembly.
        """
        description, kernel = browser_data(laboratory)
        with self.hold_sync():
            self._kernel = b64decode(kernel)
            self._description = as_json(description)
        return description

    @property
    def state(self) -> str:
        """The current settings of the page as text (`sdcluster.lab.page_state`)."""
        return str(self._state)

    @state.setter
    def state(self, text: str) -> None:
        self._state = text


class LessonWidget(LaboratoryWidget):
    """The widget behind `sdcluster.lesson`: a lesson with the laboratory of its model.

    Parameters
    ----------
    lesson : mapping
        The content of the lesson's page (from `sdcluster.publish.lesson_data`).
    state : str
        The settings of the laboratory.
    """

    _lesson = traitlets.Unicode().tag(sync=True)
    _answers = traitlets.Unicode().tag(sync=True)

    def __init__(self, lesson: Mapping[str, Any], state: str = "") -> None:
        super().__init__(state, "lesson", _lesson=as_json(dict(lesson)))


class CourseWidget(FrontEndWidget):
    """The front page of the course; its links open the lesson notebooks in the same folder.

    Parameters
    ----------
    course : mapping
        The content of the front page (from `sdcluster.publish.lesson_course`).
    language : {"en", "zh"}
    """

    _course = traitlets.Unicode().tag(sync=True)
    language = traitlets.Enum(LANGUAGES, "en").tag(sync=True)

    def __init__(self, course: Mapping[str, Any], language: str = "en") -> None:
        super().__init__("course", _course=as_json(dict(course)), language=language)
