"""`sdcluster.lesson(…)` and `sdcluster.course()`: the published lessons in a notebook, with the student's answers.

`lesson` takes the name or the file of a lesson, and returns a widget. The widget contains the laboratory of
`sdcluster.explore`, and gives access to the student's prediction and answers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import isfinite
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdcluster.errors import ModelError, short_traceback
from sdcluster.lab.explorer import Explorer
from sdcluster.lab.notebook_widget import CourseWidget, LessonWidget
from sdcluster.lab.page_state import decoded
from sdcluster.messages import comma_separated, message
from sdcluster.project.library import lesson as lesson_table
from sdcluster.project.library import lesson_names
from sdcluster.project.scenarios_file import scenarios_beside
from sdcluster.publish.lesson_course import course_data
from sdcluster.publish.lesson_data import find_lesson, lesson_data

if TYPE_CHECKING:
    import pandas as pd

FRONT_PAGE = "start_here"


@short_traceback
def lesson(source: str | Path, *, language: str = "en", state: str | None = None) -> Lesson:
    """Show a lesson in a notebook: prediction, laboratory, explanation, exercises, and a view for the projector.

    The lesson is the same as on a page written by ``sdcluster publish``. A saved notebook shows the lesson with the
    student's prediction and answers when it is reopened, even without a Python process.

    Parameters
    ----------
    source : str or path
        Path of a ``lesson.toml`` or of the folder with this file, or the name of a lesson in the course.
    language : {"en", "zh"}
        The language that the lesson shows first; a button in the lesson changes the language.
    state : str, optional
        The state of the laboratory to restore, from `Lesson.state`.

    Returns
    -------
    Lesson
        The widget of the lesson, with the student's answers.

    Raises
    ------
    ModelError
        If the lesson or another file of its project has an error, if the model cannot run in a page, or if the front
        end was not built.

    Examples
    --------
    >>> import sdcluster
    >>> lesson = sdcluster.lesson("cluster")  # doctest: +SKIP
    >>> lesson.prediction  # doctest: +SKIP
    [1.5, 1.8, 2.0, 1.9, 1.6, 1.2, 1.1]
    >>> lesson.answers().groupby("part").verdict.last()  # doctest: +SKIP
    """
    return Lesson(source, language=language, state=state)


@short_traceback
def course(*, language: str = "en") -> CourseWidget:
    """Show the front page of the course in a notebook; its links open the lesson notebooks in the same folder.

    Parameters
    ----------
    language : {"en", "zh"}
        The language that the page shows first; a button changes the language.

    Returns
    -------
    CourseWidget
        The widget of the front page.
    """
    lessons = [table for name in lesson_names() if (table := lesson_table(name))["number"] > 0]
    front = lesson_table(FRONT_PAGE)
    return CourseWidget(course_data(front, lessons, language, notebook_name), language)


def notebook_name(table: Mapping[str, Any]) -> str:
    """Return the file name of a lesson's notebook."""
    return f"{table['number']:02}_{table['name']}.ipynb"


class Lesson(Explorer):
    """An open lesson with the student's prediction and answers, and the laboratory; created by `lesson`.

    The methods and properties for the laboratory's settings, scenario, charts, runs and state are those of `Explorer`.

    Parameters
    ----------
    source, language, state
        As for `lesson`.

    Attributes
    ----------
    model : Model
    name : str
        Name of the lesson.
    widget : LessonWidget
        The widget of the notebook, for layouts of ipywidgets.
    """

    widget: LessonWidget

    def __init__(
        self, source: str | Path, *, language: str = "en", state: str | None = None
    ) -> None:
        self._check_language(language)
        page = lesson_data(find_lesson(source))
        self._page_data = page.data
        self.name = str(page.data["name"])
        model = page.laboratory.setup.kernel.model
        known = {found.name: found for found in scenarios_beside(model)}
        self._open(
            model, LessonWidget(page.data, decoded(state or "").text), page.laboratory, known
        )
        self._speak(language)

    @property
    def prediction(self) -> list[float] | int | None:
        """The student's committed prediction, or None before it is committed.

        A drawn prediction is a list of values at the points of the curve; a choice is the index of an option, from 0.
        """
        committed = self._answers["committed"]
        return None if committed is None else committed["value"]

    def predict(self, value: Sequence[float] | int) -> None:
        """Commit a prediction, as the student does on the page; a committed prediction cannot be changed.

        Parameters
        ----------
        value : sequence of float, or int
            The values at the points of a drawn prediction, or the index of the chosen option, from 0.

        Raises
        ------
        ModelError
            If the value is not valid for the lesson's prediction, or if a prediction is already committed.
        """
        answers = self._answers
        if answers["committed"] is not None:
            raise ModelError(message("lab.prediction_committed_already_lesson"))
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        answers["committed"] = {"value": self._fitting(value), "at": now}
        self.widget._answers = json.dumps(answers)

    def _fitting(self, value: Any) -> list[float] | int:
        asked = self._page_data["prediction"]
        if asked["form"] == "choice":
            count = len(asked["options"])
            if isinstance(value, Integral) and 0 <= int(value) < count:
                return int(value)
            raise ModelError(
                message("lab.prediction_one_options_number", count=count, count_2=count - 1)
            )
        count = len(asked["points"])
        try:
            values = [float(v) for v in value]
        except (TypeError, ValueError):
            values = []
        if len(values) != count or not all(map(isfinite, values)):
            points = comma_separated(f"{point:g}" for point in asked["points"])
            raise ModelError(message("lab.prediction_takes_numbers", count=count, points=points))
        return values

    def answers(self, language: str = "en") -> pd.DataFrame:
        """Return the prediction and all attempts at the exercises.

        Parameters
        ----------
        language : {"en", "zh"}
            Language of questions and options.

        Returns
        -------
        pandas.DataFrame
            The prediction has a row for each point of a drawn curve, or a single row for a choice; each attempt at an
            exercise has a row. The columns are ``lesson``, ``part``, ``question``, ``answer``, ``verdict`` (``right``,
            ``high``, ``low`` or ``other``) and ``time``, as in the CSV file that the lesson's menu offers.
        """
        import pandas as pd

        columns = ["lesson", "part", "question", "answer", "verdict", "time"]
        rows = [[self.name, *row] for row in (*self._predicted(language), *self._tried(language))]
        return pd.DataFrame(rows, columns=columns)

    def _predicted(self, language: str) -> list[list[Any]]:
        asked, committed = self._page_data["prediction"], self._answers["committed"]
        if committed is None:
            return []
        value, at = committed["value"], committed["at"]
        if asked["form"] == "choice":
            verdict = "right" if value == asked["right"] else "other"
            chosen = _pick(asked["options"][value], language)
            return [["prediction", _pick(asked["text"][-1], language), chosen, verdict, at]]
        return [
            ["prediction", f"{asked['variable']}, {point:g}", number, "", at]
            for point, number in zip(asked["points"], value, strict=True)
        ]

    def _tried(self, language: str) -> list[list[Any]]:
        rows = []
        exercises = self._page_data["exercises"]
        for number, (exercise, attempts) in enumerate(
            zip(exercises, self._answers["exercises"], strict=True), 1
        ):
            question = _pick(exercise["text"], language)
            for tried in attempts:
                answer = tried["answer"]
                if "options" in exercise:
                    answer = _pick(exercise["options"][int(answer)], language)
                rows.append([f"exercise {number}", question, answer, tried["verdict"], tried["at"]])
        return rows

    def clear(self) -> None:
        """Delete the prediction and all answers, so that the next student can begin."""
        self.widget._answers = json.dumps(self._none)

    @property
    def _answers(self) -> dict[str, Any]:
        return json.loads(self.widget._answers) if self.widget._answers else self._none

    @property
    def _none(self) -> dict[str, Any]:
        data = self._page_data
        return {
            "format": 1,
            "lesson": self.name,
            "committed": None,
            "done": [False] * len(data["observe"]),
            "exercises": [[] for _ in data["exercises"]],
        }

    def __repr__(self) -> str:
        return f'<lesson "{_pick(self._page_data["title"], "en")}">'


def _pick(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")
