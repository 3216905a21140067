"""Charts of posteriors: predictive bands with the data, and the density of each constant over its range.

`draw_posterior` takes the `xarray.Dataset` of `sdcluster.posterior` and writes a PNG or SVG file.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.view.fan import QUANTILES_OF
from sdcluster.view.figure import (
    COLOURS,
    drawing,
    legend_below,
    panel_grid,
    time_axis,
    with_units,
    write_figure,
)
from sdcluster.words import phrase as say
from sdcluster.words import say as filled

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

Label = Callable[[str], str]
BINS = 40
MOST_BINS = 400
PANEL = (3.8, 2.7)  # inches
PLAIN = ("", "value")  # measures that can be drawn as points on a curve


def draw_posterior(
    found: xr.Dataset,
    path: Path,
    *,
    title: str = "",
    label: Label = str,
    language: str = "en",
) -> None:
    """Draw the predictive bands of each series with its data, and then posterior and prior density of each constant.

    Raises
    ------
    ModelError
        If the dataset has neither bands nor draws.
    """
    series = [str(n) for n in found.data_vars if str(n).startswith(QUANTILES_OF)]
    names = [str(n) for n in found["parameter"].values] if "parameter" in found else []
    number = len(series) + len(names)
    if not number:
        raise ModelError(message("view.predictions_without_curve"))
    title = marked(title, found, language)
    with drawing():
        figure, panels = panel_grid(
            number, min(3, number), PANEL, above=0.35 if title else 0, below=0.25
        )
        if title:
            figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
        for axes, name in zip(panels, series, strict=False):
            _bands(axes, found, name, label, language)
        for axes, name in zip(panels[len(series) :], names, strict=True):
            _density(axes, found, name, label, language)
        shown = [axes.get_legend_handles_labels() for axes in panels]
        entries = {words: handle for pair in shown for handle, words in zip(*pair, strict=True)}
        legend_below(figure, entries.values(), list(entries), 3)
        write_figure(figure, path)


def marked(title: str, found: xr.Dataset, language: str) -> str:
    """Return the title of a chart, followed by a note if the draws have not converged."""
    if found.attrs.get("converged", True):
        return title
    colon = filled("signs.colon", language) if title else ""
    return title + colon + say("the draws have not converged", language)


def _bands(axes: Axes, found: xr.Dataset, name: str, label: Label, language: str) -> None:
    variable = name.removeprefix(QUANTILES_OF)
    shares, band, time = found["quantile"].values, found[name].values, found["time"].values
    order = np.argsort(shares)
    pairs = len(order) // 2
    for i in range(pairs):
        low, high = order[i], order[-1 - i]
        words = f"{100 * (shares[high] - shares[low]):.3g} % {say('of the draws', language)}"
        strength = 0.55 * (i + 1) / (pairs + 1)
        axes.fill_between(
            time, band[low], band[high], color=COLOURS[0], alpha=strength, lw=0, label=words
        )
    if len(order) % 2:
        axes.plot(time, band[order[pairs]], color=COLOURS[0], lw=1.6, label=say("median", language))
    if "target_variable" in found:
        _data(axes, found, variable, language)
    axes.set_title(with_units(label(variable), found[name].attrs.get("units", "")))
    time_axis(axes, found, language)


def _data(axes: Axes, found: xr.Dataset, variable: str, language: str) -> None:
    mine = (found["target_variable"].values == variable) & np.isin(found["target_measure"].values, PLAIN)  # fmt: skip
    axes.errorbar(
        found["target_time"].values[mine],
        found["target_value"].values[mine],
        found["target_uncertainty"].values[mine],
        fmt="s",
        color=COLOURS[1],
        ms=4,
        capsize=3,
        zorder=5,
        label=say("data", language),
    )


def _density(axes: Axes, found: xr.Dataset, name: str, label: Label, language: str) -> None:
    one = found.sel(parameter=name)
    low, high = float(one["minimum"]), float(one["maximum"])
    draws = one["draws"].values.ravel()
    # Densities are relative to that of the prior, which is therefore 1. If the draws are in a narrow part of the
    # range, the bars are narrower, so that the shape of the distribution is visible.
    near = max(float(np.ptp(draws)), 1e-9 * (high - low))
    bins = int(np.clip(BINS * (high - low) / near, BINS, MOST_BINS))
    counts, edges = np.histogram(draws, bins, (low, high))
    axes.stairs(counts * bins / len(draws), edges, fill=True, color=COLOURS[2], alpha=0.75,
                label=say("density of the posterior", language))  # fmt: skip
    axes.axhline(1, color=COLOURS[6], ls="--", lw=1.2, label=say("prior (uniform)", language))
    axes.axvspan(float(one["low"]), float(one["high"]), color=COLOURS[4], alpha=0.18, lw=0,
                 label=say("interval of 95 %", language))  # fmt: skip
    axes.set_axisbelow(True)
    axes.set_xlim(low, high)
    axes.set_ylim(0, None)
    axes.set_title(f"{label(name)}: {say(str(one['verdict'].values), language)}", fontsize=8.5)
    if name == str(found["parameter"].values[0]):
        axes.set_ylabel(say("density, prior = 1", language))
    axes.locator_params(axis="x", nbins=6)
    axes.set_xlabel(with_units("", str(one["units"].values)).strip())
