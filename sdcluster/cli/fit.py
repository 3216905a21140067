"""The command that fits constants to measured values: `fit`."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sdcluster.cli import options
from sdcluster.cli.terminal import Patience, console, say

if TYPE_CHECKING:
    from rich.table import Table

    from sdcluster.model import Model
    from sdcluster.project.calibration_file import Task
    from sdcluster.study.calibrate import Calibration

_STYLE = {"pinned": "green", "bounded on one side": "yellow", "not pinned down": "red"}


def fit(
    model: options.ModelPath,
    case: Annotated[
        list[str] | None,
        typer.Argument(help="Cases to fit; all of the file without a name.", show_default=False),
    ] = None,
    task: Annotated[
        Path | None,
        typer.Option("--task", help="Another calibration file.", show_default=False),
    ] = None,
    starts: Annotated[int, typer.Option(help="Latin-hypercube starts.", min=1)] = 40,
    points: Annotated[int, typer.Option(help="Grid points of a profile.", min=3)] = 17,
    seed: Annotated[
        int,
        typer.Option(
            help="Seed of the starts, the only thing that a fit draws at random; the random numbers of the model keep "
            "their own seed in every run.",
            min=0,
        ),
    ] = 0,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="FILE",
            help="A chart; with several cases, one for each, with the case's name before the ending.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Fit constants to data, and say which of them the data pin down.

    \b
    Examples:
      sdcluster fit my_model
      sdcluster fit my_model --starts 100 --out fit.svg
      sdcluster fit my_model north
    """
    import sdcluster
    from sdcluster.project.calibration_file import load_tasks
    from sdcluster.run.save import PICTURES, check_ending
    from sdcluster.study.calibrate import calibrate
    from sdcluster.study.calibrate_predict import predict

    if out is not None:
        check_ending(out, PICTURES)
    loaded = sdcluster.load(model)
    declared = load_tasks(loaded, task)
    chosen = declared.choose(case)
    for given in chosen:
        with Patience() as patience:
            result = calibrate(
                loaded,
                given.targets,
                given.parameters,
                scenario=given.scenario,
                settings=given.settings,
                starts=starts,
                points=points,
                seed=seed,
                progress=patience.report,
            )
        console().print(_table(result, _named(loaded.name, given)))
        for sentence in _sentences(result):
            say(sentence)
        for told in predict(loaded, given, result):
            title = told.prediction.title.get("en", str(told.prediction.quantity))
            say(f"{title}: {told.low:.4g} to {told.high:.4g} over the sets that fit.")
        if out is not None:
            path = out if len(chosen) == 1 else out.with_stem(f"{out.stem}-{given.name}")
            _draw(loaded, given, result, path)
    if not case:
        for lacking in declared.unfitted:
            say(f"{lacking.name} is not fitted: {lacking.because.get('en', '')}")


def _named(model: str, task: Task) -> str:
    return model if task.name == model else f"{model}, {task.title.get('en') or task.name}"


def _draw(model: Model, task: Task, result: Calibration, path: Path) -> None:
    from sdcluster.view.calibration import draw_calibration

    draw_calibration(model, result, path, scenario=task.scenario, settings=task.settings)
    say(f"wrote {path}")


def _table(result: Calibration, name: str) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(title=f"{name}: what {len(result.targets)} targets say", title_justify="left")
    table.add_column("parameter")
    for column in ("best", "95 % interval", "range searched"):
        table.add_column(column, justify="right")
    table.add_column("verdict")
    for profile in result.profiles:
        table.add_row(
            Text(profile.name),
            f"{profile.best:.4g}",
            f"{profile.low:.4g} to {profile.high:.4g}",
            f"{profile.minimum:g} to {profile.maximum:g}",
            Text(profile.verdict, style=_STYLE[profile.verdict]),
        )
    return table


def _sentences(result: Calibration) -> list[str]:
    least = min(fit.chi_square for fit in result.accepted)
    held = sum(1 for c in result.combinations if c.deviation < math.inf)
    return [
        f"{len(result.fits)} searches ended in {len(result.optima)} different sets of constants that "
        f"fit the data (chi square {least:.3g} to {result.threshold:.3g}).",
        f"The data hold {held} of {len(result.parameters)} combinations of the constants "
        "(rank of the Jacobian at the best fit).",
    ]
