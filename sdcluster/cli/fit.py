"""The command that fits constants to measured values: `fit`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sdcluster import files
from sdcluster.cli import options
from sdcluster.cli.stopping import INTERRUPTED
from sdcluster.cli.terminal import Patience, console, say, warn
from sdcluster.errors import ModelError
from sdcluster.messages import Message, message
from sdcluster.words import phrase
from sdcluster.words.numbers import plain

if TYPE_CHECKING:
    import xarray as xr
    from rich.table import Table

    from sdcluster.model import Model
    from sdcluster.project.calibration_file import Task
    from sdcluster.project.target import Target
    from sdcluster.study.calibrate import Calibration

_STYLE = {"pinned": "green", "bounded on one side": "yellow", "not pinned down": "red"}


def fit(
    model: options.ModelPath,
    case: Annotated[
        list[str] | None,
        typer.Argument(
            help="Names of the cases to fit; by default, all cases of the file.", show_default=False
        ),
    ] = None,
    task: Annotated[
        Path | None,
        typer.Option(
            "--task",
            help="A calibration file to use instead of the calibration.toml next to the model.",
            show_default=False,
        ),
    ] = None,
    starts: Annotated[
        int,
        typer.Option(help="Number of starting points, drawn as a Latin hypercube.", min=1),
    ] = 40,
    points: Annotated[
        int, typer.Option(help="Number of values in the profile of each constant.", min=3)
    ] = 17,
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
            help="Seed of the starting points and of the draws. The random numbers of the model have another seed, "
            "which is the same in every run.",
            min=0,
        ),
    ] = 0,
    resume: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.nc",
            help="With --sample: a file of earlier draws, finished or interrupted, to continue until each walker has "
            "DRAWS draws.",
            show_default=False,
        ),
    ] = None,
    predict: Annotated[
        list[str] | None,
        typer.Option(
            "--predict",
            metavar="NAME",
            help="With --sample: a variable without data whose bands are predicted. May be repeated.",
            show_default=False,
        ),
    ] = None,
    hold_out: Annotated[
        float | None,
        typer.Option(
            metavar="TIME",
            help="With --sample: fit only the data before this time, and report how well the draws predict the later "
            "data.",
            show_default=False,
        ),
    ] = None,
    corner: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="With --sample: write a chart (.png, .svg) with the density of each constant and of each pair of "
            "constants.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        list[Path] | None,
        typer.Option(
            "--out",
            "-o",
            metavar="FILE",
            help="Write a chart (.png, .svg), or with --sample all draws (.nc). With several cases, a file is written "
            "for each case, with the name of the case before the ending. May be repeated.",
            show_default=False,
        ),
    ] = None,
    language: options.Language = "en",
) -> None:
    """Fit constants to data, and report which constants the data determine.

    --sample draws sets of constants from their posterior distribution. R-hat compares four independent ensembles of
    walkers; the effective sample size is the number of independent draws with the same precision. If R-hat is above
    1.01 or a constant has fewer than 400 effective draws, the exit code is 1 and you need more draws. Ctrl-C keeps the
    draws so far; with --out draws.nc, they also survive when the process is killed. --resume draws.nc continues them
    and gives the same numbers as a run without interruption.

    \b
    Examples:
      sdcluster fit my_model
      sdcluster fit my_model --sample 2000 --out posterior.png --corner corner.png
      sdcluster fit my_model --sample 4000 --resume draws.nc --out draws.nc
      sdcluster fit my_model --sample 2000 --hold-out 2010 --predict "market share"
      sdcluster fit my_model --starts 100 --out fit.svg
      sdcluster fit my_model north
      sdcluster fit my_model --language zh
    """
    import sdcluster
    from sdcluster.project.calibration_file import load_tasks
    from sdcluster.run.save import ARRAYS, PICTURES, check_ending
    from sdcluster.study.calibrate import calibrate
    from sdcluster.study.calibrate_predict import predict as predicted

    for path in out or ():
        check_ending(path, PICTURES, *([ARRAYS] if sample else []))
    if corner is not None:
        check_ending(corner, PICTURES)
    if sample is None and (resume or predict or corner or hold_out is not None):
        raise ModelError(message("cli.fit_option_needs_sample"))
    loaded = sdcluster.load(model)
    declared = load_tasks(loaded, task)
    chosen = declared.choose(case)

    def path_of(path: Path, given: Task) -> Path:
        return path if len(chosen) == 1 else path.with_stem(f"{path.stem}-{given.name}")

    if sample is not None:
        sound = []
        earlier = _begun([path_of(resume, given) for given in chosen] if resume else [])
        for given in chosen:
            asked = _Sampling(
                sample,
                seed,
                resume and earlier.get(path_of(resume, given)),
                tuple(predict or ()),
                hold_out,
                tuple(path_of(path, given) for path in out or ()),
                corner and path_of(corner, given),
            )
            sound.append(_sample(loaded, given, asked, language))
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
        for told in predicted(loaded, given, result):
            title = in_one(told.prediction.title, language) or str(told.prediction.quantity)
            if told.missing == 1:
                say(message("cli.fit.never_predicted_by_fits", title=title))
                continue
            say(message("cli.fit.predicted", title=title, low=told.low, high=told.high))
            if told.missing:
                say(message("cli.fit.sets_without_value", title=title, share=told.missing))
        for path in out or ():
            _draw(loaded, given, result, path_of(path, given), language)
    if not case:
        for lacking in declared.unfitted:
            because = in_one(lacking.because, language)
            say(message("cli.fit.not_fitted", name=lacking.name, because=because))


@dataclass(frozen=True)
class _Sampling:
    """The command-line options of posterior sampling, and its output files."""

    draws: int
    seed: int
    resume: Path | None
    variables: tuple[str, ...]
    hold_out: float | None
    out: tuple[Path, ...]
    corner: Path | None


def _sample(model: Model, task: Task, asked: _Sampling, language: str) -> bool:
    """Sample the posterior of one case, print and write the results, and return whether the sampling converged."""
    import sdcluster
    from sdcluster.run.save import ARRAYS, save_netcdf
    from sdcluster.study.design import elements_of
    from sdcluster.study.posterior import doubt, told
    from sdcluster.study.posterior_resume import part_of
    from sdcluster.view.corner import draw_corner
    from sdcluster.view.posterior import draw_posterior

    used, kept_back = _parted(task.targets, asked.hold_out)
    wanted = elements_of(model, list(asked.variables))
    where: Any = {"scenario": task.scenario, "settings": task.settings}
    part = next((part_of(p) for p in asked.out if p.suffix.lower() in ARRAYS), None)
    with Patience("" if part else message("cli.draws_not_kept")) as patience, _kept(part):
        found = sdcluster.posterior(
            model,
            used,
            task.parameters,
            draws=asked.draws,
            seed=asked.seed,
            resume=asked.resume,
            checkpoint=part,
            progress=patience.report,
            **where,
        )
    title = _named(model.name, task, language)
    console().print(_posterior_table(found, title, language))
    for sentence in told(found):
        say(sentence)
    say(_sampled(found))
    new = [name for name in wanted if f"quantiles of {name}" not in found]
    if new:
        found = found.merge(sdcluster.predict(model, found, new, seed=asked.seed, **where),
                            combine_attrs="override")  # fmt: skip
    if kept_back:
        held = sdcluster.predict(model, found, targets=kept_back, seed=asked.seed, **where)
        say(_held_out(held))
    for path in asked.out:
        if path.suffix.lower() in ARRAYS:
            save_netcdf(found, path)
            part_of(path).unlink(missing_ok=True)
        else:
            draw_posterior(found, path, title=title, language=language)
        say(message("cli.wrote", path=path))
    if asked.corner is not None:
        draw_corner(found, asked.corner, title=title, language=language)
        say(message("cli.wrote", path=asked.corner))
    for sentence in _predictions(model, task, found, language):
        say(sentence)
    if doubtful := doubt(found):
        warn(doubtful)
    if not found.attrs["complete"]:
        raise typer.Exit(INTERRUPTED)
    return bool(found.attrs["converged"])


def _begun(resumed: Sequence[Path]) -> dict[Path, Path]:
    """Return the file to resume from for each file in `resumed`, without those of cases that have not begun.

    If an earlier command was stopped in its first case, there is no file of the others. If no file exists, all are
    returned, so that resuming reports the missing file.
    """
    found = {path: file for path in resumed if (file := _newest(path)).is_file()}
    return found or {path: path for path in resumed}


def _newest(resume: Path) -> Path:
    """Return `resume`, or the file of unfinished draws next to it if that file is newer."""
    from sdcluster.study.posterior_resume import part_of

    if not part_of(resume).is_file():
        return resume
    finished = resume.stat().st_mtime_ns if resume.is_file() else 0
    return part_of(resume) if part_of(resume).stat().st_mtime_ns >= finished else resume


@contextmanager
def _kept(part: Path | None) -> Iterator[None]:
    """If Ctrl-C interrupts the block, record that `part` holds unfinished draws, for the message to the user."""
    try:
        yield
    except KeyboardInterrupt:
        if part and part.is_file():
            files.unfinished.append(part.with_suffix(""))
        raise


def _parted(
    targets: Sequence[Target], time: float | None
) -> tuple[Sequence[Target], Sequence[Target]]:
    """Split the data into those to fit, before `time`, and those to hold out, from `time` on."""
    if time is None:
        return targets, ()
    used = [target for target in targets if target.time < time]
    kept_back = [target for target in targets if target.time >= time]
    if not used:
        raise ModelError(message("cli.hold_out_leaves_no_data", time=time))
    if not kept_back:
        last = max(target.time for target in targets)
        raise ModelError(message("cli.hold_out_finds_no_data", time=time, last=last))
    return used, kept_back


def _held_out(held: xr.Dataset) -> Message:
    """Return a sentence about how well the draws predict the held-out data."""
    shares = held["quantile"].values
    return message(
        "cli.fit.held_out",
        values=held.sizes["target"],
        inside=int(held["inside"].sum()),
        share=float(shares.max() - shares.min()),
        density=float(held["log_density"].sum()),
    )


def _predictions(model: Model, task: Task, found: xr.Dataset, language: str) -> list[Message]:
    """Return a sentence for each posterior prediction that the calibration file declares."""
    from sdcluster.study.posterior_predict import measured

    numbers = measured(model, found, [p.quantity for p in task.predictions],
                       scenario=task.scenario, settings=task.settings)  # fmt: skip
    sentences = []
    for p, (low, middle, high, missing) in zip(task.predictions, numbers.tolist(), strict=True):
        title = in_one(p.title, language) or str(p.quantity)
        if math.isnan(middle):
            sentences.append(message("cli.fit.never_predicted", title=title))
            continue
        sentences.append(
            message("cli.fit.predicted_by_draws", title=title, low=low, middle=middle, high=high)
        )
        if missing:
            sentences.append(message("cli.fit.draws_without_value", title=title, share=missing))
    return sentences


def _posterior_table(found: xr.Dataset, name: str, language: str) -> Table:
    from rich.table import Table
    from rich.text import Text

    title = message("cli.fit.posterior_of", name=name).text(language)
    table = Table(title=Text(title), title_justify="left")
    table.add_column(phrase("parameter", language), overflow="fold")
    for column in ("median", "95 % interval", "prior", "R-hat", "effective draws"):
        table.add_column(phrase(column, language), justify="right", overflow="fold")
    table.add_column(phrase("verdict", language), no_wrap=True)
    for parameter in found["parameter"].values:
        one = found.sel(parameter=parameter)
        number = {str(n): one[n].item() for n in one.data_vars if one[n].ndim == 0}
        table.add_row(
            Text(str(parameter)),
            plain(number["median"], 4),
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
    """Return a sentence that summarises the sampling and counts the measurements inside the predictive bands."""
    bands, values = found["predicted"], found["target_value"].values
    low, high = bands.isel(quantile=0).values, bands.isel(quantile=-1).values
    inside = int(((values >= low) & (values <= high)).sum())
    shares = found["quantile"].values
    rate, share = found.attrs["likelihoods_per_second"], float(shares[-1] - shares[0])
    walkers, ensembles = found.sizes["chain"], found.sizes["ensemble_number"]
    draws, acceptance = found.sizes["draw"], float(found["acceptance"].mean())
    if not rate:
        return message(
            "cli.fit.sampled_before",
            walkers=walkers,
            ensembles=ensembles,
            draws=draws,
            acceptance=acceptance,
            inside=inside,
            values=len(values),
            share=share,
        )
    return message(
        "cli.fit.sampled",
        walkers=walkers,
        ensembles=ensembles,
        draws=draws,
        acceptance=acceptance,
        rate=rate,
        inside=inside,
        values=len(values),
        share=share,
    )


def _named(model: str, task: Task, language: str) -> str:
    return model if task.name == model else f"{model}, {in_one(task.title, language) or task.name}"


def in_one(wording: Mapping[str, str], language: str) -> str:
    """Return a text in one language, given the text by language code; if there is no translation, the English text."""
    return wording.get(language) or wording.get("en", "")


def _draw(model: Model, task: Task, result: Calibration, path: Path, language: str) -> None:
    from sdcluster.view.calibration import draw_calibration

    draw_calibration(
        model,
        result,
        path,
        scenario=task.scenario,
        settings=task.settings,
        title=_named(model.name, task, language),
        label=options.labels(model, language),
        language=language,
    )
    say(message("cli.wrote", path=path))


def _table(result: Calibration, name: str, language: str) -> Table:
    from rich.table import Table
    from rich.text import Text

    title = message("cli.fit.targets_say", name=name, targets=len(result.targets))
    table = Table(title=Text(title.text(language)), title_justify="left")
    table.add_column(phrase("parameter", language), overflow="fold")
    for column in ("best", "95 % interval", "range searched"):
        table.add_column(phrase(column, language), justify="right", overflow="fold")
    table.add_column(phrase("verdict", language), overflow="fold")
    for profile in result.profiles:
        table.add_row(
            Text(profile.name),
            plain(profile.best, 4),
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
