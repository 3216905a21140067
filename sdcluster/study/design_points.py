"""Points of the unit cube, generated all at once or on demand.

`unit_points(…)` returns an array or, if that would be too large for memory, an `OnDemand` object.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from sdcluster.errors import ModelError
from sdcluster.messages import message

AT_ONCE = 1 << 23  # the most numbers of points in memory, 67 MB
MOST_SOBOL = 1 << 30
TINY = 2.0**-40

Rows = Callable[[int, int], np.ndarray]  # takes the index of the first row and that after the last


class OnDemand:
    """An array whose rows are generated when they are read.

    Parameters
    ----------
    shape : (int, int)
    rows : callable
        Called with the index of the first row and the index after the last.
    """

    ndim = 2

    def __init__(self, shape: tuple[int, int], rows: Rows) -> None:
        self.shape = shape
        self._rows = rows

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, chosen: Any) -> np.ndarray:
        if isinstance(chosen, slice):
            first, stop, step = chosen.indices(self.shape[0])
            if step == 1:
                return self._rows(first, max(first, stop))
        found: np.ndarray = np.asarray(self)[chosen]
        return found

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self._rows(0, self.shape[0]), dtype=dtype)

    def mapped(self, change: Callable[[np.ndarray], np.ndarray]) -> OnDemand:
        """Return the rows transformed by a function that acts on each row separately."""
        return OnDemand(self.shape, lambda first, stop: change(self._rows(first, stop)))


def unit_points(n: int, width: int, method: str, seed: int) -> np.ndarray | OnDemand:
    """Return points strictly inside the unit cube; only the points of a grid also lie on its faces.

    Parameters
    ----------
    n, width : int
    method : {"sobol", "lhs", "random", "grid"}
    seed : int
        Seed of the random numbers; the same seed gives the same result.

    Returns
    -------
    ndarray, or OnDemand for more than `AT_ONCE` numbers; shape (n, width)

    Raises
    ------
    ModelError
        For grids with fewer than two values per factor, and for more points than the method can generate.
    """
    rows: Rows
    if method == "grid":
        count = max(1, int(n ** (1 / width) + 1e-9))
        if count < 2:
            raise ModelError(
                message("study.grid_over_variables_needs", width=width, width_2=2**width)
            )
        n, rows = count**width, _grid(count, width)
    elif method == "sobol":
        if n > MOST_SOBOL:
            raise ModelError(message("study.sobol_sequence_points_ask", most_sobol=MOST_SOBOL, n=n))
        rows = _Sobol(width, seed)
    elif method == "lhs":
        if n * width > 12 * AT_ONCE:
            raise ModelError(message("study.latin_hypercube_holds_all", n=n, width=width))
        return _inside(_hypercube(n, width, seed))
    else:
        rows = _random(width, seed)
    made = OnDemand((n, width), rows if method == "grid" else lambda a, b: _inside(rows(a, b)))
    return np.asarray(made) if n * width <= AT_ONCE else made


def _inside(points: np.ndarray) -> np.ndarray:
    return np.clip(points, TINY, 1.0 - TINY)


def _grid(count: int, width: int) -> Rows:
    axis = np.linspace(0.0, 1.0, count)

    def rows(first: int, stop: int) -> np.ndarray:
        places = np.unravel_index(np.arange(first, stop), (count,) * width)
        return axis[np.stack(places, axis=1)]

    return rows


def _random(width: int, seed: int) -> Rows:
    def rows(first: int, stop: int) -> np.ndarray:
        generator = np.random.PCG64(seed)
        generator.advance(first * width)  # the generator makes one step for each number
        return np.random.Generator(generator).random((stop - first, width))

    return rows


def _hypercube(n: int, width: int, seed: int) -> np.ndarray:
    from scipy.stats import qmc

    found: np.ndarray = qmc.LatinHypercube(width, rng=np.random.default_rng(seed)).random(n)
    return found


class _Sobol:
    """A scrambled Sobol' sequence that remembers its position between calls."""

    def __init__(self, width: int, seed: int) -> None:
        self._width, self._seed = width, seed
        self._engine: Any = None
        self._at = 0

    def __call__(self, first: int, stop: int) -> np.ndarray:
        from scipy.stats import qmc

        if self._engine is None or first < self._at:
            self._engine = qmc.Sobol(self._width, rng=np.random.default_rng(self._seed))
            self._at = 0
        if first > self._at:
            self._engine.fast_forward(first - self._at)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "The balance properties", UserWarning)
            found: np.ndarray = self._engine.random(stop - first)
        self._at = stop
        return found
