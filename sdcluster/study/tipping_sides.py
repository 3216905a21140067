"""Compares the two sides of a boundary: they have different end states, or the same one with a ridge or trough between.

`crossings` takes a `Refined` grid and returns `Crossings`. `Crossings` returns `Sides` for the whole boundary (`whole`)
or near points of the boundary (`near`). `crossed` returns `Sides` for a single change of mode along a line.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sdcluster.study.tipping_grid import COARSE, Refined

SHARP = 0.25
"""Share of the range that the measure must jump by between neighbours, and that the states behind them must differ by,
for a boundary to be called a tipping point."""
LEAST_STRIP = 4  # the fewest nodes of a flat part; over fewer nodes, the top of any peak looks flat
NEAR = 16
"""Pairs within this part of the axis count as near: a single pair is noisy, because a steep slope between two nodes
jumps less if one of them lies in its middle."""
TIPS, SLOPE, RIDGE = "tips", "slope", "ridge"
PART = "part"  # the kind of a boundary that tips only along a part of its length
ALL, SOME = 0.95, 0.05
"""Shares of a boundary that count as all of it, and as a part worth a sentence."""


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


@dataclass(frozen=True)
class Crossings:
    """All pairs of neighbouring nodes with different modes.

    Parameters
    ----------
    places : ndarray, shape (n, axes)
        The middle of each pair, in units of the grid.
    jumps, apart : ndarray, shape (n,)
        As in `Sides`, for each pair.
    cells : int
        Number of cells along an axis.
    """

    places: np.ndarray
    jumps: np.ndarray
    apart: np.ndarray
    cells: int

    @property
    def whole(self) -> Sides:
        """How the measure changes across the whole boundary."""
        return self._of(np.ones(len(self.jumps), dtype=bool))

    def near(self, points: np.ndarray) -> list[Sides]:
        """Return how the measure changes across the boundary near each point of it.

        Parameters
        ----------
        points : ndarray, shape (m, axes)
            In units of the grid. Pairs count that are not further away along any axis than a `NEAR`-th of it.
        """
        far = max(1.0, self.cells / NEAR)
        return [self._of((np.abs(self.places - point) <= far).all(axis=1)) for point in points]

    def _of(self, chosen: np.ndarray) -> Sides:
        if not chosen.any():
            return Sides(0.0, 0.0)
        return Sides(float(np.median(self.jumps[chosen])), float(np.median(self.apart[chosen])))


def crossings(grid: Refined) -> Crossings:
    """Return how the measure changes across the boundaries of a map, at each pair of neighbours with different modes.

    From each pair, the values are followed outwards along the axis, over at most an eighth of the axis. The state on a
    side is the median of the values there. If the mode of the first side reappears beyond the second side within that
    distance, the second side is only a ridge or trough, and both sides have the same state. An exception is a second
    side that is a state of its own: flat, with at least half of its height reached between the two neighbours.
    """
    far = reach(grid.values.shape[0] - 1)
    places, found = [], []
    for axis in range(grid.values.ndim):
        values, states, known = (
            np.moveaxis(a, axis, 0).reshape(a.shape[axis], -1)
            for a in (grid.values, grid.modes, grid.evaluated)
        )
        here = (states[:-1] != states[1:]) & (states[:-1] >= 0) & (states[1:] >= 0)
        here &= known[:-1] & known[1:]
        for i, column in np.argwhere(here).tolist():
            found.append(crossed(values[:, column], states[:, column], i, far, grid.span))
            places.append([i + 0.5] if grid.values.ndim == 1 else _place(axis, i + 0.5, column))
    return Crossings(
        np.array(places, dtype=float).reshape(len(places), grid.values.ndim),
        np.array([s.jump for s in found]),
        np.array([s.apart for s in found]),
        grid.values.shape[0] - 1,
    )


def _place(axis: int, along: float, column: float) -> list[float]:
    return [along, column] if axis == 0 else [column, along]


def reach(cells: int) -> int:
    """Return how many nodes on each side of a boundary are compared, for a number of cells along the axis."""
    return max(LEAST_STRIP, cells // COARSE)


def crossed(line: np.ndarray, modes: np.ndarray, i: int, far: int, span: float) -> Sides:
    """Return how the measure changes between the values ``i`` and ``i + 1`` along a line.

    Parameters
    ----------
    line, modes : ndarray, shape (n,)
        The values and their modes.
    i : int
    far : int
        How many values on each side are compared.
    span : float
        The range of the measure.
    """
    if span <= 0:
        return Sides(0.0, 0.0)
    below, above = _side(line[i::-1], modes[i::-1], far), _side(line[i + 1 :], modes[i + 1 :], far)
    difference = abs(float(np.median(above.values) - np.median(below.values)))
    jump = abs(float(line[i + 1] - line[i]))
    steep = jump >= 0.5 * difference
    one = any(s.returns and not (steep and s.flat(difference)) for s in (below, above))
    return Sides(jump / span, 0.0 if one else difference / span)


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
