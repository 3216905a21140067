"""Fan charts: how far the curves of an ensemble spread over time, and where its measures lie.

Crosses the border: the `xarray.Dataset` of `sdcluster.ensemble` in, a PNG or SVG file out.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sdcluster.errors import ModelError
from sdcluster.view.figure import (
    COLOURS,
    drawing,
    paneled_figure,
    time_axis,
    with_units,
    write_figure,
)
from sdcluster.view.wording import measure, say

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

Label = Callable[[str], str]
QUANTILES_OF = "quantiles of "
MOST_PANELS = 12


def draw_ensemble(
    runs: xr.Dataset,
    path: Path,
    *,
    own: xr.Dataset | None = None,
    title: str = "",
    label: Label = str,
    language: str = "en",
) -> None:
    """Draw a fan for each variable with quantiles over time, and a histogram for each measure.

    Parameters
    ----------
    runs : Dataset
        As from `sdcluster.ensemble`.
    path : path
        Ending in .png or .svg.
    own : Dataset, optional
        The run of the model as it is, drawn as a dashed line.
    title, label, language
        Of the chart, of variables by name, and of words.

    Raises
    ------
    ModelError
        Where there is nothing to draw, or too much.
    """
    fans = [str(n) for n in runs.data_vars if str(n).startswith(QUANTILES_OF)]
    numbers = [str(n) for n in runs.data_vars if runs[n].dims == ("run",)]
    count = len(fans) + len(numbers)
    if not count or count > MOST_PANELS:
        raise ModelError(
            f"a chart holds 1 to {MOST_PANELS} panels, not {count}; ask for other variables and measures"
        )
    with drawing():
        figure, panels = paneled_figure(count, title, below=1 if fans else 0)
        for axes, name in zip(panels, fans, strict=False):
            _fan(axes, runs, name, own, label, language)
        for axes, name in zip(panels[len(fans) :], numbers, strict=True):
            _histogram(axes, runs, name, label, language)
        if fans:
            figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower left", ncols=4)
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


def _histogram(axes: Axes, runs: xr.Dataset, name: str, label: Label, language: str) -> None:
    values = runs[name].values
    known = values[np.isfinite(values)]
    if not known.size:
        axes.text(
            0.5, 0.5, say("no run has a value", language), ha="center", transform=axes.transAxes
        )
    else:
        bins = int(np.clip(np.sqrt(known.size), 10, 60)) if np.ptp(known) > 0 else 1
        axes.hist(known, bins=bins, color=COLOURS[0], alpha=0.75)
        axes.axvline(float(np.median(known)), color="#333333", lw=1.2, ls=":")
    axes.set_title(with_units(measure(name, label, language), runs[name].attrs.get("units", "")))
    axes.set_ylabel(say("runs", language))
