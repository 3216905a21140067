"""The laboratory as a widget: sliders and charts in the browser, trajectories and words from Python.

What crosses the border to the browser: two synced tables (`_spec`, `_words`), the first picture (`_first`), and
messages. The browser sends ``{"kind": "run", "id", "state"}``; Python answers ``{"kind": "run", "id", "names",
"story", "backend"}`` with the curves as float32 bytes, or ``{"kind": "error", "id", "sentences"}``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import traitlets

import sdcluster
from sdcluster.lab import charts as tables
from sdcluster.lab.assets import PlainWidget, joined, static
from sdcluster.lab.charts import Chart, Slider
from sdcluster.lab.runs import Curves, PythonRuns, Request, Runnable
from sdcluster.lab.wording import INTERFACE, LANGUAGES, sentence
from sdcluster.model import Model
from sdcluster.model.elements import one
from sdcluster.project.lab_file import (
    CLASSROOM,
    LabFile,
    SliderChoice,
    Switch,
    lab_beside,
    read_lab,
)
from sdcluster.project.library import first_model
from sdcluster.project.scenario import Scenario
from sdcluster.view.story import find, phrase, stories

if TYPE_CHECKING:
    import xarray

SCRIPTS = ("format.js", "source.js", "chart.js", "controls.js", "lesson.js")
SAVED_MOMENTS = 480


@cache
def script() -> str:
    """The widget's one ES module."""
    return joined(SCRIPTS)


@cache
def style() -> str:
    """The widget's style sheet."""
    return static("lab.css")


class Laboratory(PlainWidget):
    """Sliders, charts and a story for any model, as the ``lab.toml`` beside it arranges them, or as guessed from it.

    Parameters
    ----------
    model : Model, str or Path
        A model or its file or folder.
    sliders : sequence of str, optional
        Constants to turn; by default those of ``lab.toml``, else the levers that the file marks, else its first
        constants.
    charts : sequence of Chart, optional
        By default those of ``lab.toml``, else the stocks, grouped by unit.
    language : {"en", "zh"}
        The language to begin with; a button changes it.
    rescue : float, optional
        Adds a slider for the time, up to this one, at which the policy of the scenario ``closed`` is replaced by that
        of the sliders; ``[switch]`` of ``lab.toml`` says the same in words of the model.
    tell : bool
        Whether a text line says in words what is happening.
    lab : LabFile or path, optional
        In place of the ``lab.toml`` beside the model.
    simulator : Runnable, optional
        In place of `sdcluster.Simulator`, for instance one with another method.

    Raises
    ------
    ModelError
        For a slider or a chart with an unknown name, and for what is wrong in ``lab.toml``.
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
        tell: bool = True,
        lab: LabFile | str | Path | None = None,
        simulator: Runnable | None = None,
    ) -> None:
        prepared = self._prepare(
            model,
            sliders=sliders,
            charts=charts,
            rescue=rescue,
            tell=tell,
            lab=lab,
            simulator=simulator,
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
        tell: bool = True,
        lab: LabFile | str | Path | None = None,
        simulator: Runnable | None = None,
    ) -> dict[str, Any]:
        """Read, run once, and give the traits with which the browser draws the first picture."""
        self.model = model if isinstance(model, Model) else sdcluster.load(model)
        arranged = _arrangement(self.model, lab, rescue)
        self._scenarios, buttons = _scenarios_of(self.model, arranged)
        shown = tuple(charts or arranged.charts or tables.stock_charts(self.model))
        self._stories = stories(self.model, arranged, shown) if tell else ()
        controls = self._controls(arranged, sliders)
        told = [name for story in self._stories for name in story.variables]
        wanted = [*tables.variables_of(shown), *told]
        known = [n for n in wanted if n.partition("[")[0] in self.model]
        variables = list(dict.fromkeys(one(self.model, n).name for n in known))
        before = self._scenarios[arranged.switch.scenario].settings if arranged.switch else {}
        self._runs = PythonRuns(
            simulator or self._simulator(self._last()),
            variables,
            controls,
            self._scenarios,
            before,
        )
        self._drawn = len(tables.variables_of(shown))
        self._baseline: Mapping[str, Any] | None = None
        stop = self.model.time.stop
        constants = {s.name: s.default for s in controls if s.role == "constant"}
        self.request = Request("default", constants, None, stop)
        first, curves = self._answer(self.request)
        words = tables.time_words(self.model, arranged.units)
        return {
            "_words": {code: INTERFACE[code] | words[code] for code in INTERFACE},
            "_spec": {
                "sliders": [tables.slider_spec(s) for s in controls],
                "scenarios": [
                    tables.scenario_spec(s, controls, s.name in buttons, stop)
                    for s in sorted(self._scenarios.values(), key=lambda s: s.name not in buttons)
                ],
                "charts": [tables.chart_spec(self.model, c, arranged.units) for c in shown],
                "standard": "default",
                "stop": stop,
                "languages": list(LANGUAGES),
            },
            "_first": {**first, "values": curves, "time": self._runs.time.astype("<f4").tobytes()},
        }

    def _last(self) -> float:
        return max(self._stops())

    def _stops(self) -> list[float]:
        return [self.model.time.stop, *(s.stop for s in self._scenarios.values() if s.stop)]

    def _controls(self, arranged: LabFile, sliders: Sequence[str] | None) -> list[Slider]:
        """The sliders: constants, then the switch, then the years shown."""
        choices = (
            tuple(SliderChoice(name) for name in sliders)
            if sliders
            else tables.slider_choices(self.model, arranged)
        )
        controls = [tables.constant_slider(self.model, c, arranged.units) for c in choices]
        if arranged.switch:
            controls.append(tables.switch_slider(self.model, arranged.switch, arranged.units))
        words = tables.time_words(self.model, arranged.units)
        time_unit = {code: w["year_axis"] for code, w in words.items() if w}
        shown_until = tables.stop_slider(self.model.time.start, self._stops(), time_unit)
        return [*controls, shown_until] if shown_until else controls

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

    def _story(self, request: Request, curves: Curves) -> dict[str, list[dict[str, Any]]]:
        if not self._stories:
            return {}
        series = dict(zip(self._runs.variables, curves.values, strict=True))
        if self._baseline is None:
            told = {name for story in self._stories for name in story.variables}
            self._baseline = {name: series[name].copy() for name in told if name in series}
        findings = find(
            self._runs.time,
            series,
            self._stories,
            switch=request.switch,
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
    """The laboratory of the first lesson's model.

    Parameters
    ----------
    model : Model, str or Path, optional
        Another model.
    language : {"en", "zh"}
        The language to begin with.
    lab, simulator
        See `Laboratory`.
    """

    def __init__(
        self,
        model: Model | str | Path | None = None,
        *,
        language: str = "en",
        lab: LabFile | str | Path | None = None,
        simulator: Runnable | None = None,
    ) -> None:
        super().__init__(model or first_model(), language=language, lab=lab, simulator=simulator)


def _arrangement(
    model: Model, lab: LabFile | str | Path | None, rescue: float | None = None
) -> LabFile:
    """The lab file that was given, or the one beside the model."""
    if isinstance(lab, (str, Path)):
        lab = read_lab(Path(lab), model)
    arranged = lab_beside(model) if lab is None else lab
    return arranged if rescue is None else replace(arranged, switch=Switch("closed", rescue))


def _scenarios_of(model: Model, arranged: LabFile) -> tuple[dict[str, Scenario], tuple[str, ...]]:
    """The model's scenarios by name, and the names of those that get a button."""
    from sdcluster.project import scenarios_beside

    found = scenarios_beside(model)
    scenarios = dict(found.scenarios)
    if not scenarios.get("default", Scenario()).title:
        scenarios["default"] = Scenario("default", {"en": "Default", "zh": "基准"})
    if arranged.switch:
        name = arranged.switch.scenario
        scenarios.setdefault(name, Scenario(name))
    return scenarios, arranged.buttons or tuple(found.sets.get(CLASSROOM, ("default",)))
