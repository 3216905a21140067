"""Tipping points: a map of end states over one or two settings, and the distance from the model to the boundary.

`tipping` takes a `Model` and one or two settings with ranges, and returns an `xarray.Dataset`. The algorithm that
computes the map with few runs is in `sdcluster.study.tipping_grid`.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sdcluster.errors import ModelError, ModelWarning, short_traceback
from sdcluster.measure.measures import Measure
from sdcluster.messages import comma_separated, message
from sdcluster.model import Model
from sdcluster.model.elements import elements, find_element
from sdcluster.run.simulator import Simulator
from sdcluster.study.run_request import (
    Progress,
    difference,
    how_made,
    loaded,
    read_measures,
    reporter,
    with_settings,
)
from sdcluster.study.sweep import failed_runs
from sdcluster.study.tipping_distance import changes_along, changes_between, nearest_on
from sdcluster.study.tipping_grid import (
    TOLERANCE,
    Refined,
    cells_of,
    level_lines,
    natural_level,
    refine,
)
from sdcluster.study.tipping_runs import Ranges, TippingRuns, dimension_of, ranges_of
from sdcluster.study.tipping_sides import ALL, PART, RIDGE, SOME, TIPS, Crossings, crossings

if TYPE_CHECKING:
    import xarray as xr

    from sdcluster.project.scenario import Scenario

RESOLUTION = 64
MOST_CELLS = 4096
SIDES = ("down", "up")
_OWN = (
    "value", "mode", "simulated", "boundary", "present", "tips_at", "distance", "nearest", "line", "end", "axis",
    "side", "boundary_kind", "crossing", "fails_between",
)  # fmt: skip


@short_traceback
def tipping(
    model: Model | str | Path,
    vary: Mapping[str, Any] | Sequence[str] | str,
    measure: Measure | str = "",
    *,
    levels: Sequence[float] | float = (),
    resolution: int = RESOLUTION,
    tolerance: float = TOLERANCE,
    scenario: Scenario | str | Path | None = None,
    settings: Mapping[str, Any] | None = None,
    method: str | None = None,
    seed: int = 0,
    workers: int | None = None,
    resume: xr.Dataset | str | Path | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Map the end states of a model over one or two settings, with a fine grid of runs only where end states differ.

    Parameters
    ----------
    model : Model or path
        The model, loaded or by its path.
    vary : mapping of str to (low, high), sequence of str, or str
        One or two constants, initial values of stocks, or elements of them; a name alone takes the model's range.
    measure : str
        A measure of a run that distinguishes end states, such as ``"final population"``. By default the final value
        of a stock: the one whose values on the coarse grid form the clearest two groups.
    levels : float or sequence of float
        Levels of the measure that separate the kinds of end states (modes). By default one level, which best separates
        the values on the coarse grid into two groups (Otsu 1979).
    resolution : int
        Number of cells along each axis at the finest level, at least 8; rounded up to a power of two.
    tolerance : float
        The grid is also refined between neighbours of the same mode if their values differ by more than this share of
        the measure's range.
    scenario, settings, method, seed
        As for `sdcluster.simulate`; `vary` overrides the settings.
    workers : int, optional
        Number of threads; results do not depend on it.
    resume : Dataset or path, optional
        An earlier map, complete or interrupted; runs that it contains are not repeated.
    progress : callable, optional
        Called with a description, the number of runs done and the largest possible number.

    Returns
    -------
    xarray.Dataset
        A dimension for each name in `vary`, with these variables: ``value`` (the measure), ``mode`` (how many levels it
        reaches; -1 where the run fails), ``simulated`` (false where the value is interpolated). ``boundary`` of shape
        (line, end, axis) contains short line segments between modes. ``present`` (axis) is the setting in the model.
        ``tips_at`` and ``distance`` of shape (axis, side) give the value of a setting at which the mode changes, and
        its distance from ``present``, if this setting alone goes down or up; NaN if the mode does not change within
        the range, or if runs fail before it does. ``fails_between`` (axis, side, end) then contains the last setting
        with a value and the first without. ``nearest`` (axis) is the nearest point of the boundary, with axes scaled to
        their ranges.

        ``boundary_kind`` (line) says for each segment what the boundary is there. It compares two medians over the
        pairs of neighbouring points across the boundary that lie within a sixteenth of the axis; both are shares of
        the measure's range. ``jump`` is the difference of the two values. ``apart`` is the difference of the states on
        the two sides within an eighth of the range (0 if the states are the same). ``"tips"``: both are 0.25 or more,
        so the model has two end states. ``"slope"``: `jump` is less, so values change gradually. ``"ridge"``: only
        `apart` is less, so the same state lies on both sides of a ridge or trough. ``crossing`` (axis, side) says the
        same for the single crossing at ``tips_at``; ``""`` without one.

        The attribute ``boundary`` is ``"tips"`` if at least 95 % of the length of the boundary tips, ``"part"`` if more
        than 5 % tips and less of it is a ridge, and otherwise ``"slope"`` or ``"ridge"``. ``tips_share`` is the share
        that tips, ``tips_jump`` the median jump there; ``jump`` and ``apart`` are medians over the whole boundary.
        ``tips`` is 1 for ``"tips"`` and ``"part"``. Other attributes: ``measure``, ``measure_chosen`` (1 if `measure`
        was left out), ``units``, ``levels``, ``separation`` (the share of the variance that lies between the groups),
        ``runs``, ``failed``, ``complete``.

    Raises
    ------
    ModelError
        For unknown names, more than two names, empty ranges, and an earlier map of another problem.
    SimulationError
        If all runs fail.

    Notes
    -----
    A map shows the state at the end of the run. If a model tips late or slowly, the boundary moves with the length of
    the run. `sdcluster.equilibria` finds the equilibria themselves.

    Examples
    --------
    >>> import sdcluster
    >>> found = sdcluster.tipping("my_model", {"openness": (0, 1), "policy": (0, 1)})  # doctest: +SKIP
    >>> found["distance"].to_pandas()  # doctest: +SKIP
    >>> found.sdcluster.plot().save("map.png")  # doctest: +SKIP
    """
    tell = reporter(progress)
    own = loaded(model)
    ranges = ranges_of(own, vary)
    if len(ranges) > 2:
        raise ModelError(
            message("study.tipping_map_one_two", count=len(ranges), ranges=comma_separated(ranges))
        )
    if not 8 <= resolution <= MOST_CELLS:
        raise ModelError(
            message("study.resolution_must_cells_not", most_cells=MOST_CELLS, resolution=resolution)
        )
    bounds = np.atleast_1d(np.asarray(levels, dtype=float))
    if not np.isfinite(bounds).all():
        raise ModelError(message("study.levels_between_modes_must"))
    simulator = Simulator(own, with_settings(own, scenario, settings), method=method, seed=seed)
    study = _Study(simulator, ranges, cells_of(resolution, len(ranges)), workers)
    chosen = study.measure(measure)
    runs = study.runs([chosen])
    made = _made(simulator, ranges, chosen)
    nodes = (study.cells[0] + 1) ** len(ranges)

    def report(done: int) -> None:
        tell("runs", done, nodes)

    grid = refine(
        lambda chosen: runs(study.points(chosen))[0],
        len(ranges),
        resolution,
        levels=bounds.tolist() or None,
        tolerance=tolerance,
        known=None if resume is None else _known(resume, made, study),
        report=report,
    )
    if np.isnan(grid.values).all():
        if not grid.complete:
            raise KeyboardInterrupt
        raise ModelError(
            message(
                "study.no_run_value_choose",
                chosen=chosen,
                never=chosen.word.never or runs.failure(),
            ),
            file=own.path,
        )
    return _dataset(study, chosen, grid, runs, made, asked=bool(measure))


@dataclass(frozen=True)
class _Study:
    """The model, settings and grid of one map.

    Parameters
    ----------
    simulator : Simulator
    ranges : dict of str to (float, float)
    cells : (int, int)
        First the number of cells, the same for every axis; second the side of a coarse square, in cells.
    workers : int or None
    """

    simulator: Simulator
    ranges: Ranges
    cells: tuple[int, int]
    workers: int | None

    @property
    def lines(self) -> list[np.ndarray]:
        """The settings at the nodes of the grid along each axis."""
        return [np.linspace(low, high, self.cells[0] + 1) for low, high in self.ranges.values()]

    def points(self, nodes: np.ndarray) -> np.ndarray:
        """Return the settings at nodes given by their indices; both arrays have shape (m, axes)."""
        return np.stack([line[nodes[:, i]] for i, line in enumerate(self.lines)], axis=1)

    def runs(self, measures: Sequence[Measure]) -> TippingRuns:
        """Return the object that runs the model and measures each run."""
        return TippingRuns(self.simulator, list(self.ranges), measures, self.workers)

    def measure(self, asked: Measure | str) -> Measure:
        """Return the requested measure, or that of the stock that separates the coarse grid most clearly."""
        candidates = read_measures(self.simulator.model, [asked] if asked else [])
        if asked and len(candidates) > 1:
            raise ModelError(
                message(
                    "study.numbers_name_one_them",
                    asked=asked,
                    count=len(candidates),
                    candidates=candidates[0],
                )
            )
        if not candidates:
            raise ModelError(message("study.model_no_stock_name"))
        if len(candidates) == 1:
            return candidates[0]
        n, side = self.cells
        steps = [np.arange(0, n + 1, side)] * len(self.ranges)
        nodes = np.stack(np.meshgrid(*steps, indexing="ij"), axis=-1).reshape(-1, len(self.ranges))
        found = self.runs(candidates)(self.points(nodes))
        return candidates[int(np.argmax([_clearness(values) for values in found]))]

    def present(self) -> np.ndarray:
        """Return the model's own values of the varied settings, shape (axes,); for arrays, the first element's."""
        model = self.simulator.model
        found = []
        _, rows = self.simulator.curves()
        for name in self.ranges:
            key, place = find_element(model, name)
            element = elements(model, model.variables[key])[place or 0]
            found.append(float(rows[self.simulator.names.index(element.name), 0]))
        return np.array(found)


def _made(simulator: Simulator, ranges: Ranges, measure: Measure) -> dict[str, Any]:
    """Return the attributes that identify the problem of a map; maps with equal attributes can share runs."""
    scenario = simulator.scenario
    vary = {name: list(bounds) for name, bounds in ranges.items()}
    return {
        "tipping": "map",
        "model": simulator.model.name,
        "model_hash": simulator.model.hash,
        "scenario": scenario.name,
        "measure": str(measure),
        "made": how_made(scenario, vary=vary),
        "method": simulator.method,
        "seed": simulator.seed,
    }


def _known(before: xr.Dataset | str | Path, made: Mapping[str, Any], study: _Study) -> np.ndarray:
    """Return the values of an earlier map at the nodes of this map; NaN at nodes that were not run."""
    from sdcluster.study.sensitivity import stored_study

    before = stored_study(before)
    other = next((k for k, v in made.items() if k != "scenario" and before.attrs.get(k) != v), None)
    if other is not None or "simulated" not in before:
        what = (
            message("study.differs", what=difference(other, before.attrs.get(other), made[other]))
            if other
            else ""
        )
        raise ModelError(message("study.map_go_not_model", what=what))
    found = np.full((study.cells[0] + 1,) * len(study.ranges), np.nan)
    places = []
    for name, line in zip(before["value"].dims, study.lines, strict=True):
        lookup = {value: i for i, value in enumerate(line.tolist())}
        places.append([lookup.get(value, -1) for value in before[name].values.tolist()])
    values = np.where(before["simulated"].values.astype(bool), before["value"].values, np.nan)
    shared = [np.flatnonzero(np.array(p) >= 0) for p in places]
    there = np.ix_(*[np.array(p)[s] for p, s in zip(places, shared, strict=True)])
    found[there] = values[np.ix_(*shared)]
    return found


def _dataset(
    study: _Study,
    measure: Measure,
    grid: Refined,
    runs: TippingRuns,
    made: Mapping[str, Any],
    *,
    asked: bool,
) -> xr.Dataset:
    import xarray as xr

    model, names = study.simulator.model, list(study.ranges)
    present = study.present()
    scale = np.array([high - low for low, high in study.ranges.values()])
    tips_at, crossing = np.full((len(names), 2), np.nan), [["", ""] for _ in names]
    fails = np.full((len(names), 2, 2), np.nan)
    boundary = _boundary(study, grid) if len(names) == 2 else np.zeros((0, 2, 1))
    complete = grid.complete
    if complete:
        try:
            tips_at, crossing, fails = changes_along(
                lambda p: runs(p)[0], present, study.lines, grid.levels, grid.span
            )
            if len(names) == 1:
                places = changes_between(lambda p: runs(p)[0], study.lines[0], grid.levels)
                boundary = np.repeat(places[:, np.newaxis, np.newaxis], 2, axis=1)
        except KeyboardInterrupt:
            complete = False
    units = measure.units(model)
    across = crossings(grid)
    low = np.array([bounds[0] for bounds in study.ranges.values()])
    kinds = [s.kind for s in across.near((boundary.mean(axis=1) - low) / scale * study.cells[0])]
    kind, tipping_part = _overall(across, boundary / scale, kinds)
    attributes = {
        **made,
        "units": units,
        "levels": list(grid.levels),
        "separation": natural_level(grid.values[(slice(None, None, study.cells[1]),) * len(names)])[
            1
        ],
        "jump": across.whole.jump,
        "apart": across.whole.apart,
        "boundary": kind,
        "tips": int(kind in (TIPS, PART)),
        **tipping_part,
        "measure_chosen": int(not asked),
        "runs": int(grid.evaluated.sum()),
        "failed": int(np.isnan(grid.values[grid.evaluated]).sum()),
        "complete": int(complete),
    }
    if attributes["failed"]:
        failure = runs.failure() or measure.word.never
        attributes["failure"] = str(failure)
        warnings.warn(
            failed_runs(attributes["failed"], attributes["runs"], failure),
            ModelWarning,
            stacklevel=4,
        )
    axes = [dimension_of(name, _OWN) for name in names]
    coordinates: dict[str, Any] = {
        axis: (axis, line, {"units": _units(model, name)})
        for axis, name, line in zip(axes, names, study.lines, strict=True)
    }
    return xr.Dataset(
        {
            "value": (axes, grid.values, {"units": units, "long_name": str(measure)}),
            "mode": (axes, grid.modes),
            "simulated": (axes, grid.evaluated),
            "boundary": (("line", "end", "axis"), boundary),
            "boundary_kind": ("line", np.array(kinds, dtype=str)),
            "present": ("axis", present),
            "tips_at": (("axis", "side"), tips_at),
            "crossing": (("axis", "side"), np.array(crossing, dtype=str)),
            "distance": (("axis", "side"), np.abs(tips_at - present[:, np.newaxis])),
            "fails_between": (("axis", "side", "end"), fails),
            "nearest": ("axis", nearest_on(boundary, present, scale)),
        },
        {**coordinates, "axis": names, "side": list(SIDES)},
        attributes,
    )


def _overall(
    across: Crossings, lines: np.ndarray, kinds: Sequence[str]
) -> tuple[str, dict[str, float]]:
    """Return what kind of boundary it is, and which share of its length tips, with the median jump there."""
    if not len(lines):
        return across.whole.kind, {"tips_share": 0.0, "tips_jump": 0.0}
    length = (
        np.hypot(*(lines[:, 1] - lines[:, 0]).T) if lines.shape[2] == 2 else np.ones(len(lines))
    )
    length = length if length.sum() > 0 else np.ones(len(lines))
    shares = {
        kind: float(length[np.array(kinds) == kind].sum() / length.sum()) for kind in set(kinds)
    }
    tips = shares.get(TIPS, 0.0)
    pairs = np.array([s.kind == TIPS for s in across.near(across.places)])
    about = {
        "tips_share": tips,
        "tips_jump": float(np.median(across.jumps[pairs])) if pairs.any() else 0.0,
    }
    if tips >= ALL:
        return TIPS, about
    if tips > max(SOME, shares.get(RIDGE, 0.0)):  # else the exceptions along a ridge
        return PART, about
    rest = {kind: share for kind, share in shares.items() if kind != TIPS}
    return max(rest, key=lambda kind: rest[kind]), about


def _clearness(values: np.ndarray) -> float:
    """Return how clearly values fall into two groups: the share of variance between them, times the relative range."""
    known = values[np.isfinite(values)]
    size = float(np.max(np.abs(known))) if known.size else 0.0
    return natural_level(known)[1] * min(1.0, float(np.ptp(known)) / size) if size > 0 else 0.0


def _units(model: Model, name: str) -> str:
    return model.variables[find_element(model, name)[0]].units


def _boundary(study: _Study, grid: Refined) -> np.ndarray:
    """Return the lines between modes in the units of the settings, shape (lines, 2, 2)."""
    n = study.cells[0]
    low = np.array([bounds[0] for bounds in study.ranges.values()])
    step = np.array([(high - low) / n for low, high in study.ranges.values()])
    found = [level_lines(grid.values, level) for level in grid.levels]
    return np.concatenate([np.zeros((0, 2, len(low))), *found]) * step + low
