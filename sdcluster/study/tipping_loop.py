"""Judges whether the way up and the way down of a sweep differ once the model is at rest.

`compare` takes the values of a sweep and a function that holds a setting longer; it returns `Compared`.

A difference between the two ways need not be hysteresis, because the model may only be slow. So at each setting where
the ways differ, both runs continue with the setting held constant, for one period (a hold) after another, until one of
these is true:

- The ways no longer differ after two holds in a row. (After a single hold, the curves may only have crossed.)
- Both ways are at rest and still differ. This setting then belongs to a loop.
- The ways have been held `LONGEST` times. It then remains open whether they would differ at rest.

A way is at rest if its estimated remaining change is small. With changes d1 and d2 in the last two holds and
q = d2/d1 < 1, the remaining change of an exponential approach is d2 (q + q² + …) = d2 q/(1 - q), as in Aitken's
extrapolation. If d2 is not smaller than d1, the way is not at rest: growth out of an unstable state begins like that.
Such growth may show first in another stock, and a slow stock may hardly move the measure at first. So no way is at
rest while a watched stock changes faster from hold to hold in the same direction, or moves in one direction over three
holds with an estimated remaining change that is not small. Stocks that oscillate do not prevent rest: the mean of an
oscillation may be at rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

APART = 0.05
"""Difference between the way up and the way down that counts as a loop, as a share of the range."""
STILL = 0.01
"""Largest remaining change of a measure that counts as at rest, as a share of the range."""
LONGEST = 16
"""The largest number of times that a setting is held."""
LEAST_RANGE = 1e-6
"""Least range, as a share of the largest value. A measure that changes less counts as constant."""
ROUNDING = 1e-13

SAME, LOOP, OPEN = "same", "loop", "open"
HoldOn = Callable[[int, int], Sequence[float] | None]


@dataclass(frozen=True)
class Compared:
    """The two ways at rest.

    Parameters
    ----------
    rest : ndarray, shape (2, measures, settings)
        The values after the last hold of each setting.
    verdicts : ndarray of str, shape (measures, settings)
        ``"same"``, ``"loop"``, or ``"open"``, if the two ways differ but are not at rest.
    holds : ndarray of int, shape (settings,)
        How many times each setting was held on each way.
    slow : ndarray of bool, shape (measures, settings)
        Where the two ways differ after one hold, but not at rest.
    complete : bool
        False after an interrupt; settings that were not finished are open.
    """

    rest: np.ndarray
    verdicts: np.ndarray
    holds: np.ndarray
    slow: np.ndarray
    complete: bool = True

    @property
    def loops(self) -> np.ndarray:
        """Where each measure differs at rest, array of bool, shape (measures, settings)."""
        found: np.ndarray = self.verdicts == LOOP
        return found

    @property
    def gaps(self) -> np.ndarray:
        """The largest difference at rest, as a share of the range at rest, shape (measures,); 0 without a loop."""
        apart = np.where(self.loops, np.abs(self.rest[0] - self.rest[1]), 0.0).max(axis=1)
        spans = ranges(self.rest)
        return apart / np.where(spans > 0, spans, 1.0)

    @property
    def responses(self) -> np.ndarray:
        """The range of each measure at rest, as a share of its largest value, shape (measures,)."""
        size = _largest(self.rest)
        return ranges(self.rest) / np.where(size > 0, size, 1.0)


def compare(values: np.ndarray, hold_on: HoldOn, judged: Mapping[int, Sequence[int]]) -> Compared:
    """Hold each setting at which the two ways differ until they are at rest.

    Parameters
    ----------
    values : ndarray, shape (2, measures, settings)
        The values on the way up and on the way down, after one hold of each setting.
    hold_on : callable
        Takes a way (0 or 1) and the index of a setting; holds this setting once more on this way, and returns the new
        values of all measures; None if the run fails.
    judged : mapping of int to sequence of int
        The measures to judge, each with others that must neither drift nor grow faster and faster where it is at rest.
        Measures that are not judged are open where they differ.
    """
    histories = [[values[:, :, at]] for at in range(values.shape[2])]
    least = LEAST_RANGE * _largest(values)
    failed: set[int] = set()
    watched = [list(judged.get(i, ())) for i in range(values.shape[1])]
    complete = True

    def rest() -> np.ndarray:
        return np.stack([history[-1] for history in histories], axis=2)

    def verdicts(at: int, spans: np.ndarray) -> list[str]:
        history = np.array(histories[at])
        return [
            _verdict(history[:, :, i], history[:, :, watched[i]], spans[i], spans[watched[i]])
            for i in range(len(spans))
        ]

    try:
        while True:
            # At rest, the range of the values may be smaller, so that more settings differ relative to the range.
            spans = np.maximum(ranges(rest()), least)
            todo = [
                at
                for at, history in enumerate(histories)
                if at not in failed and len(history) < LONGEST
                if any(verdicts(at, spans)[i] == OPEN for i in judged)
            ]
            if not todo:
                break
            for at in todo:
                while len(histories[at]) < LONGEST:
                    now = [hold_on(way, at) for way in (0, 1)]
                    if now[0] is None or now[1] is None:
                        failed.add(at)
                        break
                    histories[at].append(np.array(now))
                    if all(verdicts(at, spans)[i] != OPEN for i in judged):
                        break
    except KeyboardInterrupt:
        complete = False
    spans = np.maximum(ranges(rest()), least)
    found = np.array([verdicts(at, spans) for at in range(len(histories))]).T
    differed = np.abs(values[0] - values[1]) > APART * ranges(values)[:, np.newaxis]
    slow = differed & (found == SAME)
    return Compared(rest(), found, np.array([len(h) for h in histories]), slow, complete)


def ranges(values: np.ndarray) -> np.ndarray:
    """Return the range of each measure over all known values, shape (measures,); 0 if none is known."""
    known = np.isfinite(values)
    high = np.where(known, values, -np.inf).max(axis=(0, 2))
    low = np.where(known, values, np.inf).min(axis=(0, 2))
    return np.where(high >= low, high - low, 0.0)


def _largest(values: np.ndarray) -> np.ndarray:
    return np.abs(np.where(np.isfinite(values), values, 0.0)).max(axis=(0, 2))


def _verdict(history: np.ndarray, watched: np.ndarray, span: float, spans: np.ndarray) -> str:
    """Return the verdict about one measure at one setting.

    Parameters
    ----------
    history : ndarray, shape (holds, 2)
        The measure after each hold, on both ways.
    watched : ndarray, shape (holds, 2, n)
        Other measures.
    span : float
        The range of the measure.
    spans : ndarray, shape (n,)
        The ranges of the other measures.
    """
    apart = np.abs(history[:, 0] - history[:, 1])
    differ = apart > APART * span
    if not differ[-2:].any():
        return SAME
    if len(history) < 4 or _escapes(watched[-3:]) or _drifts(watched[-4:], spans):
        return OPEN
    left = [_remaining(history[-3:, way]) for way in (0, 1)]
    if max(left) > STILL * span:
        return OPEN
    return LOOP if apart[-1] - sum(left) > APART * span else OPEN


def _escapes(values: np.ndarray) -> bool:
    """Return whether a value changes faster and faster in one direction; shape (3, …), one array for each hold."""
    before, last = np.diff(values, axis=0)
    noise = ROUNDING * np.abs(values).max(axis=0)
    return bool((np.sign(before) * last > np.maximum(np.abs(before), noise)).any())


def _drifts(values: np.ndarray, spans: np.ndarray) -> bool:
    """Return whether a value moves in one direction and is not near its end.

    `values` has the shape (4, 2, n), with one array for each hold; `spans`, of shape (n,), are the ranges.
    """
    signs = np.sign(np.diff(values, axis=0))
    noise = ROUNDING * np.abs(values).max(axis=0)
    monotone = (signs == signs[0]).all(axis=0) & (np.abs(values[-1] - values[-2]) > noise)
    return any(
        _remaining(values[-3:, way, i]) > STILL * spans[i]
        for way, i in np.argwhere(monotone).tolist()
    )


def _remaining(values: np.ndarray) -> float:
    """Return the estimated change that is still to come, or the last change if it is larger; from three values."""
    before, last = np.abs(np.diff(values))
    if last == 0:
        return 0.0
    if not last < before:
        return float(np.inf)
    share = float(last / before)
    return float(last) * max(1.0, share / (1.0 - share))
