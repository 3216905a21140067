"""Trajectories as pictures, in colours that colour-blind people can tell apart.

Crosses the border: `xarray.Dataset` in, a PNG or SVG file out. Matplotlib is imported on first use,
without pyplot, so nothing global is touched and no window is opened.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sdcluster.errors import ModelError
from sdcluster.files import write_atomically

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito (2008), "Color Universal Design", without the yellow that vanishes on white.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1, 1.3)), (0, (6, 2, 1, 2)))
FONTS = (
    "DejaVu Sans",
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Source Han Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "Heiti SC",
    "SimHei",
    "WenQuanYi Micro Hei",
)
PANEL_WIDTH, PANEL_HEIGHT = 4.6, 2.9
MOST_PANELS = 12
FAR_APART = 20.0
DIMENSIONLESS = ("", "1", "dmnl", "dimensionless")
GREY: dict[str, Any] = {"color": "#b0b0b0", "linewidth": 2.4}

Label = Callable[[str], str]


def _matplotlib() -> Any:
    try:
        import matplotlib
    except ImportError:
        raise ModelError(
            'pictures need matplotlib, which is not installed; run: pip install "sdcluster[lab]"'
        ) from None
    return matplotlib


def _style() -> dict[str, Any]:
    from matplotlib import font_manager

    known = set(font_manager.get_font_names())
    return {
        "font.family": [name for name in FONTS if name in known],
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.color": "#e3e3e3",
        "grid.linewidth": 0.6,
        "axes.edgecolor": "#777777",
        "axes.titlesize": 10,
        "axes.titlelocation": "left",
        "axes.unicode_minus": False,
        "legend.frameon": False,
        "legend.fontsize": 8,
        "svg.hashsalt": "sdcluster",
        "svg.fonttype": "path",
    }


def _panels(number: int, title: str, below: int = 0) -> tuple[Figure, list[Axes]]:
    from matplotlib.figure import Figure

    columns = min(number, 2 if number <= 4 else 3)
    rows = math.ceil(number / columns)
    height = rows * PANEL_HEIGHT + 0.35 + 0.22 * below
    figure = Figure(figsize=(columns * PANEL_WIDTH, height), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel().tolist()
    for spare in axes[number:]:
        spare.set_visible(False)
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
    return figure, axes[:number]


def _line_style(index: int) -> dict[str, Any]:
    return {
        "color": COLOURS[index % len(COLOURS)],
        "linestyle": DASHES[(index // len(COLOURS)) % len(DASHES)],
        "linewidth": 1.6,
    }


def _write(figure: Figure, path: Path) -> None:
    ending = path.suffix.lower().lstrip(".")
    content = io.BytesIO()
    metadata = {"Date": None} if ending == "svg" else {}
    figure.savefig(content, format=ending, dpi=130, metadata=metadata)
    write_atomically(path, content.getvalue())


def _with_units(name: str, units: str) -> str:
    if units.lower() in DIMENSIONLESS:
        return name
    return f"{name} ({units})" if name else units


def _time_axis(axes: Axes, ds: xr.Dataset) -> None:
    units = ds["time"].attrs.get("units", "")
    axes.set_xlabel(f"time ({units})" if units else "time")
    axes.margins(x=0.01)


def by_units(ds: xr.Dataset, variables: Sequence[str]) -> dict[str, list[str]]:
    """Return the variables grouped by unit, so that one panel has one scale."""
    groups: dict[str, list[str]] = {}
    for name in variables:
        groups.setdefault(str(ds[name].attrs.get("units", "")), []).append(name)
    return groups


def draw_run(
    ds: xr.Dataset,
    variables: Sequence[str],
    path: Path,
    *,
    title: str = "",
    label: Label = str,
) -> None:
    """Draw one run: a panel for each unit, a line for each variable."""
    matplotlib = _matplotlib()
    groups = by_units(ds, variables)
    _limit(len(groups))
    with matplotlib.rc_context(_style()):
        legend = max(math.ceil(len(names) / 3) for names in groups.values())
        figure, panels = _panels(len(groups), title, below=legend)
        for axes, (units, names) in zip(panels, groups.items(), strict=True):
            for index, name in enumerate(names):
                axes.plot(ds["time"], ds[name], label=label(name), **_line_style(index))
            axes.set_title(_with_units("", units) or "without unit")
            _time_axis(axes, ds)
            axes.legend(loc="upper left", bbox_to_anchor=(-0.03, -0.2), ncols=3, columnspacing=1.2)
        _write(figure, path)


def draw_comparison(
    runs: Mapping[str, xr.Dataset],
    variables: Sequence[str],
    path: Path,
    *,
    title: str = "",
    label: Label = str,
) -> None:
    """Draw runs over each other: a panel for each variable, a line for each run."""
    matplotlib = _matplotlib()
    _limit(len(variables))
    with matplotlib.rc_context(_style()):
        columns = min(len(runs), 3 if len(variables) > 1 else 2)
        figure, panels = _panels(len(variables), title, below=math.ceil(len(runs) / columns))
        for axes, name in zip(panels, variables, strict=True):
            for index, (run, ds) in enumerate(runs.items()):
                axes.plot(ds["time"], ds[name], label=run, **_line_style(index))
                units = ds[name].attrs.get("units", "")
            axes.set_title(_with_units(label(name), units))
            _scale(axes, [ds[name].values for ds in runs.values()])
            _time_axis(axes, ds)
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower left", ncols=columns)
        _write(figure, path)


def draw_groups(
    groups: Mapping[str, Mapping[str, xr.Dataset]],
    variable: str,
    path: Path,
    *,
    title: str = "",
    beside: tuple[str, xr.Dataset] | None = None,
) -> None:
    """Draw one variable: a panel for each group of runs; the run `beside` in grey in all of them."""
    matplotlib = _matplotlib()
    _limit(len(groups))
    with matplotlib.rc_context(_style()):
        curves = [ds[variable].values for runs in groups.values() for ds in runs.values()]
        figure, panels = _panels(len(groups), title)
        for axes, (group, runs) in zip(panels, groups.items(), strict=True):
            if beside is not None:
                axes.plot(beside[1]["time"], beside[1][variable], label=beside[0], **GREY)
            for index, (run, ds) in enumerate(runs.items()):
                axes.plot(ds["time"], ds[variable], label=run, **_line_style(index))
            axes.set_title(group)
            axes.legend(loc="best")
            _scale(axes, curves)
            _time_axis(axes, next(iter(runs.values())))
        _write(figure, path)


def _scale(axes: Axes, curves: Sequence[np.ndarray]) -> None:
    """Take a logarithmic axis for curves that are positive and far apart."""
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    low, high = min(map(np.min, curves)), max(map(np.max, curves))
    if low > 0 and high / low > FAR_APART:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axes.yaxis.set_minor_formatter(NullFormatter())


def draw_sweep(table: xr.Dataset, path: Path, *, title: str = "", label: Label = str) -> None:
    """Draw a sweep: lines over one axis, a map over two."""
    matplotlib = _matplotlib()
    names = [str(name) for name in table.data_vars]
    dims = [str(dim) for dim in table[names[0]].dims]
    if len(dims) > 2:
        raise ModelError("a picture shows a sweep over one or two settings, not more")
    _limit(len(names))
    with matplotlib.rc_context(_style()):
        figure, panels = _panels(len(names), title)
        for axes, name in zip(panels, names, strict=True):
            axes.set_title(_with_units(name, table[name].attrs.get("units", "")))
            axes.set_xlabel(label(dims[0]))
            if len(dims) == 1:
                axes.plot(table[dims[0]], table[name], marker="o", ms=3.5, **_line_style(0))
                best = int(np.nanargmax(table[name].values))
                axes.axvline(float(table[dims[0]][best]), color="#999999", lw=0.8, ls=":")
                continue
            mesh = axes.pcolormesh(
                table[dims[0]], table[dims[1]], table[name].values.T, cmap="cividis"
            )
            axes.set_ylabel(label(dims[1]))
            axes.grid(False)
            figure.colorbar(mesh, ax=axes)
        _write(figure, path)


def _limit(panels: int) -> None:
    if panels > MOST_PANELS:
        raise ModelError(
            f"that is {panels} panels and a picture holds {MOST_PANELS}; "
            "choose with --variable which ones to draw"
        )
