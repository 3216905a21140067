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
from sdcluster.errors import ModelError
from sdcluster.lab.lesson_table import models_folder
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
            ``variable``, ``scenario`` (default ``"default"``), ``settings``, ``stop`` and ``at``: a year, ``"final"``,
            ``"peak"``, ``"peak time"``, ``"mean"`` or ``"fall"`` (share lost from the peak to the end). In place of
            ``at`` the first year that is at or ``above`` a level, or ``below`` it. With ``against`` (another such
            table) their ratio. ``percent`` gives a share in percent.
        """
        run = self.run(what)[one(self.model, what["variable"]).name]
        time, values = run["time"].to_numpy(), run.to_numpy()
        if "above" in what or "below" in what:
            there = values >= what["above"] if "above" in what else values < what["below"]
            reached = np.flatnonzero(there)
            number = float(time[reached[0]]) if reached.size else float("nan")
        else:
            number = _at(time, values, what.get("at", "final"))
        if "against" in what:
            number /= self.measure(what["against"])
        return 100 * number if what.get("percent") else number

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


def _at(time: np.ndarray, values: np.ndarray, at: float | str) -> float:
    if at == "final":
        return float(values[-1])
    if at == "peak":
        return float(values.max())
    if at == "peak time":
        return float(time[values.argmax()])
    if at == "mean":
        return float(values.mean())
    if at == "fall":
        return float(1 - values[-1] / values.max())
    if not time[0] <= float(at) <= time[-1]:
        raise ModelError(
            f"year {at} is not in this run, which goes from {time[0]:g} to {time[-1]:g}"
        )
    return float(np.interp(float(at), time, values))
