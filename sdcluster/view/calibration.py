"""The chart of a calibration: data, curves of all accepted fits, and the likelihood profile of each constant.

`draw_calibration` takes a model and its `Calibration`, and writes a PNG or SVG file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sdcluster.model import Model
from sdcluster.model.elements import one
from sdcluster.study.calibrate import Calibration, Profile, Target
from sdcluster.view.chart_words import clock
from sdcluster.view.figure import (
    COLOURS,
    drawing,
    legend_below,
    panel_grid,
    with_units,
    write_figure,
)
from sdcluster.words import phrase as say
from sdcluster.words import say as filled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sdcluster.project.scenario import Scenario

MOST_CURVES = 16
MOST_POINTS = 100  # of a curve
# Range of chi square below and above the threshold; the best fit is 3.84 below the threshold.
BELOW, ABOVE = 4.25, 6.0
POINTS = ("", "value")  # measures that can be drawn as points on a curve


def draw_calibration(
    model: Model,
    result: Calibration,
    path: Path,
    *,
    scenario: Scenario | str | None = None,
    settings: Mapping[str, float] | None = None,
    title: str = "",
    label: Callable[[str], str] = str,
    language: str = "en",
) -> None:
    """Draw the data with the curves of all accepted fits, and the profile of each constant with its threshold."""
    from sdcluster.run import Simulator

    names = list(dict.fromkeys(one(model, t.variable).name for t in result.targets))
    number = len(names) + len(result.profiles)
    simulator = Simulator(model, scenario)
    simulator.warm(wait=True)
    step = max(1, -(-len(result.accepted) // MOST_CURVES))
    runs = [
        simulator.curves(
            {**(settings or {}), **dict(zip(result.parameters, fit.values, strict=True))}
        )
        for fit in result.accepted[::step]
    ]
    with drawing():
        figure, panels = panel_grid(
            number, min(3, number), (3.8, 2.8), above=0.35 if title else 0, below=0.25
        )
        if title:
            figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
        for axes, name in zip(panels, names, strict=False):
            row = simulator.names.index(name)
            thin = slice(None, None, max(1, -(-len(simulator.time) // MOST_POINTS)))
            curves = [(times[thin], rows[row][thin]) for times, rows in runs]
            _data(axes, result, model, name, curves, label(name), language)
        for axes, profile in zip(panels[len(names) :], result.profiles, strict=True):
            _profile(axes, profile, result.threshold, label(profile.name), language)
        shown = [axes.get_legend_handles_labels() for axes in panels]
        entries = {words: handle for pair in shown for handle, words in zip(*pair, strict=True)}
        legend_below(figure, entries.values(), list(entries), 5)
        write_figure(figure, path)


def _data(
    axes: Axes,
    result: Calibration,
    model: Model,
    name: str,
    curves: list[tuple[np.ndarray, np.ndarray]],
    title: str,
    language: str,
) -> None:
    accepted = say("fits accepted", language)
    for i, (time, curve) in enumerate(curves[1:]):
        axes.plot(time, curve, color=COLOURS[0], alpha=0.3, lw=0.8, label="" if i else accepted)
    if curves:  # the first curve has the least chi square
        axes.plot(*curves[0], color=COLOURS[0], lw=1.6, label=say("best fit", language))
    own = [t for t in result.targets if one(model, t.variable).name == name and t.measure in POINTS]
    if own:
        _points(axes, own, language)
    axes.set_title(with_units(title, one(model, name).variable.units or ""))
    units = clock(model.time.units or "", language)
    axes.set_xlabel(with_units(say("time", language), units))


def _profile(axes: Axes, profile: Profile, threshold: float, name: str, language: str) -> None:
    axes.plot(profile.grid, profile.chi_square, color=COLOURS[0], marker="o", ms=2.5, lw=1.3)
    limit, within = say("limit of the accepted fits", language), say("accepted values", language)
    axes.axhline(threshold, color=COLOURS[1], ls="--", lw=1.2, label=limit)
    axes.axvspan(profile.low, profile.high, color=COLOURS[4], alpha=0.18, lw=0, label=within)
    axes.set_ylim(threshold - BELOW, threshold + ABOVE)
    axes.set_xlim(profile.minimum, profile.maximum)
    axes.set_title(
        name + filled("signs.colon", language) + say(profile.verdict, language), fontsize=8.5
    )
    axes.locator_params(axis="x", nbins=6)  # numbers in narrow ranges have many digits
    axes.set_xlabel(profile.units)
    axes.set_ylabel(say("least chi square", language))


def _points(axes: Axes, own: list[Target], language: str) -> None:
    axes.errorbar(
        [t.time for t in own],
        [t.value for t in own],
        [t.uncertainty for t in own],
        fmt="s",
        color=COLOURS[1],
        ms=4,
        capsize=3,
        zorder=5,
        label=say("data", language),
    )
