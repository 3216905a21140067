"""Branches of equilibria as one setting varies, and their bifurcations, by pseudo-arclength continuation.

The method `trace` of `Tracer(problem, low, high)` takes an equilibrium and returns a `Branch`.

A point of a branch is the vector z = (u, v): u holds the scaled stocks, v the setting as a share of its range. Each
step predicts the next point along the tangent of the branch. Newton's method then corrects the prediction, in the plane
perpendicular to the tangent. That is why the branch may turn back, towards earlier values of the setting (H. Keller,
"Numerical solution of bifurcation and nonlinear eigenvalue problems", 1977).

The number of eigenvalues with a positive real part may change along a branch. At a fold the branch turns back: the
component of the tangent along the setting is 0. At a Hopf point a pair of complex eigenvalues crosses the imaginary
axis. At a branch point a real eigenvalue crosses 0, but the branch does not turn back. When one of these happens in a
step, bisection of the step locates the point.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from sdcluster.study.tipping_rest import FAR, TOLERANCE, RestProblem

FIRST, LEAST, MOST = 0.01, 1e-6, 0.04  # lengths of steps
MOST_POINTS = 1000
ROUNDS = 8  # iterations of Newton's method in a step
TURN = 0.9  # cosine of the largest angle by which the curve may turn in a step
HALVINGS = 48
Before = Callable[[np.ndarray, np.ndarray], bool]
_MOVED = 1e-6  # step of central differences, as a share of the setting's range


@dataclass(frozen=True)
class Special:
    """A bifurcation: a point of a branch at which an eigenvalue, or a pair of them, crosses the imaginary axis.

    Parameters
    ----------
    kind : {"fold", "hopf", "branch point"}
    z : ndarray, shape (m + 1,)
        The m scaled stocks, and the setting as a share of its range.
    frequency : float
        At a Hopf point, the frequency of the oscillation that begins there, in radians per unit of time; otherwise 0.
    place : int
        Index of the point in `Branch.points`.
    """

    kind: str
    z: np.ndarray
    frequency: float
    place: int


@dataclass
class Branch:
    """A curve of equilibria, from one end to the other.

    Parameters
    ----------
    points : list of ndarray, shape (m + 1,)
        The m scaled stocks, and the setting as a share of its range.
    unstable : list of int
        At each point, the number of eigenvalues with a positive real part; 0 if the equilibrium is stable.
    specials : list of Special
        The bifurcations; they are also among the points.
    ends : tuple of str
        Why the curve stops at its first and at its last point. ``"range"``: the setting reaches the end of its range;
        ``"box"``: a stock is far outside the values that runs reach; ``"bound"``: a stock would become negative that
        must not; ``"closed"``: the curve returns to its start; ``"length"``: it has the largest number of points;
        ``"corner"``: no step is small enough, because an equation has a jump or a sharp corner.
    """

    points: list[np.ndarray] = field(default_factory=list)
    unstable: list[int] = field(default_factory=list)
    specials: list[Special] = field(default_factory=list)
    ends: tuple[str, str] = ("", "")


class Tracer:
    """Follows branches of equilibria as a setting varies.

    Parameters
    ----------
    problem : RestProblem
        The equations for equilibria.
    low, high : float
        The range of the setting.
    """

    def __init__(self, problem: RestProblem, low: float, high: float) -> None:
        self.problem, self.low, self.range = problem, low, high - low
        self._still = 1e-7  # largest real part, times the run's length, that counts as 0

    def value(self, z: np.ndarray) -> float:
        """Return the value of the setting at a point, in its unit."""
        return self.low + self.range * float(z[-1])

    def at(self, u: np.ndarray, value: float) -> np.ndarray:
        """Return the point, shape (m + 1,), with scaled stocks `u` and the setting `value`."""
        return np.append(u, (value - self.low) / self.range)

    # ---- the curve

    def _equations(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the residuals, shape (m + c,), and their derivatives, shape (m + c, m + 1), at a point.

        The residuals are the m scaled net flows and the deviations of the c conserved quantities from their totals.
        """
        problem, u, v = self.problem, z[:-1], self.value(z)
        f, matrix = problem.residual(u, v)
        h = _MOVED * self.range
        ahead, behind = (problem.residual(u, v + side * h)[0] for side in (1, -1))
        slope = (ahead - behind) / (2 * _MOVED)
        rows = np.column_stack([matrix, slope])
        if not len(problem.conserved):
            return f, rows
        totals = problem.conserved @ u - problem.total
        fixed = np.column_stack([problem.conserved, np.zeros(len(totals))])
        return np.concatenate([f, totals]), np.vstack([rows, fixed])

    def _tangent(self, z: np.ndarray, before: np.ndarray) -> np.ndarray | None:
        _, rows = self._equations(z)
        if not np.isfinite(rows).all():
            return None
        size = np.linalg.norm(rows, axis=1, keepdims=True)
        found: np.ndarray = np.linalg.svd(rows / np.where(size > 0, size, 1.0))[2][-1]
        return -found if found @ before < 0 else found

    def _corrected(
        self, z: np.ndarray, tangent: np.ndarray, length: float
    ) -> tuple[np.ndarray, int] | None:
        """Return the point of the curve beyond z + length * tangent, and the index of the last iteration.

        The result lies in the plane through z + length * tangent that is perpendicular to the tangent; None if
        Newton's method finds no such point nearby.
        """
        aim = z + length * tangent
        now = aim.copy()
        for round_ in range(ROUNDS):
            f, rows = self._equations(now)
            if not (np.isfinite(f).all() and np.isfinite(rows).all()):
                return None
            matrix = np.vstack([rows, tangent])
            size = np.linalg.norm(matrix, axis=1, keepdims=True)
            size = np.where(size > 0, size, 1.0)
            rest = np.append(f, tangent @ (now - aim))
            step = np.linalg.lstsq(matrix / size, -rest / size[:, 0], rcond=1e-13)[0]
            now = now + step
            if np.linalg.norm(now - aim) > 2 * length + 1e-9:
                return None
            if np.linalg.norm(step) < TOLERANCE:
                return now, round_
        return None

    def trace(self, u: np.ndarray, value: float) -> Branch:
        """Return the whole branch that goes through an equilibrium, followed in both directions.

        `u` are the scaled stocks of the equilibrium, `value` is its setting.
        """
        start = self.at(u, value)
        first = np.zeros(len(start))
        first[-1] = 1.0
        tangent = self._tangent(start, first)
        if tangent is None:
            return Branch([start], [self._unstable(start)], [], ("corner", "corner"))
        up, end = self._walk(start, tangent, start)
        if end == "closed":
            return Branch(up.points, up.unstable, up.specials, (end, end))
        down, begin = self._walk(start, -tangent, start)
        behind = len(down.points) - 1
        turned = [replace(s, place=behind - s.place) for s in down.specials]
        ahead = [replace(s, place=behind + s.place) for s in up.specials]
        return Branch(
            down.points[:0:-1] + up.points,
            down.unstable[:0:-1] + up.unstable,
            turned[::-1] + ahead,
            (begin, end),
        )

    def _walk(self, z: np.ndarray, tangent: np.ndarray, start: np.ndarray) -> tuple[Branch, str]:
        branch = Branch([z], [self._unstable(z)])
        length = FIRST
        while len(branch.points) < MOST_POINTS:
            step = self._step(z, tangent, length)
            if step is None:
                length *= 0.5
                if length < LEAST:
                    return branch, "corner"
                continue
            there, turned, rounds = step
            end = self._leaves(there)
            if end == "range":
                there = self._at_the_edge(z, there)
            if end != "box":
                self._note(branch, z, tangent, length, there, turned)
            if end in ("", "range"):
                branch.points.append(there)
                branch.unstable.append(self._unstable(there))
            if end:
                return branch, end
            if len(branch.points) > 10 and np.linalg.norm(there - start) < 0.7 * length:
                branch.points.append(start)
                branch.unstable.append(branch.unstable[0])
                return branch, "closed"
            z, tangent = there, turned
            length = min(MOST, length * (1.4 if rounds <= 3 else 0.8 if rounds > 5 else 1.0))
        return branch, "length"

    def _step(
        self, z: np.ndarray, tangent: np.ndarray, length: float
    ) -> tuple[np.ndarray, np.ndarray, int] | None:
        found = self._corrected(z, tangent, length)
        if found is None:
            return None
        turned = self._tangent(found[0], tangent)
        if turned is None or (turned @ tangent < TURN and length > 10 * LEAST):
            return None
        return found[0], turned, found[1]

    def _leaves(self, z: np.ndarray) -> str:
        if not -1e-9 <= z[-1] <= 1 + 1e-9:
            return "range"
        if np.abs(z[:-1]).max() > FAR:
            return "box"
        return "" if self.problem.allowed(z[:-1]) else "bound"

    def _at_the_edge(self, z: np.ndarray, there: np.ndarray) -> np.ndarray:
        edge = float(np.clip(there[-1], 0, 1))
        share = (edge - z[-1]) / (there[-1] - z[-1]) if there[-1] != z[-1] else 1.0
        guess = z + share * (there - z)
        u = self.problem.solve(guess[:-1], self.low + self.range * edge, 20)
        return guess if u is None or np.linalg.norm(u - guess[:-1]) > MOST else np.append(u, edge)

    # ---- what happens on it

    def eigenvalues(self, z: np.ndarray) -> np.ndarray:
        """Return the eigenvalues of the Jacobian at a point, per unit of time."""
        return self.problem.eigenvalues(z[:-1], self.value(z))

    def _unstable(self, z: np.ndarray) -> int:
        return int((self.eigenvalues(z).real * self.problem.span > self._still).sum())

    def _note(
        self,
        branch: Branch,
        z: np.ndarray,
        tangent: np.ndarray,
        length: float,
        there: np.ndarray,
        turned: np.ndarray,
    ) -> None:
        """Add the bifurcations, if any, in the step from `z` to `there` to the branch."""
        before, after = branch.unstable[-1], self._unstable(there)

        def add(kind: str, at: np.ndarray, frequency: float = 0.0) -> None:
            branch.specials.append(Special(kind, at, frequency, len(branch.points)))
            branch.points.append(at)
            branch.unstable.append(before)

        folds = tangent[-1] * turned[-1] < 0
        if folds:
            at = self._halved(z, tangent, there, length, lambda p, t: t[-1] * tangent[-1] > 0)
            add("fold", at)
        if before == after or (folds and abs(after - before) == 1):
            return
        at = self._halved(z, tangent, there, length, lambda p, t: self._unstable(p) == before)
        found = self.eigenvalues(at)
        nearest = found[int(np.argmin(np.abs(found.real)))]
        oscillates = abs(nearest.imag) * self.problem.span > 1e-3 and abs(after - before) == 2
        if oscillates:
            add("hopf", at, abs(float(nearest.imag)))
        elif not folds:
            add("branch point", at)

    def _halved(
        self, z: np.ndarray, tangent: np.ndarray, there: np.ndarray, length: float, before: Before
    ) -> np.ndarray:
        """Return the point between z and `there` at which the condition `before` ceases to hold, by bisection."""
        low, high, first, last = 0.0, length, z, there
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            found = self._corrected(z, tangent, middle)
            turned = None if found is None else self._tangent(found[0], tangent)
            if found is None or turned is None:  # Newton's method may fail where two branches cross
                return self._crossing(first, last)
            if before(found[0], turned):
                low, first = middle, found[0]
            else:
                high, last = middle, found[0]
        return last

    def _crossing(self, first: np.ndarray, last: np.ndarray) -> np.ndarray:
        """Return the point at which an eigenvalue crosses the imaginary axis, by linear interpolation.

        The eigenvalue is the one nearest to the axis at the points `first` and `last`.
        """
        real = [self.eigenvalues(z).real for z in (first, last)]
        a, b = (float(v[int(np.argmin(np.abs(v)))]) for v in real)
        share = a / (a - b) if a * b < 0 else 0.5
        return first + share * (last - first)
