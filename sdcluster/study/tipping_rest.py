"""The equations for the equilibria of a model, and Newton's method for them.

A `RestProblem` is created for a `Frozen` model. Its method `solve` returns states in which no stock changes.

Stocks that only accumulate are left out, because they need not be constant. Combinations of stocks that never change
(a total population, say) keep their value from the start of the run.

The equations are scaled. The box of a stock is the interval of the values that runs reach. Each stock is measured
in widths of its box, and time in lengths of the run. A residual of 1e-9 therefore means that in a whole run the stock
would change by 1e-9 of the width of its box.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.run.frozen import Frozen

TOLERANCE = 1e-10
ROUNDS = 25
FAR = 20.0  # searches stop at this distance from the middle of the box, in widths of the box
SAMPLES = 12
_RANK = 1e-9


class RestProblem:
    """The equations for equilibria, in scaled stocks: every net flow is 0.

    Parameters
    ----------
    frozen : Frozen
        The model at a fixed time, with n stocks.
    low, high : ndarray, shape (n,)
        The lowest and highest values of the stocks that runs reach (the box).
    held : sequence of str
        Stocks that keep the value they have in `Frozen.state` and need no equation.
    span : float
        The length of a run.
    negative : bool
        Whether stocks may be negative in an equilibrium even if no run makes them negative.

    Attributes
    ----------
    kept : ndarray of int, shape (m,)
        Indices of the stocks whose net flows must be 0.
    dropped : list of str
        Stocks that only accumulate: no net flow that must be 0 depends on them.
    conserved : ndarray, shape (c, m)
        Weights of c combinations of the scaled stocks that never change, whatever the state.
    base, width : ndarray, shape (n,)
        Middle and width of the box.
    positive : ndarray of bool, shape (n,)
        True for stocks that cannot become negative, or that are not negative in any run. Equilibria in which such a
        stock is negative are left out.

    Raises
    ------
    ModelError
        If a combination of stocks changes at the same rate in every state, or if no stock is left whose net flow
        must be 0.
    """

    def __init__(
        self,
        frozen: Frozen,
        low: np.ndarray,
        high: np.ndarray,
        held: Sequence[str],
        span: float,
        *,
        negative: bool = False,
    ) -> None:
        self.frozen, self.span = frozen, span
        size = np.maximum(np.abs(low), np.abs(high))
        floor = np.where(size > 0, 1e-3 * size, 1.0)
        self.width = np.maximum(high - low, floor)
        self.base = 0.5 * (low + high)
        self.positive = frozen.bounded | (~negative & (low >= 0))
        self._moving(held)
        self._conserve()

    def _moving(self, held: Sequence[str]) -> None:
        names, depends = self.frozen.names, self.frozen.depends()
        alive = np.array([name not in held for name in names], dtype=bool)
        if not alive.any():
            raise ModelError(message("study.all_stocks_held_leave"))
        while True:
            idle = alive & ~depends[alive].any(axis=0)
            if not idle.any():
                break
            alive &= ~idle
        free = np.array([name not in held for name in names], dtype=bool)
        self.dropped = [names[i] for i in np.flatnonzero(free & ~alive)]
        self.kept = np.flatnonzero(alive)
        if not len(self.kept):
            raise ModelError(message("study.no_net_flow_stock"))

    def _conserve(self) -> None:
        """Find the conserved combinations of stocks: vectors in the left null space of the Jacobians of all states."""
        rng = np.random.default_rng(0)
        m = len(self.kept)
        flows, blocks = [], []
        for i in range(8 * SAMPLES):
            reach = 0.5 if i % 2 else 2.0  # a function that is constant in the box may vary outside
            u = rng.uniform(-reach, reach, m)
            f, matrix = self.residual(u)
            if np.isfinite(f).all() and np.isfinite(matrix).all():
                flows.append(f)
                blocks.append(matrix)
            if len(blocks) == SAMPLES:
                break
        self.conserved = np.zeros((0, m))
        self.total = np.zeros(0)
        if len(blocks) < 2:
            return
        null = _unmoved(np.hstack(blocks))
        if not len(null):
            return
        pace = null @ np.array(flows).T
        against = np.abs(null) @ np.abs(np.array(flows)).T
        drifting = (np.abs(pace) > 1e-9 * np.maximum(against, 1e-9)).any(axis=1)
        if drifting.any():
            weight = np.abs(null[int(np.argmax(drifting))])
            name = self.frozen.names[self.kept[int(np.argmax(weight))]]
            raise ModelError(
                message("study.no_rest_point_driven", name=name),
                file=self.frozen.kernel.model.path,
            )
        self.conserved = null
        self.total = null @ self.scaled(self.frozen.start)

    # ---- scaling

    def scaled(self, state: np.ndarray) -> np.ndarray:
        """Return the stocks in `kept` of a state, scaled to the middle and width of their boxes, shape (m,)."""
        found: np.ndarray = ((state - self.base) / self.width)[self.kept]
        return found

    def state(self, u: np.ndarray) -> np.ndarray:
        """Return the state, shape (n,), with the scaled stocks `u`; other stocks are as in `Frozen.state`."""
        found = self.frozen.state.copy()
        found[self.kept] = self.base[self.kept] + self.width[self.kept] * u
        return found

    def residual(self, u: np.ndarray, value: float = np.nan) -> tuple[np.ndarray, np.ndarray]:
        """Return the scaled net flows at scaled stocks, shape (m,), and their derivatives, shape (m, m)."""
        flows, matrix = self.frozen.at(self.state(u), value)
        rate, ratio, part = self._scales
        return flows[self.kept] * rate, matrix[part] * ratio

    @cached_property
    def _scales(self) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, ...]]:
        """Return the scale factors of net flows and of derivatives, and the indices of the derivatives."""
        width = self.width[self.kept]
        ratio = width[np.newaxis, :] / width[:, np.newaxis] * self.span
        return self.span / width, ratio, np.ix_(self.kept, self.kept)

    # ---- Newton

    def solve(
        self, u: np.ndarray, value: float = np.nan, rounds: int = ROUNDS
    ) -> np.ndarray | None:
        """Return the equilibrium, in scaled stocks of shape (m,), to which Newton's method converges; otherwise None.

        A step is halved until it reduces the residual. The conserved totals keep the values from the start of the run.
        """
        f, matrix = self._with_totals(u, value)
        for _ in range(rounds):
            size = float(np.linalg.norm(f))
            if not np.isfinite(size) or not np.isfinite(matrix).all():
                return None
            step = np.linalg.lstsq(matrix, -f, rcond=1e-13)[0]
            length = float(np.linalg.norm(step))
            if size < TOLERANCE and length < 1e-8:
                return u
            if length > 2.0:
                step *= 2.0 / length
            share = 1.0
            while share > 0.01:
                trial = u + share * step
                g, other = self._with_totals(trial, value)
                if np.isfinite(g).all() and np.linalg.norm(g) < (1 - 1e-4 * share) * size:
                    break
                share *= 0.5
            else:
                return u if size < 1e-9 and length < 1e-6 else None
            u, f, matrix = trial, g, other
            if np.abs(u).max() > FAR:
                return None
        return u if float(np.linalg.norm(f)) < 1e-9 else None

    def _with_totals(self, u: np.ndarray, value: float) -> tuple[np.ndarray, np.ndarray]:
        f, matrix = self.residual(u, value)
        if not len(self.conserved):
            return f, matrix
        totals = self.conserved @ u - self.total
        return np.concatenate([f, totals]), np.vstack([matrix, self.conserved])

    def allowed(self, u: np.ndarray) -> bool:
        """Whether all stocks that are in `kept` and in `positive` are at least 0, within a tolerance."""
        state = self.state(u)
        slack = 1e-6 * self.width
        return not bool((self.positive & (state < -slack))[self.kept].any())

    # ---- eigenvalues

    @cached_property
    def _free(self) -> np.ndarray:
        """Return a basis of the directions that leave the conserved totals unchanged, shape (m, m - c)."""
        if not len(self.conserved):
            return np.eye(len(self.kept))
        right: np.ndarray = np.linalg.svd(self.conserved)[2]
        return right[len(self.conserved) :].T

    def eigenvalues(self, u: np.ndarray, value: float = np.nan) -> np.ndarray:
        """Return the m - c complex eigenvalues at scaled stocks, per unit of time, by descending real part.

        The Jacobian is restricted to the directions that leave the conserved totals unchanged.
        """
        matrix = self.residual(u, value)[1] / self.span
        found = np.linalg.eigvals(self._free.T @ matrix @ self._free)
        ordered: np.ndarray = found[np.lexsort((-found.imag, -found.real))]
        return ordered


def _unmoved(matrix: np.ndarray) -> np.ndarray:
    """Return a basis of the left null space of a matrix, shape (c, rows), in reduced row echelon form.

    The rows of the matrix may differ widely in size, because each is first scaled to unit length.
    """
    size = np.linalg.norm(matrix, axis=1)
    rows = matrix / np.where(size > 0, size, 1.0)[:, np.newaxis]
    left, sizes, _ = np.linalg.svd(rows)
    sizes = np.concatenate([sizes, np.zeros(max(0, len(rows) - len(sizes)))])
    found = left[:, sizes <= _RANK].T
    if len(found) == len(rows):
        return np.zeros((0, len(rows)))
    done = 0
    for column in range(
        len(rows)
    ):  # Gauss and Jordan: combinations of few rows, where there are such
        if done == len(found):
            break
        best = done + int(np.argmax(np.abs(found[done:, column])))
        if abs(found[best, column]) < 1e-6:
            continue
        found[[done, best]] = found[[best, done]]
        found[done] /= found[done, column]
        others = np.arange(len(found)) != done
        found[others] -= found[others, column, np.newaxis] * found[done]
        done += 1
    found[np.abs(found) < 1e-7] = 0.0
    found /= np.where(size > 0, size, 1.0)
    scaled: np.ndarray = found / np.linalg.norm(found, axis=1, keepdims=True)
    exact = np.abs(scaled @ matrix).max(axis=1) <= 1e-8 * (np.abs(scaled) @ np.abs(matrix)).max(
        axis=1
    )
    return scaled[exact]
