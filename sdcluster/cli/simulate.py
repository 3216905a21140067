"""The commands that run a model: `run`, `compare`, `sweep`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sdcluster.cli import options
from sdcluster.cli.terminal import console, say, track
from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.run.save import ALONE
from sdcluster.words import ENGLISH

if TYPE_CHECKING:
    import xarray as xr

    from sdcluster.model import Model

MOST_DRAWN = 4  # the most panels in a chart of a comparison, unless the user names variables
MOST_ROWS = 200  # the most rows in the table of a run, unless the user names variables


def run(
    model: options.ModelPath,
    scenario: options.ScenarioName = None,
    settings: options.Settings = None,
    lookups: options.Lookups = None,
    method: options.Method = None,
    variable: options.VariableNames = None,
    out: options.Out = None,
    start: Annotated[
        float | None, typer.Option(help="Time at which the run starts.", show_default=False)
    ] = None,
    stop: Annotated[
        float | None, typer.Option(help="Time at which the run stops.", show_default=False)
    ] = None,
    dt: Annotated[
        float | None,
        typer.Option(help="Time step of euler, rk2 and rk4.", show_default=False),
    ] = None,
    saveper: Annotated[
        float | None, typer.Option(help="Interval of the results.", show_default=False)
    ] = None,
    rtol: options.Rtol = 1e-8,
    atol: options.Atol = 1e-10,
    times: options.Times = None,
    seed: options.Seed = 0,
    from_state: options.FromState = None,
    save_state: options.SaveState = None,
    language: options.Language = "en",
) -> None:
    """Run one scenario; print a table, or write a file with all variables.

    To run a model step by step and set values during the run, as in games, use `sdcluster play`.

    \b
    Examples:
      sdcluster run my_model
      sdcluster run my_model -s closed --set "price=0.2" --out run.csv
      sdcluster run my_model --method LSODA --rtol 1e-10
      sdcluster run my_model --times 0,12.5,40 --out measured.csv
      sdcluster run my_model -v "births" -v "deaths" --out run.png
      sdcluster run model.mdl --set "demand=demand.csv" --set-lookup "effect=(0,0),(60,1)"
      sdcluster run model.mdl --stop 6 --save-state half.state
      sdcluster run model.mdl --stop 12 --from-state half.state
    """
    import sdcluster
    from sdcluster.run.save import STREAMED, save_streams

    check_outputs(out)
    loaded = sdcluster.load(model)
    kept = kept_variables(loaded, variable)
    simulator = sdcluster.Simulator(
        loaded,
        scenario,
        method=method,
        start=start,
        stop=stop,
        dt=dt,
        saveper=saveper,
        rtol=rtol,
        atol=atol,
        seed=seed,
    )
    given = options.read_settings(settings, lookups)
    if (from_state or save_state) and times:
        raise ModelError(message("cli.times_states_do_not"))
    if from_state or save_state:
        steps = simulator.resume(from_state, given) if from_state else simulator.begin(given)
        ds = steps.until().dataset(kept)
        if save_state:
            say(message("cli.wrote", path=steps.save(save_state)))
    elif out and not times and all(path.suffix.lower() in STREAMED for path in out):
        save_streams(simulator.table(given, variables=kept), out)
        for path in out:
            say(message("cli.wrote", path=path))
        return
    else:
        ds = simulator.dataset(given, times=options.read_times(times), variables=kept)
    title = _title(loaded, scenario, settings, lookups)
    shown = shown_variables(loaded, variable)
    finish(loaded, ds, shown, bool(variable), out, title, language)


def finish(
    model: Model,
    ds: xr.Dataset,
    shown: Sequence[str],
    named: bool,
    out: Sequence[Path] | None,
    title: str,
    language: str,
) -> None:
    """Write a run to files, or print a table of it; `named` says whether the user chose the variables."""
    from sdcluster.run.elements import elements_of, spread
    from sdcluster.view.tables import run_table

    label = options.labels(model, language)
    for path in out or ():
        _save({ALONE: ds}, path, shown, title, label, language)
    if not out:
        curves = spread(ds.sortby("time"))
        names = elements_of(shown, curves)
        listed = names if named else names[:MOST_ROWS]
        console().print(run_table(curves, listed, title=title, label=label, language=language))
        if len(listed) < len(names):
            say(message("cli.more_rows", count=len(names) - len(listed)))


def compare(
    model: options.ModelPath,
    scenarios: options.ScenarioNames = None,
    settings: options.Settings = None,
    lookups: options.Lookups = None,
    method: options.Method = None,
    variable: options.VariableNames = None,
    out: options.Out = None,
    times: options.Times = None,
    seed: options.Seed = 0,
    language: options.Language = "en",
) -> None:
    """Run several scenarios and compare their final values, peaks and curves.

    \b
    Examples:
      sdcluster compare my_model
      sdcluster compare my_model default closed "late start" -o three.png
      sdcluster compare my_model classroom -v "population" -v "deaths"
    """
    import sdcluster
    from sdcluster.project import is_changes_file, scenarios_beside
    from sdcluster.run.elements import elements_of, spread
    from sdcluster.run.save import ARRAYS, PICTURES, TABLES, check_ending
    from sdcluster.view.tables import comparison_table, fits

    for path in out or ():
        check_ending(path, TABLES, ARRAYS, PICTURES)
    loaded = sdcluster.load(model)
    known = scenarios_beside(loaded)
    names = options.named_scenarios(known, scenarios)
    shown, kept = shown_variables(loaded, variable), kept_variables(loaded, variable)
    chosen = options.read_settings(settings, lookups)
    shorter = {name: Path(name).name if is_changes_file(name) else name for name in names}
    asked = options.read_times(times)
    runs = {
        shorter[name]: sdcluster.simulate(
            loaded,
            name,
            settings=chosen,
            method=method,
            times=asked,
            variables=kept,
            seed=seed,
        )
        for name in track(names, len(names))
    }
    screen = console()
    curves = {name: spread(ds.sortby("time")) for name, ds in runs.items()}
    shown = elements_of(shown, next(iter(curves.values())))
    if not variable:
        shown = shown[: MOST_DRAWN if out else fits(screen.width)]
    title = _title(loaded, None, settings, lookups)
    label = options.labels(loaded, language)
    titles = {
        run: run if is_changes_file(name) else known.find(name).title.get(language, name)
        for name, run in shorter.items()
    }
    for path in out or ():
        _save(runs, path, shown, title, label, language, titles)
    if not out:
        # In English, rows show the names that commands accept; in other languages, they show the titles.
        named = curves if language == ENGLISH else {titles[n]: ds for n, ds in curves.items()}
        screen.print(comparison_table(named, shown, title=title, label=label, language=language))


def sweep(
    model: options.ModelPath,
    vary: Annotated[
        list[str],
        typer.Option(
            metavar="NAME=FIRST:LAST:NUMBER",
            help="A constant or initial value and the values that it takes: a number of evenly spaced values, or a "
            "list NAME=A,B,C. Repeat the option for a grid. seed=1:100:100 varies the seed of random numbers.",
            show_default=False,
        ),
    ],
    measure: options.Measures,
    scenario: options.ScenarioName = None,
    settings: options.Settings = None,
    lookups: options.Lookups = None,
    method: options.Method = None,
    seed: options.Seed = 0,
    out: options.Out = None,
    language: options.Language = "en",
) -> None:
    """Run the model for each point of a grid of settings, and measure each run.

    The exit code is 1 if some runs failed; the measures of these runs are empty.

    \b
    Examples:
      sdcluster sweep my_model --vary price=0:1:11 \\
          --measure "final population"
      sdcluster sweep my_model --vary price=0:1:21 --vary tax=0:1:21 \\
          --measure "drop from peak population" --out sweep.png
    """
    import sdcluster
    from sdcluster import study as analyse
    from sdcluster.run.save import ARRAYS, PICTURES, TABLES, check_ending
    from sdcluster.view.tables import sweep_table

    for path in out or ():
        check_ending(path, TABLES, ARRAYS, PICTURES)
    loaded = sdcluster.load(model)
    table = analyse.sweep(
        loaded,
        [analyse.parse_axis(text, loaded) for text in vary],
        [m for text in measure for m in analyse.parse_measures(text, loaded)],
        scenario,
        settings=options.read_settings(settings, lookups),
        method=method,
        seed=seed,
        track=track,
    )
    title, label = _title(loaded, scenario, settings, lookups), options.labels(loaded, language)
    for path in out or ():
        _save_sweep(table, path, title, label, language)
    if not out:
        console().print(sweep_table(table, title=title, label=label, language=language))
    if table.attrs.get("failed"):
        raise typer.Exit(1)


def check_outputs(out: Sequence[Path] | None) -> None:
    """Raise an error for an output file with an unknown ending; commands call this before they run the model."""
    from sdcluster.run.save import ARRAYS, DATA, PICTURES, TABLES, check_ending

    for path in out or ():
        check_ending(path, TABLES, DATA, ARRAYS, PICTURES)


def shown_variables(model: Model, wanted: Sequence[str] | None) -> list[str]:
    """Return the names of the variables and elements to show: those in `wanted`, or the model's main variables."""
    from sdcluster.model.elements import one
    from sdcluster.study import main_variables

    if not wanted:
        return list(main_variables(model))
    return options.unique([model[n].name if n in model else one(model, n).name for n in wanted])


def kept_variables(model: Model, wanted: Sequence[str] | None) -> list[str] | None:
    """Return the names of the variables to save from a run; None to save all."""
    from sdcluster.model.elements import find_element

    if not wanted:
        return None
    return options.unique([model.variables[find_element(model, n)[0]].name for n in wanted])


def _title(model: Model, scenario: str | None, *settings: Sequence[str] | None) -> str:
    given = [text for texts in settings for text in texts or ()]
    return ", ".join([model.name, *([scenario] if scenario else []), *given])


def _save(
    runs: Mapping[str, xr.Dataset],
    path: Path,
    shown: Sequence[str],
    title: str,
    label: Callable[[str], str],
    language: str,
    titles: Mapping[str, str] | None = None,
) -> None:
    """Write runs to a table, NetCDF file or chart.

    `runs` has the scenario names as keys, or `ALONE` for a single run. A chart shows the scenarios' `titles`.
    """
    from sdcluster.run import save
    from sdcluster.run.elements import elements_of, spread
    from sdcluster.view import pictures

    ending = path.suffix.lower()
    if ending in (*save.TABLES, *save.DATA):
        save.save_table(runs, path)
    elif ending in save.ARRAYS:
        save.save_netcdf(runs[ALONE] if ALONE in runs else save.side_by_side(runs), path)
    else:
        curves = {
            (titles or {}).get(run, run): spread(ds.sortby("time")) for run, ds in runs.items()
        }
        first = next(iter(curves.values()))
        drawn = elements_of(shown, first)
        if len(curves) == 1:
            pictures.draw_run(first, drawn, path, title=title, label=label, language=language)
        else:
            pictures.draw_comparison(
                curves, drawn, path, title=title, label=label, language=language
            )
    say(message("cli.wrote", path=path))


def _save_sweep(
    table: xr.Dataset, path: Path, title: str, label: Callable[[str], str], language: str
) -> None:
    from sdcluster.run import save
    from sdcluster.view import pictures

    ending = path.suffix.lower()
    if ending in save.TABLES:
        save.save_sweep(table, path)
    elif ending in save.ARRAYS:
        save.save_netcdf(table, path)
    else:
        pictures.draw_sweep(table, path, title=title, label=label, language=language)
    say(message("cli.wrote", path=path))
