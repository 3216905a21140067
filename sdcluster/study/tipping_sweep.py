"""Hysteresis: one setting goes up and down again, and each run begins in the end state of the previous run.

Interface: `hysteresis` takes a `Model` and a setting with its range; it returns an `xarray.Dataset` of two branches.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sdcluster.errors import ModelError, SimulationError
from sdcluster.measure.measures import Measure
from sdcluster.messages import message
from sdcluster.model.elements import element_names, find_element
from sdcluster.run.inputs import plain
from sdcluster.run.plan import FIXED
from sdcluster.run.simulator import Simulator
from sdcluster.run.state import State
from sdcluster.study.run_request import Progress, loaded, read_measures, reporter, with_settings
from sdcluster.study.tipping_runs import dimension_of, ranges_of

if TYPE_CHECKING:
    import xarray as xr

    from sdcluster.model import Model
    from sdcluster.project.scenario import Scenario

STEPS = 64
APART = 0.05
"""Share of the range by which the way up and the way down must differ to count as a loop."""
SETTLED = 0.99
"""How alike two runs at the same setting must end for a measure to have come to rest."""


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
    the previous run (stocks, delays, conveyors, queues), with its time reset to the start. If the two directions end in
    different states at the same setting, the model has hysteresis.

    Parameters
    ----------
    model : Model or path
        The model, loaded or by its path.
    vary : mapping of str to (low, high), str, or sequence of str
        One constant, or another variable, which is then held constant in each run.
    measure : str
        A measure of each run, such as ``"final population"``. By default the final value of a stock: among the stocks
        that come to rest, the one that differs most between the way up and the way down.
    steps : int
        Number of steps between the two ends.
    hold : float, optional
        How long each value of the setting is held, in the model's time unit; by default the length of the model's run.
        If the loop shrinks with a longer `hold`, it is due to slow adjustment and not to hysteresis.
    scenario, settings, method, seed
        As for `sdcluster.simulate`; the method must have a fixed step.
    progress : callable, optional
        Called with a description, the number of runs done and the total.

    Returns
    -------
    xarray.Dataset
        ``value`` (way, setting) for the ways ``up`` and ``down``. ``tips_at`` (way): the value of the setting at which
        the measure jumps most on that way. Attributes: ``measure``, ``units``; ``loop_from``, ``loop_to`` and ``loop``,
        the ends and the width of the interval of settings at which the two ways differ by more than 5 % of the range;
        ``gap`` (largest difference of the two ways, as a share of the range); ``settled`` (1 if the measure no longer
        changes when the highest value is held a second time); ``hold``; ``complete``.

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
            message("study.one_setting_goes_up", count=len(ranges), ranges=", ".join(ranges))
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
    line = np.linspace(*bounds, steps + 1)
    found = np.full((2, len(asked), len(line)), np.nan)
    complete = True
    try:
        for i, (way, at) in enumerate(
            [(0, k) for k in range(len(line))] + [(1, k) for k in range(len(line))[::-1]]
        ):
            report("runs", i, 2 * len(line))
            found[way, :, at] = runs.next(float(line[at]), asked)
    except KeyboardInterrupt:
        complete = False
    gaps = [_gap(values) for values in found.transpose(1, 0, 2)]
    rests = [_settled(values) for values in found.transpose(1, 0, 2)]
    order = [(rest >= SETTLED, gap * rest) for gap, rest in zip(gaps, rests, strict=True)]
    chosen = order.index(max(order))
    values, which = found[:, chosen], asked[chosen]
    if np.isnan(values).all():
        raise (
            KeyboardInterrupt
            if not complete
            else ModelError(message("study.no_run_value", which=which), file=own.path)
        )
    low, high = _loop(line, values)
    axis = dimension_of(name, ("value", "tips_at", "way"))
    units = own.variables[key].units
    return xr.Dataset(
        {
            "value": (("way", axis), values, {"units": which.units(own), "long_name": str(which)}),
            "tips_at": ("way", [_steepest(line, v) for v in values], {"units": units}),
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
            "units": which.units(own),
            "loop": high - low,
            "loop_from": low,
            "loop_to": high,
            "gap": gaps[chosen],
            "settled": rests[chosen],
            "hold": runs.hold,
            "complete": int(complete),
        },
    )


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
        simulator.warm(wait=True)

    def next(self, value: float, measures: Sequence[Measure]) -> list[float]:
        """Execute the next run of the chain, and return its measures."""
        settings = dict.fromkeys(self._names, value)
        state = self._state
        if state is None:
            run = self.simulator.begin(settings)
        else:
            begun = {**state.settings, **settings}
            run = self.simulator.begin(None, state=replace(state, settings=begun))
        try:
            run.until()
        except SimulationError as error:
            raise SimulationError(
                message("study.failed_at", name=self._names[0], value=value, reason=error)
            ) from None
        times, rows = run.rows()
        self._state = replace(run.state, step=0, time=run.grid.start, since=(), applied=())
        return [m.of_rows(self.simulator.names, times, rows) for m in measures]


def _gap(values: np.ndarray) -> float:
    """Return the largest difference between the values on the two ways, as a share of the range of all values."""
    known = values[np.isfinite(values)]
    span = float(np.ptp(known)) if known.size else 0.0
    differ = np.abs(values[0] - values[1])
    if not np.isfinite(differ).any() or span <= 1e-9 * float(np.abs(known).max()):
        return 0.0
    return float(np.nanmax(differ) / span)


def _settled(values: np.ndarray) -> float:
    """Return how similar the last run up and the first run down end, which have the same setting: 1 for equal."""
    up, down = (float(v) for v in values[:, -1])
    size = max(abs(up), abs(down))
    if np.isnan(up) or np.isnan(down):
        return 1.0
    return 1.0 - min(1.0, abs(up - down) / size) if size > 0 else 1.0


def _loop(line: np.ndarray, values: np.ndarray) -> tuple[float, float]:
    """Return the first and the last setting at which the two ways differ; NaN if they differ nowhere."""
    known = values[np.isfinite(values)]
    apart = np.abs(values[0] - values[1]) > APART * float(np.ptp(known))
    if not apart.any():
        return np.nan, np.nan
    at = np.flatnonzero(apart)
    return float(line[at[0]]), float(line[at[-1]])


def _steepest(line: np.ndarray, values: np.ndarray) -> float:
    """Return the setting in the middle of the step with the largest change; NaN for a constant or incomplete curve."""
    change = np.abs(np.diff(values))
    if not np.isfinite(change).any() or np.nanmax(change) == 0:
        return np.nan
    at = int(np.nanargmax(change))
    return float(0.5 * (line[at] + line[at + 1]))
