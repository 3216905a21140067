"""Tipping maps: the settings at which the end state of a run changes, and their distance from the current setting.

`draw_tipping` draws the `xarray.Dataset` of `sdcluster.tipping` to a PNG or SVG file. `sentences` and `tipping_rows`
describe this dataset in sentences and in the rows of a table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sdcluster.view.chart_words import measure
from sdcluster.view.figure import COLOURS, drawing, panel_grid, with_units, write_figure
from sdcluster.words import phrase as say
from sdcluster.words import say as filled
from sdcluster.words.numbers import plain

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Label = Callable[[str], str]
MAP, LINE = (6.4, 5.0), (6.6, 3.4)  # inches
SHADES = "cividis"  # perceived as even by colour-blind readers and in print
LEADING = 0.165  # inches from line to line
ACCURACY = 1e-5  # of a crossing, as a share of its distance
_HALO = 3.2


def draw_tipping(
    found: xr.Dataset,
    path: Path,
    *,
    title: str = "",
    label: Label = str,
    language: str = "en",
    option: str = "measure=",
) -> None:
    """Draw the measure as a map over two settings, or as a line over one, with boundary and current setting.

    `option` is the option or argument that chooses the measure, as the user writes it.
    """
    flat = found["value"].ndim == 1
    words = [*sentences(found, label, language, option), *_grey(found, language)]
    with drawing():
        size = LINE if flat else MAP
        text = wrapped(words, size[0], language)
        below = LEADING * (text.count("\n") + 1) + 0.05
        figure, (axes,) = panel_grid(1, 1, size, above=0.35 if title else 0.0, below=below)
        if title:
            figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
        (_line if flat else _map)(axes, found, label, language)
        write_below(figure, text, below)
        write_figure(figure, path)


def _map(axes: Axes, found: xr.Dataset, label: Label, language: str) -> None:
    sharp = _sharp(found)
    tips = bool(sharp.any())
    x, y = (found[str(d)].values for d in found["value"].dims)
    half = (0.5 * (x[1] - x[0]), 0.5 * (y[1] - y[0]))
    extent = (x[0] - half[0], x[-1] + half[0], y[0] - half[1], y[-1] + half[1])
    axes.set_facecolor("#d9d9d9")  # visible where runs failed
    shown = axes.imshow(
        found["value"].values.T, origin="lower", extent=extent, aspect="auto", cmap=SHADES
    )
    axes.grid(False)
    if not sharp.all():  # a level on a slope or beside a ridge is not a boundary: thin and dotted
        thin: dict[str, Any] = {"colors": "#ffffff", "linewidths": 1.2, "linestyles": "dotted"}
        levels = np.sort(np.atleast_1d(found.attrs["levels"]))
        axes.contour(x, y, found["value"].values.T, levels=levels, **thin)
    if tips:
        from matplotlib.collections import LineCollection

        lines: Any = found["boundary"].values[sharp]
        for colour, width in (("#ffffff", _HALO), ("#000000", 1.4)):
            axes.add_collection(LineCollection(lines, colors=colour, linewidths=width, capstyle="round"))  # fmt: skip
    bar = axes.figure.colorbar(shown, ax=axes, pad=0.02, fraction=0.05)
    bar.outline.set_visible(False)
    for level in np.atleast_1d(found.attrs["levels"]):
        if tips:
            bar.ax.axhline(level, color="#ffffff", lw=_HALO)
        bar.ax.axhline(
            level, color="#000000" if tips else "#ffffff", lw=1.4, ls="-" if tips else ":"
        )
    bar.set_label(_measured(found, label, language))
    names = [str(d) for d in found["value"].dims]
    axes.set_xlabel(_named(found, names[0], label))
    axes.set_ylabel(_named(found, names[1], label))
    axes.set_xlim(x[0], x[-1])
    axes.set_ylim(y[0], y[-1])
    present, kinds = found["present"].values, _crossings(found)
    for axis in range(2):
        for at, kind in zip(found["tips_at"].values[axis], kinds[axis], strict=True):
            if np.isfinite(at):
                _arrow(axes, present, axis, float(at), tips=kind == "tips")
    axes.plot(*present, "o", ms=9, mfc=COLOURS[1], mec="#ffffff", mew=1.6, clip_on=False, zorder=6)


def _arrow(axes: Axes, present: np.ndarray, axis: int, at: float, *, tips: bool) -> None:
    """Draw an arrow from the current setting to the boundary along one axis, with the distance as a number.

    It is dotted where the model does not tip.
    """
    end = present.copy()
    end[axis] = at
    style: dict[str, Any] = {"arrowstyle": "-|>", "shrinkA": 5, "shrinkB": 0, "mutation_scale": 11,
                             "ls": "-" if tips else ":"}  # fmt: skip
    for colour, width in (("#ffffff", 3.0), (COLOURS[1], 1.5)):
        axes.annotate(
            "", _xy(end), _xy(present), arrowprops={**style, "color": colour, "lw": width}, zorder=5
        )
    middle = _xy(0.5 * (present + end))
    axes.annotate(
        _number(abs(at - present[axis])),
        middle,
        (0, 6) if axis == 0 else (6, 0),
        textcoords="offset points",
        ha="center" if axis == 0 else "left",
        va="bottom" if axis == 0 else "center",
        fontsize=8,
        zorder=7,
        bbox={"boxstyle": "round,pad=0.15", "fc": "#ffffff", "ec": "none", "alpha": 0.85},
    )


def _xy(point: np.ndarray) -> tuple[float, float]:
    return float(point[0]), float(point[1])


def _line(axes: Axes, found: xr.Dataset, label: Label, language: str) -> None:
    name = str(found["value"].dims[0])
    x, value = found[name].values, found["value"].values
    made = found["simulated"].values.astype(bool)
    present = float(found["present"].values[0])
    axes.plot(x, value, color=COLOURS[0], lw=1.6)
    axes.plot(x[made], value[made], "o", color=COLOURS[0], ms=3)
    failed = np.isnan(value)
    for i in np.flatnonzero(failed & made).tolist():
        axes.axvspan(x[max(i - 1, 0)], x[min(i + 1, len(x) - 1)], color="#d9d9d9", lw=0)
    for at, tips in zip(found["boundary"].values[:, 0, 0], _sharp(found), strict=True):
        border: dict[str, Any] = {"color": "#000000", "lw": 1.2, "ls": (0, (4, 2))}
        axes.axvline(at, **(border if tips else {"color": "#777777", "lw": 0.8, "ls": ":"}))
    for level in np.atleast_1d(found.attrs["levels"]):
        axes.axhline(level, color="#777777", lw=0.8, ls=":")
    known = ~failed
    if known.any():
        height = float(np.interp(present, x[known], value[known]))
        axes.plot(present, height, "o", ms=8, mfc=COLOURS[1], mec="#ffffff", mew=1.4, zorder=6)
        for at, kind in zip(found["tips_at"].values[0], _crossings(found)[0], strict=True):
            if np.isfinite(at):
                _arrow(axes, np.array([present, height]), 0, float(at), tips=kind == "tips")
    axes.set_xlabel(_named(found, name, label))
    axes.set_ylabel(_measured(found, label, language))
    axes.margins(x=0.01)


# ---- words


def wrapped(words: Sequence[str], width: float, language: str) -> str:
    """Return sentences with line breaks, so that they fit under a chart with the given width in inches."""
    from textwrap import wrap

    broken = wrap if filled("signs.blank", language) else _wrapped_anywhere
    return "\n".join(line for sentence in words for line in broken(sentence, int(width * 17)))


def _wrapped_anywhere(text: str, columns: int) -> list[str]:
    """Return a Chinese text as lines, broken between any two characters but not before punctuation.

    A Chinese character counts as two columns.
    """
    lines, used = [""], 0
    for character in text:
        wide = 2 if ord(character) > 0x2E80 else 1
        if used + wide > columns - 4 and character not in "，。；：）、":
            lines.append("")
            used = 0
        lines[-1] += character
        used += wide
    return lines


def write_below(figure: Figure, text: str, height: float) -> None:
    """Write text at the bottom of a figure, below its panels."""
    share = height / figure.get_figheight()
    figure.text(0.012, 0.1 / figure.get_figheight(), text, fontsize=8, color="#333333", va="bottom")
    layout: Any = figure.get_layout_engine()
    layout.set(rect=(0, share, 1, 1 - share))


def sentences(
    found: xr.Dataset, label: Label, language: str, option: str = "measure="
) -> list[str]:
    """Return a summary of a map: whether the end state tips, and how far the current setting is from the boundary.

    `option` is the option or argument that chooses the measure, as the user writes it.
    """
    if not found.attrs["complete"]:
        return [filled("tipping.stopped", language)]
    chosen = []
    if found.attrs.get("measure_chosen"):
        measure = _measure(found, label, language)
        chosen = [filled("tipping.chosen", language, measure=measure, option=option)]
    if not len(found["boundary"]):
        return [filled("tipping.flat", language, measure=_measure(found, label, language)), *chosen]
    kind = _kind(found)
    jump = found.attrs["tips_jump" if kind == "part" else "jump"]
    told = [
        filled(
            f"tipping.{kind}",
            language,
            measure=_measure(found, label, language),
            jump=f"{float(jump):.0%}",
            share=f"{float(found.attrs.get('tips_share', 1)):.0%}",
            where=_where(found, label, language),
            levels=filled("tipping.and", language).join(
                _number(v) for v in np.atleast_1d(found.attrs["levels"])
            ),
        )
    ]
    kinds = _crossings(found)
    parts = [
        filled(
            f"tipping.{side!s}",
            language,
            name=label(str(axis)),
            at=_crossing(
                float(one["tips_at"].sel(side=side)), float(one["distance"].sel(side=side))
            ),
            distance=_number(float(one["distance"].sel(side=side))),
        )
        + _manner(kinds[i][list(found["side"].values).index(side)], kind, language)
        for i, axis in enumerate(found["axis"].values)
        for one in (found[["tips_at", "distance"]].sel(axis=axis),)
        for side in found["side"].values
        if np.isfinite(float(one["tips_at"].sel(side=side)))
    ]
    parts += [
        filled(
            f"tipping.fails_{side!s}",
            language,
            name=label(str(axis)),
            to=_number(to),
            at=_number(at),
        )
        for i, axis in enumerate(found["axis"].values)
        for j, side in enumerate(found["side"].values)
        for to, at in (_fails(found, i, j),)
        if np.isfinite(at)
    ]
    here = filled(
        "tipping.present",
        language,
        setting=filled("tipping.comma", language).join(
            f"{label(str(axis))} = {_number(float(value))}"
            for axis, value in zip(found["axis"].values, found["present"].values, strict=True)
        ),
    )
    rest = filled("tipping.semicolon", language).join(parts) or filled("tipping.alone", language)
    return [*told, here + rest + filled("tipping.stop", language), *chosen]


def _grey(found: xr.Dataset, language: str) -> list[str]:
    """Return what the grey areas of a chart mean, if it has any."""
    failed, runs = (found.attrs[key] for key in ("failed", "runs"))
    return [filled("tipping.grey", language, failed=failed, runs=runs)] if failed else []


def _number(value: float) -> str:
    return plain(value, 3)


def _crossing(at: float, distance: float) -> str:
    """Return where a setting crosses the boundary; 0 if it differs from 0 by less than the search can tell."""
    return _number(0.0 if abs(at) < ACCURACY * abs(distance) else at)


def _kind(found: xr.Dataset) -> str:
    """Return how the end state changes at the boundary.

    ``"tips"``: the state jumps. ``"part"``: it jumps along a part of the boundary. ``"slope"``: the state changes
    gradually. ``"ridge"``: the state jumps, but is the same on both sides. Results of older versions lack ``"ridge"``.
    """
    return str(found.attrs.get("boundary") or ("tips" if found.attrs["tips"] else "slope"))


def _sharp(found: xr.Dataset) -> np.ndarray:
    """Return which segments of the boundary are drawn as a border, because the model tips there."""
    kind, lines = _kind(found), len(found["boundary"])
    if kind != "part":
        return np.full(lines, kind == "tips")
    sharp: np.ndarray = found["boundary_kind"].values.astype(str) == "tips"
    return sharp


def _crossings(found: xr.Dataset) -> list[list[str]]:
    """Return the kind of each crossing of the boundary by a single setting, as `_kind` does for the whole boundary."""
    if "crossing" not in found:
        return [[_kind(found)] * 2 for _ in found["axis"].values]
    return [[str(kind) for kind in row] for row in found["crossing"].values]


def _fails(found: xr.Dataset, axis: int, side: int) -> tuple[float, float]:
    """Return the last setting with a value and the first without, if runs fail before the end state changes, or NaN."""
    if "fails_between" not in found:  # results of older versions
        return np.nan, np.nan
    to, at = found["fails_between"].values[axis, side].tolist()
    return to, at


def _manner(kind: str, whole: str, language: str) -> str:
    """Return how a setting crosses the boundary, or an empty text if it crosses as the whole boundary does."""
    return "" if kind == whole else filled(f"tipping.by_{kind}", language)


def _where(found: xr.Dataset, label: Label, language: str) -> str:
    """Return between which settings the boundary tips."""
    sharp = found["boundary"].values[_sharp(found)]
    if not len(sharp):
        return ""
    names = [label(str(axis)) for axis in found["axis"].values]
    if len(names) == 1:
        places = [_number(float(at)) for at in sharp[:, 0, 0]]
        return f"{names[0]} = " + filled("tipping.comma", language).join(places)
    ends = zip(names, sharp.min(axis=(0, 1)), sharp.max(axis=(0, 1)), strict=True)
    parts = [
        filled("tipping.range", language, name=name, low=_number(low), high=_number(high))
        for name, low, high in ends
    ]
    return filled("tipping.and", language).join(parts)


def _measure(found: xr.Dataset, label: Label, language: str) -> str:
    return measure(str(found.attrs["measure"]), label, language)


def _measured(found: xr.Dataset, label: Label, language: str) -> str:
    return with_units(_measure(found, label, language), str(found.attrs.get("units", "")))


def _named(found: xr.Dataset, name: str, label: Label) -> str:
    return with_units(label(name), str(found[name].attrs.get("units", "")))


def tipping_rows(found: xr.Dataset, label: Label, language: str) -> list[Sequence[str]]:
    """Return a row for each setting: its name, current value, and tipping point and distance in both directions."""

    def shown(i: int, side: int) -> tuple[str, str]:
        at, distance = (float(found[what].values[i, side]) for what in ("tips_at", "distance"))
        if np.isfinite(at):
            return _crossing(at, distance), _crossing(distance, distance)
        to, fails = _fails(found, i, side)
        if np.isfinite(fails):
            key = ("tipping.none_down", "tipping.none_up")[side]
            least = abs(to - float(found["present"].values[i]))
            told = filled(key, language, to=_number(to), at=_number(fails))
            return told, f"> {_number(least)}" if least > 0 else "–"
        return (say("not in the range", language),) * 2

    return [
        (
            label(str(axis)),
            _number(float(found["present"].values[i])),
            *shown(i, 0),
            *shown(i, 1),
        )
        for i, axis in enumerate(found["axis"].values)
    ]
