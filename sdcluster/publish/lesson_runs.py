"""The runs of a lesson's model, and the numbers measured on these runs.

`LessonRuns` takes tables of a lesson (``measure``, ``run``, ``given``), and returns numbers and curves. No file stores
the right answers, because this module computes them when a page needs them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import xarray

import sdcluster
from sdcluster.model import Model
from sdcluster.model.elements import one
from sdcluster.project.measure_table import measure_of_table
from sdcluster.run.elements import spread

POINTS = 120  # the most points of a curve in the chart of a prediction


class LessonRuns:
    """Runs a lesson's model, and keeps each run for later measures.

    Parameters
    ----------
    path : path
        The model's file or folder; the model is read on first use.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._runs: dict[str, xarray.Dataset] = {}

    @cached_property
    def model(self) -> Model:
        """The lesson's model."""
        return sdcluster.load(self.path)

    def run(self, what: Mapping[str, Any]) -> xarray.Dataset:
        """Return the run that a table with the keys ``scenario``, ``settings`` and ``stop`` describes.

        If the same run was made before, return that run.
        """
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
        """Return the number that a table of a lesson defines, measured on a run.

        Parameters
        ----------
        what : mapping
            A table with the keys of `sdcluster.project.lesson_file.MEASURE`. If the key ``against`` contains another
            such table, the result is the ratio of the two measures. With ``percent``, the result is in percent.
        """
        found = measure_of_table(what, self.model)
        run = self.run(what)[found.variable]
        time, values = run["time"].to_numpy(), run.to_numpy()
        number = float(found.of(time, values))
        if "against" in what:
            number /= self.measure(what["against"])
        return 100 * number if what.get("percent") else number

    def curve(self, run: Mapping[str, Any], variable: str, look: str) -> dict[str, Any]:
        """Return a curve of a run for the chart of a prediction, with at most `POINTS` points."""
        series = self.run(run)[one(self.model, run.get("variable", variable)).name]
        shown = int((series["time"].to_numpy() <= run.get("until", np.inf)).sum())
        kept = np.unique(np.linspace(0, shown - 1, POINTS).round().astype(int))
        return {
            "label": run["label"],
            "look": look,
            "time": [round(float(t), 3) for t in series["time"].to_numpy()[kept]],
            "values": [float(f"{v:.4g}") for v in series.to_numpy()[kept]],
        }
