"""Draw trajectories and sweeps as figures, in colours that colour-blind people can distinguish.

Each function takes an `xarray.Dataset`, or several, and writes a PNG or SVG file.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.view.chart_words import measure
from sdcluster.view.figure import (
    PANEL_SIZE,
    columns_that_fit,
    drawing,
    legend_below,
    line_style,
    paneled_figure,
    time_axis,
    with_units,
    write_figure,
)
from sdcluster.words import phrase as say

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

FEW_VALUES = 8  # with at most so many values of a setting, each has a tick
MOST_PANELS = 12
MOST_NAMES = 30  # in a legend
FAR_APART = 20.0
GREY: dict[str, Any] = {"color": "#b0b0b0", "linewidth": 2.4}

Label = Callable[[str], str]


def by_units(ds: xr.Dataset, variables: Sequence[str]) -> dict[str, list[str]]:
    """Return the names of the variables by unit, because each panel shows variables with the same unit."""
    groups: dict[str, list[str]] = {}
    for name in variables:
        groups.setdefault(str(ds.variables[name].attrs.get("units", "")), []).append(name)
    return groups


def draw_run(
    ds: xr.Dataset,
    variables: Sequence[str],
    path: Path,
    *,
    title: str = "",
    label: Label = str,
    language: str = "en",
) -> None:
    """Draw one run, with a panel for each unit and a line for each variable.

    The legend of a panel names only its first `MOST_NAMES` variables.
    """
    groups = by_units(ds, variables)
    _limit(len(groups))
    with drawing():
        most = max(map(len, groups.values()))
        columns = _columns([label(n) for names in groups.values() for n in names[:MOST_NAMES]])
        legend = math.ceil(min(most, MOST_NAMES + 1) / columns) if most > 1 else 0
        figure, panels = paneled_figure(len(groups), title, below=legend)
        for axes, (units, names) in zip(panels, groups.items(), strict=True):
            for index, name in enumerate(names):
                _curve(axes, ds, name, label(name) if index < MOST_NAMES else "", index)
            if len(names) > MOST_NAMES:
                more = say("and {count} more", language).format(count=len(names) - MOST_NAMES)
                axes.plot([], [], label=more, color="none")
            time_axis(axes, ds, language)
            if len(names) == 1:
                axes.set_title(with_units(label(names[0]), units))
                continue
            axes.set_title(with_units("", units) or say("without unit", language))
            axes.legend(
                loc="upper left", bbox_to_anchor=(-0.03, -0.2), ncols=columns, columnspacing=1.2
            )
        write_figure(figure, path)


def _columns(labels: Sequence[str]) -> int:
    """Return the number of columns, 1 to 3, of a legend that fits below a panel."""
    axis_beside = 0.5  # inches for the labels of the axis
    return columns_that_fit(labels, PANEL_SIZE[0] - axis_beside, 3)


def draw_comparison(
    runs: Mapping[str, xr.Dataset],
    variables: Sequence[str],
    path: Path,
    *,
    title: str = "",
    label: Label = str,
    language: str = "en",
) -> None:
    """Draw several runs for comparison, with a panel for each variable and a line for each run."""
    _limit(len(variables))
    with drawing():
        columns = min(len(runs), 3 if len(variables) > 1 else 2)
        figure, panels = paneled_figure(len(variables), title, below=math.ceil(len(runs) / columns))
        for axes, name in zip(panels, variables, strict=True):
            for index, (run, ds) in enumerate(runs.items()):
                _curve(axes, ds, name, run, index)
                units = ds[name].attrs.get("units", "")
            axes.set_title(with_units(label(name), units))
            _scale(axes, [ds[name].values for ds in runs.values()], language)
            time_axis(axes, ds, language)
        handles, labels = panels[0].get_legend_handles_labels()
        legend_below(figure, handles, labels, columns)
        write_figure(figure, path)


def draw_groups(
    groups: Mapping[str, Mapping[str, xr.Dataset]],
    variable: str,
    path: Path,
    *,
    title: str = "",
    beside: tuple[str, xr.Dataset] | None = None,
    language: str = "en",
) -> None:
    """Draw one variable, with a panel for each group of runs.

    Each panel also shows the run `beside` (name and dataset) as a grey line.
    """
    _limit(len(groups))
    with drawing():
        curves = [ds[variable].values for runs in groups.values() for ds in runs.values()]
        figure, panels = paneled_figure(len(groups), title)
        for axes, (group, runs) in zip(panels, groups.items(), strict=True):
            if beside is not None:
                axes.plot(beside[1]["time"], beside[1][variable], label=beside[0], **GREY)
            others = [r for r in runs.items() if beside is None or r[1] is not beside[1]]
            for index, (run, ds) in enumerate(others):
                _curve(axes, ds, variable, run, index)
            axes.set_title(group)
            axes.legend(loc="best")
            _scale(axes, curves, language)
            time_axis(axes, next(iter(runs.values())), language)
        write_figure(figure, path)


def _curve(axes: Axes, ds: xr.Dataset, name: str, label: str, index: int) -> None:
    """Draw a curve with gaps at missing values; if values are missing, each known value also has a dot."""
    time, values = ds.variables["time"].values, ds.variables[name].values
    marker = "." if np.isnan(values).any() else ""
    axes.plot(time, values, label=label or "_", marker=marker, **line_style(index))


def _scale(axes: Axes, curves: Sequence[np.ndarray], language: str) -> None:
    """Make the vertical axis logarithmic, and label it as logarithmic.

    The axis stays linear unless all values are positive and differ by a large factor.
    """
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    known = np.concatenate(curves)
    known = known[np.isfinite(known)]
    low, high = np.min(known, initial=np.inf), np.max(known, initial=0.0)
    if low > 0 and high / low > FAR_APART:
        axes.set_yscale("log")
        axes.set_ylabel(say("logarithmic scale", language))
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axes.yaxis.set_minor_formatter(NullFormatter())


def draw_sweep(
    table: xr.Dataset, path: Path, *, title: str = "", label: Label = str, language: str = "en"
) -> None:
    """Draw the measures of a sweep: as a line over one varied setting, or as a map over two.

    Raises
    ------
    ModelError
        If more than two settings vary, or if there are more panels than a figure can show.
    """
    names = [str(name) for name in table.data_vars]
    dims = [str(dim) for dim in table[names[0]].dims]
    if len(dims) > 2:
        raise ModelError(message("view.picture_shows_sweep_over"))
    _limit(len(names))
    with drawing():
        figure, panels = paneled_figure(len(names), title)
        for axes, name in zip(panels, names, strict=True):
            told = measure(name, label, language)
            axes.set_title(with_units(told, table[name].attrs.get("units", "")))
            axes.set_xlabel(with_units(label(dims[0]), table[dims[0]].attrs.get("units", "")))
            if len(dims) == 1:
                axes.plot(table[dims[0]], table[name], marker="o", ms=3.5, **line_style(0))
                if table[name].notnull().any():
                    best = table[dims[0]][int(np.nanargmax(table[name].values))]
                    dotted: dict[str, Any] = {"color": "#777777", "lw": 1.0, "ls": ":"}
                    axes.axvline(float(best), label=say("the largest", language), **dotted)
                    axes.legend(loc="best")
                continue
            edges = [_edges(table[dim].values) for dim in dims]
            mesh = axes.pcolormesh(*edges, table[name].values.T, cmap="cividis")
            axes.set_ylabel(with_units(label(dims[1]), table[dims[1]].attrs.get("units", "")))
            axes.grid(False)
            # If the cells are few and wide, the ticks are at the values of the sweep, not at round numbers.
            for axis, dim in ((axes.xaxis, dims[0]), (axes.yaxis, dims[1])):
                if table.sizes[dim] <= FEW_VALUES:
                    axis.set_ticks(table[dim].values, [f"{v:g}" for v in table[dim].values])
            figure.colorbar(mesh, ax=axes)
        write_figure(figure, path)


def _edges(values: np.ndarray) -> np.ndarray:
    """Return the n + 1 borders of the cells of a map, given the n values at the centres of the cells."""
    half = np.diff(values) / 2 if len(values) > 1 else np.array([0.5])
    return np.concatenate(
        [values[:1] - half[:1], values[:-1] + half[: len(values) - 1], values[-1:] + half[-1:]]
    )


def _limit(panels: int) -> None:
    if panels > MOST_PANELS:
        raise ModelError(
            message("view.panels_picture_holds_choose", panels=panels, most_panels=MOST_PANELS)
        )
