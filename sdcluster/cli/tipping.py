"""The command that shows where a model tips: `tipping`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sdcluster.cli import options
from sdcluster.cli.stopping import INTERRUPTED
from sdcluster.cli.terminal import Patience, complain, console, say
from sdcluster.errors import ModelError
from sdcluster.messages import message

if TYPE_CHECKING:
    import xarray as xr

    from sdcluster.model import Model

_COLUMNS = {
    "map": ["value", "mode", "simulated"],
    "hysteresis": ["value", "rest"],
    "branches": ["setting", "branch", "stable", "state"],
    "equilibria": ["stable", "kind", "state"],
}


def tipping(
    model: options.ModelPath,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=LOW:HIGH",
            help="A constant, or the initial value of a stock, that varies between two bounds. One --vary gives a "
            "line, two give a map. NAME alone uses the range in the model.",
            show_default=False,
            autocompletion=options._settings,
        ),
    ] = None,
    hysteresis: Annotated[
        bool,
        typer.Option(
            "--hysteresis",
            help="Move a single setting up and down again; each run begins in the state in which the previous run "
            "ended.",
        ),
    ] = False,
    equilibria: Annotated[
        bool,
        typer.Option(
            "--equilibria",
            help="Find equilibria, stable and unstable, which are states in which no stock changes. With --vary, "
            "also find where equilibria appear, vanish or begin to oscillate (folds, branch points, Hopf points).",
        ),
    ] = False,
    measure: Annotated[
        str | None,
        typer.Option(
            "--measure",
            metavar='"WORD VARIABLE"',
            help='The number of a run that distinguishes end states, such as "final population" or "peak price"; with '
            "--equilibria, the stock to draw. By default, the final value of the stock that separates the end states "
            "most clearly.",
            show_default=False,
        ),
    ] = None,
    level: Annotated[
        list[float] | None,
        typer.Option(
            help="A value of the measure that separates two end states. By default, the value that separates the "
            "runs best. May be repeated.",
            show_default=False,
        ),
    ] = None,
    resolution: Annotated[
        int,
        typer.Option(
            help="Number of the smallest cells along each axis of the map (8, 16, 32, 64, …), or of steps with "
            "--hysteresis."
        ),
    ] = 64,
    hold: Annotated[
        float | None,
        typer.Option(
            help="With --hysteresis: how long each setting is held, in the model's time unit; by default, as long as "
            "a run. Where the ways up and down differ, the setting is held longer, until the model is at rest.",
            show_default=False,
        ),
    ] = None,
    time: Annotated[
        float | None,
        typer.Option(
            help="With --equilibria: the time at which equations that depend on time are evaluated; by default, the "
            "end of the run.",
            show_default=False,
        ),
    ] = None,
    hold_stock: Annotated[
        list[str] | None,
        typer.Option(
            "--hold-stock",
            metavar="STOCK",
            help="With --equilibria: a stock to hold at its value, for example one that grows for ever. May be "
            "repeated.",
            show_default=False,
            autocompletion=options._variable_names,
        ),
    ] = None,
    negative: Annotated[
        bool,
        typer.Option(
            "--negative",
            help="With --equilibria: also show equilibria in which a stock is negative although no run makes this "
            "stock negative.",
        ),
    ] = False,
    resume: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.nc",
            help="Continue a map in a .nc file, finished or interrupted by Ctrl-C, without repeating its runs.",
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
    """Find the tipping points of a model as one or two settings change, and their distance from the current settings.

    By default, the result is a map of end states. The command runs the model on a coarse grid of settings, and on finer
    grids where the runs of neighbouring points end in different states. The line between two end states is the
    boundary. The orange point is the model's current setting, and the arrows show how far one setting alone can move
    before the end state changes. The model tips where the measure jumps within a cell and the end states on the two
    sides differ. A change without a jump is called a slope; a jump between equal end states is a ridge or trough.
    The line is dotted where the model does not tip.

    --hysteresis raises a setting and lowers it again, and shows where the end states of the two ways differ, even if
    each setting is held until the model is at rest.

    --equilibria finds the states in which no stock changes, including unstable states, which no run reaches.

    A chart (.png, .svg) shows the result; a table (.csv, .xlsx) has a row for each point; NetCDF (.nc) has all data.
    Ctrl-C keeps the finished runs, and --resume continues the map in a .nc file.

    \b
    Examples:
      sdcluster tipping my_model --vary openness=0:1 --vary policy=0:1 --out map.png
      sdcluster tipping my_model --vary price=1:3 --measure "final population" --out line.png
      sdcluster tipping my_model --vary price=1:3 --hysteresis --out loop.png
      sdcluster tipping my_model --vary catch=0:20 --equilibria --out folds.png
      sdcluster tipping my_model --equilibria --hold-stock "world market"
    """
    import sdcluster
    from sdcluster.run.save import ARRAYS, PICTURES, TABLES, check_ending

    for path in out or ():
        check_ending(path, TABLES, ARRAYS, PICTURES)
    if hysteresis and equilibria:
        raise ModelError(message("cli.hysteresis_equilibria_two_questions"))
    if resume and (hysteresis or equilibria):
        raise ModelError(message("cli.resume_continues_maps"))
    if not vary and not equilibria:
        raise ModelError(message("cli.nothing_varies_name_one"))
    loaded = sdcluster.load(model)
    title = ", ".join([loaded.name, *([scenario] if scenario else [])])
    shown = Shown(loaded, title, out or [], language)
    common: dict[str, Any] = {
        "scenario": scenario,
        "settings": options.read_settings(settings, lookups),
        "seed": seed,
    }
    between = varied(vary or [])
    options.note_replaced(loaded, between)
    with Patience() as patience:
        common["progress"] = patience.report
        if hysteresis:
            found = sdcluster.hysteresis(loaded, between, measure or "", steps=resolution, hold=hold, method=method,
                                         **common)  # fmt: skip
        elif equilibria:
            common |= {"time": time, "held": hold_stock or (), "negative": negative}
            found = sdcluster.equilibria(loaded, between, **common)
        else:
            found = sdcluster.tipping(loaded, between, measure or "", levels=level or (), resolution=resolution,
                                      resume=resume, method=method, **common)  # fmt: skip
    shown.show(found, measure or "")
    if not found.attrs.get("complete", 1):
        complain(message("cli.sdcluster_tipping_stopped_shown"))
        raise typer.Exit(INTERRUPTED)
    if found.attrs.get("failed"):
        raise typer.Exit(1)


def varied(texts: list[str]) -> dict[str, Any]:
    """Return the range of each varied setting by name; None for a name without ``=low:high``."""
    found: dict[str, Any] = {}
    for text in texts:
        name, equals, given = text.partition("=")
        if name in found:
            raise ModelError(message("cli.vary_names_twice", name=name))
        try:
            low, high = (float(part) for part in given.split(":")) if equals else (None, None)
        except ValueError:
            raise ModelError(message("cli.does_not_say_how", text=text, name=name)) from None
        found[name] = None if low is None else (low, high)
    return found


@dataclass(frozen=True)
class Shown:
    """Where and how the results of the command are shown.

    Parameters
    ----------
    model : Model
    title : str
    out : list of Path
    language : str
    """

    model: Model
    title: str
    out: list[Path]
    language: str

    def show(self, found: xr.Dataset, asked: str) -> None:
        """Write the output files, and print a table and sentences about the results."""
        from rich.table import Table
        from rich.text import Text

        from sdcluster.run.save import ARRAYS, PICTURES, save_netcdf, save_sweep
        from sdcluster.words import phrase as words

        kind, label = found.attrs["tipping"], options.labels(self.model, self.language)
        for path in self.out:
            if path.suffix.lower() in PICTURES:
                self._draw(found, path, asked, label)
            elif path.suffix.lower() in ARRAYS:
                save_netcdf(found, path)
            else:
                save_sweep(found[_COLUMNS[kind]], path)
            say(message("cli.wrote", path=path))
        heads, rows, sentences = self._words(found, label)
        if rows:
            table = Table(title=Text(self.title), title_justify="left")
            for i, head in enumerate(heads):
                table.add_column(
                    Text(words(head, self.language)),
                    justify="right" if i else "left",
                    overflow="fold",
                )
            for row in rows:
                table.add_row(*map(Text, row))
            console().print(table)
        for sentence in sentences:
            say(sentence)

    def _draw(self, found: xr.Dataset, path: Path, asked: str, label: Callable[[str], str]) -> None:
        from sdcluster.view import tipping, tipping_branches

        style: dict[str, Any] = {"title": self.title, "label": label, "language": self.language}
        match found.attrs["tipping"]:
            case "map":
                tipping.draw_tipping(found, path, **style, option="--measure")
            case "hysteresis":
                tipping_branches.draw_hysteresis(found, path, **style, option="--measure")
            case "branches":
                stock = asked.removeprefix("final ")
                tipping_branches.draw_branches(found, path, stock=stock, **style)
            case _:
                raise ModelError(message("cli.rest_points_one_setting"))

    def _words(
        self, found: xr.Dataset, label: Callable[[str], str]
    ) -> tuple[Sequence[str], Sequence[Sequence[str]], Sequence[str]]:
        """Return the headings and rows of the table, and the sentences below it."""
        from sdcluster.view import tipping, tipping_branches

        language = self.language
        match found.attrs["tipping"]:
            case "map":
                way = ("crosses going down", "distance", "crosses going up", "distance")
                done = found.attrs["complete"]
                rows = tipping.tipping_rows(found, label, language) if done else []
                return (
                    ("setting", "at present", *way),
                    rows,
                    tipping.sentences(found, label, language, "--measure"),
                )
            case "hysteresis":
                sentences = tipping_branches.hysteresis_sentences(
                    found, label, language, "--measure"
                )
                return (), (), sentences
            case "branches":
                name = label(found.attrs["vary"])
                return (
                    ("what happens there", name, "distance from present", "period"),
                    tipping_branches.special_rows(found, language),
                    tipping_branches.branch_sentences(found, label, language),
                )
            case _:
                some = found.sizes["equilibrium"] > 0
                return (
                    ("stock", *tipping_branches.point_heads(found, language)),
                    tipping_branches.point_rows(found, label, language) if some else (),
                    tipping_branches.point_sentences(found, label, language),
                )
