"""The runs behind a lesson: each made once, and the numbers that are measured on them.

Takes a `Model` and tables of a lesson (``measure``, ``run``, ``given``); gives numbers and curves. No right answer is
written down anywhere: all of them come from here, when a student asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import xarray

import sdcluster
from sdcluster.errors import ModelError, did_you_mean
from sdcluster.lab.lesson_table import models_folder
from sdcluster.measure.measures import Measure
from sdcluster.measure.words import SPELLINGS, WORDS
from sdcluster.model import Model
from sdcluster.model.elements import one
from sdcluster.run.elements import spread

POINTS = 120  # of a curve in the picture of a prediction


class LessonRuns:
    """Runs of one model, kept.

    Parameters
    ----------
    name : str
        Folder of the model in ``models``; read at the first question.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._runs: dict[str, xarray.Dataset] = {}

    @cached_property
    def model(self) -> Model:
        """The lesson's model."""
        return sdcluster.load(models_folder() / self.name)

    def run(self, what: Mapping[str, Any]) -> xarray.Dataset:
        """Run a ``scenario`` with ``settings`` to the year ``stop``, each combination once."""
        scenario, settings = what.get("scenario", "default"), dict(what.get("settings", {}))
        key = f"{scenario} {what.get('stop')} {sorted(settings.items())}"
        if key not in self._runs:
            span = self.model.time
            saveper = max(span.saveper, span.dt * round((span.stop - span.start) / 800 / span.dt))
            self._runs[key] = spread(
                sdcluster.simulate(
                    self.model,
                    scenario,
                    settings=settings or None,
                    saveper=saveper,
                    stop=what.get("stop"),
                )
            )
        return self._runs[key]

    def measure(self, what: Mapping[str, Any]) -> float:
        """Measure one number on runs.

        Parameters
        ----------
        what : mapping
            ``variable``, ``scenario`` (default ``"default"``), ``settings``, ``stop`` and what is measured: a word of
            `sdcluster.measure.words` as ``what``, with its ``level``, ``from`` and ``to``, or a year ``at``. In short,
            ``at`` takes a word too, and ``above`` and ``below`` a level, for the first time that is above or below it.
            With ``against`` (another such table) their ratio. ``percent`` gives a share in percent.
        """
        found = self._measure(what)
        run = self.run(what)[found.variable]
        time, values = run["time"].to_numpy(), run.to_numpy()
        number = float(found.of(time, values))
        if "against" in what:
            number /= self.measure(what["against"])
        return 100 * number if what.get("percent") else number

    def _measure(self, what: Mapping[str, Any]) -> Measure:
        """Return the measure of a table."""
        variable = one(self.model, what["variable"]).name
        for key in ("above", "below"):
            if key in what:
                return Measure(f"first {key}", variable, float(what[key]))
        at = what.get("at", what.get("what", "final"))
        if not isinstance(at, str):
            return Measure("value", variable, start=float(at))
        if at not in SPELLINGS:
            hint = did_you_mean(at, SPELLINGS) or f"; there are: {', '.join(WORDS)}"
            raise ModelError(f'"{at}" is not a measure{hint}')
        start, stop = what.get("from"), what.get("to")
        level = float(what.get("level", 0))
        return Measure(SPELLINGS[at].name, variable, level, start=start, stop=stop)

    def curve(self, run: Mapping[str, Any], variable: str, look: str) -> dict[str, Any]:
        """One curve of a run for the picture of a prediction, thinned to about `POINTS` points."""
        series = self.run(run)[one(self.model, run.get("variable", variable)).name]
        shown = int((series["time"].to_numpy() <= run.get("until", np.inf)).sum())
        kept = np.unique(np.linspace(0, shown - 1, POINTS).round().astype(int))
        return {
            "label": run["label"],
            "look": look,
            "time": [round(float(t), 3) for t in series["time"].to_numpy()[kept]],
            "values": [float(f"{v:.4g}") for v in series.to_numpy()[kept]],
        }
