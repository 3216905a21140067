"""Fan charts: quantiles of an ensemble over time, and histograms of its measures.

`draw_ensemble` takes the `xarray.Dataset` of `sdcluster.ensemble` and writes a PNG or SVG file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.run.elements import spread
from sdcluster.view.chart_words import measure
from sdcluster.view.figure import (
    COLOURS,
    drawing,
    legend_below,
    paneled_figure,
    time_axis,
    with_units,
    write_figure,
)
from sdcluster.words import phrase as say

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

Label = Callable[[str], str]
QUANTILES_OF = "quantiles of "
STATISTICS = "statistics of measures"
MOST_PANELS = 12


def draw_ensemble(
    runs: xr.Dataset,
    path: Path,
    *,
    own: xr.Dataset | None = None,
    lines: xr.Dataset | None = None,
    title: str = "",
    label: Label = str,
    language: str = "en",
) -> None:
    """Draw a fan for each variable with quantiles over time, and a histogram for each measure.

    Parameters
    ----------
    runs : Dataset
        Result of `sdcluster.ensemble`.
    path : path
        File to write; its name ends in .png or .svg.
    own : Dataset, optional
        The run of the unchanged model, drawn as a dashed line. Arrays are split into their elements.
    lines : Dataset, optional
        Curves of some runs, shape (run, time), drawn as thin lines.
    title, label, language
        Title of the chart, function from the name of a variable to its label, and language of the chart.

    Raises
    ------
    ModelError
        If there is nothing to draw, or if there are more panels than a chart can show.
    """
    fans = [str(n) for n in runs.data_vars if runs[n].dims == ("quantile", "time")]
    numbers = [str(n) for n in runs.data_vars if runs[n].dims == ("run",)]
    # A large ensemble has only histograms of the measures, because its runs are not stored.
    if not numbers and "measure" in runs.coords:
        numbers = [str(n) for n in runs["measure"].values]
    count = len(fans) + len(numbers)
    if not count or count > MOST_PANELS:
        raise ModelError(
            message("view.chart_holds_panels_not", most_panels=MOST_PANELS, count=count)
        )
    own = spread(own) if own is not None else None
    with drawing():
        figure, panels = paneled_figure(count, title, below=1 if fans else 0)
        for axes, name in zip(panels, fans, strict=False):
            _fan(axes, runs, name, own, label, language)
            if lines is not None:
                _spaghetti(axes, lines, name.removeprefix(QUANTILES_OF), language)
        for axes, name in zip(panels[len(fans) :], numbers, strict=True):
            _histogram(axes, runs, name, label, language)
        if fans:
            shown = _legend(panels[: len(fans)])
            legend_below(figure, shown.values(), list(shown), most=5)
        write_figure(figure, path)


def _fan(
    axes: Axes, runs: xr.Dataset, name: str, own: xr.Dataset | None, label: Label, language: str
) -> None:
    variable = name.removeprefix(QUANTILES_OF)
    shares, band, time = runs["quantile"].values, runs[name].values, runs["time"].values
    order = np.argsort(shares)
    pairs = len(order) // 2
    for i in range(pairs):
        low, high = order[i], order[-1 - i]
        within = f"{100 * (shares[high] - shares[low]):.3g} %"
        text = f"{within} {say('of runs', language)}"
        axes.fill_between(
            time,
            band[low],
            band[high],
            color=COLOURS[0],
            alpha=0.55 * (i + 1) / (pairs + 1),
            lw=0,
            label=text,
        )
    if len(order) % 2:
        axes.plot(time, band[order[pairs]], color=COLOURS[0], lw=1.8, label=say("median", language))
    if own is not None and variable in own:
        dashed: dict[str, Any] = {"color": COLOURS[1], "lw": 1.4, "ls": (0, (5, 2))}
        axes.plot(own["time"], own[variable], label=say("the model as it is", language), **dashed)
    axes.set_title(with_units(label(variable), runs[name].attrs.get("units", "")))
    time_axis(axes, runs, language)


def _legend(panels: Iterable[Axes]) -> dict[str, Any]:
    """Return what a legend of all panels shows: the first line or area with each label."""
    shown: dict[str, Any] = {}
    for axes in panels:
        for handle, text in zip(*axes.get_legend_handles_labels(), strict=True):
            shown.setdefault(text, handle)
    return shown


def _spaghetti(axes: Axes, lines: xr.Dataset, variable: str, language: str) -> None:
    curves = lines[variable]
    # The more lines there are, the more transparent each line is.
    strength = float(np.clip(6 / max(1, curves.sizes["run"]), 0.08, 0.6))
    thin: dict[str, Any] = {"color": "#333333", "lw": 0.6, "zorder": 1.5}
    axes.plot(lines["time"], curves.values.T, alpha=strength, **thin)
    axes.plot([], [], label=say("single runs", language), **thin)  # for the legend, not as faint


def _histogram(axes: Axes, runs: xr.Dataset, name: str, label: Label, language: str) -> None:
    values = runs[name].values if name in runs else None
    known = np.zeros(0) if values is None else values[np.isfinite(values)]
    style: dict[str, Any] = {"color": COLOURS[0], "alpha": 0.75}
    middle = None
    if known.size:
        bins = int(np.clip(np.sqrt(known.size), 10, 60)) if np.ptp(known) > 0 else 1
        axes.hist(known, bins=bins, **style)
        middle = float(np.median(known))
    elif values is None and float(runs[STATISTICS].sel(measure=name, statistic="runs")) > 0:
        counts = runs["histograms of measures"].sel(measure=name).values
        edges = runs["bins of measures"].sel(measure=name).values
        # The outer bins may be wide, because they reach to the extremes of all runs. So heights are densities.
        width = np.diff(edges)
        typical = float(np.median(width)) or 1.0
        heights = counts * typical / np.where(width > 0, width, typical)
        axes.stairs(heights, edges, fill=True, **style)
        if 0.5 in runs["quantile"].values:
            middle = float(runs["quantiles of measures"].sel(measure=name, quantile=0.5))
    else:
        axes.text(
            0.5, 0.5, say("no run has a value", language), ha="center", transform=axes.transAxes
        )
    if middle is not None:
        dotted: dict[str, Any] = {"color": "#333333", "lw": 1.2, "ls": ":"}
        axes.axvline(middle, label=say("median", language), **dotted)
        axes.legend(loc="best")
    units = runs[name].attrs.get("units", "") if name in runs else ""
    axes.set_title(with_units(measure(name, label, language), units))
    axes.set_ylabel(say("runs", language))
