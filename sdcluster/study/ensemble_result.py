"""The results of an ensemble as a dataset: names, units and attributes of its variables.

`Result` turns a `Tally` into an `xarray.Dataset` and returns the `Layout` of a store.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from sdcluster.errors import SimulationError
from sdcluster.messages import message
from sdcluster.run.varying import split, varying
from sdcluster.study.ensemble_part import Question
from sdcluster.study.ensemble_store import VARIED, Layout
from sdcluster.study.ensemble_tally import STATISTICS, Tally
from sdcluster.study.samples import SCENARIO, Samples

if TYPE_CHECKING:
    import xarray as xr

DIMENSIONS = ("run", "time", "quantile", "measure", "statistic", "bin", "edge", "failed")


class Result:
    """The results of an ensemble as a dataset, with the names of their variables and dimensions.

    Parameters
    ----------
    question : Question
    points : Samples
    times : ndarray, shape (T,)
    """

    def __init__(self, question: Question, points: Samples, times: np.ndarray) -> None:
        self._question, self._points, self._times = question, points, times
        self._measures = [str(m) for m in question.measures]
        taken = {*DIMENSIONS, *self._measures}
        self._names = [f"{name} (varied)" if name in taken else name for name in question.names]
        taken |= set(self._names)
        self._keep = [f"{name} over time" if name in taken else name for name in question.keep]

    def layout(self, part: int) -> Layout:
        """Return the layout of the arrays in a store; `part` is the number of runs in a part."""
        columns: dict[str, dict[str, Any]] = {
            name: {"units": self._units(own), VARIED: 1}
            for name, own in zip(self._names, self._question.names, strict=True)
        }
        titled = SCENARIO if self._points.scenarios else ""
        measured = {
            name: {"units": m.units(self._question.model)}
            for name, m in zip(self._measures, self._question.measures, strict=True)
        }
        columns |= measured
        if titled:
            columns[titled] = {VARIED: 1}
        keep = {
            name: {"units": self._units(own)}
            for name, own in zip(self._keep, self._question.keep, strict=True)
        }
        return Layout(
            len(self._points),
            columns,
            len(self._names),
            len(measured),
            titled,
            keep,
            self._times,
            part,
        )

    def in_memory(self, tally: Tally, each: bool) -> xr.Dataset:
        """Return a dataset with the statistics of a tally and the results of single runs that are in memory.

        Parameters
        ----------
        tally : Tally
        each : bool
            Whether the dataset contains the points, measures and failures of single runs.
        """
        found = self.statistics(tally)
        if each and tally.numbers is not None:
            layout, runs = self.layout(1), len(self._points)
            points, choices = self._points.part(0, runs)
            columns = iter(layout.columns.items())
            coordinates: dict[str, Any] = {
                "run": np.arange(runs),
                "failed": ("run", tally.lost),
            }
            for column, (name, attributes) in zip(points.T, columns, strict=False):
                coordinates[name] = ("run", column, _plain(attributes))
            if choices is not None:
                coordinates[SCENARIO] = ("run", np.array(self._points.scenarios)[choices])
            numbers = {
                name: ("run", tally.numbers[i], layout.columns[name])
                for i, name in enumerate(self._measures)
            }
            found = found.assign(numbers).assign_coords(coordinates)
        if tally.kept is not None:
            kept = zip(self._keep, self._question.keep, tally.kept, strict=True)
            found = found.assign(
                {name: (("run", "time"), rows, {"units": self._units(own)})
                 for name, own, rows in kept}
            )  # fmt: skip
        order = [*self._measures, *self._keep]
        first = [name for name in order if name in found]
        return found[[*first, *(n for n in found.data_vars if n not in first)]]

    def statistics(self, tally: Tally) -> xr.Dataset:
        """Return the variables without a ``run`` dimension, with all attributes.

        Raises
        ------
        SimulationError
            If all runs failed.
        """
        import xarray as xr

        question, model = self._question, self._question.model
        why = self._why(tally)
        curves, wrong = tally.curves()
        variables: dict[str, Any] = {
            name: (*values, {"units": _squared(self._units(own), name)})
            for name, (own, values) in curves.items()
        }
        coordinates: dict[str, Any] = {}
        if question.keep or question.bands:
            coordinates["time"] = ("time", self._times, {"units": model.time.units})
        error = wrong
        if question.measures:
            of_measures, also = tally.measures()
            error = max(error, also)
            variables |= of_measures
            coordinates["measure"] = self._measures
            coordinates["statistic"] = [*STATISTICS, "runs"]
        if question.measures or question.bands:
            coordinates["quantile"] = tally.plan.shares
        if tally.listed:
            points, choices = self._at(tally.listed)
            coordinates |= {"failed_run": tally.listed, "setting": self._names}
            variables["settings of failed runs"] = (("failed_run", "setting"), points)
            if choices is not None:
                coordinates["failed_scenario"] = (
                    "failed_run",
                    np.array(self._points.scenarios)[choices],
                )
        return xr.Dataset(variables, coordinates, self._attributes(tally, error, why))

    def _attributes(self, tally: Tally, error: float, why: str) -> dict[str, Any]:
        question = self._question
        scenarios = ", ".join(s.name for s in question.scenarios)
        found: dict[str, Any] = {
            "model": question.model.name,
            "model_hash": question.model.hash,
            "scenario": scenarios,
            "method": question.method,
            "seed": question.seed,
            "runs": len(self._points),
            "quantile_error": error,
            "design": json.dumps(dict(self._points.made or {}), ensure_ascii=False),
        }
        if tally.failed:
            found |= {"failed": tally.failed, "failure": why}
        return found

    def _at(self, runs: list[int]) -> tuple[np.ndarray, np.ndarray | None]:
        """Return the points (values of the factors) of the given runs."""
        parts = [self._points.part(i, i + 1) for i in runs]
        points = np.concatenate([values for values, _ in parts])
        if self._points.choices is None:
            return points, None
        return points, self._points.choices[runs]

    def _why(self, tally: Tally) -> str:
        """Return why the first run failed, in words that name the variable."""
        if not tally.listed:
            return ""
        first = tally.listed[0]
        points, choices = self._at([first])
        question = self._question
        at = 0 if choices is None else int(choices[0])
        varied = [varying(question.model, name) for name in question.names]
        settings, changes = split(varied, points[0].tolist(), question.scenarios[at].changes)
        try:
            question.simulator(at).curves(settings, changes)
        except SimulationError as error:
            if tally.failed == len(self._points):
                raise
            return error.whole
        return message("study.run_turns_nan_infinity", at=first)

    def _units(self, name: str) -> str:
        return varying(self._question.model, name).element.variable.units


def _plain(attributes: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in attributes.items() if key != VARIED}


def _squared(units: str, name: str) -> str:
    return f"({units})^2" if units and name.startswith("variance of ") else units
