"""Cards of a lesson as widgets: a text, a prediction that locks, an exercise whose answer a run checks.

What crosses the border to the browser: what the card shows (`_spec`, `_words`); from the browser comes the committed
prediction (`committed`) or an answer (`answer`); Python replies with `_result` or `_feedback`. `course(name)` is a
whole lesson.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from math import isfinite
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from sdcluster.lab.exercise_wording import COURSE, fill
from sdcluster.lab.wording import LANGUAGES

if TYPE_CHECKING:
    from sdcluster.lab.exercise_course import Course

CLOSE = (
    0.10  # of the picture's height: a curve drawn this near to the run, on average, is called close
)


@cache
def static(name: str) -> str:
    """Text of one file of ``static/``."""
    return (files("sdcluster.lab") / "static" / name).read_text(encoding="utf-8")


class Card(anywidget.AnyWidget):
    """A text with headings, lists, tables and pictures in both languages.

    Parameters
    ----------
    spec : mapping
        ``kind``, ``title`` and ``blocks``; every text is a table by language.
    language : {"en", "zh"}
        The language to begin with.
    """

    _spec = traitlets.Dict().tag(sync=True)
    _words = traitlets.Dict(COURSE).tag(sync=True)
    _result = traitlets.Dict().tag(sync=True)
    _feedback = traitlets.Dict().tag(sync=True)
    committed = traitlets.Dict().tag(sync=True)
    answer = traitlets.Dict().tag(sync=True)
    shown = traitlets.Bool(True).tag(sync=True)
    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)
    language = traitlets.Enum(LANGUAGES, "en").tag(sync=True)

    def __init__(self, spec: Mapping[str, Any], *, language: str = "en") -> None:
        super().__init__(
            _spec=dict(spec),
            language=language,
            _esm=static("course.js"),
            _css=static("course.css"),
        )


class Prediction(Card):
    """A prediction, chosen among options or drawn as a curve, that locks and then meets the run.

    Parameters
    ----------
    spec : mapping
        As for `Card`, with ``form`` (``"choice"`` or ``"curve"``), ``options`` or ``points``, ``given``, ``axes``.
    reveal : callable
        Takes the committed value, gives what to show: ``curves``, ``axes``, ``text``, for a choice ``right``.
    language : {"en", "zh"}
        The language to begin with.
    """

    def __init__(
        self,
        spec: Mapping[str, Any],
        reveal: Callable[[Any], dict[str, Any]],
        *,
        language: str = "en",
    ) -> None:
        super().__init__({**spec, "kind": "prediction"}, language=language)
        self._reveal = reveal
        self._locked: dict[str, Any] | None = None
        self.observe(self._commit, "committed")

    @property
    def locked(self) -> bool:
        """Whether the student has committed."""
        return self._locked is not None

    def commit(self, value: Any) -> None:
        """Commit from Python what a student would commit in the browser; later commits change nothing."""
        self.committed = {"value": value}

    def _commit(self, _change: object) -> None:
        if self._locked is not None:
            self.committed = self._locked
        elif "value" in self.committed:
            self._locked = self.committed
            self._result = self._reveal(self._locked["value"])


class Exercise(Card):
    """A question with a number for an answer, checked against a run.

    Parameters
    ----------
    spec : mapping
        As for `Card`, with ``unit``, ``tolerance`` (share of the right answer) or ``within`` (in units of it).
    solve : callable
        Gives the right answer; called at the first check, not before.
    language : {"en", "zh"}
        The language to begin with.
    """

    def __init__(
        self, spec: Mapping[str, Any], solve: Callable[[], float], *, language: str = "en"
    ) -> None:
        super().__init__({**spec, "kind": "exercise"}, language=language)
        self._solve = solve
        self.observe(self._check, "answer")

    def check(self, text: str) -> str:
        """Check an answer from Python; gives ``"right"``, ``"high"``, ``"low"`` or ``"none"``."""
        self.answer = {"text": text, "number": self.answer.get("number", 0) + 1}
        return str(self._feedback["kind"])

    def _check(self, _change: object) -> None:
        given = number(str(self.answer.get("text", "")))
        if given is None:
            self._feedback = {"kind": "none", "text": fill("no_number")}
            return
        right = self._solve()
        within = self._spec.get("within", abs(right) * self._spec.get("tolerance", 0.05))
        if abs(given - right) <= within * (1 + 1e-9):
            kind, text = "right", fill("right", value=f"{right:.3g}")
        elif given > right:
            kind, text = "high", fill("high")
        else:
            kind, text = "low", fill("low")
        self._feedback = {"kind": kind, "text": text}


def number(text: str) -> float | None:
    """Read a number as people type it (``12``, ``0,5``, ``30 %``, ``１２``); None if it is none."""
    plain = text.strip().rstrip("%％ ").replace(",", ".").replace("，", ".").replace("−", "-")
    try:
        value = float(plain)
    except ValueError:
        return None
    return value if isfinite(value) else None


def distance(drawn: Sequence[Mapping[str, float]], run: Sequence[float], height: float) -> float:
    """Mean distance between the drawn points and the run at their times, as a share of the picture's height."""
    gaps = [abs(point["value"] - value) for point, value in zip(drawn, run, strict=True)]
    return sum(gaps) / len(gaps) / height


def course(name: str, *, language: str = "en") -> Course:
    """Open a lesson of the course.

    Parameters
    ----------
    name : str
        Name of a file in ``sdcluster/lab/lessons``, which is the model's name, or ``"start_here"``.
    language : {"en", "zh"}
        The language to begin with; a button changes it.

    Returns
    -------
    Course
        Its parts are the lesson's widgets: ``predict()``, ``observe()``, ``explain()``, ``practise()``, ``teach()``.
    """
    from sdcluster.lab.exercise_course import Course

    return Course(name, language=language)
