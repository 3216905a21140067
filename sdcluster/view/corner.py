"""Corner charts: the posterior of each constant and of each pair of constants.

`draw_corner` takes the `xarray.Dataset` of `sdcluster.posterior` and writes a PNG or SVG file.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sdcluster.errors import ModelError, did_you_mean
from sdcluster.messages import message
from sdcluster.view.figure import COLOURS, columns_that_fit, drawing, with_units, write_figure
from sdcluster.view.posterior import marked
from sdcluster.words import phrase as say

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

Label = Callable[[str], str]
SHARES = (0.95, 0.5)  # shares of the draws inside the contour lines of a pair
SHADES = (0.25, 0.75)
BINS = 28
SMOOTH = 1.0  # standard deviation of the smoothing, in bins
PANEL = 1.55  # inches
WIDE, WIDE_ZH = 19, 10  # characters in a line of a label, in English and in Chinese
MOST = 12  # constants in a chart


def draw_corner(
    found: xr.Dataset,
    path: Path,
    parameters: Sequence[str] = (),
    *,
    title: str = "",
    label: Label = str,
    language: str = "en",
) -> None:
    """Draw each constant's density and prior on the diagonal, and the draws of each pair below it.

    Each axis covers only that part of a constant's range in which there are draws.

    Parameters
    ----------
    found : xarray.Dataset
        The result of `sdcluster.posterior`.
    path : Path
        File to write.
    parameters : sequence of str
        The constants to show; by default, all.
    title : str
        Title of the chart.
    label : callable
        Function that returns the label of a constant, given its name.
    language : str
        Language of the legend.

    Raises
    ------
    ModelError
        If a constant was not sampled, or if there are more constants than a chart can show.
    """
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    names = _chosen(found, parameters)
    title = marked(title, found, language)
    number = len(names)
    draws = found["draws"].sel(parameter=names).values.reshape(-1, number)
    with drawing():
        size = max(number * PANEL + 0.7, 3.6)
        figure = Figure(figsize=(size, size + (0.35 if title else 0)), layout="constrained")
        panels = figure.subplots(number, number, squeeze=False)
        if title:
            figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
        named = [
            _lines(label(name), str(found["units"].sel(parameter=name).item())) for name in names
        ]
        for row in range(number):
            for column in range(number):
                axes = panels[row, column]
                if column > row:
                    axes.set_visible(False)
                    continue
                if column == row:
                    _density(axes, found.sel(parameter=names[row]), draws[:, row])
                else:
                    _pair(axes, draws[:, column], draws[:, row])
                _ticks(axes, draws, row, column)
                axes.set_xlabel(named[column] if row == number - 1 else "", fontsize=8)
                axes.set_ylabel(named[row] if column == 0 and row else "", fontsize=8)
        figure.align_labels()
        entries: list[Any] = [
            Patch(color=COLOURS[2], alpha=0.75, label=say("density of the posterior", language)),
            Line2D([], [], color=COLOURS[6], ls="--", lw=1.2, label=say("prior (uniform)", language)),
            *(
                Patch(color=COLOURS[0], alpha=shade,
                      label=f"{100 * share:.0f} % {say('of the draws', language)}")
                for share, shade in zip(SHARES, SHADES, strict=True)
                if number > 1
            ),
        ]  # fmt: skip
        numbers = f"{say('median', language)}  [{say('interval of 95 %', language)}]"
        entries.append(Line2D([], [], ls="none", label=numbers))
        if number > 2:  # the upper right corner of the figure is empty
            figure.legend(handles=entries, loc="upper right", bbox_to_anchor=(0.99, 0.96))
        else:
            texts = [str(entry.get_label()) for entry in entries]
            columns = columns_that_fit(texts, figure.get_figwidth(), 2)
            figure.legend(handles=entries, loc="outside lower left", ncols=columns)
        write_figure(figure, path)


def _chosen(found: xr.Dataset, parameters: Sequence[str]) -> list[str]:
    known = [str(name) for name in found["parameter"].values]
    for name in parameters:
        if name not in known:
            hint = did_you_mean(name, known)
            raise ModelError(message("view.results_hold_no", name=name, hint=hint))
    names = list(dict.fromkeys(parameters)) or known
    if len(names) > MOST:
        raise ModelError(message("view.corner_too_many", count=len(names), most=MOST))
    return names


def _lines(name: str, units: str) -> str:
    """Return a label with line breaks, so that it fits a panel."""
    plain = with_units(name, units)
    wide = WIDE if plain.isascii() else WIDE_ZH
    return "\n".join(textwrap.wrap(plain, wide))


def _density(axes: Axes, one: xr.Dataset, draws: np.ndarray) -> None:
    span = float(one["maximum"]) - float(one["minimum"])
    counts, edges = np.histogram(draws, BINS)
    # Densities are relative to that of the prior, which is therefore 1.
    heights = counts / len(draws) * span / np.maximum(np.diff(edges), 1e-300)
    axes.stairs(heights, edges, fill=True, color=COLOURS[2], alpha=0.75)
    axes.axhline(1, color=COLOURS[6], ls="--", lw=1.2)
    axes.set_axisbelow(True)
    axes.set_ylim(0, None)
    low, middle, high = (float(one[n]) for n in ("low", "median", "high"))
    axes.set_title(f"{_short(middle)}  [{_short(low)}, {_short(high)}]", fontsize=7.5)


def _short(number: float) -> str:
    return f"{number:.3g}" if abs(number) < 1000 else f"{number:,.0f}"


def _pair(axes: Axes, across: np.ndarray, along: np.ndarray) -> None:
    from scipy.ndimage import gaussian_filter

    counts, x, y = np.histogram2d(across, along, BINS)
    smooth = gaussian_filter(counts.T, SMOOTH, mode="nearest")
    levels = [_level(smooth, share) for share in SHARES]
    if not levels[0] < levels[1] < smooth.max():  # the draws are all nearly equal
        axes.plot(across, along, ".", color=COLOURS[0], ms=2)
        return
    middles = ((x[:-1] + x[1:]) / 2, (y[:-1] + y[1:]) / 2)
    for low, high, shade in zip(levels, [levels[1], smooth.max() * 1.01], SHADES, strict=True):
        axes.contourf(*middles, smooth, [low, high], colors=[COLOURS[0]], alpha=shade)
    axes.contour(*middles, smooth, levels, colors=[COLOURS[0]], linewidths=0.8)


def _level(density: np.ndarray, share: float) -> float:
    """Return the density above which a given share of the draws is."""
    falling = np.sort(density.ravel())[::-1]
    sums = np.cumsum(falling)
    return float(falling[np.searchsorted(sums, share * sums[-1])])


def _ticks(axes: Axes, draws: np.ndarray, row: int, column: int) -> None:
    """Set the limits and a few ticks of a panel's axes; neighbouring panels have the same."""
    from matplotlib.ticker import MaxNLocator

    axes.set_xlim(*_ends(draws[:, column]))
    axes.xaxis.set_major_locator(MaxNLocator(3, prune="both"))
    axes.tick_params(labelsize=7, labelbottom=row == draws.shape[1] - 1)
    if column == row:
        axes.tick_params(left=False, labelleft=False)
        axes.grid(visible=False, axis="y")
        return
    axes.set_ylim(*_ends(draws[:, row]))
    axes.yaxis.set_major_locator(MaxNLocator(3, prune="both"))
    axes.tick_params(labelleft=column == 0)


def _ends(values: np.ndarray) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    room = 0.02 * (high - low) or 1.0
    return low - room, high + room
