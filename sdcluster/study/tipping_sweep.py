"""Hysteresis: one setting goes up and down again, and each run begins in the end state of the previous run.

`hysteresis` takes a `Model` and a setting with its range; it returns an `xarray.Dataset` of two branches.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sdcluster.errors import ModelError, SimulationError, short_traceback
from sdcluster.measure.measures import Measure
from sdcluster.messages import comma_separated, message
from sdcluster.model.elements import element_names, find_element
from sdcluster.model.graph import signed_links
from sdcluster.run.inputs import plain
from sdcluster.run.plan import FIXED
from sdcluster.run.simulator import Simulator
from sdcluster.run.state import State
from sdcluster.study.run_request import Progress, loaded, read_measures, reporter, with_settings
from sdcluster.study.tipping_loop import LEAST_RANGE, OPEN, Compared, compare
from sdcluster.study.tipping_runs import dimension_of, ranges_of

if TYPE_CHECKING:
    import xarray as xr

    from sdcluster.model import Model
    from sdcluster.project.scenario import Scenario
    from sdcluster.run.stepping import Run

Place = tuple[int, int]
"""A way (0 up, 1 down) and the index of a setting."""
STEPS = 64
SETTLED = 0.99
"""How alike two runs at the same setting must end for a measure to have come to rest."""


@short_traceback
def hysteresis(
    model: Model | str | Path,
    vary: Mapping[str, Any] | Sequence[str] | str,
    measure: Measure | str = "",
    *,
    steps: int = STEPS,
    hold: float | None = None,
    scenario: Scenario | str | Path | None = None,
    settings: Mapping[str, Any] | None = None,
    method: str | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Move one setting up and down again, without resetting the model between settings.

    The first run, at the low end, starts from the model's initial values. Every later run starts from the end state of
    the previous run (stocks, delays, conveyors, queues), with its time reset to the start. Where the two directions end
    in different states, both are held longer at this setting, until the measure is at rest (see
    `sdcluster.study.tipping_loop`). Only a difference at rest is hysteresis.

    Parameters
    ----------
    model : Model or path
        The model, loaded or by its path.
    vary : mapping of str to (low, high), str, or sequence of str
        One constant, or another variable, which is then held constant in each run.
    measure : str
        A measure of each run, such as ``"final population"``. By default the final value of a stock that depends on
        the setting and comes to rest: the one that differs most between the two ways, or else responds most.
    steps : int
        Number of steps between the two ends.
    hold : float, optional
        How long each value of the setting is held, in the model's time unit; by default the length of the model's run.
    scenario, settings, method, seed
        As for `sdcluster.simulate`; the method must have a fixed step.
    progress : callable, optional
        Called with a description, the number of runs done and the total.

    Returns
    -------
    xarray.Dataset
        ``value`` (way, setting) for the ways ``up`` and ``down``; ``rest`` (way, setting), the value after the last
        hold of this setting, which equals ``value`` where the two ways agree. ``tips_at`` (way): the value of the
        setting at which ``rest`` jumps most on that way.

        Attributes: ``measure``, ``measure_chosen`` (1 if `measure` was left out), ``units``; ``loop_from``,
        ``loop_to`` and ``loop``, the first and the last setting at which the two ways differ at rest by more than 5 %
        of the range, and their distance (0 if there is only one such setting); ``slow_from`` and ``slow_to``, the
        first and the last setting at which they differ after one hold but not at rest; ``open_from`` and
        ``open_to``, the same for settings at which they differ but do not come to rest, so that it remains open
        whether there is a loop; ``gap`` (largest difference in the loop, as a share of the range); ``linked`` (1 if
        links of the model lead from the setting to the measure); ``settled`` (1 if the measure no longer changes when
        the highest value is held a second time); ``hold``; ``longest_hold``, the longest time for which a setting
        was held; ``complete``.

    Raises
    ------
    ModelError
        For an unknown name, more than one name, a method without a fixed step, and if the setting is a stock.
    SimulationError
        If a run fails; the message gives its setting.

    Examples
    --------
    >>> import sdcluster
    >>> found = sdcluster.hysteresis("my_model", {"price": (0, 2)})  # doctest: +SKIP
    >>> found.sdcluster.plot()  # doctest: +SKIP
    """
    import xarray as xr

    report = reporter(progress)
    own = loaded(model)
    ranges = ranges_of(own, vary)
    if len(ranges) > 1:
        raise ModelError(
            message("study.one_setting_goes_up", count=len(ranges), ranges=comma_separated(ranges))
        )
    if steps < 2:
        raise ModelError(message("study.setting_goes_up_steps", steps=steps))
    if hold is not None and not hold > 0:
        raise ModelError(message("study.each_setting_must_held", hold=hold))
    ((name, bounds),) = ranges.items()
    key, place = find_element(own, name)
    if own.variables[key].kind == "stock":
        raise ModelError(
            message("study.stock_whose_state_goes", name=name),
            file=own.path,
        )
    every = element_names(own, key)
    runs = _Chain(
        own,
        with_settings(own, scenario, settings),
        every if place is None else [every[place]],
        hold,
        method,
        seed,
    )
    asked = read_measures(own, [measure] if measure else [])
    if measure and len(asked) > 1:
        raise ModelError(
            message(
                "study.numbers_name_one_them_instance",
                measure=measure,
                count=len(asked),
                asked=asked[0],
            )
        )
    stocks = [m for m in read_measures(own, []) if m not in asked]
    measured = [*asked, *stocks]  # stocks tell whether the model is at rest
    line = np.linspace(*bounds, steps + 1)
    found = np.full((2, len(measured), len(line)), np.nan)
    complete = True
    order = [(0, k) for k in range(len(line))] + [(1, k) for k in range(len(line))[::-1]]
    try:
        for i, (way, at) in enumerate(order):
            report("runs", i, len(order))
            found[way, :, at] = runs.next((way, at), float(line[at]), measured)
    except KeyboardInterrupt:
        complete = False
    if np.isnan(found[:, : len(asked)]).all():
        raise (
            KeyboardInterrupt
            if not complete
            else ModelError(message("study.no_run_value", which=asked[0]), file=own.path)
        )

    def hold_on(way: int, at: int) -> list[float] | None:
        report("runs", runs.done, runs.done + 1)
        return runs.again((way, at), measured)

    rests = [_settled(values) for values in found.transpose(1, 0, 2)]
    effects = _Effects(own, key)
    depend = [effects.on(m) for m in asked]
    judged = _judged(depend, rests) if complete else ()
    compared = compare(found, hold_on, {i: effects.before(measured, i) for i in judged})
    complete &= compared.complete
    chosen = _shown(compared, depend, rests)
    which, rest = asked[chosen], compared.rest[:, chosen]
    low, high = _ends(line, compared.loops[chosen])
    open_from, open_to = _ends(line, compared.verdicts[chosen] == OPEN)
    slow_from, slow_to = _ends(line, compared.slow[chosen])
    axis = dimension_of(name, ("value", "rest", "tips_at", "way"))
    units = own.variables[key].units
    values = {"units": which.units(own), "long_name": str(which)}
    return xr.Dataset(
        {
            "value": (("way", axis), found[:, chosen], values),
            "rest": (("way", axis), rest, values),
            "tips_at": ("way", [_steepest(line, v) for v in rest], {"units": units}),
        },
        {"way": ["up", "down"], axis: (axis, line, {"units": units})},
        {
            "tipping": "hysteresis",
            "model": own.name,
            "model_hash": own.hash,
            "scenario": runs.simulator.scenario.name,
            "settings": json.dumps(
                {k: plain(v) for k, v in runs.simulator.scenario.settings.items()}, default=str
            ),
            "method": runs.simulator.method,
            "seed": seed,
            "measure": str(which),
            "measure_chosen": int(not measure),
            "units": which.units(own),
            "loop": high - low,
            "loop_from": low,
            "loop_to": high,
            "open_from": open_from,
            "open_to": open_to,
            "slow_from": slow_from,
            "slow_to": slow_to,
            "gap": float(compared.gaps[chosen]),
            "linked": int(depend[chosen]),
            "settled": rests[chosen],
            "hold": runs.hold,
            "longest_hold": runs.hold * int(compared.holds.max()),
            "complete": int(complete),
        },
    )


class _Effects:
    """The variables that the links of a model reach from one of them."""

    def __init__(self, model: Model, key: str) -> None:
        self._model = model
        links = [(cause, effect) for cause, effect, _ in signed_links(model)]
        self._back = [(effect, cause) for cause, effect in links]
        self._reached = _reached([model.variables[key].name], links)

    def on(self, measure: Measure) -> bool:
        """Whether the measure can depend on the variable."""
        return not self._reached.isdisjoint(self._names(measure))

    def before(self, measures: Sequence[Measure], which: int) -> list[int]:
        """Return the measures through which the variable can act on one of them, itself included."""
        causes = _reached(self._names(measures[which]), self._back)
        return [
            i for i, m in enumerate(measures) if self.on(m) and causes.issuperset(self._names(m))
        ]

    def _names(self, measure: Measure) -> list[str]:
        names = [n for n in (measure.variable, measure.on) if n]
        return [self._model.variables[find_element(self._model, n)[0]].name for n in names]


def _reached(first: Sequence[str], links: Sequence[tuple[str, str]]) -> set[str]:
    """Return the names that links lead to from the first ones, with these."""
    effects: dict[str, list[str]] = {}
    for cause, effect in links:
        effects.setdefault(cause, []).append(effect)
    found, ahead = set[str](), list(first)
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            ahead += effects.get(name, [])
    return found


def _judged(depend: Sequence[bool], rests: Sequence[float]) -> list[int]:
    """Return the measures worth holding for: those that depend on the setting and rest, or else all that depend on it.

    A stock that only accumulates never rests; waiting for it would take all holds at every setting.
    """
    every = [i for i in range(len(depend)) if depend[i]] or list(range(len(depend)))
    return [i for i in every if rests[i] >= SETTLED] or every


def _shown(compared: Compared, depend: Sequence[bool], rests: Sequence[float]) -> int:
    """Return the measure that shows most: best a loop, then a response of a stock that comes to rest."""
    keys = [
        (gap > 0, rest >= SETTLED and depends, depends, gap, response * rest)
        for gap, response, rest, depends in zip(
            compared.gaps, compared.responses, rests, depend, strict=False
        )
    ]
    return keys.index(max(keys))


class _Chain:
    """A chain of runs, each started from the end state of the previous run."""

    def __init__(
        self,
        model: Model,
        scenario: Scenario,
        names: Sequence[str],
        hold: float | None,
        method: str | None,
        seed: int,
    ) -> None:
        simulator = Simulator(model, scenario, method=method, seed=seed)
        if hold is not None:
            stop = simulator.grid.start + hold
            simulator = Simulator(model, scenario, method=method, seed=seed, stop=stop)
        if simulator.method not in FIXED and method is None:
            simulator = Simulator(
                model, scenario, method="rk4", seed=seed, stop=simulator.grid.stop
            )
        self.simulator, self._names = simulator, list(names)
        self.hold = simulator.grid.stop - simulator.grid.start
        self._state: State | None = None
        self._ends: dict[Place, State] = {}
        self.done = 0
        simulator.warm(wait=True)

    def next(self, place: Place, value: float, measures: Sequence[Measure]) -> list[float]:
        """Execute the next run of the chain, and return its measures."""
        settings = dict.fromkeys(self._names, value)
        state = self._state
        if state is None:
            run = self.simulator.begin(settings)
        else:
            begun = {**state.settings, **settings}
            run = self.simulator.begin(None, state=replace(state, settings=begun))
        try:
            self._state, found = self._held(run, measures)
        except SimulationError as error:
            raise SimulationError(
                message("study.failed_at", name=self._names[0], value=value, reason=error)
            ) from None
        self._ends[place] = self._state
        return found

    def again(self, place: Place, measures: Sequence[Measure]) -> list[float] | None:
        """Hold the setting at a place of the chain once more, beside the chain; None if the run fails."""
        try:
            self._ends[place], found = self._held(
                self.simulator.begin(None, state=self._ends[place]), measures
            )
        except SimulationError:
            return None
        return found

    def _held(self, run: Run, measures: Sequence[Measure]) -> tuple[State, list[float]]:
        run.until()
        times, rows = run.rows()
        self.done += 1
        end = replace(run.state, step=0, time=run.grid.start, since=(), applied=())
        return end, [m.of_rows(self.simulator.names, times, rows) for m in measures]


def _settled(values: np.ndarray) -> float:
    """Return how similar the last run up and the first run down end, which have the same setting: 1 for equal."""
    up, down = (float(v) for v in values[:, -1])
    if np.isnan(up) or np.isnan(down):
        return 1.0
    # What has decayed to almost nothing rests, whatever share of it still decays.
    size = max(abs(up), abs(down), LEAST_RANGE * float(np.nanmax(np.abs(values))))
    return 1.0 - min(1.0, abs(up - down) / size) if size > 0 else 1.0


def _ends(line: np.ndarray, chosen: np.ndarray) -> tuple[float, float]:
    """Return the first and the last chosen setting; NaN without one."""
    at = np.flatnonzero(chosen)
    return (float(line[at[0]]), float(line[at[-1]])) if at.size else (np.nan, np.nan)


def _steepest(line: np.ndarray, values: np.ndarray) -> float:
    """Return the setting in the middle of the step with the largest change; NaN for a constant or incomplete curve."""
    change = np.abs(np.diff(values))
    if not np.isfinite(change).any() or np.nanmax(change) == 0:
        return np.nan
    at = int(np.nanargmax(change))
    return float(0.5 * (line[at] + line[at + 1]))
