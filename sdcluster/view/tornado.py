"""Tornado charts: how strongly a result depends on each constant, with the strongest constant on top.

`draw_sensitivity` takes the `xarray.Dataset` of `sdcluster.sensitivity` and writes a PNG or SVG file.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.view.chart_words import measure
from sdcluster.view.figure import (
    COLOURS,
    drawing,
    legend_below,
    line_style,
    panel_grid,
    time_axis,
    with_units,
    write_figure,
)
from sdcluster.words import phrase as say

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

Label = Callable[[str], str]
MOST_BARS = 15
MOST_LINES = 6
MOST_PANELS = 12
FEW = 3
ROW = 0.24  # inches
UNDER_AXIS = 0.4  # inches between panel and legend, for the ticks and label of the axis
# Least height of a panel in inches, for a tornado and for indices over time.
LOWEST, LOWEST_OVER_TIME = 1.9, 2.6


def draw_sensitivity(
    found: xr.Dataset, path: Path, *, title: str = "", label: Label = str, language: str = "en"
) -> None:
    """Draw a tornado for each measure and, for each variable over time, the indices of the strongest constants.

    Raises
    ------
    ModelError
        If there are more panels than a chart can show.
    """
    measures = [str(m) for m in found["measure"].values] if "measure" in found.dims else []
    curves = [str(c) for c in found["curve"].values] if "curve" in found.dims else []
    number = len(measures) + len(curves)
    if not 0 < number <= MOST_PANELS:
        raise ModelError(
            message("view.chart_holds_panels_not_choose", most_panels=MOST_PANELS, number=number)
        )
    bars = min(MOST_BARS, found.sizes["parameter"])
    with drawing():
        columns = min(2, number)
        size = (5.6, max(LOWEST_OVER_TIME if curves else LOWEST, ROW * bars + 1.0))
        above, below = 0.35 if title else 0.0, 0.25
        figure, panels = panel_grid(number, columns, size, above=above, below=below)
        if title:
            figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
        for axes, name in zip(panels, measures, strict=False):
            _tornado(axes, found.sel(measure=name), label, language)
            axes.set_title(measure(name, label, language))
        for axes, name in zip(panels[len(measures) :], curves, strict=True):
            _over_time(axes, found.sel(curve=name), label, language)
            whose = f" ({say('with other constants', language)})" if "total" in found else ""
            axes.set_title(label(name) + whose)
        if measures:
            handles, words = panels[0].get_legend_handles_labels()
            legend_below(figure, handles, words, 3)
        write_figure(figure, path)


def strongest(values: np.ndarray, most: int) -> list[int]:
    """Return the positions of the largest values, the largest first, without NaN."""
    order = np.argsort(-np.nan_to_num(values), kind="stable")
    return [int(place) for place in order[:most]]


def _tornado(axes: Axes, one: xr.Dataset, label: Label, language: str) -> None:
    variance = "total" in one
    sizes = one["total" if variance else "effect"].values
    shown = strongest(sizes, MOST_BARS)
    names = [label(str(one["parameter"].values[i])) for i in shown]
    rows = np.arange(len(shown))[::-1]
    if variance:
        first, total = (np.clip(one[n].values[shown], 0, None) for n in ("first", "total"))
        axes.barh(rows, total, 0.72, color=COLOURS[4], label=say("with other constants", language))
        axes.barh(rows, first, 0.36, color=COLOURS[0], label=say("alone", language))
        low, high = one["total_interval"].values[shown].T
        axes.hlines(
            rows, np.clip(low, 0, None), high, color="#333333", lw=1,
            label=say("95 % interval", language),
        )  # fmt: skip
        axes.set_xlabel(say("share of the variance", language))
    else:
        spread = one["effect_spread"].values[shown]
        words = say("mean absolute change over the range", language)
        axes.barh(rows, sizes[shown], 0.6, color=COLOURS[0])
        axes.hlines(
            rows, sizes[shown], sizes[shown] + spread, color="#333333", lw=1,
            label=say("standard deviation of the change", language),
        )  # fmt: skip
        axes.set_xlabel(with_units(words, str(one["units"].values)))
    axes.set_yticks(rows, names)
    around = max(0, FEW - len(shown)) / 2  # with few bars, space above and below keeps them slim
    axes.set_ylim(-0.7 - around, len(shown) - 0.3 + around)
    if np.isnan(sizes).all():
        axes.set_xticks([])
        _unmoved(axes, language)
    axes.set_xlim(left=0)
    axes.grid(False, axis="y")


def _unmoved(axes: Axes, language: str) -> None:
    """Write into a panel without indices that the result is the same in all runs."""
    axes.annotate(
        say("the same in all runs", language), (0.5, 0.5), xycoords="axes fraction",
        ha="center", va="center", color="#555555",
    )  # fmt: skip


def _over_time(axes: Axes, one: xr.Dataset, label: Label, language: str) -> None:
    from matplotlib.transforms import ScaledTranslation

    variance = "total_over_time" in one
    values = one["total_over_time" if variance else "effect_over_time"].values
    if np.isnan(values).all():
        axes.set_xlim(float(one["time"][0]), float(one["time"][-1]))
        axes.set_yticks([])
        _unmoved(axes, language)
        time_axis(axes, one, language)
        return
    for i, place in enumerate(strongest(np.nanmax(np.nan_to_num(values), axis=1), MOST_LINES)):
        axes.plot(
            one["time"].values,
            values[place],
            **line_style(i),
            label=label(str(one["parameter"].values[place])),
        )
    axes.set_ylim(bottom=0)
    axes.set_ylabel(say("share of the variance" if variance else "change over the range", language))
    below = axes.transAxes + ScaledTranslation(0, -UNDER_AXIS, axes.figure.dpi_scale_trans)
    axes.legend(
        loc="upper left", bbox_to_anchor=(0, 0), bbox_transform=below, ncols=2, columnspacing=1.2
    )
    time_axis(axes, one, language)
