"""Charts of the results of experiments and of profiles of constants.

`draw_findings` takes the dataset of `sdcluster.experiment`, `draw_profiles` that of `sdcluster.fit`. Both functions
write a PNG or SVG file.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sdcluster.view.figure import (
    COLOURS,
    drawing,
    legend_below,
    panel_grid,
    with_units,
    write_figure,
)
from sdcluster.words import phrase as say

if TYPE_CHECKING:
    import xarray as xr

ROW = 0.34  # inches


def draw_findings(found: xr.Dataset, path: Path, *, title: str = "", language: str = "en") -> None:
    """Draw a row for each experiment, with its verdict and the share of runs in which the verdict holds."""
    names = [str(title) for title in found["title"].values]
    with drawing():
        figure, (axes,) = panel_grid(1, 1, (6.4, ROW * len(names) + 0.9), above=0.3 if title else 0)
        if title:
            figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
        share, holds = found["share"].values, found["holds"].values
        places = np.arange(len(names))[::-1]
        asked = np.isfinite(share)
        shown = np.where(asked, share, holds.astype(float))
        for held, colour, mark, words in (
            (True, COLOURS[0], "o", "holds"),
            (False, COLOURS[1], "X", "does not hold"),
        ):
            mine = holds == held
            if not mine.any():
                continue
            axes.hlines(places[mine], 0, shown[mine], color=colour, lw=2, alpha=0.5)
            axes.plot(
                shown[mine], places[mine], mark, color=colour, ms=7, label=say(words, language)
            )
        axes.set_yticks(places, names)
        axes.set_xlim(-0.02, 1.02)
        axes.set_xlabel(
            say("share of the runs in which it holds" if asked.any() else "verdict", language)
        )
        legend_below(figure, *axes.get_legend_handles_labels(), most=2)
        write_figure(figure, path)


def draw_profiles(found: xr.Dataset, path: Path, *, title: str = "", language: str = "en") -> None:
    """Draw the likelihood profile of each constant, with its interval and the threshold."""
    names = [str(name) for name in found["parameter"].values]
    threshold = float(found.attrs["threshold"])
    with drawing():
        figure, panels = panel_grid(
            len(names), min(3, len(names)), (3.8, 2.8), above=0.3 if title else 0
        )
        if title:
            figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
        for axes, name in zip(panels, names, strict=True):
            one = found.sel(parameter=name)
            axes.plot(one["grid"], one["chi_square"], color=COLOURS[0], marker="o", ms=2.5, lw=1.3)
            axes.axhline(threshold, color=COLOURS[1], ls="--", lw=1.2)
            axes.axvspan(float(one["low"]), float(one["high"]), color=COLOURS[4], alpha=0.18, lw=0)
            axes.set_ylim(threshold - 4.25, threshold + 6)
            axes.set_title(f"{name}: {say(str(one['verdict'].values), language)}", fontsize=8.5)
            axes.locator_params(axis="x", nbins=6)
            axes.set_xlabel(with_units("", str(one["units"].values)))
            axes.set_ylabel(say("least chi square", language))
        write_figure(figure, path)
