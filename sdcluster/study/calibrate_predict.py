"""Predictions of quantities without data, from all sets of constants that fit the data.

`predict` takes a `Model`, a `Task` and its `Calibration`; for each prediction it returns the lowest and highest number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sdcluster.errors import SimulationError
from sdcluster.model import Model
from sdcluster.project.calibration_file import Prediction, Task
from sdcluster.study.calibrate import Calibration

MOST_SETS = 400


@dataclass(frozen=True)
class Predicted:
    """A predicted number: that of the best fit, and the lowest and highest of all sets of constants that fit.

    Parameters
    ----------
    prediction : Prediction
    best, low, high : float
        NaN if the quantity has no value, such as the time to a level that a run never reaches.
    missing : float
        Share of the sets of constants for which the quantity has no value; `low` and `high` leave these sets out.
    """

    prediction: Prediction
    best: float
    low: float
    high: float
    missing: float = 0.0


def predict(model: Model, task: Task, result: Calibration) -> tuple[Predicted, ...]:
    """Return the range of each prediction of `task` over at most `MOST_SETS` accepted sets of constants."""
    from sdcluster.run import Simulator

    if not task.predictions:
        return ()
    simulator = Simulator(model, task.scenario)
    simulator.warm(wait=True)
    step = max(1, len(result.accepted) // MOST_SETS)
    found: list[list[float]] = []
    for fit in result.accepted[::step]:
        chosen = dict(zip(result.parameters, fit.values, strict=True))
        try:
            times, rows = simulator.curves({**task.settings, **chosen})
        except SimulationError:
            continue
        found.append([p.quantity.of_rows(simulator.names, times, rows) for p in task.predictions])
    return tuple(
        _predicted(prediction, np.array(numbers))
        for prediction, numbers in zip(task.predictions, zip(*found, strict=True), strict=True)
    )


def _predicted(prediction: Prediction, numbers: np.ndarray) -> Predicted:
    """Summarise the numbers of one quantity, shape (sets of constants,); the first one is that of the best fit."""
    known = numbers[np.isfinite(numbers)]
    ends = (float(known.min()), float(known.max())) if known.size else (math.nan, math.nan)
    return Predicted(prediction, float(numbers[0]), *ends, missing=1 - known.size / numbers.size)
