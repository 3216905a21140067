"""Equilibria of a model, their stability, and their bifurcations as a setting varies: folds, Hopf and branch points.

`equilibria` takes a `Model` and returns an `xarray.Dataset`, either of equilibria or of branches of equilibria.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sdcluster.errors import ModelError, did_you_mean, short_traceback
from sdcluster.messages import comma_separated, message
from sdcluster.model import Model
from sdcluster.model.elements import find_element
from sdcluster.run.frozen import Frozen
from sdcluster.run.inputs import plain
from sdcluster.run.simulator import Simulator
from sdcluster.study.run_request import Progress, loaded, reporter, with_settings
from sdcluster.study.tipping_branch import Branch, Tracer
from sdcluster.study.tipping_rest import RestProblem
from sdcluster.study.tipping_runs import ranges_of

if TYPE_CHECKING:
    import xarray as xr

    from sdcluster.project.scenario import Scenario

STARTS = 64
SAME = 1e-5  # equilibria nearer to each other than this count as one, in widths of the box
MOST_POINTS = 40
MOST_IN_ALL = 4000  # the most points in all branches together
_STILL = 1e-7


@short_traceback
def equilibria(
    model: Model | str | Path,
    vary: Mapping[str, Any] | Sequence[str] | str = (),
    *,
    time: float | None = None,
    held: Sequence[str] | str = (),
    negative: bool = False,
    starts: int = STARTS,
    scenario: Scenario | str | Path | None = None,
    settings: Mapping[str, Any] | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Find the stable and unstable equilibria of a model, and follow them as a setting varies.

    Parameters
    ----------
    model : Model or path
        The model, loaded or by its path.
    vary : mapping of str to (low, high), str, or sequence of str, optional
        One constant, over whose range equilibria are followed. By default, the search is for equilibria at the
        model's own settings only.
    time : float, optional
        Time, in the model's time unit, whose value everything that depends on time keeps; by default the end of the
        run.
    held : sequence of str
        Stocks, or elements of them, to hold constant at their value at `time`; useful for slow stocks that only drive
        the others.
    negative : bool
        Whether to include equilibria with a negative stock even if no run makes this stock negative.
    starts : int
        Number of starting points for Newton's method from a Sobol' sequence, in and around the box of the states that
        runs reach. Newton's method also starts from 12 states along each of up to three runs: at the model's own
        setting and at both ends of the range.
    scenario, settings
        As for `sdcluster.simulate`.
    seed : int
        Seed of the Sobol' sequence.
    progress : callable, optional
        Called with a description, the steps done and the total.

    Returns
    -------
    xarray.Dataset
        The coordinate ``stock`` has the names of the stocks and their elements.

        Without `vary`, the dimension ``equilibrium``: ``state`` (equilibrium, stock), ``stable``, ``kind`` (node,
        focus, saddle, neutral), and ``distance`` from the state at the end of the run, in widths of the box. The real
        and imaginary parts of the eigenvalues are ``growth`` and ``frequency`` (equilibrium, eigenvalue), in 1 and in
        radians per time unit.

        With `vary`, the dimension ``point``, for all points of the branches: ``state``, ``stable``, the setting,
        ``branch``, ``growth`` of the leading eigenvalue. The dimension ``special``, for the bifurcations:
        ``special_kind`` (fold, hopf, branch point), ``special_at`` (the setting), ``special_distance`` from the
        model's own setting, ``special_state``, ``special_period`` (at a Hopf point), ``special_branch``. Finally
        ``lost_at`` and ``distance`` of dimension ``side``: if the setting goes down or up from the model's own one, the
        value at which the stable equilibrium nearest to the end of the run is lost, and the distance to this value.

        Attributes: ``dropped`` (stocks that only accumulate), ``negative`` (number of equilibria left out because a
        stock is negative), ``conserved`` (combinations of stocks that never change), ``time``, ``frozen`` (1 if
        something in the model depends on time), ``isolated`` (0 if equilibria form a line), ``ends`` (why branches
        end).

    Raises
    ------
    ModelError
        For models with conveyors, queues, delays of fixed length, other memory besides stocks, random numbers, or
        functions without a derivative, and if a stock has the same nonzero net flow in every state.

    Notes
    -----
    Equilibria are found by Newton's method with the exact Jacobian, and followed by pseudo-arclength continuation
    (H. Keller 1977). Stages of delays and smooths count as stocks. At a kink of a lookup or MAX, the derivative on one
    side is used. A branch may end at a jump of an IF. In a run, a non-negative stock may stay at 0 although its net
    flow is negative; the search does not find such equilibria.

    Examples
    --------
    >>> import sdcluster
    >>> found = sdcluster.equilibria("my_model", {"catch": (0, 1)})  # doctest: +SKIP
    >>> found["special_at"].to_pandas()  # doctest: +SKIP
    """
    report = reporter(progress)
    own = loaded(model)
    ranges = ranges_of(own, vary) if vary else {}
    if len(ranges) > 1:
        raise ModelError(
            message(
                "study.rest_points_followed_along",
                count=len(ranges),
                ranges=comma_separated(ranges),
            )
        )
    name = next(iter(ranges), "")
    simulator = Simulator(own, with_settings(own, scenario, settings), seed=seed)
    frozen = Frozen(simulator, name, time)
    search = _Search(
        frozen,
        simulator,
        ranges.get(name),
        _held(frozen, held),
        starts,
        seed,
        report,
        negative=negative,
    )
    made = {
        "model": own.name,
        "model_hash": own.hash,
        "scenario": simulator.scenario.name,
        "settings": json.dumps(
            {k: plain(v) for k, v in simulator.scenario.settings.items()}, default=str
        ),
        "time": frozen.time,
        "time_units": own.time.units,
        "frozen": int(search.depends_on_time()),
        "dropped": search.problem.dropped,
        "held": list(search.held),
        "conserved": search.conserved(),
        "isolated": 1,
    }
    if not name:
        return _points(search, made)
    units = own.variables[find_element(own, name)[0]].units
    return _branches(search, name, units, made)


def _held(frozen: Frozen, held: Sequence[str] | str) -> list[str]:
    found: list[str] = []
    for name in [held] if isinstance(held, str) else held:
        wanted = name.strip().lower()
        mine = [
            n for n in frozen.names if n.lower() == wanted or n.lower().startswith(f"{wanted}[")
        ]
        if not mine:
            raise ModelError(
                message(
                    "study.not_stock_only_stocks", name=name, hint=did_you_mean(name, frozen.names)
                )
            )
        found += mine
    return found


class _Search:
    """Searches for the equilibria of a model whose time is frozen.

    Parameters
    ----------
    frozen : Frozen
    simulator : Simulator
    bounds : (float, float) or None
        Bounds of the varying setting.
    held : list of str
    starts, seed : int
    progress : callable
    negative : bool

    Attributes
    ----------
    negative : int
        Number of equilibria left out because a stock is negative.
    """

    def __init__(
        self,
        frozen: Frozen,
        simulator: Simulator,
        bounds: tuple[float, float] | None,
        held: list[str],
        starts: int,
        seed: int,
        progress: Progress,
        *,
        negative: bool,
    ) -> None:
        self.frozen, self.bounds, self.held = frozen, bounds, held
        self.values = [frozen.value] if bounds is None else [frozen.value, *bounds]
        self.report = progress
        courses = []
        for i, value in enumerate(dict.fromkeys(self.values)):
            self.report("runs", i, len(self.values))
            courses.append(frozen.course(value))
        self.courses = _sound(courses)
        self.negative = 0
        low, high = self.courses.min(axis=0), self.courses.max(axis=0)
        self._grid = simulator.grid
        span = self._grid.stop - self._grid.start
        self.problem = RestProblem(frozen, low, high, held, span, negative=negative)
        self._starts, self._seed = starts, seed

    def depends_on_time(self) -> bool:
        """Whether the model depends on time: net flows in the same state differ between times of the run."""
        grid, state = self._grid, self.frozen.state
        times = np.linspace(grid.start, grid.stop, 9)
        flows = np.array([self.frozen.at(state, self.frozen.value, float(t))[0] for t in times])
        flows = flows[:, self.problem.kept]
        return bool((flows != flows[0]).any())

    def conserved(self) -> list[str]:
        """Return the conserved combinations of stocks as text, such as ``susceptible + infected``."""
        problem, names = self.problem, self.frozen.names
        found = []
        for row in problem.conserved:
            weights = row / problem.width[problem.kept]
            chosen = np.flatnonzero(np.abs(row) > 1e-6 * np.abs(row).max())
            first = weights[chosen[0]]
            found.append(
                " + ".join(_times(weights[i] / first, names[problem.kept[i]]) for i in chosen)
            )
        return found

    def points(self, value: float) -> tuple[list[np.ndarray], bool]:
        """Return the equilibria at a setting, in scaled stocks, and whether they are isolated points (not a line)."""
        from scipy.stats import qmc

        problem = self.problem
        m = len(problem.kept)
        unit = qmc.Sobol(m, rng=np.random.default_rng(self._seed)).random(self._starts)
        guesses = [problem.scaled(s) for s in self.courses]
        zero = problem.scaled(np.zeros(len(self.frozen.names)))
        whole = np.minimum(zero, -0.5), np.maximum(zero, 0.5)
        # The starting points are drawn by turns from three regions: from the box to zero, in the box, around the box.
        for i, share in enumerate(unit):
            low, high = (whole, (-0.5, 0.5), (-3.0, 3.0))[i % 3]
            guesses.append(low + share * (high - low))
        found: list[np.ndarray] = []
        below: list[np.ndarray] = []
        singular = 0
        for i, guess in enumerate(guesses):
            if i % 16 == 0:
                self.report("Newton's method", i, len(guesses))
            u = problem.solve(guess, value)
            if u is None or any(np.linalg.norm(u - v) < SAME for v in (*found, *below)):
                continue
            if not problem.allowed(u):
                below.append(u)
                continue
            found.append(u)
            leading = np.abs(problem.eigenvalues(u, value)) * problem.span
            singular += bool(
                leading.min(initial=np.inf) < _STILL * max(1.0, leading.max(initial=0))
            )
            if len(found) >= MOST_POINTS:
                break
        self.negative = max(self.negative, len(below))
        return found, not (singular > 3 and singular > 0.5 * len(found))


def _sound(courses: Sequence[np.ndarray]) -> np.ndarray:
    """Return the states of all trajectories, without states far outside the values of the first trajectory."""
    finite = [c[np.isfinite(c).all(axis=1)] for c in courses]
    first = next(c for c in finite if len(c))  # the state at the start is always finite
    reach = 3 * np.maximum(np.abs(first).max(axis=0), np.ptp(first, axis=0))
    reach[reach == 0] = np.inf
    near = [c[(np.abs(c) <= reach).all(axis=1)] for c in finite]
    return np.concatenate([first, *near])


def _times(weight: float, name: str) -> str:
    return name if abs(weight - 1) < 1e-6 else f"{weight:.4g} {name}"


def _kind(values: np.ndarray, span: float) -> tuple[bool, str]:
    """Return whether an equilibrium with these eigenvalues is stable, and its kind: node, focus, saddle or neutral."""
    up = (values.real * span > _STILL).sum()
    down = (values.real * span < -_STILL).sum()
    if not len(values):
        return True, "node"
    stable = bool(down == len(values))
    if up and down:
        return stable, "saddle"
    if not up and not stable:
        return False, "neutral"
    leading = values[0]
    return stable, "focus" if abs(leading.imag) * span > 1e-6 else "node"


def _points(search: _Search, made: dict[str, Any]) -> xr.Dataset:
    import xarray as xr

    problem, frozen = search.problem, search.frozen
    found, isolated = search.points(np.nan)
    end = problem.scaled(frozen.state)
    found.sort(key=lambda u: float(np.linalg.norm(u - end)))
    values = [problem.eigenvalues(u) for u in found]
    kinds = [_kind(v, problem.span) for v in values]
    count = len(values[0]) if values else 0
    table = np.array(values, dtype=complex).reshape(len(found), count)
    names = [frozen.names[i] for i in problem.kept]
    return xr.Dataset(
        {
            "state": (
                ("equilibrium", "stock"),
                np.array([problem.state(u)[problem.kept] for u in found]).reshape(
                    len(found), len(names)
                ),
            ),
            "stable": ("equilibrium", np.array([s for s, _ in kinds], dtype=bool)),
            "kind": ("equilibrium", np.array([k for _, k in kinds], dtype=str)),
            "growth": (("equilibrium", "eigenvalue"), table.real),
            "frequency": (("equilibrium", "eigenvalue"), table.imag),
            "distance": ("equilibrium", np.array([float(np.linalg.norm(u - end)) for u in found])),
        },
        {"stock": names, "stock_units": ("stock", [frozen.units[i] for i in problem.kept])},
        {"tipping": "equilibria", **made, "isolated": int(isolated), "negative": search.negative},
    )


def _branches(search: _Search, name: str, units: str, made: dict[str, Any]) -> xr.Dataset:
    problem = search.problem
    assert search.bounds is not None
    tracer = Tracer(problem, *search.bounds)
    branches: list[Branch] = []
    complete = True
    low, high = search.bounds
    try:
        for value in (v for v in dict.fromkeys(search.values) if low <= v <= high):
            found, isolated = search.points(value)
            if not isolated:
                made["isolated"] = 0
                continue
            for u in found:
                if sum(len(b.points) for b in branches) > MOST_IN_ALL:
                    complete = False
                    break
                if not any(_holds(tracer, b, u, value) for b in branches):
                    search.report("branches", len(branches), 0)
                    branches.append(tracer.trace(u, value))
    except KeyboardInterrupt:
        if not branches:
            raise
        complete = False
    return _dataset(search, tracer, branches, name, units, {**made, "complete": int(complete)})


def _holds(tracer: Tracer, branch: Branch, u: np.ndarray, value: float) -> bool:
    """Whether an equilibrium lies on a branch: Newton's method reaches it from the branch at the same setting."""
    at = tracer.at(u, value)
    points = np.array(branch.points)
    for i in np.flatnonzero((points[:-1, -1] - at[-1]) * (points[1:, -1] - at[-1]) <= 0).tolist():
        a, b = points[i], points[i + 1]
        share = (at[-1] - a[-1]) / (b[-1] - a[-1]) if b[-1] != a[-1] else 0.5
        guess = a + share * (b - a)
        if np.linalg.norm(guess - at) > 0.2:
            continue
        own = tracer.problem.solve(guess[:-1], value, 20)
        if own is not None and np.linalg.norm(own - u) < 10 * SAME:
            return True
    return False


@dataclass(frozen=True)
class _Lost:
    """Settings, below and above the model's own, at which the equilibrium that a run approaches is lost.

    `at` has shape (2,) and is NaN where the equilibrium is not lost within the range; `branch` is the branch's index.
    """

    at: np.ndarray
    branch: int


def _lost(search: _Search, tracer: Tracer, branches: Sequence[Branch]) -> _Lost:
    """Return where the stable equilibrium nearest to the end of the run is lost, below and above the own setting."""
    problem, value = search.problem, search.frozen.value
    end = problem.scaled(search.frozen.state)
    v = tracer.at(end, value)[-1]
    best: tuple[float, int, int] | None = None
    for number, branch in enumerate(branches):
        points = np.array(branch.points)
        for i in np.flatnonzero((points[:-1, -1] - v) * (points[1:, -1] - v) <= 0).tolist():
            if branch.unstable[i] or branch.unstable[i + 1]:
                continue
            far = float(np.linalg.norm(points[i, :-1] - end))
            if best is None or far < best[0]:
                best = far, number, i
    at = np.full(2, np.nan)
    if best is None:
        return _Lost(at, -1)
    _, number, here = best
    branch = branches[number]
    for special in branch.specials:
        ahead = special.place > here
        between = slice(here + 1, special.place) if ahead else slice(special.place + 1, here + 1)
        if any(branch.unstable[between]):
            continue
        place = tracer.value(special.z)
        side = 0 if place < value else 1
        if np.isnan(at[side]) or abs(place - value) < abs(at[side] - value):
            at[side] = place
    return _Lost(at, number)


def _dataset(
    search: _Search,
    tracer: Tracer,
    branches: Sequence[Branch],
    name: str,
    units: str,
    made: dict[str, Any],
) -> xr.Dataset:
    import xarray as xr

    problem, frozen = search.problem, search.frozen
    m = len(problem.kept)
    names = [frozen.names[i] for i in problem.kept]
    z = np.array([p for b in branches for p in b.points]).reshape(-1, m + 1)
    special = [(number, s) for number, b in enumerate(branches) for s in b.specials]
    zs = np.array([s.z for _, s in special]).reshape(-1, m + 1)

    def states(points: np.ndarray) -> np.ndarray:
        middle, width = problem.base[problem.kept], problem.width[problem.kept]
        found: np.ndarray = middle + width * points[:, :-1]
        return found

    def setting(points: np.ndarray) -> np.ndarray:
        found: np.ndarray = tracer.low + tracer.range * points[:, -1]
        return found

    leading = [tracer.eigenvalues(p)[:1].real for b in branches for p in b.points]
    lost = _lost(search, tracer, branches)
    period = [2 * np.pi / s.frequency if s.frequency else np.nan for _, s in special]
    at = setting(zs)
    return xr.Dataset(
        {
            "state": (("point", "stock"), states(z)),
            "setting": ("point", setting(z), {"units": units, "long_name": name}),
            "branch": (
                "point",
                np.array([i for i, b in enumerate(branches) for _ in b.points], dtype=int),
            ),
            "unstable": ("point", np.array([n for b in branches for n in b.unstable], dtype=int)),
            "stable": (
                "point",
                np.array([n == 0 for b in branches for n in b.unstable], dtype=bool),
            ),
            "growth": ("point", np.array([float(v[0]) if len(v) else 0.0 for v in leading])),
            "special_kind": ("special", np.array([s.kind for _, s in special], dtype=str)),
            "special_at": ("special", at, {"units": units}),
            "special_distance": ("special", at - frozen.value, {"units": units}),
            "special_state": (("special", "stock"), states(zs)),
            "special_period": (
                "special",
                np.array(period, dtype=float),
                {"units": made["time_units"]},
            ),
            "special_branch": ("special", np.array([i for i, _ in special], dtype=int)),
            "lost_at": ("side", lost.at, {"units": units}),
            "distance": ("side", np.abs(lost.at - frozen.value), {"units": units}),
            "present_state": ("stock", frozen.state[problem.kept]),
        },
        {
            "stock": names,
            "stock_units": ("stock", [frozen.units[i] for i in problem.kept]),
            "side": ["down", "up"],
        },
        {
            "tipping": "branches",
            **made,
            "negative": search.negative,
            "vary": name,
            "range": [tracer.low, tracer.low + tracer.range],
            "present": frozen.value,
            "ends": [end for b in branches for end in b.ends],
            "own_branch": lost.branch,
        },
    )
