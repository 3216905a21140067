"""The command that fits constants to measured values: `fit`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sdcluster.cli import options
from sdcluster.cli.stopping import INTERRUPTED
from sdcluster.cli.terminal import Patience, console, say, warn
from sdcluster.messages import Message, message
from sdcluster.words import phrase

if TYPE_CHECKING:
    import xarray as xr
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
    sample: Annotated[
        int | None,
        typer.Option(
            "--sample",
            metavar="DRAWS",
            help="Sample the posterior instead of searching for best fits: the number of draws of each "
            "walker (2000 is a good start). The prior is uniform over the range of each constant.",
            min=8,
            show_default=False,
        ),
    ] = None,
    seed: Annotated[
        int,
        typer.Option(
            help="Seed of the starts and of the draws; the random numbers of the model keep their own seed in every "
            "run.",
            min=0,
        ),
    ] = 0,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="FILE",
            help="A chart (.png, .svg), or with --sample all draws (.nc). With several cases, one for each, with the "
            "case's name before the ending.",
            show_default=False,
        ),
    ] = None,
    language: options.Language = "en",
) -> None:
    """Fit constants to data, and say which of them the data pin down.

    --sample draws sets of constants as often as the data make them likely. R-hat compares four independent ensembles of
    walkers, the effective sample size says how many independent draws theirs are worth. The exit code is 1 where R-hat
    is above 1.01 or a constant has fewer than 400 effective draws: take more. Ctrl-C keeps the draws so far.

    \b
    Examples:
      sdcluster fit my_model
      sdcluster fit my_model --sample 2000 --out posterior.png
      sdcluster fit my_model --starts 100 --out fit.svg
      sdcluster fit my_model north
      sdcluster fit my_model --language zh
    """
    import sdcluster
    from sdcluster.project.calibration_file import load_tasks
    from sdcluster.run.save import ARRAYS, PICTURES, check_ending
    from sdcluster.study.calibrate import calibrate
    from sdcluster.study.calibrate_predict import predict

    if out is not None:
        check_ending(out, PICTURES, *([ARRAYS] if sample else []))
    loaded = sdcluster.load(model)
    declared = load_tasks(loaded, task)
    chosen = declared.choose(case)

    def path_of(given: Task) -> Path | None:
        if out is None or len(chosen) == 1:
            return out
        return out.with_stem(f"{out.stem}-{given.name}")

    if sample is not None:
        sound = [_sample(loaded, given, sample, seed, path_of(given), language) for given in chosen]
        raise typer.Exit(0 if all(sound) else 1)
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
        console().print(_table(result, _named(loaded.name, given, language), language))
        for sentence in _sentences(result):
            say(sentence)
        for told in predict(loaded, given, result):
            title = in_one(told.prediction.title, language) or str(told.prediction.quantity)
            say(message("cli.fit.predicted", title=title, low=told.low, high=told.high))
        path = path_of(given)
        if path is not None:
            _draw(loaded, given, result, path)
    if not case:
        for lacking in declared.unfitted:
            because = in_one(lacking.because, language)
            say(message("cli.fit.not_fitted", name=lacking.name, because=because))


def _sample(
    model: Model, task: Task, draws: int, seed: int, path: Path | None, language: str
) -> bool:
    """Sample the posterior of one case, show it, and return whether it converged."""
    import sdcluster
    from sdcluster.run.save import ARRAYS, save_netcdf
    from sdcluster.study.posterior import doubt, told
    from sdcluster.view.posterior import draw_posterior

    with Patience() as patience:
        found = sdcluster.posterior(
            model,
            task.targets,
            task.parameters,
            draws=draws,
            scenario=task.scenario,
            settings=task.settings,
            seed=seed,
            progress=patience.report,
        )
    title = _named(model.name, task, language)
    console().print(_posterior_table(found, title, language))
    for sentence in told(found):
        say(sentence)
    say(_sampled(found))
    if path is not None and path.suffix.lower() in ARRAYS:
        save_netcdf(found, path)
        say(message("cli.wrote", path=path))
    elif path is not None:
        draw_posterior(found, path, title=title)
        say(message("cli.wrote", path=path))
    if doubtful := doubt(found):
        warn(doubtful)
    if not found.attrs["complete"]:
        raise typer.Exit(INTERRUPTED)
    return bool(found.attrs["converged"])


def _posterior_table(found: xr.Dataset, name: str, language: str) -> Table:
    from rich.table import Table
    from rich.text import Text

    title = message("cli.fit.posterior_of", name=name).text(language)
    table = Table(title=Text(title), title_justify="left")
    table.add_column(phrase("parameter", language))
    for column in ("median", "95 % interval", "prior", "R-hat", "effective draws"):
        table.add_column(phrase(column, language), justify="right")
    table.add_column(phrase("verdict", language), no_wrap=True)
    for parameter in found["parameter"].values:
        one = found.sel(parameter=parameter)
        number = {str(n): one[n].item() for n in one.data_vars if one[n].ndim == 0}
        table.add_row(
            Text(str(parameter)),
            f"{number['median']:.4g}",
            _between(number["low"], number["high"], language),
            _range(number["minimum"], number["maximum"], language),
            f"{number['rhat']:.3f}",
            f"{min(number['ess'], number['ess_tail']):,.0f}",
            Text(phrase(number["verdict"], language), style=_STYLE[number["verdict"]]),
        )
    return table


def _between(low: float, high: float, language: str) -> str:
    return message("cli.fit.interval", low=low, high=high).text(language)


def _range(low: float, high: float, language: str) -> str:
    return message("cli.fit.range", low=low, high=high).text(language)


def _sampled(found: xr.Dataset) -> Message:
    """Return what was done, and how many measurements the bands hold."""
    bands, values = found["predicted"], found["target_value"].values
    low, high = bands.isel(quantile=0).values, bands.isel(quantile=-1).values
    inside = int(((values >= low) & (values <= high)).sum())
    shares = found["quantile"].values
    return message(
        "cli.fit.sampled",
        walkers=found.sizes["chain"],
        ensembles=found.sizes["ensemble_number"],
        draws=found.sizes["draw"],
        acceptance=float(found["acceptance"].mean()),
        rate=found.attrs["likelihoods_per_second"],
        inside=inside,
        values=len(values),
        share=float(shares[-1] - shares[0]),
    )


def _named(model: str, task: Task, language: str) -> str:
    return model if task.name == model else f"{model}, {in_one(task.title, language) or task.name}"


def in_one(wording: Mapping[str, str], language: str) -> str:
    """Return a text of a file in a language; in English where the file lacks it."""
    return wording.get(language) or wording.get("en", "")


def _draw(model: Model, task: Task, result: Calibration, path: Path) -> None:
    from sdcluster.view.calibration import draw_calibration

    draw_calibration(model, result, path, scenario=task.scenario, settings=task.settings)
    say(message("cli.wrote", path=path))


def _table(result: Calibration, name: str, language: str) -> Table:
    from rich.table import Table
    from rich.text import Text

    title = message("cli.fit.targets_say", name=name, targets=len(result.targets))
    table = Table(title=Text(title.text(language)), title_justify="left")
    table.add_column(phrase("parameter", language))
    for column in ("best", "95 % interval", "range searched"):
        table.add_column(phrase(column, language), justify="right")
    table.add_column(phrase("verdict", language))
    for profile in result.profiles:
        table.add_row(
            Text(profile.name),
            f"{profile.best:.4g}",
            _between(profile.low, profile.high, language),
            _range(profile.minimum, profile.maximum, language),
            Text(phrase(profile.verdict, language), style=_STYLE[profile.verdict]),
        )
    return table


def _sentences(result: Calibration) -> list[Message]:
    least = min(fit.chi_square for fit in result.accepted)
    held = sum(1 for c in result.combinations if c.deviation < math.inf)
    return [
        message(
            "cli.fit.searches_ended",
            searches=len(result.fits),
            optima=len(result.optima),
            least=least,
            threshold=result.threshold,
        ),
        message("cli.fit.combinations_held", held=held, combinations=len(result.parameters)),
    ]
