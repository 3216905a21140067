"""Charts of scenario discovery: the boxes in which a result is likely, and their coverage and density.

`draw_boxes` takes the `xarray.Dataset` of `sdcluster.discover` and writes a PNG or SVG file.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sdcluster.view.figure import COLOURS, drawing, with_units, write_figure
from sdcluster.view.tables import number
from sdcluster.words import phrase as say

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

Label = Callable[[str], str]
ROW = 0.34  # inches
MOST_ROWS = 20


def draw_boxes(
    found: xr.Dataset, path: Path, *, title: str = "", label: Label = str, language: str = "en"
) -> None:
    """Draw a row of two panels for each box.

    The left panel shows the limits of the box as bars over the ranges of its constants. The right panel shows coverage
    and density of the sequence of boxes that led to this box, and the step away from it if limits were removed.
    """
    from matplotlib.figure import Figure

    count = found.sizes["box"]
    rows = min(MOST_ROWS, int(found["restricted"].max()))
    with drawing():
        height = max(2.5, ROW * rows + 1.1)
        figure = Figure(figsize=(8.4, count * height + 0.3), layout="constrained")
        panels = figure.subplots(count, 2, squeeze=False, width_ratios=(2, 1))
        figure.suptitle(
            title or found.attrs["where"], x=0.01, ha="left", fontsize=12, fontweight="bold"
        )
        for i in range(count):
            one = found.isel(box=i)
            _box(panels[i, 0], one, label, language)
            _way(panels[i, 1], one, language)
        write_figure(figure, path)


def _box(axes: Axes, one: xr.Dataset, label: Label, language: str) -> None:
    limits = one["limits"].values
    cut = np.flatnonzero(np.isfinite(limits).any(axis=1))
    # The bound that is least likely due to chance is drawn at the top.
    order = cut[np.argsort(np.nanmin(one["quasi_p"].values[cut], axis=1), kind="stable")][
        :MOST_ROWS
    ]
    names = []
    for row, place in enumerate(order.tolist()):
        low, high = one["range"].values[place]
        own = limits[place]
        ends = np.where(np.isfinite(own), own, (low, high))
        shares = (ends - low) / (high - low)
        axes.barh(-row, 1, 0.24, color="#e3e3e3")
        axes.barh(-row, shares[1] - shares[0], 0.5, left=shares[0], color=COLOURS[0])
        ends_of = ((shares[0], own[0], low, 0.0, "right"), (shares[1], own[1], high, 1.0, "left"))
        for share, end, limit, place_of_limit, side in ends_of:
            near = -0.012 if side == "right" else 0.012
            style: dict[str, Any] = {"ha": side, "va": "center", "fontsize": 8}
            if np.isfinite(end):
                axes.text(share + near, -row, number(float(end)), **style)
            axes.text(place_of_limit + near, -row, number(float(limit)), color="#777777", **style)
        name = label(str(one["parameter"].values[place]))
        names.append(with_units(name, str(one["units"].values[place])))
    axes.set_yticks(-np.arange(len(names)), names)
    axes.set_xlim(-0.27, 1.2)
    around = max(0, 4 - len(names)) / 2  # with few bars, space above and below keeps them slim
    axes.set_ylim(-len(names) + 0.4 - around, 0.6 + around)
    axes.set_xticks([0, 1], [say("lowest", language), say("highest", language)])
    axes.grid(False)
    axes.set_title(
        say(
            "box {number} holds {coverage} of those runs; they are {density} of the runs in it",
            language,
        ).format(
            number=int(one["box"]),
            coverage=f"{float(one['coverage']):.0%}",
            density=f"{float(one['density']):.0%}",
        ),
        fontsize=9,
    )


def _way(axes: Axes, one: xr.Dataset, language: str) -> None:
    others, this = say("other sizes of it", language), say("this box", language)
    sizes = one["path_coverage"].values, one["path_density"].values
    axes.plot(*sizes, "o-", ms=3, lw=1, color=COLOURS[4], label=others)
    here = float(one["coverage"]), float(one["density"])
    step = int(one["path_step"])
    origin = float(sizes[0][step]), float(sizes[1][step])
    if not np.allclose(origin, here):
        # Without the bounds that chance may have moved, the box is none of the sequence.
        label = say("chance limits removed", language)
        axes.plot(*zip(origin, here, strict=True), ":", lw=1.5, color=COLOURS[1], label=label)
    wanted = float(one.attrs["wanted_density"])
    if here[1] < wanted:
        asked = say("density asked for", language)
        axes.axhline(wanted, ls="--", lw=1, color="#777777", label=asked)
    axes.plot(*here, "o", ms=8, color=COLOURS[1], label=this)
    axes.legend(loc="lower left" if here[1] >= wanted else "best", frameon=True, edgecolor="none")
    axes.set_xlim(0, 1.03)
    axes.set_ylim(0, 1.03)
    axes.set_xlabel(say("coverage: share of those runs", language))
    axes.set_ylabel(say("density: share of the runs in it", language))
