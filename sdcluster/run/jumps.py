"""The times at which variables of a model jump, so that an adaptive method must end a step there.

The method `stops` of `Jumps(kernel)` returns these times for each of several parallel runs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from sdcluster.errors import ModelError
from sdcluster.kernel import Kernel
from sdcluster.messages import message

MOST = 200_000  # most jumps in one run
KNOWN = 10_000  # most results in the cache


class Jumps:
    """Computes and caches the jump times of a model for different parameters.

    Parameters
    ----------
    kernel : Kernel
    """

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._places = kernel.breakpoint_places
        self._known: dict[tuple[bytes, float, float], np.ndarray] = {}

    def stops(self, p: np.ndarray, begin: float, end: float, slack: float) -> np.ndarray:
        """Return the times between `begin` and `end` that no step may cross.

        Parameters
        ----------
        p : ndarray, shape (size,), or (size, lanes)
            Parameters, including the constants computed from other constants.
        begin, end : float
        slack : float
            Jumps less than four times this number apart count as one.

        Returns
        -------
        ndarray, shape (stops + 1,), or (stops + 1, lanes)
            Ascending. In each run the jumps are followed by `end` and then by infinity.

        Raises
        ------
        ModelError
            For pulse trains with more than `MOST` jumps.
        """
        if p.ndim == 1:
            return self._of(p, begin, end, slack)
        lanes = p.shape[1]
        read = p if self._places is None else p[self._places]
        if (read == read[:, :1]).all():  # usually the runs jump at the same times
            return np.repeat(self._of(p[:, 0], begin, end, slack)[:, np.newaxis], lanes, axis=1)
        found = [self._of(p[:, lane], begin, end, slack) for lane in range(lanes)]
        stops = np.full((max(map(len, found)), len(found)), math.inf)
        for lane, own in enumerate(found):
            stops[: len(own), lane] = own
        return stops

    def _of(self, p: np.ndarray, begin: float, end: float, slack: float) -> np.ndarray:
        read = p if self._places is None else p[self._places]
        key = read.tobytes(), begin, end
        found = self._known.get(key)
        if found is None:
            if len(self._known) > KNOWN:
                self._known.clear()
            found = self._known[key] = self._worked_out(p, begin, end, slack)
        return found

    def _worked_out(self, p: np.ndarray, begin: float, end: float, slack: float) -> np.ndarray:
        singles, trains = self._kernel.breakpoints(p.tolist())
        every = [
            *map(float, singles),
            *(t for train in trains for t in self._train(train, begin, end)),
        ]
        stops: list[float] = []
        last, least = begin, 4 * slack
        for time in sorted(t for t in every if begin < t < end - least):
            if time > last + least:
                stops.append(time)
                last = time
        return np.array([*stops, end, math.inf])

    def _train(self, train: Sequence[float], begin: float, end: float) -> list[float]:
        """Return the times between `begin` and `end` at which a pulse begins or ends, and perhaps some outside."""
        start, interval, width, last = train
        if not all(map(math.isfinite, (start, interval, width))):
            return []
        if interval <= 0 or not last > start or not end > start:
            return [start, start + width, last]
        low = max(0, math.floor((begin - start - width) / interval))
        high = math.ceil((min(end, last) - start) / interval)
        if high - low > MOST:
            raise ModelError(
                message("run.train_pulses_model_jumps", most=MOST, interval=interval),
                file=self._kernel.model.path,
            )
        pulses = [start + interval * k for k in range(low, high + 1)]
        return [*pulses, *(pulse + width for pulse in pulses), last]
