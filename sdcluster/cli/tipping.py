"""The command that shows where a model tips: `tipping`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sdcluster.cli import options
from sdcluster.cli.stopping import INTERRUPTED
from sdcluster.cli.terminal import Patience, complain, console, say
from sdcluster.errors import ModelError

if TYPE_CHECKING:
    import xarray as xr

    from sdcluster.model import Model


def tipping(
    model: options.ModelPath,
    vary: Annotated[
        list[str],
        typer.Option(
            metavar="NAME=LOW:HIGH",
            help="A constant, or a stock's start, that varies between two bounds: one gives a line, two a map. NAME "
            "alone takes the model's range. Repeats.",
            show_default=False,
            autocompletion=options._settings,
        ),
    ],
    measure: Annotated[
        str | None,
        typer.Option(
            "--measure",
            metavar='"WORD VARIABLE"',
            help='The number of a run by which end states differ, as "final population" or "peak price"; if left out, '
            "the final value of that stock which falls most clearly into two groups.",
            show_default=False,
        ),
    ] = None,
    level: Annotated[
        list[float] | None,
        typer.Option(
            help="A value of the measure that parts two end states; if left out, the one that parts the runs best. "
            "Repeats.",
            show_default=False,
        ),
    ] = None,
    resolution: Annotated[
        int, typer.Option(help="Cells along each axis at the finest: 8, 16, 32, 64, …")
    ] = 64,
    resume: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.nc",
            help="A map written before, also one that Ctrl-C cut short: its runs are not made again.",
            show_default=False,
        ),
    ] = None,
    scenario: options.ScenarioName = None,
    settings: options.Settings = None,
    lookups: options.Lookups = None,
    method: options.Method = None,
    seed: options.Seed = 0,
    out: options.Out = None,
    language: options.Language = "en",
) -> None:
    """Find where the end of a run tips as one or two settings change, and how far the present setting is from there.

    A coarse grid of runs is made first, then finer ones where neighbours end differently. The line between the end
    states is the boundary; the orange point is the setting of the model as it is, and the arrows show how far one
    setting alone can move before the end changes. Only what jumps within a cell tips; the rest is called a slope.

    A chart (.png, .svg) shows the map; a table (.csv, .xlsx) has a row for each point; NetCDF (.nc) has all of it.
    Ctrl-C keeps the map as coarse as it is by then; --resume goes on from a .nc file.

    \b
    Examples:
      sdcluster tipping my_model --vary openness=0:1 --vary policy=0:1 --out map.png
      sdcluster tipping my_model --vary price=1:3 --measure "final population" --out line.png
      sdcluster tipping model.mdl --vary price=1:3 --vary fish=0:50 --level 20 --resolution 256 -o map.nc
    """
    import sdcluster
    from sdcluster.run.save import ARRAYS, PICTURES, TABLES, check_ending
    from sdcluster.study.tipping import tipping as map_of

    for path in out or ():
        check_ending(path, TABLES, ARRAYS, PICTURES)
    loaded = sdcluster.load(model)
    with Patience() as patience:
        found = map_of(
            loaded,
            varied(vary),
            measure or "",
            levels=level or (),
            resolution=resolution,
            scenario=scenario,
            settings=options.read_settings(settings, lookups),
            method=method,
            seed=seed,
            resume=resume,
            progress=patience.report,
        )
    _show(found, loaded, scenario, out or [], language)
    if not found.attrs["complete"]:
        complain(
            "sdcluster tipping was stopped; the map is as fine as it was by then"
            + (", and --resume goes on from the .nc file" if out else "")
        )
        raise typer.Exit(INTERRUPTED)
    if found.attrs["failed"]:
        raise typer.Exit(1)


def varied(texts: list[str]) -> dict[str, Any]:
    """Read what varies: ``name=low:high``, or a name with a range in the model."""
    found: dict[str, Any] = {}
    for text in texts:
        name, equals, given = text.partition("=")
        try:
            low, high = (float(part) for part in given.split(":")) if equals else (None, None)
        except ValueError:
            raise ModelError(
                f'"{text}" does not say how "{name}" varies; write two bounds, as in {name}=0:1'
            ) from None
        found[name] = None if low is None else (low, high)
    return found


def _show(
    found: xr.Dataset, model: Model, scenario: str | None, out: list[Path], language: str
) -> None:
    from rich.table import Table
    from rich.text import Text

    from sdcluster.run.save import ARRAYS, PICTURES, save_netcdf, save_sweep
    from sdcluster.view.tipping import draw_tipping, sentences, tipping_rows
    from sdcluster.words import phrase as words

    title = ", ".join([model.name, *([scenario] if scenario else [])])
    label = options.labels(model, language)
    for path in out:
        if path.suffix.lower() in PICTURES:
            draw_tipping(found, path, title=title, label=label, language=language)
        elif path.suffix.lower() in ARRAYS:
            save_netcdf(found, path)
        else:
            save_sweep(found[["value", "mode", "simulated"]], path)
        say(f"Wrote {path}")
    runs = f"{found.attrs['runs']:,} {words('runs', language)}"
    table = Table(title=Text(f"{title}, {runs}"), title_justify="left")
    table.add_column(Text(words("setting", language)))
    for head in ("at present", "crosses going down", "distance", "crosses going up", "distance"):
        table.add_column(Text(words(head, language)), justify="right")
    for row in tipping_rows(found, label, language):
        table.add_row(*map(Text, row))
    console().print(table)
    for sentence in sentences(found, label, language):
        say(sentence)
