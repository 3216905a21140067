"""The command that finds which settings lead to a result: `discover`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sdcluster import files
from sdcluster.cli import options
from sdcluster.cli.terminal import Patience, console, say
from sdcluster.messages import message
from sdcluster.words import say as words_in


def discover(
    model: options.ModelPath,
    where: Annotated[
        str,
        typer.Option(
            metavar='"MEASURE < NUMBER"',
            help='The cases of interest: "final population < 100", "peak debt >= 90%" (the tenth of the runs with the '
            "highest peaks).",
            show_default=False,
        ),
    ],
    runs: Annotated[int, typer.Option("--runs", "-n", min=20, help="Number of runs.")] = 2048,
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
    density: Annotated[
        float,
        typer.Option(help="The least share of the runs in a box that must be cases of interest."),
    ] = 0.8,
    boxes: Annotated[int, typer.Option(min=1, help="The largest number of boxes.")] = 1,
    tree: Annotated[
        bool, typer.Option("--tree", help="Also print a decision tree (CART).")
    ] = False,
    to: Annotated[
        Path | None,
        typer.Option(
            metavar="RUNS.zarr",
            help="Store the runs in this folder, for --resume and for later analyses.",
            show_default=False,
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Continue the interrupted runs in the folder of --to."),
    ] = False,
    scenario: options.ScenarioName = None,
    settings: options.Settings = None,
    lookups: options.Lookups = None,
    seed: options.Seed = 0,
    out: options.Out = None,
    language: options.Language = "en",
) -> None:
    """Find ranges of settings in which a result is likely (scenario discovery: PRIM and CART).

    The command runs the model many times with different values of its uncertain constants, and marks the runs of
    interest, which fulfil --where. A box is a set of ranges of constants. The coverage of a box is the share of all
    runs of interest that are inside the box; its density is the share of the runs inside that are of interest.

    A chart (.png, .svg) shows the boxes and the trade-off between coverage and density; a table (.csv, .xlsx) has the
    limits of the boxes; NetCDF (.nc) has all results and the runs. After Ctrl-C, the runs stored by --to remain, and
    the same command with --resume continues them.

    The exit code is 1 if some runs failed; these runs are counted, listed and left out of the results.

    \b
    Examples:
      sdcluster discover my_model --where "final population < 100" --out box.png
      sdcluster discover my_model --where "peak debt >= 90%" --over levers --tree
      sdcluster discover model.mdl --where "final fish < 5" --vary effort=0:2 --vary boats=1:9 --boxes 2
      sdcluster discover my_model --where "peak debt >= 90%" -n 100000 --to runs.zarr --resume
    """
    if resume and to:
        files.resuming([to])

    import sdcluster
    from sdcluster.cli.uncertain import varied
    from sdcluster.run.save import ARRAYS, PICTURES, TABLES, check_ending
    from sdcluster.study.discover import discover as study
    from sdcluster.view.tables import box_table, failed_table

    for path in out or ():
        check_ending(path, TABLES, ARRAYS, PICTURES)
    loaded = sdcluster.load(model)
    with Patience() as patience:
        found = study(
            loaded,
            where,
            n=runs,
            over=varied(loaded, vary, 1.0) if vary else over,
            density=density,
            boxes=boxes,
            scenario=scenario,
            settings=options.read_settings(settings, lookups),
            seed=seed,
            to=to,
            resume=resume,
            progress=lambda words, done, total: patience.report(words, done, total, "runs"),
        )
    parts = [loaded.name, *([scenario] if scenario else []), found.attrs["where"]]
    failed = found.attrs.get("failed", 0)
    title = words_in(
        "titles.cases_of_runs_failed" if failed else "titles.cases_of_runs",
        language,
        what=words_in("signs.comma", language).join(parts),
        cases=found.attrs["cases"],
        runs=found.attrs["runs"],
        failed=failed,
    )
    label = options.labels(loaded, language)
    for path in out or ():
        if path.suffix.lower() in PICTURES:
            from sdcluster.view.boxes import draw_boxes

            draw_boxes(found, path, title=title, label=label, language=language)
        elif path.suffix.lower() in TABLES:
            from sdcluster.run.save import save_sweep

            save_sweep(found[["limits", "quasi_p"]].drop_vars("units"), path)
        else:
            from sdcluster.run.save import save_netcdf

            save_netcdf(found, path)
        say(message("cli.wrote", path=path))
    if not out:
        console().print(box_table(found, title=title, label=label, language=language))
    if tree:
        console().print(found.attrs["tree"], markup=False, highlight=False)
    if found.attrs.get("failed"):
        console(stderr=True).print(failed_table(found, language=language))
        raise typer.Exit(1)
