"""The common style of all figures: colours for colour-blind readers, fonts, panels, and writing the file.

Matplotlib is imported on first use, and without pyplot, which would change global state and could open windows.
"""

from __future__ import annotations

import io
import math
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdcluster.errors import ModelError, ModelWarning
from sdcluster.files import write_atomically
from sdcluster.messages import message
from sdcluster.view.chart_words import clock
from sdcluster.words import phrase as say

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito (2008), "Color Universal Design", without the yellow, which is hardly visible on white.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
DASHES: tuple[Any, ...] = (
    "-",
    (0, (5, 2)),
    (0, (1, 1.3)),
    (0, (6, 2, 1, 2)),
    (0, (3, 1, 1, 1, 1, 1)),
    (0, (9, 3)),
)
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
PANEL_SIZE = (4.6, 2.9)  # inches
LEGEND_SIZE = 8  # points
DIMENSIONLESS = ("", "1", "dmnl", "dimensionless")


@contextmanager
def drawing() -> Iterator[None]:
    """Context manager in which figures have the common style.

    Raises
    ------
    ModelError
        If matplotlib is not installed; the message says how to install it.
    """
    try:
        import matplotlib
    except ImportError:
        raise ModelError(message("view.pictures_need_matplotlib_not")) from None
    with matplotlib.rc_context(_style()):
        yield


# Only coordinates of paths and positions are rounded. The factors of a transformation must keep all digits.
_PLACED = re.compile(rb'(?<= )(?:d|x|y)="[^"]*"')
_LONG = re.compile(rb"-?\b\d+\.\d{3,}")
_BREAK = re.compile(rb"\s*\n\s*")  # line breaks in paths, and indentation of elements


def _style() -> Any:  # matplotlib's type for a style lists all keys
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
        "legend.fontsize": LEGEND_SIZE,
        "svg.hashsalt": "sdcluster",
        "svg.fonttype": "path",
    }


def paneled_figure(number: int, title: str, below: int = 0) -> tuple[Figure, list[Axes]]:
    """Return a figure with panels and a title; `below` is the number of lines of the legend below the panels."""
    columns = min(number, 2 if number <= 4 else 3)
    figure, panels = panel_grid(number, columns, PANEL_SIZE, above=0.35, below=0.22 * below)
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
    return figure, panels


def panel_grid(
    number: int,
    columns: int,
    size: tuple[float, float],
    *,
    above: float = 0.0,
    below: float = 0.0,
) -> tuple[Figure, list[Axes]]:
    """Return a figure and its panels, row by row.

    The panels have the given `size`, with free space `above` and `below` all of them, in inches.
    """
    from matplotlib.figure import Figure

    rows = math.ceil(number / columns)
    width, height = size
    figure = Figure(figsize=(columns * width, rows * height + above + below), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel().tolist()
    for spare in axes[number:]:
        spare.set_visible(False)
    return figure, axes[:number]


def label_width(text: str) -> float:
    """Return the width of a legend's text in inches, measured with the installed fonts."""
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.font_manager import FontProperties

    size = FontProperties(size=LEGEND_SIZE)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", _MISSING)  # `write_figure` issues this warning once
        width, _, _ = RendererAgg(1, 1, 72).get_text_width_height_descent(text, size, ismath=False)
    return float(width) / 72


def columns_that_fit(labels: Iterable[str], width: float, most: int) -> int:
    """Return how many columns of a legend fit into a width in inches, at least 1 and at most `most`."""
    line_and_gaps = 0.5
    return max(1, min(most, int(width / (line_and_gaps + max(map(label_width, labels))))))


def legend_below(figure: Figure, handles: Iterable[Any], labels: Sequence[str], most: int) -> None:
    """Add a common legend below all panels, in as many columns as fit, up to `most`."""
    columns = columns_that_fit(labels, figure.get_figwidth(), most)
    figure.legend(list(handles), list(labels), loc="outside lower left", ncols=columns)


def line_style(index: int) -> dict[str, Any]:
    """Return the line style of the curve with this index; successive curves differ in colour and dashes."""
    return {
        "color": COLOURS[index % len(COLOURS)],
        "linestyle": DASHES[index % len(DASHES)],
        "linewidth": 1.6,
    }


def write_figure(figure: Figure, path: Path) -> None:
    """Write a figure to a PNG or SVG file, depending on the ending; the same figure always gives the same SVG file.

    Numbers on the axes from 10,000 on have thousands separators. A horizontal axis with long numbers has fewer ticks,
    so that the numbers do not overlap.
    """
    for axes in figure.axes:
        _legible(axes, figure)
    ending = path.suffix.lower().lstrip(".")
    content = io.BytesIO()
    metadata = {"Date": None} if ending == "svg" else {}
    with _one_warning_of_missing_characters(path):
        figure.savefig(content, format=ending, dpi=130, metadata=metadata)
    written = content.getvalue()
    if ending == "svg":
        written = _BREAK.sub(b"\n", _PLACED.sub(_shorter, written))
    write_atomically(path, written)


MANY_DIGITS = 10_000.0
CHARACTER = 0.085  # width in inches of a character in a number on an axis


def _legible(axes: Axes, figure: Figure) -> None:
    """Write thousands separators in large numbers on the axes, and reduce the ticks of an axis with long numbers.

    Axes with their own locator or formatter are not changed.
    """
    from matplotlib.ticker import AutoLocator, FuncFormatter, MaxNLocator, ScalarFormatter

    for axis, limits in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
        usual = type(axis.get_major_formatter()) is ScalarFormatter
        largest = max(map(abs, limits))
        if not usual or not MANY_DIGITS <= largest < 1e9 or axes.get_label() == "<colorbar>":
            continue
        axis.set_major_formatter(FuncFormatter(lambda number, _: f"{number:,.10g}"))
        place = axes.get_subplotspec()
        if axis is axes.xaxis and place and type(axis.get_major_locator()) is AutoLocator:
            width = 0.8 * figure.get_figwidth() / place.get_gridspec().ncols
            most = int(width / (CHARACTER * (len(f"{largest:,.0f}") + 3)))
            axis.set_major_locator(
                MaxNLocator(nbins=max(2, min(9, most)), steps=[1, 2, 2.5, 5, 10])
            )


_MISSING = r"Glyph \d+ .* missing from"


@contextmanager
def _one_warning_of_missing_characters(path: Path) -> Iterator[None]:
    """Replace matplotlib's warnings about characters that no font contains by a single warning for the chart."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    missing = {text for each in caught if re.match(_MISSING, text := str(each.message))}
    for each in caught:
        if str(each.message) not in missing:
            warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)
    if missing:
        warnings.warn(
            message("view.font_lacks_characters", path=path, count=len(missing)),
            ModelWarning,
            stacklevel=3,
        )


CALENDAR = 1000.0
"""Times from this number on are calendar years, so their ticks are whole numbers: 1992, not 1992.5 or 1990.0."""


def _shorter(attribute: re.Match[bytes]) -> bytes:
    """Return an attribute's coordinates on one line, rounded to two decimals, which makes SVG files a third smaller."""
    return _BREAK.sub(b"", _LONG.sub(_rounded, attribute[0]))


def _rounded(number: re.Match[bytes]) -> bytes:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".").encode()


def with_units(name: str, units: str) -> str:
    """Return a name with its unit in parentheses, if it has one."""
    if units.lower() in DIMENSIONLESS:
        return name
    return f"{name} ({units})" if name else units


def time_axis(axes: Axes, ds: xr.Dataset, language: str = "en") -> None:
    """Label the time axis of a panel."""
    units = clock(ds["time"].attrs.get("units", ""), language)
    time = say("time", language)
    axes.set_xlabel(f"{time} ({units})" if units else time)
    if abs(float(ds["time"].values[-1])) >= CALENDAR:
        from matplotlib.ticker import MaxNLocator

        axes.xaxis.set_major_locator(MaxNLocator(steps=[1, 2, 5, 10], min_n_ticks=3))
    axes.margins(x=0.01)
