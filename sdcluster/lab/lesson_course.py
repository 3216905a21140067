"""A lesson put together from its wording table, its model and its runs.

Takes ``models/<name>/lesson.toml`` and the model it names; gives widgets. No number of a lesson stands in the table:
what is right is measured on a run when the student asks (`measure`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, wraps
from typing import Any

import numpy as np
import traitlets

from sdcluster.errors import ModelError, SimulationError
from sdcluster.lab.exercise import CLOSE, Card, Exercise, Prediction, distance
from sdcluster.lab.exercise_wording import fill
from sdcluster.lab.lesson_table import lesson_names, minutes, models_folder, wording, words
from sdcluster.lab.notebook_widget import LaboratoryWidget
from sdcluster.lab.page_state import decoded
from sdcluster.lab.wording import axis_unit, sentence
from sdcluster.model import Model
from sdcluster.model.elements import one
from sdcluster.project.lab_file import lab_beside
from sdcluster.project.library import lesson_of
from sdcluster.publish.laboratory_data import laboratory_data
from sdcluster.publish.lesson_loops import area_blocks, loop_blocks
from sdcluster.publish.lesson_runs import LessonRuns
from sdcluster.words import LANGUAGES

LOOKS = ("run", "other", "third")


def course(name: str, *, language: str = "en") -> Course:
    """Open a lesson of the course.

    Parameters
    ----------
    name : str
        Name of a lesson, which is that of its model's folder in ``models``, or ``"start_here"``, the front page.
    language : {"en", "zh"}
        The language to begin with; a button changes it.

    Returns
    -------
    Course
        Its parts are the lesson's widgets: ``predict()``, ``observe()``, ``explain()``, ``practise()``, ``teach()``.

    Raises
    ------
    ModelError
        If there is no such lesson; the message names those there are.
    """
    return Course(name, language=language)


class Parts(tuple[Any, ...]):
    """Widgets below one another. The page (voila) knows our widgets only, so no box of ipywidgets holds them."""

    def _ipython_display_(self) -> None:
        from IPython.display import display

        for part in self:
            display(part)


class LaterLaboratory(LaboratoryWidget):
    """A laboratory that runs and is shown only once it is opened: a run that is seen is no longer predicted.

    The lesson's first page does not wait for it either.
    """

    shown = traitlets.Bool(False)
    language = traitlets.Enum(LANGUAGES, "en")

    def __init__(self, model: Model) -> None:
        super().__init__()
        self._model = model
        self.observe(self._say, "language")
        self.observe(self._heard, "_state")

    def unlock(self) -> None:
        """Run the model and show it; a second call changes nothing."""
        if not self._description:
            self.show(laboratory_data(self._model))
        self.shown = True

    def _say(self, _change: object) -> None:
        self.state = decoded(self.state).in_language(self.language).text

    def _heard(self, _change: object) -> None:
        self.language = decoded(self.state).language


def told(part: Callable[[Course], Any]) -> Callable[[Course], Any]:
    """Make a part say on a card what is wrong with its model, once: a page shows no traceback to a class."""

    @wraps(part)
    def safe(course: Course) -> Any:
        try:
            return part(course)
        except (ModelError, SimulationError, OSError) as error:
            return course.trouble(error)

    return safe


class Course:
    """One lesson; its methods are the parts, in the order of the class.

    Parameters
    ----------
    name : str
        See `sdcluster.lab.exercise.course`.
    language : {"en", "zh"}
        The language of all parts to begin with; a button in any of them changes it in all.
    """

    def __init__(self, name: str, *, language: str = "en") -> None:
        self.name, self.table = name, wording(name)
        self.language = language
        self.runs = LessonRuns(models_folder() / self.table["model"])
        self._cards: list[traitlets.HasTraits] = []
        self._told: set[str] = set()

    @cached_property
    def model(self) -> Model:
        """The lesson's model, which has all that the lesson names."""
        lesson_of(self.name, self.runs.model)
        return self.runs.model

    def trouble(self, error: Exception) -> Parts:
        """What is wrong and what to do, on a card; the same error is told once in a lesson."""
        if str(error) in self._told:
            return Parts(())
        self._told.add(str(error))
        blocks = [{"kind": "text", "text": dict(sentence(error))}]
        blocks.append({"kind": "text", "text": words("trouble_remedy")})
        spec = {"kind": "trouble", "switch": True, "title": words("trouble"), "blocks": blocks}
        return Parts((self._add(Card(spec)),))

    def welcome(self) -> Card:
        """What the course is, how to use it, and its lessons."""
        table = self.table
        lessons = [
            {
                "file": f"{wording(name)['number']:02}_{name}.ipynb",
                "link": fill(
                    "lesson", number=wording(name)["number"], title=wording(name)["title"]
                ),
                "text": fill(
                    "lesson_more", minutes=minutes(name), question=wording(name)["question"]
                ),
            }
            for name in lesson_names()
            if wording(name)["number"] > 0
        ]
        blocks: list[dict[str, Any]] = []
        for part in table["part"]:
            blocks.append({"kind": "heading", "text": part["title"]})
            blocks += [{"kind": "text", "text": text} for text in part.get("text", [])]
            if part.get("lessons"):
                blocks.append({"kind": "lessons", "items": lessons})
            if "item" in part:
                blocks.append({"kind": "list", "ordered": True, "items": part["item"]})
        return self._add(
            Card(
                {
                    "kind": "text",
                    "level": 1,
                    "switch": True,
                    "title": table["title"],
                    "blocks": blocks,
                }
            )
        )

    @told
    def predict(self) -> Parts:
        """The question and the prediction."""
        return Parts((self._head(), self.prediction))

    @told
    def observe(self) -> Parts:
        """What to look for, and the model with its sliders; opens when the prediction is committed."""
        look = self._add(
            Card(
                {
                    "kind": "text",
                    "title": words("observe"),
                    "blocks": [{"kind": "list", "ordered": True, "items": self.table["observe"]}],
                }
            )
        )
        return self._closed(look, self.laboratory)

    @told
    def explain(self) -> Parts:
        """The explanation and the loop that did it; opens when the prediction is committed."""
        blocks = [{"kind": "text", "text": text} for text in self.table["explain"]]
        blocks += loop_blocks(self.model, self.table["loop"])
        where = self.table["diagram"]
        also = where.get("also", ())
        blocks += area_blocks(self.model, self.table["loop"], where["areas"], also)
        card = {"kind": "text", "title": words("explain"), "blocks": blocks}
        return self._closed(self._add(Card(card)))

    @told
    def practise(self) -> Parts:
        """The exercises; they open when the prediction is committed, since a question may give it away."""
        return self._closed(*self.exercises)

    @told
    def teach(self) -> Card:
        """The teacher's note with its timing."""
        teacher = self.table["teacher"]
        rows = [
            [fill("minutes", minutes=step["minutes"]), step["text"]] for step in teacher["step"]
        ]
        total = fill("all_minutes", minutes=minutes(self.table["name"]))
        blocks: list[dict[str, Any]] = [{"kind": "text", "text": text} for text in teacher["text"]]
        found = [entry["text"] for entry in teacher.get("find", [])]
        blocks += [{"kind": "heading", "text": words("found")}]
        blocks += [{"kind": "list", "ordered": True, "items": found}]
        blocks += [{"kind": "heading", "text": words("timing")}]
        blocks += [{"kind": "table", "rows": rows}, {"kind": "text", "text": total}]
        card = {"kind": "text", "folded": True, "title": words("teach"), "blocks": blocks}
        return self._add(Card(card))

    @cached_property
    def prediction(self) -> Prediction:
        """The widget of the prediction."""
        told = self.table["prediction"]
        given = [self._curve(run, "given") for run in told.get("given", [])]
        spec: dict[str, Any] = {
            "title": words("predict"),
            "form": told["form"],
            "blocks": [{"kind": "text", "text": text} for text in told["text"]],
            "given": given,
            "axes": self._axes(given),
        }
        if told["form"] == "curve":
            low, high = spec["axes"]["range"]
            middle = told.get("start", (low + high) / 2)
            spec["points"] = [{"time": time, "value": middle} for time in told["points"]]
        else:
            spec["options"] = [option["text"] for option in told["option"]]
        return self._add(Prediction(spec, self._reveal))

    @cached_property
    def exercises(self) -> tuple[Exercise, ...]:
        """The widgets of the exercises."""
        made = []
        for number, entry in enumerate(self.table["exercise"], 1):
            spec = {
                "title": fill("practise", number=number),
                "blocks": [{"kind": "text", "text": entry["text"]}],
                **{key: entry[key] for key in ("unit", "tolerance", "within") if key in entry},
            }
            if "option" in entry:
                spec["options"] = [option["text"] for option in entry["option"]]
            solve = lambda entry=entry: self.solve(entry)  # noqa: E731
            made.append(self._add(Exercise(spec, solve)))
        return tuple(made)

    @cached_property
    def laboratory(self) -> LaterLaboratory:
        """The model with its sliders."""
        return self._add(LaterLaboratory(self.model))

    def solve(self, entry: Mapping[str, Any]) -> float:
        """Measure the right answer of an exercise; of options, the place of the one that measures highest."""
        if "option" in entry:
            return float(np.argmax([self.runs.measure(o["measure"]) for o in entry["option"]]))
        return self.runs.measure(entry["measure"])

    def _head(self) -> Card:
        spec = {
            "kind": "text",
            "level": 1,
            "switch": True,
            "title": self.table["title"],
            "blocks": [{"kind": "text", "text": self.table["question"]}],
        }
        return self._add(Card(spec))

    def _reveal(self, value: Any) -> dict[str, Any]:
        told = self.table["prediction"]
        curves = [self._curve(run, look) for run, look in zip(told["run"], LOOKS, strict=False)]
        given = [self._curve(run, "given") for run in told.get("given", [])]
        axes = self._axes([*given, *curves])
        if told["form"] == "curve":
            first = curves[0]
            run = np.interp([p["time"] for p in value], first["time"], first["values"])
            share = distance(value, list(run), axes["range"][1] - axes["range"][0])
            drawn = _shape([p["time"] for p in value], [p["value"] for p in value])
            shapes = {"yours": fill("shape", **drawn)}
            shapes["models"] = fill("shape", **_shape(first["time"], first["values"]))
            text = fill("close" if share <= CLOSE else "far", **shapes)
            return {"curves": curves, "axes": axes, "text": text}
        measured = self.runs.measure(told["measure"])
        right = next(
            i
            for i, option in enumerate(told["option"])
            if option.get("min", -np.inf) <= measured < option.get("max", np.inf)
        )
        text = fill("agree" if value == right else "differ")
        return {"curves": curves, "axes": axes, "text": text, "right": right}

    def _curve(self, run: Mapping[str, Any], look: str) -> dict[str, Any]:
        return self.runs.curve(run, self.table["prediction"]["variable"], look)

    def _axes(self, curves: list[dict[str, Any]]) -> dict[str, Any]:
        told = self.table["prediction"]
        variable = one(self.model, told["variable"])
        span = self.model.time
        stop = max([span.stop, *(c["time"][-1] for c in curves), *told.get("points", [])])
        top = max([0.0, *(v for c in curves for v in c["values"])])
        step = 10 ** np.floor(np.log10(top)) if top > 0 else 1.0
        return {
            "time": [span.start, stop],
            "range": told.get("range", [0.0, float(step * np.ceil(1.02 * top / step)) or 1.0]),
            "unit": axis_unit(variable.variable.units, lab_beside(self.model).units),
            "label": {lang: self.model.label(variable.name, lang) for lang in LANGUAGES},
        }

    def _closed(self, *parts: Any) -> Parts:
        """Keep parts shut until the prediction is committed."""

        def unlock(_change: object = None) -> None:
            if not self.prediction.locked:
                return
            for part in parts:
                try:
                    part.unlock()
                except (ModelError, SimulationError, OSError) as error:
                    parts[0].add_text(dict(sentence(error)))

        for part in parts:
            part.shown = False
        self.prediction.observe(unlock, "_result")
        unlock()
        return Parts(parts)

    def _add(self, card: Any) -> Any:
        card.language = self.language
        if self._cards:
            traitlets.link((self._cards[0], "language"), (card, "language"))
        self._cards.append(card)
        return card


def _shape(time: Sequence[float], values: Sequence[float]) -> dict[str, str]:
    """What a curve does, in numbers that are told: its highest point and its end."""
    top = int(np.argmax(values))
    told = {"top": values[top], "last": values[-1]}
    years = {"top_year": time[top], "last_year": time[-1]}
    return {k: f"{v:.3g}" for k, v in told.items()} | {k: f"{v:.0f}" for k, v in years.items()}
