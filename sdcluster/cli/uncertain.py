"""The commands that show how uncertain a result is, and on which constants it depends: `ensemble`, `sensitivity`."""

from __future__ import annotations

from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sdcluster import files
from sdcluster.cli import options
from sdcluster.cli.stopping import INTERRUPTED
from sdcluster.cli.terminal import Patience, complain, console, say
from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.words import say as words_in

if TYPE_CHECKING:
    from sdcluster.model import Model
    from sdcluster.study.design import Design

ENDING = ".zarr"

MOST_FANS = 6  # the most panels in a chart, unless the user names variables


def ensemble(
    model: options.ModelPath,
    runs: Annotated[int, typer.Option("--runs", "-n", min=2, help="Number of runs.")] = 1000,
    over: Annotated[
        str,
        typer.Option(
            help="The constants that vary, each over its range: judgements (constants whose documentation contains "
            "this word), levers (constants that somebody can decide), constants (all with a range), or their names, "
            "separated by commas. If you give --vary, only the constants named there vary.",
        ),
    ] = "judgements",
    vary: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=LOW:HIGH",
            help="A constant, or the initial value of a stock, that varies uniformly between two bounds. Other "
            'distributions: "price=triangular:1:2:4", "price=normal:2:0.5", "price=normal:2:0.5:1:3" '
            '(truncated to 1 to 3), "price=lognormal:2:0.3". NAME alone uses the range in the model; "price '
            'at 20=1:3" varies the value that price gets at time 20; "scenario=base,closed" varies the '
            "scenario. May be repeated.",
            show_default=False,
        ),
    ] = None,
    measure: options.MeasuresIfAny = None,
    variable: options.VariableNames = None,
    quantiles: Annotated[
        str,
        typer.Option(
            help="Quantiles of the runs at each time, which are the edges of the bands in the chart."
        ),
    ] = "0.05,0.25,0.5,0.75,0.95",
    design: Annotated[
        str,
        typer.Option(
            help="How values are drawn from the ranges: sobol (a Sobol' sequence), lhs (a Latin hypercube), random "
            "or grid."
        ),
    ] = "sobol",
    spread: Annotated[
        float, typer.Option(help="Share of each range that is used, around the model's own value.")
    ] = 1.0,
    scenario: options.ScenarioName = None,
    settings: options.Settings = None,
    lookups: options.Lookups = None,
    method: options.Method = None,
    rtol: options.Rtol = 1e-8,
    atol: options.Atol = 1e-10,
    seed: options.Seed = 0,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="A variable whose curve is kept for every run, in .nc and .zarr files. May be repeated.",
            show_default=False,
        ),
    ] = None,
    spaghetti: Annotated[
        int,
        typer.Option(
            min=0, help="Number of single runs that the chart draws as thin lines over its fans."
        ),
    ] = 0,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Continue an interrupted ensemble in the .zarr folder that --out names.",
        ),
    ] = False,
    out: options.Out = None,
    language: options.Language = "en",
) -> None:
    """Run a model many times with random values of its uncertain constants, and show how far the results spread.

    A chart (.png, .svg) has a fan for each variable given by -v (by default, the main variables) and a histogram for
    each measure. A table (.csv, .xlsx) has a row for each run, with the varied values and the measures. NetCDF (.nc)
    has all data. Zarr (.zarr, a folder) is for many runs: each run is written as soon as it is finished, so the
    command needs little memory. After Ctrl-C, the same command with --resume continues and gives the same numbers.
    Without -v and --measure, and in a table without --measure, the measures are the final values of all stocks.

    The exit code is 1 if some runs failed; these runs are counted, listed and left out of the results.

    \b
    Examples:
      sdcluster ensemble my_model --out fan.png
      sdcluster ensemble my_model -n 10000 --over levers --measure "final population"
      sdcluster ensemble model.mdl --vary "price=1:3" --vary "delay=triangular:2:4:9" \\
          -v revenue --out fan.png --out runs.csv
      sdcluster ensemble model.mdl --vary "price at 2030=1:3" --vary "scenario=base,closed" --out fan.png
      sdcluster ensemble stiff.mdl --vary "rate=1:500" --method dopri5 --rtol 1e-6 --out fan.png
      sdcluster ensemble my_model -n 1000000 --measure "peak population" --out runs.zarr
      sdcluster ensemble my_model -n 1000000 --measure "peak population" --out runs.zarr --resume
    """
    stores = [path for path in out or () if path.suffix.lower() == ENDING]
    if resume:
        files.resuming(stores)

    import sdcluster
    from sdcluster.run.save import ARRAYS, PICTURES, TABLES, check_ending
    from sdcluster.study.design import design as design_points
    from sdcluster.study.ensemble import ensemble as run_all
    from sdcluster.view.tables import ensemble_table, failed_table

    for path in out or ():
        if path not in stores:
            check_ending(path, TABLES, ARRAYS, PICTURES, (ENDING,))
    if len(stores) > 1 or (resume and not stores):
        raise ModelError(
            message("cli.resume_needs_zarr_go")
            if not stores
            else message("cli.runs_written_one_zarr")
        )
    endings = {path.suffix.lower() for path in out or ()}
    if keep and not endings & {ENDING, *ARRAYS}:
        raise ModelError(message("cli.keep_needs_arrays"))
    loaded = sdcluster.load(model)
    chosen = options.read_settings(settings, lookups)
    points = design_points(
        loaded,
        runs,
        varied(loaded, vary, spread) if vary else over,
        design,
        spread=spread,
        seed=seed,
    )
    bands = _bands(loaded, variable, bool(endings & set(PICTURES)))
    # A table contains only measures, so it needs some; charts and NetCDF files do not.
    measured = measure or not (out and (bands or keep)) or endings & set(TABLES)
    asked: dict[str, Any] = {
        "scenario": scenario,
        "settings": chosen,
        "method": method,
        "rtol": rtol,
        "atol": atol,
        "seed": seed,
    }
    with Patience("" if stores else message("cli.runs_not_kept")) as patience:
        found = run_all(
            loaded,
            points,
            measures=measure or (_finals(loaded) if measured else []),
            bands=bands,
            keep=keep or (),
            quantiles=_numbers(quantiles),
            to=stores[0] if stores else None,
            resume=resume,
            progress=lambda words, done, total: patience.report(words, done, total, "runs"),
            **asked,
        )
    title = _title([loaded.name, *([scenario] if scenario else [])], runs, language)
    label = options.labels(loaded, language)
    for path in out or ():
        if path.suffix.lower() in PICTURES:
            from sdcluster.view.fan import draw_ensemble

            own = sdcluster.simulate(loaded, **asked)
            lines = (
                run_all(loaded, _some(points, spaghetti), keep=bands, **asked)
                if spaghetti and bands
                else None
            )
            draw_ensemble(
                found, path, own=own, lines=lines, title=title, label=label, language=language
            )
        elif path.suffix.lower() in TABLES:
            from sdcluster.run.save import save_sweep

            if "run" not in found.dims:
                raise ModelError(message("cli.table_row_each_run", count=len(points)))
            save_sweep(found.drop_dims([d for d in found.dims if d != "run"]), path)
        elif path not in stores:
            from sdcluster.run.save import save_netcdf

            save_netcdf(found, path)
        say(message("cli.wrote", path=path))
    if not out:
        console().print(ensemble_table(found, title=title, label=label, language=language))
    if found.attrs.get("failed"):
        console(stderr=True).print(failed_table(found, language=language))
        raise typer.Exit(1)


def _some(points: Design, count: int) -> Design:
    """Return an evenly spaced subset of a design's points."""
    from dataclasses import replace

    import numpy as np

    rows = np.unique(np.linspace(0, len(points) - 1, min(count, len(points))).astype(int))
    return replace(points, values=np.concatenate([points.values[i : i + 1] for i in rows.tolist()]))


def sensitivity(
    model: options.ModelPath,
    rows: Annotated[
        int,
        typer.Option(
            "--rows",
            "-n",
            min=2,
            help="Rows of the design. The number of runs is rows × (constants + 2), or rows × (constants + 1) with "
            "--morris.",
        ),
    ] = 1024,
    over: Annotated[
        str,
        typer.Option(
            help="The constants that vary, each over its range: judgements, levers or constants, as in `sdcluster "
            "ensemble`."
        ),
    ] = "judgements",
    vary: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=LOW:HIGH",
            help="A constant that varies, written as in `sdcluster ensemble`. May be repeated.",
            show_default=False,
        ),
    ] = None,
    measure: options.MeasuresIfAny = None,
    variable: options.VariableNames = None,
    morris: Annotated[
        bool,
        typer.Option(
            "--morris",
            help="Compute Morris's elementary effects instead, a quick way to rank the constants; 16 rows are "
            "enough.",
        ),
    ] = False,
    spread: Annotated[
        float, typer.Option(help="Share of each range that is used, around the model's own value.")
    ] = 1.0,
    resume: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.nc",
            help="A .nc file of an interrupted study; constants that are finished in it are not computed again.",
            show_default=False,
        ),
    ] = None,
    scenario: options.ScenarioName = None,
    settings: options.Settings = None,
    lookups: options.Lookups = None,
    seed: options.Seed = 0,
    out: options.Out = None,
    language: options.Language = "en",
) -> None:
    """Find the constants on which a result depends, alone and together with others.

    The command computes first-order and total Sobol' indices with 95 % bootstrap intervals: for each measure, and over
    time for each variable given by -v. A chart (.png, .svg) shows the indices as tornados; a table (.csv, .xlsx) or
    NetCDF (.nc) has the numbers.

    Ctrl-C keeps the results for the constants that are finished and writes them to the .nc file, from which --resume
    continues.

    The exit code is 1 if some runs failed; the rows of the design with these runs are left out.

    \b
    Examples:
      sdcluster sensitivity my_model --out tornado.png
      sdcluster sensitivity my_model --over levers --measure "final population" -v population
      sdcluster sensitivity model.mdl --morris -n 16
      sdcluster sensitivity model.mdl -n 8192 --out found.nc --resume found.nc
    """
    import sdcluster
    from sdcluster.run.save import ARRAYS, PICTURES, TABLES, check_ending
    from sdcluster.study.sensitivity import sensitivity as study
    from sdcluster.view.tables import sensitivity_table

    for path in out or ():
        check_ending(path, TABLES, ARRAYS, PICTURES)
    loaded = sdcluster.load(model)
    with Patience() as patience:
        found = study(
            loaded,
            rows,
            varied(loaded, vary, spread) if vary else over,
            measures=measure or _finals(loaded),
            curves=list(variable or ()),
            method="morris" if morris else "sobol",
            scenario=scenario,
            settings=options.read_settings(settings, lookups),
            spread=spread,
            seed=seed,
            resume=resume,
            progress=patience.report,
        )
    title = _title([loaded.name, *([scenario] if scenario else [])], found.attrs["runs"], language)
    label = options.labels(loaded, language)
    for path in out or ():
        if path.suffix.lower() in PICTURES:
            from sdcluster.view.tornado import draw_sensitivity

            draw_sensitivity(found, path, title=title, label=label, language=language)
        elif path.suffix.lower() in TABLES:
            from sdcluster.run.save import save_sweep

            numbers = [n for n in ("first", "total", "effect", "effect_spread") if n in found]
            save_sweep(found[numbers].drop_vars("units", errors="ignore"), path)
        else:
            from sdcluster.run.save import save_netcdf

            save_netcdf(found, path)
        say(message("cli.wrote", path=path))
    if not out:
        console().print(sensitivity_table(found, title=title, label=label, language=language))
    if not found.attrs["complete"]:
        done, all_of_them = int(found["studied"].sum()), found.sizes["parameter"]
        complain(
            message(
                "cli.sdcluster_sensitivity_stopped_constants", done=done, all_of_them=all_of_them
            )
        )
        raise typer.Exit(INTERRUPTED)
    if found.attrs["failed"]:
        raise typer.Exit(1)


def varied(model: Model, texts: list[str], spread: float) -> dict[str, Any]:
    """Return what varies, by name, from the ``--vary`` options.

    An option is ``name=low:high``, ``name=distribution:number:…``, or only a name if the model gives its range.
    """
    from sdcluster.study.design import is_distribution
    from sdcluster.study.experiments_ranges import ranges

    found: dict[str, Any] = {}
    for text in texts:
        name, equals, given = text.partition("=")
        if name in found:
            raise ModelError(message("cli.vary_names_twice", name=name))
        if not equals:
            low, high = ranges(model, (name,), spread)
            found[name] = (float(low[0]), float(high[0]))
            continue
        if name.strip() == "scenario" and "scenario" not in model:
            found["scenario"] = [part.strip() for part in given.split(",")]
            continue
        parts = [part.strip() for part in given.split(":")]
        try:
            word = [] if _is_number(parts[0]) else [parts.pop(0)]
            numbers = [float(part) for part in parts]
        except ValueError:
            raise ModelError(message("cli.does_not_say_how_varies", text=text, name=name)) from None
        if not is_distribution("".join(word) or "uniform", len(numbers)) or not all(
            map(isfinite, numbers)
        ):
            raise ModelError(message("cli.no_such_distribution", text=text, name=name))
        found[name] = (*word, *numbers)
    options.note_replaced(model, found)
    return found


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _numbers(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise ModelError(message("cli.quantiles_not_numbers_write", text=text)) from None


def _bands(model: Model, wanted: list[str] | None, drawn: bool) -> list[str]:
    """Return the names of the variables to show as bands over time."""
    from sdcluster.study import main_variables

    if wanted:
        return list(wanted)
    return list(main_variables(model))[:MOST_FANS] if drawn else []


def _finals(model: Model) -> list[str]:
    return [f"final {stock.name}" for stock in model.stocks if not stock.hidden]


def _title(parts: list[str], runs: int, language: str) -> str:
    """Return the title of a chart or table, from its `parts` (model, scenario, settings) and the number of runs."""
    what = words_in("signs.comma", language).join(parts)
    return words_in("titles.of_runs", language, what=what, runs=runs)
