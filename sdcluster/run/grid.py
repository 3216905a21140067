"""The time grid of a run: where its steps begin and which of them are saved.

`make_grid` creates a `Grid` from a model's time settings (see `sdcluster.model.clock`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.model import Model, TimeSettings

MAX_STEPS = 100_000_000
FINEST = 1_000_000  # largest denominator of a start or time step that counts as a fraction
ALMOST = 1e-6  # a time within this fraction of a step from a step counts as that step


@dataclass(frozen=True)
class Grid:
    """The time grid of a run.

    Parameters
    ----------
    start, dt : float
        First time and step.
    steps : int
        Number of steps.
    saveper : float
        Interval between saved times. For each multiple of it, counted from the start of the run, the first step at or
        after that time is saved. The last step is always saved.
    """

    start: float
    dt: float
    steps: int
    saveper: float

    @cached_property
    def fractions(self) -> tuple[float, float, float]:
        """Three numbers a, b, c with which step i begins at the time (a + i b) / c.

        If start and step are fractions with a denominator up to `FINEST` (0.1, 1/3, 1900.25), all three are integers.
        Each time is then the double that is nearest to the exact value: 0.3 rather than 0.1 + 0.1 + 0.1.
        """
        start, dt = (Fraction(x).limit_denominator(FINEST) for x in (self.start, self.dt))
        parts = math.lcm(start.denominator, dt.denominator)
        last = abs(start * parts) + self.steps * dt * parts
        if float(start) == self.start and float(dt) == self.dt and last < 2**53:
            return float(start * parts), float(dt * parts), float(parts)
        return self.start, self.dt, 1.0

    def at(self, steps: np.ndarray | int) -> np.ndarray:
        """Return the times at which the given steps begin, in the same shape."""
        a, b, c = self.fractions
        return np.asarray((a + np.asarray(steps) * b) / c)

    @cached_property
    def stop(self) -> float:
        """The time at which the run ends."""
        return float(self.at(self.steps))

    @cached_property
    def every(self) -> int:
        """Number of steps between saved times; 1 if the saved times are not evenly spaced."""
        ratio = self.saveper / self.dt
        even = abs(ratio - round(ratio)) < ALMOST * max(1.0, ratio) and ratio > 0.5
        return max(1, round(ratio)) if even else 1

    @cached_property
    def kept(self) -> np.ndarray:
        """Indices of the saved steps, shape (T,), ascending."""
        ratio = max(1.0, self.saveper / self.dt)
        if self.every > 1 or ratio < 1.0 + ALMOST:
            steps = np.arange(0, self.steps + 1, self.every)
        else:
            multiples = np.arange(math.floor(self.steps / ratio + ALMOST) + 1)
            steps = np.unique(np.ceil(multiples * ratio - ALMOST).astype(np.int64))
        return steps if steps[-1] == self.steps else np.append(steps, self.steps)

    @cached_property
    def saved(self) -> np.ndarray:
        """The saved times, shape (T,)."""
        return self.at(self.kept)

    @cached_property
    def slack(self) -> float:
        """Times that differ by less than this count as equal.

        The value depends on the time step alone unless times are very large, so a resumed run with another stop time
        uses the same value.
        """
        return max(1e-9 * self.dt, 4 * float(np.spacing(max(abs(self.start), abs(self.stop)))))

    def first_from(self, time: float) -> int:
        """Return the index of the first step that begins at or after a time."""
        if math.isinf(time):
            return self.steps
        return max(0, math.ceil((time - self.start - self.slack) / self.dt))

    def last_to(self, time: float) -> int:
        """Return the index of the last step that begins at or before a time."""
        return min(self.steps, max(0, math.floor((time - self.start + self.slack) / self.dt)))


def make_grid(model: Model, clock: TimeSettings) -> Grid:
    """Return the time grid for given time settings.

    Raises
    ------
    ModelError
        If the stop time is not after the start time, or if the run would take too many steps.
    """
    first, last, step, period = clock.start, clock.stop, clock.dt, clock.saveper
    if last <= first:
        raise ModelError(message("run.run_would_stop_not", last=last, first=first), file=model.path)
    steps = (last - first) / step
    if steps > MAX_STEPS:
        raise ModelError(
            message("run.run_would_take_steps", steps=steps, max_steps=MAX_STEPS),
            file=model.path,
        )
    return Grid(first, step, max(1, math.floor(steps + ALMOST)), max(period, step))
