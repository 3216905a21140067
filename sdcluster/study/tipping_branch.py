"""Branches of rest points as one setting moves, by pseudo-arclength continuation, with their folds and Hopf points.

Interface: a `RestProblem` and a rest point in, `Branch` out.

A point is z = (u, v): the scaled stocks and the setting, scaled to its range. The next point is looked for along the
tangent of the curve and corrected by Newton's method in the plane across it, so that the curve may turn back
(H. Keller, "Numerical solution of bifurcation and nonlinear eigenvalue problems", 1977). At a fold the tangent has no
part along the setting; at a Hopf point a pair of complex eigenvalues crosses the imaginary axis; at a branch point a
real one crosses zero although the curve does not turn. Each is found by halving the step in which it happens.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from sdcluster.study.tipping_rest import FAR, TOLERANCE, RestProblem

FIRST, LEAST, MOST = 0.01, 1e-6, 0.04  # lengths of steps
MOST_POINTS = 1000
ROUNDS = 8  # of Newton's method in a step
TURN = 0.9  # cosine of the angle by which the curve may turn in a step
HALVINGS = 48
Before = Callable[[np.ndarray, np.ndarray], bool]
_MOVED = 1e-6  # of the range of the setting, for differences


@dataclass(frozen=True)
class Special:
    """A point at which the number of unstable directions changes.

    Parameters
    ----------
    kind : {"fold", "hopf", "branch point"}
    z : ndarray, shape (m + 1,)
    frequency : float
        Of the oscillation that begins at a Hopf point, in radians per unit of time; else 0.
    place : int
        Its place among the points of the branch.
    """

    kind: str
    z: np.ndarray
    frequency: float
    place: int


@dataclass
class Branch:
    """A curve of rest points.

    Parameters
    ----------
    points : list of ndarray, shape (m + 1,)
    unstable : list of int
        Number of unstable directions at each point.
    specials : list of Special
    ends : tuple of str
        Why the curve stops at its beginning and at its end: ``"range"``, ``"box"``, ``"bound"``, ``"closed"``,
        ``"length"``, or ``"corner"`` where no step is small enough (a jump or a sharp corner in an equation).
    """

    points: list[np.ndarray] = field(default_factory=list)
    unstable: list[int] = field(default_factory=list)
    specials: list[Special] = field(default_factory=list)
    ends: tuple[str, str] = ("", "")


class Tracer:
    """Follows branches.

    Parameters
    ----------
    problem : RestProblem
    low, high : float
        The range of the setting.
    """

    def __init__(self, problem: RestProblem, low: float, high: float) -> None:
        self.problem, self.low, self.range = problem, low, high - low
        self._still = 1e-7  # real parts of the eigenvalues, times a run, that count as 0

    def value(self, z: np.ndarray) -> float:
        """Return the setting at a point."""
        return self.low + self.range * float(z[-1])

    def at(self, u: np.ndarray, value: float) -> np.ndarray:
        """Return a point, shape (m + 1,)."""
        return np.append(u, (value - self.low) / self.range)

    # ---- the curve

    def _equations(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the residuals, shape (m + c,), and their derivatives, shape (m + c, m + 1)."""
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
        """Return the point of the curve at a distance from z along its tangent, and the number of iterations."""
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
        """Return the branch through a rest point, in both directions."""
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
        """Return the eigenvalues at a point, per unit of time."""
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
        """Find the special point between two points, and add it to the branch."""
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
        """Return the point in a step from z to another point at which a condition ceases to hold."""
        low, high, first, last = 0.0, length, z, there
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            found = self._corrected(z, tangent, middle)
            turned = None if found is None else self._tangent(found[0], tangent)
            if found is None or turned is None:  # where two curves cross Newton's method is lost
                return self._crossing(first, last)
            if before(found[0], turned):
                low, first = middle, found[0]
            else:
                high, last = middle, found[0]
        return last

    def _crossing(self, first: np.ndarray, last: np.ndarray) -> np.ndarray:
        """Return where the eigenvalue nearest to the imaginary axis crosses it, on a straight line."""
        real = [self.eigenvalues(z).real for z in (first, last)]
        a, b = (float(v[int(np.argmin(np.abs(v)))]) for v in real)
        share = a / (a - b) if a * b < 0 else 0.5
        return first + share * (last - first)
