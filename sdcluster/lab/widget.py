"""The laboratory as a widget: sliders and charts in the browser, trajectories and words from Python.

What crosses the border to the browser: two synced tables (`_spec`, `_words`), the first picture (`_first`), and
messages. The browser sends ``{"kind": "run", "id", "state"}``; Python answers ``{"kind": "run", "id", "names",
"story", "backend"}`` with the curves as float32 bytes, or ``{"kind": "error", "id", "sentences"}``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import traitlets

import sdcluster
from sdcluster.lab import charts as tables
from sdcluster.lab.assets import PlainWidget, joined, static
from sdcluster.lab.charts import CLUSTER_CHARTS, Chart, Slider
from sdcluster.lab.runs import Curves, PythonRuns, Request, Runnable
from sdcluster.lab.story import PRESSURES, TIES, Finding, find, phrase
from sdcluster.lab.wording import INTERFACE, LANGUAGES, sentence
from sdcluster.model import Model
from sdcluster.model.elements import one
from sdcluster.scenario.scenario import Scenario

if TYPE_CHECKING:
    import xarray

SCRIPTS = ("format.js", "source.js", "chart.js", "controls.js", "lesson.js")
SAVED_MOMENTS = 480
FIRST_LESSON: dict[str, Any] = {"charts": CLUSTER_CHARTS, "rescue": 60.0, "tell": True}
STORY_VARIABLES = (
    "knowledge stock",
    "gap",
    "leader knowledge",
    "lock in",
    "lock in risk",
    *TIES,
    *PRESSURES,
)


@cache
def script() -> str:
    """The widget's one ES module."""
    return joined(SCRIPTS)


@cache
def style() -> str:
    """The widget's style sheet."""
    return static("lab.css")


class Laboratory(PlainWidget):
    """Sliders and charts for any model.

    Parameters
    ----------
    model : Model, str or Path
        A model or its file or folder.
    sliders : sequence of str, optional
        Constants to turn; by default the levers that the file marks, else its first constants.
    charts : sequence of Chart, optional
        By default the stocks, grouped by unit.
    language : {"en", "zh"}
        The language to begin with; a button changes it.
    rescue : tuple of float, optional
        Adds a slider for the year in which the scenario ``closed`` is opened, from the model's start to this year.
    tell : bool
        Whether a text line says in words what is happening (needs a variable ``knowledge stock``).
    simulator : Runnable, optional
        In place of `sdcluster.Simulator`, for instance one with another method.

    Raises
    ------
    ModelError
        For a slider or a chart with an unknown name.
    """

    _spec = traitlets.Dict().tag(sync=True)
    _words = traitlets.Dict(INTERFACE).tag(sync=True)
    _first = traitlets.Dict().tag(sync=True)
    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)
    language = traitlets.Enum(LANGUAGES, "en").tag(sync=True)

    def __init__(
        self,
        model: Model | str | Path,
        *,
        sliders: Sequence[str] | None = None,
        charts: Sequence[Chart] | None = None,
        language: str = "en",
        rescue: float | None = None,
        tell: bool = False,
        simulator: Runnable | None = None,
    ) -> None:
        prepared = self._prepare(
            model, sliders=sliders, charts=charts, rescue=rescue, tell=tell, simulator=simulator
        )
        super().__init__(**prepared, language=language, _esm=script(), _css=style())
        self.on_msg(self._receive)

    def _prepare(
        self,
        model: Model | str | Path,
        *,
        sliders: Sequence[str] | None = None,
        charts: Sequence[Chart] | None = None,
        rescue: float | None = None,
        tell: bool = False,
        simulator: Runnable | None = None,
    ) -> dict[str, Any]:
        """Read, run once, and give the traits with which the browser draws the first picture."""
        self.model = model if isinstance(model, Model) else sdcluster.load(model)
        self._scenarios, classroom = _scenarios_of(self.model)
        self._tell = tell
        shown = tuple(charts or tables.stock_charts(self.model))
        chart_specs = [tables.chart_spec(self.model, chart) for chart in shown]
        names = sliders or tables.chosen_constants(self.model)
        words = tables.time_words(self.model)
        time_unit = {code: w["year_axis"] for code, w in words.items() if w}
        time = self.model.time
        stops = [time.stop, *(s.stop for s in self._scenarios.values() if s.stop)]
        last = max(stops)
        controls: list[Slider] = [tables.constant_slider(self.model, name) for name in names]
        if rescue is not None:
            controls.append(tables.rescue_slider(time.start, rescue))
        if shown_until := tables.stop_slider(time.start, stops, time_unit):
            controls.append(shown_until)
        wanted = tables.variables_of(shown) + (list(STORY_VARIABLES) if tell else [])
        known = [n for n in wanted if n.partition("[")[0] in self.model]
        variables = list(dict.fromkeys(one(self.model, n).name for n in known))
        closed = self._scenarios.get("closed", Scenario("closed"))
        self._runs = PythonRuns(
            simulator or self._simulator(last),
            variables,
            controls,
            self._scenarios,
            closed.settings,
        )
        self._drawn = len(tables.variables_of(shown))
        self._baseline: Mapping[str, Any] | None = None
        self.request = Request(
            "default",
            {s.name: s.default for s in controls if s.role == "constant"},
            None,
            time.stop,
        )
        first, curves = self._answer(self.request)
        return {
            "_words": {code: INTERFACE[code] | words[code] for code in INTERFACE},
            "_spec": {
                "sliders": [tables.slider_spec(s) for s in controls],
                "scenarios": [
                    tables.scenario_spec(s, controls, s.name in classroom, time.stop)
                    for s in sorted(self._scenarios.values(), key=lambda s: s.name not in classroom)
                ],
                "charts": chart_specs,
                "standard": "default",
                "stop": time.stop,
                "languages": list(LANGUAGES),
            },
            "_first": {**first, "values": curves, "time": self._runs.time.astype("<f4").tobytes()},
        }

    @property
    def scenario(self) -> Scenario:
        """What the sliders say now, as a scenario for `sdcluster.simulate` and `sdcluster.Simulator`."""
        return self._runs.scenario(self.request)

    def dataset(self, **options: Any) -> xarray.Dataset:
        """All variables at the sliders' present settings; `options` go to `sdcluster.simulate`."""
        return sdcluster.simulate(self.model, self.scenario, **options)

    def _simulator(self, last: float) -> Runnable:
        time = self.model.time
        coarse = time.dt * max(1, round((last - time.start) / SAVED_MOMENTS / time.dt))
        return sdcluster.Simulator(self.model, stop=last, saveper=max(time.saveper, coarse))

    def _answer(self, request: Request) -> tuple[dict[str, Any], bytes]:
        curves = self._runs.run(request)
        content = {
            "kind": "run",
            "names": list(self._runs.variables[: self._drawn]),
            "story": self._story(request, curves),
            "backend": curves.backend,
        }
        return content, curves.values[: self._drawn].astype("<f4").tobytes()

    def _story(self, request: Request, curves: Curves) -> dict[str, list[dict[str, str]]]:
        if not self._tell:
            return {}
        series = dict(zip(self._runs.variables, curves.values, strict=True))
        if self._baseline is None:
            self._baseline = {"knowledge stock": series["knowledge stock"].copy()}
        findings: list[Finding] = find(
            self._runs.time,
            series,
            rescue=request.rescue,
            stop=request.stop,
            baseline=self._baseline,
        )
        return {language: [asdict(s) for s in phrase(findings, language)] for language in LANGUAGES}

    def _receive(self, _widget: object, content: Mapping[str, Any], _buffers: object) -> None:
        if content.get("kind") == "shown":
            self._runs.warm()
            return
        if content.get("kind") != "run":
            return
        try:
            request = self._runs.read(content.get("state") or {})
            answer, curves = self._answer(request)
        except Exception as error:  # the browser shows it as a sentence; the last picture stays
            self.send(
                {"kind": "error", "id": content.get("id"), "sentences": dict(sentence(error))}
            )
            return
        self.request = request
        self.send({**answer, "id": content.get("id")}, buffers=[curves])


class Lesson(Laboratory):
    """The first lesson: how a cluster learns, locks in and is rescued.

    Parameters
    ----------
    model : Model, str or Path
        The integrated model ``cluster``, or one with its variables.
    language : {"en", "zh"}
        The language to begin with.
    simulator : Runnable, optional
        See `Laboratory`.
    """

    def __init__(
        self,
        model: Model | str | Path = "models/cluster",
        *,
        language: str = "en",
        simulator: Runnable | None = None,
    ) -> None:
        super().__init__(model, language=language, simulator=simulator, **FIRST_LESSON)


def _scenarios_of(model: Model) -> tuple[dict[str, Scenario], tuple[str, ...]]:
    """The model's scenarios by name, and the names of those for the classroom."""
    from sdcluster.scenario import scenarios_beside

    found = scenarios_beside(model)
    scenarios = dict(found.scenarios)
    if not scenarios.get("default", Scenario()).title:
        scenarios["default"] = Scenario("default", {"en": "Default", "zh": "基准"})
    return scenarios, tuple(found.sets.get("classroom", ("default",)))
