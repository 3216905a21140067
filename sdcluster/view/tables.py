"""Tables for the terminal: runs, comparisons, sweeps, ensembles, sensitivities, boxes and models.

Each function ``…_table`` takes a dataset or a model, and returns a table of `rich`.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from rich.table import Table
from rich.text import Text

from sdcluster.measure.measures import Measure
from sdcluster.measure.trajectory import on_the_clock
from sdcluster.model.clock import FIELDS
from sdcluster.model.expression import Table as Points
from sdcluster.model.missing import NA
from sdcluster.model.points import points_in
from sdcluster.view.chart_words import measure
from sdcluster.words import phrase as say
from sdcluster.words.numbers import fixed, plain

if TYPE_CHECKING:
    import xarray as xr

    from sdcluster.model import Model, TimeSettings, Variable

KINDS_IN_ORDER = ("stock", "flow", "auxiliary", "constant", "lookup")
# Characters in a line of those headings that would otherwise make their columns wide.
NARROW = 12
COMPARED = 27  # characters that a variable needs in a comparison
MOST_POINTS = 4  # of a lookup
# Characters that the name of the scenario and the last time need in a comparison.
COMPARING = 34
MOST_SETTINGS = 8  # columns for the settings of a run
BARS = "▁▂▃▄▅▆▇█"
Label = Callable[[str], str]


def _or_dash(value: float) -> str:
    """Return a number as text, or a dash for NaN."""
    return "–" if np.isnan(value) else number(value)


def number(value: float) -> str:
    """Return a number as text with four significant digits; a missing value as ``:NA:``, as in Vensim."""
    if np.isnan(value) or value == NA:
        return ":NA:"
    if not np.isfinite(value):
        return str(value)
    if value and not 1e-4 <= abs(value) < 1e6:
        return f"{value:.3e}"
    return plain(value, 4)


def sparkline(values: np.ndarray, width: int = 24) -> str:
    """Return `values`, shape (T,), as a line of at most `width` bar characters, with a blank for a missing value."""
    if not np.any(np.isfinite(values)):
        return ""
    chosen = values[np.linspace(0, len(values) - 1, min(width, len(values))).round().astype(int)]
    known = np.isfinite(chosen)
    low, high = (
        np.min(chosen, where=known, initial=np.inf),
        np.max(chosen, where=known, initial=-np.inf),
    )
    flat = high - low <= 1e-12 * max(abs(low), abs(high))
    shares = np.zeros(len(chosen)) if flat else (chosen - low) / (high - low)
    return "".join(
        BARS[round(share * (len(BARS) - 1))] if there else " "
        for share, there in zip(shares.tolist(), known, strict=True)
    )


def run_table(
    ds: xr.Dataset,
    variables: Sequence[str],
    *,
    title: str = "",
    label: Label = str,
    language: str = "en",
) -> Table:
    """Return a table with the initial, final, smallest and largest value of each variable, and a sparkline."""
    table = Table(title=Text(title), title_justify="left")
    table.add_column(say("variable", language), overflow="fold")
    table.add_column(say("unit", language), style="dim", overflow="fold")
    for head in ("start", "final", "min", "max"):
        table.add_column(say(head, language), justify="right", overflow="fold")
    table.add_column(say("curve", language), no_wrap=True)
    for name in variables:
        curve = ds.variables[name]
        values = curve.values
        time = ds["time"].values
        cells = [
            Measure(word, name).of(time, values) for word in ("initial", "final", "minimum", "peak")
        ]
        table.add_row(
            Text(label(name)),
            Text(str(curve.attrs.get("units", ""))),
            *(number(float(cell)) for cell in cells),
            sparkline(values),
        )
    return table


def fits(width: int) -> int:
    """Return how many variables fit into `width` columns of `comparison_table`."""
    return max(1, (width - COMPARING) // COMPARED)


def comparison_table(
    runs: Mapping[str, xr.Dataset],
    variables: Sequence[str],
    *,
    title: str = "",
    label: Label = str,
    language: str = "en",
) -> Table:
    """Return a table with the final value, the peak and the time of the peak of each variable in each run."""
    table = Table(title=Text(title), title_justify="left")
    table.add_column(say("scenario", language), no_wrap=True, vertical="bottom")
    table.add_column(say("until", language), justify="right", no_wrap=True)
    for name in variables:
        head = "\n".join(textwrap.wrap(label(name), NARROW))
        table.add_column(Text(f"{head}\n{say('final', language)}"), justify="right", no_wrap=True)
        table.add_column(say("peak\n@ time", language), justify="right", style="dim", no_wrap=True)
    for run, ds in runs.items():
        time = ds["time"].values
        cells = []
        for name in variables:
            values = ds[name].values
            peak, when = (Measure(word, name).of(time, values) for word in ("peak", "time of peak"))
            cells += [number(float(values[-1])), f"{number(peak)} @ {on_the_clock(when)}"]
        table.add_row(Text(run), number(float(time[-1])), *cells)
    return table


def sweep_table(
    ds: xr.Dataset, *, title: str = "", label: Label = str, language: str = "en"
) -> Table:
    """Return a table with a row for each point of the grid; the largest value of each measure is bold."""
    names = [str(name) for name in ds.data_vars]
    dims = [str(dim) for dim in ds[names[0]].dims]
    table = Table(title=Text(title), title_justify="left")
    for dim in dims:
        table.add_column(Text(label(dim)), justify="right", overflow="fold")
    for name in names:
        table.add_column(Text(measure(name, label, language)), justify="right", overflow="fold")
    highest = {name: float(ds[name].max()) for name in names}
    for index in np.ndindex(*(ds.sizes[dim] for dim in dims)):
        point = [number(float(ds[dim].values[i])) for dim, i in zip(dims, index, strict=True)]
        cells = []
        for name in names:
            value = float(ds[name].values[index])
            cells.append(Text(number(value), style="bold" if value == highest[name] else ""))
        if "failed" in ds.attrs and all(np.isnan(ds[name].values[index]) for name in names):
            cells = [Text(say("failed", language), style="red")] * len(names)
        table.add_row(*point, *cells)
    return table


def ensemble_table(
    ds: xr.Dataset, *, title: str = "", label: Label = str, language: str = "en"
) -> Table:
    """Return a table with the distribution of each measure over the runs of an ensemble."""
    table = Table(title=Text(title), title_justify="left")
    table.add_column(Text(say("measured", language)), overflow="fold")
    table.add_column(Text(say("unit", language)), overflow="fold")
    shares = ds["quantile"].values.tolist() if "measure" in ds.coords else []
    for head in ("mean", "sd", *(f"{100 * share:g} %" for share in shares), "no value"):
        table.add_column(Text(say(head, language)), justify="right", overflow="fold")
    for i, name in enumerate(ds["measure"].values.tolist() if "measure" in ds.coords else ()):
        of = ds["statistics of measures"].isel(measure=i)
        mean, variance, runs = (float(of.sel(statistic=s)) for s in ("mean", "variance", "runs"))
        found = [mean, math.sqrt(variance), *ds["quantiles of measures"].isel(measure=i).values]
        cells = [number(float(x)) if math.isfinite(x) else "" for x in found]
        units = str(ds[name].attrs.get("units", "")) if name in ds else ""
        lost = f"{ds.attrs['runs'] - int(runs):,}"
        table.add_row(Text(measure(name, label, language)), Text(units), *cells, lost)
    return table


def failed_table(ds: xr.Dataset, *, language: str = "en", most: int = 5) -> Table:
    """Return a table with the settings of the first runs of an ensemble that failed."""
    listed = ds["settings of failed runs"]
    few = listed.isel(failed_run=slice(most))
    table = Table()
    table.add_column(Text(say("failed run", language)), justify="right", overflow="fold")
    names = listed["setting"].values.tolist()[:MOST_SETTINGS]
    for name in names:
        table.add_column(Text(name), justify="right", overflow="fold")
    for run, row in zip(few["failed_run"].values.tolist(), few.values, strict=True):
        table.add_row(f"{run:,}", *(number(float(x)) for x in row[: len(names)]))
    return table


def sensitivity_table(
    ds: xr.Dataset, *, title: str = "", label: Label = str, language: str = "en", most: int = 20
) -> Table:
    """Return a table with a row for each constant and measure; the constants with the strongest effect come first."""
    table = Table(title=Text(title), title_justify="left")
    variance = "total" in ds
    table.add_column(Text(say("measured", language)), overflow="fold")
    table.add_column(Text(say("constant", language)), overflow="fold")
    heads = ("first", "95 %", "total", "95 %") if variance else ("mean absolute change", "sd")
    for head in heads:
        table.add_column(Text(say(head, language)), justify="right", overflow="fold")
    for name in (str(m) for m in ds["measure"].values):
        one = ds.sel(measure=name)
        sizes = np.nan_to_num(one["total" if variance else "effect"].values)
        for i in np.argsort(-sizes, kind="stable")[:most]:
            row = one.isel(parameter=int(i))
            cells = (
                [
                    cell
                    for n in ("first", "total")
                    for cell in (_share(float(row[n])), _interval(row[f"{n}_interval"].values))
                ]
                if variance
                else [_or_dash(float(row[n])) for n in ("effect", "effect_spread")]
            )
            parameter = label(str(row["parameter"].values))
            table.add_row(Text(measure(name, label, language)), Text(parameter), *cells)
        table.add_section()
    return table


def box_table(
    ds: xr.Dataset, *, title: str = "", label: Label = str, language: str = "en"
) -> Table:
    """Return a table with the limits of each box; the limits that are least likely due to chance come first."""
    table = Table(title=Text(title), title_justify="left")
    for head in ("box", "constant", "from", "to", "range", "chance"):
        left = head in ("box", "constant")
        table.add_column(
            Text(say(head, language)), justify="left" if left else "right", overflow="fold"
        )
    for place in range(ds.sizes["box"]):
        one = ds.isel(box=place)
        limits, chance = one["limits"].values, one["quasi_p"].values
        cut = np.flatnonzero(np.isfinite(limits).any(axis=1))
        order = cut[np.argsort(np.nanmin(chance[cut], axis=1), kind="stable")]
        words = say("coverage {coverage}, density {density}", language).format(
            coverage=f"{float(one['coverage']):.0%}", density=f"{float(one['density']):.0%}"
        )
        table.add_row(Text(str(int(one["box"]))), Text(words), "", "", "", "")
        for i in order.tolist():
            low, high = limits[i]
            table.add_row(
                "",
                Text(label(str(one["parameter"].values[i]))),
                number(float(low)) if np.isfinite(low) else "",
                number(float(high)) if np.isfinite(high) else "",
                " – ".join(number(float(end)) for end in one["range"].values[i]),
                f"{np.nanmin(chance[i]):.1g}",
            )
        table.add_section()
    return table


def _share(index: float) -> str:
    """Return a sensitivity index as text.

    Return a dash for an undefined index, because the measure is the same in all runs.
    """
    return fixed(index, 3) if np.isfinite(index) else "–"


def _interval(ends: np.ndarray) -> str:
    return "" if not np.isfinite(ends).all() else f"{fixed(ends[0], 2)} – {fixed(ends[1], 2)}"


def _kind(variable: Variable) -> str:
    """Return the kind of a variable; the four time settings of Vensim files are a kind of their own."""
    return "time setting" if variable.key in FIELDS else variable.kind


def _range(variable: Variable) -> str:
    if variable.range is None:
        return ""
    ends = (variable.range.minimum, variable.range.maximum)
    return " … ".join("" if end is None else number(end) for end in ends)


def _value(variable: Variable, time: TimeSettings, language: str) -> str:
    """Return the text in the column "value": the number of a constant, the points of a lookup, or "no data"."""
    if variable.missing:
        return say("no data", language)
    if variable.kind == "constant" and not variable.dimensions:
        return number(variable.value)
    if variable.key in FIELDS:
        return number(getattr(time, FIELDS[variable.key]))
    tables = [t for e in variable.equations for t in points_in(e.expression)]
    return _points(tables[0]) if len(tables) == 1 else ""


def _points(table: Points) -> str:
    """Return the points of a lookup as text; if they are many, only the first, their number, and the last."""
    pairs = [f"({number(x)},{number(y)})" for x, y in zip(table.x, table.y, strict=True)]
    if len(pairs) > MOST_POINTS:
        pairs = [*pairs[: MOST_POINTS - 2], f"… {len(pairs)} …", pairs[-1]]
    return " ".join(pairs)


def model_table(model: Model, *, language: str = "en") -> Table:
    """Return a table of a model's variables with name, kind, unit, value, range and documentation."""
    table = Table(title=Text(model.name), title_justify="left")
    table.add_column(say("variable", language), overflow="fold")
    table.add_column(say("kind", language), style="dim", overflow="fold")
    table.add_column(say("unit", language), overflow="fold")
    table.add_column(say("value", language), justify="right", overflow="fold")
    table.add_column(say("range", language), overflow="fold")
    table.add_column(say("what it is", language), ratio=1, overflow="fold")
    kinds = {_kind(variable) for variable in model.variables.values()}
    for kind in [*(k for k in KINDS_IN_ORDER if k in kinds), *sorted(kinds - {*KINDS_IN_ORDER})]:
        for variable in model.variables.values():
            if _kind(variable) != kind or variable.hidden:
                continue
            subscripts = f"[{', '.join(variable.dimensions)}]" if variable.dimensions else ""
            name = Text(model.label(variable.name, language) + subscripts)
            if variable.lever:
                name.append(say(" (lever)", language), style="cyan")
            table.add_row(
                name,
                say(kind, language),
                Text(variable.units),
                _value(variable, model.time, language),
                _range(variable),
                Text(model.doc_of(variable.name, language)),
            )
        table.add_section()
    return table
