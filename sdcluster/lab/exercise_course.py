"""A lesson put together from its wording table, its model and its runs.

Takes ``lessons/<name>.toml`` and the model it names; gives widgets. No number of a lesson stands in the table: what
is right is measured on a run when the student asks (`measure`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import traitlets
import xarray

import sdcluster
from sdcluster.errors import ModelError
from sdcluster.lab.charts import Chart, Line
from sdcluster.lab.diagram import diagram_svg
from sdcluster.lab.exercise import CLOSE, Card, Exercise, Prediction, distance, static
from sdcluster.lab.exercise_wording import COURSE, fill
from sdcluster.lab.widget import Laboratory, script, style
from sdcluster.lab.wording import LANGUAGES
from sdcluster.model import Model
from sdcluster.model.graph import Loop, causal_graph

Text = dict[str, str]
POINTS = 120  # of a curve in the picture of a prediction
LOOKS = ("run", "other", "third")
LINES = (("blue", "solid"), ("vermillion", "dash"), ("green", "dot"))


@cache
def wording(name: str) -> dict[str, Any]:
    """Read the table of one lesson; raises `ModelError` naming the lessons there are."""
    table = files("sdcluster.lab") / "lessons" / f"{name}.toml"
    if not table.is_file():
        raise ModelError(f'there is no lesson "{name}"; there are {", ".join(lesson_names())}')
    return tomllib.loads(table.read_text(encoding="utf-8"))


def lesson_names() -> list[str]:
    """Names of all lessons, in the order of the course."""
    folder = files("sdcluster.lab") / "lessons"
    names = [f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")]
    return sorted(names, key=lambda name: (wording(name)["number"], name))


def minutes(name: str) -> int:
    """How long a lesson takes, by its teacher's note."""
    return sum(int(step["minutes"]) for step in wording(name)["teacher"]["step"])


def models_folder() -> Path:
    """Folder ``models`` beside the notebooks, here, or in the checkout; raises `ModelError` without one."""
    here = Path.cwd()
    for folder in (here.parent, here, Path(__file__).parents[2]):
        if (folder / "models").is_dir():
            return folder / "models"
    raise ModelError(f'no folder "models" beside {here} or in it; open the notebook where it lies')


class Parts(tuple[Any, ...]):
    """Widgets below one another. The page (voila) knows our widgets only, so no box of ipywidgets holds them."""

    def _ipython_display_(self) -> None:
        from IPython.display import display

        for part in self:
            display(part)


class LaterLaboratory(Laboratory):
    """A laboratory that is drawn only once it is `shown`: a run that is seen is no longer predicted."""

    shown = traitlets.Bool(False).tag(sync=True)

    def __init__(self, model: Model, charts: Sequence[Chart] | None = None) -> None:
        super().__init__(model, charts=charts)
        self._css = style() + ".sdc-story:empty { display: none; }\n"  # no story is told here
        later = static("later.js").partition("\n")[2]
        self._esm = script().replace("export default {", "const laboratory = {") + later


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
        self.table = wording(name)
        self.language = language
        self._cards: list[traitlets.HasTraits] = []
        self._runs: dict[str, xarray.Dataset] = {}

    @cached_property
    def model(self) -> Model:
        """The lesson's model."""
        return sdcluster.load(models_folder() / self.table["model"])

    def welcome(self) -> Card:
        """What the course is, how to use it, and its lessons."""
        table = self.table
        lessons = [
            fill(
                "lesson",
                file=f"{wording(name)['number']:02}_{name}",
                title=wording(name)["title"],
                minutes=minutes(name),
                question=wording(name)["question"],
            )
            for name in lesson_names()
            if wording(name)["number"] > 0
        ]
        blocks: list[dict[str, Any]] = []
        for part in table["part"]:
            blocks.append({"kind": "heading", "text": part["title"]})
            blocks += [{"kind": "text", "text": text} for text in part.get("text", [])]
            if part.get("lessons"):
                blocks.append({"kind": "list", "items": lessons})
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

    def predict(self) -> Parts:
        """The question and the prediction."""
        return Parts((self._head(), self.prediction))

    def observe(self) -> Parts:
        """What to look for, and the model with its sliders; opens when the prediction is committed."""
        look = self._add(
            Card(
                {
                    "kind": "text",
                    "title": _words("observe"),
                    "blocks": [{"kind": "list", "ordered": True, "items": self.table["observe"]}],
                }
            )
        )
        return self._closed(look, self.laboratory)

    def explain(self) -> Parts:
        """The explanation and the loop that did it; opens when the prediction is committed."""
        blocks = [{"kind": "text", "text": text} for text in self.table["explain"]]
        for entry in self.table["loop"]:
            blocks.append({"kind": "loop", "text": self._loop_text(entry)})
        blocks += self._pictures()
        card = {"kind": "text", "title": _words("explain"), "blocks": blocks}
        return self._closed(self._add(Card(card)))

    def practise(self) -> Parts:
        """The exercises."""
        return Parts(self.exercises)

    def teach(self) -> Card:
        """The teacher's note with its timing."""
        teacher = self.table["teacher"]
        rows = [
            [fill("minutes", minutes=step["minutes"]), step["text"]] for step in teacher["step"]
        ]
        total = fill("all_minutes", minutes=minutes(self.table["name"]))
        blocks = [{"kind": "text", "text": text} for text in teacher["text"]]
        blocks += [{"kind": "table", "rows": rows}, {"kind": "text", "text": total}]
        return self._add(Card({"kind": "text", "title": _words("teach"), "blocks": blocks}))

    @cached_property
    def prediction(self) -> Prediction:
        """The widget of the prediction."""
        told = self.table["prediction"]
        given = [self._curve(run, "given") for run in told.get("given", [])]
        spec: dict[str, Any] = {
            "title": _words("predict"),
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
        for entry in self.table["exercise"]:
            spec = {
                "title": _words("practise"),
                "blocks": [{"kind": "text", "text": entry["text"]}],
                "unit": entry["unit"],
                **{key: entry[key] for key in ("tolerance", "within") if key in entry},
            }
            solve = lambda entry=entry: self.measure(entry["measure"])  # noqa: E731
            made.append(self._add(Exercise(spec, solve)))
        return tuple(made)

    @cached_property
    def laboratory(self) -> Laboratory:
        """The model with its sliders."""
        charts = [
            Chart(
                chart["title"],
                tuple(
                    Line(name, colour, dash)
                    for name, (colour, dash) in zip(chart["lines"], LINES, strict=False)
                ),
            )
            for chart in self.table.get("chart", [])
        ]
        return self._add(LaterLaboratory(self.model, charts or None))

    def measure(self, what: Mapping[str, Any]) -> float:
        """Measure one number on runs.

        Parameters
        ----------
        what : mapping
            ``variable``, ``scenario`` (default ``"default"``), ``settings`` and ``at``: a year, ``"final"``,
            ``"peak"``, ``"peak time"`` or ``"fall"`` (share lost from the peak to the end); ``above`` in
            place of ``at``: the first year at or above a level. With ``against`` (another such table) their ratio.
            ``percent`` gives a share in percent.
        """
        run = self.run(what)[self.model[what["variable"]].name]
        time, values = run["time"].to_numpy(), run.to_numpy()
        if "above" in what:
            reached = np.flatnonzero(values >= what["above"])
            number = float(time[reached[0]]) if reached.size else float("nan")
        else:
            number = _at(time, values, what.get("at", "final"))
        if "against" in what:
            number /= self.measure(what["against"])
        return 100 * number if what.get("percent") else number

    def run(self, what: Mapping[str, Any]) -> xarray.Dataset:
        """Run a scenario with settings, each combination once."""
        scenario, settings = what.get("scenario", "default"), dict(what.get("settings", {}))
        key = f"{scenario} {sorted(settings.items())}"
        if key not in self._runs:
            span = self.model.time
            saveper = max(span.saveper, span.dt * round((span.stop - span.start) / 800 / span.dt))
            self._runs[key] = sdcluster.simulate(
                self.model, scenario, settings=settings or None, saveper=saveper
            )
        return self._runs[key]

    def loop(self, names: list[str]) -> Loop:
        """The feedback loop through `names`; raises `ModelError` where the model has no such link."""
        graph = causal_graph(self.model)
        found = [self.model[name].name for name in names]
        signs = []
        for cause, effect in pairwise([*found, found[0]]):
            if not graph.has_edge(cause, effect):
                raise ModelError(f'in this model "{cause}" does not act on "{effect}"')
            signs.append(graph.edges[cause, effect]["polarity"])
        polarity = "?" if "?" in signs else "-" if signs.count("-") % 2 else "+"
        return Loop(tuple(found), polarity)

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
            text = fill("close" if share <= CLOSE else "far", share=f"{100 * share:.0f}")
            return {"curves": curves, "axes": axes, "text": text}
        measured = self.measure(told["measure"])
        right = next(
            i
            for i, option in enumerate(told["option"])
            if option.get("min", -np.inf) <= measured < option.get("max", np.inf)
        )
        text = fill("agree" if value == right else "differ")
        return {"curves": curves, "axes": axes, "text": text, "right": right}

    def _curve(self, run: Mapping[str, Any], look: str) -> dict[str, Any]:
        variable = self.model[run.get("variable", self.table["prediction"]["variable"])].name
        series = self.run(run)[variable]
        every = max(1, series.size // POINTS)
        time = series["time"].to_numpy()[::every]
        kept = time <= run.get("until", np.inf)
        return {
            "label": run["label"],
            "look": look,
            "time": [round(float(t), 3) for t in time[kept]],
            "values": [float(f"{v:.4g}") for v in series.to_numpy()[::every][kept]],
        }

    def _axes(self, curves: list[dict[str, Any]]) -> dict[str, Any]:
        told = self.table["prediction"]
        variable = self.model[told["variable"]]
        span = self.model.time
        stop = max([span.stop, *(c["time"][-1] for c in curves)])
        top = max([0.0, *(v for c in curves for v in c["values"])])
        step = 10 ** np.floor(np.log10(top)) if top > 0 else 1.0
        years = np.linspace(span.start, stop, 6).round().astype(int).tolist()
        return {
            "time": [span.start, stop],
            "range": told.get("range", [0.0, float(step * np.ceil(1.02 * top / step)) or 1.0]),
            "ticks": years,
            "label": {lang: self.model.label(variable.name, lang) for lang in LANGUAGES},
        }

    def _loop_text(self, entry: Mapping[str, Any]) -> Text:
        names = self.loop(entry["names"]).names
        paths = {
            language: " → ".join(self.model.label(n, language) for n in [*names, names[0]])
            for language in LANGUAGES
        }
        return fill("loop", name=entry["name"], kind=_words(entry["kind"]), path=paths)

    def _pictures(self) -> list[dict[str, Any]]:
        """The areas of the diagram where the loops run: the whole of it would be too small to read."""
        names = [name for entry in self.table["loop"] for name in self.loop(entry["names"]).names]
        alt = self._loop_text(self.table["loop"][0])
        return [
            {
                "kind": "picture",
                "alt": alt,
                "svg": {
                    language: diagram_svg(self.model, language, names, area=area, constants=False)
                    for language in LANGUAGES
                },
            }
            for area in self.table["diagram"]["areas"]
        ]

    def _closed(self, *parts: Any) -> Parts:
        """Keep parts shut until the prediction is committed."""

        def unlock(_change: object = None) -> None:
            for part in parts:
                part.shown = self.prediction.locked

        self.prediction.observe(unlock, "_result")
        unlock()
        return Parts(parts)

    def _add(self, card: Any) -> Any:
        card.language = self.language
        if self._cards:
            traitlets.link((self._cards[0], "language"), (card, "language"))
        self._cards.append(card)
        return card


def _words(key: str) -> Text:
    return {language: COURSE[language][key] for language in LANGUAGES}


def _at(time: np.ndarray, values: np.ndarray, at: float | str) -> float:
    if at == "final":
        return float(values[-1])
    if at == "peak":
        return float(values.max())
    if at == "peak time":
        return float(time[values.argmax()])
    if at == "fall":
        return float(1 - values[-1] / values.max())
    return float(np.interp(float(at), time, values))
