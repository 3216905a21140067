"""Compares the two sides of a boundary: they have different end states, or the same one with a ridge or trough between.

Interface: `sides` takes a `Refined` grid and returns `Sides`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sdcluster.study.tipping_grid import COARSE, Refined

SHARP = 0.25
"""Share of the range that the measure must jump by between neighbours, and that the states behind them must differ by,
for a boundary to be called a tipping point."""
LEAST_STRIP = 4  # nodes; the top of any peak looks flat over fewer
TIPS, SLOPE, RIDGE = "tips", "slope", "ridge"


@dataclass(frozen=True)
class Sides:
    """How a measure changes across a boundary, as shares of its range.

    Parameters
    ----------
    jump : float
        Median difference between neighbouring nodes on the two sides; 0 without a boundary.
    apart : float
        Median difference between the states on the two sides, which are measured further away from the boundary; a
        pair of sides with the same state counts as 0.
    """

    jump: float
    apart: float

    @property
    def kind(self) -> str:
        """``"tips"``, ``"slope"`` (no jump), or ``"ridge"`` (a jump, but the same state on both sides)."""
        return SLOPE if self.jump < SHARP else TIPS if self.apart >= SHARP else RIDGE


def sides(grid: Refined) -> Sides:
    """Return how the measure changes across the boundaries of a map.

    From each pair of neighbours with different modes, the values are followed outwards along the axis, over at most an
    eighth of the axis. The state on a side is the median of the values there. If the mode of the first side reappears
    beyond the second side within that distance, the second side is only a ridge or trough, and both sides have the
    same state. An exception is a second side that is a state of its own: flat, with at least half of its height
    reached between the two neighbours.
    """
    far = max(LEAST_STRIP, (grid.values.shape[0] - 1) // COARSE)
    modes, jumps, apart = grid.modes, [], []
    for axis in range(grid.values.ndim):
        values, states, known = (
            np.moveaxis(a, axis, 0).reshape(a.shape[axis], -1)
            for a in (grid.values, modes, grid.evaluated)
        )
        here = (states[:-1] != states[1:]) & (states[:-1] >= 0) & (states[1:] >= 0)
        here &= known[:-1] & known[1:]
        for i, column in np.argwhere(here).tolist():
            line, state = values[:, column], states[:, column]
            below, above = _side(line[i::-1], state[i::-1], far), _side(line[i + 1 :], state[i + 1 :], far)  # fmt: skip
            difference = abs(float(np.median(above.values) - np.median(below.values)))
            jumps.append(abs(float(line[i + 1] - line[i])))
            steep = jumps[-1] >= 0.5 * difference
            one = any(s.returns and not (steep and s.flat(difference)) for s in (below, above))
            apart.append(0.0 if one else difference)
    if not jumps or grid.span <= 0:
        return Sides(0.0, 0.0)
    return Sides(float(np.median(jumps) / grid.span), float(np.median(apart) / grid.span))


@dataclass(frozen=True)
class _Side:
    """The values of one mode outwards from a boundary, and whether another mode follows them."""

    values: np.ndarray
    returns: bool

    def flat(self, height: float) -> bool:
        return len(self.values) >= LEAST_STRIP and float(np.ptp(self.values)) <= SHARP * height


def _side(values: np.ndarray, modes: np.ndarray, far: int) -> _Side:
    other = np.flatnonzero(modes[:far] != modes[0])
    end = int(other[0]) if other.size else min(far, len(values))
    return _Side(values[:end], bool(other.size) and bool(modes[end] >= 0))
