"""Charts, sentences and table rows for hysteresis loops and branches of equilibria.

The functions take the `xarray.Dataset` of `sdcluster.hysteresis` or of `sdcluster.equilibria`. They write a PNG or SVG
file, or return sentences or the rows of a table.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sdcluster.errors import ModelError, did_you_mean
from sdcluster.messages import message
from sdcluster.study.tipping_loop import APART
from sdcluster.view.chart_words import clock, measure
from sdcluster.view.figure import COLOURS, drawing, panel_grid, with_units, write_figure
from sdcluster.view.tipping import LEADING, LINE, wrapped, write_below
from sdcluster.words import phrase as say
from sdcluster.words import say as filled
from sdcluster.words.numbers import plain

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

Label = Callable[[str], str]
MOST_COLUMNS = 6
_CUT = ("corner", "length")  # reasons why a branch is incomplete
MARKS = {"fold": "o", "hopf": "D", "branch point": "s"}


def draw_hysteresis(
    found: xr.Dataset,
    path: Path,
    *,
    title: str = "",
    label: Label = str,
    language: str = "en",
    option: str = "measure=",
) -> None:
    """Draw the measure while the setting rises and while it falls, and shade the settings at which the two differ.

    Dots show the values at rest of settings that were held longer. `option` is the option or argument that chooses the
    measure, as the user writes it.
    """
    name = str(found["value"].dims[1])
    x, (up, down) = found[name].values, found["value"].values
    rest = found["rest"].values if "rest" in found else np.full((2, len(x)), np.nan)
    words = hysteresis_sentences(found, label, language, option)
    with drawing():
        axes, finish = _chart(words, title, path, language)
        for key, colour, legend in (("loop", COLOURS[4], "loop"), ("open", "#777777", "still moving")):  # fmt: skip
            low, high = (float(found.attrs.get(f"{key}_{end}", np.nan)) for end in ("from", "to"))
            if np.isfinite(low) and found.attrs["complete"]:
                # A loop at a single setting is a band of no width: its edge makes it visible.
                axes.axvspan(low, high, color=colour, alpha=0.18, lw=0 if low < high else 4,
                             label=say(legend, language))  # fmt: skip
        axes.plot(x, up, color=COLOURS[0], lw=1.8, label=say("going up", language))
        axes.plot(x, down, color=COLOURS[1], lw=1.8, ls=(0, (5, 2)), label=say("going down", language))  # fmt: skip
        longer = np.isfinite(rest) & (rest != found["value"].values)
        legend = say("held longer", language)
        for chosen, heights, colour in zip(longer, rest, COLOURS[:2], strict=True):
            if chosen.any():
                dots = axes.plot(x[chosen], heights[chosen], "o", ms=3, mfc="#ffffff", mec=colour)
                dots[0].set(zorder=4, label=legend)
                legend = "_"
        for values, colour, step in ((up, COLOURS[0], 1), (down, COLOURS[1], -1)):
            _pointer(
                axes,
                x,
                values,
                step,
                colour,
                float(np.nanmax(found["value"]) - np.nanmin(found["value"])),
            )
        axes.set_xlabel(with_units(label(name), str(found[name].attrs.get("units", ""))))
        axes.set_ylabel(
            with_units(
                measure(str(found.attrs["measure"]), label, language), str(found.attrs["units"])
            )
        )
        axes.margins(x=0.01)
        finish()


def draw_branches(
    found: xr.Dataset,
    path: Path,
    *,
    stock: str = "",
    title: str = "",
    label: Label = str,
    language: str = "en",
) -> None:
    """Draw the equilibria of one stock over the setting, with special points such as folds.

    Stable equilibria are solid lines, unstable equilibria dashed lines.

    Parameters
    ----------
    found : Dataset
    path : Path
    stock : str
        The stock; by default, the stock that differs most between equilibria.

    Raises
    ------
    ModelError
        If the stock is unknown, or if no equilibrium was found.
    """
    chosen = _stock(found, stock)
    y = found["state"].sel(stock=chosen).values
    x, branch, stable = (found[n].values for n in ("setting", "branch", "stable"))
    with drawing():
        axes, finish = _chart(branch_sentences(found, label, language), title, path, language)
        for rests, style in ((True, "-"), (False, (0, (4, 2)))):
            words = say("stable" if rests else "unstable", language)
            for number in np.unique(branch).tolist():
                # An unstable part also includes the first point of the stable parts next to it, to leave no gap.
                mine = np.flatnonzero(branch == number)
                like = stable[mine].astype(bool) == rests
                if not rests:
                    like |= np.append(like[1:], False) | np.insert(like[:-1], 0, False)
                values = np.where(like, y[mine], np.nan)
                colour, width = (COLOURS[0], 2.0) if rests else ("#777777", 1.3)
                above = 3 if rests else 2
                if not np.isfinite(values).any():
                    continue
                axes.plot(
                    x[mine], values, color=colour, ls=style, lw=width, zorder=above, label=words
                )
                words = "_"
        for kind, mark in MARKS.items():
            mine = found["special_kind"].values == kind
            if mine.any():
                heights = found["special_state"].sel(stock=chosen).values[mine]
                axes.plot(found["special_at"].values[mine], heights, mark, color=COLOURS[1], mec="#ffffff", ms=7,
                          zorder=5, label=say(kind, language))  # fmt: skip
        present = float(found.attrs["present"])
        axes.axvline(present, color="#333333", lw=0.9, ls=":", label=say("at present", language))
        axes.plot(present, float(found["present_state"].sel(stock=chosen)), "*", color=COLOURS[2], ms=11, mec="#ffffff",
                  zorder=6, label=say("end of the run", language))  # fmt: skip
        axes.legend(loc="best", fontsize=8)
        name, given = str(found.attrs["vary"]), str(found["setting"].attrs.get("units", ""))
        axes.set_xlabel(with_units(label(name), given))
        units = str(found["stock_units"].sel(stock=chosen).values)
        axes.set_ylabel(with_units(label(chosen), units))
        axes.margins(x=0.01)
        finish()


def _chart(
    words: list[str], title: str, path: Path, language: str
) -> tuple[Axes, Callable[[], None]]:
    """Return the panel of a chart with sentences below the panel, and a function that writes the chart to the file."""
    text = wrapped(words, LINE[0], language)
    below = LEADING * (text.count("\n") + 1) + 0.05
    size = (LINE[0], LINE[1] + 0.4)
    figure, (axes,) = panel_grid(1, 1, size, above=0.35 if title else 0.0, below=below)
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")

    def finish() -> None:
        if not axes.get_legend():
            axes.legend(loc="best", fontsize=8)
        write_below(figure, text, below)
        write_figure(figure, path)

    return axes, finish


def _pointer(
    axes: Axes, x: np.ndarray, y: np.ndarray, step: int, colour: str, height: float
) -> None:
    """Draw an arrowhead at the largest change of a curve, in the direction in which the setting moves (`step`).

    A curve that changes little, relative to the `height` of the chart, has no arrowhead.
    """
    change = np.nan_to_num(np.abs(np.diff(y)))
    if not change.any() or change.max() <= APART * height:
        return
    at = int(np.argmax(change))
    begin, end = (at, at + 1) if step > 0 else (at + 1, at)
    middle = (0.45 * x[begin] + 0.55 * x[end], 0.45 * y[begin] + 0.55 * y[end])
    axes.annotate(
        "", middle, (x[begin], y[begin]),
        arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 0.1, "mutation_scale": 18, "shrinkA": 0, "shrinkB": 0},
    )  # fmt: skip


def _stock(found: xr.Dataset, asked: str) -> str:
    names = [str(n) for n in found["stock"].values]
    if asked:
        near = [n for n in names if n.lower() == asked.strip().lower()]
        if not near:
            raise ModelError(
                message("view.no_rest_point_stock", asked=asked, hint=did_you_mean(asked, names))
            )
        return near[0]
    if not found.sizes["point"]:
        raise ModelError(message("view.no_rest_point_found"))
    states = found["state"].values
    sizes = np.abs(states).max(axis=0)
    spread = np.ptp(states, axis=0) / np.where(sizes > 0, sizes, 1.0)
    shown = [not n.startswith("⟨") for n in names]
    return names[int(np.argmax(np.where(shown, spread, -1.0)))]


# ---- words


def _words(key: str, language: str, **parts: object) -> str:
    return filled(f"branches.{key}", language, **parts)


def hysteresis_sentences(
    found: xr.Dataset, label: Label, language: str, option: str = "measure="
) -> list[str]:
    """Return sentences about a hysteresis loop: where it is, and where the model jumps.

    `option` is the option or argument that chooses the measure, as the user writes it.
    """
    if not found.attrs["complete"]:
        return [_words("stopped", language)]
    name = label(str(found["value"].dims[1]))
    shown = measure(str(found.attrs["measure"]), label, language)
    told = []
    loop = _span(found, "loop", name, language)
    unsure = _span(found, "open", name, language)
    longest = found.attrs.get("longest_hold", found.attrs["hold"])
    if loop:
        width = float(found.attrs["loop"])
        step = float(np.diff(found[str(found["value"].dims[1])].values[:2])[0])
        size = (
            _words("wide", language, width=_number(width))
            if width > 0
            else _words("narrow", language, width=_number(2 * step))
        )
        told.append(_words("loop", language, measure=shown, where=loop, size=size))
        up, down = found["tips_at"].values
        if np.isfinite(up) and np.isfinite(down):
            told.append(_words("jumps", language, up=_number(up), down=_number(down)))
    elif not unsure:
        told.append(_words("no_loop", language, measure=shown))
        if not found.attrs.get("linked", 1):
            key = "unlinked_all" if found.attrs.get("measure_chosen") else "unlinked"
            return [*told, _words(key, language, measure=shown, name=name)]
    slow = _span(found, "slow", name, language)
    if slow and not loop:
        told.append(_words("slow", language, where=slow, longest=_number(longest)))
    if unsure:
        told.append(_words("open", language, measure=shown, where=unsure, longest=_number(longest)))
    if found.attrs.get("measure_chosen"):
        told.append(_words("chosen", language, measure=shown, name=name, option=option))
    return told


def _span(found: xr.Dataset, key: str, name: str, language: str) -> str:
    """Return from where to where the ways differ (`key` is ``loop`` or ``open``), or ``""`` if nowhere."""
    low, high = (float(found.attrs.get(f"{key}_{end}", np.nan)) for end in ("from", "to"))
    if not np.isfinite(low):
        return ""
    if low == high:
        return _words("at", language, name=name, low=_number(low))
    return _words("between", language, name=name, low=_number(low), high=_number(high))


def branch_sentences(found: xr.Dataset, label: Label, language: str) -> list[str]:
    """Return sentences about branches of equilibria.

    They say how far the setting may move before the current equilibrium disappears, and which stocks were left out.
    """
    name = label(str(found.attrs["vary"]))
    told = []
    if not found.sizes["point"]:
        told.append(_words("nowhere" if found.attrs["isolated"] else "line", language))
    elif int(found.attrs["own_branch"]) < 0:
        told.append(_words("elsewhere", language))
    else:
        ways = [
            _words(str(side), language, name=name, at=_number(at), distance=_number(distance))
            for side, at, distance in zip(
                found["side"].values, found["lost_at"].values, found["distance"].values, strict=True
            )
            if np.isfinite(at)
        ]
        begin = _words("from", language, name=name, present=_number(found.attrs["present"]))
        rest = _words("semicolon", language).join(ways) or _words("nowhere_lost", language)
        told.append(begin + rest + _words("stop", language))
    if not found.attrs["isolated"] and found.sizes["point"]:
        told.append(_words("line", language))
    ends = np.atleast_1d(found.attrs["ends"]).tolist()
    told += [_words(end, language, number=ends.count(end)) for end in _CUT if end in ends]
    if not found.attrs["complete"]:
        told.append(_words("stopped", language))
    return told + _left_out(found, label, language)


def point_sentences(found: xr.Dataset, label: Label, language: str) -> list[str]:
    """Return the sentences below the table of equilibria at the current setting."""
    number = found.sizes["equilibrium"]
    told = [] if number else [_words("nowhere", language)]
    if number > MOST_COLUMNS:
        told.append(_words("more", language, number=number))
    if not found.attrs["isolated"]:
        told.append(_words("line", language))
    return told + _left_out(found, label, language)


def _left_out(found: xr.Dataset, label: Label, language: str) -> list[str]:
    told = []
    for key in ("dropped", "held", "conserved"):
        names = [label(str(n)) for n in np.atleast_1d(found.attrs[key]).tolist()]
        if names:
            told.append(_words(key, language, names=_words("comma", language).join(names)))
    if found.attrs["negative"]:
        told.append(_words("negative", language, number=found.attrs["negative"]))
    if found.attrs["frozen"]:
        units = clock(str(found.attrs["time_units"]), language)
        told.append(_words("frozen", language, time=f"{_number(found.attrs['time'])} {units}".strip()))  # fmt: skip
    return told


def special_rows(found: xr.Dataset, language: str) -> list[tuple[str, ...]]:
    """Return a row for each special point: kind, setting, distance from the current setting, period."""
    return [
        (
            say(str(kind), language),
            plain(float(at), 6),
            plain(float(distance), 4, signed=True),
            _number(period) if np.isfinite(period) else "",
        )
        for kind, at, distance, period in zip(
            *(found[f"special_{n}"].values for n in ("kind", "at", "distance", "period")),
            strict=True,
        )
    ]


def point_rows(found: xr.Dataset, label: Label, language: str) -> list[tuple[str, ...]]:
    """Return the rows of the table of equilibria, with a column for each of the first `MOST_COLUMNS` equilibria.

    There is a row for each stock with its values, and a row for the fastest growth of a deviation.
    """
    shown = found.isel(equilibrium=slice(MOST_COLUMNS))
    rows = [
        (
            label(str(name)),
            *(plain(float(v) + 0.0, 6) for v in shown["state"].values[:, i].round(9)),
        )
        for i, name in enumerate(found["stock"].values)
    ]
    if found.sizes["eigenvalue"]:
        leading = (_number(v) for v in shown["growth"].values[:, 0])
        rows.append((say("fastest growth of a deviation", language), *leading))
    return rows


def point_heads(found: xr.Dataset, language: str) -> list[str]:
    """Return the headings of the table of equilibria: the type of each equilibrium, such as ``stable focus``."""
    blank = filled("signs.blank", language)
    return [
        say("neutral", language)
        if kind == "neutral"
        else f"{say('stable' if stable else 'unstable', language)}{blank}{say(str(kind), language)}"
        for stable, kind in zip(found["stable"].values, found["kind"].values, strict=True)
    ][:MOST_COLUMNS]


def _number(value: float) -> str:
    return plain(float(value), 4)
