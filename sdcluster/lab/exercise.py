"""Cards of a lesson as widgets: a text, a prediction that locks, an exercise whose answer a run checks.

What crosses the border to the browser: what the card shows (`_spec`, `_words`); from the browser comes the committed
prediction (`committed`) or an answer (`answer`); Python replies with `_result` or `_feedback`. An error of the model
is a reply too (`kind` ``"error"``): a student is never left waiting. `lesson_course` puts the cards together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any

import traitlets

from sdcluster.lab.assets import PlainWidget, joined, static
from sdcluster.lab.exercise_wording import COURSE, fill
from sdcluster.lab.wording import sentence
from sdcluster.words import LANGUAGES

CARD_SCRIPTS = ("format.js", "plot.js", "course.js")
# Of the picture's height: a curve drawn this near to the run, on average, is called close.
CLOSE = 0.10


class Card(PlainWidget):
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
            _esm=joined(CARD_SCRIPTS),
            _css=static("course.css"),
        )

    def unlock(self) -> None:
        """Show the card."""
        self.shown = True

    def add_text(self, text: Mapping[str, str]) -> None:
        """Put a text, by language, below what the card shows."""
        blocks = [*self._spec.get("blocks", ()), {"kind": "text", "text": dict(text)}]
        self._spec = {**self._spec, "blocks": blocks}


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
            try:
                self._result = self._reveal(self._locked["value"])
            except Exception as error:  # told on the card: the student would wait for ever
                self._result = {"kind": "error", "text": dict(sentence(error))}


class Exercise(Card):
    """A question whose answer, a number or one of some options, is checked against a run.

    Parameters
    ----------
    spec : mapping
        As for `Card`; for a number ``unit`` and ``tolerance`` (share of the right answer) or ``within`` (in units of
        it), for a choice ``options``.
    solve : callable
        Gives the right answer, for a choice the option's place; called at the first check, not before.
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
        """Check an answer from Python; gives ``"right"``, ``"high"``, ``"low"``, ``"other"`` or ``"none"``."""
        self.answer = {"text": text, "number": self.answer.get("number", 0) + 1}
        return str(self._feedback["kind"])

    def _check(self, _change: object) -> None:
        try:
            kind, text = self._verdict(str(self.answer.get("text", "")))
        except Exception as error:  # told on the card: the student would wait for ever
            kind, text = "error", dict(sentence(error))
        self._feedback = {"kind": kind, "text": text, "number": self.answer.get("number", 0)}

    def _verdict(self, answer: str) -> tuple[str, dict[str, str]]:
        given = number(answer)
        if "options" in self._spec:
            if given is None:
                return "none", fill("no_choice")
            kind = "right" if given == self._solve() else "other"
            return kind, fill("right_choice" if kind == "right" else "other_choice")
        if given is None:
            return "none", fill("no_number")
        right = self._solve()
        within = self._spec.get("within", abs(right) * self._spec.get("tolerance", 0.05))
        if abs(given - right) <= within * (1 + 1e-9):
            return "right", fill("right", value=f"{right:.3g}")
        return ("high", fill("high")) if given > right else ("low", fill("low"))


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
